"""Plan all files of a site, before any is rendered."""

from collections.abc import Iterable, Iterator

from portalgen.content.model import Article
from portalgen.content.redirect_rows import Rule, decoded, marker
from portalgen.content.site_index import Former, SiteIndex
from portalgen.pages.cards import Cards
from portalgen.pages.contexts import (
    BytesContext,
    FileContext,
    GoneContext,
    RedirectContext,
    TextContext,
)
from portalgen.pages.feeds import NEWS_SECONDS
from portalgen.pages.page import Page
from portalgen.pages.site_plan import SitePlan
from portalgen.problems import Problem, Problems, problem
from portalgen.settings.routes import DEPLOYED, MOVED, SEARCH_FOLDER, deployed_beside, gone_marker
from portalgen.themes.theming import Theming

_OLD = (RedirectContext, GoneContext, TextContext)  # what stands at an old address


def plan_site(cards: Cards, index: SiteIndex, theming: Theming, problems: Problems) -> list[Page]:
    """Plan all pages of a site; conflicts of routes are reported."""
    pages = _without_conflicts(SitePlan(cards, index, theming).pages(), index, problems)
    return pages + list(_markers(cards, index, pages))


def next_silent_change(cards: Cards) -> int:
    """When the next article leaves the news sitemap; 0 if it is empty."""
    leaving = [a.date + NEWS_SECONDS + 1 for a in cards.articles.values()]
    return min((moment for moment in leaving if moment > cards.now), default=0)


def redirects_of(
    cards: Cards, index: SiteIndex, pages: Iterable[Page]
) -> dict[str, Article | Rule | Former]:
    """The old addresses of a site whose pages were planned, or that need none, by route."""
    old: dict[str, Rule | Former] = {rule.old_route: rule for rule in index.rules if rule.is_page}
    old |= {former.route: former for former in index.former}
    urls = {route: cards.url(article) for route, article in index.aliases.items()}
    owners: dict[str, Article | Rule | Former] = {}
    for page in pages:
        item, article = old.get(page.route), index.aliases.get(page.route)
        if isinstance(page.context, GoneContext | TextContext) and item and not item.target:
            owners[page.route] = item
        elif isinstance(page.context, RedirectContext):
            if item and page.context.target == item.target:
                owners[page.route] = item
            elif article and page.context.target == urls[page.route]:
                owners[page.route] = article
    return owners | {former.route: former for former in index.former if not former.is_page}


def _markers(cards: Cards, index: SiteIndex, pages: Iterable[Page]) -> Iterator[Page]:
    """An empty file for each redirect, by which a release proves it to whoever serves it.

    So the map of a web server that is older than the release leads nobody in circles.
    """
    names = {rule.marker for rule in index.rules if not rule.is_page}
    for route, owner in redirects_of(cards, index, pages).items():
        if isinstance(owner, Rule | Former):
            names.add(owner.marker)
            if not owner.target and (place := gone_marker(route)):
                yield Page(index.site.slug, place, "", BytesContext(b"", place), place)
        elif (path := decoded(f"/{route}")) is not None:
            names.add(marker(path, cards.url(owner)))
    for name in sorted(names - {""}):
        yield Page(index.site.slug, f"{MOVED}/{name}", "", BytesContext(b"", name), name)


def _without_conflicts(pages: list[Page], index: SiteIndex, problems: Problems) -> list[Page]:
    """Drop and report pages whose route conflicts with an earlier page, on any file system.

    Names of compressed files that `deploy` adds conflict, too.
    """
    rules = {rule.old_route: rule for rule in index.rules if rule.is_page}
    former = {item.route for item in index.former}
    authored = {*index.static, *index.aliases, *rules, *former}
    taken: set[str] = {SEARCH_FOLDER, *DEPLOYED}
    packed = {name.casefold() for page in pages for name in deployed_beside(page.route)}
    folders: set[str] = set()
    accepted = []

    def order(page: Page) -> int:
        """Pages first, then static files, then redirects, what was published before last."""
        if page.route in authored and isinstance(page.context, _OLD):
            return 3 if page.route in former else 2
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
            if page.route in former and isinstance(page.context, _OLD):
                continue
            name = page.route[: len(reserved[-1])] if reserved else ""
            rule = rules.get(page.route)
            if rule and isinstance(page.context, _OLD):
                other = "portalgen deploy" if reserved else index.site.slug
                problems.add(rule.problem("redirect-page", other=other), index.site.slug)
            else:
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
    holder = index.taken.get(route.casefold(), "")  # of two that differ by case, the first
    is_file = holder != file and holder.startswith(f"{site.folder}/static/".lstrip("/"))
    return problem("file-taken", file, url=url, other=holder if is_file else other)
