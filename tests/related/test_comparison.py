"""Neighbours among candidates: ranked by all shared terms, without copies and what is unlike."""

from array import array
from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from msgspec import Struct

from portalgen.related import comparison
from portalgen.related.comparison import LIMIT, compare, least_score, neighbours, shared_terms
from portalgen.related.similarity import Index, build_index

DAY = 86_400
NOW = 1_500 * DAY
LEAST = 22_000_000  # of a network this small


class Text(Struct, frozen=True):
    """Weights by term, the date, and hashes of the text."""

    terms: Mapping[int, int]
    date: int = NOW
    sketch: Sequence[int] = ()


def index_of(*texts: Text) -> Index:
    """The ids of the texts are 10, 11, …"""
    vectors = [
        array("I", [term << 10 for term in text.terms]).tobytes()
        + array("H", text.terms.values()).tobytes()
        for text in texts
    ]
    sketches = [array("I", text.sketch).tobytes() for text in texts]
    dates = [text.date for text in texts]
    return build_index(list(range(10, 10 + len(texts))), dates, vectors, sketches, array("I"))[0]


def best_of(*texts: Text) -> list[int]:
    """The neighbours of the first text, if all others are candidates."""
    return list(neighbours(index_of(*texts), 0, range(11, 10 + len(texts))))


def test_all_terms_count_also_those_that_many_have() -> None:
    many = [Text({1: 1}) for _ in range(600)]
    index = index_of(Text({1: 500, 2: 300}), Text({1: 400, 2: 300}), Text({3: 5}), *many)
    # 602 articles have the first term, two the second.
    assert compare(index, 0, np.array([1, 2])).tolist() == [
        500 * 5 * 400 * 5 + 300 * 14 * 300 * 14, 0,
    ]  # fmt: skip


def test_shared_terms_are_named_by_their_places() -> None:
    index = index_of(Text({1: 500, 2: 300, 3: 9}), Text({4: 5}), Text({2: 70, 1: 400}))
    owners, terms, places = shared_terms(index, 0, np.array([1, 2]))
    assert sorted(zip(owners.tolist(), terms.tolist(), places.tolist())) == [(1, 0, 5), (1, 1, 4)]
    assert shared_terms(index, 0, np.array([], np.int64))[0].tolist() == []


def test_terms_that_want_one_slot_are_not_taken_for_each_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(comparison, "_SLOTS", 1 << 11)
    monkeypatch.setattr(comparison, "_slots", [])
    index = index_of(Text({1: 500, 3: 100}), Text({3: 600, 5: 600, 1: 200}), Text({5: 1}))
    # Terms 1, 3 and 5 want the same slot: the first, which is the strongest, has it.
    assert compare(index, 0, np.array([1, 2])).tolist() == [500 * 14 * 200 * 14, 0]
    assert not comparison._slots[0].any()


def test_the_best_come_first_ties_by_date_then_by_path() -> None:
    same = {1: 1000}
    texts = [Text(same), Text(same, NOW - 5), Text(same, NOW + 9), Text(same, NOW - 5)]
    assert best_of(*texts, Text({1: 999}, NOW + 99)) == [12, 11, 13, 14]


def test_what_is_of_the_same_days_ranks_higher() -> None:
    old = Text({1: 1000}, NOW - 90 * DAY)
    assert best_of(Text({1: 1000}), old, Text({1: 900})) == [12, 11]
    assert best_of(Text({1: 1000}), old, Text({1: 890})) == [11, 12]


@pytest.mark.parametrize(("weight", "expected"), [(140, [11]), (112, [])])
def test_what_has_little_in_common_is_no_neighbour(weight: int, expected: list[int]) -> None:
    """The nearness in time does not help."""
    assert (weight * 14 * 1000 * 14 >= LEAST) == bool(expected)
    assert best_of(Text({1: 1000}), Text({1: weight})) == expected


@pytest.mark.parametrize(
    ("articles", "least"),
    [(1, LEAST), (64, LEAST), (65, 15_000_000), (256, 15_000_000), (1000, 11_000_000),
     (4096, 7_000_000), (12_000, 4_500_000), (100_000, 3_000_000)],
)  # fmt: skip
def test_the_more_articles_the_less_they_must_have_in_common(articles: int, least: int) -> None:
    assert least_score(articles) == least


def test_near_copies_are_no_neighbours() -> None:
    same = {1: 1000}
    base = list(range(10))
    assert best_of(
        Text(same, NOW, base), Text(same, NOW, [*range(8), 98, 99]),
        Text(same, NOW, [*range(7), 97, 98, 99]), Text(same),
    ) == [12, 13]  # fmt: skip


def test_a_list_is_no_longer_than_any_block_shows_and_copies_take_no_place() -> None:
    others = [Text({1: 1000}, NOW - n, [n]) for n in range(LIMIT + 5)]
    assert best_of(Text({1: 1000}, NOW, [1]), *others) == [
        11 + n for n in range(LIMIT + 1) if n != 1
    ]
