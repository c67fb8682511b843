"""Plan the pages of a site, with their contexts."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any

from portalgen.content.model import Article
from portalgen.content.redirect_rows import Rule
from portalgen.content.site_index import PAGE_SIZE, Former, Listing, SiteIndex
from portalgen.digests import digest_parts
from portalgen.pages import contexts as c
from portalgen.pages.cards import Cards
from portalgen.pages.feeds import feed, files, robots, sitemaps
from portalgen.pages.home import choose_home
from portalgen.pages.page import Page, file_page
from portalgen.pages.related_blocks import related_blocks
from portalgen.settings import routes
from portalgen.settings.network import Network
from portalgen.settings.site import Link
from portalgen.text import sort_key
from portalgen.themes.theming import Theming

_GONE = '<!doctype html><meta charset="utf-8"><meta name="robots" content="noindex"><h1>410</h1>\n'


class SitePlan:
    """Plans the pages of a site, and collects their pictures."""

    def __init__(self, cards: Cards, index: SiteIndex, theming: Theming):
        self.cards = cards
        self.index = index
        self.site = index.site
        self.theming = theming
        self.view = _site_view(cards.network, index)
        self.media: set[str] = set()
        self.template_digests: dict[str, str] = {}
        self.home = (Link(theming.strings["home"], self.site.root_path),)
        self.titles = {cards.url(article): article.title for article in (*index.own, *index.pages)}
        self.positions = {
            article.path: (listing, position)
            for listing in self._own_sections()
            for position, article in enumerate(listing)
        }

    def _own_sections(self) -> Iterator[list[Article]]:
        by_section: dict[str, list[Article]] = {}
        for article in self.index.own:
            by_section.setdefault(article.section, []).append(article)
        yield from by_section.values()

    def pages(self) -> list[Page]:
        """All files of the site."""
        index, site, cards = self.index, self.site, self.cards
        for article in (*index.own, *index.pages):
            self._add_pictures([article])
            self.media.update(article.media)
        pages = [self._home_page()]
        pages += [self._article(article) for article in index.own]
        pages += [self._plain_page(article) for article in index.pages]
        for section in index.sections.values():
            pages += self._section(section)
            route = routes.section_feed(section.slug)
            pages.append(feed(cards, site, "rss", route, section.articles, section.title))
        for tag in index.tags.values():
            pages += self._listing(tag, routes.tag(tag.slug), "tag.html", ())
        for topic in index.topics.values():
            pages += self._listing(topic, routes.topic(topic.slug), "topic.html", ())
        pages += [self._search(), self._site_map(), self._not_found()]
        if self.view.is_main and len(self.cards.network.sites) > 1:
            pages.append(self._members())
        pages += [self._alias(route, article) for route, article in sorted(index.aliases.items())]
        old: list[Rule | Former] = [*index.rules, *index.former]
        pages += [self._old(item) for item in old if item.is_page]
        if routes.GONE not in index.static and any(not item.target for item in old):
            pages.append(self._gone(routes.GONE))
        pages.append(feed(cards, site, "rss", routes.RSS, index.listed, site.title))
        pages.append(feed(cards, site, "json", routes.JSON_FEED, index.listed, site.title))
        pages += sitemaps(cards, index, pages)
        pages.append(robots(site))
        pages += files(cards, index, self.theming, self.media)
        return pages

    def pages_of(self, article: Article) -> list[Page]:
        """The page of an article, the first of its section, and the home page."""
        if article.is_page:
            return [self._plain_page(article)]
        section = self.index.sections[article.section]
        return [self._article(article), next(self._section(section)), self._home_page()]

    def _page(self, route: str, template: str, context: Any) -> Page:
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

    def _head(self, title: str, description: str, route: str, **more: Any) -> c.Head:
        return c.Head(title, description, routes.url(self.site, route), **more)

    def _cards(self, articles: Iterable[Article]) -> tuple[c.Card, ...]:
        cards = tuple([self.cards.card(article, self.site) for article in articles])
        self._add_pictures(cards)
        return cards

    def _add_pictures(self, items: Iterable[Article | c.Card]) -> None:
        for item in items:
            if item.picture:
                self.media.update(item.picture.files())

    def _home_page(self) -> Page:
        index, site = self.index, self.site
        home = choose_home(self.cards, index)
        blocks = tuple(
            c.Block(
                index.sections[slug].title,
                routes.path(site, routes.section(slug)),
                self._cards(articles),
            )
            for slug, articles in home.blocks.items()
        )
        topics = tuple(
            c.Hub(t.title, routes.path(site, routes.topic(t.slug)), t.description)
            for t in index.topics.values()
        )
        feeds = (
            Link(site.title, routes.path(site, routes.RSS)),
            Link(site.title, routes.path(site, routes.JSON_FEED)),
        )
        head = self._head(site.title, site.description, routes.HOME, feeds=feeds)
        lead = self._cards([home.lead])[0] if home.lead else None
        context = c.HomeContext(
            self.view, head, (), lead, self._cards(home.latest),
            blocks, self._cards(home.others), topics, self._groups() if self.view.is_main else (),
        )  # fmt: skip
        return self._page(routes.HOME, "home.html", context)

    def _article(self, article: Article) -> Page:
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
            for slug in self.index.topics_of(article)
        )
        return self._article_page(
            article, "article.html", (*self.home, Link(section.title, section_href)),
            section.title, tags, topics, self._blocks(article),
        )  # fmt: skip

    def _blocks(self, article: Article) -> tuple[c.Block, ...]:
        listing, position = self.positions[article.path]
        blocks = related_blocks(self.cards, self.site, article, listing, position)
        for block in blocks:
            self._add_pictures(block.cards)
        return blocks

    def _plain_page(self, article: Article) -> Page:
        return self._article_page(article, "page.html", self.home, "", (), (), ())

    def _article_page(
        self, article: Article, template: str, breadcrumbs: tuple[Link, ...], section: str,
        tags: tuple[Link, ...], topics: tuple[Link, ...], blocks: tuple[c.Block, ...],
    ) -> Page:  # fmt: skip
        route = self.cards.library.routes[article.path]
        head = c.Head(
            article.title, article.summary, routes.url(self.site, route),
            "article" if section else "website", True, article.picture, article.author,
            article.date_iso, article.updated_iso, section, article.tags,
        )  # fmt: skip
        context = c.ArticleContext(
            self.view,
            head,
            breadcrumbs,
            article,
            self.cards.label(article, self.site),
            tags,
            topics,
            blocks,
            self.cards.links(article, self.site),
        )
        return self._page(route, template, context)

    def _section(self, section: Listing) -> Iterator[Page]:
        feed = routes.path(self.site, routes.section_feed(section.slug))
        feeds = (Link(section.title, feed),)
        return self._listing(section, routes.section(section.slug), "section.html", feeds)

    def _listing(
        self, listing: Listing, route: str, template: str, feeds: tuple[Link, ...]
    ) -> Iterator[Page]:
        """The newest page, then the closed ones, of PAGE_SIZE articles from the oldest."""
        site, articles, closed = self.site, listing.articles, listing.closed
        newest = routes.path(site, route)
        older = routes.path(site, routes.older(route, closed)) if closed else ""
        cut = len(articles) - closed * PAGE_SIZE

        def page(route: str, part: Sequence[Article], number: int, newer: str, older: str) -> Page:
            title = (
                listing.title
                if not number
                else f"{listing.title} - {self.theming.strings['page']} {number}"
            )
            head = self._head(title, listing.description, route, feeds=feeds)
            cards = self._cards(part)
            months = tuple(
                c.Block(month, "", tuple(group)) for month, group in groupby(cards, key=c.month_of)
            )
            context = c.ListContext(
                self.view, head, self.home, listing.title, listing.description, months, number,
                newest if number else "", newer, older,
            )  # fmt: skip
            return self._page(route, template, context)

        yield page(route, articles[:cut], 0, "", older)
        for number in range(1, closed + 1):
            start = len(articles) - number * PAGE_SIZE
            older = routes.path(site, routes.older(route, number - 1)) if number > 1 else ""
            newer = routes.path(site, routes.older(route, number + 1))
            part = articles[start : start + PAGE_SIZE]
            yield page(routes.older(route, number), part, number, newer, older)
        if closed:
            # The "newer" link of the last closed page, which thus never changes.
            yield self._redirect(
                routes.older(route, closed + 1), routes.url(site, route), listing.title
            )

    def _search(self) -> Page:
        strings = self.theming.strings
        head = self._head(strings["search"], strings["search_hint"], routes.SEARCH)
        context = c.SearchContext(
            self.view, head, self.home,
            f"{self.site.root_path}{routes.SEARCH_FOLDER}/",
            routes.path(self.site, routes.SITE_MAP),
        )  # fmt: skip
        return self._page(routes.SEARCH, "search.html", context)

    def _site_map(self) -> Page:
        def links(items: Iterable[Any], route: Callable[[str], str]) -> tuple[Link, ...]:
            unsorted = [
                Link(item.title, routes.path(self.site, route(item.slug))) for item in items
            ]
            return tuple(sorted(unsorted, key=lambda link: sort_key(link.title)))

        index = self.index
        pages = [
            Link(page.title, routes.path(self.site, self.cards.library.routes[page.path]))
            for page in sorted(index.pages, key=lambda page: sort_key(page.title))
        ]
        context = c.SiteMapContext(
            self.view, self._head(self.theming.strings["site_map"], "", routes.SITE_MAP), self.home,
            self.view.sections, tuple(pages), links(index.topics.values(), routes.topic),
            links(index.tags.values(), routes.tag),
        )  # fmt: skip
        return self._page(routes.SITE_MAP, "site-map.html", context)

    def _groups(self) -> tuple[tuple[str, tuple[Link, ...]], ...]:
        """The members by kind."""
        network = self.cards.network
        kinds = {kind.slug: kind.title for kind in network.main.kinds}
        groups: dict[str, list[Link]] = {title: [] for title in kinds.values()}
        for site in network.sites[1:]:
            link = Link(site.title, site.base_url)
            groups.setdefault(kinds.get(site.kind, site.kind), []).append(link)
        return tuple(
            (title, tuple(sorted(links, key=lambda link: sort_key(link.title))))
            for title, links in groups.items()
            if links
        )

    def _members(self) -> Page:
        groups = self._groups()
        head = self._head(self.theming.strings["members"], "", routes.MEMBERS)
        return self._page(
            routes.MEMBERS, "members.html", c.MembersContext(self.view, head, self.home, groups)
        )

    def _not_found(self) -> Page:
        head = self._head(self.theming.strings["not_found"], "", routes.NOT_FOUND, index=False)
        context = c.NotFoundContext(self.view, head, self.home, self._cards(self.index.listed[:5]))
        return self._page(routes.NOT_FOUND, "404.html", context)

    def _alias(self, route: str, article: Article) -> Page:
        return self._redirect(route, self.cards.url(article), article.title)

    def _old(self, item: Rule | Former) -> Page:
        if isinstance(item, Rule):
            route, title = item.old_route, item.target
        else:
            route, title = item.route, self.titles.get(item.target, item.target)
        return self._redirect(route, item.target, title) if item.target else self._gone(route)

    def _gone(self, route: str) -> Page:
        """The page at an address whose page was taken away, with the section it was in."""
        strings, site = self.theming.strings, self.site
        if "410.html" not in self.theming.templates.digests or "gone" not in strings:
            return file_page(site, route, c.TextContext(_GONE))  # of a theme that is older
        folder = route.partition("/")[0]
        links = [
            Link(section.title, routes.path(site, routes.section(section.slug)))
            for section in site.sections
            if section.slug == folder
        ]
        links.append(Link(strings["search"], routes.path(site, routes.SEARCH)))
        head = self._head(strings["gone"], "", route, index=False)
        context = c.GoneContext(self.view, head, self.home, (*self.home, *links))
        return self._page(route, "410.html", context)

    def _redirect(self, route: str, target: str, title: str) -> Page:
        head = c.Head(title, "", target, index=False)
        context = c.RedirectContext(self.view, head, (), target)
        return self._page(route, "redirect.html", context)


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
        site.contact, site.responsible, tuple(link(item) for item in site.links),
        tuple(link(item) for item in site.services), link(site.alert) if site.alert else None,
        site.notice, tuple(banners), Link(network.main.title, network.main.base_url),
        site is network.main,
    )  # fmt: skip
