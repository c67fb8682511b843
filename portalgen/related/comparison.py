"""Rank the candidates of an article by all terms they share with it."""

from array import array
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from portalgen.related.similarity import Index, Numbers, candidates, nearness
from portalgen.related.terms import near_copy

LIMIT = 24  # neighbours of each article; more than any block shows
# Below such a score two articles have little in common. The fewer articles, the rarer is what any
# two share: in a network of up to so many articles, this.
_LEAST = ((64, 22_000_000), (256, 15_000_000), (1024, 11_000_000), (4096, 7_000_000),
          (16_384, 4_500_000), (1 << 62, 3_000_000))  # fmt: skip
_SLOTS = 1 << 18  # for the terms of one article: two of them seldom want the same
_slots: list[NDArray[np.int16]] = []  # one table, made when it is needed; zeros between calls

Lists = tuple[Index, dict[int, "array[int]"]]  # candidates of articles by number, where known


def best_batch(shared: Lists, batch: Sequence[int]) -> list[tuple[int, "array[int]", "array[int]"]]:
    """Number, candidates (score, id, score, id, …) and ids of the neighbours, best first."""
    index, lists = shared
    rows = []
    for number in batch:
        packed = lists[number] if number in lists else candidates(index, number)
        rows.append((number, packed, neighbours(index, number, packed[1::2])))
    return rows


def least_score(articles: int) -> int:
    """The lowest score of neighbours in a network of so many articles."""
    return next(score for limit, score in _LEAST if articles <= limit)


def neighbours(index: Index, number: int, ids: Sequence[int]) -> "array[int]":
    """The ids of the neighbours among candidates, without near-copies.

    Best first, ties by date, then path.
    """
    others = np.array([index.numbers[id_] for id_ in ids], dtype=np.int64)
    scores = compare(index, number, others)
    related = scores >= least_score(len(index.ids))
    others, scores = others[related], scores[related]
    scores = scores * nearness(index, number, others) // 1000
    sketch = frozenset(array("I", index.sketches[number]))
    best: list[int] = []
    for other in others[np.lexsort((others, -index.dates[others], -scores))].tolist():
        if len(best) < LIMIT and not near_copy(sketch, array("I", index.sketches[other])):
            best.append(index.ids[other])
    return array("q", best)


def compare(index: Index, number: int, others: Numbers) -> Numbers:
    """The scores of other articles, before nearness in time."""
    owners, terms, places = shared_terms(index, number, others)
    own = index.impacts[index.starts[number] + terms].astype(np.float64)
    return np.bincount(owners, own * index.impacts[places], minlength=len(others)).astype(np.int64)


def shared_terms(index: Index, number: int, others: Numbers) -> tuple[Numbers, Numbers, Numbers]:
    """What articles share with article `number`: place in `others`, its own term, their place."""
    starts = index.starts[others]
    lengths = index.starts[others + 1] - starts
    if not len(others):
        return lengths, lengths, lengths
    own = index.hashes[index.starts[number] : index.starts[number + 1]]
    if not _slots:
        _slots.append(np.zeros(_SLOTS, np.int16))
    slots, mask = _slots[0], np.uint32(_SLOTS - 1)
    # Backwards, so that of two terms that want a slot the stronger one has it.
    slots[(own & mask)[::-1]] = np.arange(len(own), 0, -1)
    bounds = zip(starts.tolist(), (starts + lengths).tolist())
    theirs = np.concatenate([index.hashes[start:end] for start, end in bounds])
    terms = slots[theirs & mask] - 1
    slots[own & mask] = 0
    hits = np.flatnonzero(terms >= 0)
    hits = hits[own[terms[hits]] == theirs[hits]]
    ends = np.cumsum(lengths)
    owners = np.searchsorted(ends, hits, side="right")
    return owners, terms[hits].astype(np.int64), hits + (starts - ends + lengths)[owners]
