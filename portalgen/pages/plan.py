"""The plan of a site: every file it will consist of, decided before anything is rendered."""

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
    """Every page of one site; a file that would stand where another does is reported."""
    return _settle(SitePlan(cards, index, theming).pages(), index, problems)


def next_silent_change(cards: Cards) -> int:
    """When the first article leaves the news sitemap; 0 if none is on it."""
    leaving = [a.date + NEWS_SECONDS + 1 for a in cards.articles.values()]
    return min((moment for moment in leaving if moment > cards.now), default=0)


def _settle(pages: list[Page], index: SiteIndex, problems: Problems) -> list[Page]:
    """Leave out what cannot stand beside the pages before it, on any file system.

    Nor can what has a name that `deploy` gives to a packed form of another file.
    """
    given = {*index.static, *index.aliases}
    taken: set[str] = {SEARCH_FOLDER, *DEPLOYED}
    packed = {name.casefold() for page in pages for name in deployed_beside(page.route)}
    folders: set[str] = set()
    kept = []

    def turn(page: Page) -> int:
        """Pages first, then files, then old addresses."""
        is_given = page.route in given and isinstance(page.context, (RedirectContext, FileContext))
        return is_given + (is_given and isinstance(page.context, RedirectContext))

    for page in sorted(pages, key=turn):
        route = page.route.casefold()
        above = []
        folder = route.rpartition("/")[0]
        while folder:
            above.append(folder)
            folder = folder.rpartition("/")[0]
        at_or_above = [route, *above]
        of_deploy = [name for name in at_or_above if name in packed]
        if of_deploy or route in folders or not taken.isdisjoint(at_or_above):
            name = page.route[: len(of_deploy[-1])] if of_deploy else ""
            problems.add(_in_the_way(page.route, index, name), index.site.slug)
            continue
        taken.add(route)
        folders.update(above)
        kept.append(page)
    return kept


def _in_the_way(route: str, index: SiteIndex, of_deploy: str) -> Problem:
    """What to say of a page that cannot stand; `of_deploy`: whose name is that of a packed form."""
    site, url = index.site, f"/{route}"
    other = "portalgen deploy" if of_deploy else site.slug
    if route in index.aliases:
        return problem("alias-taken", index.aliases[route].path, 1, 0, alias=url, other=other)
    if route not in index.static:
        return problem("same-url", site.settings_path, 0, 0, url=url, other=other)
    file = f"{site.folder}/static/{route}".lstrip("/")
    if of_deploy:
        return problem("reserved-file", file, name=of_deploy.rpartition("/")[2])
    return problem("file-taken", file, url=url, other=other)
