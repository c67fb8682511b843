"""Two registers as one: whatever both say, no address is lost, and the later counts."""

from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from portalgen.register.entries import (
    ARTICLE,
    Entry,
    Register,
    SiteEntries,
    SiteRecord,
    copy_of,
)
from portalgen.register.listing import erase
from portalgen.register.merge import merge, merge_pair
from portalgen.register.trust import believe

KEY, OTHER_KEY = "a" * 32, "b" * 32
NAMES = [f"{digit}" * 12 for digit in "012345"]
ROUTES = [f"tin-tuc/{letter}.html" for letter in "abcdef"]
SOURCES = [f"content/tin-tuc/{letter}.md" for letter in "abcdef"]


def entry(name: str = NAMES[0], **values: Any) -> Entry:
    base: dict[str, Any] = {"kind": ARTICLE, "source": SOURCES[0], "at": ROUTES[0], "since": 1}
    return Entry(id=name, **{**base, **values})


def register(entries: Iterable[Entry], key: str = KEY, **record: Any) -> Register:
    site = SiteEntries(SiteRecord(**record), {item.id: item for item in entries})
    return Register(key, {"main": site})


def entries_of(merged: Register) -> dict[str, Entry]:
    return merged.sites["main"].entries


moments = st.integers(1, 9)


@st.composite
def states(draw: st.DrawFn, name: str = NAMES[0], source: str = "") -> Entry:
    gone = draw(st.sampled_from([0, 0, 0, draw(moments)]))
    own, at = source or draw(st.sampled_from(SOURCES)), draw(st.sampled_from(ROUTES))
    return entry(
        name, source=own, at=at,
        paths=tuple(draw(st.sets(st.sampled_from(ROUTES))) - {at}),
        sources=tuple(draw(st.sets(st.sampled_from(SOURCES))) - {own}),
        since=draw(moments), gone=gone, older=draw(st.integers(0, 3)),
        good="" if gone else draw(st.sampled_from(["", "1" * 32, "2" * 32])),
        published=0 if gone else draw(moments), title=draw(st.sampled_from(["", "3" * 16])),
    )  # fmt: skip


@st.composite
def registers(draw: st.DrawFn) -> Register:
    """A register as builds write it: a source has one entry, and an address one that stands."""
    number = draw(st.integers(0, 5))
    names = draw(st.permutations(NAMES))[:number]
    sources = draw(st.permutations(SOURCES))[:number]
    made = [draw(states(*pair)) for pair in zip(names, sources, strict=True)]
    return believe(register(made))


@given(states(), states())
def test_two_states_of_an_entry_are_one_in_either_order(first: Entry, second: Entry) -> None:
    both = merge_pair(first, second)
    assert both == merge_pair(second, first)
    assert merge_pair(both, both) == both
    assert merge_pair(both, first) == merge_pair(both, second) == both
    assert {*first.addresses(), *second.addresses()} <= {*both.addresses()}
    assert {first.source, second.source} <= {both.source, *both.sources}


@given(registers(), registers())
def test_no_address_is_lost_or_taken_twice(target: Register, local: Register) -> None:
    merged = merge(target, local)
    addresses = {route for item in entries_of(merged).values() for route in item.addresses()}
    for item in entries_of(target).values():
        assert {*item.addresses()} <= addresses
    standing = [item.at for item in entries_of(merged).values() if not item.gone]
    assert len(standing) == len(set(standing))
    sources = [item.source for item in entries_of(merged).values()]
    assert len(sources) == len(set(sources))
    assert all(name == item.id for name, item in entries_of(merged).items())
    for item in entries_of(local).values():
        assert item.gone or item.at in addresses


@given(registers(), registers())
def test_what_was_merged_stays_as_it_is(target: Register, local: Register) -> None:
    merged = merge(target, local)
    assert merge(target, target) == target
    assert merge(merged, merged) == merged


@pytest.mark.parametrize(
    ("target", "local", "at", "gone"),
    [
        ({"at": "b.html", "since": 5}, {"at": "a.html", "since": 3}, "b.html", 0),
        ({"at": "b.html", "since": 3}, {"at": "a.html", "since": 5}, "a.html", 0),
        ({"since": 3}, {"since": 1, "gone": 5}, ROUTES[0], 5),
        ({"since": 1, "gone": 3}, {"since": 5}, ROUTES[0], 0),
        ({"since": 5, "gone": 5}, {"since": 5}, ROUTES[0], 0),
    ],
)  # fmt: skip
def test_the_later_state_counts(
    target: dict[str, Any], local: dict[str, Any], at: str, gone: int
) -> None:
    (both,) = entries_of(merge(register([entry(**target)]), register([entry(**local)]))).values()
    assert (both.at, both.gone) == (at, gone)


def test_the_same_source_with_two_ids_is_one_entry() -> None:
    target = register([entry(NAMES[1], at="cu.html", since=5, good="1" * 32, published=5)])
    local = register([
        entry(NAMES[0], at="moi.html", since=3, good="2" * 32, published=6),
        entry(NAMES[2], source=SOURCES[2], at="x.html", gone=2, to=f"main/{NAMES[0]}"),
    ])  # fmt: skip
    merged = entries_of(merge(target, local))
    both = merged[NAMES[1]]
    assert (both.at, both.paths, both.good) == ("cu.html", ("moi.html",), "2" * 32)
    assert merged.keys() == {NAMES[1], NAMES[2]}
    assert merged[NAMES[2]].to == f"main/{NAMES[1]}"


def test_of_two_ids_the_older_stays() -> None:
    old, new = entry(NAMES[1], since=2), entry(NAMES[0], since=5)
    assert merge_pair(old, new).id == merge_pair(new, old).id == NAMES[1]


def test_what_nobody_has_read_and_does_not_stand_is_dropped() -> None:
    gone = entry(NAMES[0], gone=3)
    leads = entry(NAMES[1], source=SOURCES[1], at=ROUTES[1], gone=3, to=f"main/{NAMES[2]}")
    stands = entry(NAMES[2], source=SOURCES[2], at=ROUTES[2])
    local = register([gone, leads, stands])
    assert entries_of(merge(register([]), local)).keys() == {NAMES[1], NAMES[2]}
    assert entries_of(merge(register([gone]), local)).keys() == {*NAMES[:3]}


def test_who_has_an_address_at_the_target_keeps_it() -> None:
    held = entry(NAMES[0], at="x.html", since=5)
    other = entry(NAMES[1], source=SOURCES[1], at="y.html", since=2)
    claims = entry(NAMES[1], source=SOURCES[1], at="x.html", paths=("y.html",), since=9)
    new = entry(NAMES[2], source=SOURCES[2], at="x.html", since=1)
    merged = entries_of(merge(register([held, other]), register([claims])))
    assert (merged[NAMES[0]].at, merged[NAMES[1]].at) == ("x.html", "y.html")
    assert entries_of(merge(register([held]), register([new]))).keys() == {NAMES[0]}


def test_the_key_of_the_target_counts_and_digests_of_another_go() -> None:
    target = register([entry(NAMES[0], title="1" * 16, published=1)])
    local = register([
        entry(NAMES[0], title="2" * 16, good="3" * 32, published=2),
        entry(NAMES[1], source=SOURCES[1], at=ROUTES[1], title="4" * 16, body="5" * 16),
    ], OTHER_KEY)  # fmt: skip
    merged = merge(target, local)
    assert merged.key == KEY
    assert [(item.title, item.body) for item in entries_of(merged).values()] == [("", "")] * 2
    assert entries_of(merged)[NAMES[0]].good == "3" * 32


def test_an_address_without_a_source_is_that_of_who_stands_there() -> None:
    known = entry(NAMES[0], source="", at=ROUTES[0].upper(), gone=1)
    other = entry(NAMES[1], source="", at="khac.html", gone=1)
    local = register([entry(NAMES[2])])
    merged = entries_of(merge(register([known, other]), local))
    assert merged.keys() == {NAMES[1], NAMES[2]}


def test_a_site_keeps_all_hosts_that_it_had() -> None:
    target = register([], base_url="https://moi.vn", former=("cu.vn",), since=5, settings="a")
    local = register([], base_url="https://cu.vn", former=("dau.vn",), since=3, settings="b")
    record = merge(target, local).sites["main"].record
    assert (record.base_url, record.former, record.settings) == (
        "https://moi.vn", ("cu.vn", "dau.vn"), "a",
    )  # fmt: skip


def erased(register: Register, slug: str, route: str, now: int) -> Register:
    after = copy_of(register)
    assert erase(after, slug, route, now) is None
    return after


def test_an_address_that_was_forgotten_stays_so_whoever_still_has_it() -> None:
    old = Entry(id="a" * 12, kind="article", source="content/a.md", at="b.html", paths=("a.html",),
                since=5)  # fmt: skip
    gone = Entry(id="b" * 12, kind="article", source="content/c.md", at="c.html", since=5, gone=6)
    target = Register("k" * 32, {"main": SiteEntries(entries={e.id: e for e in (old, gone)})})
    local = erased(erased(target, "main", "A.html", 7), "main", "c.html", 7)
    for first, second in ((target, local), (local, target)):
        merged = merge(first, second)
        assert [(e.at, e.paths) for e in merged.sites["main"].entries.values()] == [("b.html", ())]
        assert merged.erased == local.erased
        assert merge(merged, target).sites == merged.sites


def test_what_was_at_a_forgotten_address_since_is_not_forgotten() -> None:
    entry = Entry(id="a" * 12, kind="article", source="content/a.md", at="b.html", since=5,
                  paths=("a.html",))  # fmt: skip
    target = Register("k" * 32, {"main": SiteEntries(entries={entry.id: entry})})
    local = erased(target, "main", "a.html", 7)
    later = replace(entry, since=9)
    target.sites["main"].entries[entry.id] = later
    assert merge(target, local).sites["main"].entries == {entry.id: later}
