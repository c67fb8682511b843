"""Related news over the whole network: an index of terms, kept exact from build to build.

Of an article's terms the most telling ones that others share are kept. The score of two articles
is the sum over kept terms they share of both weights and the squared rarity of the term, a little
more when they are near in time. Rarity depends on how many articles carry a term (in powers of
two) and never on the size of the collection, so an article moves only those it shares a term with.
All arithmetic is in whole numbers: the same on every machine.
"""

from array import array
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from heapq import nlargest, nsmallest
from itertools import islice

from portalgen import pool
from portalgen.articles.load import vectors
from portalgen.articles.model import Article
from portalgen.articles.terms import near_copy
from portalgen.cache import Cache, CacheDamagedError

KEPT_TERMS = 24
KEPT = 24  # neighbours remembered for each article; more than any block shows
RARITY = (0, 10, 10, 9, 9, 8, 7, 6)  # by the bits of (carriers - 1); rarer weighs more
LEAST_SCORE = 400_000  # of about 1,000,000 × rarity²; below it two articles have little in common
_NEAR = ((3, 1250), (14, 1150), (60, 1070))  # days apart, per mille
_MOST_NEAR = 1250
_DAY = 86_400


@dataclass(slots=True)
class _Index:
    """Articles by number, in the order of their paths; `carriers`: (number, weight) by term."""

    paths: list[str]
    ids: list[int]
    numbers: dict[int, int]  # by id
    dates: list[int]
    terms: list["array[int]"]
    sketches: list["array[int]"]
    squares: dict[int, int]
    carriers: dict[int, list[tuple[int, int]]]


@dataclass(frozen=True, slots=True)
class _Known:
    """What the last build found for an article: `found` holds score, id, score, id, …"""

    state: str
    terms: "array[int]"
    found: "array[int]"


_NEW = _Known("", array("I"), array("q"))
Neighbour = tuple[int, int, str, int]  # (-score, -date, path, number): best first


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


def _telling(vector: "array[int]", squares: dict[int, int]) -> "array[int]":
    """The terms that tell most: heavy here, rare elsewhere, but carried by another article."""
    ranked = nsmallest(
        KEPT_TERMS,
        [
            (-weight * squares[term], term, weight)
            for term, weight in zip(vector[::2], vector[1::2], strict=True)
            if term in squares
        ],
    )
    return array("I", [number for _, *item in ranked for number in item])


def _sums(index: _Index, number: int) -> dict[int, int]:
    """For every article that shares a telling term, the sum over the terms shared."""
    sums: defaultdict[int, int] = defaultdict(int)
    terms, carriers, squares = index.terms[number], index.carriers, index.squares
    for term, weight in zip(terms[::2], terms[1::2], strict=True):
        factor = weight * squares[term]
        for other, its_weight in carriers[term]:
            sums[other] += factor * its_weight
    sums.pop(number, None)
    return sums


def _ranked(index: _Index, number: int, sums: dict[int, int], least: int) -> Iterator[Neighbour]:
    """Articles with at least this sum, best first, near-copies left out."""
    date, sketch = index.dates[number], frozenset(index.sketches[number])
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
    return (item for item in found if not near_copy(sketch, index.sketches[item[3]]))


def _best(index: _Index, number: int) -> "array[int]":
    """The KEPT best neighbours that are no near-copy of the article, packed."""
    sums = _sums(index, number)
    # Few of many can be among the best: nothing below the least of the first, less the most that
    # nearness adds. Should near-copies leave too few, all are looked at.
    first = nlargest(KEPT + 4, sums.values())
    bound = first[-1] if len(first) == KEPT + 4 else 0
    least = max(LEAST_SCORE, bound * 1000 // _MOST_NEAR)
    best = list(islice(_ranked(index, number, sums, least), KEPT))
    if least > LEAST_SCORE and (len(best) < KEPT or -best[-1][0] < bound):
        best = list(islice(_ranked(index, number, sums, LEAST_SCORE), KEPT))
    return _packed(best, index)


def _packed(neighbours: list[Neighbour], index: _Index) -> "array[int]":
    return array("q", [v for item in neighbours for v in (-item[0], index.ids[item[3]])])


def _unpacked(index: _Index, found: "array[int]", left: set[int]) -> list[Neighbour]:
    """Neighbours by number, without those who left."""
    numbers = [(-s, index.numbers[i]) for s, i in zip(found[::2], found[1::2]) if i not in left]
    return [(score, -index.dates[n], index.paths[n], n) for score, n in numbers]


def _best_batch(index: _Index, batch: Sequence[int]) -> list[tuple[int, "array[int]"]]:
    return [(number, _best(index, number)) for number in batch]


def relate(articles: dict[str, Article], cache: Cache, jobs: int) -> dict[str, list[str]]:
    """For each article the paths of its neighbours, best first, across all sites.

    What the cache remembers of the last build is used where no article that shares a term changed.
    """
    path_of = {
        number: path
        for number, path in cache.query("SELECT id, path FROM articles")
        if path in articles
    }
    id_of = {path: number for number, path in path_of.items()}
    paths = sorted(articles)
    ids = [id_of[path] for path in paths]
    remembered = _recall(cache)
    known = [remembered.pop(number, _NEW) for number in ids]
    states = [f"{articles[path].digest} {articles[path].date}" for path in paths]
    changed = {n for n, state in enumerate(states) if known[n].state != state}
    gone = remembered.keys()
    if changed or gone:
        index, again = _index(articles, paths, ids, known, changed, cache)
        left = {ids[number] for number in changed}.union(gone)
        found = _update(index, known, changed, again, left, jobs)
        _remember(cache, index, states, known, found, gone)
    else:
        found = [one.found for one in known]
    return {
        path: [path_of[number] for number in one[1::2]]
        for path, one in zip(paths, found, strict=True)
    }


def _index(
    articles: dict[str, Article],
    paths: list[str],
    ids: list[int],
    known: list[_Known],
    changed: set[int],
    cache: Cache,
) -> tuple[_Index, set[int]]:
    """The index, and who must be computed again; adds to `changed` whose telling terms changed."""
    extracted = vectors(cache, articles)
    counts: Counter[int] = Counter()
    for path in paths:
        counts.update(extracted[path][0][::2])
    before = _recall_counts(cache)
    squares = {term: _rarity(count) ** 2 for term, count in counts.items() if count > 1}
    squares = {term: square for term, square in squares.items() if square}
    moved = {term for term in counts if _rarity(counts[term]) != _rarity(before.get(term, 0))}
    cache.set_meta("carriers", _as_text(counts))
    again = set()
    terms = []
    for number, path in enumerate(paths):
        vector, own = extracted[path][0], known[number].terms
        if number in changed or not moved.isdisjoint(vector[::2]):
            own = _telling(vector, squares)
            if own != known[number].terms:
                changed.add(number)
            elif not moved.isdisjoint(own[::2]):
                again.add(number)
        terms.append(own)
    again |= changed
    carriers: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
    for number, own in enumerate(terms):
        for term, weight in zip(own[::2], own[1::2], strict=True):
            carriers[term].append((number, weight))
    dates = [articles[path].date for path in paths]
    sketches = [extracted[path][1] for path in paths]
    numbers = {number: at for at, number in enumerate(ids)}
    return _Index(paths, ids, numbers, dates, terms, sketches, squares, carriers), again


def _update(
    index: _Index,
    known: list[_Known],
    changed: set[int],
    again: set[int],
    left: set[int],
    jobs: int,
) -> list["array[int]"]:
    """Neighbours by number: computed again, or as remembered with what changed put in its place."""
    found = [one.found for one in known]
    if len(again) < len(found):
        again = again | _mend(index, found, changed, again, left)
    parts = pool.run(_best_batch, index, sorted(again), jobs=jobs if len(again) > 500 else 1)
    for part in parts:
        for number, best in part:
            found[number] = best
    return found


def _mend(
    index: _Index, found: list["array[int]"], changed: set[int], again: set[int], left: set[int]
) -> set[int]:
    """Take who left out of the lists not computed again, put the changed in; who lost too much.

    A full list tells that all who are not on it stand behind its last: as long as the mended list
    ends before that, it is right.
    """
    fresh: defaultdict[int, list[Neighbour]] = defaultdict(list)
    for number in sorted(changed):
        date, path = index.dates[number], index.paths[number]
        for score, _, _, other in _ranked(index, number, _sums(index, number), LEAST_SCORE):
            old = found[other]
            if other not in again and (len(old) < 2 * KEPT or -score >= old[-2]):
                fresh[other].append((score, -date, path, number))
    lost = {n for n, old in enumerate(found) if n not in again and not left.isdisjoint(old[1::2])}
    behind = set()
    for number in sorted(fresh.keys() | lost):
        old = found[number]
        stayed = _unpacked(index, old, left)
        mended = sorted(stayed + fresh[number])[:KEPT]
        if len(old) == 2 * KEPT:
            last = (-old[-2],) if old[-1] in left else stayed[-1]
            if len(mended) < KEPT or mended[-1] > last:
                behind.add(number)
                continue
        found[number] = _packed(mended, index)
    return behind


def _remember(
    cache: Cache,
    index: _Index,
    states: list[str],
    known: list[_Known],
    found: list["array[int]"],
    gone: Collection[int],
) -> None:
    cache.write("DELETE FROM neighbours WHERE id=?", [(number,) for number in gone])
    rows = []
    for number, before in enumerate(known):
        now = _Known(states[number], index.terms[number], found[number])
        if now != before:
            rows.append((index.ids[number], now.state, now.terms.tobytes(), now.found.tobytes()))
    cache.write("INSERT OR REPLACE INTO neighbours VALUES (?, ?, ?, ?)", rows)


def _recall(cache: Cache) -> dict[int, _Known]:
    known = {}
    try:
        for number, state, terms, found in cache.query("SELECT * FROM neighbours"):
            known[number] = _Known(state, array("I", terms), array("q", found))
    except (ValueError, TypeError) as error:
        raise CacheDamagedError(str(error)) from error
    return known


def _as_text(counts: Counter[int]) -> str:
    flat = array("Q", [value for item in sorted(counts.items()) for value in item])
    return flat.tobytes().hex()


def _recall_counts(cache: Cache) -> dict[int, int]:
    try:
        flat = array("Q", bytes.fromhex(cache.meta("carriers")))
    except ValueError as error:
        raise CacheDamagedError(str(error)) from error
    return dict(zip(flat[::2], flat[1::2], strict=True))
