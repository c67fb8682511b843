from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portalgen.content.lint.hosts import display_host, host_of, known_hosts
from portalgen.settings.network import load_network
from tests.helpers import MAIN_SETTINGS, network

ADDRESSES = {
    "https://laocai.gov.vn": "laocai.gov.vn",
    "HTTP://LaoCai.GOV.vn:8080/a?b#c": "laocai.gov.vn",
    "https://laocai.gov.vn@w88.example/": "w88.example",
    "https://laocai.gov.vn:x@y@w88.example": "w88.example",
    "https://w88.example\\@laocai.gov.vn/": "w88.example",
    "https:\\\\w88.example": "w88.example",
    "https:/w88.example": "w88.example",
    "ht\ntps://w8\t8.example": "w88.example",
    " //w88.example/": "w88.example",
    "/\\w88.example": "w88.example",
    "https://w88%2eexample/": "w88.example",
    "https://w88.example./": "w88.example",
    "https://lаocai.gov.vn/": "xn--locai-4ve.gov.vn",  # a Cyrillic а
    "https://ｗ88。example/": "w88.example",
    "https://xn--locai-4ve.gov.vn/": "xn--locai-4ve.gov.vn",
    "https://[::1]:80/": "[::1]",
    "https://": "", "mailto:a@b.example": "", "/tin-tuc/": "", "bai.md": "", "tel:113": "",
    "#https://w88.example": "",
}  # fmt: skip


@pytest.mark.parametrize("address", ADDRESSES)
def test_the_host_is_the_one_a_browser_goes_to(address: str) -> None:
    assert host_of(address) == ADDRESSES[address]


@given(st.text())
def test_any_text_has_a_host_or_none(text: str) -> None:
    host = host_of(f"https://{text}")
    assert bool(display_host(host)) == bool(host)
    assert not host.endswith(".")


def test_a_host_of_other_letters_is_shown_with_them() -> None:
    assert display_host("xn--locai-4ve.gov.vn") == "lаocai.gov.vn (xn--locai-4ve.gov.vn)"
    assert display_host("laocai.gov.vn") == "laocai.gov.vn"
    assert display_host("xn--.example") == "xn--.example"


def test_own_and_listed_hosts_are_known_and_what_only_looks_like_them_is_not(
    tmp_path: Path,
) -> None:
    listed = 'known_hosts: [bao.example, "*.gov.vn"]\n'
    known = known_hosts(load_network(network(tmp_path, {"site.yaml": MAIN_SETTINGS + listed})))
    for host in ("tinh.example", "sapa.tinh.example", "bao.example", "a.gov.vn", "a.b.gov.vn"):
        assert host in known, host
    for host in ("x.bao.example", "gov.vn", "agov.vn", "a.gov.vn.example", "bacha.tinh.example"):
        assert host not in known, host
