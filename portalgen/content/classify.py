"""Classify articles: which each site shows, in which lists, and which are refused."""

import os
import stat
from collections.abc import Iterable, Mapping
from itertools import chain
from pathlib import Path

from msgspec import Struct, field

from portalgen import sources
from portalgen.content.admit import admit
from portalgen.content.claims import file_path
from portalgen.content.front import choose_front
from portalgen.content.link_targets import LinkTargets
from portalgen.content.lists import newest_first, sort_into_lists
from portalgen.content.load import Loaded
from portalgen.content.model import Article, Reference
from portalgen.content.old_addresses import claim_addresses
from portalgen.content.published import Published
from portalgen.content.scan import unreadable_folder
from portalgen.content.site_index import SiteIndex
from portalgen.problems import Problem, Problems, problem
from portalgen.settings import routes
from portalgen.settings.network import MAIN, Network
from portalgen.settings.site import Site


class Library(Struct):
    """The indexes of all sites, and the route of each published article.

    `dead` are the references of published articles that lead nowhere, by path; `warnings` say so,
    and what else readers do not get of the articles read this time. `renamed` are present sources
    by earlier ones, `feed_ids` what feeds call articles by path, if not their identity.
    """

    sites: dict[str, SiteIndex]
    by_name: dict[tuple[str, str], Article]
    routes: dict[str, str]
    targets: LinkTargets
    next_change: int = 0
    dead: dict[str, list[Reference]] = field(default_factory=dict)
    warnings: list[Problem] = field(default_factory=list)
    renamed: Mapping[tuple[str, str], tuple[str, str]] = field(default_factory=dict)
    feed_ids: dict[str, str] = field(default_factory=dict)

    def notes(self, network: Network) -> list[str]:
        """Notes for the webmaster: whether redirects need more than pages that lead on."""
        rules = (rule for index in self.sites.values() for rule in index.rules)
        needs_server = (
            network.closed
            or any(site.hosts for site in network.sites)
            or any(not (rule.is_page and rule.target) for rule in rules)
            or any(not item.is_page for index in self.sites.values() for item in index.former)
        )
        return ["needs-server"] if needs_server else []

    def find(self, slug: str, name: str) -> Article | None:
        """The published article of a source, which may have been renamed since."""
        return self.by_name.get(self.renamed.get((slug, name), (slug, name)))

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


def classify(
    network: Network, loaded: Loaded, now: int, drafts: bool, problems: Problems,
    published: Published | None = None,
) -> Library:  # fmt: skip
    """Sort the published articles of every site into its lists; report and leave out others.

    Of several sources that claim one address or `id`, the one that was published with it keeps it.
    """
    problems.extend(network.refused)
    published = published or Published()
    indexes = {site.slug: SiteIndex(site) for site in network.sites}
    for index in indexes.values():
        index.static = list(_static_files(network, index.site, problems, loaded.unlisted))
        if index.site.slug in network.over_quota:
            index.static = [
                route for route in index.static
                if published.owners.get((index.site.slug, route.casefold()))
                == file_path(index.site, route)
            ]  # fmt: skip
    admitted, route_of = admit(indexes, loaded, published, now, drafts, problems)
    for index in indexes.values():
        _drop_claimed_files(index, admitted.held, problems)
    targets = LinkTargets(indexes, loaded, route_of, published, network)
    changes = [a.next_change(now, drafts) for a in loaded.articles.values()]
    changes.append(network.main.front_until if network.main.front_until > now else 0)
    next_change = min((change for change in changes if change), default=0)
    warnings = loaded.current_warnings(now, network.sites)
    library = Library(indexes, {}, admitted.routes, targets, next_change, warnings=warnings)
    library.renamed = loaded.renamed
    for article in admitted.articles:
        index = indexes[article.site]
        library.by_name[article.site, article.name] = article
        (index.pages if article.is_page else index.own).append(article)
        if dead := targets.dead(article):
            library.dead[article.path] = dead
        library.warnings += targets.warnings(article, dead)
    for source, ref in loaded.links:
        if not targets.resolves(ref, source.site.slug):
            nowhere = targets.nowhere(ref, source.site.slug, source.name, source.path)
            library.warnings += [nowhere] * (nowhere not in library.warnings)
    for index in indexes.values():
        index.own = newest_first(index.own)
        index.pages.sort(key=lambda page: page.path)
    main = indexes[MAIN]
    shared = [
        a for slug, index in indexes.items() if index is not main and main.site.takes(slug)
        for a in index.own if a.syndicate
    ]  # fmt: skip
    for index in indexes.values():
        index.listed = newest_first([*index.own, *shared]) if index is main else index.own
        sort_into_lists(index, published.lists)
        index.taken = admitted.claims[index.site.slug]
    library.warnings += choose_front(main, library.find, targets, now)
    claim_addresses(network, indexes, admitted.claims, published.owners, problems)
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
