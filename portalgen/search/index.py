"""A site's search index: which articles it holds, and the files that differ from those published.

An index is made anew, or brought up to date from what is published of it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import date
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct, json
from msgspec.structs import replace

from portalgen.changes.cache import Cache, CacheDamagedError
from portalgen.changes.program import program_digest
from portalgen.digests import digest_of
from portalgen.search.layout import Layout, file_names, index_file, lay_out
from portalgen.settings.routes import SEARCH_FOLDER

if TYPE_CHECKING:
    from portalgen.search.records import Record

INDEX = "index.json"
_MOST_CHANGES = 8  # where more than one article in so many changes, all of a tier are indexed

State = dict[str, tuple[int, str]]  # path → number, digest of all that the index holds of it
_decode = json.Decoder(tuple[Layout, State]).decode
ReadFile = Callable[[str], bytes]  # a published file by name; raises `IndexDamagedError`
ReadRecord = Callable[[str], "Record"]  # an article by path


class IndexDamagedError(Exception):
    """A published file is not what was written."""


class Entry(NamedTuple):
    """An article to be found: its day (ISO), its moment, and the digest of all that is kept of it.

    The order of entries is that of their numbers.
    """

    day: str
    date: int
    path: str
    digest: str


class SearchIndex(Struct, frozen=True):
    """What a site's index is to hold; `key` is the digest of all of it, `facets` `index.json`."""

    site: str
    layout: Layout
    articles: State
    facets: bytes
    key: str


def key_name(site: str) -> str:
    """Under which the key of a site's index is remembered."""
    return f"{site}/{SEARCH_FOLDER}"


def is_index(route: str) -> bool:
    """Whether a file belongs to a search index."""
    return route.startswith(f"{SEARCH_FOLDER}/")


def plan_index(
    site: str, entries: Iterable[Entry], sites: list[tuple[str, str]],
    sections: list[tuple[str, str]],
) -> SearchIndex:  # fmt: skip
    """The index of these entries; results can be narrowed to `sites` and `sections`."""
    ordered = sorted(entries)
    layout, numbers = lay_out([_ordinal(entry.day) for entry in ordered])
    state = {entry.path: (number, entry.digest) for number, entry in zip(numbers, ordered)}
    facets = index_file(layout, sites, sections)
    key = digest_of((program_digest(), facets, state))
    return SearchIndex(site, layout, state, facets, key)


@lru_cache(20_000)
def _ordinal(day: str) -> int:
    return date.fromisoformat(day).toordinal()


def recall_indexes(cache: Cache, keys: Mapping[str, str]) -> dict[str, tuple[Layout, State]]:
    """What was remembered of the indexes published under these keys, by site."""
    remembered = {}
    for site, key in keys.items():
        rows = cache.query("SELECT state FROM search WHERE site=? AND key=?", (site, key))
        if rows:
            try:
                remembered[site] = _decode(rows[0][0])
            except (ValueError, TypeError) as error:
                raise CacheDamagedError(str(error)) from error
    return remembered


def remember_indexes(cache: Cache, indexes: Iterable[SearchIndex]) -> None:
    """Keep what the indexes hold, for `recall_indexes`."""
    rows = [
        (index.site, index.key, json.encode((index.layout, index.articles))) for index in indexes
    ]
    cache.write("INSERT OR REPLACE INTO search VALUES (?, ?, ?)", rows)


def wanted_files(index: SearchIndex) -> set[str]:
    """The names of all files of an index."""
    numbers = [number for number, _ in index.articles.values()]
    return {INDEX, *file_names(index.layout, numbers)}


def changed_files(
    index: SearchIndex, before: tuple[Layout, State] | None, read: ReadFile, record: ReadRecord
) -> Iterator[tuple[str, bytes]]:
    """The files that differ from those published with `before`, and perhaps more of them."""
    shape, state = before or (Layout(), {})
    edited = None
    if state and replace(shape, tiers=()) == replace(index.layout, tiers=()):
        with suppress(IndexDamagedError, LookupError, OSError, ValueError, TypeError):
            edited = list(_edited(index, shape, state, read, record))
    yield from _anew(index, record) if edited is None else edited
    yield INDEX, index.facets


def _anew(index: SearchIndex, record: ReadRecord) -> Iterator[tuple[str, bytes]]:
    from portalgen.search.writer import build

    records = ((number, record(path)) for path, (number, _) in index.articles.items())
    return build(index.layout, records)


def _edited(
    index: SearchIndex, shape: Layout, state: State, read: ReadFile, record: ReadRecord
) -> Iterator[tuple[str, bytes]]:
    """The files that differ from those published with `shape` and `state`, and perhaps more."""
    from portalgen.search import records, update, writer

    layout = index.layout
    before, after = _by_number(state), _by_number(index.articles)
    gone = {n for n, old in before.items() if after.get(n) != old}
    come = {n: record(new[0]) for n, new in after.items() if before.get(n) != new}

    @lru_cache(None)
    def published(block: int) -> "dict[int, Record]":
        return records.read_block(read, block)

    for tier, (were, are) in enumerate(zip(_tiers(shape, before), _tiers(layout, after))):
        lost = {n for n in were if n not in are or n in gone}
        new = {n for n in are if n not in were or n in come}
        if not lost and not new:
            continue
        files_stay = shape.tiers[tier][1] == layout.tiers[tier][1]
        if files_stay and len(lost | new) * _MOST_CHANGES <= len(are):
            old_records = {n: published(n // layout.block)[n] for n in lost}
            new_records = {n: come[n] if n in come else record(are[n][0]) for n in new}
            yield from update.update_tier(layout, tier, read, old_records, new_records)
        else:
            numbered = ((n, record(path)) for n, (path, _) in are.items())
            yield from writer.build_tier(layout, tier, numbered)
    yield from update.update_blocks(layout, published, gone, come)


def _by_number(state: State) -> dict[int, tuple[str, str]]:
    return dict(sorted((number, (path, digest)) for path, (number, digest) in state.items()))


def _tiers(
    layout: Layout, articles: dict[int, tuple[str, str]]
) -> Iterator[dict[int, tuple[str, str]]]:
    rest = iter(articles.items())
    for size, _ in layout.tiers:
        yield dict(islice(rest, size))
