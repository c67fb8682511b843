"""Check a network: problems, and what hurts readers, without publishing anything."""

import time
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import yaml

from portalgen import pool, sources
from portalgen.content.lint.article import Notes, of_dates
from portalgen.content.lint.hosts import KnownHosts, display_host, host_of, known_hosts
from portalgen.content.lint.keys import of_topics
from portalgen.content.load import Loaded, load_notes
from portalgen.content.model import Article, Reference
from portalgen.library import Opened, open_library
from portalgen.pages.cards import Cards
from portalgen.pages.make import try_sites
from portalgen.pages.sample import all_pages, sample_pages
from portalgen.pages.stage import SiteResult
from portalgen.problems import PortalError, Problem, Problems, by_cause, problem
from portalgen.related.neighbours import relate_published
from portalgen.report import BuildReport, Options
from portalgen.settings.members import read_own
from portalgen.settings.network import Network
from portalgen.settings.reader import Document
from portalgen.text import fold
from portalgen.themes.lint import lint_templates
from portalgen.themes.theming import Theming, load_theming

_LINKS = frozenset(["menu", "links", "services", "alert"])


def check(options: Options, *, every_page: bool = False) -> BuildReport:
    """Check everything, with a sample of the pages that each template makes, or `every_page`.

    Raises `PortalError` if the settings are too broken for that.
    """
    started = time.perf_counter()
    problems, theme_problems = Problems(), Problems()

    def collect(opened: Opened) -> BuildReport:
        network, library = opened.network, opened.library
        report = BuildReport(language=network.main.language, next_change=library.next_change)
        report.articles = sum(len(index.own) for index in library.sites.values())
        notes = load_notes(opened.cache, opened.loaded)
        warnings = find_warnings(network, opened.loaded, notes, options.now)
        warnings += lint_templates(network)
        report.warnings = sorted({*warnings, *library.warnings})
        report.sites = len(network.sites)
        try:
            theming = load_theming(network, theme_problems, opened.ended)
            for result in _try_pages(options, opened, theming, every_page):
                theme_problems.extend(result.problems, result.site)
                report.sites -= result.failed
        except PortalError as error:
            theme_problems.extend(error.problems)
            report.sites = 0
        return report

    report = open_library(options, problems, collect, wait=False)
    report.refused = by_cause([*problems.items, *theme_problems.items])
    report.seconds = round(time.perf_counter() - started, 3)
    return report


def _try_pages(
    options: Options, opened: Opened, theming: dict[str, Theming], every_page: bool
) -> list[SiteResult]:
    """What a build would have to say of pages."""
    network, library, cache = opened.network, opened.library, opened.cache
    jobs = options.jobs or pool.processors()
    neighbours = relate_published(network, library, cache, jobs, pool.silent)
    cards = Cards(network, library, neighbours, options.now, theming)
    choose = all_pages if every_page else sample_pages
    return try_sites(cards, theming, cache, opened.ended, jobs, choose)


def find_warnings(
    network: Network, loaded: Loaded, notes: dict[str, Notes], now: int
) -> list[Problem]:
    """Warnings about all articles that have not expired, and about links in settings."""
    hosts = known_hosts(network)
    current = [a for a in loaded.articles.values() if a.draft or not a.has_expired(now)]
    paths = {article.path for article in current}.union(loaded.refused)
    warnings = Problems()
    for path in paths:
        warnings.extend(notes[path].warnings)
        warnings.extend(_unknown_hosts(path, notes[path].hosts, hosts))
    warnings.extend(_same_titles(current, notes))
    warnings.extend(_similar_tags(current, notes))
    topics = {article.path: notes[article.path].topics for article in current}
    warnings.extend(of_topics(network.sites, current, topics))
    for article in current:
        places = notes[article.path]
        warnings.extend(of_dates(article, places.date, places.updated, now))
    for site in network.sites:
        links = _links_of_settings(network.root, site.settings_path)
        warnings.extend(_unknown_hosts(site.settings_path, links, hosts), site.slug)
    sites = {site.folder: site.slug for site in network.sites}
    with_sites = Problems()
    for item in sorted(set(warnings.items)):
        folder = "/".join(item.path.split("/")[:2]) if item.path.startswith("members/") else ""
        with_sites.add(item, sites.get(folder, ""))
    return with_sites.items


def _unknown_hosts(path: str, links: Iterable[Reference], hosts: KnownHosts) -> Iterator[Problem]:
    for link in links:
        if link.target not in hosts:
            host = display_host(link.target)[:120]
            yield problem("unknown-host", path, link.line, link.column, host=host)


def _same_titles(articles: list[Article], notes: dict[str, Notes]) -> Iterator[Problem]:
    """Each later article of a site that has the title of an earlier one."""
    first: dict[tuple[str, str], Article] = {}
    for article in sorted(articles, key=lambda a: (a.date, a.path)):
        title = " ".join(article.title.casefold().split())
        other = first.setdefault((article.site, title), article)
        if other is not article:
            place = notes[article.path].title
            yield problem("same-title", article.path, *place, other=other.path)


def _similar_tags(articles: list[Article], notes: dict[str, Notes]) -> Iterator[Problem]:
    """Each tag of a single article that equals another but for marks or case."""
    uses = Counter(tag for article in articles for tag in article.tags)
    alike: dict[str, list[str]] = {}
    for tag in uses:
        alike.setdefault(" ".join(fold(tag).split()), []).append(tag)
    replacements: dict[str, str] = {}
    for folded, tags in alike.items():
        best = max(tags, key=lambda tag: (uses[tag], tag.casefold() != folded, tag))
        for tag in tags:
            bare = tag.casefold() == folded != best.casefold()
            if tag != best and uses[tag] == 1 and (uses[best] > 1 or bare):
                replacements[tag] = best
    if not replacements:
        return
    first_paths: dict[str, str] = {}
    for article in articles:
        for tag in article.tags:
            first_paths.setdefault(tag, article.path)
    for article in articles:
        for tag in replacements.keys() & set(article.tags):
            place, better = notes[article.path].tags, replacements[tag]
            other = first_paths[better]
            yield problem("similar-tag", article.path, *place, tag=tag, known=better, other=other)


def _links_of_settings(root: Path, path: str) -> list[Reference]:
    """Hosts that the menu and other lists of a settings file link to."""
    text = read_own(root, path, Problems())
    document = Document(path, limit=sources.MAX_SOURCE_BYTES)
    node = document.compose(text)
    if node is None or "//" not in text:
        return []
    return [
        Reference(host_of(url.value), *document.place(url))
        for key, value in _pairs(node)
        for url in _urls(key, value)
        if host_of(url.value)
    ]


def _pairs(node: yaml.Node) -> Iterator[tuple[str, yaml.Node]]:
    for key, value in node.value if isinstance(node, yaml.MappingNode) else ():
        yield key.value, value


def _urls(key: str, node: yaml.Node) -> Iterator[yaml.ScalarNode]:
    """Every `url` below one of the keys that hold links."""
    if isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _urls(key, item)
    for name, value in _pairs(node):
        if key in _LINKS and name == "url" and isinstance(value, yaml.ScalarNode):
            yield value
        elif key in ("members", "defaults"):
            yield from _urls(name, value)
