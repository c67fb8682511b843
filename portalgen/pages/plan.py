"""Plan all files of a site, before any is rendered."""

from portalgen.content.classify import SiteIndex
from portalgen.pages.cards import Cards
from portalgen.pages.contexts import FileContext, RedirectContext
from portalgen.pages.feeds import NEWS_SECONDS
from portalgen.pages.page import Page
from portalgen.pages.site_plan import SitePlan
from portalgen.problems import Problem, Problems, problem
from portalgen.settings.routes import DEPLOYED, SEARCH_FOLDER, deployed_beside
from portalgen.themes.theming import Theming


def plan_site(cards: Cards, index: SiteIndex, theming: Theming, problems: Problems) -> list[Page]:
    """Plan all pages of a site; conflicts of routes are reported."""
    return _without_conflicts(SitePlan(cards, index, theming).pages(), index, problems)


def next_silent_change(cards: Cards) -> int:
    """When the next article leaves the news sitemap; 0 if it is empty."""
    leaving = [a.date + NEWS_SECONDS + 1 for a in cards.articles.values()]
    return min((moment for moment in leaving if moment > cards.now), default=0)


def _without_conflicts(pages: list[Page], index: SiteIndex, problems: Problems) -> list[Page]:
    """Drop and report pages whose route conflicts with an earlier page, on any file system.

    Names of compressed files that `deploy` adds conflict, too.
    """
    authored = {*index.static, *index.aliases}
    taken: set[str] = {SEARCH_FOLDER, *DEPLOYED}
    packed = {name.casefold() for page in pages for name in deployed_beside(page.route)}
    folders: set[str] = set()
    accepted = []

    def order(page: Page) -> int:
        """Pages first, then static files, then redirects."""
        if page.route in authored and isinstance(page.context, RedirectContext):
            return 2
        return int(page.route in authored and isinstance(page.context, FileContext))

    for page in sorted(pages, key=order):
        route = page.route.casefold()
        parents = []
        folder = route.rpartition("/")[0]
        while folder:
            parents.append(folder)
            folder = folder.rpartition("/")[0]
        blocking = [route, *parents]
        reserved = [name for name in blocking if name in packed]
        if reserved or route in folders or not taken.isdisjoint(blocking):
            name = page.route[: len(reserved[-1])] if reserved else ""
            problems.add(_conflict(page.route, index, name), index.site.slug)
            continue
        taken.add(route)
        folders.update(parents)
        accepted.append(page)
    return accepted


def _conflict(route: str, index: SiteIndex, reserved: str) -> Problem:
    """The problem of a conflicting route; `reserved`: the name that `deploy` uses, if any."""
    site, url = index.site, f"/{route}"
    other = "portalgen deploy" if reserved else site.slug
    if route in index.aliases:
        return problem("alias-taken", index.aliases[route].path, 1, 0, alias=url, other=other)
    if route not in index.static:
        return problem("same-url", site.settings_path, 0, 0, url=url, other=other)
    file = f"{site.folder}/static/{route}".lstrip("/")
    if reserved:
        return problem("reserved-file", file, name=reserved.rpartition("/")[2])
    return problem("file-taken", file, url=url, other=other)
