"""Everything that is wrong, and what hurts readers, without rendering or touching the output."""

import time
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import yaml

from portalgen import sources
from portalgen.content.lint.article import Notes
from portalgen.content.lint.hosts import KnownHosts, display_host, host_of, known_hosts
from portalgen.content.load import Loaded, load_notes
from portalgen.content.model import Article, Reference
from portalgen.library import Opened, open_library
from portalgen.problems import PortalError, Problem, Problems, problem
from portalgen.report import BuildReport, Options
from portalgen.settings.network import Network
from portalgen.settings.reader import Document
from portalgen.text import fold
from portalgen.themes.theming import load_theming

_LINKS = frozenset(["menu", "links", "services", "alert"])


def check(options: Options) -> BuildReport:
    """Look at everything; raise `PortalError` if the settings are so wrong that nothing can be."""
    started = time.perf_counter()
    problems, themed = Problems(), Problems()

    def checked(opened: Opened) -> BuildReport:
        network, library = opened.network, opened.library
        report = BuildReport(language=network.main.language, next_change=library.next_change)
        report.articles = sum(len(index.own) for index in library.sites.values())
        notes = load_notes(opened.cache, opened.loaded)
        report.warnings = find_warnings(network, opened.loaded, notes, options.now)
        try:
            report.sites = len(load_theming(network, themed))
        except PortalError as error:
            themed.extend(error.problems)
        return report

    report = open_library(options, problems, checked)
    report.refused = sorted({*problems.items, *themed.items})
    report.seconds = round(time.perf_counter() - started, 3)
    return report


def find_warnings(
    network: Network, loaded: Loaded, notes: dict[str, Notes], now: int
) -> list[Problem]:
    """What hurts readers of all articles that have not expired, and links in settings."""
    known = known_hosts(network)
    shows = [a for a in loaded.articles.values() if a.draft or not 0 < a.expires <= now]
    paths = {article.path for article in shows}.union(loaded.refused)
    found = Problems()
    for path in paths:
        found.extend(notes[path].warnings)
        found.extend(_unknown_hosts(path, notes[path].hosts, known))
    found.extend(_same_titles(shows, notes))
    found.extend(_similar_tags(shows, notes))
    for site in network.sites:
        links = _links_of_settings(network.root, site.settings_path)
        found.extend(_unknown_hosts(site.settings_path, links, known), site.slug)
    sites = {site.folder: site.slug for site in network.sites}
    marked = Problems()
    for item in sorted(set(found.items)):
        folder = "/".join(item.path.split("/")[:2]) if item.path.startswith("members/") else ""
        marked.add(item, sites.get(folder, ""))
    return marked.items


def _unknown_hosts(path: str, links: Iterable[Reference], known: KnownHosts) -> Iterator[Problem]:
    for link in links:
        if link.target not in known:
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
    """Each tag of a single article that is another's but for marks or case."""
    uses = Counter(tag for article in articles for tag in article.tags)
    alike: dict[str, list[str]] = {}
    for tag in uses:
        alike.setdefault(" ".join(fold(tag).split()), []).append(tag)
    meant: dict[str, str] = {}
    for folded, tags in alike.items():
        best = max(tags, key=lambda tag: (uses[tag], tag.casefold() != folded, tag))
        for tag in tags:
            bare = tag.casefold() == folded != best.casefold()
            if tag != best and uses[tag] == 1 and (uses[best] > 1 or bare):
                meant[tag] = best
    if not meant:
        return
    where: dict[str, str] = {}
    for article in articles:
        for tag in article.tags:
            where.setdefault(tag, article.path)
    for article in articles:
        for tag in meant.keys() & set(article.tags):
            place, known = notes[article.path].tags, meant[tag]
            yield problem(
                "similar-tag", article.path, *place, tag=tag, known=known, other=where[known]
            )


def _links_of_settings(root: Path, path: str) -> list[Reference]:
    """Hosts to which the menu and other lists of a settings file lead."""
    text = sources.read(root / path, path)
    document = Document(path)
    node = None if isinstance(text, Problem) else document.compose(text)
    if node is None or "//" not in str(text):
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
