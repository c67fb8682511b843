"""Similar articles: what a score is made of, who ranks first, and lists brought up to date."""

import random
from array import array
from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Struct, field

from portalgen.related import similarity
from portalgen.related.similarity import LEAST_SCORE, RARITY, best_batch, build_index, patch

DAY = 86_400
NOW = 1_500 * DAY
LAST = len(RARITY) - 1
Lists = dict[int, list[tuple[int, int]]]  # by id: score and id of neighbours, best first


class Text(Struct, frozen=True):
    """Weights by term, the date, and hashes of the text."""

    terms: Mapping[int, int]
    date: int = NOW
    sketch: Sequence[int] = ()


class Network(Struct):
    """Texts by id, in the order of their paths, and rarities of the last build."""

    texts: dict[int, Text]
    rarities: "array[int]" = field(default_factory=lambda: array("I"))

    def index(self) -> tuple[similarity.Index, "array[int]", set[int]]:
        texts = self.texts.values()
        return build_index(
            list(self.texts),
            [text.date for text in texts],
            [array("I", [n for term in text.terms.items() for n in term]).tobytes()
             for text in texts],
            [array("I", text.sketch).tobytes() for text in texts],
            self.rarities,
        )  # fmt: skip

    def lists(self) -> Lists:
        return unpacked(self, best_batch(self.index()[0], range(len(self.texts))))


def unpacked(network: Network, batch: list[tuple[int, "array[int]"]]) -> Lists:
    ids = list(network.texts)
    return {ids[number]: list(zip(best[::2], best[1::2], strict=True)) for number, best in batch}


def lists(*texts: Text) -> Lists:
    """The neighbours of each text, numbered from 0."""
    return Network(dict(enumerate(texts))).lists()


def expected(network: Network, limit: int = similarity.LIMIT) -> Lists:
    """All pairs, in plain words."""
    carriers: dict[int, int] = {}
    for text in network.texts.values():
        for term in text.terms:
            carriers[term] = carriers.get(term, 0) + 1

    def rarity(term: int) -> int:
        return int(RARITY[min((carriers[term] - 1).bit_length(), LAST)])

    def score(own: Text, other: Text) -> int:
        total = sum(
            own.terms[term] * other.terms[term] * rarity(term) ** 2
            for term in own.terms.keys() & other.terms.keys()
        )
        days = abs(own.date - other.date) // DAY
        near = 1250 if days <= 3 else 1150 if days <= 14 else 1070 if days <= 60 else 1000
        return total * near // 1000 if total >= LEAST_SCORE else 0

    def is_copy(own: Text, other: Text) -> bool:
        size = max(len(own.sketch), len(other.sketch))
        return 0 < size * 4 <= len({*own.sketch} & {*other.sketch}) * 5

    order = {id_: place for place, id_ in enumerate(network.texts)}
    ranked: Lists = {}
    for id_, own in network.texts.items():
        scored = [
            (-points, -other.date, order[other_id], other_id)
            for other_id, other in network.texts.items()
            if other_id != id_ and not is_copy(own, other) and (points := score(own, other))
        ]
        ranked[id_] = [(-item[0], item[3]) for item in sorted(scored)[:limit]]
    return ranked


def test_the_score_is_the_weights_times_the_squared_rarity() -> None:
    far = NOW - 400 * DAY
    assert lists(Text({7: 500, 8: 10}), Text({7: 400, 9: 10}, far), Text({5: 1000})) == {
        0: [(500 * 400 * 144, 1)], 1: [(500 * 400 * 144, 0)], 2: [],
    }  # fmt: skip


def test_shared_terms_add_up() -> None:
    far = NOW - 400 * DAY
    points = (500 * 400 + 300 * 200) * 144
    assert lists(Text({7: 500, 8: 300}), Text({8: 200, 7: 400}, far))[1] == [(points, 0)]


@pytest.mark.parametrize(
    ("carriers", "rarity"),
    [(2, 12), (3, 12), (4, 12), (5, 11), (8, 11), (9, 11), (16, 11), (17, 10), (32, 10), (33, 9),
     (64, 9), (65, 8), (128, 8), (129, 7), (256, 7), (257, 6), (512, 6), (513, 5), (1024, 5)],
)  # fmt: skip
def test_the_more_articles_have_a_term_the_less_it_relates(carriers: int, rarity: int) -> None:
    network = Network({id_: Text({7: 1000}) for id_ in range(carriers)})
    [(_, best)] = best_batch(network.index()[0], [0])
    assert best[0] == 1000 * 1000 * rarity**2 * 1250 // 1000


@pytest.mark.parametrize("carriers", [1, 1025, 2048, 2049, 5000])
def test_a_term_of_one_article_or_of_thousands_relates_nothing(carriers: int) -> None:
    network = Network({id_: Text({7: 60_000}) for id_ in range(carriers)})
    index, rarities, _ = network.index()
    assert best_batch(index, [0]) == [(0, array("q"))]
    assert not rarities


@pytest.mark.parametrize("hash_", [0, 1, 2**31, 2**32 - 1])
def test_any_hash_names_a_term(hash_: int) -> None:
    texts = [Text({hash_: 1000, 99: 5}), Text({hash_: 1000, 98: 5}), Text({97: 1000})]
    assert [[id_ for _, id_ in best] for best in lists(*texts).values()] == [[1], [0], []]


@pytest.mark.parametrize(("weight", "count"), [(24_000, 16), (23_999, 0)])
def test_what_has_little_in_common_is_no_neighbour(weight: int, count: int) -> None:
    assert weight * 100 >= LEAST_SCORE or not count
    others = [Text({7: 1}) for _ in range(16)]  # of 17 articles, the squared rarity is 100
    assert len(lists(Text({7: weight}), *others)[0]) == count


@pytest.mark.parametrize("direction", [1, -1])
@pytest.mark.parametrize(
    ("days", "per_mille"),
    [(0, 1250), (3, 1250), (4, 1150), (14, 1150), (15, 1070), (60, 1070), (61, 1000), (999, 1000)],
)
def test_what_is_of_the_same_days_scores_higher(direction: int, days: int, per_mille: int) -> None:
    date = NOW + direction * (days * DAY + DAY - 1)
    assert lists(Text({7: 500}), Text({7: 333}, date))[0] == [
        (500 * 333 * 144 * per_mille // 1000, 1)
    ]


def test_ties_are_broken_by_date_then_by_path() -> None:
    same = {7: 1000}
    ranked = lists(Text(same), Text(same, NOW - 5), Text(same, NOW + 9), Text(same, NOW - 5),
                   Text({7: 999}, NOW + 99))  # fmt: skip
    assert [id_ for _, id_ in ranked[0]] == [2, 1, 3, 4]


def test_neighbours_are_named_by_their_ids_in_the_order_of_paths() -> None:
    network = Network({40: Text({7: 1000}), 10: Text({7: 1000}), 30: Text({7: 1000})})
    assert {id_: [other for _, other in best] for id_, best in network.lists().items()} == {
        40: [10, 30], 10: [40, 30], 30: [40, 10],
    }  # fmt: skip


def test_only_the_articles_asked_for_are_computed() -> None:
    index = Network({id_: Text({7: 1000}) for id_ in range(5)}).index()[0]
    assert [number for number, _ in best_batch(index, [3, 1])] == [3, 1]


def test_near_copies_are_no_neighbours() -> None:
    same = {7: 1000}
    base = list(range(10))
    ranked = lists(Text(same, NOW, base), Text(same, NOW, [*range(8), 98, 99]),
                   Text(same, NOW, [*range(7), 97, 98, 99]), Text(same))  # fmt: skip
    assert [id_ for _, id_ in ranked[0]] == [2, 3]


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lists hold three neighbours."""
    monkeypatch.setattr(similarity, "LIMIT", 3)


@pytest.mark.usefixtures("short")
@pytest.mark.parametrize("copies", range(8))
@pytest.mark.parametrize("count", [2, 3, 4, 6, 7, 8, 12])
def test_a_list_holds_the_best_that_are_no_copies(count: int, copies: int) -> None:
    sketch = [1, 2, 3]
    others = {id_: Text({7: 1000 - id_ // 2}, NOW, sketch if id_ <= copies else [id_])
              for id_ in range(1, count + 1)}  # fmt: skip
    network = Network({0: Text({7: 1000}, NOW, sketch), **others})
    assert network.lists() == expected(network, 3)
    best = [id_ for _, id_ in network.lists()[0]]
    assert best == list(range(copies + 1, count + 1))[:3]


def test_who_has_a_term_that_became_rarer_or_more_frequent_is_named() -> None:
    texts = {0: Text({7: 5, 8: 5}), 1: Text({7: 5}), 2: Text({8: 5, 9: 5}), 3: Text({9: 5})}
    first = Network(texts)
    _, rarities, reweighted = first.index()
    assert reweighted == {0, 1, 2, 3}
    assert rarities.tolist() == [7, 12, 8, 12, 9, 12]
    again = Network(texts, rarities)
    assert again.index()[1:] == (rarities, set())
    gone = Network({id_: texts[id_] for id_ in (0, 1, 2)}, rarities)
    _, fewer, reweighted = gone.index()
    assert (fewer.tolist(), reweighted) == ([7, 12, 8, 12], {2})
    more = Network({**texts, **{id_: Text({7: 5}) for id_ in range(4, 7)}}, rarities)
    _, other, reweighted = more.index()
    assert other.tolist() == [7, 11, 8, 12, 9, 12]
    assert reweighted == {0, 1, 4, 5, 6}
    unlike = Network({0: Text({3: 5, 20: 5}), 1: Text({3: 5}), 2: Text({20: 5}),
                      3: Text({9: 5}), 4: Text({9: 5, 1: 4})}, rarities)  # fmt: skip
    assert unlike.index()[2] == {0, 1, 2}


def test_no_articles_have_no_neighbours() -> None:
    assert Network({0: Text({})}, array("I", [7, 12])).index()[1:] == (array("I"), set())
    assert Network({0: Text({}), 1: Text({7: 1000}), 2: Text({7: 1000})}).lists()[0] == []


def updated(before: Network, after: Network) -> tuple[Lists, set[int]]:
    """The lists of `after` made from those of `before`, and the ids computed again."""
    old = before.lists()
    index, _, reweighted = Network(after.texts, before.index()[1]).index()
    ids = list(after.texts)
    changed = {number for number, id_ in enumerate(ids)
               if before.texts.get(id_) != after.texts[id_]}  # fmt: skip
    stale = changed | reweighted
    outdated = {ids[number] for number in changed} | (before.texts.keys() - after.texts.keys())
    neighbours = [array("q", [n for pair in old.get(id_, []) for n in pair]) for id_ in ids]
    stale |= patch(index, neighbours, changed, stale, outdated)
    for number, best in best_batch(index, sorted(stale)):
        neighbours[number] = best
    return unpacked(after, list(enumerate(neighbours))), {ids[number] for number in stale}


def random_text(chance: random.Random) -> Text:
    terms = {term: chance.choice([300, 600, 600, 900]) for term in chance.sample(range(8), 3)}
    sketch = chance.choice([(), (1, 2, 3), (chance.randrange(99),)])
    return Text(terms, NOW - chance.choice([0, 0, 5, 30, 99]) * DAY, sketch)


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
    texts = {1: Text({7: 700}), 2: Text({7: 600}), 3: Text({7: 500})}
    more = Network({**texts, 4: Text({7: 650})})
    assert updated(Network(texts), more) == (expected(more, 3), {4})
    fewer = Network({id_: text for id_, text in texts.items() if id_ != 2})
    assert updated(Network(texts), fewer) == (expected(fewer, 3), set())


@pytest.mark.usefixtures("short")
def test_a_new_near_copy_joins_no_list_of_what_it_copies() -> None:
    texts = {id_: Text({7: 700}, NOW, [id_]) for id_ in range(5)}
    new = Network({**texts, 9: Text({7: 900}, NOW, [3])})
    lists_of_new, computed = updated(Network(texts), new)
    assert (lists_of_new, computed) == (expected(new, 3), {9})
    assert [id_ for id_, best in lists_of_new.items() if 9 not in [other for _, other in best]] == [
        3, 9,
    ]  # fmt: skip


def of_one(weights: Mapping[int, tuple[int, int]], *, without: int) -> Network:
    """A text 0 that resembles the others, which resemble only it: by id, weight and days ago."""
    own = dict.fromkeys(weights, 1000)
    others = {
        id_: Text({id_: weight}, NOW - days * DAY)
        for id_, (weight, days) in weights.items()
        if id_ != without
    }
    spare = {100 + id_: Text({id_: 0}) for id_ in weights}  # so that terms keep their rarity
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
