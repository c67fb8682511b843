"""Each site's search index: made anew, or brought up to date from what is published of it."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING

from portalgen import __version__
from portalgen.cache import Cache
from portalgen.digests import digest_bytes, digest_parts
from portalgen.output.folder import SiteFiles
from portalgen.output.publish import Change
from portalgen.pages.bodies import Bodies
from portalgen.pages.lookup import Lookup
from portalgen.relations.search_layout import Layout, index_file, lay_out
from portalgen.settings.network import Site
from portalgen.settings.routes import SEARCH_FOLDER

if TYPE_CHECKING:
    from portalgen.relations import search

INDEX = "index.json"
_MOST_CHANGES = 8  # where more than one article in so many changes, all are indexed anew
_INLINE = re.compile(
    r"</?(?:a|abbr|b|cite|code|del|em|i|ins|kbd|mark|q|s|small|strong|sub|sup|u)\b[^>]*>"
)
_TAG = re.compile(r"<[^>]*>")

State = dict[str, tuple[int, str]]  # path → number, digest of all that the index holds of it


@dataclass(frozen=True, slots=True)
class SearchIndex:
    """What a site's index is to hold; `key` is the digest of all of it, `facets` `index.json`."""

    site: str
    layout: Layout
    articles: State
    facets: bytes
    key: str


@dataclass(slots=True)
class Made:
    """What became of a part of a site: files staged, and published ones that must go."""

    site: str
    changes: list[Change] = field(default_factory=list)
    removed: list[tuple[str, str]] = field(default_factory=list)


@dataclass(slots=True)
class IndexWork:
    """What indexes are made with; `known` is what was remembered of those that are published."""

    lookup: Lookup
    indexes: dict[str, SearchIndex]
    known: dict[str, tuple[Layout, State]]
    files: dict[str, SiteFiles]
    cache_file: Path
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
    state = {
        path: (number, articles[path].digest + shown[path])
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
    parts = [__version__, facets.decode(), *(f"{s.slug} {s.base_url}" for s in network.sites)]
    for path, (number, digest) in state.items():
        parts += (path, str(number), digest)
    return SearchIndex(site.slug, layout, state, facets, digest_parts(parts))


@lru_cache(20_000)
def _day(iso: str) -> int:
    return date.fromisoformat(iso).toordinal()


def recall_indexes(cache: Cache, keys: Mapping[str, str]) -> dict[str, tuple[Layout, State]]:
    """What was remembered of the indexes published under these keys, by site."""
    found = {}
    for site, key in keys.items():
        rows = cache.query("SELECT state FROM search WHERE site=? AND key=?", (site, key))
        if rows:
            layout, state = json.loads(rows[0][0])
            found[site] = Layout(*layout), {path: (n, digest) for path, n, digest in state}
    return found


def remember_indexes(cache: Cache, indexes: Iterable[SearchIndex]) -> None:
    """Keep what the indexes hold, for `recall_indexes`."""
    rows = []
    for index in indexes:
        shape = index.layout
        layout = [shape.base, shape.day, shape.block, shape.shards, shape.docs]
        state = [[path, number, digest] for path, (number, digest) in index.articles.items()]
        rows.append((index.site, index.key, json.dumps([layout, state], ensure_ascii=False)))
    cache.write("INSERT OR REPLACE INTO search VALUES (?, ?, ?)", rows)


def _edits(work: IndexWork, index: SearchIndex) -> tuple[dict[int, str], dict[int, str], bool]:
    """Articles that go and come, by number; and whether the rest can stay as it is."""
    new = index.articles
    layout, old = work.known.get(index.site, (None, {}))
    gone = {n: path for path, (n, digest) in old.items() if new.get(path) != (n, digest)}
    come = {n: path for path, (n, digest) in new.items() if old.get(path) != (n, digest)}
    stays = layout is not None and replace(layout, docs=index.layout.docs) == index.layout
    if not stays or len(come) * _MOST_CHANGES > len(new):
        return {}, {n: path for path, (n, _) in new.items()}, False
    return gone, come, True


def make_index(work: IndexWork, site: str) -> Made:
    """Bring the index of a site up to date; its new files are staged."""
    from portalgen.relations import search

    index = work.indexes[site]
    files = work.files[site]
    published = {
        route.partition("/")[2]: old for route, old in files.known.items() if is_index(route)
    }
    bodies = Bodies(work.cache_file)
    made = Made(site)

    def put(name: str, data: bytes | None) -> None:
        if data is None:
            made.removed.append((index.site, f"{SEARCH_FOLDER}/{name}"))
            return
        digest = digest_bytes(data)
        old, route = published.get(name), f"{SEARCH_FOLDER}/{name}"
        if old is None or old.digest != digest or route in files.lost:
            staged = f"{index.site}-{name}"
            (work.stage / staged).write_bytes(data)
            made.changes.append(Change(staged, index.site, route, digest, digest, len(data)))

    def read(name: str) -> bytes:
        data = (work.output / index.site / SEARCH_FOLDER / name).read_bytes()
        if name not in published or digest_bytes(data) != published[name].digest:
            raise _DamagedError
        return data

    def record(path: str) -> search.Record:
        return _record(work.lookup, index.site, path, bodies(path))

    gone, come, stays = _edits(work, index)
    if stays:
        try:
            block = index.layout.block
            before = {n: search.read_block(read, n // block)[n] for n in gone}
            after = {n: record(path) for n, path in come.items()}
            edited = dict(search.update(index.layout, read, before, after))
        except (_DamagedError, LookupError, OSError, ValueError, TypeError):
            come = {n: path for path, (n, _) in index.articles.items()}
        else:
            for name, data in edited.items():
                put(name, data)
            put(INDEX, index.facets)
            return made
    names = {INDEX}
    for name, data in search.build(index.layout, ((n, record(path)) for n, path in come.items())):
        names.add(name)
        put(name, data)
    put(INDEX, index.facets)
    for name in published.keys() - names:
        put(name, None)
    return made


class _DamagedError(Exception):
    """A published file is not what was written."""


def _record(lookup: Lookup, on: str, path: str, body: str) -> "search.Record":
    from portalgen.relations import search

    article = lookup.articles[path]
    card = lookup.card(article, lookup.sites[on])
    words = _TAG.sub(" ", _INLINE.sub("", body))
    text = " ".join(f"{article.lead} {unescape(words)}".split())
    return search.Record(
        article.title, card.href, article.date_text, card.member, article.site, article.section,
        article.tags, text[: search.MAX_TEXT],
    )  # fmt: skip
