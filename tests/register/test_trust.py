"""What comes from a target is believed only where it can be true."""

from typing import Any

import pytest

from portalgen.content.model import MediaFile, Picture
from portalgen.register.entries import Entry, Register, SiteEntries, SiteRecord
from portalgen.register.trust import believe
from tests.register.test_merge import KEY, NAMES, ROUTES, SOURCES, entry

BAD = [
    {"at": "../a.html"}, {"at": "/a.html"}, {"at": "a//b.html"}, {"at": "a\\b.html"},
    {"at": "a\n.html"}, {"at": "x" * 300 + ".html"}, {"at": ".moved/a"}, {"at": "manifest.json"},
    {"at": "a.html.br"}, {"at": ""}, {"paths": ("../b.html",)}, {"paths": ("x" * 5000,)},
    {"paths": tuple(f"{number}.html" for number in range(1001))}, {"kind": "page"},
    {"source": "../content/a.md"}, {"source": "members/sapa/content/a.md"}, {"source": ""},
    {"source": "content/../a.md"}, {"source": "/content/a.md"}, {"source": "site.yaml"},
    {"sources": ("themes/x.md",)}, {"since": -1}, {"since": 10**12}, {"gone": -5},
    {"published": 10**12}, {"older": 10**9}, {"to": "../x"}, {"to": "https://x.vn/"},
    {"title": "x"}, {"good": "g" * 32}, {"feed": "x\n"}, {"identity": "x" * 2000},
    {"kind": "list", "source": "x"}, {"kind": "file"},
]  # fmt: skip


def believed(*entries: Entry, slug: str = "main") -> list[Entry]:
    site = SiteEntries(entries={item.id: item for item in entries})
    return [*believe(Register(KEY, {slug: site})).sites[slug].entries.values()]


@pytest.mark.parametrize("values", BAD, ids=str)
def test_a_wrong_entry_is_dropped_and_costs_no_other(values: dict[str, Any]) -> None:
    right = entry(NAMES[1], source=SOURCES[1], at=ROUTES[1])
    assert believed(entry(**values), right) == [right]


def test_an_id_is_twelve_digits() -> None:
    assert believed(entry("../../../x")) == believed(entry("")) == []


@pytest.mark.parametrize("values", [
    {}, {"source": "", "gone": 3}, {"at": "", "gone": 3}, {"to": f"sapa/{NAMES[0]}", "gone": 3},
    {"kind": "file", "source": "static/văn bản.pdf", "at": "văn bản.pdf"},
    {"kind": "file", "source": "static/.well-known/x.txt", "at": ".well-known/x.txt"},
    {"kind": "file", "source": "content/tin-tuc/đơn.pdf", "at": f"media/{'0' * 16}-don.pdf"},
    {"files": (MediaFile("content/tin-tuc/a.jpg", Picture("0" * 16, 9, 9, (9,)), ""),
               MediaFile("content/tin-tuc/don.pdf", None, f"{'0' * 16}-don.pdf"))},
    {"kind": "list", "source": "tag:lũ lụt", "at": "tag/lu-lut.html", "older": 7},
    {"at": ".well-known.html", "gone": 0} | {"at": "a.html"},
], ids=str)  # fmt: skip
def test_what_builds_write_is_believed(values: dict[str, Any]) -> None:
    assert believed(entry(**values)) == [entry(**values)]


def test_sources_are_those_of_the_site() -> None:
    own = entry(source="members/sapa/content/a.md")
    assert believed(own, entry(NAMES[1]), slug="sapa") == [own]


def test_one_entry_has_a_source_and_one_stands_at_an_address() -> None:
    first, second = entry(since=1), entry(NAMES[1], at="b.html", since=2)
    third = entry(NAMES[2], source=SOURCES[1], at=ROUTES[0].upper(), since=3)
    assert believed(third, second, first) == [first]


@pytest.mark.parametrize("values", [
    {"base_url": "https://x.vn; root /etc"}, {"base_url": "javascript:x"}, {"since": 10**12},
    {"settings": "x" * 2_000_000},
])  # fmt: skip
def test_a_wrong_record_of_a_site_tells_nothing(values: dict[str, Any]) -> None:
    base: dict[str, Any] = {"base_url": "https://x.vn", "former": ("cu.vn", "a; b")}
    record = SiteRecord(**{**base, **values})
    register = Register(KEY, {"main": SiteEntries(record)})
    assert believe(register).sites["main"].record == SiteRecord(former=("cu.vn",))
