"""After a network is classified: record where everything stands now, and what was taken away."""

from collections.abc import Collection, Iterator
from typing import NamedTuple

from msgspec.structs import replace

from portalgen.content.claims import file_path, has_own_id
from portalgen.content.classify import Library
from portalgen.content.lists import TAG, TOPIC
from portalgen.content.model import Article
from portalgen.content.site_index import Listing, SiteIndex
from portalgen.register.entries import (
    ARTICLE,
    FEED,
    FILE,
    LIST,
    SECTION,
    Entry,
    new_id,
    taken_away,
)
from portalgen.register.good import to_bytes
from portalgen.register.keep import Keeper
from portalgen.register.renames import body_digest, title_digest
from portalgen.settings import routes


class _Standing(NamedTuple):
    """Something that stands at a route now, and routes that lead to it."""

    kind: str
    source: str
    at: str
    older: int = 0
    article: Article | None = None
    aliases: tuple[str, ...] = ()


def advance(keeper: Keeper, library: Library, slugs: Collection[str], now: int) -> None:
    """Bring the register of these sites up to date, with the good versions that are new."""
    for slug in slugs:
        index = library.sites[slug]
        site = keeper.register.site(slug)
        entries, sources = site.entries, keeper.sources(slug)
        # What is known of a release of version 1: an address, and no source.
        unnamed = {e.at.casefold(): e for e in entries.values() if not e.source}
        standing = set()
        for item in _standing(index, library):
            standing.add(item.source)
            entry = sources.get(item.source)
            if entry is None and item.at.casefold() in unnamed:
                entry = unnamed.pop(item.at.casefold())
                entry = replace(entry, kind=item.kind, source=item.source)
            if entry is None or not _is_same(entry, item, keeper):
                entry = _recorded(keeper, slug, index, entry, item, now)
                entries[entry.id] = entry
        for name, entry in entries.items():
            if not entry.gone and entry.source not in standing:
                entries[name] = taken_away(entry, now)
        keeper.changed(slug)


def _standing(index: SiteIndex, library: Library) -> Iterator[_Standing]:
    """Everything of a site that has an address of its own."""
    aliases: dict[str, list[str]] = {}
    for route, article in index.aliases.items():
        aliases.setdefault(article.path, []).append(route)
    for article in (*index.own, *index.pages):
        path = article.path
        own = tuple(sorted(aliases.get(path, ())))
        yield _Standing(ARTICLE, path, library.routes[path], 0, article, own)
        for file in article.files:
            if file.name:
                yield _Standing(FILE, file.path, f"media/{file.name}")
    for route in (*index.static, *index.kept_files):
        source = file_path(index.site, route)
        if index.taken.get(route.casefold()) == source:  # of two that differ by case, the first
            yield _Standing(FILE, source, route)
    for section in index.sections.values():
        yield _list(SECTION + section.slug, section, routes.section(section.slug))
        yield _Standing(LIST, FEED + section.slug, routes.section_feed(section.slug))
    for tag in index.tags.values():
        yield _list(TAG + index.tag_keys[tag.slug], tag, routes.tag(tag.slug))
    for topic in index.topics.values():
        yield _list(TOPIC + index.topic_keys[topic.slug], topic, routes.topic(topic.slug))


def _list(source: str, listing: Listing, route: str) -> _Standing:
    older = listing.closed + 1 if listing.closed else 0
    return _Standing(LIST, source, route, older)


def _is_same(entry: Entry, item: _Standing, keeper: Keeper) -> bool:
    """Whether an entry says already what stands."""
    if entry.gone or entry.at != item.at or entry.older < item.older:
        return False
    if entry.aliases != item.aliases:
        return False
    article = item.article
    return not article or article.path in keeper.kept or _is_good(entry, article)


def _is_good(entry: Entry, article: Article) -> bool:
    """Whether the good version of an entry is the article, and its digests are of this key."""
    return entry.good == article.digest and bool(entry.title)


def _recorded(
    keeper: Keeper, slug: str, index: SiteIndex, entry: Entry | None, item: _Standing, now: int
) -> Entry:
    """The entry of what stands."""
    entries = keeper.register.site(slug).entries
    if entry is None:
        name = new_id(entries, item.source)
        reused = item.article and name != new_id({}, item.source)  # an earlier one has its names
        feed = f"{slug}/{item.article.name}#{name}" if item.article and reused else ""
        entry = Entry(id=name, kind=item.kind, source=item.source, feed=feed)
    if entry.at != item.at or entry.gone or not entry.since:
        paths = dict.fromkeys((*entry.paths, entry.at))
        for route in ("", item.at):
            paths.pop(route, None)
        entry = replace(entry, at=item.at, paths=tuple(paths), since=now, gone=0, to="")
    paths = dict.fromkeys((*entry.paths, *item.aliases))
    paths.pop(item.at, None)
    entry = replace(
        entry, paths=tuple(paths), aliases=item.aliases, older=max(entry.older, item.older)
    )
    article = item.article
    if not article or article.path in keeper.kept or _is_good(entry, article):
        return entry
    keeper.register.goods.setdefault(slug, {})[entry.id] = to_bytes(
        article, keeper.body(article), _section_title(index, article)
    )
    published = entry.published if entry.good == article.digest else now
    return replace(
        entry, good=article.digest, published=published, files=article.files,
        identity=article.identity if has_own_id(article) else "",
        title=title_digest(keeper.register, article), body=body_digest(keeper.register, article),
    )  # fmt: skip


def _section_title(index: SiteIndex, article: Article) -> str:
    return index.sections[article.section].title if article.section else ""
