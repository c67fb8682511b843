"""Redirects for a web server, from aliases and `redirects.csv`, checked as in a build."""

import re
from collections.abc import Iterable
from itertools import product
from unicodedata import normalize
from urllib.parse import quote, quote_plus

from portalgen.content.model import Article
from portalgen.content.redirect_rows import Rule, decoded, marker
from portalgen.content.site_index import Former, SiteIndex
from portalgen.library import open_library
from portalgen.pages.cards import Cards
from portalgen.pages.plan import plan_site, redirects_of
from portalgen.problems import Problem, Problems, problem
from portalgen.related.neighbours import Neighbours
from portalgen.report import Options
from portalgen.settings.network import Network
from portalgen.themes.theming import load_theming
from portalgen.webserver.nginx import Redirects, fits

_INDEX = "/index.html"


def find_redirects(options: Options, problems: Problems) -> tuple[Network, Redirects]:
    """The network with all of its hosts, and its redirects as a server looks for them.

    Refused ones are added to `problems`; raises `PortalError` if the root's settings or a theme are
    wrong.
    """
    opened = open_library(options, problems, lambda opened: opened)
    network, library = opened.network, opened.library
    theming = load_theming(network, problems, opened.ended)
    cards = Cards(network, library, Neighbours(), options.now, theming)
    redirects = Redirects()
    for slug, index in library.sites.items():
        if not (index.aliases or index.rules or index.former):
            continue
        site_problems = Problems()
        pages = plan_site(cards, index, theming[slug], site_problems)
        problems.extend(site_problems.items, slug)
        owners = redirects_of(cards, index, pages)
        taken = {f"/{page.route}".casefold() for page in pages if page.route not in owners}
        for route, owner in sorted(owners.items()):
            path = f"/{route}" if isinstance(owner, Rule) else decoded(f"/{route}")
            paths = _request_paths(path) if path else []
            if not path or not paths or not taken.isdisjoint(map(str.casefold, paths)):
                if not isinstance(owner, Former):
                    problems.add(_refusal(route, owner, index), slug)
                continue
            taken.update(path.casefold() for path in paths)
            if isinstance(owner, Rule | Former):
                value = _value(owner)
            else:
                value = f"{marker(path, cards.url(owner))}={cards.url(owner)}"
            redirects.pages.update({(slug, path): value for path in paths})
        # Longer prefixes first, those that only take something away last.
        for rule in sorted(index.rules, key=lambda rule: (bool(rule.parent), -len(rule.path))):
            if not rule.is_page and not _add(redirects, network, index, rule):
                problems.add(_refusal("", rule, index), slug)
    return network, redirects


def _refusal(route: str, owner: Article | Rule, index: SiteIndex) -> Problem:
    if isinstance(owner, Rule):
        return owner.problem("nginx-redirect")
    alias = f"/{route}".removesuffix(_INDEX)
    return problem("nginx-alias", index.aliases[route].path, 1, 0, alias=alias)


def _value(rule: Rule | Former) -> str:
    """What a server does by a rule of one address, after the name of its marker."""
    return f"{rule.marker}={rule.target}" if rule.target else f"{rule.marker}!"


def _add(redirects: Redirects, network: Network, index: SiteIndex, rule: Rule) -> bool:
    """Add a rule with a query or of a prefix; false if the configuration cannot hold it."""
    slug = index.site.slug
    if not fits(slug + rule.path + rule.target):
        return False
    if rule.query:
        names = tuple(name for name, _ in rule.query)
        group = redirects.queries.setdefault(names, {})
        spellings = [
            sorted({value, quote(value, ""), quote_plus(value)}) for _, value in rule.query
        ]
        for path, values in product(_request_paths(f"/{rule.old_route}"), product(*spellings)):
            group[f"{slug}{path}?{'&'.join(values)}"] = _value(rule)
        return True
    value = _value(rule)
    if rule.keeps_rest:
        value = f"{rule.marker}*{rule.site or '-'} /{rule.route} {rule.target}"
    for path in dict.fromkeys([rule.path, normalize("NFD", rule.path)]):
        redirects.prefixes.append((_pattern(slug, path, rule, index.rules), value))
    return fits(value)


def _pattern(slug: str, path: str, rule: Rule, rules: Iterable[Rule]) -> str:
    """A pattern of the paths below a prefix; the last group is what follows.

    What other prefixes only take away may stand before each part, as in `/vi/cu/bai.html`.
    """
    taken_away: dict[str, list[str]] = {}
    for other in rules:
        if other.parent:
            part = re.escape(other.path[len(other.parent) - 1 : -1])
            taken_away.setdefault(other.parent.casefold(), []).append(part)

    def skipped(folder: str) -> str:
        parts = taken_away.get(folder.casefold())
        return f"(?:{'|'.join(parts)})*" if parts else ""

    pattern, folder = f"(?s)^{re.escape(slug)}", "/"
    for part in path.split("/")[1:-1]:
        pattern += (skipped(folder) if folder != rule.parent else "") + f"/{re.escape(part)}"
        folder += f"{part}/"
    pattern += skipped(rule.parent)
    rest = "/(?<portal_rest>[^?]*)"
    return f"{pattern}{rest}\\z" if path == "/" else f"{pattern}(?:{rest})?\\z"


def _request_paths(path: str) -> list[str]:
    """The path as a server compares it; a folder also without its slash, letters also decomposed.

    Empty if no request can have it, or the configuration cannot hold it.
    """
    if not fits(path) or any(part.startswith(".") or not part for part in path.split("/")[1:]):
        return []
    paths = [path, path.removesuffix(_INDEX)] if path.endswith(_INDEX) else [path]
    return list(dict.fromkeys(form for each in paths for form in (each, normalize("NFD", each))))
