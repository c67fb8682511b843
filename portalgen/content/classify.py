"""Classify: which articles each site shows, in which lists, and which must be refused."""

import os
import re
import stat
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from pathlib import Path

from msgspec import Struct, field

from portalgen import sources
from portalgen.content.claims import Owners, claim_of_id, file_path, has_own_id, holders
from portalgen.content.load import Loaded
from portalgen.content.model import Article, Reference
from portalgen.problems import Problem, Problems, problem
from portalgen.settings import routes
from portalgen.settings.network import MAIN, Network
from portalgen.settings.site import Site
from portalgen.text import sort_key, spelling_key

_OLDER_PAGE = re.compile(r"(^|/)trang-\d+\.html$")  # addresses of older list pages


class Listing(Struct):
    """A titled list of articles, newest first."""

    slug: str
    title: str
    description: str = ""
    articles: list[Article] = field(default_factory=list)


class SiteIndex(Struct):
    """What one site shows: its own articles, and those it lists, each newest first."""

    site: Site
    own: list[Article] = field(default_factory=list)
    pages: list[Article] = field(default_factory=list)
    listed: list[Article] = field(default_factory=list)
    sections: dict[str, Listing] = field(default_factory=dict)
    tags: dict[str, Listing] = field(default_factory=dict)
    topics: dict[str, Listing] = field(default_factory=dict)
    tag_slugs: dict[str, str] = field(default_factory=dict)
    topic_slugs: dict[str, str] = field(default_factory=dict)
    static: list[str] = field(default_factory=list)
    aliases: dict[str, Article] = field(default_factory=dict)

    def topics_of(self, article: Article) -> list[str]:
        """The slugs of an article's topics; a name without a letter or digit has none."""
        named = (self.topic_slugs.get(name) for name in article.topics)
        return list(dict.fromkeys(slug for slug in named if slug))


class Library(Struct):
    """All sites' indexes, and where each published article stands."""

    sites: dict[str, SiteIndex]
    by_name: dict[tuple[str, str], Article]
    routes: dict[str, str]
    targets: "LinkTargets"
    next_change: int = 0
    held: dict[tuple[str, str], str] = field(default_factory=dict)

    def owners(self, slug: str) -> dict[tuple[str, str], str]:
        """Who has the addresses and identities of a site from now on."""
        index = self.sites[slug]
        claims = {route.casefold(): file_path(index.site, route) for route in index.static}
        claims |= {route.casefold(): article.path for route, article in index.aliases.items()}
        for article in (*index.own, *index.pages):
            claims[self.routes[article.path].casefold()] = article.path
            if has_own_id(article):
                claims[claim_of_id(article)] = article.path
        held = {at: path for at, path in self.held.items() if at[0] == slug}
        return held | {(slug, claim): path for claim, path in claims.items()}

    def replace(self, old: Article, new: Article) -> None:
        """Put an article in the place of another everywhere, at the same address."""
        self.by_name[old.site, old.name] = new
        for slug in {old.site, MAIN}:
            index = self.sites[slug]
            listings = chain(index.sections.values(), index.tags.values(), index.topics.values())
            for articles in (
                index.own, index.pages, index.listed, *(listing.articles for listing in listings)
            ):  # fmt: skip
                for at, article in enumerate(articles):
                    if article is old:
                        articles[at] = new


class LinkTargets:
    """What a link in an article may name, published or not."""

    def __init__(self, indexes: dict[str, SiteIndex], loaded: Loaded, route_of: dict[str, str]):
        self.indexes = indexes
        self.loaded = loaded
        self.route_of = route_of
        self._by_site: dict[str, list[Article]] = {}
        self._paths: dict[str, set[str]] = {}

    def dead_links(self, article: Article) -> Iterable[Problem]:
        """Each link of the article that leads nowhere."""
        for ref in chain(article.links, article.related, article.unrelated):
            if not self._leads_somewhere(ref, article.site):
                yield problem("link-nowhere", article.path, ref.line, ref.column, target=ref.target)

    def _leads_somewhere(self, ref: Reference, site: str) -> bool:
        if ref.target.startswith("portal:"):
            slug, _, name = ref.target.removeprefix("portal:").partition("/")
            return name in self.loaded.names.get(slug, ())
        if ref.target.startswith("/"):
            path = ref.target.split("?")[0]
            return path in self._paths_of(site) or bool(_OLDER_PAGE.search(path))
        return ref.target.startswith(("https://", "http://"))

    def _paths_of(self, slug: str) -> set[str]:
        """Paths that a link starting with `/` may name on a site."""
        if slug in self._paths:
            return self._paths[slug]
        if not self._by_site:
            for article in self.loaded.articles.values():
                self._by_site.setdefault(article.site, []).append(article)
        site = self.indexes[slug].site
        paths = {f"/{route}" for route in _first_claims(self.indexes[slug])}
        paths |= {f"/{route}" for route in self.indexes[slug].static}
        paths |= {f"/{section.slug}/" for section in site.sections} | {"/"}
        paths |= {f"/{routes.section_feed(section.slug)}" for section in site.sections}
        paths |= {f"/{routes.topic(topic.slug)}" for topic in site.topics}
        for article in self._by_site.get(slug, ()):
            paths |= {f"/{self.route_of[article.path]}", *article.aliases}
            paths |= {f"/{routes.tag(routes.name_slug(tag))}" for tag in article.tags}
            paths |= {f"/{routes.topic(routes.name_slug(name))}" for name in article.topics}
        self._paths[slug] = paths
        return paths


def newest_first(articles: Iterable[Article]) -> list[Article]:
    """By date, newest first; ties by path."""
    return sorted(sorted(articles, key=lambda a: a.path), key=lambda a: -a.date)


def classify(
    network: Network, loaded: Loaded, now: int, drafts: bool, problems: Problems,
    owners: Owners | None = None,
) -> Library:  # fmt: skip
    """Sort the published articles of every site into its lists; refuse those that cannot stand.

    Of several sources that claim one address or `id`, who is among the `owners` keeps it.
    """
    owners = owners or {}
    indexes = {site.slug: SiteIndex(site) for site in network.sites}
    for index in indexes.values():
        index.static = list(_static_files(network, index.site, problems))
    route_of = {
        path: routes.article(indexes[a.site].site, a.section, a.slug, a.date_iso)
        for path, a in loaded.articles.items()
    }
    live = {path for path, a in loaded.articles.items() if a.is_published(now, drafts)}
    static = {slug: (index.site, index.static) for slug, index in indexes.items()}
    held = holders(owners, loaded, route_of, live, static)
    for index in indexes.values():
        _yield_to_holders(index, held, problems)
    targets = LinkTargets(indexes, loaded, route_of)
    changes = [a.next_change(now, drafts) for a in loaded.articles.values()]
    next_change = min((change for change in changes if change), default=0)
    library = Library(indexes, {}, {}, targets, next_change, held)
    claims = {site.slug: _first_claims(indexes[site.slug]) for site in network.sites}
    published = set(owners.values())

    def others(article: Article) -> Iterator[Problem]:
        """What of another's the article claims."""
        site, path, route = article.site, article.path, route_of[article.path]
        for code, claim, values in (
            ("same-url", route.casefold(), {"url": f"/{route}"}),
            ("same-id", claim_of_id(article), {"id": article.identity}),
        ):
            other = claims[site].get(claim) or held.get((site, claim), path)
            if other != path:
                yield problem(code, path, 1, 0, other=other, **values)

    refused = []
    for path in sorted(live, key=lambda path: (path not in published, path)):
        article, route = loaded.articles[path], route_of[path]
        index = indexes[article.site]
        found = list(targets.dead_links(article))
        if _OLDER_PAGE.search(route):
            other = index.site.settings_path
            found.append(problem("same-url", path, 1, 0, url=f"/{route}", other=other))
        if not routes.fits(route):
            limits = {"limit": routes.MAX_NAME, "whole": routes.MAX_ROUTE}
            found.append(problem("address-too-long", path, 1, 0, **limits))
        if found or any(others(article)):
            refused.append((article, found))
            continue
        claims[article.site] |= {route.casefold(): path, claim_of_id(article): path}
        library.routes[path] = route
        library.by_name[article.site, article.name] = article
        (index.pages if article.is_page else index.own).append(article)
    for article, found in refused:  # now that it is clear who has what
        problems.extend([*found, *others(article)], article.site)
    for index in indexes.values():
        index.own = newest_first(index.own)
        index.pages.sort(key=lambda page: page.path)
    main = indexes[MAIN]
    shared = [
        a for index in indexes.values() if index is not main for a in index.own if a.syndicate
    ]
    for index in indexes.values():
        index.listed = newest_first([*index.own, *shared]) if index is main else index.own
        _sort_into_lists(index, problems)
        _claim_aliases(index, claims[index.site.slug], owners, problems)
    return library


def _yield_to_holders(
    index: SiteIndex, held: Mapping[tuple[str, str], str], problems: Problems
) -> None:
    """Leave out static files that came to the address of what is published there."""
    slug = index.site.slug
    for route in list(index.static):
        file = file_path(index.site, route)
        other = held.get((slug, route.casefold()), file)
        if other != file:
            index.static.remove(route)
            problems.add(problem("file-taken", file, url=f"/{route}", other=other), slug)


def _sort_into_lists(index: SiteIndex, problems: Problems) -> None:
    site = index.site
    for section in site.sections:
        index.sections[section.slug] = Listing(section.slug, section.title, section.description)
    for topic in site.topics:
        index.topics[topic.slug] = Listing(topic.slug, topic.title, topic.description)
    topic_slugs = {spelling_key(topic.title): topic.slug for topic in site.topics}
    tagged: dict[str, list[Article]] = {}
    for article in index.listed:
        if article.section in index.sections:
            index.sections[article.section].articles.append(article)
        for name in article.tags:
            tagged.setdefault(name, []).append(article)
        for name in article.topics:
            slug = topic_slugs.get(spelling_key(name)) or routes.name_slug(name)
            if slug:
                index.topic_slugs[name] = slug
                found = index.topics.setdefault(slug, Listing(slug, name)).articles
                if article not in found[-1:]:
                    found.append(article)
    _make_tags(index, tagged, problems)


def _make_tags(index: SiteIndex, tagged: dict[str, list[Article]], problems: Problems) -> None:
    """A list for each tag that two articles have, under the most frequent of its spellings."""
    spellings: dict[str, list[str]] = {}
    for name in tagged:
        spellings.setdefault(spelling_key(name), []).append(name)
    uses = {key: sum(len(tagged[name]) for name in names) for key, names in spellings.items()}
    often = [key for key in uses if uses[key] > 1]
    owners: dict[str, str] = {}
    for key in sorted(often, key=lambda key: (-uses[key], key)):
        names = spellings[key]
        title = min(names, key=lambda name: (-len(tagged[name]), sort_key(name)))
        slug = routes.name_slug(title)
        articles = tagged[title] if len(names) == 1 else _merged(tagged[name] for name in names)
        if len(articles) < 2 or not slug:
            continue
        if slug in index.tags:
            values = {"tag": title, "other": index.tags[slug].title, "source": owners[slug]}
            found = problem("tag-collision", articles[0].path, 1, 0, **values)
            problems.add(found, index.site.slug)
            continue
        index.tags[slug] = Listing(slug, title, articles=articles)
        owners[slug] = articles[0].path
        index.tag_slugs.update(dict.fromkeys(names, slug))


def _merged(lists: Iterable[list[Article]]) -> list[Article]:
    """All of these lists, newest first, each article once."""
    return newest_first({a.path: a for articles in lists for a in articles}.values())


def _static_files(network: Network, site: Site, problems: Problems) -> Iterable[str]:
    """Files under `static/`, relative to it, in order."""
    base = network.folder(site) / "static"
    house = str(network.folder(site))
    if site.folder and sources.leaves(str(base), house):
        problems.add(problem("symlink-outside", f"{site.folder}/static".lstrip("/")), site.slug)
        return
    for folder, folders, files in os.walk(base):
        folders.sort()
        for name in sorted(files):
            file = Path(folder) / name
            route = file.relative_to(base).as_posix()
            shown = sources.as_text(f"{site.folder}/static/{route}".lstrip("/"))
            if name.startswith(".") and not route.startswith(".well-known/"):
                continue
            if not sources.is_text(route):
                problems.add(problem("file-name", shown), site.slug)
            elif file.is_symlink() and sources.leaves(str(file), house):
                problems.add(problem("symlink-outside", shown), site.slug)
            elif found := _unfit_file(file, route, shown):
                problems.add(found, site.slug)
            else:
                yield route


def _unfit_file(file: Path, route: str, shown: str) -> Problem | None:
    """Why a static file cannot be published."""
    try:
        status = os.stat(file)
    except OSError as error:
        return sources.unreadable(error, shown, sources.MAX_FILE_BYTES)
    if not stat.S_ISREG(status.st_mode):
        return problem("not-a-file", shown)
    if status.st_size > sources.MAX_FILE_BYTES:
        return problem("large-file", shown, megabytes=sources.MAX_FILE_BYTES // 1_000_000)
    if route.partition("/")[0].casefold() in routes.DEPLOYED:
        return problem("reserved-file", shown, name=route.partition("/")[0])
    if not routes.is_portable(route):
        return problem("odd-file-name", shown)
    if not routes.fits(route, name=255):
        return problem("address-too-long", shown, limit=255, whole=routes.MAX_ROUTE)
    return None


def _first_claims(index: SiteIndex) -> dict[str, str]:
    """Routes that are taken before any article: by fixed pages, sections and static files."""
    site = index.site
    fixed = [*routes.FIXED, *([routes.MEMBERS, routes.NEWS_SITEMAP])]
    taken = dict.fromkeys(fixed, site.settings_path) | dict.fromkeys(
        routes.DEPLOYED, "portalgen deploy"
    )
    for section in site.sections:
        taken[routes.section(section.slug)] = site.settings_path
    for route in index.static:
        taken.setdefault(route.casefold(), file_path(site, route))
    return taken


def _claim_aliases(
    index: SiteIndex, claims: dict[str, str], owners: Owners, problems: Problems
) -> None:
    own = {article.path for article in (*index.own, *index.pages)}
    for listing, route in [
        *((item, routes.tag(item.slug)) for item in index.tags.values()),
        *((item, routes.topic(item.slug)) for item in index.topics.values()),
    ]:
        first = claims.setdefault(route.casefold(), index.site.settings_path)
        if first in own:
            found = problem("same-url", first, 1, 0, url=f"/{route}", other=listing.title)
            problems.add(found, index.site.slug)
    slug = index.site.slug
    wanted = [
        (owners.get((slug, route.casefold())) != article.path, article.path, alias, route, article)
        for article in (*index.own, *index.pages)
        for alias in article.aliases
        for route in [_alias_route(alias)]
    ]
    for _, path, alias, route, article in sorted(wanted, key=lambda row: row[:2]):
        taken = claims.get(route.casefold())
        if taken:
            problems.add(problem("alias-taken", path, 1, 0, alias=alias, other=taken), slug)
        elif not routes.fits(route):
            begin = f"{alias[:60]}…"
            found = problem(
                "alias-too-long", path, 1, 0,
                alias=begin, limit=routes.MAX_NAME, whole=routes.MAX_ROUTE,
            )  # fmt: skip
            problems.add(found, slug)
        else:
            claims[route.casefold()] = path
            index.aliases[route] = article


def _alias_route(alias: str) -> str:
    """Where the redirect of an old address stands."""
    route = alias.lstrip("/")
    if route.endswith("/") or not route:
        return route + "index.html"
    return route if "." in route.rpartition("/")[2] else f"{route}/index.html"
