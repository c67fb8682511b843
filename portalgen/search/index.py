"""Plan a site's search index, and build or update its files."""

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
_UPDATE_RATIO = 8  # a tier with more than one changed article in eight is rebuilt

State = dict[str, tuple[int, str]]  # path → number and digest of an article
_decode = json.Decoder(tuple[Layout, State]).decode
ReadFile = Callable[[str], bytes]  # a published file by name; raises `IndexDamagedError`
ReadRecord = Callable[[str], "Record"]  # an article by path


class IndexDamagedError(Exception):
    """A published file of the index was altered."""


class Entry(NamedTuple):
    """An article of an index; `digest` is of all that is indexed, `day` an ISO date.

    Entries are numbered in their order.
    """

    day: str
    date: int
    path: str
    digest: str


class SearchIndex(Struct, frozen=True):
    """The plan of a site's index; `facets` is the content of `index.json`."""

    site: str
    layout: Layout
    articles: State
    facets: bytes
    key: str


def key_name(site: str) -> str:
    """The name of an index among the keys of sites."""
    return f"{site}/{SEARCH_FOLDER}"


def is_index(route: str) -> bool:
    """Whether a file belongs to a search index."""
    return route.startswith(f"{SEARCH_FOLDER}/")


def plan_index(
    site: str, entries: Iterable[Entry], sites: list[tuple[str, str]],
    sections: list[tuple[str, str]],
) -> SearchIndex:  # fmt: skip
    """Plan the index of these entries; `sites` and `sections` are filters of results."""
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
    """Layout and state of the indexes published with these keys, by site."""
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
    """Store layout and state of indexes for `recall_indexes`."""
    rows = [
        (index.site, index.key, json.encode((index.layout, index.articles))) for index in indexes
    ]
    cache.write("INSERT OR REPLACE INTO search VALUES (?, ?, ?)", rows)


def planned_files(index: SearchIndex) -> set[str]:
    """Names of all files of an index."""
    numbers = [number for number, _ in index.articles.values()]
    return {INDEX, *file_names(index.layout, numbers)}


def changed_files(
    index: SearchIndex, published: tuple[Layout, State] | None, read: ReadFile, record: ReadRecord
) -> Iterator[tuple[str, bytes]]:
    """Yield files that differ from the published ones, and possibly others."""
    old_layout, state = published or (Layout(), {})
    updated = None
    if state and replace(old_layout, tiers=()) == replace(index.layout, tiers=()):
        with suppress(IndexDamagedError, LookupError, OSError, ValueError, TypeError):
            updated = list(_update(index, old_layout, state, read, record))
    yield from _build(index, record) if updated is None else updated
    yield INDEX, index.facets


def _build(index: SearchIndex, record: ReadRecord) -> Iterator[tuple[str, bytes]]:
    from portalgen.search.writer import build

    records = ((number, record(path)) for path, (number, _) in index.articles.items())
    return build(index.layout, records)


def _update(
    index: SearchIndex, old_layout: Layout, state: State, read: ReadFile, record: ReadRecord
) -> Iterator[tuple[str, bytes]]:
    from portalgen.search import records, update, writer

    layout = index.layout
    old, new = _by_number(state), _by_number(index.articles)
    removed = {n for n, article in old.items() if new.get(n) != article}
    added = {n: record(article[0]) for n, article in new.items() if old.get(n) != article}

    @lru_cache(None)
    def published(block: int) -> "dict[int, Record]":
        return records.read_block(read, block)

    for tier, (old_tier, new_tier) in enumerate(zip(_tiers(old_layout, old), _tiers(layout, new))):
        leaving = {n for n in old_tier if n not in new_tier or n in removed}
        entering = {n for n in new_tier if n not in old_tier or n in added}
        if not leaving and not entering:
            continue
        same_files = old_layout.tiers[tier][1] == layout.tiers[tier][1]
        if same_files and len(leaving | entering) * _UPDATE_RATIO <= len(new_tier):
            old_records = {n: published(n // layout.block)[n] for n in leaving}
            new_records = {n: added[n] if n in added else record(new_tier[n][0]) for n in entering}
            yield from update.update_tier(layout, tier, read, old_records, new_records)
        else:
            numbered = ((n, record(path)) for n, (path, _) in new_tier.items())
            yield from writer.build_tier(layout, tier, numbered)
    yield from update.update_blocks(layout, published, removed, added)


def _by_number(state: State) -> dict[int, tuple[str, str]]:
    return dict(sorted((number, (path, digest)) for path, (number, digest) in state.items()))


def _tiers(
    layout: Layout, articles: dict[int, tuple[str, str]]
) -> Iterator[dict[int, tuple[str, str]]]:
    items = iter(articles.items())
    for size, _ in layout.tiers:
        yield dict(islice(items, size))
