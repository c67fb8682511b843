"""Files of a site besides its pages: feeds, sitemaps, robots.txt, copied files."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

from portalgen import sources
from portalgen.changes.snapshot import RACY_NANOSECONDS
from portalgen.content.model import Article
from portalgen.content.site_index import SiteIndex
from portalgen.digests import digest_bytes
from portalgen.pages import contexts as c
from portalgen.pages.cards import Cards
from portalgen.pages.page import Page, file_page
from portalgen.settings import routes
from portalgen.settings.site import Site
from portalgen.themes.theming import Theming

NEWS_SECONDS = 48 * 3600
NEWS_LIMIT = 1000
# Limits of the protocol: sitemaps.org/protocol.html.
SITEMAP_URLS = 50_000
SITEMAP_BYTES = 50_000_000


def feed(
    cards: Cards, site: Site, kind: str, route: str, articles: list[Article], title: str
) -> Page:
    """An RSS or JSON feed of these articles, newest first."""
    items = articles[: site.feeds.limit]
    full = site.feeds.full_text
    context = c.FeedContext(
        kind, title if title == site.title else f"{title} - {site.title}", site.description,
        site.base_url, routes.url(site, route), site.language, full,
        tuple(_feed_item(cards, site, a, full) for a in items),
    )  # fmt: skip
    return file_page(site, route, context)


def _feed_item(cards: Cards, site: Site, a: Article, full: bool) -> c.FeedItem:
    body, links = (a.body_digest, cards.links(a, site, absolute=True)) if full else ("", ())
    return c.FeedItem(
        cards.library.feed_ids.get(a.path, a.identity), a.path, cards.url(a), a.title, a.summary,
        a.author, a.tags, a.date, a.date_iso, a.updated_iso, body, links,
    )  # fmt: skip


def sitemaps(cards: Cards, index: SiteIndex, pages: list[Page]) -> Iterator[Page]:
    """The sitemap of these pages in parts, its index, and the news sitemap."""
    site = index.site
    changed = {
        cards.library.routes[a.path]: a.updated_iso or a.date_iso
        for a in [*index.own, *index.pages]
    }
    entries = [
        (routes.url(site, page.route), changed.get(page.route, ""))
        for page in pages
        if page.template and page.context.head.index
    ]
    parts: list[list[tuple[str, str]]] = [[]]
    size = 0
    for entry in entries:
        entry_size = len(entry[0]) * 5 + 120  # the most after escaping
        size += entry_size
        if len(parts[-1]) == SITEMAP_URLS or size > SITEMAP_BYTES:
            parts.append([])
            size = entry_size
        parts[-1].append(entry)
    names = [f"sitemap-{number}.xml" for number in range(1, len(parts) + 1)]
    for name, part in zip(names, parts):
        yield file_page(site, name, c.SitemapContext("urls", tuple(part)))
    index_entries = tuple(
        (routes.url(site, name), max(lastmod for _, lastmod in part))
        for name, part in zip(names, parts)
    )
    since = cards.now - NEWS_SECONDS
    news = [a for a in index.own if a.date >= since][:NEWS_LIMIT]
    recent = c.SitemapContext(
        "news",
        (),
        tuple(_feed_item(cards, site, a, False) for a in news),
        site.title,
        site.language,
    )
    yield file_page(site, routes.NEWS_SITEMAP, recent)
    yield file_page(site, routes.SITEMAP, c.SitemapContext("index", index_entries))


def robots(site: Site) -> Page:
    """robots.txt, which allows everything."""
    maps = (routes.url(site, name) for name in (routes.SITEMAP, routes.NEWS_SITEMAP))
    text = "User-agent: *\nAllow: /\n\n" + "".join(f"Sitemap: {url}\n" for url in maps)
    return file_page(site, routes.ROBOTS, c.TextContext(text))


def files(cards: Cards, index: SiteIndex, theming: Theming, media: set[str]) -> Iterator[Page]:
    """Theme assets, the site's static files, and the pictures of its pages."""
    site = index.site
    folder = cards.network.folder(site) / "static"
    for name, data in sorted(theming.assets.files.items()):
        yield Page(site.slug, name, "", c.BytesContext(data, name), name)
    for route in index.static:
        source = folder / route
        context = c.FileContext(str(source), file_state(source))
        yield file_page(site, route, context)
    for route, source_path in index.kept_files.items():
        yield file_page(site, route, c.FileContext(source_path, file_state(Path(source_path))))
    store = cards.network.state / "media"
    for name in sorted(media):
        yield Page(site.slug, f"media/{name}", "", c.FileContext(str(store / name), name), name)


def file_state(source: Path) -> str:
    """Size and times of a file; also its digest if changes might not show in its times."""
    stat = os.stat(source)
    newest = max(stat.st_mtime_ns, stat.st_ctime_ns)
    state = f"{stat.st_size}.{stat.st_mtime_ns}.{stat.st_ctime_ns}.{stat.st_ino}"
    if time.time_ns() - newest < RACY_NANOSECONDS:
        state += digest_bytes(sources.read_bytes(source, sources.MAX_FILE_BYTES))
    return state
