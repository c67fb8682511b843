"""Old addresses of all sites: `aliases` of articles and rows of `redirects.csv`.

Each leads to a page that stands, in one step; what would not is refused.
"""

from collections.abc import Mapping

from portalgen.content.admit import OLDER_PAGE
from portalgen.content.front_matter import ALIAS
from portalgen.content.published import Owners
from portalgen.content.redirect_rows import (
    MAX_PREFIXES,
    MAX_QUERIES,
    Rule,
    read_rules,
    route_of,
)
from portalgen.content.site_index import SiteIndex
from portalgen.problems import Problem, Problems, problem
from portalgen.settings import routes
from portalgen.settings.network import Network
from portalgen.settings.suggestions import meant_alias

_Claims = Mapping[str, dict[str, str]]


def claim_addresses(
    network: Network, indexes: Mapping[str, SiteIndex], claims: _Claims, owners: Owners,
    problems: Problems,
) -> None:  # fmt: skip
    """Settle the old addresses of all sites; `claims` are the sources of addresses by site."""
    for slug, index in indexes.items():
        _claim_aliases(index, claims[slug], owners, problems)
    rules: dict[str, list[Rule]] = {}
    for slug, index in indexes.items():
        refused: list[Problem] = []
        rows = read_rules(network, index.site, refused)
        rules[slug] = _claimed(index, rows, claims[slug], refused)
        problems.extend(refused, slug)
    following = _Following(indexes, claims, rules)
    for slug, index in indexes.items():
        for rule in rules[slug]:
            refusal = following.refusal(slug, rule)
            if refusal:
                problems.add(refusal, slug)
            else:
                index.rules.append(rule)


def _claim_aliases(
    index: SiteIndex, claims: dict[str, str], owners: Owners, problems: Problems
) -> None:
    own = {article.path for article in (*index.own, *index.pages)}
    for listing, route in [
        *((item, routes.tag(item.slug)) for item in index.tags.values()),
        *((item, routes.topic(item.slug)) for item in index.topics.values()),
    ]:
        holder = claims.setdefault(route.casefold(), index.site.settings_path)
        if holder in own:
            conflict = problem("same-url", holder, 1, 0, url=f"/{route}", other=listing.title)
            problems.add(conflict, index.site.slug)
    slug = index.site.slug
    rows = []
    for article in (*index.own, *index.pages):
        for alias in article.aliases:
            if ALIAS.fullmatch(alias.target):
                route = route_of(alias.target)
                is_new = owners.get((slug, route.casefold())) != article.path
                address = f"/{alias.target.lstrip('/')}"
                rows.append((is_new, article.path, address, route, article))
            else:
                wanted = meant_alias(alias.target)
                code = "wrong-alias" if ALIAS.fullmatch(wanted) else "wrong-alias-query"
                values = {"value": alias.target[:80], "wanted": wanted[:200]}
                wrong = problem(code, article.path, alias.line, alias.column, **values)
                problems.add(wrong, slug)
    for _, path, address, route, article in sorted(rows, key=lambda row: row[:2]):
        taken_by = claims.get(route.casefold())
        if taken_by:
            if index.aliases.get(route) is not article:  # `/a` and `a` in one list
                problems.add(
                    problem("alias-taken", path, 1, 0, alias=address, other=taken_by), slug
                )
        elif not routes.fits(route):
            shortened = f"{address[:60]}…"
            too_long = problem(
                "alias-too-long", path, 1, 0,
                alias=shortened, limit=routes.MAX_NAME, whole=routes.MAX_ROUTE,
            )  # fmt: skip
            problems.add(too_long, slug)
        else:
            claims[route.casefold()] = path
            index.aliases[route] = article


def _claimed(
    index: SiteIndex, rows: list[Rule], claims: Mapping[str, str], refused: list[Problem]
) -> list[Rule]:
    """The rows whose old address is theirs: no page stands there, and no row above has it."""
    first: dict[object, Rule] = {}
    prefixes = 0
    names: set[tuple[str, ...]] = set()
    for rule in rows:
        holder = claims.get(rule.old_route.casefold()) if rule.is_page else None
        key = (rule.path.casefold(), rule.query, rule.is_prefix)
        if rule.is_page:
            key = (rule.old_route.casefold(), (), False)
        asked = tuple(name for name, _ in rule.query)
        if holder:
            refused.append(rule.problem("redirect-page", other=holder))
        elif key in first:
            refused.append(rule.problem("redirect-twice", first=first[key].line))
        elif (rule.is_prefix and prefixes == MAX_PREFIXES) or (
            rule.query and asked not in names and len(names) == MAX_QUERIES
        ):
            limits = {"prefixes": MAX_PREFIXES, "queries": MAX_QUERIES}
            refused.append(rule.problem("redirect-many", **limits))
        else:
            first[key] = rule
            prefixes += rule.is_prefix
            if rule.query:
                names.add(asked)
    return list(first.values())


def _meets(rule: Rule, other: Rule) -> bool:
    """Whether a prefix would answer what another leads to.

    Not one that only takes folders away (`/vi/*` to `/*`), which a server does at once with what
    is below the folder above.
    """
    below, path = f"/{rule.route}".casefold(), other.path.casefold()
    is_inside = path != below and path.startswith(below)
    return below.startswith(path) or (is_inside and not rule.parent)


class _Following:
    """Follows redirects, to refuse those that need a second step or never end."""

    def __init__(
        self, indexes: Mapping[str, SiteIndex], claims: _Claims, rules: Mapping[str, list[Rule]]
    ):
        self.indexes = indexes
        self.claims = claims
        self.pages = {
            (slug, rule.old_route.casefold()): rule
            for slug, site_rules in rules.items()
            for rule in site_rules
            if rule.is_page
        }
        self.prefixes = {
            slug: [rule for rule in site_rules if rule.is_prefix]
            for slug, site_rules in rules.items()
        }
        self.queries: dict[tuple[str, str], list[Rule]] = {}
        for slug, site_rules in rules.items():
            for rule in site_rules:
                if rule.query:
                    key = slug, rule.old_route.casefold()
                    self.queries.setdefault(key, []).append(rule)
        self.aliases = {
            (slug, route.casefold()): article
            for slug, index in indexes.items()
            for route, article in index.aliases.items()
        }

    def refusal(self, slug: str, rule: Rule) -> Problem | None:
        """Why a rule is refused, if it is."""
        if not rule.site:
            return None
        place = (rule.site, rule.route.casefold())
        if not rule.keeps_rest and place in self.aliases:
            article = self.aliases[place]
            return rule.problem("redirect-chain", other=f"{article.path}:1", next=rule.target)
        after = self._next(rule)
        if after is None:
            stands = rule.keeps_rest or self._stands(*place)
            return None if stands else rule.problem("redirect-nowhere", target=rule.target)
        steps = {id(rule)}
        step: Rule | None = after
        while step is not None and id(step) not in steps:
            steps.add(id(step))
            step = self._next(step)
        other = f"{after.file}:{after.line}"
        if step is not None:
            return rule.problem("redirect-loop", other=other)
        return rule.problem("redirect-chain", other=other, next=rule.target)

    def _next(self, rule: Rule) -> Rule | None:
        """The rule that would answer at the target of this one."""
        if not rule.site:
            return None
        if rule.keeps_rest:
            return next((other for other in self.prefixes[rule.site] if _meets(rule, other)), None)
        place = rule.site, rule.route.casefold()
        query = rule.target.partition("#")[0].partition("?")[2]
        if query:
            asked = set(query.split("&"))
            for other in self.queries.get(place, ()):
                if asked >= {f"{name}={value}" for name, value in other.query}:
                    return other
        return self.pages.get(place)

    def _stands(self, slug: str, route: str) -> bool:
        """Whether a page or file of the site has the address."""
        index = self.indexes[slug]
        feeds = {routes.section_feed(section.slug) for section in index.site.sections}
        return route in self.claims[slug] or route in feeds or bool(OLDER_PAGE.search(route))
