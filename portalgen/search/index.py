"""Each site's search index: made anew, or brought up to date from what is published of it."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, suppress
from datetime import date
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct, field, json
from msgspec.structs import replace

from portalgen import __version__
from portalgen.changes.cache import Cache, CacheDamagedError
from portalgen.changes.manifest import SiteFiles
from portalgen.digests import digest_bytes, digest_of
from portalgen.output.publish import Change
from portalgen.pages.bodies import Bodies
from portalgen.pages.cards import Lookup
from portalgen.pages.render import write_file
from portalgen.search.layout import Layout, file_names, index_file, lay_out
from portalgen.settings.network import Site
from portalgen.settings.routes import SEARCH_FOLDER

if TYPE_CHECKING:
    from portalgen.search import records as search

INDEX = "index.json"
_MOST_CHANGES = 8  # where more than one article in so many changes, all of a tier are indexed

State = dict[str, tuple[int, str]]  # path → number, digest of all that the index holds of it
_decode = json.Decoder(tuple[Layout, State]).decode
_ReadRecord = Callable[[str], "search.Record"]


class SearchIndex(Struct, frozen=True):
    """What a site's index is to hold; `key` is the digest of all of it, `facets` `index.json`."""

    site: str
    layout: Layout
    articles: State
    facets: bytes
    key: str


class Made(Struct):
    """What became of a part of a site: files staged, and published ones that must go."""

    site: str
    changes: list[Change] = field(default_factory=list)
    removed: list[tuple[str, str]] = field(default_factory=list)


class IndexWork(Struct):
    """What indexes are made with; `known` is what was remembered of those that are published."""

    lookup: Lookup
    indexes: dict[str, SearchIndex]
    known: dict[str, tuple[Layout, State]]
    files: dict[str, SiteFiles]
    bodies: str
    output: Path
    stage: Path


def key_name(site: str) -> str:
    """Under which the key of a site's index is remembered."""
    return f"{site}/{SEARCH_FOLDER}"


def is_index(route: str) -> bool:
    """Whether a file belongs to a search index."""
    return route.startswith(f"{SEARCH_FOLDER}/")


def plan_index(lookup: Lookup, site: Site) -> SearchIndex:
    """What search covers: the site's own articles, on the main portal those of the network."""
    network = lookup.network
    everyone = site is network.main
    own = lookup.articles.values() if everyone else lookup.library.sites[site.slug].own
    dated = sorted((a.date_iso[:10], a.date, a.path) for a in own if not a.is_page)
    layout, numbers = lay_out([_day(day) for day, _, _ in dated])
    articles, shown = lookup.articles, lookup.shown
    named = {s.slug: digest_of((s.short_title, s.base_url)) for s in network.sites}
    state = {
        path: (number, articles[path].digest + shown[path] + named[articles[path].site])
        for number, (_, _, path) in zip(numbers, dated)
    }
    used = {(articles[path].site, articles[path].section) for path in state}
    with_articles = {slug for slug, _ in used}
    sites = [(s.slug, s.short_title) for s in network.sites if s.slug in with_articles]
    sections = {
        section: lookup.section_titles[slug, section]
        for slug, section in sorted(used, key=lambda pair: (pair[0] == site.slug, pair))
    }
    facets = index_file(layout, sites, sorted(sections.items()))
    key = digest_of((__version__, facets, state))
    return SearchIndex(site.slug, layout, state, facets, key)


@lru_cache(20_000)
def _day(iso: str) -> int:
    return date.fromisoformat(iso).toordinal()


def recall_indexes(cache: Cache, keys: Mapping[str, str]) -> dict[str, tuple[Layout, State]]:
    """What was remembered of the indexes published under these keys, by site."""
    found = {}
    for site, key in keys.items():
        rows = cache.query("SELECT state FROM search WHERE site=? AND key=?", (site, key))
        if rows:
            try:
                found[site] = _decode(rows[0][0])
            except (ValueError, TypeError) as error:
                raise CacheDamagedError(str(error)) from error
    return found


def remember_indexes(cache: Cache, indexes: Iterable[SearchIndex]) -> None:
    """Keep what the indexes hold, for `recall_indexes`."""
    rows = [
        (index.site, index.key, json.encode((index.layout, index.articles))) for index in indexes
    ]
    cache.write("INSERT OR REPLACE INTO search VALUES (?, ?, ?)", rows)


def make_index(work: IndexWork, site: str) -> Made:
    """Bring the index of a site up to date; its new files are staged."""
    with closing(Bodies(work.bodies)) as bodies:
        return _make_index(work, site, bodies)


def _make_index(work: IndexWork, site: str, bodies: Bodies) -> Made:
    index = work.indexes[site]
    files = work.files[site]
    published = {
        route.partition("/")[2]: old for route, old in files.known.items() if is_index(route)
    }
    made = Made(site)

    def put(name: str, data: bytes) -> None:
        digest = digest_bytes(data)
        old, route = published.get(name), f"{SEARCH_FOLDER}/{name}"
        if old is None or old.digest != digest or route in files.lost:
            staged = f"{index.site}-{name}"
            write_file(f"{work.stage}/{staged}", data)
            made.changes.append(Change(staged, index.site, route, digest, digest, len(data)))

    def read(name: str) -> bytes:
        data = (work.output / index.site / SEARCH_FOLDER / name).read_bytes()
        if name not in published or digest_bytes(data) != published[name].digest:
            raise _DamagedError
        return data

    def record(path: str) -> "search.Record":
        return _record(work.lookup, index.site, path, bodies.words(path))

    edited = None
    shape, state = work.known.get(site, (Layout(), {}))
    if state and replace(shape, tiers=()) == replace(index.layout, tiers=()):
        with suppress(_DamagedError, LookupError, OSError, ValueError, TypeError):
            edited = list(_edited(index, shape, state, read, record))
    for name, data in _anew(index, record) if edited is None else edited:
        put(name, data)
    put(INDEX, index.facets)
    wanted = {INDEX, *file_names(index.layout, [number for number, _ in index.articles.values()])}
    made.removed = [(site, f"{SEARCH_FOLDER}/{name}") for name in published.keys() - wanted]
    return made


def _anew(index: SearchIndex, record: _ReadRecord) -> Iterator[tuple[str, bytes]]:
    from portalgen.search import records as search

    records = ((number, record(path)) for path, (number, _) in index.articles.items())
    return search.build(index.layout, records)


def _edited(
    index: SearchIndex, shape: Layout, state: State, read: Callable[[str], bytes],
    record: _ReadRecord,
) -> Iterator[tuple[str, bytes]]:  # fmt: skip
    """The files that differ from those published with `shape` and `state`, and perhaps more."""
    from portalgen.search import records as search

    layout = index.layout
    before, after = _by_number(state), _by_number(index.articles)
    gone = {n for n, old in before.items() if after.get(n) != old}
    come = {n: record(new[0]) for n, new in after.items() if before.get(n) != new}

    @lru_cache(None)
    def published(block: int) -> dict[int, search.Record]:
        return search.read_block(read, block)

    for tier, (were, are) in enumerate(zip(_tiers(shape, before), _tiers(layout, after))):
        lost = {n for n in were if n not in are or n in gone}
        new = {n for n in are if n not in were or n in come}
        if not lost and not new:
            continue
        files_stay = shape.tiers[tier][1] == layout.tiers[tier][1]
        if files_stay and len(lost | new) * _MOST_CHANGES <= len(are):
            old_records = {n: published(n // layout.block)[n] for n in lost}
            new_records = {n: come[n] if n in come else record(are[n][0]) for n in new}
            yield from search.update_tier(layout, tier, read, old_records, new_records)
        else:
            records = ((n, record(path)) for n, (path, _) in are.items())
            yield from search.build_tier(layout, tier, records)
    yield from search.update_blocks(layout, published, gone, come)


def _by_number(state: State) -> dict[int, tuple[str, str]]:
    return dict(sorted((number, (path, digest)) for path, (number, digest) in state.items()))


def _tiers(
    layout: Layout, articles: dict[int, tuple[str, str]]
) -> Iterator[dict[int, tuple[str, str]]]:
    rest = iter(articles.items())
    for size, _ in layout.tiers:
        yield dict(islice(rest, size))


class _DamagedError(Exception):
    """A published file is not what was written."""


def _record(lookup: Lookup, on: str, path: str, words: str) -> "search.Record":
    from portalgen.search import records as search

    article = lookup.articles[path]
    card = lookup.card(article, lookup.sites[on])
    return search.Record(
        article.title, card.href, article.date_text, card.member, article.site, article.section,
        article.tags, words[: search.MAX_TEXT],
    )  # fmt: skip
