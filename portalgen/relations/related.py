"""Related news over the whole network: an index of terms, kept exact from build to build.

The score of two articles is the sum over shared terms of both weights and the squared rarity of
the term, a little more when they are near in time. Rarity depends on how many articles carry a
term (in powers of two) and never on the size of the collection, so an article moves only those it
shares a term with. All arithmetic is in whole numbers: the same on every machine.
"""

import json
from array import array
from bisect import insort
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from heapq import nlargest

from portalgen import pool
from portalgen.articles.load import vectors
from portalgen.articles.model import Article
from portalgen.articles.terms import near_copy
from portalgen.cache import Cache, CacheDamagedError

KEPT = 24  # neighbours remembered for each article; more than any block shows
RARITY = (0, 9, 8, 7, 6, 5, 4, 3, 2)  # by the bits of (carriers - 1); rarer weighs more
LEAST_SCORE = 400_000  # of about 1,000,000 × rarity²; below it two articles have little in common
_NEAR = ((3, 1250), (14, 1150), (60, 1070))  # days apart, per mille
_MOST_NEAR = 1250
_DAY = 86_400

Neighbours = list[tuple[int, int, str]]  # (-score, -date, path), best first


@dataclass(slots=True)
class _Index:
    """Articles by number; `carriers` lists (article, weight) for each term."""

    paths: list[str]
    dates: list[int]
    vectors: list["array[int]"]
    sketches: list[frozenset[int]]
    carriers: dict[int, list[tuple[int, int]]]


def _rarity(carriers: int) -> int:
    bits = (carriers - 1).bit_length() if carriers > 1 else 0
    return RARITY[bits] if bits < len(RARITY) else 0


def _nearness(one: int, other: int) -> int:
    """Per mille: articles of the same days belong together a little more."""
    days = abs(one - other) // _DAY
    for limit, factor in _NEAR:
        if days <= limit:
            return factor
    return 1000


def _sums(index: _Index, number: int) -> dict[int, int]:
    """For every article that shares a telling term, the sum over the terms shared."""
    sums: defaultdict[int, int] = defaultdict(int)
    vector = index.vectors[number]
    carriers = index.carriers
    for term, weight in zip(vector[::2], vector[1::2], strict=True):
        found = carriers[term]
        rarity = _rarity(len(found))
        if rarity:
            factor = weight * rarity * rarity
            for other, its_weight in found:
                sums[other] += factor * its_weight
    sums.pop(number, None)
    return sums


def _ranked(index: _Index, number: int, sums: dict[int, int], least: int) -> Neighbours:
    """Articles with at least this sum, best first, near-copies left out."""
    date, sketch = index.dates[number], index.sketches[number]
    found = [
        (
            -(total * _nearness(date, index.dates[other]) // 1000),
            -index.dates[other],
            index.paths[other],
            other,
        )
        for other, total in sums.items()
        if total >= least
    ]
    found.sort()
    return [item[:3] for item in found if not near_copy(sketch, index.sketches[item[3]])]


def _best(index: _Index, number: int) -> Neighbours:
    """The KEPT best neighbours that are no near-copy of the article."""
    sums = _sums(index, number)
    # Few of many can be among the best: nothing below the least of the first, less the most that
    # nearness adds. Should near-copies leave too few, all are looked at.
    first = nlargest(KEPT + 4, sums.values())
    bound = first[-1] if len(first) == KEPT + 4 else 0
    least = max(LEAST_SCORE, bound * 1000 // _MOST_NEAR)
    best = _ranked(index, number, sums, least)[:KEPT]
    if least > LEAST_SCORE and (len(best) < KEPT or -best[-1][0] < bound):
        best = _ranked(index, number, sums, LEAST_SCORE)[:KEPT]
    return best


def _best_batch(index: _Index, batch: Sequence[int]) -> list[tuple[str, Neighbours]]:
    return [(index.paths[number], _best(index, number)) for number in batch]


def relate(articles: dict[str, Article], cache: Cache, jobs: int) -> dict[str, list[str]]:
    """For each article the paths of its neighbours, best first, across all sites.

    What the cache remembers of the last build is used where no article that shares a term changed.
    """
    state = {path: f"{a.digest} {a.date}" for path, a in articles.items()}
    known = _recall(cache)
    changed = {path for path, key in state.items() if path not in known or known[path][0] != key}
    gone = known.keys() - state.keys()
    neighbours = {path: found for path, (_, found) in known.items() if path in state}
    if changed or gone:
        _update(articles, cache, neighbours, known, changed, gone, state, jobs)
    return {path: [item[2] for item in neighbours[path]] for path in articles}


def _update(
    articles: dict[str, Article],
    cache: Cache,
    neighbours: dict[str, Neighbours],
    known: dict[str, tuple[str, Neighbours]],
    changed: set[str],
    gone: set[str],
    state: dict[str, str],
    jobs: int,
) -> None:
    index = _build_index(articles, cache)
    number_of = {path: number for number, path in enumerate(index.paths)}
    before = _recall_counts(cache)
    counts = {term: len(carriers) for term, carriers in index.carriers.items()}
    if len(changed) * 4 > len(articles) or not before:
        again = set(range(len(index.paths)))
    else:
        again = {number_of[path] for path in changed}
        left = changed | gone
        again |= {
            number_of[path]
            for path, found in neighbours.items()
            if any(item[2] in left for item in found)
        }
        for term, carriers in index.carriers.items():
            if _rarity(before.get(term, 0)) != _rarity(len(carriers)):
                again.update(number for number, _ in carriers)
    made = {index.paths[number] for number in again}
    rewritten = set(made)
    results = pool.run(_best_batch, index, sorted(again), jobs=jobs if len(again) > 500 else 1)
    for part in results:
        neighbours.update(part)
    if len(again) < len(articles):
        for path in sorted(changed):
            rewritten |= _insert(index, number_of[path], neighbours, made)
    cache.write("DELETE FROM neighbours WHERE path=?", [(path,) for path in gone])
    cache.write(
        "INSERT OR REPLACE INTO neighbours VALUES (?, ?, ?)",
        [(path, state[path], json.dumps(neighbours[path])) for path in sorted(rewritten)],
    )
    flat = array("Q", [value for item in sorted(counts.items()) for value in item])
    cache.set_meta("carriers", flat.tobytes().hex())


def _insert(
    index: _Index, number: int, neighbours: dict[str, Neighbours], made: set[str]
) -> set[str]:
    """Put a changed article among the neighbours of those it now belongs to."""
    touched = set()
    date, path = index.dates[number], index.paths[number]
    for score, _, other in _ranked(index, number, _sums(index, number), LEAST_SCORE):
        found = neighbours[other]
        item = (score, -date, path)
        if other in made or (len(found) == KEPT and item > found[-1]):
            continue
        found = list(found)
        insort(found, item)
        neighbours[other] = found[:KEPT]
        touched.add(other)
    return touched


def _build_index(articles: dict[str, Article], cache: Cache) -> _Index:
    found = vectors(cache, articles)
    paths = sorted(articles)
    index = _Index(paths, [articles[path].date for path in paths], [], [], {})
    carriers = index.carriers
    for number, path in enumerate(paths):
        vector, sketch = found[path]
        index.vectors.append(vector)
        index.sketches.append(frozenset(sketch))
        for term, weight in zip(vector[::2], vector[1::2], strict=True):
            if term in carriers:
                carriers[term].append((number, weight))
            else:
                carriers[term] = [(number, weight)]
    return index


def _recall(cache: Cache) -> dict[str, tuple[str, Neighbours]]:
    try:
        rows = list(cache.query("SELECT path, state, found FROM neighbours"))
        lists = json.loads("[" + ",".join([found for _, _, found in rows]) + "]")
        return {
            path: (state, [(score, date, other) for score, date, other in found])
            for (path, state, _), found in zip(rows, lists, strict=True)
        }
    except (ValueError, TypeError) as error:
        raise CacheDamagedError(str(error)) from error


def _recall_counts(cache: Cache) -> Counter[int]:
    flat = array("Q")
    try:
        flat.frombytes(bytes.fromhex(cache.meta("carriers")))
    except ValueError as error:
        raise CacheDamagedError(str(error)) from error
    return Counter(dict(zip(flat[::2], flat[1::2])))
