"""Addresses of sites on the local server: by host, and by path below one host."""

import ipaddress
import re
from collections.abc import Collection, Sequence

from msgspec import Struct

from portalgen.settings.network import MAIN
from portalgen.settings.site import Site

_HTML = re.compile(r'(="(?:0; ?url=)?)((?:https?:)?//[^/"]+)?(/[^"]*)"')
_JSON = re.compile(r'(")((?:https?:)?//[^/"]+)?(/[^"]*)"')
_SRCSET = re.compile(r'srcset="[^"]*"')


class Place(Struct, frozen=True):
    """A site as requested: `base` precedes each of its paths, `origin` is the host's."""

    slug: str
    base: str
    origin: str


def is_allowed(host: str, slugs: Collection[str], names: Collection[str] = ()) -> bool:
    """Whether a request may name `host`, which guards against DNS rebinding.

    `names` are further names of this computer, if others may connect; then any IP address will do.
    """
    name = _name(host)
    if name in ("localhost", "127.0.0.1", "::1") or name in names:
        return True
    if name.endswith(".localhost"):
        return name.removesuffix(".localhost") in slugs
    return bool(names) and _is_address(name)


def find(host: str, path: str, slugs: Collection[str]) -> tuple[Place, str] | None:
    """The site that `path` on `host` belongs to, and the path on that site's own host."""
    origin = f"http://{host}"
    if path.startswith("/~"):
        slug, slash, rest = path[2:].partition("/")
        place = Place(slug, f"/~{slug}", origin)
        return (place, slash + rest or "/") if slug in slugs else None
    name = _name(host)
    slug = name.removesuffix(".localhost") if name.endswith(".localhost") else MAIN
    return (Place(slug, "", origin), path) if slug in slugs else None


def localise(text: str, place: Place, sites: Sequence[Site], *, json: bool = False) -> str:
    """A page or search index of `place` whose links lead to the sites on this server."""
    bases = sorted(((site.base_url, site.slug) for site in sites), reverse=True)
    name, colon, port = place.origin.removeprefix("http://").rpartition(":")
    if not colon or "]" in port:
        name, port = f"{port}", ""
    by_path = place.base or not (name == "localhost" or name.endswith(".localhost"))

    def local(slug: str) -> str:
        if by_path:
            return f"/~{slug}"
        host = "localhost" if slug == MAIN else f"{slug}.localhost"
        return f"http://{host}{colon}{port}"

    def rewrite(match: re.Match[str]) -> str:
        before, host, path = match.groups()
        if not host:
            return f'{before}{place.base}{path}"'
        url = f"{host}{path}"
        for base, slug in bases:
            if url.startswith(base):
                return f'{before}{local(slug)}{path}"'
        return match[0]

    text = (_JSON if json else _HTML).sub(rewrite, text)
    if place.base and not json:
        text = _SRCSET.sub(lambda match: match[0].replace(", /", f", {place.base}/"), text)
    return text


def _name(host: str) -> str:
    """The host without its port."""
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0].lower()


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
