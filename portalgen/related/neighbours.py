"""Related news across the network, updated exactly from build to build."""

from array import array
from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct, field

from portalgen import pool
from portalgen.changes.cache import Bodies, Cache, CacheDamagedError
from portalgen.content.classify import Library
from portalgen.content.model import Article
from portalgen.content.read import plain_text
from portalgen.settings.network import Network

if TYPE_CHECKING:
    from portalgen.related.similarity import Index

_PARALLEL_FROM = 1000  # articles; with fewer, workers do not pay off
_TERM_BYTES = 6  # see `terms.extract`


class _Entry(NamedTuple):
    """What is remembered of an article: its candidates (score, id, …), and ids of neighbours."""

    digest: str = ""
    candidates: "array[int]" = array("q")
    best: "array[int]" = array("q")


class Neighbours(Struct, frozen=True):
    """By path of each article, the ids of similar ones, best first; and the path of each id.

    Ids differ between machines: published files must not depend on them.
    """

    ids: dict[str, "array[int]"] = field(default_factory=dict)
    path_of: dict[int, str] = field(default_factory=dict)

    def of(self, path: str) -> Iterator[str]:
        """Paths of an article's neighbours, best first."""
        return map(self.path_of.__getitem__, self.ids.get(path, ()))


def recall(cache: Cache) -> Neighbours:
    """The neighbours of the last build."""
    path_of = dict(cache.query("SELECT id, path FROM articles"))
    ids = {
        path_of[number]: array("q", [other for other in entry.best if other in path_of])
        for number, entry in _recall(cache).items()
        if number in path_of
    }
    return Neighbours(ids, path_of)


def relate_published(
    network: Network, library: Library, cache: Cache, jobs: int, progress: pool.Progress
) -> Neighbours:
    """Find the neighbours of each published article, if any site shows them."""
    if not network.uses_similarity:
        return Neighbours()
    articles = {a.path: a for a in library.by_name.values() if not a.is_page}
    return relate(articles, cache, jobs, progress)


def relate(
    articles: dict[str, Article], cache: Cache, jobs: int,
    progress: pool.Progress = pool.silent,
) -> Neighbours:  # fmt: skip
    """Find the neighbours of each article across all sites.

    Those of the last build are reused where no article that shares a term changed.
    """
    paths, ids = _in_order(articles, cache)
    path_of = dict(zip(ids, paths))
    remembered = _recall(cache)
    entries = [remembered.pop(number, _Entry()) for number in ids]
    digests = [articles[path].digest for path in paths]
    changed = {n for n, digest in enumerate(digests) if entries[n].digest != digest}
    best = [entry.best for entry in entries]
    if changed or remembered:
        from portalgen.related import comparison, similarity  # import numpy: only if needed

        index, classes, changes = similarity.build_index(
            ids,
            [articles[path].date for path in paths],
            *_terms(articles, paths, cache, jobs, progress),
            _recall_classes(cache),
        )
        stale = changed | changes.few
        candidates = [entry.candidates for entry in entries]
        if len(stale) < len(paths):
            outdated = {ids[number] for number in changed}.union(remembered)
            stale |= similarity.patch(index, candidates, changed, stale, outdated)
        least = str(comparison.least_score(len(paths)))
        ranked_again = (
            {n for n, entry in enumerate(entries) if candidates[n] is not entry.candidates}
            if least == cache.meta("least")
            else set(range(len(paths)))
        )
        kept = {number: candidates[number] for number in (changes.all | ranked_again) - stale}
        todo = sorted(stale.union(kept))
        done = 0
        for part in pool.run(
            comparison.best_batch,
            (index, kept),
            todo,
            jobs=jobs if len(todo) >= _PARALLEL_FROM else 1,
        ):
            for number, packed, ranked in part:
                candidates[number], best[number] = packed, ranked
            done += len(part)
            progress(done, len(todo))
        cache.set_meta("least", least)
        cache.set_meta("classes", classes.tobytes().hex())
        cache.write("DELETE FROM neighbours WHERE id=?", [(number,) for number in remembered])
        _remember(cache, ids, entries, list(map(_Entry, digests, candidates, best)))
        cache.commit()
    return Neighbours(dict(zip(paths, best)), path_of)


def index_of(articles: dict[str, Article], cache: Cache) -> tuple["Index", list[str]]:
    """The index behind the neighbours, and the paths of its articles in order."""
    from portalgen.related.similarity import build_index

    paths, ids = _in_order(articles, cache)
    dates = [articles[path].date for path in paths]
    terms = _terms(articles, paths, cache, 1, pool.silent)
    return build_index(ids, dates, *terms, array("I"))[0], paths


def _in_order(articles: dict[str, Article], cache: Cache) -> tuple[list[str], list[int]]:
    """The paths of articles, sorted, and their ids."""
    id_of = {path: number for number, path in cache.query("SELECT id, path FROM articles")}
    paths = sorted(articles)
    return paths, [id_of[path] for path in paths]


def _terms(
    articles: dict[str, Article], paths: list[str], cache: Cache, jobs: int,
    progress: pool.Progress,
) -> tuple[list[bytes], list[bytes]]:  # fmt: skip
    """The terms and the sketches of articles, extracted where an article changed."""
    rows: dict[str, tuple[str, bytes, bytes]] = {
        row[0]: row[1:] for row in cache.query("SELECT * FROM terms")
    }
    removed = [(path,) for path in rows.keys() - articles.keys()]
    cache.write("DELETE FROM terms WHERE path=?", removed)
    empty = ("", b"", b"")
    changed = [path for path in paths if rows.get(path, empty)[0] != articles[path].digest]
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
    if any(
        type(data) is not bytes or len(data) % size
        for size, column in ((_TERM_BYTES, vectors), (4, sketches))
        for data in column
    ):
        raise CacheDamagedError("terms damaged")
    return vectors, sketches


def _extract_batch(
    shared: tuple[list[Article], str], batch: Sequence[int]
) -> list[tuple[str, str, bytes, bytes]]:
    """Rows for the table of terms."""
    from portalgen.related.terms import Text, extract  # imports numpy: only if needed

    articles, address = shared
    with closing(Bodies(address)) as bodies:
        texts = [
            Text(a.title, a.lead, a.tags, plain_text(bodies(a.path)))
            for a in (articles[number] for number in batch)
        ]
    return [
        (articles[number].path, articles[number].digest, *extracted)
        for number, extracted in zip(batch, extract(texts), strict=True)
    ]


def _remember(cache: Cache, ids: list[int], old: list[_Entry], new: list[_Entry]) -> None:
    rows = [
        (number, entry.digest, entry.candidates.tobytes(), entry.best.tobytes())
        for number, old_entry, entry in zip(ids, old, new)
        if old_entry != entry
    ]
    cache.write("INSERT OR REPLACE INTO neighbours VALUES (?, ?, ?, ?)", rows)


def _recall(cache: Cache) -> dict[int, _Entry]:
    try:
        entries = {
            number: _Entry(digest, array("q", candidates), array("q", best))
            for number, digest, candidates, best in cache.query("SELECT * FROM neighbours")
        }
    except (ValueError, TypeError) as error:
        raise CacheDamagedError(str(error)) from error
    if any(len(entry.candidates) % 2 for entry in entries.values()):
        raise CacheDamagedError("half a candidate")
    return entries


def _recall_classes(cache: Cache) -> "array[int]":
    try:
        return array("I", bytes.fromhex(cache.meta("classes")))
    except ValueError as error:
        raise CacheDamagedError(str(error)) from error
