"""Status of a network: its contents, its last build and deployments, its size."""

import json
import re
from collections import Counter
from collections.abc import Mapping
from datetime import tzinfo
from functools import partial
from pathlib import Path
from typing import Any

from msgspec import Struct, field

from portalgen.changes.cache import Cache
from portalgen.changes.manifest import Manifest
from portalgen.deploy.history import read_deployed
from portalgen.library import Opened, open_library
from portalgen.problems import Problem, Problems, Words
from portalgen.report import Options
from portalgen.sources import OWN
from portalgen.text import local_time
from portalgen.themes.theming import load_theming

_HOST = re.compile(r'href="https?://([^/"?#:]+)')
LARGEST = 20


class SiteStatus(Struct):
    """A site's numbers: articles published, drafts, scheduled; files and bytes of its output."""

    slug: str
    title: str
    articles: int = 0
    drafts: int = 0
    scheduled: int = 0
    files: int = 0
    bytes: int = 0


class Status(Struct):
    """Status of a network. Times are seconds since 1970, 0 for never; people see them in `zone`."""

    language: str
    zone: tzinfo
    sites: list[SiteStatus]
    refused: list[Problem]
    next_change: int = 0
    built: int = 0
    build_seconds: float = 0.0
    phases: Mapping[str, float] = field(default_factory=dict)
    largest: list[tuple[str, int]] = field(default_factory=list)
    hosts: list[tuple[str, int]] = field(default_factory=list)
    deployed: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def total(self, name: str) -> int:
        """The sum of one number over all sites."""
        return sum(getattr(site, name) for site in self.sites)


def read_status(options: Options, hosts: bool) -> Status:
    """Read sources, output and deployments; `hosts` adds outgoing links, which takes longer.

    Raises `PortalError`.
    """
    problems, theme_problems = Problems(), Problems()

    def count(opened: Opened) -> Status:
        network, library = opened.network, opened.library
        sites = {site.slug: SiteStatus(site.slug, site.title) for site in network.sites}
        status = Status(network.main.language, network.main.zone, list(sites.values()), [])
        for article in opened.loaded.articles.values():
            site = sites[article.site]
            site.drafts += article.draft
            site.scheduled += not article.draft and article.date > options.now
        for slug, index in library.sites.items():
            sites[slug].articles = len(index.own)
        status.next_change = library.next_change
        status.hosts = _hosts(opened.cache) if hosts else []
        load_theming(network, theme_problems, opened.ended)
        return status

    status = open_library(options, problems, count)
    status.refused = sorted({*problems.items, *theme_problems.items})
    sites = {site.slug: site for site in status.sites}
    _read_output(options.output, sites, status)
    status.deployed = read_deployed(options.state_folder)
    return status


def _read_output(output: Path, sites: dict[str, SiteStatus], status: Status) -> None:
    if not (output / OWN / "manifest.sqlite").is_file():
        return
    manifest = Manifest(output)
    try:
        files = {slug: manifest.published(slug) for slug in manifest.counts}
        last = json.loads(manifest.last or "{}")
    finally:
        manifest.close()
    for slug in sites.keys() & files.keys():
        sites[slug].files = len(files[slug])
        sites[slug].bytes = sum(published.size for published in files[slug].values())
    sizes = [
        (f"{slug}/{route}", published.size)
        for slug, routes in files.items()
        for route, published in routes.items()
    ]
    status.largest = sorted(sizes, key=lambda item: -item[1])[:LARGEST]
    if last:
        status.built = last["now"]
        status.build_seconds = last["report"]["seconds"]
        status.phases = last["report"]["phases"]


def _hosts(cache: Cache) -> list[tuple[str, int]]:
    counts: Counter[str] = Counter()
    for (body,) in cache.query("SELECT html FROM bodies"):
        counts.update(host.lower() for host in _HOST.findall(body))
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def report_page(status: Status, words: Words, moment: str) -> str:
    """The status as an HTML page."""
    from importlib import resources

    from jinja2 import Environment, StrictUndefined

    source = resources.files("portalgen.authoring") / "status.html"
    environment = Environment(autoescape=True, undefined=StrictUndefined)
    template = environment.from_string(source.read_text("utf-8"))
    return template.render(
        status=status, words=words, moment=moment, time=partial(local_time, zone=status.zone)
    )
