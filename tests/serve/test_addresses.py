from pathlib import Path

import pytest

from portalgen.serve.addresses import Place, find, is_allowed, localise
from portalgen.settings.network import load_network
from tests.helpers import network

SLUGS = ("main", "sapa")


@pytest.mark.parametrize(
    ("host", "path", "expected"),
    [
        ("localhost:8000", "/a.html", (Place("main", "", "http://localhost:8000"), "/a.html")),
        ("sapa.localhost:8000", "/", (Place("sapa", "", "http://sapa.localhost:8000"), "/")),
        ("SAPA.localhost", "/", (Place("sapa", "", "http://SAPA.localhost"), "/")),
        ("127.0.0.1:8000", "/~sapa/a/", (Place("sapa", "/~sapa", "http://127.0.0.1:8000"), "/a/")),
        ("localhost", "/~sapa", (Place("sapa", "/~sapa", "http://localhost"), "/")),
        ("sapa.localhost", "/~main/", (Place("main", "/~main", "http://sapa.localhost"), "/")),
        ("localhost", "/~other/", None),
        ("other.localhost", "/", None),
    ],
)
def test_a_site_is_found_by_host_and_by_path(
    host: str, path: str, expected: tuple[Place, str] | None
) -> None:
    assert find(host, path, SLUGS) == expected


@pytest.mark.parametrize(
    ("host", "allowed", "when_open"),
    [
        ("localhost:8000", True, True),
        ("127.0.0.1:8000", True, True),
        ("[::1]:8000", True, True),
        ("sapa.localhost:8000", True, True),
        ("other.localhost", False, False),
        ("evil.example", False, False),
        ("localhost.evil.example", False, False),
        ("sapa.localhost.evil.example", False, False),
        ("192.168.1.7:8000", False, True),
        ("may-tinh:8000", False, True),
        ("", False, False),
    ],
)
def test_only_names_of_this_machine_may_be_asked_for(
    host: str, allowed: bool, when_open: bool
) -> None:
    assert is_allowed(host, SLUGS) == allowed
    assert is_allowed(host, SLUGS, ("may-tinh", "0.0.0.0")) == when_open


PAGE = (
    '<a href="https://sapa.tinh.example/x.html">1</a><a href="https://tinh.example/">2</a>'
    '<a href="https://tinh.example.evil/">3</a><a href="/y/#z">4</a><a href="#here">5</a>'
    '<img srcset="/media/a.webp 1w, /media/b.webp 2w">'
    '<meta http-equiv="refresh" content="0; url=https://tinh.example/m.html">'
    "<p>https://tinh.example/ as text</p>"
)


@pytest.mark.parametrize(
    ("place", "main", "sapa", "own"),
    [
        (Place("main", "", "http://localhost:8000"), "http://localhost:8000",
         "http://sapa.localhost:8000", ""),
        (Place("sapa", "", "http://sapa.localhost:8000"), "http://localhost:8000",
         "http://sapa.localhost:8000", ""),
        (Place("main", "", "http://127.0.0.1:8000"), "/~main", "/~sapa", ""),
        (Place("sapa", "/~sapa", "http://localhost:8000"), "/~main", "/~sapa", "/~sapa"),
        (Place("main", "", "http://[::1]:8000"), "/~main", "/~sapa", ""),
        (Place("main", "", "http://localhost"), "http://localhost", "http://sapa.localhost", ""),
    ],
)  # fmt: skip
def test_links_stay_on_this_machine(
    tmp_path: Path, place: Place, main: str, sapa: str, own: str
) -> None:
    sites = load_network(network(tmp_path, {})).sites
    assert localise(PAGE, place, sites) == (
        f'<a href="{sapa}/x.html">1</a><a href="{main}/">2</a>'
        f'<a href="https://tinh.example.evil/">3</a><a href="{own}/y/#z">4</a><a href="#here">5</a>'
        f'<img srcset="{own}/media/a.webp 1w, {own}/media/b.webp 2w">'
        f'<meta http-equiv="refresh" content="0; url={main}/m.html">'
        "<p>https://tinh.example/ as text</p>"
    )
    found = localise(
        '[["Tin","https://sapa.tinh.example/x.html","/y.html"]]', place, sites, json=True
    )
    assert found == f'[["Tin","{sapa}/x.html","{own}/y.html"]]'
