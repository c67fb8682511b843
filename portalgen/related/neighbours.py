"""Related news over the whole network, kept exact from build to build."""

from array import array
from collections.abc import Iterator, Sequence
from contextlib import closing

from msgspec import Struct, field

from portalgen import pool
from portalgen.changes.bodies import Bodies
from portalgen.changes.cache import Cache, CacheDamagedError
from portalgen.content.model import Article
from portalgen.content.read import plain_text
from portalgen.related.terms import Text, extract

_PARALLEL_FROM = 1000  # fewer are computed sooner than workers start
_Known = tuple[str, "array[int]"]  # of an article its digest; and score, id, score, id, …
_NEW: _Known = ("", array("q"))


class Neighbours(Struct, frozen=True):
    """For each article, by path, the ids of those that resemble it, best first; the path of an id.

    Ids differ from machine to machine: what is published must not depend on them.
    """

    ids: dict[str, "array[int]"] = field(default_factory=dict)
    path_of: dict[int, str] = field(default_factory=dict)

    def of(self, path: str) -> Iterator[str]:
        """The paths of the neighbours of an article, best first."""
        return map(self.path_of.__getitem__, self.ids.get(path, ()))


def recall(cache: Cache) -> Neighbours:
    """What the last build found."""
    path_of = dict(cache.query("SELECT id, path FROM articles"))
    found = {
        path_of[number]: array("q", [other for other in one[1::2] if other in path_of])
        for number, (_, one) in _recall(cache).items()
        if number in path_of
    }
    return Neighbours(found, path_of)


def relate(
    articles: dict[str, Article], cache: Cache, jobs: int,
    progress: pool.Progress = pool.silent,
) -> Neighbours:  # fmt: skip
    """For each article its neighbours across all sites.

    What the cache remembers of the last build is used where no article that shares a term changed.
    """
    rows = cache.query("SELECT id, path FROM articles")
    path_of = {number: path for number, path in rows if path in articles}
    id_of = {path: number for number, path in path_of.items()}
    paths = sorted(articles)
    ids = [id_of[path] for path in paths]
    remembered = _recall(cache)
    known = [remembered.pop(number, _NEW) for number in ids]
    digests = [articles[path].digest for path in paths]
    changed = {n for n, digest in enumerate(digests) if known[n][0] != digest}
    found = [neighbours for _, neighbours in known]
    if changed or remembered:
        from portalgen.related import similarity  # brings numpy: only when there is work

        index, rarities, moved = similarity.build_index(
            ids,
            [articles[path].date for path in paths],
            *_terms(articles, paths, cache, jobs, progress),
            _recall_rarities(cache),
        )
        again = changed | moved
        if len(again) < len(paths):
            left = {ids[number] for number in changed}.union(remembered)
            again |= similarity.patch(index, found, changed, again, left)
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
        cache.write("DELETE FROM neighbours WHERE id=?", [(number,) for number in remembered])
        _remember(cache, ids, known, list(zip(digests, found)))
        cache.commit()
    return Neighbours({path: one[1::2] for path, one in zip(paths, found)}, path_of)


def _terms(
    articles: dict[str, Article], paths: list[str], cache: Cache, jobs: int,
    progress: pool.Progress,
) -> tuple[list[bytes], list[bytes]]:  # fmt: skip
    """The terms of these articles, and their sketches, made anew where an article changed."""
    rows: dict[str, tuple[str, bytes, bytes]] = {
        row[0]: row[1:] for row in cache.query("SELECT * FROM terms")
    }
    gone = [(path,) for path in rows.keys() - articles.keys()]
    cache.write("DELETE FROM terms WHERE path=?", gone)
    nothing = ("", b"", b"")
    changed = [path for path in paths if rows.get(path, nothing)[0] != articles[path].digest]
    cache.commit()  # workers read the bodies from it
    shared = ([articles[path] for path in changed], cache.address())
    done = 0
    for part in pool.run(
        _extract_batch, shared, range(len(changed)),
        jobs=jobs if len(changed) >= _PARALLEL_FROM else 1, batch=128,
    ):  # fmt: skip
        cache.write("INSERT OR REPLACE INTO terms VALUES (?, ?, ?, ?)", part)
        rows.update({row[0]: row[1:] for row in part})
        done += len(part)
        progress(done, len(changed))
    vectors = [rows[path][1] for path in paths]
    sketches = [rows[path][2] for path in paths]
    if any(type(data) is not bytes or len(data) % 4 for data in vectors + sketches):
        raise CacheDamagedError("terms damaged")
    return vectors, sketches


def _extract_batch(
    shared: tuple[list[Article], str], batch: Sequence[int]
) -> list[tuple[str, str, bytes, bytes]]:
    """Rows of the table of terms."""
    articles, address = shared
    with closing(Bodies(address)) as bodies:
        texts = [
            Text(a.title, a.lead, a.tags, plain_text(bodies(a.path)))
            for a in (articles[number] for number in batch)
        ]
    return [
        (articles[number].path, articles[number].digest, *made)
        for number, made in zip(batch, extract(texts), strict=True)
    ]


def _remember(cache: Cache, ids: list[int], known: list[_Known], now: list[_Known]) -> None:
    rows = [
        (number, digest, neighbours.tobytes())
        for number, before, (digest, neighbours) in zip(ids, known, now)
        if before != (digest, neighbours)
    ]
    cache.write("INSERT OR REPLACE INTO neighbours VALUES (?, ?, ?)", rows)


def _recall(cache: Cache) -> dict[int, _Known]:
    try:
        return {
            number: (digest, array("q", found))
            for number, digest, found in cache.query("SELECT * FROM neighbours")
        }
    except (ValueError, TypeError) as error:
        raise CacheDamagedError(str(error)) from error


def _recall_rarities(cache: Cache) -> "array[int]":
    try:
        return array("I", bytes.fromhex(cache.meta("rarities")))
    except ValueError as error:
        raise CacheDamagedError(str(error)) from error
