"""Addresses and cards of articles across the network, and targets of references."""

from functools import cached_property
from typing import TYPE_CHECKING

from portalgen.content.classify import Library
from portalgen.content.model import Article, Reference
from portalgen.digests import digest_of
from portalgen.pages import contexts as c
from portalgen.related.neighbours import Neighbours
from portalgen.search.index import Entry, SearchIndex, plan_index
from portalgen.settings import routes
from portalgen.settings.network import Network
from portalgen.settings.site import Site
from portalgen.text import fold
from portalgen.themes.theming import Theming

if TYPE_CHECKING:
    from portalgen.search.records import Record


class Cards:
    """Articles of the network, with their addresses and cached cards."""

    def __init__(
        self, network: Network, library: Library, neighbours: Neighbours, now: int,
        theming: dict[str, Theming],
    ):  # fmt: skip
        self.network = network
        self.library = library
        self.neighbours = neighbours
        self.now = now
        self.strings = {slug: site_theming.strings for slug, site_theming in theming.items()}
        self.articles = {a.path: a for a in library.by_name.values()}
        self.sites = {site.slug: site for site in network.sites}
        self.section_titles = {
            (site.slug, section.slug): section.title
            for site in network.sites
            for section in site.sections
        }
        self._by_address = {self.url(article): article for article in self.articles.values()}
        self._folded: dict[str, str] = {}
        self._local: dict[tuple[str, str], c.Card] = {}
        self._foreign: dict[tuple[str, str], c.Card] = {}

    def url(self, article: Article) -> str:
        """The canonical address of an article."""
        return routes.url(self.sites[article.site], self.library.routes[article.path])

    def status(self, article: Article) -> str:
        """`draft` or `scheduled` in builds with drafts; empty for published articles."""
        return "draft" if article.draft else "scheduled" if article.date > self.now else ""

    def label(self, article: Article, site: Site) -> str:
        """The status in the language of `site`."""
        status = self.status(article)
        if not status:
            return ""
        strings = self.strings[site.slug]
        return strings["draft"] if status == "draft" else strings["scheduled"]

    def card(self, article: Article, site: Site) -> c.Card:
        """The card of an article for `site`."""
        own = article.site == site.slug
        cards = self._local if own else self._foreign
        label = self.label(article, site)
        card = cards.get((article.path, label))
        if card is None:
            owner = self.sites[article.site]
            route = self.library.routes[article.path]
            href = routes.path(owner, route) if own else routes.url(owner, route)
            section = self.section_titles.get((article.site, article.section), "")
            member = "" if own else owner.short_title
            card = cards[article.path, label] = c.Card(
                article.title, href, article.summary, article.date_iso, article.date_text,
                section, member, article.picture, label,
            )  # fmt: skip
        return card

    @cached_property
    def settings_digest(self) -> str:
        """The digest of the settings that sites show of each other."""
        values = [
            (s.slug, s.title, s.short_title, s.base_url, s.kind, s.permalink, s.sections, s.topics)
            for s in self.network.sites
        ]
        return digest_of(values)

    @cached_property
    def card_digests(self) -> dict[str, str]:
        """The digest of each article's card, by path."""
        route_of, status = self.library.routes, self.status
        return {
            path: digest_of(
                (path, a.title, a.summary, a.date_iso, route_of[path], a.picture, status(a))
            )
            for path, a in self.articles.items()
        }

    @cached_property
    def card_digests_by_id(self) -> dict[int, str]:
        """The digest of each article's card, by its id among neighbours."""
        digests, path_of = self.card_digests, self.neighbours.path_of
        return {number: digests[path] for number, path in path_of.items() if path in digests}

    def folded(self, article: Article) -> str:
        """The folded title of an article, for comparison."""
        title = self._folded.get(article.path)
        if title is None:
            title = self._folded[article.path] = fold(article.title)
        return title

    def replace(self, old: Article, new: Article) -> None:
        """Replace an article with its new version at the same address."""
        self.library.replace(old, new)
        self.articles[old.path] = self._by_address[self.url(old)] = new
        for cached in (self._folded, self._local, self._foreign):
            cached.clear()
        self.__dict__.pop("card_digests", None)
        self.__dict__.pop("card_digests_by_id", None)

    def find(self, ref: Reference) -> Article | None:
        """The published article of a reference."""
        if ref.target.startswith("portal:"):
            site, _, name = ref.target.removeprefix("portal:").partition("/")
            return self.library.find(site, name)
        return self._by_address.get(ref.target)

    def find_on(self, site: Site, ref: Reference) -> Article | None:
        """The published article of a reference on `site`, which may be a path there."""
        if ref.target.startswith("/"):
            return self._by_address.get(site.base_url + ref.target.lstrip("/"))
        return self.find(ref)

    def links(
        self, article: Article, site: Site, absolute: bool = False
    ) -> tuple[tuple[str, str], ...]:
        """Pairs of a body's references and their addresses on `site`; empty if unpublished."""
        root = self.sites[article.site].root_path.rstrip("/")
        dead = self.library.dead.get(article.path, ())
        links = []
        for ref in article.links:
            if ref in dead and ref.target.startswith("/"):
                links.append((root + ref.target, ""))
            if ref.target.startswith("portal:"):
                target = self.find(ref)
                if target is None:
                    links.append((ref.target, ""))
                elif target.site == site.slug and not absolute:
                    route = self.library.routes[target.path]
                    links.append((ref.target, routes.path(site, route)))
                else:
                    links.append((ref.target, self.url(target)))
        return tuple(links)


def plan_search(cards: Cards, site: Site) -> SearchIndex:
    """Plan the search index of a site."""
    network, digests = cards.network, cards.card_digests
    is_main = site is network.main
    searched = cards.articles.values() if is_main else cards.library.sites[site.slug].own
    site_digests = {s.slug: digest_of((s.short_title, s.base_url)) for s in network.sites}
    articles = [article for article in searched if not article.is_page]
    entries = [
        Entry(a.date_iso[:10], a.date, a.path, a.digest + digests[a.path] + site_digests[a.site])
        for a in articles
    ]
    used = {(article.site, article.section) for article in articles}
    with_articles = {slug for slug, _ in used}
    sites = [(s.slug, s.short_title) for s in network.sites if s.slug in with_articles]
    sections = {
        section: cards.section_titles[slug, section]
        for slug, section in sorted(used, key=lambda pair: (pair[0] == site.slug, pair))
    }
    return plan_index(site.slug, entries, sites, sorted(sections.items()))


def search_record(cards: Cards, site: Site, path: str, words: str) -> "Record":
    """The index record of an article; `words` are those of its lead and body."""
    from portalgen.search.records import MAX_TEXT, Record

    article = cards.articles[path]
    card = cards.card(article, site)
    return Record(
        article.title, card.href, article.date_text, card.member, article.site, article.section,
        article.tags, words[:MAX_TEXT],
    )  # fmt: skip
