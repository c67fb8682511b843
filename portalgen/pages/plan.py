"""The plan: every page of every site with all it shows, decided before anything is rendered."""

import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from portalgen.articles.model import Article, Reference
from portalgen.digests import digest_parts
from portalgen.pages import contexts as c
from portalgen.problems import Problems, problem
from portalgen.relations.taxonomy import Library, Listing, SiteIndex
from portalgen.settings import routes
from portalgen.settings.network import MAIN, Link, Network, Site
from portalgen.text import fold, sort_key
from portalgen.themes.assets import Assets
from portalgen.themes.templates import Templates

PAGE_SIZE = 20
HOME_LATEST = 12
HOME_BLOCK = 5
NEWS_SECONDS = 48 * 3600
NEWS_LIMIT = 1000
# Limits of the protocol: sitemaps.org/protocol.html.
SITEMAP_URLS = 50_000
SITEMAP_BYTES = 50_000_000


@dataclass(frozen=True, slots=True)
class Page:
    """A file to be: its site, route, template (empty for machine formats), context and key."""

    site: str
    route: str
    template: str
    context: Any
    key: str


@dataclass(slots=True)
class Theming:
    """What a site's pages are rendered with."""

    templates: Templates
    assets: Assets
    strings: dict[str, str]
    _addresses: dict[str, str] | None = None

    @property
    def digest(self) -> str:
        """Of all that pages are rendered with."""
        named = (self.templates.digests, self.strings, self.assets.names)
        return digest_parts(
            [part for each in named for item in sorted(each.items()) for part in item]
        )

    def addresses(self, root: str) -> dict[str, str]:
        """The path of every asset on the site's host."""
        if self._addresses is None:
            self._addresses = {name: root + made for name, made in self.assets.names.items()}
        return self._addresses


class Planner:
    """Plans sites one after the other; cards and neighbours are made once for the network."""

    def __init__(
        self, network: Network, library: Library, neighbours: dict[str, list[str]], now: int
    ):
        self.network = network
        self.library = library
        self.neighbours = neighbours
        self.now = now
        self.articles = {a.path: a for a in library.by_name.values()}
        self.sites = {site.slug: site for site in network.sites}
        self.section_titles = {
            (site.slug, section.slug): section.title
            for site in network.sites
            for section in site.sections
        }
        self._by_address = {self.url(article): article for article in self.articles.values()}
        self._folded: dict[str, str] = {}
        self._local: dict[str, c.Card] = {}
        self._foreign: dict[str, c.Card] = {}

    def url(self, article: Article) -> str:
        """The one canonical address of an article."""
        return routes.url(self.sites[article.site], self.library.routes[article.path])

    def card(self, article: Article, site: Site) -> c.Card:
        """The article as shown on `site`."""
        own = article.site == site.slug
        cards = self._local if own else self._foreign
        found = cards.get(article.path)
        if found is None:
            owner = self.sites[article.site]
            route = self.library.routes[article.path]
            href = routes.path(owner, route) if own else routes.url(owner, route)
            section = self.section_titles.get((article.site, article.section), "")
            member = "" if own else owner.short_title
            stem = article.picture.stem + article.picture.alt if article.picture else ""
            shown = [article.title, href, article.summary, article.date_iso, section, member, stem]
            digest = digest_parts(shown)
            found = cards[article.path] = c.Card(
                article.title, href, article.summary, article.date_iso, article.date_text,
                section, member, article.picture, digest,
            )  # fmt: skip
        return found

    def folded(self, article: Article) -> str:
        """The title as compared with others."""
        found = self._folded.get(article.path)
        if found is None:
            found = self._folded[article.path] = fold(article.title)
        return found

    def next_silent_change(self) -> int:
        """When the first article leaves the news sitemap; 0 if none is on it."""
        leaving = [a.date + NEWS_SECONDS + 1 for a in self.articles.values()]
        return min((moment for moment in leaving if moment > self.now), default=0)

    def plan_site(self, index: SiteIndex, theming: Theming, problems: Problems) -> list[Page]:
        """Every page of one site; a file that would stand where another does is reported."""
        return _settle(_SitePlan(self, index, theming).pages(), index, problems)

    def find(self, ref: Reference) -> Article | None:
        """The published article a reference names."""
        if ref.target.startswith("portal:"):
            site, _, name = ref.target.removeprefix("portal:").partition("/")
            return self.library.by_name.get((site, name))
        return self._by_address.get(ref.target)

    def find_on(self, site: Site, ref: Reference) -> Article | None:
        """The published article a reference written on `site` names, also by its path."""
        if ref.target.startswith("/"):
            return self._by_address.get(site.base_url + ref.target.lstrip("/"))
        return self.find(ref)


def _settle(pages: list[Page], index: SiteIndex, problems: Problems) -> list[Page]:
    """Leave out what cannot stand beside the pages before it, on any file system."""
    given = {
        f"{route}": f"{index.site.folder}/static/{route}".lstrip("/") for route in index.static
    }
    given |= {route: article.path for route, article in index.aliases.items()}
    taken: set[str] = set()
    folders: set[str] = set()
    kept = []
    for page in sorted(pages, key=lambda page: page.route in given):
        route = page.route.casefold()
        above = []
        folder = route.rpartition("/")[0]
        while folder:
            above.append(folder)
            folder = folder.rpartition("/")[0]
        if route in taken or route in folders or not taken.isdisjoint(above):
            source = given.get(page.route, index.site.settings_path)
            found = problem("same-url", source, 0, 0, url=f"/{page.route}", other=index.site.slug)
            problems.add(found, index.site.slug)
            continue
        taken.add(route)
        folders.update(above)
        kept.append(page)
    return kept


class _SitePlan:
    def __init__(self, planner: Planner, index: SiteIndex, theming: Theming):
        self.planner = planner
        self.index = index
        self.site = index.site
        self.theming = theming
        self.view = _site_view(planner.network, index)
        self.media: set[str] = set()
        self.template_digests: dict[str, str] = {}
        self.home = (Link(theming.strings["home"], self.site.root_path),)
        self.positions = {
            article.path: (listing, at)
            for listing in self._own_sections()
            for at, article in enumerate(listing)
        }

    def _own_sections(self) -> Iterator[list[Article]]:
        by_section: dict[str, list[Article]] = {}
        for article in self.index.own:
            by_section.setdefault(article.section, []).append(article)
        yield from by_section.values()

    def pages(self) -> list[Page]:
        index, site = self.index, self.site
        pages = [self.home_page()]
        pages += [self.article(article) for article in index.own]
        pages += [self.plain_page(article) for article in index.pages]
        for section in index.sections.values():
            feed = (Link(section.title, routes.path(site, routes.section_feed(section.slug))),)
            pages += self.listing(section, routes.section(section.slug), "section.html", feed)
            pages.append(
                self.feed("rss", routes.section_feed(section.slug), section.articles, section.title)
            )
        for tag in index.tags.values():
            pages += self.listing(tag, routes.tag(tag.slug), "tag.html", ())
        for topic in index.topics.values():
            pages += self.listing(topic, routes.topic(topic.slug), "topic.html", ())
        pages += [self.search(), self.search_index(), self.site_map(), self.not_found()]
        if self.view.is_main and len(self.planner.network.sites) > 1:
            pages.append(self.members())
        pages += [self.redirect(route, article) for route, article in sorted(index.aliases.items())]
        pages.append(self.feed("rss", routes.RSS, index.listed, site.title))
        pages.append(self.feed("json", routes.JSON_FEED, index.listed, site.title))
        pages += self.sitemaps(pages)
        pages += [self.plain(routes.ROBOTS, c.TextContext(self._robots()))]
        pages += self.files()
        return pages

    # --- pages of templates

    def page(self, route: str, template: str, context: Any) -> Page:
        digest = self.template_digests.get(template)
        if digest is None:
            templates, assets = self.theming.templates, self.theming.assets.names
            strings, names = templates.uses(template)
            digest = self.template_digests[template] = digest_parts(
                [
                    templates.digests[template],
                    *(self.theming.strings[key] for key in strings),
                    *(assets.get(name, "") for name in names),
                ]
            )
        return Page(self.site.slug, route, template, context, c.context_digest(context, digest))

    def head(self, title: str, description: str, route: str, **more: Any) -> c.Head:
        return c.Head(title, description, routes.url(self.site, route), **more)

    def cards(self, articles: Iterable[Article]) -> tuple[c.Card, ...]:
        made = tuple([self.planner.card(article, self.site) for article in articles])
        for card in made:
            if card.picture:
                self.media.update(card.picture.files())
        return made

    def home_page(self) -> Page:
        index, site = self.index, self.site
        featured = [a for a in index.listed[:60] if a.featured] or index.listed[:1]
        rest = [a for a in index.listed[: HOME_LATEST + 1] if a not in featured[:1]]
        blocks = tuple(
            c.Block(
                s.title,
                routes.path(site, routes.section(s.slug)),
                self.cards(s.articles[:HOME_BLOCK]),
            )
            for s in index.sections.values()
            if s.articles
        )
        if self.view.is_main:
            others = [a for a in index.listed if a.site != site.slug][: HOME_BLOCK * 2]
        else:
            others = self.planner.library.sites[MAIN].own[:HOME_BLOCK]
        topics = tuple(
            Link(t.title, routes.path(site, routes.topic(t.slug))) for t in index.topics.values()
        )
        feeds = (
            Link(site.title, routes.path(site, routes.RSS)),
            Link(site.title, routes.path(site, routes.JSON_FEED)),
        )
        head = self.head(site.title, site.description, routes.HOME, feeds=feeds)
        lead = self.cards(featured[:1])
        context = c.HomeContext(
            self.view, head, (), lead[0] if lead else None, self.cards(rest[:HOME_LATEST]),
            blocks, self.cards(others), topics,
        )  # fmt: skip
        return self.page(routes.HOME, "home.html", context)

    def article(self, article: Article) -> Page:
        site = self.site
        section = self.index.sections[article.section]
        section_href = routes.path(site, routes.section(section.slug))
        tags = tuple(
            Link(tag, routes.path(site, routes.tag(slug)) if slug else "")
            for tag in article.tags
            for slug in [self.index.tag_slugs.get(tag)]
        )
        topics = tuple(
            Link(self.index.topics[slug].title, routes.path(site, routes.topic(slug)))
            for slug in dict.fromkeys(self.index.topic_slugs[name] for name in article.topics)
        )
        return self._article_page(
            article, "article.html", (*self.home, Link(section.title, section_href)),
            section.title, tags, topics, self.blocks(article),
        )  # fmt: skip

    def plain_page(self, article: Article) -> Page:
        return self._article_page(article, "page.html", self.home, "", (), (), ())

    def _article_page(
        self, article: Article, template: str, breadcrumbs: tuple[Link, ...], section: str,
        tags: tuple[Link, ...], topics: tuple[Link, ...], blocks: tuple[c.Block, ...],
    ) -> Page:  # fmt: skip
        route = self.planner.library.routes[article.path]
        head = c.Head(
            article.title, article.summary, routes.url(self.site, route),
            "article" if section else "website", True, article.picture, article.author,
            article.date_iso, article.updated_iso, section, article.tags,
        )  # fmt: skip
        if article.picture:
            self.media.update(article.picture.files())
        self.media.update(article.media)
        context = c.ArticleContext(
            self.view, head, breadcrumbs, article, tags, topics, blocks, self.links(article)
        )
        return self.page(route, template, context)

    def links(self, article: Article, absolute: bool = False) -> tuple[tuple[str, str], ...]:
        """Where the references of a body lead from this site."""
        found = []
        for ref in article.links:
            if ref.target.startswith("portal:"):
                target = self.planner.find(ref)
                if target is None:
                    found.append((ref.target, ""))
                elif target.site == self.site.slug and not absolute:
                    route = self.planner.library.routes[target.path]
                    found.append((ref.target, routes.path(self.site, route)))
                else:
                    found.append((ref.target, self.planner.url(target)))
        return tuple(found)

    def blocks(self, article: Article) -> tuple[c.Block, ...]:
        """Related news: what was picked by hand leads; what was banned, or shown above, is out."""
        similar = [block for block in self.site.related if block.by == "similarity"]
        leading = next(iter(similar or self.site.related), None)
        out = {
            article.path,
            *(a.path for ref in article.unrelated if (a := self.planner.find_on(self.site, ref))),
        }
        banned_urls = {ref.target for ref in article.unrelated}
        titles = {self.planner.folded(article)}
        made = []
        for block in self.site.related:
            cards: list[c.Card] = []
            candidates: Iterable[Article] = ()
            if block is leading:
                for ref in article.related:
                    target = self.planner.find_on(self.site, ref)
                    if target and target.path not in out:
                        cards += self.cards([target])
                        out.add(target.path)
                    elif not target and ref.target.startswith("http"):
                        digest = digest_parts([ref.target])
                        cards.append(
                            c.Card(ref.target, ref.target, "", "", "", "", "", None, digest)
                        )
            if block.by == "similarity":
                paths = self.planner.neighbours.get(article.path, ())
                candidates = (self.planner.articles[path] for path in paths)
            else:
                candidates = self._near_in_section(article)
            for candidate in candidates:
                if len(cards) >= block.limit:
                    break
                folded = self.planner.folded(candidate)
                if (
                    candidate.path in out
                    or (block.scope == "site" and candidate.site != self.site.slug)
                    or (block.by == "similarity" and folded in titles)
                    or (banned_urls and self.planner.url(candidate) in banned_urls)
                ):
                    continue
                out.add(candidate.path)
                titles.add(folded)
                cards += self.cards([candidate])
            if cards:
                href = ""
                if block.by == "section":
                    href = routes.path(self.site, routes.section(article.section))
                made.append(c.Block(block.title, href, tuple(cards)))
        return tuple(made)

    def _near_in_section(self, article: Article) -> Iterator[Article]:
        """The next older articles of the section, then, near its end, the next newer ones.

        Older ones first means that a new article changes no page but its own.
        """
        listing, at = self.positions[article.path]
        yield from listing[at + 1 : at + 40]
        yield from reversed(listing[max(0, at - 40) : at])

    def listing(
        self, listing: Listing, route: str, template: str, feeds: tuple[Link, ...]
    ) -> Iterator[Page]:
        """The newest page, then the closed ones; each has PAGE_SIZE, counted from the oldest."""
        site, articles = self.site, listing.articles
        closed = max(0, len(articles) // PAGE_SIZE - 1)
        newest = routes.path(site, route)
        older = routes.path(site, routes.older(route, closed)) if closed else ""
        cut = len(articles) - closed * PAGE_SIZE

        def page(route: str, part: Sequence[Article], number: int, newer: str, older: str) -> Page:
            title = (
                listing.title
                if not number
                else f"{listing.title} - {self.theming.strings['page']} {number}"
            )
            head = self.head(title, listing.description, route, feeds=feeds)
            months = tuple(
                c.Block(month, "", tuple(group))
                for month, group in groupby(self.cards(part), key=c.month_of)
            )
            context = c.ListContext(
                self.view, head, self.home, listing.title, listing.description, months, number,
                newest if number else "", newer, older,
            )  # fmt: skip
            return self.page(route, template, context)

        yield page(route, articles[:cut], 0, "", older)
        for number in range(1, closed + 1):
            start = len(articles) - number * PAGE_SIZE
            below = routes.path(site, routes.older(route, number - 1)) if number > 1 else ""
            above = routes.path(site, routes.older(route, number + 1))
            part = articles[start : start + PAGE_SIZE]
            yield page(routes.older(route, number), part, number, above, below)
        if closed:
            # Keeps the "newer" link of the last closed page true without ever changing that page.
            yield self._redirect(
                routes.older(route, closed + 1), routes.url(site, route), listing.title
            )

    def search(self) -> Page:
        title = self.theming.strings["search"]
        context = c.SearchContext(
            self.view, self.head(title, "", routes.SEARCH, index=False), self.home,
            routes.path(self.site, routes.SEARCH_INDEX), routes.path(self.site, routes.SITE_MAP),
        )  # fmt: skip
        return self.page(routes.SEARCH, "search.html", context)

    def site_map(self) -> Page:
        def links(items: Iterable[Any], route: Callable[[str], str]) -> tuple[Link, ...]:
            found = [Link(item.title, routes.path(self.site, route(item.slug))) for item in items]
            return tuple(sorted(found, key=lambda link: sort_key(link.title)))

        index = self.index
        pages = [
            Link(page.title, routes.path(self.site, self.planner.library.routes[page.path]))
            for page in sorted(index.pages, key=lambda page: sort_key(page.title))
        ]
        context = c.SiteMapContext(
            self.view, self.head(self.theming.strings["site_map"], "", routes.SITE_MAP), self.home,
            self.view.sections, tuple(pages), links(index.topics.values(), routes.topic),
            links(index.tags.values(), routes.tag),
        )  # fmt: skip
        return self.page(routes.SITE_MAP, "site-map.html", context)

    def members(self) -> Page:
        network = self.planner.network
        kinds = {kind.slug: kind.title for kind in network.main.kinds}
        groups: dict[str, list[Link]] = {title: [] for title in kinds.values()}
        for site in network.sites[1:]:
            link = Link(site.title, site.base_url)
            groups.setdefault(kinds.get(site.kind, site.kind), []).append(link)
        made = tuple(
            (title, tuple(sorted(links, key=lambda link: sort_key(link.title))))
            for title, links in groups.items()
            if links
        )
        head = self.head(self.theming.strings["members"], "", routes.MEMBERS)
        return self.page(
            routes.MEMBERS, "members.html", c.MembersContext(self.view, head, self.home, made)
        )

    def not_found(self) -> Page:
        head = self.head(self.theming.strings["not_found"], "", routes.NOT_FOUND, index=False)
        context = c.NotFoundContext(self.view, head, self.home, self.cards(self.index.listed[:5]))
        return self.page(routes.NOT_FOUND, "404.html", context)

    def redirect(self, route: str, article: Article) -> Page:
        return self._redirect(route, self.planner.url(article), article.title)

    def _redirect(self, route: str, target: str, title: str) -> Page:
        head = c.Head(title, "", target, index=False)
        context = c.RedirectContext(self.view, head, (), target)
        return self.page(route, "redirect.html", context)

    # --- machine formats and files

    def plain(self, route: str, context: Any) -> Page:
        return Page(self.site.slug, route, "", context, c.context_digest(context))

    def feed(self, kind: str, route: str, articles: list[Article], title: str) -> Page:
        site = self.site
        items = articles[: site.feeds.limit]
        full = site.feeds.full_text
        context = c.FeedContext(
            kind, title if title == site.title else f"{title} - {site.title}", site.description,
            site.base_url, routes.url(site, route), site.language, full,
            tuple(self.feed_item(a, full) for a in items),
        )  # fmt: skip
        return self.plain(route, context)

    def feed_item(self, a: Article, full: bool) -> c.FeedItem:
        body, links = (a.body_digest, self.links(a, absolute=True)) if full else ("", ())
        return c.FeedItem(
            a.identity, a.path, self.planner.url(a), a.title, a.summary, a.author, a.tags,
            a.date, a.date_iso, a.updated_iso, body, links,
        )  # fmt: skip

    def search_index(self) -> Page:
        return self.plain(routes.SEARCH_INDEX, c.SearchIndexContext(self.cards(self.index.listed)))

    def sitemaps(self, pages: list[Page]) -> Iterator[Page]:
        site = self.site
        changed = {
            self.planner.library.routes[a.path]: a.updated_iso or a.date_iso
            for a in [*self.index.own, *self.index.pages]
        }
        entries = [
            (page.context.head.canonical, changed.get(page.route, ""))
            for page in pages
            if page.template and page.context.head.index
        ]
        parts: list[list[tuple[str, str]]] = [[]]
        size = 0
        for entry in entries:
            size += len(entry[0]) * 5 + 120  # the most that escaping can make of it
            if len(parts[-1]) == SITEMAP_URLS or size > SITEMAP_BYTES:
                parts.append([])
                size = 0
            parts[-1].append(entry)
        names = [f"sitemap-{number}.xml" for number in range(1, len(parts) + 1)]
        for name, part in zip(names, parts):
            yield self.plain(name, c.SitemapContext("urls", tuple(part)))
        listed = tuple(
            (routes.url(site, name), max(lastmod for _, lastmod in part))
            for name, part in zip(names, parts)
        )
        since = self.planner.now - NEWS_SECONDS
        news = [a for a in self.index.own if a.date >= since][:NEWS_LIMIT]
        recent = c.SitemapContext(
            "news", (), tuple(self.feed_item(a, False) for a in news), site.title, site.language
        )
        yield self.plain(routes.NEWS_SITEMAP, recent)
        yield self.plain(routes.SITEMAP, c.SitemapContext("index", listed))

    def _robots(self) -> str:
        maps = (routes.url(self.site, name) for name in (routes.SITEMAP, routes.NEWS_SITEMAP))
        return "User-agent: *\nAllow: /\n\n" + "".join(f"Sitemap: {address}\n" for address in maps)

    def files(self) -> Iterator[Page]:
        """Assets, the site's static files, and the pictures its pages show."""
        for name, data in sorted(self.theming.assets.files.items()):
            yield Page(self.site.slug, name, "", c.BytesContext(data, name), name)
        for route in self.index.static:
            source = self.planner.network.folder(self.site) / "static" / route
            context = c.FileContext(str(source), file_state(source))
            yield self.plain(route, context)
        media = self.planner.network.root / ".portalgen" / "media"
        for name in sorted(self.media):
            yield Page(
                self.site.slug, f"media/{name}", "", c.FileContext(str(media / name), name), name
            )


def file_state(source: Path) -> str:
    """Times and size; the content, too, where a change might not show in the times."""
    stat = os.stat(source)
    newest = max(stat.st_mtime_ns, stat.st_ctime_ns)
    state = f"{stat.st_size}.{stat.st_mtime_ns}.{stat.st_ctime_ns}.{stat.st_ino}"
    if time.time_ns() - newest < 2_000_000_000:
        from portalgen.digests import digest_bytes

        with open(source, "rb") as file:
            state += digest_bytes(file.read())
    return state


def _site_view(network: Network, index: SiteIndex) -> c.SiteView:
    site = index.site

    def link(item: Link) -> Link:
        return (
            Link(item.title, site.root_path.rstrip("/") + item.url)
            if item.url.startswith("/")
            else item
        )

    banners = []
    for owner in (network.main, site) if site is not network.main else (site,):
        for topic in owner.topics:
            href = routes.url(owner, routes.topic(topic.slug))
            banner = c.Banner(topic.banner, href)
            if (
                topic.banner
                and banner not in banners
                and (owner is site or topic not in site.topics)
            ):
                banners.append(banner)
    return c.SiteView(
        site.slug, site.title, site.short_title, site.kind, site.description, site.language,
        site.root_path, site.base_url, tuple(link(item) for item in site.menu),
        tuple(Link(s.title, routes.path(site, routes.section(s.slug))) for s in site.sections),
        site.contact, site.responsible, tuple(link(item) for item in site.links), site.notice,
        tuple(banners), Link(network.main.title, network.main.base_url), site is network.main,
    )  # fmt: skip
