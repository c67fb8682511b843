"""How a network stands: what it has, when it was built and deployed, how large it is."""

import json
import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct, field

from portalgen.changes.cache import Cache
from portalgen.changes.manifest import Manifest
from portalgen.library import Opened, open_library
from portalgen.problems import Problem, Problems, Words
from portalgen.report import Options
from portalgen.sources import OWN
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
    """All of it. Moments are seconds since 1970, 0 for never."""

    language: str
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


def look(options: Options, hosts: bool) -> Status:
    """Look at sources, output and deployments; `hosts`: at outgoing links, too, which takes longer.

    Raises `PortalError`.
    """
    problems, themed = Problems(), Problems()

    def counted(opened: Opened) -> Status:
        network, library = opened.network, opened.library
        sites = {site.slug: SiteStatus(site.slug, site.title) for site in network.sites}
        status = Status(network.main.language, list(sites.values()), [])
        for article in opened.loaded.articles.values():
            site = sites[article.site]
            site.drafts += article.draft
            site.scheduled += not article.draft and article.date > options.now
        for slug, index in library.sites.items():
            sites[slug].articles = len(index.own)
        status.next_change = library.next_change
        status.hosts = _hosts(opened.cache) if hosts else []
        load_theming(network, themed)
        return status

    status = open_library(options, problems, counted)
    status.refused = sorted({*problems.items, *themed.items})
    sites = {site.slug: site for site in status.sites}
    _look_at_output(options.output, sites, status)
    status.deployed = read_deployed(options.root)
    return status


def _look_at_output(output: Path, sites: dict[str, SiteStatus], status: Status) -> None:
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
        for slug, known in files.items()
        for route, published in known.items()
    ]
    status.largest = sorted(sizes, key=lambda item: -item[1])[:LARGEST]
    if last:
        status.built = last["now"]
        status.build_seconds = last["report"]["seconds"]
        status.phases = last["report"]["phases"]


def _hosts(cache: Cache) -> list[tuple[str, int]]:
    found: Counter[str] = Counter()
    for (body,) in cache.query("SELECT html FROM bodies"):
        found.update(host.lower() for host in _HOST.findall(body))
    return sorted(found.items(), key=lambda item: (-item[1], item[0]))


def read_deployed(root: Path) -> dict[str, dict[str, Any]]:
    """What was last deployed from here, by target: `release` and `at`."""
    try:
        read = json.loads((root / OWN / "deployed.json").read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return read if isinstance(read, dict) else {}


def remember_deployed(root: Path, target: str, release: str, at: int) -> None:
    """Keep what was deployed."""
    known = {**read_deployed(root), target: {"release": release, "at": at}}
    file = root / OWN / "deployed.json"
    file.write_text(json.dumps(known, indent=1) + "\n", encoding="utf-8")


def report_page(status: Status, words: Words, moment: str) -> str:
    """The status as one HTML page."""
    from importlib import resources

    from jinja2 import Environment, StrictUndefined

    source = resources.files("portalgen.authoring") / "status.html"
    environment = Environment(autoescape=True, undefined=StrictUndefined)
    template = environment.from_string(source.read_text("utf-8"))
    return template.render(status=status, words=words, moment=moment, time=shown_time)


def shown_time(moment: int, language: str) -> str:
    """A moment in this machine's time zone, for people."""
    from datetime import datetime

    if not moment:
        return "-"
    form = "%H:%M, %d/%m/%Y" if language == "vi" else "%Y-%m-%d %H:%M"
    return datetime.fromtimestamp(moment).astimezone().strftime(form)
