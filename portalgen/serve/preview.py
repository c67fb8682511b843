"""Preview a saved article at once; everything else stays as it was built."""

from msgspec.structs import replace

from portalgen.changes.cache import Cache
from portalgen.content.beside import Stores
from portalgen.content.classify import Library
from portalgen.content.load import site_key
from portalgen.content.model import Article, from_json
from portalgen.content.read import Shared, Source, read_batch
from portalgen.library import open_library
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

Pages = dict[tuple[str, str], bytes]  # site and route → bytes


class Preview:
    """A network in memory, as its last build left it in the cache."""

    def __init__(self, options: Options):
        """Load it; raises `PortalError` and `CacheDamagedError`."""
        self.stores = Stores(options.state_folder / "media", options.output)
        problems = Problems()
        # keep=False: the next build reads changed articles itself.
        self.network, library, neighbours = open_library(
            replace(options, jobs=1), problems,
            lambda opened: (opened.network, opened.library, recall(opened.cache)), keep=False,
        )  # fmt: skip
        self.theming = load_theming(self.network, problems)
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
        site = self.cards.sites[old.site]
        source = Source(site, path, old.name, old.section)
        published = self.library.targets.loaded.published
        keys = {site.slug: site_key(site)}
        shared = Shared(self.network, [source], keys, self.stores, published)
        read = read_batch(shared, [0])[0]
        if read.problems:
            return [*read.problems, *read.warnings]
        [new] = from_json([read.record])
        if self.library.dead.get(path) or self.library.targets.dead(new):
            return None
        index = self.library.sites[site.slug]
        route = routes.article(site, new.section, new.slug, new.date_iso)
        if route != self.library.routes[path] or not index.topic_slugs.keys() >= {*new.topics}:
            return None
        self.cards.replace(old, new)
        theming = self.theming[site.slug]
        pages: Pages = {}
        for page in SitePlan(self.cards, index, theming).pages_of(new):
            data, failure = render_page(page, theming, lambda _: read.body)
            if data is None:
                return [failure] if failure else None
            pages[page.site, page.route] = data
        return pages, _listing_key(old) == _listing_key(new), read.warnings


def _listing_key(article: Article) -> tuple[object, ...]:
    """Everything that decides where an article is listed."""
    return (
        article.identity, article.tags, article.topics, article.aliases, article.date,
        article.expires, article.draft, article.featured, article.syndicate, article.related,
        article.unrelated,
    )  # fmt: skip
