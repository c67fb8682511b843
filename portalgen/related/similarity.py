"""Find similar articles with an index of terms over the whole network.

The score of two articles is the sum, over shared terms, of both weights times the squared rarity of
the term, a little higher when their dates are close. Rarity depends on the number of articles with
a term (in powers of two), not on the size of the collection, so an article affects only those it
shares a term with. Sums are whole numbers below 2⁵³: the same on every machine.

Summing over terms that thousands have would take too long. So the terms that few articles have find
the candidates of each article, and all terms rank these (`comparison`).
"""

from array import array
from collections.abc import Collection

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

CANDIDATES = 40  # of each article
# By the bits of (carriers - 1). The curve is flat, as rarity is squared: one rare term, shared by
# accident, must not outweigh all other shared terms. A term of one article relates nothing.
RARITY = np.array([0, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0], np.uint16)
FEW = 9  # bits: terms of up to 512 articles find candidates
LEAST_SUM = 800_000  # of a candidate; about 1,000,000 × rarity² would be the same text
_NEAR_DAYS = (3, 14, 60)
_NEAR = np.array([1120, 1080, 1040, 1000])  # per mille, within so many days and beyond
_DAY = 86_400
_PLACE = np.uint64(0xFFFFFFFF)
_NO_HASH = np.uint64((1 << 64) - 1)
_BUCKET_BITS = 22  # terms are counted by the first bits of their hashes: no sorting, little memory
_REST = np.uint32(32 - _BUCKET_BITS)

Numbers = NDArray[np.int64]
Neighbour = tuple[int, int, int]  # (-score, -date, number): best first


class Index(Struct):
    """Terms of each article, and articles of each term that few have; articles by path.

    `hashes` and `impacts` (weight × rarity) of all terms of article 0, article 1, … begin at
    `starts`; `few` and `few_impacts`, of the terms that few have, at `few_starts`; `carriers`
    (articles) and their `carrier_impacts` of those terms, at `term_starts`.
    """

    ids: list[int]
    numbers: dict[int, int]  # by id
    dates: Numbers
    sketches: list[bytes]
    starts: Numbers
    hashes: NDArray[np.uint32]
    impacts: NDArray[np.uint16]
    few_starts: Numbers
    few: NDArray[np.int32]
    few_impacts: NDArray[np.float32]
    term_starts: Numbers
    carriers: NDArray[np.int32]
    carrier_impacts: NDArray[np.float32]


class Changes(Struct):
    """Articles with a term of another rarity than in the last build: one that few have, or any."""

    few: set[int]
    all: set[int]


def build_index(
    ids: list[int],
    dates: list[int],
    vectors: list[bytes],
    sketches: list[bytes],
    old_classes: "array[int]",
) -> tuple[Index, "array[int]", Changes]:
    """Return the index, the classes of terms, and the articles that other classes concern.

    A class is bucket × 16 + bits of (carriers - 1), at most 15; only those above 0 are listed.
    Empties `vectors`, which take as much memory as the index.
    """
    lengths = np.array([len(vector) // 6 for vector in vectors], dtype=np.int64)
    starts = np.concatenate([[0], np.cumsum(lengths)])
    hashes = np.empty(starts[-1], np.uint32)
    impacts = np.empty(starts[-1], np.uint16)  # at first, weights
    for vector, start, end in zip(vectors, starts.tolist(), starts[1:].tolist()):
        hashes[start:end] = np.frombuffer(vector, np.uint32, end - start)
        impacts[start:end] = np.frombuffer(vector, np.uint16, end - start, 4 * (end - start))
    vectors.clear()
    buckets = hashes >> _REST
    classes = _classes(buckets)
    old = _dense(old_classes)
    changed = classes != old
    changed_few = changed & (np.minimum(classes, FEW + 1) != np.minimum(old, FEW + 1))
    changes = Changes(_having(changed_few[buckets], starts), _having(changed[buckets], starts))
    del old, changed, changed_few  # these are the largest arrays of a build
    bits = classes[buckets]
    impacts *= RARITY[bits]
    finding = np.flatnonzero((bits > 0) & (bits <= FEW)).astype(np.int32)
    del buckets, bits
    few_articles = np.repeat(np.arange(len(ids), dtype=np.int32), lengths)[finding]
    few_impacts = impacts[finding].astype(np.float32)
    # Hash and place packed into one number: five times as fast as `np.unique` and `np.argsort`.
    packed = hashes[finding].astype(np.uint64)
    del finding
    packed <<= np.uint64(32)
    packed |= np.arange(len(packed), dtype=np.uint64)
    packed.sort()
    by_term = (packed & _PLACE).view(np.int64)
    packed >>= np.uint64(32)
    firsts = np.flatnonzero(np.diff(packed, prepend=_NO_HASH))
    del packed
    few = np.empty(len(by_term), np.int32)
    few[by_term] = np.repeat(
        np.arange(len(firsts), dtype=np.int32), np.diff(firsts, append=len(by_term))
    )
    index = Index(
        ids, {number: place for place, number in enumerate(ids)}, np.array(dates, dtype=np.int64),
        sketches, starts, hashes, impacts,
        np.concatenate([[0], np.cumsum(np.bincount(few_articles, minlength=len(ids)))]),
        few, few_impacts, np.append(firsts, len(by_term)),
        few_articles[by_term], few_impacts[by_term],
    )  # fmt: skip
    listed = np.flatnonzero(classes)
    rows = listed.astype(np.uint32) << np.uint32(4) | classes[listed]
    return index, array("I", rows.tobytes()), changes


def _classes(buckets: NDArray[np.uint32]) -> NDArray[np.uint8]:
    """The bits of (carriers - 1) of each bucket, at most 15; 0 also if nothing is in it."""
    ordered = np.sort(buckets)
    firsts = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1])[: len(ordered)])
    bits = np.ceil(np.log2(np.diff(firsts, append=len(ordered))))
    classes = np.zeros(1 << _BUCKET_BITS, np.uint8)
    classes[ordered[firsts]] = np.minimum(bits, len(RARITY) - 1)
    return classes


def carriers_of(index: Index, places: Numbers) -> list[int]:
    """How many articles have each of the terms at these places of `hashes`."""
    counts = np.bincount(index.hashes >> _REST, minlength=1 << _BUCKET_BITS)
    carriers: list[int] = counts[index.hashes[places] >> _REST].tolist()
    return carriers


def _dense(classes: "array[int]") -> NDArray[np.uint8]:
    """The class of each bucket."""
    rows = np.frombuffer(classes.tobytes(), np.uint32)
    dense = np.zeros(1 << _BUCKET_BITS, np.uint8)
    dense[rows >> np.uint32(4) & np.uint32((1 << _BUCKET_BITS) - 1)] = rows & np.uint32(15)
    return dense


def _having(places: NDArray[np.bool_], starts: Numbers) -> set[int]:
    """The articles that have one of the places."""
    before = np.append(np.int32(0), np.cumsum(places, dtype=np.int32))[starts]
    return set(np.flatnonzero(np.diff(before)).tolist())


def _sums(index: Index, number: int) -> NDArray[np.float64]:
    """For each article, the sum over the terms few have that it shares with article `number`."""
    own = slice(index.few_starts[number], index.few_starts[number + 1])
    terms, impacts = index.few[own], index.few_impacts[own]
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


def nearness(index: Index, number: int, others: Numbers) -> Numbers:
    """How much higher articles score as their dates are close, per mille."""
    days = np.abs(index.dates[others] - index.dates[number]) // _DAY
    factors: Numbers = _NEAR[np.searchsorted(_NEAR_DAYS, days)]
    return factors


def _scored(index: Index, number: int) -> tuple[Numbers, Numbers]:
    """Candidates and their scores."""
    sums = _sums(index, number)
    others = np.flatnonzero(sums >= LEAST_SUM)
    return others, sums[others].astype(np.int64) * nearness(index, number, others) // 1000


def candidates(index: Index, number: int) -> "array[int]":
    """The candidates of an article: score, id, …, best first, ties by date, then path."""
    others, scores = _scored(index, number)
    if len(others) > CANDIDATES:
        high = scores >= np.partition(scores, -CANDIDATES)[-CANDIDATES]
        others, scores = others[high], scores[high]
    best = np.lexsort((others, -index.dates[others], -scores))[:CANDIDATES].tolist()
    ids = [index.ids[other] for other in others[best].tolist()]
    return array("q", [value for pair in zip(scores[best].tolist(), ids) for value in pair])


def _packed(neighbours: list[Neighbour], index: Index) -> "array[int]":
    return array("q", [v for item in neighbours for v in (-item[0], index.ids[item[2]])])


def _unpacked(index: Index, packed: "array[int]", outdated: Collection[int]) -> list[Neighbour]:
    """Candidates by number, without those of outdated ids."""
    pairs = zip(packed[::2], packed[1::2])
    numbers = [(-score, index.numbers[id_]) for score, id_ in pairs if id_ not in outdated]
    return [(score, -int(index.dates[number]), number) for score, number in numbers]


def patch(
    index: Index,
    lists: list["array[int]"],
    changed: set[int],
    stale: set[int],
    outdated: set[int],
) -> set[int]:
    """Update the lists of candidates that are not stale; returns those to be computed again.

    Candidates with outdated ids are removed, and changed articles inserted. All articles outside
    of a full list rank below its last one, so the updated list is right if it ends above that.
    """
    worst = np.array(
        [old[-2] if len(old) == 2 * CANDIDATES else 0 for old in lists], dtype=np.int64
    )
    valid = np.ones(len(lists), dtype=bool)
    valid[list(stale)] = False
    added: dict[int, list[Neighbour]] = {}
    for number in sorted(changed):
        date = -int(index.dates[number])
        others, scores = _scored(index, number)
        joins = valid[others] & (scores >= worst[others])
        for other, score in zip(others[joins].tolist(), scores[joins].tolist(), strict=True):
            added.setdefault(other, []).append((-score, date, number))
    shrunk = {
        number
        for number, old in enumerate(lists)
        if valid[number] and not outdated.isdisjoint(old[1::2])
    }
    incomplete = set()
    for number in sorted(added.keys() | shrunk):
        old = lists[number]
        remaining = _unpacked(index, old, outdated)
        patched = sorted(remaining + added.get(number, []))[:CANDIDATES]
        if len(old) == 2 * CANDIDATES:
            last = (-old[-2],) if old[-1] in outdated else remaining[-1]
            if len(patched) < CANDIDATES or patched[-1] > last:
                incomplete.add(number)
                continue
        lists[number] = _packed(patched, index)
    return incomplete
