"""Related news over the whole network: an index of terms, kept exact from build to build.

The score of two articles is the sum over shared terms of both weights and the squared rarity of
the term, a little more when they are near in time. Rarity depends on how many articles carry a
term (in powers of two) and never on the size of the collection, so an article moves only those it
shares a term with. All arithmetic is in whole numbers: the same on every machine.
"""

import json
from array import array
from bisect import insort
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from portalgen import pool
from portalgen.articles.load import vectors
from portalgen.articles.model import Article
from portalgen.articles.terms import near_copy
from portalgen.cache import Cache, CacheDamagedError

KEPT = 24  # neighbours remembered for each article; more than any block shows
RARITY = (0, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1)  # by the bits of (carriers - 1); rarer weighs more
TOO_COMMON = 1 << (len(RARITY) - 1)  # carriers above which a term says nothing
LEAST_SCORE = 60_000  # of about 1,000,000 × rarity²; below it two articles have little in common
_DAY = 86_400

Neighbours = list[tuple[int, int, str]]  # (-score, -date, path), best first


@dataclass(slots=True)
class _Index:
    articles: dict[str, Article]
    vector: dict[str, "array[int]"]
    sketch: dict[str, "array[int]"]
    carriers: dict[int, list[tuple[str, int]]]


def _rarity(carriers: int) -> int:
    bits = (carriers - 1).bit_length() if carriers > 1 else 0
    return RARITY[bits] if bits < len(RARITY) else 0


def _nearness(one: int, other: int) -> int:
    """Per mille: articles of the same days belong together a little more."""
    days = abs(one - other) // _DAY
    return 1250 if days <= 3 else 1150 if days <= 14 else 1070 if days <= 60 else 1000


def _scores(index: _Index, path: str) -> Neighbours:
    """Every article that shares enough with this one, best first, near-copies left out."""
    sums: dict[str, int] = {}
    vector = index.vector[path]
    for at in range(0, len(vector), 2):
        carriers = index.carriers[vector[at]]
        rarity = _rarity(len(carriers))
        if not rarity:
            continue
        factor = vector[at + 1] * rarity * rarity
        for other, weight in carriers:
            sums[other] = sums.get(other, 0) + factor * weight
    sums.pop(path, None)
    date = index.articles[path].date
    return [
        (
            -(score * _nearness(date, index.articles[other].date) // 1000),
            -index.articles[other].date,
            other,
        )
        for other, score in sums.items()
        if score >= LEAST_SCORE
    ]


def _best(index: _Index, path: str) -> Neighbours:
    """The KEPT best neighbours that are no near-copy of the article."""
    ranked = sorted(_scores(index, path))
    sketch = index.sketch[path]
    best: Neighbours = []
    for item in ranked:
        if not near_copy(sketch, index.sketch[item[2]]):
            best.append(item)
            if len(best) == KEPT:
                break
    return best


def _best_batch(index: _Index, batch: Sequence[str]) -> list[tuple[str, Neighbours]]:
    return [(path, _best(index, path)) for path in batch]


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
    again = set(changed)
    before = _recall_counts(cache)
    counts = {term: len(carriers) for term, carriers in index.carriers.items()}
    if len(changed) * 4 > len(articles) or not before:
        again = set(articles)
    else:
        left = changed | gone
        again |= {p for p, found in neighbours.items() if any(item[2] in left for item in found)}
        for term, carriers in index.carriers.items():
            if _rarity(before.get(term, 0)) != _rarity(len(carriers)):
                again.update(path for path, _ in carriers)
    rewritten = set(again)
    results = pool.run(_best_batch, index, sorted(again), jobs=jobs if len(again) > 500 else 1)
    for part in results:
        neighbours.update(part)
    if len(again) < len(articles):
        for path in changed:
            rewritten |= _insert(index, path, neighbours, again)
    cache.write("DELETE FROM neighbours WHERE path=?", [(path,) for path in gone])
    cache.write(
        "INSERT OR REPLACE INTO neighbours VALUES (?, ?, ?)",
        [(path, state[path], json.dumps(neighbours[path])) for path in sorted(rewritten)],
    )
    flat = array("Q", [value for item in sorted(counts.items()) for value in item])
    cache.set_meta("carriers", flat.tobytes().hex())


def _insert(
    index: _Index, path: str, neighbours: dict[str, Neighbours], again: set[str]
) -> set[str]:
    """Put a changed article among the neighbours of those it now belongs to."""
    touched = set()
    date = index.articles[path].date
    for score, _, other in _scores(index, path):
        found = neighbours[other]
        item = (score, -date, path)
        if other in again or (len(found) == KEPT and item > found[-1]):
            continue
        if not near_copy(index.sketch[path], index.sketch[other]):
            found = list(found)
            insort(found, item)
            neighbours[other] = found[:KEPT]
            touched.add(other)
    return touched


def _build_index(articles: dict[str, Article], cache: Cache) -> _Index:
    found = vectors(cache, articles)
    index = _Index(articles, {}, {}, {})
    carriers = index.carriers
    for path in articles:
        vector, index.sketch[path] = found[path]
        index.vector[path] = vector
        for at in range(0, len(vector), 2):
            entry = (path, vector[at + 1])
            if vector[at] in carriers:
                carriers[vector[at]].append(entry)
            else:
                carriers[vector[at]] = [entry]
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
