"""The plan of a site: every file it will consist of, decided before anything is rendered."""

from portalgen.pages.contexts import FileContext, RedirectContext
from portalgen.pages.inputs import Memory
from portalgen.pages.lookup import Lookup
from portalgen.pages.machine import NEWS_SECONDS
from portalgen.pages.page import Page
from portalgen.pages.site_plan import SitePlan
from portalgen.pages.theming import Theming
from portalgen.problems import Problems, problem
from portalgen.relations.taxonomy import SiteIndex
from portalgen.settings.routes import SEARCH_FOLDER


def plan_site(
    lookup: Lookup, index: SiteIndex, theming: Theming, problems: Problems,
    memory: Memory | None = None,
) -> list[Page]:  # fmt: skip
    """Every page of one site; a file that would stand where another does is reported.

    With a `memory`, articles' pages that stand and would be planned again from the same are not.
    """
    return _settle(SitePlan(lookup, index, theming, memory).pages(), index, problems)


def next_silent_change(lookup: Lookup) -> int:
    """When the first article leaves the news sitemap; 0 if none is on it."""
    leaving = [a.date + NEWS_SECONDS + 1 for a in lookup.articles.values()]
    return min((moment for moment in leaving if moment > lookup.now), default=0)


def _settle(pages: list[Page], index: SiteIndex, problems: Problems) -> list[Page]:
    """Leave out what cannot stand beside the pages before it, on any file system."""
    given = {
        f"{route}": f"{index.site.folder}/static/{route}".lstrip("/") for route in index.static
    }
    given |= {route: article.path for route, article in index.aliases.items()}
    taken: set[str] = {SEARCH_FOLDER}
    folders: set[str] = set()
    kept = []

    def is_given(page: Page) -> bool:
        return page.route in given and isinstance(page.context, (RedirectContext, FileContext))

    for page in sorted(pages, key=is_given):
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
