"""Candidates: what their score is made of, who ranks first, and lists brought up to date."""

import random
from array import array
from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Struct, field

from portalgen.related import similarity
from portalgen.related.similarity import FEW, LEAST_SUM, RARITY, build_index, candidates, patch

DAY = 86_400
NOW = 1_500 * DAY
Lists = dict[int, list[tuple[int, int]]]  # by id: score and id of neighbours, best first


class Text(Struct, frozen=True):
    """Weights by term, and the date."""

    terms: Mapping[int, int]
    date: int = NOW

    def vector(self) -> bytes:
        """As `extract` has it; the terms are hashes that are counted apart."""
        hashes = array("I", [term << 10 for term in self.terms])
        return hashes.tobytes() + array("H", self.terms.values()).tobytes()


class Network(Struct):
    """Texts by id, in the order of their paths, and classes of the last build."""

    texts: dict[int, Text]
    classes: "array[int]" = field(default_factory=lambda: array("I"))

    def index(self) -> tuple[similarity.Index, "array[int]", similarity.Changes]:
        texts = self.texts.values()
        return build_index(
            list(self.texts),
            [text.date for text in texts],
            [text.vector() for text in texts],
            [b""] * len(texts),
            self.classes,
        )

    def lists(self) -> Lists:
        index = self.index()[0]
        return unpacked(self, [(n, candidates(index, n)) for n in range(len(self.texts))])


def unpacked(network: Network, batch: list[tuple[int, "array[int]"]]) -> Lists:
    ids = list(network.texts)
    return {ids[number]: list(zip(best[::2], best[1::2], strict=True)) for number, best in batch}


def lists(*texts: Text) -> Lists:
    """The candidates of each text, numbered from 0."""
    return Network(dict(enumerate(texts))).lists()


def expected(network: Network, limit: int = similarity.CANDIDATES) -> Lists:
    """All pairs, in plain words."""
    carriers: dict[int, int] = {}
    for text in network.texts.values():
        for term in text.terms:
            carriers[term] = carriers.get(term, 0) + 1

    def rarity(term: int) -> int:
        bits = (carriers[term] - 1).bit_length()
        return int(RARITY[bits]) if bits <= FEW else 0

    def score(own: Text, other: Text) -> int:
        total = sum(
            own.terms[term] * other.terms[term] * rarity(term) ** 2
            for term in own.terms.keys() & other.terms.keys()
        )
        days = abs(own.date - other.date) // DAY
        near = 1120 if days <= 3 else 1080 if days <= 14 else 1040 if days <= 60 else 1000
        return total * near // 1000 if total >= LEAST_SUM else 0

    order = {id_: place for place, id_ in enumerate(network.texts)}
    ranked: Lists = {}
    for id_, own in network.texts.items():
        scored = [
            (-points, -other.date, order[other_id], other_id)
            for other_id, other in network.texts.items()
            if other_id != id_ and (points := score(own, other))
        ]
        ranked[id_] = [(-item[0], item[3]) for item in sorted(scored)[:limit]]
    return ranked


def test_a_score_is_the_weights_times_the_squared_rarity() -> None:
    far = NOW - 400 * DAY
    assert lists(Text({7: 500, 8: 10}), Text({7: 400, 9: 10}, far), Text({5: 1000})) == {
        0: [(500 * 400 * 196, 1)], 1: [(500 * 400 * 196, 0)], 2: [],
    }  # fmt: skip


def test_shared_terms_add_up() -> None:
    far = NOW - 400 * DAY
    points = (500 * 400 + 300 * 200) * 196
    assert lists(Text({7: 500, 8: 300}), Text({8: 200, 7: 400}, far))[1] == [(points, 0)]


@pytest.mark.parametrize(
    ("carriers", "rarity"),
    [(2, 14), (3, 13), (4, 13), (5, 12), (8, 12), (9, 11), (16, 11), (17, 10), (32, 10), (33, 9),
     (64, 9), (65, 8), (128, 8), (129, 7), (256, 7), (257, 6), (512, 6)],
)  # fmt: skip
def test_the_more_articles_have_a_term_the_less_it_relates(carriers: int, rarity: int) -> None:
    network = Network({id_: Text({7: 1000}) for id_ in range(carriers)})
    best = candidates(network.index()[0], 0)
    assert best[0] == 1000 * 1000 * rarity**2 * 1120 // 1000


@pytest.mark.parametrize("carriers", [1, 513, 5000])
def test_a_term_of_one_article_or_of_many_finds_no_candidates(carriers: int) -> None:
    network = Network({id_: Text({7: 4000}) for id_ in range(carriers)})
    assert candidates(network.index()[0], 0) == array("q")


@pytest.mark.parametrize(
    ("carriers", "rarity"), [(513, 5), (1024, 5), (1025, 4), (8193, 1), (16_385, 0)]
)
def test_but_all_terms_weigh_by_their_rarity(carriers: int, rarity: int) -> None:
    index = Network({id_: Text({7: 1000}) for id_ in range(carriers)}).index()[0]
    assert set(index.impacts.tolist()) == {1000 * rarity}


@pytest.mark.parametrize("term", [0, 1, 2**21, 2**22 - 1])
def test_any_hash_names_a_term(term: int) -> None:
    texts = [Text({term: 1000, 99: 5}), Text({term: 1000, 98: 5}), Text({97: 1000})]
    assert [[id_ for _, id_ in best] for best in lists(*texts).values()] == [[1], [0], []]


@pytest.mark.parametrize(("weight", "count"), [(8, 16), (7, 0)])
def test_what_has_little_in_common_is_no_candidate(weight: int, count: int) -> None:
    assert weight * 1000 * 100 >= LEAST_SUM or not count
    others = [Text({7: weight}) for _ in range(16)]  # of 17 articles, the squared rarity is 100
    assert len(lists(Text({7: 1000}), *others)[0]) == count


@pytest.mark.parametrize("direction", [1, -1])
@pytest.mark.parametrize(
    ("days", "per_mille"),
    [(0, 1120), (3, 1120), (4, 1080), (14, 1080), (15, 1040), (60, 1040), (61, 1000), (999, 1000)],
)
def test_what_is_of_the_same_days_scores_higher(direction: int, days: int, per_mille: int) -> None:
    date = NOW + direction * (days * DAY + DAY - 1)
    assert lists(Text({7: 500}), Text({7: 333}, date))[0] == [
        (500 * 333 * 196 * per_mille // 1000, 1)
    ]


def test_ties_are_broken_by_date_then_by_path() -> None:
    same = {7: 1000}
    ranked = lists(Text(same), Text(same, NOW - 5), Text(same, NOW + 9), Text(same, NOW - 5),
                   Text({7: 999}, NOW + 99))  # fmt: skip
    assert [id_ for _, id_ in ranked[0]] == [2, 1, 3, 4]


def test_candidates_are_named_by_their_ids_in_the_order_of_paths() -> None:
    network = Network({40: Text({7: 1000}), 10: Text({7: 1000}), 30: Text({7: 1000})})
    assert {id_: [other for _, other in best] for id_, best in network.lists().items()} == {
        40: [10, 30], 10: [40, 30], 30: [40, 10],
    }  # fmt: skip


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lists hold three neighbours."""
    monkeypatch.setattr(similarity, "CANDIDATES", 3)


@pytest.mark.usefixtures("short")
@pytest.mark.parametrize("count", [2, 3, 4, 6, 7, 8, 12])
def test_a_list_holds_the_best(count: int) -> None:
    others = {id_: Text({7: 1000 - id_ // 2}) for id_ in range(1, count + 1)}
    network = Network({0: Text({7: 1000}), **others})
    assert network.lists() == expected(network, 3)
    assert [id_ for _, id_ in network.lists()[0]] == [1, 2, 3][:count]


def test_who_has_a_term_that_became_rarer_or_more_frequent_is_named() -> None:
    texts = {0: Text({7: 5, 8: 5}), 1: Text({7: 5}), 2: Text({8: 5, 9: 5}), 3: Text({9: 5})}
    _, classes, changes = Network(texts).index()
    assert changes.few == changes.all == {0, 1, 2, 3}
    assert [(row >> 4, row & 15) for row in classes] == [(7, 1), (8, 1), (9, 1)]
    _, again, changes = Network(texts, classes).index()
    assert (again, changes.few, changes.all) == (classes, set(), set())
    gone = Network({id_: texts[id_] for id_ in (0, 1, 2)}, classes)
    _, fewer, changes = gone.index()
    assert ([row >> 4 for row in fewer], changes.few, changes.all) == ([7, 8], {2}, {2})
    more = Network({**texts, **{id_: Text({7: 5}) for id_ in range(4, 7)}}, classes)
    _, other, changes = more.index()
    assert [(row >> 4, row & 15) for row in other] == [(7, 3), (8, 1), (9, 1)]
    assert changes.few == changes.all == {0, 1, 4, 5, 6}


@pytest.mark.parametrize(
    ("before", "after", "few", "any_"),
    [(512, 513, True, True), (513, 512, True, True), (1024, 1025, False, True),
     (600, 601, False, False)],
)  # fmt: skip
def test_a_term_that_many_have_finds_nothing_but_ranks(
    before: int, after: int, few: bool, any_: bool
) -> None:
    def of(count: int, classes: "array[int]") -> Network:
        return Network({id_: Text({7: 5}) for id_ in range(count)}, classes)

    changes = of(after, of(before, array("I")).index()[1]).index()[2]
    assert (bool(changes.few), bool(changes.all)) == (few, any_)


def test_no_articles_have_no_candidates() -> None:
    assert Network({}).index()[1] == array("I")
    assert Network({0: Text({})}, array("I", [7 << 4 | 1])).index()[1] == array("I")
    assert Network({0: Text({}), 1: Text({7: 1000}), 2: Text({7: 1000})}).lists()[0] == []


def updated(before: Network, after: Network) -> tuple[Lists, set[int]]:
    """The lists of `after` made from those of `before`, and the ids computed again."""
    old = before.lists()
    index, _, changes = Network(after.texts, before.index()[1]).index()
    ids = list(after.texts)
    changed = {number for number, id_ in enumerate(ids)
               if before.texts.get(id_) != after.texts[id_]}  # fmt: skip
    stale = changed | changes.few
    outdated = {ids[number] for number in changed} | (before.texts.keys() - after.texts.keys())
    updated_lists = [array("q", [n for pair in old.get(id_, []) for n in pair]) for id_ in ids]
    stale |= patch(index, updated_lists, changed, stale, outdated)
    for number in stale:
        updated_lists[number] = candidates(index, number)
    return unpacked(after, list(enumerate(updated_lists))), {ids[number] for number in stale}


def random_text(chance: random.Random) -> Text:
    terms = {term: chance.choice([300, 600, 600, 900]) for term in chance.sample(range(8), 3)}
    return Text(terms, NOW - chance.choice([0, 0, 5, 30, 99]) * DAY)


@pytest.mark.usefixtures("short")
@settings(max_examples=60, deadline=None)
@given(st.integers(0, 1_000_000), st.integers(1, 40))
def test_lists_brought_up_to_date_are_those_computed_from_nothing(seed: int, size: int) -> None:
    chance = random.Random(seed)
    ids = chance.sample(range(100), size + 6)
    texts = {id_: random_text(chance) for id_ in ids[:size]}
    after = dict(texts)
    for id_ in chance.sample(ids[:size], min(size, chance.randrange(4))):
        if chance.random() < 0.5:
            after[id_] = random_text(chance)
        elif len(after) > 1:
            del after[id_]
    after |= {id_: random_text(chance) for id_ in ids[size : size + chance.randrange(4)]}
    new = Network(dict(sorted(after.items(), key=lambda item: ids.index(item[0]))))
    assert new.lists() == expected(new, 3)
    assert updated(Network(texts), new)[0] == expected(new, 3)


SHARED = {id_: Text({7: 700 + id_}) for id_ in range(10, 16)}  # six: up to two more keep rarity


@pytest.mark.usefixtures("short")
def test_a_new_article_joins_the_lists_of_others_and_only_its_own_is_computed() -> None:
    for place in (9, 20):
        new = Network(dict(sorted({**SHARED, place: Text({7: 714})}.items())))
        assert updated(Network(SHARED), new) == (expected(new, 3), {place})
        assert sum(place in [id_ for _, id_ in best] for best in new.lists().values()) == 6


@pytest.mark.usefixtures("short")
def test_a_new_article_that_ranks_below_all_lists_changes_none() -> None:
    new = Network({**SHARED, 20: Text({7: 600})})
    assert updated(Network(SHARED), new) == (expected(new, 3), {20})
    assert [len(best) for best in new.lists().values()] == [3] * 7


@pytest.mark.usefixtures("short")
def test_an_article_that_is_gone_leaves_the_lists_that_had_it_to_be_computed() -> None:
    texts = {**SHARED, 20: Text({7: 714}), 21: Text({7: 699})}
    new = Network({id_: text for id_, text in texts.items() if id_ != 20})
    assert updated(Network(texts), new) == (expected(new, 3), {10, 11, 12, 13, 14, 15, 21})
    last = Network({id_: text for id_, text in texts.items() if id_ != 21})
    assert updated(Network(texts), last) == (expected(last, 3), set())


@pytest.mark.usefixtures("short")
def test_an_article_that_changed_within_a_list_is_moved_there() -> None:
    texts = {**SHARED, 20: Text({7: 800})}
    better = Network({**SHARED, 20: Text({7: 900})})
    assert updated(Network(texts), better) == (expected(better, 3), {20})
    worse = Network({**SHARED, 20: Text({7: 400})})
    assert updated(Network(texts), worse) == (expected(worse, 3), {*SHARED, 20})


@pytest.mark.usefixtures("short")
def test_a_list_that_is_not_full_is_brought_up_to_date_without_being_computed() -> None:
    spare = {id_: Text({7: 1}) for id_ in (100, 101, 102)}  # so that the term keeps its rarity
    texts = {1: Text({7: 700}), 2: Text({7: 600}), 3: Text({7: 500}), **spare}
    more = Network({4: Text({7: 650}), **texts})
    assert updated(Network(texts), more) == (expected(more, 3), {4})
    fewer = Network({id_: text for id_, text in texts.items() if id_ != 2})
    assert updated(Network(texts), fewer) == (expected(fewer, 3), set())


def of_one(weights: Mapping[int, tuple[int, int]], *, without: int) -> Network:
    """A text 0 that resembles the others, which resemble only it: by id, weight and days ago."""
    own = dict.fromkeys(weights, 1000)
    others = {
        id_: Text({id_: weight}, NOW - days * DAY)
        for id_, (weight, days) in weights.items()
        if id_ != without
    }
    # So that terms keep their rarity.
    spare = {more + id_: Text({id_: 0}) for id_ in weights for more in (100, 200)}
    return Network({0: Text(own), **others, **spare})


@pytest.mark.usefixtures("short")
@pytest.mark.parametrize(
    ("weights", "gone", "new", "computed"),
    [
        # The last one goes, and a better one comes than it was: nothing outside can be better.
        ({1: (900, 0), 2: (800, 0), 3: (700, 0), 4: (600, 0)}, 3, {5: (750, 0)}, {5}),
        # What comes is as good as the last one was, and as one outside, which is newer.
        ({1: (900, 0), 2: (800, 0), 3: (700, 0), 4: (700, 1)}, 3, {5: (700, 2)}, {0, 5}),
        # Another goes; what comes is as good as the last one and as one outside.
        ({1: (900, 0), 2: (800, 0), 3: (700, 0), 4: (700, 1)}, 2, {5: (700, 2)}, {0, 5}),
        ({1: (900, 0), 2: (800, 0), 3: (700, 0), 4: (700, 1)}, 2, {5: (850, 2)}, {5}),
        # What comes is not as good as the last one was.
        ({1: (900, 0), 2: (800, 0), 3: (700, 0), 4: (600, 0)}, 3, {5: (650, 0)}, {0, 5}),
    ],
)
def test_a_full_list_is_computed_again_only_if_one_outside_may_have_come_in(
    weights: dict[int, tuple[int, int]], gone: int, new: dict[int, tuple[int, int]],
    computed: set[int],
) -> None:  # fmt: skip
    every = weights | new
    before, after = of_one(every, without=5), of_one(every, without=gone)
    assert updated(before, after) == (expected(after, 3), computed)
