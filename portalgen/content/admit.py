"""Decide which articles are published, and at which address."""

import re
from collections.abc import Collection, Iterator, Mapping
from itertools import chain

from msgspec import Struct, field

from portalgen.content.claims import claim_of_id, file_path, holders
from portalgen.content.load import Loaded
from portalgen.content.model import Article
from portalgen.content.published import Published
from portalgen.content.site_index import SiteIndex
from portalgen.problems import Problem, Problems, problem
from portalgen.settings import routes

OLDER_PAGE = re.compile(r"(^|/)trang-\d+\.html$")  # addresses of older list pages


class Admitted(Struct):
    """The published articles and the route of each; who holds and who has each claim of a site."""

    articles: list[Article] = field(default_factory=list)
    routes: dict[str, str] = field(default_factory=dict)
    held: dict[tuple[str, str], str] = field(default_factory=dict)
    claims: dict[str, dict[str, str]] = field(default_factory=dict)


def admit(
    indexes: Mapping[str, SiteIndex], loaded: Loaded, published: Published, now: int, drafts: bool,
    problems: Problems,
) -> tuple[Admitted, dict[str, str]]:  # fmt: skip
    """The articles to publish, and the route that each readable one has or would have.

    An article whose claims belong to another is refused; its last good version stands for it, at
    the address that it had, and claims that before all others.
    """
    route_of = {
        path: routes.article(indexes[a.site].site, a.section, a.slug, a.date_iso)
        for path, a in loaded.articles.items()
    } | dict(published.kept)
    seniors = set(published.owners.values())
    static = {slug: (index.site, index.static) for slug, index in indexes.items()}
    stay: dict[str, list[Problem]] = {}  # the problems of articles whose good versions stay
    while True:
        live = {path for path, a in loaded.articles.items() if a.is_published(now, drafts)}
        held = holders(published.owners, loaded, route_of, live, static)
        claims = {slug: first_claims(index, held) for slug, index in indexes.items()}
        admitted = Admitted([], {}, held, claims)
        order = sorted(live, key=lambda path: (path not in stay, path not in seniors, path))
        refused = _admit_all(order, indexes, loaded, route_of, admitted)
        goods = {
            path: good for path in refused if path not in stay and (good := published.good(path))
        }
        if not goods:
            break
        for path, (article, route) in goods.items():
            loaded.articles[path], route_of[path] = article, route
            stay[path] = refused[path]
    for item in chain.from_iterable((refused | stay).values()):
        problems.add(item)
    return admitted, route_of


def _admit_all(
    order: Collection[str], indexes: Mapping[str, SiteIndex], loaded: Loaded,
    route_of: Mapping[str, str], admitted: Admitted,
) -> dict[str, list[Problem]]:  # fmt: skip
    """Admit articles in order; returns the problems of others by path."""
    refused: list[tuple[Article, list[Problem]]] = []
    for path in order:
        article, route = loaded.articles[path], route_of[path]
        unfit = list(_unfit(article, route, indexes[article.site]))
        if unfit or any(_conflicts(article, route, admitted)):
            refused.append((article, unfit))
            continue
        admitted.claims[article.site] |= {route.casefold(): path, claim_of_id(article): path}
        admitted.routes[path] = route
        admitted.articles.append(article)
    return {  # once all claims are settled
        article.path: [
            item._replace(site=article.site)
            for item in (*unfit, *_conflicts(article, route_of[article.path], admitted))
        ]
        for article, unfit in refused
    }


def _unfit(article: Article, route: str, index: SiteIndex) -> Iterator[Problem]:
    if OLDER_PAGE.search(route):
        other = index.site.settings_path
        yield problem("same-url", article.path, 1, 0, url=f"/{route}", other=other)
    if not routes.fits(route):
        limits = {"limit": routes.MAX_NAME, "whole": routes.MAX_ROUTE}
        yield problem("address-too-long", article.path, 1, 0, **limits)


def _conflicts(article: Article, route: str, admitted: Admitted) -> Iterator[Problem]:
    """Problems of claims that belong to another source."""
    site, path = article.site, article.path
    for code, claim, values in (
        ("same-url", route.casefold(), {"url": f"/{route}"}),
        ("same-id", claim_of_id(article), {"id": article.identity}),
    ):
        other = admitted.claims[site].get(claim) or admitted.held.get((site, claim), path)
        if other != path:
            yield problem(code, path, 1, 0, other=other, **values)


def first_claims(index: SiteIndex, held: Mapping[tuple[str, str], str]) -> dict[str, str]:
    """Routes taken before any article, with the source of each; files leave what others hold."""
    site = index.site
    fixed = [*routes.FIXED, routes.MEMBERS, routes.NEWS_SITEMAP]
    taken = dict.fromkeys(fixed, site.settings_path) | dict.fromkeys(
        routes.DEPLOYED, "portalgen deploy"
    )
    for section in site.sections:
        taken[routes.section(section.slug)] = site.settings_path
    for route in index.static:
        file = file_path(site, route)
        if held.get((site.slug, route.casefold()), file) == file:
            taken.setdefault(route.casefold(), file)
    return taken
