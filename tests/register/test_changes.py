"""What a report says of addresses: what moved, what is gone; nothing of lists or what is new."""

import pytest

from portalgen.register.changes import find_changes
from portalgen.register.entries import ARTICLE, FILE, LIST, Entry, Register, SiteEntries

Entries = dict[str, Entry]


def entry(name: str, **values: object) -> Entry:
    base = {"id": name, "kind": ARTICLE, "source": f"{name}.md", "at": f"{name}.html"}
    return Entry(**{**base, **values})  # type: ignore[arg-type]


def register(**sites: list[Entry]) -> Register:
    entries = {slug: SiteEntries(entries={e.id: e for e in each}) for slug, each in sites.items()}
    return Register("k" * 32, entries)


def changes(before: Register, after: Register) -> list[tuple[str, str]]:
    return [(item.site, item.describe("en")) for item in find_changes(before, after)]


def test_what_is_gone_and_what_moved_is_told() -> None:
    before = register(main=[entry("a"), entry("b"), entry("c", kind=FILE), entry("d")])
    after = register(main=[
        entry("a", gone=1), entry("b", at="x.html"), entry("c", kind=FILE, gone=1), entry("d"),
    ])  # fmt: skip
    assert changes(before, after) == [
        ("main", "a.md: Taken away: /a.html"),
        ("main", "b.md: Moved from /b.html to /x.html; the old address leads to the new one."),
        ("main", "c.md: Taken away: /c.html"),
    ]


def test_a_move_to_another_site_names_both() -> None:
    before = register(main=[entry("a")])
    after = register(main=[entry("a", gone=1, to="sapa/n")], sapa=[entry("n", at="t/a.html")])
    assert changes(before, after) == [
        ("main", "n.md: Moved from /a.html to sapa/t/a.html; the old address leads to the new one.")
    ]
    after.sites["sapa"].entries["n"] = entry("n", gone=2)
    assert changes(before, after) == [("main", "a.md: Taken away: /a.html")]


@pytest.mark.parametrize(
    ("before", "after"),
    [([], [entry("a")]), ([entry("a", gone=1)], [entry("a", gone=1)]),
     ([entry("a", gone=1)], [entry("a", at="x.html")]), ([entry("a")], [entry("a", good="x")]),
     ([entry("a", kind=LIST)], [entry("a", kind=LIST, gone=1)]), ([entry("a")], [])],
)  # fmt: skip
def test_nothing_else_is(before: list[Entry], after: list[Entry]) -> None:
    assert changes(register(main=before), register(main=after)) == []
    assert changes(Register("k" * 32), register(main=after)) == []


def test_a_site_that_is_no_more_says_nothing() -> None:
    assert changes(register(sapa=[entry("b")]), register(main=[entry("a")])) == []


def test_a_page_where_another_one_was_is_told_once() -> None:
    old = entry("a", at="x.html", paths=("a.html",))
    before = register(main=[old, entry("g", gone=1), entry("l", kind=LIST)])
    after = register(main=[
        old, entry("g", gone=1), entry("l", kind=LIST, gone=2), entry("b", at="a.html"),
        entry("h", at="g.html"), entry("m", at="l.html"), entry("n"),
    ])  # fmt: skip
    assert changes(before, after) == [
        ("main", "b.md: The address /a.html was that of a.md; whoever follows an old link finds "
         "this page."),
        ("main", "h.md: The address /g.html was that of g.md; whoever follows an old link finds "
         "this page."),
        ("main", "m.md: The address /l.html was that of l.md; whoever follows an old link finds "
         "this page."),
    ]  # fmt: skip
    assert changes(after, after) == []


def test_what_comes_back_is_no_other() -> None:
    before, after = register(main=[entry("a", gone=1)]), register(main=[entry("a")])
    assert changes(before, after) == []
