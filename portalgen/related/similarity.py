"""Which articles are alike: an index of terms over the whole network, and the best for each.

The score of two articles is the sum over shared terms of both weights and the squared rarity of
the term, a little more when they are near in time. Rarity depends on how many articles carry a
term (in powers of two) and never on the size of the collection, so an article moves only those it
shares a term with. Sums stay whole numbers below 2⁵³: the same on every machine.
"""

from array import array
from collections.abc import Collection, Iterator, Sequence

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from portalgen.related.terms import near_copy

KEPT = 24  # neighbours remembered for each article; more than any block shows
# By the bits of (carriers - 1): what only one article carries relates nothing, nor does what
# thousands carry. The curve is flat, as it counts squared: two syllables that meet by accident in
# two articles must not outweigh all else that they share.
RARITY = np.array([0, 12, 12, 11, 11, 10, 9, 8, 7, 6, 5, 0])
LEAST_SCORE = 2_400_000  # of about 1,000,000 × rarity²; below it two articles have little in common
_NEAR_DAYS = (3, 14, 60)
_NEAR = np.array([1250, 1150, 1070, 1000])  # per mille, within so many days and beyond
_DAY = 86_400
_PLACE = np.uint64(0xFFFFFFFF)
_NO_HASH = np.uint64((1 << 64) - 1)

Numbers = NDArray[np.int64]
Neighbour = tuple[int, int, int]  # (-score, -date, number): best first


class Index(Struct):
    """Articles by number, in the order of their paths; of each term, which articles carry it.

    `terms` and `impacts` (weight × rarity) are those of article 0, of article 1, …, beginning at
    `starts`; `carriers` and `carried` the same of term 0, of term 1, …, at `term_starts`.
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
    carried: NDArray[np.float32]


def build_index(
    ids: list[int],
    dates: list[int],
    vectors: list[bytes],
    sketches: list[bytes],
    before: "array[int]",
) -> tuple[Index, "array[int]", set[int]]:
    """The index; how rare each term is now; and the articles with a term of another rarity.

    `before` is the second of these as it was last time: hash, rarity, hash, rarity, …
    """
    lengths = np.array([len(vector) // 8 for vector in vectors], dtype=np.int64)
    starts = np.concatenate([[0], np.cumsum(lengths)])
    flat = np.frombuffer(b"".join(vectors), dtype=np.uint32)
    # Hash and place in one number: `np.unique` and `np.argsort` would take five times as long.
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
    told = np.flatnonzero(rarity)
    now = array("I", np.stack([hashes[told], rarity[told]], axis=1).astype(np.uint32).tobytes())
    index = Index(
        ids, {number: at for at, number in enumerate(ids)}, np.array(dates, dtype=np.int64),
        sketches, starts, terms, impacts, np.concatenate([[0], np.cumsum(counts)]),
        articles[by_term], impacts[by_term],
    )  # fmt: skip
    then = np.frombuffer(before.tobytes(), dtype=np.uint32)
    places = np.searchsorted(then[::2], hashes)
    places[places == len(then) // 2] = 0
    known = then[::2][places] == hashes if len(then) else np.zeros(len(hashes), dtype=bool)
    was = np.where(known, then[1::2][places] if len(then) else 0, 0)
    with_moved = np.bincount(articles[(was != rarity)[terms]], minlength=len(vectors))
    moved = set(np.flatnonzero(with_moved).tolist())
    return index, now, moved


def _sums(index: Index, number: int) -> NDArray[np.float64]:
    """For every article the sum over the terms it shares with this one."""
    own = slice(index.starts[number], index.starts[number + 1])
    impacts = index.impacts[own]
    terms = index.terms[own][impacts > 0]
    impacts = impacts[impacts > 0]
    starts = index.term_starts[terms]
    lengths = index.term_starts[terms + 1] - starts
    shifts = starts - np.cumsum(lengths) + lengths
    at = np.arange(lengths.sum()) + np.repeat(shifts, lengths)
    shared = index.carried[at] * np.repeat(impacts.astype(np.float64), lengths)
    sums = np.bincount(index.carriers[at], shared, minlength=len(index.ids)).astype(
        np.float64, copy=False
    )
    sums[number] = 0
    return sums


def _scored(index: Index, number: int) -> tuple[Numbers, Numbers]:
    """The articles alike enough, and their scores."""
    sums = _sums(index, number)
    found = np.flatnonzero(sums >= LEAST_SCORE)
    days = np.abs(index.dates[found] - index.dates[number]) // _DAY
    nearness = _NEAR[np.searchsorted(_NEAR_DAYS, days)]
    return found, sums[found].astype(np.int64) * nearness // 1000


def _ranked(index: Index, number: int, found: Numbers, scores: Numbers) -> Iterator[Neighbour]:
    """Best first, ties by date, then path; near-copies left out."""
    dates = index.dates[found]
    sketch = frozenset(array("I", index.sketches[number]))
    for at in np.lexsort((found, -dates, -scores)):
        other = int(found[at])
        if not near_copy(sketch, array("I", index.sketches[other])):
            yield -int(scores[at]), -int(dates[at]), other


def _best(index: Index, number: int) -> "array[int]":
    """The KEPT best neighbours that are no near-copy of the article, packed."""
    found, scores = _scored(index, number)
    some = 2 * KEPT
    if len(found) > some:  # few of many can be among the best
        above = scores >= np.partition(scores, -some)[-some]
        best = _first(_ranked(index, number, found[above], scores[above]))
        if len(best) == KEPT:
            return _packed(best, index)
    return _packed(_first(_ranked(index, number, found, scores)), index)


def _first(ranked: Iterator[Neighbour]) -> list[Neighbour]:
    return [item for item, _ in zip(ranked, range(KEPT))]


def best_batch(index: Index, batch: Sequence[int]) -> list[tuple[int, "array[int]"]]:
    """The neighbours of these articles: score, id, score, id, …, best first."""
    return [(number, _best(index, number)) for number in batch]


def _packed(neighbours: list[Neighbour], index: Index) -> "array[int]":
    return array("q", [v for item in neighbours for v in (-item[0], index.ids[item[2]])])


def _unpacked(index: Index, found: "array[int]", left: Collection[int]) -> list[Neighbour]:
    """Neighbours by number, without those who left."""
    numbers = [(-s, index.numbers[i]) for s, i in zip(found[::2], found[1::2]) if i not in left]
    return [(score, -int(index.dates[number]), number) for score, number in numbers]


def patch(
    index: Index,
    found: list["array[int]"],
    changed: set[int],
    again: set[int],
    left: set[int],
) -> set[int]:
    """Take who left out of the lists not computed again, put the changed in; who lost too much.

    A full list tells that all who are not on it stand behind its last: as long as the mended list
    ends before that, it is right.
    """
    worst = np.array([old[-2] if len(old) == 2 * KEPT else 0 for old in found], dtype=np.int64)
    kept = np.ones(len(found), dtype=bool)
    kept[list(again)] = False
    fresh: dict[int, list[Neighbour]] = {}
    for number in sorted(changed):
        date, sketch = -int(index.dates[number]), frozenset(array("I", index.sketches[number]))
        others, scores = _scored(index, number)
        joins = kept[others] & (scores >= worst[others])
        for other, score in zip(others[joins].tolist(), scores[joins].tolist(), strict=True):
            if not near_copy(sketch, array("I", index.sketches[other])):
                fresh.setdefault(other, []).append((-score, date, number))
    lost = {n for n, old in enumerate(found) if kept[n] and not left.isdisjoint(old[1::2])}
    behind = set()
    for number in sorted(fresh.keys() | lost):
        old = found[number]
        stayed = _unpacked(index, old, left)
        mended = sorted(stayed + fresh.get(number, []))[:KEPT]
        if len(old) == 2 * KEPT:
            last = (-old[-2],) if old[-1] in left else stayed[-1]
            if len(mended) < KEPT or mended[-1] > last:
                behind.add(number)
                continue
        found[number] = _packed(mended, index)
    return behind
