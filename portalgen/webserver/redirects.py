"""Redirects for a web server: the articles' `aliases`, checked as a build checks them."""

import re
from urllib.parse import unquote_to_bytes

from portalgen.library import open_library
from portalgen.pages.cards import Cards
from portalgen.pages.contexts import RedirectContext
from portalgen.pages.plan import plan_site
from portalgen.problems import Problems, problem
from portalgen.related.neighbours import Neighbours
from portalgen.report import Options
from portalgen.themes.theming import load_theming
from portalgen.webserver.nginx import fits

_INDEX = "/index.html"
# Servers refuse a bare percent sign, the configuration refuses encoded slashes.
_UNREACHABLE = re.compile("%(?![0-9a-f]{2})|%2f|%5c", re.IGNORECASE)


def find_redirects(options: Options, problems: Problems) -> dict[tuple[str, str], str]:
    """The new URL of every published article by site and old path.

    Refused ones are added to `problems`; raises `PortalError` if settings or a theme are wrong.
    """
    network, library = open_library(
        options, problems, lambda opened: (opened.network, opened.library)
    )
    theming = load_theming(network, problems)
    cards = Cards(network, library, Neighbours(), options.now, theming)
    redirects: dict[tuple[str, str], str] = {}
    for slug, index in library.sites.items():
        if not index.aliases or slug not in theming:
            continue
        site_problems = Problems()
        pages = plan_site(cards, index, theming[slug], site_problems)
        problems.extend(site_problems.items, slug)
        # The plan has reported and left out aliases at the address of another page.
        urls = {route: cards.url(article) for route, article in index.aliases.items()}
        redirect_routes = {
            page.route
            for page in pages
            if isinstance(page.context, RedirectContext)
            and page.context.target == urls.get(page.route)
        }
        taken = {f"/{page.route}".casefold() for page in pages if page.route not in redirect_routes}
        for route in sorted(redirect_routes):
            paths = _request_paths(f"/{route}")
            if not paths or not taken.isdisjoint(path.casefold() for path in paths):
                alias = f"/{route}".removesuffix(_INDEX)
                path = index.aliases[route].path
                problems.add(problem("nginx-alias", path, 1, 0, alias=alias), slug)
                continue
            taken.update(path.casefold() for path in paths)
            redirects.update({(slug, path): urls[route] for path in paths})
    return redirects


def _request_paths(path: str) -> list[str]:
    """The path as a server compares it, with `%xx` resolved; a folder also without its slash.

    Empty if no request can have it, or the configuration cannot hold it.
    """
    if _UNREACHABLE.search(path):
        return []
    try:
        plain = unquote_to_bytes(path).decode()
    except UnicodeDecodeError:
        return []
    if not fits(plain) or any(part.startswith(".") or not part for part in plain.split("/")[1:]):
        return []
    return [plain, plain.removesuffix(_INDEX)] if plain.endswith(_INDEX) else [plain]
