"""Find similar articles with an index of terms over the whole network.

The score of two articles is the sum, over shared terms, of both weights times the squared rarity of
the term, a little higher when their dates are close. Rarity depends on the number of articles with
a term (in powers of two), not on the size of the collection, so an article affects only those it
shares a term with. Sums are whole numbers below 2⁵³: the same on every machine.
"""

from array import array
from collections.abc import Collection, Iterator, Sequence

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from portalgen.related.terms import near_copy

LIMIT = 24  # neighbours of each article; more than any block shows
# By the bits of (carriers - 1): terms of a single article, or of thousands, relate nothing. The
# curve is flat, as rarity is squared: a rare pair of syllables, shared by accident, must not
# outweigh all other shared terms.
RARITY = np.array([0, 12, 12, 11, 11, 10, 9, 8, 7, 6, 5, 0])
LEAST_SCORE = 2_400_000  # of about 1,000,000 × rarity²; lower scores mean little in common
_NEAR_DAYS = (3, 14, 60)
_NEAR = np.array([1250, 1150, 1070, 1000])  # per mille, within so many days and beyond
_DAY = 86_400
_PLACE = np.uint64(0xFFFFFFFF)
_NO_HASH = np.uint64((1 << 64) - 1)

Numbers = NDArray[np.int64]
Neighbour = tuple[int, int, int]  # (-score, -date, number): best first


class Index(Struct):
    """Terms of each article and articles of each term; articles are numbered by path.

    `terms` and `impacts` (weight × rarity) belong to article 0, article 1, …, beginning at
    `starts`; `carriers` (articles) and their `carrier_impacts` to term 0, term 1, …, at
    `term_starts`.
    """

    ids: list[int]
    numbers: dict[int, int]  # by id
    dates: Numbers
    sketches: list[bytes]
    starts: Numbers
    terms: NDArray[np.int32]
    impacts: NDArray[np.float32]
    term_starts: Numbers
    carriers: NDArray[np.int32]
    carrier_impacts: NDArray[np.float32]


def build_index(
    ids: list[int],
    dates: list[int],
    vectors: list[bytes],
    sketches: list[bytes],
    old_rarities: "array[int]",
) -> tuple[Index, "array[int]", set[int]]:
    """Return the index, the rarity of each term, and the articles with a term of changed rarity.

    Rarities, also the old ones of the last build, are hash, rarity, hash, rarity, …
    """
    lengths = np.array([len(vector) // 8 for vector in vectors], dtype=np.int64)
    starts = np.concatenate([[0], np.cumsum(lengths)])
    flat = np.frombuffer(b"".join(vectors), dtype=np.uint32)
    # Hash and place packed into one number: five times as fast as `np.unique` and `np.argsort`.
    # In place, as these are the largest arrays of a build.
    packed = flat[::2].astype(np.uint64)
    packed <<= np.uint64(32)
    packed |= np.arange(len(packed), dtype=np.uint64)
    packed.sort()
    by_term = (packed & _PLACE).view(np.int64)
    packed >>= np.uint64(32)
    firsts = np.flatnonzero(np.diff(packed, prepend=_NO_HASH))
    hashes = packed[firsts].astype(np.uint32)
    del packed
    counts = np.diff(firsts, append=len(by_term))
    terms = np.empty(len(by_term), np.int32)
    terms[by_term] = np.repeat(np.arange(len(firsts), dtype=np.int32), counts)
    bits = np.ceil(np.log2(counts)).astype(np.int64)
    rarity = RARITY[np.minimum(bits, len(RARITY) - 1)]
    impacts = (flat[1::2] * rarity[terms]).astype(np.float32)
    articles = np.repeat(np.arange(len(vectors), dtype=np.int32), lengths)
    relating = np.flatnonzero(rarity)
    rows = np.stack([hashes[relating], rarity[relating]], axis=1)
    rarities = array("I", rows.astype(np.uint32).tobytes())
    index = Index(
        ids, {number: place for place, number in enumerate(ids)}, np.array(dates, dtype=np.int64),
        sketches, starts, terms, impacts, np.concatenate([[0], np.cumsum(counts)]),
        articles[by_term], impacts[by_term],
    )  # fmt: skip
    old = np.frombuffer(old_rarities.tobytes(), dtype=np.uint32)
    places = np.searchsorted(old[::2], hashes)
    places[places == len(old) // 2] = 0
    present = old[::2][places] == hashes if len(old) else np.zeros(len(hashes), dtype=bool)
    old_rarity = np.where(present, old[1::2][places] if len(old) else 0, 0)
    changes = np.bincount(articles[(old_rarity != rarity)[terms]], minlength=len(vectors))
    reweighted = set(np.flatnonzero(changes).tolist())
    return index, rarities, reweighted


def _sums(index: Index, number: int) -> NDArray[np.float64]:
    """For each article, the sum over the terms it shares with article `number`."""
    own = slice(index.starts[number], index.starts[number + 1])
    impacts = index.impacts[own]
    terms = index.terms[own][impacts > 0]
    impacts = impacts[impacts > 0]
    starts = index.term_starts[terms]
    lengths = index.term_starts[terms + 1] - starts
    shifts = starts - np.cumsum(lengths) + lengths
    places = np.arange(lengths.sum()) + np.repeat(shifts, lengths)
    shared = index.carrier_impacts[places] * np.repeat(impacts.astype(np.float64), lengths)
    sums = np.bincount(index.carriers[places], shared, minlength=len(index.ids)).astype(
        np.float64, copy=False
    )
    sums[number] = 0
    return sums


def _scored(index: Index, number: int) -> tuple[Numbers, Numbers]:
    """Similar articles and their scores."""
    sums = _sums(index, number)
    others = np.flatnonzero(sums >= LEAST_SCORE)
    days = np.abs(index.dates[others] - index.dates[number]) // _DAY
    nearness = _NEAR[np.searchsorted(_NEAR_DAYS, days)]
    return others, sums[others].astype(np.int64) * nearness // 1000


def _ranked(index: Index, number: int, others: Numbers, scores: Numbers) -> Iterator[Neighbour]:
    """Neighbours without near-copies, best first, ties by date, then path."""
    dates = index.dates[others]
    sketch = frozenset(array("I", index.sketches[number]))
    for place in np.lexsort((others, -dates, -scores)):
        other = int(others[place])
        if not near_copy(sketch, array("I", index.sketches[other])):
            yield -int(scores[place]), -int(dates[place]), other


def _best(index: Index, number: int) -> "array[int]":
    """The best neighbours of an article, packed."""
    others, scores = _scored(index, number)
    count = 2 * LIMIT
    if len(others) > count:  # rank only the best scores first
        high = scores >= np.partition(scores, -count)[-count]
        best = _first(_ranked(index, number, others[high], scores[high]))
        if len(best) == LIMIT:
            return _packed(best, index)
    return _packed(_first(_ranked(index, number, others, scores)), index)


def _first(ranked: Iterator[Neighbour]) -> list[Neighbour]:
    return [item for item, _ in zip(ranked, range(LIMIT))]


def best_batch(index: Index, batch: Sequence[int]) -> list[tuple[int, "array[int]"]]:
    """The neighbours of each article: score, id, score, id, …, best first."""
    return [(number, _best(index, number)) for number in batch]


def _packed(neighbours: list[Neighbour], index: Index) -> "array[int]":
    return array("q", [v for item in neighbours for v in (-item[0], index.ids[item[2]])])


def _unpacked(index: Index, packed: "array[int]", outdated: Collection[int]) -> list[Neighbour]:
    """Neighbours by number, without those of outdated ids."""
    pairs = zip(packed[::2], packed[1::2])
    numbers = [(-score, index.numbers[id_]) for score, id_ in pairs if id_ not in outdated]
    return [(score, -int(index.dates[number]), number) for score, number in numbers]


def patch(
    index: Index,
    neighbours: list["array[int]"],
    changed: set[int],
    stale: set[int],
    outdated: set[int],
) -> set[int]:
    """Update the lists that are not stale; returns articles whose list must be computed again.

    Neighbours with outdated ids are removed, and changed articles inserted. All articles outside
    of a full list rank below its last one, so the updated list is right if it ends above that.
    """
    worst = np.array(
        [old[-2] if len(old) == 2 * LIMIT else 0 for old in neighbours], dtype=np.int64
    )
    valid = np.ones(len(neighbours), dtype=bool)
    valid[list(stale)] = False
    added: dict[int, list[Neighbour]] = {}
    for number in sorted(changed):
        date, sketch = -int(index.dates[number]), frozenset(array("I", index.sketches[number]))
        others, scores = _scored(index, number)
        joins = valid[others] & (scores >= worst[others])
        for other, score in zip(others[joins].tolist(), scores[joins].tolist(), strict=True):
            if not near_copy(sketch, array("I", index.sketches[other])):
                added.setdefault(other, []).append((-score, date, number))
    shrunk = {
        number
        for number, old in enumerate(neighbours)
        if valid[number] and not outdated.isdisjoint(old[1::2])
    }
    incomplete = set()
    for number in sorted(added.keys() | shrunk):
        old = neighbours[number]
        remaining = _unpacked(index, old, outdated)
        patched = sorted(remaining + added.get(number, []))[:LIMIT]
        if len(old) == 2 * LIMIT:
            last = (-old[-2],) if old[-1] in outdated else remaining[-1]
            if len(patched) < LIMIT or patched[-1] > last:
                incomplete.add(number)
                continue
        neighbours[number] = _packed(patched, index)
    return incomplete
