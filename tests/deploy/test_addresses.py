from pathlib import Path

import pytest

from portalgen.deploy.addresses import lacking, mentions, routes_by_site
from portalgen.problems import PortalError
from portalgen.settings.network import load_network
from tests.helpers import network, write

SAPA = "https://sapa.tinh.example"


def test_what_pages_link_to_and_a_site_does_not_have_is_lacking(tmp_path: Path) -> None:
    write(tmp_path, {
        "a.html": f'<a href="{SAPA}/co.html">x</a> <a href="{SAPA}/mat.html#a">x</a>',
        "tin/b.html": f'<a href="{SAPA}/mat.html?x">x</a> <a href="{SAPA}/tin/">x</a>',
        "c.html": f'<a href="{SAPA}">x</a> <a href="https://sapa.khac.example/y.html">x</a>',
        "d.html": f'<a href="{SAPA}/%C4%91.html">x</a>',
    })  # fmt: skip
    assert lacking(tmp_path, f"{SAPA}/", {"co.html", "đ.html"}) == [
        f"{SAPA}/mat.html", f"{SAPA}/tin/",
    ]  # fmt: skip
    assert lacking(tmp_path, f"{SAPA}/", {"co.html", "đ.html", "mat.html", "tin/index.html"}) == []


def test_files_are_named_by_address_or_by_site_and_path(tmp_path: Path) -> None:
    root = load_network(network(tmp_path, {}))
    assert routes_by_site(root, [
        f"{SAPA}/tin-tuc/b%C3%A0i.html?x#y", "sapa/a.html", "https://tinh.example/tin-tuc/",
    ]) == {"sapa": ["tin-tuc/bài.html", "a.html"], "main": ["tin-tuc/index.html"]}  # fmt: skip
    with pytest.raises(PortalError) as raised:
        routes_by_site(root, ["khac/a.html", "sapa", "https://khac.example/a.html"])
    assert [(item.code, item.path) for item in raised.value.problems] == [
        ("purge-path", path) for path in ("https://khac.example/a.html", "khac/a.html", "sapa")
    ]


def test_texts_that_name_a_route_are_found_in_all_sites(tmp_path: Path) -> None:
    write(tmp_path, {
        "main/index.html": '<a href="/tin/a.html">', "main/x.css": "tin/a.html",
        "sapa/feed.xml": "https://tinh.example/tin/a.html", "sapa/b.html": "tin/b.html",
    })  # fmt: skip
    assert list(mentions(tmp_path, {"main": ["tin/a.html"]})) == [
        ("main/index.html", "main/tin/a.html"), ("sapa/feed.xml", "main/tin/a.html"),
    ]  # fmt: skip
