"""Old addresses of articles, for a web server: `aliases`, read as a build reads them."""

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
# A percent sign alone is refused by every server; encoded slashes by the configuration.
_NEVER_ASKED = re.compile("%(?![0-9a-f]{2})|%2f|%5c", re.IGNORECASE)


def find_moved(options: Options, problems: Problems) -> dict[tuple[str, str], str]:
    """The new address of every published article by its site and old path.

    What is refused is added to `problems`; raises `PortalError` if the settings or a theme are
    wrong.
    """
    network, library = open_library(
        options, problems, lambda opened: (opened.network, opened.library)
    )
    theming = load_theming(network, problems)
    cards = Cards(network, library, Neighbours(), options.now, theming)
    moved: dict[tuple[str, str], str] = {}
    for slug, index in library.sites.items():
        if not index.aliases or slug not in theming:
            continue
        found = Problems()
        pages = plan_site(cards, index, theming[slug], found)
        problems.extend(found.items, slug)
        # An alias whose place another page has is left out; the plan has reported it.
        urls = {route: cards.url(article) for route, article in index.aliases.items()}
        made = {
            page.route
            for page in pages
            if isinstance(page.context, RedirectContext)
            and page.context.target == urls.get(page.route)
        }
        taken = {f"/{page.route}".casefold() for page in pages if page.route not in made}
        for route in sorted(made):
            paths = _as_asked(f"/{route}")
            if not paths or not taken.isdisjoint(path.casefold() for path in paths):
                alias = f"/{route}".removesuffix(_INDEX)
                path = index.aliases[route].path
                problems.add(problem("nginx-alias", path, 1, 0, alias=alias), slug)
                continue
            taken.update(path.casefold() for path in paths)
            moved.update({(slug, path): urls[route] for path in paths})
    return moved


def _as_asked(path: str) -> list[str]:
    """The path as a server compares it, with `%xx` resolved; a folder also without its slash.

    Empty if no server is ever asked for it, or if the configuration cannot hold it.
    """
    if _NEVER_ASKED.search(path):
        return []
    try:
        plain = unquote_to_bytes(path).decode()
    except UnicodeDecodeError:
        return []
    if not fits(plain) or any(part.startswith(".") or not part for part in plain.split("/")[1:]):
        return []
    return [plain, plain.removesuffix(_INDEX)] if plain.endswith(_INDEX) else [plain]
