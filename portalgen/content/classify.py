"""Classify articles: which each site shows, in which lists, and which are refused."""

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
from portalgen.content.old_addresses import claim_addresses
from portalgen.content.scan import unreadable_folder
from portalgen.content.site_index import Listing, SiteIndex
from portalgen.problems import Problem, Problems, problem
from portalgen.settings import routes
from portalgen.settings.network import MAIN, Network
from portalgen.settings.site import Site
from portalgen.text import sort_key, spelling_key

_OLDER_PAGE = re.compile(r"(^|/)trang-\d+\.html$")  # addresses of older list pages


class Library(Struct):
    """The indexes of all sites, and the route of each published article.

    `dead` are the references of published articles that lead nowhere, by path; `warnings` say so,
    and what else readers do not get of the articles read this time.
    """

    sites: dict[str, SiteIndex]
    by_name: dict[tuple[str, str], Article]
    routes: dict[str, str]
    targets: "LinkTargets"
    next_change: int = 0
    held: dict[tuple[str, str], str] = field(default_factory=dict)
    dead: dict[str, list[Reference]] = field(default_factory=dict)
    warnings: list[Problem] = field(default_factory=list)

    def notes(self, network: Network) -> list[str]:
        """Notes for the webmaster: whether redirects need more than pages that lead on."""
        rules = (rule for index in self.sites.values() for rule in index.rules)
        needs_server = (
            network.closed
            or any(site.hosts for site in network.sites)
            or any(not (rule.is_page and rule.target) for rule in rules)
        )
        return ["needs-server"] if needs_server else []

    def owners(self, slug: str) -> dict[tuple[str, str], str]:
        """The sources that own the site's addresses and identities from now on."""
        index = self.sites[slug]
        claims = {route.casefold(): file_path(index.site, route) for route in index.static}
        claims |= {route.casefold(): article.path for route, article in index.aliases.items()}
        for article in (*index.own, *index.pages):
            claims[self.routes[article.path].casefold()] = article.path
            if has_own_id(article):
                claims[claim_of_id(article)] = article.path
        held = {key: path for key, path in self.held.items() if key[0] == slug}
        return held | {(slug, claim): path for claim, path in claims.items()}

    def replace(self, old: Article, new: Article) -> None:
        """Replace an article in every list; its address stays the same."""
        self.by_name[old.site, old.name] = new
        for slug in {old.site, MAIN}:
            index = self.sites[slug]
            listings = chain(index.sections.values(), index.tags.values(), index.topics.values())
            for articles in (
                index.own, index.pages, index.listed, *(listing.articles for listing in listings)
            ):  # fmt: skip
                for position, article in enumerate(articles):
                    if article is old:
                        articles[position] = new


class LinkTargets:
    """Targets that a link in an article may name, published or not."""

    def __init__(self, indexes: dict[str, SiteIndex], loaded: Loaded, route_of: dict[str, str]):
        self.indexes = indexes
        self.loaded = loaded
        self.route_of = route_of
        self._by_site: dict[str, list[Article]] = {}
        self._paths: dict[str, set[str]] = {}

    def dead(self, article: Article) -> list[Reference]:
        """The references of the article that lead nowhere."""
        references = chain(article.links, article.related, article.unrelated)
        return [ref for ref in references if not self._resolves(ref, article.site)]

    def _resolves(self, ref: Reference, site: str) -> bool:
        if ref.target.startswith("portal:"):
            slug, _, name = ref.target.removeprefix("portal:").partition("/")
            return name in self.loaded.names.get(slug, ())
        if ref.target.startswith("/"):
            path = ref.target.split("?")[0]
            return path in self._paths_of(site) or bool(_OLDER_PAGE.search(path))
        return ref.target.startswith(("https://", "http://"))

    def _paths_of(self, slug: str) -> set[str]:
        """Paths of the site that a link starting with `/` may name."""
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
            paths |= {f"/{self.route_of[article.path]}"}
            paths |= {f"/{alias.target.lstrip('/')}" for alias in article.aliases}
            paths |= {f"/{routes.tag(routes.name_slug(tag))}" for tag in article.tags}
            paths |= {f"/{routes.topic(routes.name_slug(name))}" for name in article.topics}
        self._paths[slug] = paths
        return paths


def newest_first(articles: Iterable[Article]) -> list[Article]:
    """Articles by date, newest first; ties by path."""
    return sorted(sorted(articles, key=lambda a: a.path), key=lambda a: -a.date)


def classify(
    network: Network, loaded: Loaded, now: int, drafts: bool, problems: Problems,
    owners: Owners | None = None,
) -> Library:  # fmt: skip
    """Sort the published articles of every site into its lists; report and leave out others.

    Of several sources that claim one address or `id`, the one among the `owners` keeps it.
    """
    problems.extend(network.refused)
    owners = owners or {}
    indexes = {site.slug: SiteIndex(site) for site in network.sites}
    for index in indexes.values():
        index.static = list(_static_files(network, index.site, problems, loaded.unlisted))
    route_of = {
        path: routes.article(indexes[a.site].site, a.section, a.slug, a.date_iso)
        for path, a in loaded.articles.items()
    }
    live = {path for path, a in loaded.articles.items() if a.is_published(now, drafts)}
    static = {slug: (index.site, index.static) for slug, index in indexes.items()}
    held = holders(owners, loaded, route_of, live, static)
    for index in indexes.values():
        _drop_claimed_files(index, held, problems)
    targets = LinkTargets(indexes, loaded, route_of)
    changes = [a.next_change(now, drafts) for a in loaded.articles.values()]
    next_change = min((change for change in changes if change), default=0)
    library = Library(
        indexes, {}, {}, targets, next_change, held, warnings=loaded.current_warnings(now)
    )
    claims = {site.slug: _first_claims(indexes[site.slug]) for site in network.sites}
    published = set(owners.values())

    def conflicts(article: Article) -> Iterator[Problem]:
        """Problems of claims that belong to another source."""
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
        article_problems = []
        if _OLDER_PAGE.search(route):
            other = index.site.settings_path
            article_problems.append(problem("same-url", path, 1, 0, url=f"/{route}", other=other))
        if not routes.fits(route):
            limits = {"limit": routes.MAX_NAME, "whole": routes.MAX_ROUTE}
            article_problems.append(problem("address-too-long", path, 1, 0, **limits))
        if article_problems or any(conflicts(article)):
            refused.append((article, article_problems))
            continue
        claims[article.site] |= {route.casefold(): path, claim_of_id(article): path}
        library.routes[path] = route
        library.by_name[article.site, article.name] = article
        (index.pages if article.is_page else index.own).append(article)
        if dead := targets.dead(article):
            library.dead[path] = dead
            library.warnings += [
                problem("link-nowhere", path, ref.line, ref.column, target=ref.target)._replace(
                    site=article.site
                )
                for ref in dead
            ]
    for article, article_problems in refused:  # once all claims are settled
        problems.extend([*article_problems, *conflicts(article)], article.site)
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
    claim_addresses(network, indexes, claims, owners, problems)
    return library


def _drop_claimed_files(
    index: SiteIndex, held: Mapping[tuple[str, str], str], problems: Problems
) -> None:
    """Leave out static files at addresses that a published source holds."""
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
                articles = index.topics.setdefault(slug, Listing(slug, name)).articles
                if article not in articles[-1:]:
                    articles.append(article)
    _make_tags(index, tagged, problems)


def _make_tags(index: SiteIndex, tagged: dict[str, list[Article]], problems: Problems) -> None:
    """Make a list for each tag of two articles or more, titled by its most frequent spelling."""
    spellings: dict[str, list[str]] = {}
    for name in tagged:
        spellings.setdefault(spelling_key(name), []).append(name)
    uses = {key: sum(len(tagged[name]) for name in names) for key, names in spellings.items()}
    frequent = [key for key in uses if uses[key] > 1]
    owners: dict[str, str] = {}
    for key in sorted(frequent, key=lambda key: (-uses[key], key)):
        names = spellings[key]
        title = min(names, key=lambda name: (-len(tagged[name]), sort_key(name)))
        slug = routes.name_slug(title)
        articles = tagged[title] if len(names) == 1 else _merged(tagged[name] for name in names)
        if len(articles) < 2 or not slug:
            continue
        if slug in index.tags:
            values = {"tag": title, "other": index.tags[slug].title, "source": owners[slug]}
            collision = problem("tag-collision", articles[0].path, 1, 0, **values)
            problems.add(collision, index.site.slug)
            continue
        index.tags[slug] = Listing(slug, title, articles=articles)
        owners[slug] = articles[0].path
        index.tag_slugs.update(dict.fromkeys(names, slug))


def _merged(lists: Iterable[list[Article]]) -> list[Article]:
    """All articles of these lists, newest first, each once."""
    return newest_first({a.path: a for articles in lists for a in articles}.values())


def _static_files(
    network: Network, site: Site, problems: Problems, unlisted: list[str]
) -> Iterable[str]:
    """Routes of the files under `static/`, in order; adds folders that cannot be listed."""
    base = network.folder(site) / "static"

    def report(error: OSError) -> None:
        if not isinstance(error, (FileNotFoundError, NotADirectoryError)):
            route = Path(error.filename).relative_to(network.root).as_posix()
            unlisted.append(sources.as_text(route))
            problems.add(unreadable_folder(error, unlisted[-1]), site.slug)

    site_folder = str(network.folder(site))
    if site.folder and sources.leaves(str(base), site_folder):
        problems.add(problem("symlink-outside", f"{site.folder}/static".lstrip("/")), site.slug)
        return
    for folder, folders, files in os.walk(base, onerror=report):
        folders.sort()
        for name in sorted(files):
            file = Path(folder) / name
            route = file.relative_to(base).as_posix()
            path = sources.as_text(f"{site.folder}/static/{route}".lstrip("/"))
            if name.startswith(".") and not route.startswith(".well-known/"):
                continue
            if not sources.is_text(route):
                problems.add(problem("file-name", path), site.slug)
            elif file.is_symlink() and sources.leaves(str(file), site_folder):
                problems.add(problem("symlink-outside", path), site.slug)
            elif refusal := _static_problem(file, route, path):
                problems.add(refusal, site.slug)
            else:
                yield route


def _static_problem(file: Path, route: str, path: str) -> Problem | None:
    """The problem that keeps a static file from being published, if any."""
    try:
        status = os.stat(file)
    except OSError as error:
        return sources.unreadable(error, path, sources.MAX_FILE_BYTES)
    if not stat.S_ISREG(status.st_mode):
        return problem("not-a-file", path)
    if status.st_size > sources.MAX_FILE_BYTES:
        return problem("large-file", path, megabytes=sources.MAX_FILE_BYTES // 1_000_000)
    if route.partition("/")[0].casefold() in routes.DEPLOYED:
        return problem("reserved-file", path, name=route.partition("/")[0])
    if not routes.is_portable(route):
        return problem("odd-file-name", path)
    if not routes.fits(route, name=255):
        return problem("address-too-long", path, limit=255, whole=routes.MAX_ROUTE)
    return None


def _first_claims(index: SiteIndex) -> dict[str, str]:
    """Routes taken before any article, with the source of each."""
    site = index.site
    fixed = [*routes.FIXED, routes.MEMBERS, routes.NEWS_SITEMAP]
    taken = dict.fromkeys(fixed, site.settings_path) | dict.fromkeys(
        routes.DEPLOYED, "portalgen deploy"
    )
    for section in site.sections:
        taken[routes.section(section.slug)] = site.settings_path
    for route in index.static:
        taken.setdefault(route.casefold(), file_path(site, route))
    return taken
