"""Preview a saved article at once; everything else stays as it was built."""

import os
from typing import NamedTuple

from msgspec.structs import replace

from portalgen import pool
from portalgen.changes.cache import Cache
from portalgen.content.beside import Stores
from portalgen.content.classify import Library
from portalgen.content.load import site_key
from portalgen.content.model import Article, from_json
from portalgen.content.read import Shared, Source, read_article
from portalgen.library import open_library
from portalgen.limits import Limits
from portalgen.pages.cards import Cards
from portalgen.pages.render import render_page
from portalgen.pages.site_plan import SitePlan
from portalgen.problems import Problem, Problems
from portalgen.related.neighbours import recall
from portalgen.report import Options
from portalgen.settings import routes
from portalgen.themes.assets import load_assets
from portalgen.themes.theme import load_themes
from portalgen.themes.theming import load_theming
from portalgen.worker import Stopped

Pages = dict[tuple[str, str], bytes]  # site and route → bytes
_LIMITS = Limits(cpu=5, wall=10)  # a build gives more


class Preview:
    """A network in memory, as its last build left it in the cache."""

    def __init__(self, options: Options):
        """Load it; raises `PortalError` and `CacheDamagedError`."""
        self.stores = Stores(options.state_folder / "media", options.output)
        problems = Problems()
        # keep=False: the next build reads changed articles itself.
        self.network, library, neighbours, ended = open_library(
            replace(options, jobs=1), problems,
            lambda opened: (opened.network, opened.library, recall(opened.cache), opened.ended),
            keep=False,
        )  # fmt: skip
        self.theming = load_theming(self.network, problems, ended)
        self.cache_file = options.state_folder / "cache.sqlite"
        self.cards = Cards(self.network, library, neighbours, options.now, self.theming)

    @property
    def library(self) -> Library:
        """All published articles."""
        return self.cards.library

    def address(self, path: str) -> tuple[str, str] | None:
        """Site and route of the article at the source `path`; None if there is none."""
        article = self.cards.articles.get(path)
        return (article.site, self.library.routes[path]) if article else None

    def update_relations(self) -> None:
        """Take over the related articles of the last build."""
        cache = Cache(self.cache_file)
        try:
            self.cards.neighbours = recall(cache)
        finally:
            cache.close()

    def styles(self) -> dict[tuple[str, str], bytes] | list[Problem]:
        """Each site's style sheets from the themes' present files, by site and name."""
        problems = Problems()
        themes = load_themes(self.network, problems)
        assets = {name: load_assets(theme, problems) for name, theme in themes.items()}
        if problems.items:
            return problems.items
        return {
            (site.slug, name): assets[site.theme].files[route]
            for site in self.network.sites
            for name, route in assets[site.theme].names.items()
            if name.endswith(".css")
        }

    def update(self, path: str) -> tuple[Pages, bool, list[Problem]] | list[Problem] | None:
        """The pages that show the saved article, whether nothing else changed, and warnings.

        A list of problems if it is refused; None if only a build can tell what its pages will be.
        """
        old = self.cards.articles.get(path)
        if old is None:
            return None
        if hasattr(os, "fork"):
            [update] = pool.each(make_preview, self, [path], jobs=1, limits=_LIMITS)
        else:  # sending the whole network to another process takes longer than a build
            update = make_preview(self, path)
        if isinstance(update, Stopped):
            return None  # the build says why
        if not isinstance(update, Update):
            return update
        [new] = from_json([update.record])
        self.cards.replace(self.cards.articles[path], new)  # the process had its own
        return update.pages, _listing_key(old) == _listing_key(new), update.warnings


class Update(NamedTuple):
    """A saved article, its pages, and what readers do not get of it."""

    record: bytes
    pages: Pages
    warnings: list[Problem]


def make_preview(preview: Preview, path: str) -> Update | list[Problem] | None:
    """Read a saved article and render its pages; what came of it otherwise, as `update` says."""
    cards, library = preview.cards, preview.library
    old = cards.articles[path]
    site = cards.sites[old.site]
    source = Source(site, path, old.name, old.section)
    published = library.targets.loaded.published
    keys = {site.slug: site_key(site, preview.network.main.takes(site.slug))}
    read = read_article(Shared(preview.network, [source], keys, preview.stores, published), 0)
    if read.problems:
        return [*read.problems, *read.warnings]
    [new] = from_json([read.record])
    if library.dead.get(path) or library.targets.dead(new):
        return None
    index = library.sites[site.slug]
    route = routes.article(site, new.section, new.slug, new.date_iso)
    if route != library.routes[path] or not index.topic_slugs.keys() >= {*new.topics}:
        return None
    cards.replace(old, new)
    theming = preview.theming[site.slug]
    pages: Pages = {}
    for page in SitePlan(cards, index, theming).pages_of(new):
        data, failure = render_page(page, theming, lambda _: read.body)
        if data is None:
            return [failure] if failure else None
        pages[page.site, page.route] = data
    return Update(read.record, pages, read.warnings)


def _listing_key(article: Article) -> tuple[object, ...]:
    """Everything that decides where an article is listed."""
    return (
        article.identity, article.tags, article.topics, article.aliases, article.date,
        article.expires, article.draft, article.featured, article.featured_until, article.syndicate,
        article.related, article.unrelated,
    )  # fmt: skip
