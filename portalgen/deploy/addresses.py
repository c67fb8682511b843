"""Addresses in published pages: those that a site's old tree lacks, those that are taken away."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from urllib.parse import unquote

from portalgen.problems import PortalError, problem
from portalgen.settings.network import Network

_HREF = re.compile(rb'href="([^"#?]+)')
_TEXTS = (".html", ".xml", ".json")


def lacking(pages: Path, url: str, routes: Collection[str]) -> list[str]:
    """The addresses below `url` that pages in a folder link to, and that are not among `routes`."""
    base = url.rstrip("/").encode() + b"/"
    addresses: set[str] = set()
    for file in pages.rglob("*.html"):
        for target in _HREF.findall(file.read_bytes()):
            if target.startswith(base):
                addresses.add(unquote(target[len(base) :].decode("utf-8", "replace")))
    return sorted(
        f"{url.rstrip('/')}/{address}"
        for address in addresses
        if (f"{address}index.html" if not address or address.endswith("/") else address)
        not in routes
    )


def routes_by_site(network: Network, paths: Iterable[str]) -> dict[str, list[str]]:
    """Routes by site for addresses or for `<site>/<route>`; raises `PortalError` for others."""
    routes: dict[str, list[str]] = {}
    problems = []
    sites = {site.slug: site.base_url.rstrip("/") + "/" for site in network.sites}
    for path in paths:
        plain = unquote(path.partition("?")[0].partition("#")[0])
        below = {slug: url for slug, url in sites.items() if plain.startswith(url)}
        slug = max(below, key=lambda slug: len(below[slug]), default="")
        route = plain.removeprefix(below[slug]) if slug else ""
        if not slug:
            slug, _, route = plain.partition("/")
        if slug not in sites or not route:
            problems.append(problem("purge-path", path))
            continue
        routes.setdefault(slug, []).append(f"{route}index.html" if route.endswith("/") else route)
    if problems:
        raise PortalError(problems)
    return routes


def mentions(output: Path, routes: Mapping[str, Iterable[str]]) -> Iterator[tuple[str, str]]:
    """The published texts that name a route, and which; paths are below the output."""
    names = [(route.encode(), f"{slug}/{route}") for slug, some in routes.items() for route in some]
    for file in sorted(output.glob("*/**/*")):
        if file.suffix in _TEXTS and file.is_file() and not file.name.startswith("."):
            data, path = file.read_bytes(), file.relative_to(output).as_posix()
            for route, name in names:
                if route in data and path != name:  # a page that says it is gone names itself
                    yield path, name
