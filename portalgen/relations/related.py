"""Related news over the whole network, kept exact from build to build."""

from array import array
from collections.abc import Collection
from dataclasses import dataclass

from portalgen import pool
from portalgen.articles.load import vectors
from portalgen.articles.model import Article
from portalgen.cache import Cache, CacheDamagedError

_PARALLEL_FROM = 1000  # fewer are computed sooner than workers start


@dataclass(frozen=True, slots=True)
class _Known:
    """What the last build found for an article: `found` holds score, id, score, id, …"""

    state: str
    found: "array[int]"


_NEW = _Known("", array("q"))


def recall(cache: Cache) -> dict[str, list[str]]:
    """What the last build found, for each article."""
    path_of = dict(cache.query("SELECT id, path FROM articles"))
    return {
        path_of[number]: [path_of[other] for other in one.found[1::2] if other in path_of]
        for number, one in _recall(cache).items()
        if number in path_of
    }


def relate(
    articles: dict[str, Article], cache: Cache, jobs: int,
    progress: pool.Progress = pool.uncounted,
) -> dict[str, list[str]]:  # fmt: skip
    """For each article the paths of its neighbours, best first, across all sites.

    What the cache remembers of the last build is used where no article that shares a term changed.
    """
    rows = cache.query("SELECT id, path FROM articles")
    path_of = {number: path for number, path in rows if path in articles}
    id_of = {path: number for number, path in path_of.items()}
    paths = sorted(articles)
    ids = [id_of[path] for path in paths]
    remembered = _recall(cache)
    known = [remembered.pop(number, _NEW) for number in ids]
    states = [f"{articles[path].digest} {articles[path].date}" for path in paths]
    changed = {n for n, state in enumerate(states) if known[n].state != state}
    found = [one.found for one in known]
    if changed or remembered:
        from portalgen.relations import similarity  # brings numpy: only when there is work

        extracted = vectors(cache, articles)
        index, rarities, moved = similarity.build_index(
            ids,
            [articles[path].date for path in paths],
            [extracted[path][0] for path in paths],
            [extracted[path][1] for path in paths],
            _recall_rarities(cache),
        )
        again = changed | moved
        if len(again) < len(paths):
            left = {ids[number] for number in changed}.union(remembered)
            again |= similarity.mend(index, found, changed, again, left)
        parallel = len(again) >= _PARALLEL_FROM
        done = 0
        for part in pool.run(
            similarity.best_batch, index, sorted(again), jobs=jobs if parallel else 1
        ):
            for number, best in part:
                found[number] = best
            done += len(part)
            progress(done, len(again))
        cache.set_meta("rarities", rarities.tobytes().hex())
        _remember(cache, ids, states, known, found, remembered)
    return {
        path: [path_of[number] for number in one[1::2]]
        for path, one in zip(paths, found, strict=True)
    }


def _remember(
    cache: Cache,
    ids: list[int],
    states: list[str],
    known: list[_Known],
    found: list["array[int]"],
    gone: Collection[int],
) -> None:
    cache.write("DELETE FROM neighbours WHERE id=?", [(number,) for number in gone])
    rows = []
    for number, before, state, neighbours in zip(ids, known, states, found, strict=True):
        if before.state != state or before.found != neighbours:
            rows.append((number, state, neighbours.tobytes()))
    cache.write("INSERT OR REPLACE INTO neighbours VALUES (?, ?, ?)", rows)


def _recall(cache: Cache) -> dict[int, _Known]:
    try:
        return {
            number: _Known(state, array("q", found))
            for number, state, found in cache.query("SELECT * FROM neighbours")
        }
    except (ValueError, TypeError) as error:
        raise CacheDamagedError(str(error)) from error


def _recall_rarities(cache: Cache) -> "array[int]":
    try:
        return array("I", bytes.fromhex(cache.meta("rarities")))
    except ValueError as error:
        raise CacheDamagedError(str(error)) from error
