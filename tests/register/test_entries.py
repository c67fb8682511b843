"""Entries: which addresses they have, their ids, and where readers of them are led."""

import pytest

from portalgen.register.entries import (
    ARTICLE,
    LIST,
    Entry,
    Register,
    SiteEntries,
    follow,
    new_id,
    taken_away,
)


def entry(name: str, **values: object) -> Entry:
    return Entry(**{"id": name, "kind": ARTICLE, "source": f"{name}.md", **values})  # type: ignore[arg-type]


def register(**sites: list[Entry]) -> Register:
    entries = {slug: SiteEntries(entries={e.id: e for e in each}) for slug, each in sites.items()}
    return Register("k" * 32, entries)


def test_all_addresses_of_a_list_have_its_older_pages() -> None:
    section = entry("a", kind=LIST, at="tin/index.html", paths=("cu/index.html",), older=2)
    assert list(section.addresses()) == [
        "tin/index.html", "tin/trang-1.html", "tin/trang-2.html",
        "cu/index.html", "cu/trang-1.html", "cu/trang-2.html",
    ]  # fmt: skip
    assert list(entry("b").addresses()) == []


def test_an_id_is_the_same_wherever_the_source_is_new_and_never_used_twice() -> None:
    first = new_id({}, "a.md")
    assert first == new_id({"other": entry("other")}, "a.md") != new_id({}, "b.md")
    second = new_id({first: entry(first)}, "a.md")
    assert second not in ("", first)
    assert second == new_id({first: entry(first)}, "a.md")


def test_what_is_taken_away_keeps_nothing_that_can_be_read_and_its_first_moment() -> None:
    old = entry("a", at="a.html", identity="k", good="g", published=5, title="t", body="b", since=3)
    gone = taken_away(old, 9)
    assert (gone.identity, gone.good, gone.published, gone.gone) == ("", "", 0, 9)
    assert (gone.at, gone.title, gone.body, gone.since) == ("a.html", "t", "b", 3)
    assert taken_away(gone, 12) == gone


def test_only_what_was_not_taken_away_stands() -> None:
    site = register(main=[entry("a"), entry("b", gone=1), entry("c", kind=LIST)]).sites["main"]
    assert [e.id for e in site.standing()] == ["a", "c"]
    assert [e.id for e in site.standing(LIST)] == ["c"]
    assert {source: e.id for source, e in site.by_source().items()} == {
        "a.md": "a", "b.md": "b", "c.md": "c",
    }  # fmt: skip


def test_readers_are_led_to_what_took_the_place_in_the_end() -> None:
    known = register(
        main=[entry("a", gone=1, to="sapa/b")], sapa=[entry("b", gone=1, to="bacha/c")],
        bacha=[entry("c")],
    )  # fmt: skip
    start = known.sites["main"].entries["a"]
    assert follow(known, "main", start) == ("bacha", known.sites["bacha"].entries["c"])
    assert follow(known, "bacha", known.sites["bacha"].entries["c"])[0] == "bacha"


@pytest.mark.parametrize("to", ["", "sapa/none", "nobody/b", "main/a"])
def test_what_leads_nowhere_or_to_itself_stays_where_it_is(to: str) -> None:
    known = register(main=[entry("a", gone=1, to=to)])
    start = known.sites["main"].entries["a"]
    assert follow(known, "main", start) == ("main", start)


def test_a_ring_ends() -> None:
    known = register(main=[entry("a", gone=1, to="main/b"), entry("b", gone=1, to="main/a")])
    assert follow(known, "main", known.sites["main"].entries["a"])[1].id == "b"


def test_an_entry_that_stands_again_leads_nowhere_else() -> None:
    known = register(main=[entry("a", to="main/b"), entry("b")])
    assert follow(known, "main", known.sites["main"].entries["a"])[1].id == "a"


def test_a_digest_tells_nothing_to_who_has_another_key() -> None:
    one, other = Register("1" * 32), Register("2" * 32)
    assert one.digest("a", "b") == one.digest("a", "b") != other.digest("a", "b")
    assert one.digest("a", "b") != one.digest("ab")
