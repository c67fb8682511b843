"""An nginx configuration for a network, with a server for each host."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from urllib.parse import urlsplit

from msgspec import Struct, field
from msgspec.structs import replace

from portalgen.problems import PortalError, Problem, problem
from portalgen.settings.moved import Closed
from portalgen.settings.network import Network
from portalgen.settings.site import Site
from portalgen.webserver import headers as http
from portalgen.webserver import rules

_LONGEST = 1000  # bytes of one value; nginx reads at most 4096
_LABEL = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
# Stricter than what `base_url` may be: no segment may look like a hidden file.
_ADDRESS = re.compile(
    rf"(https?)://((?:{_LABEL}\.)*{_LABEL})(:\d{{1,5}})?/([A-Za-z0-9_~-][A-Za-z0-9._~-]*/)*"
)


class Setup(Struct, frozen=True):
    """Where nginx finds files and certificates, and where it listens.

    Without `address` it listens everywhere; without `certificates`, whose `{host}` stands for the
    host, all is plain http; without `acme_root` challenges are files like others; without
    `access_log` there is none.
    """

    document_root: str
    address: str = ""
    port: int = 80
    certificates: str = ""
    acme_root: str = ""
    access_log: str = ""
    uncertified: frozenset[str] = frozenset()  # hosts that have no certificate


class Redirects(Struct):
    """What a server looks up; `webserver/rules.py` says how a value is written.

    `pages` by slug and path; `queries` by names of parameters, then by slug, path and values;
    `prefixes` are patterns of slug and path, the longest first.
    """

    pages: dict[tuple[str, str], str] = field(default_factory=dict)
    queries: dict[tuple[str, ...], dict[str, str]] = field(default_factory=dict)
    prefixes: list[tuple[str, str]] = field(default_factory=list)


class _Place(Struct, frozen=True):
    """A site on a host, below `path`. If it is elsewhere, `away` is its address there.

    With `keeps` that has all paths; else where it has no such file, its home page is shown.
    """

    path: str
    slug: str
    url: str
    away: str = ""
    keeps: bool = False


class _Host(Struct, frozen=True):
    name: str
    scheme: str
    port: int
    places: tuple[_Place, ...]

    @property
    def moved(self) -> bool:
        """Whether all that was here is elsewhere."""
        return all(place.away for place in self.places)


def fits(text: str) -> bool:
    """Whether nginx can take this value: one short line without `$`, which it would expand."""
    return _is_plain(text) and len(text.encode()) <= _LONGEST


def _is_plain(text: str) -> bool:
    return text.isprintable() and "$" not in text


def quoted(text: str) -> str:
    """`text` quoted for nginx; raises `ValueError` if that cannot be done."""
    if not _is_plain(text):
        raise ValueError(text)
    return _literal(text)


def _literal(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def configuration(network: Network, redirects: Redirects, setup: Setup, head: str) -> str:
    """The whole file: `head` is its first comment.

    All sites are `servable`. Raises `PortalError` if a port is needed twice.
    """
    hosts = _hosts(network)
    secure: dict[int, list[str]] = {}
    for host in hosts:
        if _is_secure(host, setup):
            secure.setdefault(host.port, []).append(host.name)
    if setup.port in secure:
        raise PortalError([problem("nginx-listen", port=setup.port)])
    lines = [f"# {line}".rstrip() for line in head.splitlines()]
    lines += ["", *_maps(redirects, hosts), "", *_default_server(secure, setup)]
    moved = {host.name for host in hosts if host.moved}
    for port, names in secure.items():
        if kept := [name for name in names if name not in moved]:
            lines += ["", *_to_https(kept, port, setup)]
    for host in hosts:
        if host.moved and _is_secure(host, setup):  # one step from plain http, too
            lines += ["", *_server(host, setup, secure=False)]
        lines += ["", *_server(host, setup, secure=_is_secure(host, setup))]
    return "\n".join([*lines, ""])


def servable(network: Network) -> tuple[Network, list[Problem]]:
    """The network without members that no server can have at their address, and why.

    Raises `PortalError` for the main portal.
    """
    problems: list[Problem] = []
    first: dict[str, Site] = {}  # of each host
    left_out: set[str] = set()
    for site in (*network.sites, *(item.site for item in network.closed)):
        match = _ADDRESS.fullmatch(site.base_url)
        port = int(match[3][1:]) if match and match[3] else 1
        other = first.get(match[2], site) if match else site
        if not match or len(match[2]) > 253 or not 1 <= port <= 65535 or not fits(site.base_url):
            item = site.problem("base_url", "nginx-address", url=site.base_url)
        elif _origin(other) != _origin(site):
            values = {"url": site.base_url, "other": other.base_url}
            item = site.problem("base_url", "nginx-origin", **values)
        else:
            first[match[2]] = other
            continue
        problems.append(item._replace(site=site.slug))
        if not site.folder:
            raise PortalError(problems)
        left_out.add(site.slug)
    sites = tuple(site for site in network.sites if site.slug not in left_out)
    closed = tuple(item for item in network.closed if item.site.slug not in left_out)
    return replace(network, sites=sites, closed=closed), problems


def _hosts(network: Network) -> list[_Host]:
    """The hosts in the order of their first sites; sites of one host by length of path."""
    sites_by_host: dict[str, list[Site]] = {}
    addresses = {site.base_url for site in network.sites}
    closed = {
        item.site.slug: item for item in network.closed if item.site.base_url not in addresses
    }
    for site in (*network.sites, *(item.site for item in closed.values())):
        sites_by_host.setdefault(urlsplit(site.base_url).hostname or "", []).append(site)
    hosts = [
        _Host(name, *_origin(sites[0]), tuple(
            _place(site, closed.get(site.slug))
            for site in sorted(sites, key=lambda s: len(s.root_path))
        ))
        for name, sites in sites_by_host.items()
    ]  # fmt: skip
    by_name = {host.name: host for host in hosts}
    for site in (*network.sites, *(item.site for item in network.closed)):
        own = by_name[urlsplit(site.base_url).hostname or ""]
        places = tuple(_from_old_host(site, own))
        hosts += [_Host(name, own.scheme, own.port, places) for name in site.hosts]
    return hosts


def _place(site: Site, closed: Closed | None) -> _Place:
    if not closed:
        return _Place(site.root_path, site.slug, site.base_url)
    # No site has the name "-", so nothing is looked up where the program knows no files.
    return _Place(site.root_path, closed.successor or "-", site.base_url, closed.url.rstrip("/"))


def _from_old_host(site: Site, own: _Host) -> Iterator[_Place]:
    """The places of an old host: the site, and all that is below it on its own host."""
    for place in own.places:
        if place.path.startswith(site.root_path):
            yield replace(
                place, path=place.path.removeprefix(site.root_path.rstrip("/")) or "/",
                away=place.away or place.url.rstrip("/"), keeps=not place.away,
            )  # fmt: skip


def _origin(site: Site) -> tuple[str, int]:
    parts = urlsplit(site.base_url)
    return parts.scheme, parts.port or (443 if parts.scheme == "https" else 80)


def _is_secure(host: _Host, setup: Setup) -> bool:
    return bool(
        setup.certificates and host.scheme == "https" and host.name not in setup.uncertified
    )


def _maps(redirects: Redirects, hosts: list[_Host]) -> Iterator[str]:
    pages = {slug + path: value for (slug, path), value in redirects.pages.items()}
    groups = sorted(redirects.queries.items(), key=lambda group: (-len(group[0]), group[0]))
    yield from _hash_sizes("server_names", 512, [host.name for host in hosts])
    yield from _hash_sizes("map", 2048, max([pages, *redirects.queries.values()], key=len),
                           [key for _, group in groups for key in group])  # fmt: skip
    yield rules.MAPS
    # A query is more than a path, and more parameters are more than fewer.
    for number, (names, group) in enumerate(groups):
        name, after = _lookup(number), _lookup(number + 1)
        values = "&".join(f"$arg_{name}" for name in names)
        source = f'"$portal_site$portal_path?{values}"'
        yield from _map(source, name, group, after if number + 1 < len(groups) else "$portal_page")
    if not groups:
        yield from _map('""', "$portal_moved", {}, "$portal_page")
    yield from _map("$portal_key", "$portal_page", pages, volatile=True)
    yield "map $portal_lost $portal_prefix {"
    yield '    default "";'
    yield '    "" "";'
    for pattern, value in redirects.prefixes:
        yield f"    {_literal(f'~*{pattern}')} {quoted(value)};"
    yield '    "~(?!)(?<portal_rest>)" "";'  # never matches, declares the variable
    yield "}"


def _lookup(number: int) -> str:
    return f"$portal_moved_{number}" if number else "$portal_moved"


def _map(
    source: str, name: str, values: Mapping[str, str], default: str = '""', *,
    volatile: bool = False,
) -> Iterator[str]:  # fmt: skip
    yield f"map {source} {name} {{"
    if volatile:
        yield "    volatile;"
    yield f"    default {default};"
    yield from (f"    {quoted(key)} {quoted(value)};" for key, value in sorted(values.items()))
    yield "}"


def _hash_sizes(
    name: str, default: int, keys: Collection[str], more: Iterable[str] = ()
) -> Iterator[str]:
    """Larger hash tables for long or many names, where nginx's default is too small.

    `more` are keys of smaller tables.
    """
    longest = max((len(key.encode()) for key in (*keys, *more)), default=0)
    most = 2 * len(keys)
    if longest > 40:
        yield f"{name}_hash_bucket_size {8 << (longest + 24).bit_length()};"
    if most > default:
        yield f"{name}_hash_max_size {1 << most.bit_length()};"


def _default_server(secure: Iterable[int], setup: Setup) -> Iterator[str]:
    """The server for any other host; it closes the connection."""
    yield "server {"
    yield from _listen(setup.port, setup, " default_server")
    for port in secure:
        yield from _listen(port, setup, " ssl http2 default_server")
    if secure:
        yield "    ssl_protocols TLSv1.2 TLSv1.3;"
        yield "    ssl_reject_handshake on;"
    yield '    server_name "";'
    yield from _response_options(rules.SECURITY, setup)
    yield rules.ERROR_TYPE
    yield "    return 444;"
    yield "}"


def _to_https(names: list[str], port: int, setup: Setup) -> Iterator[str]:
    yield "server {"
    yield from _listen(setup.port, setup)
    yield f"    server_name {' '.join(quoted(name) for name in names)};"
    yield from _response_options(rules.SECURITY, setup)
    yield rules.ERROR_TYPE
    yield rules.READ_ONLY
    yield from _challenges(setup)
    yield f'    return 301 "https://$host{"" if port == 443 else f":{port}"}$request_uri";'
    yield "}"


def _server(host: _Host, setup: Setup, *, secure: bool) -> Iterator[str]:
    yield "server {"
    yield from _listen(*((host.port, setup, " ssl http2") if secure else (setup.port, setup)))
    yield f"    server_name {quoted(host.name)};"
    if secure:
        folder = setup.certificates.replace("{host}", host.name)
        yield f"    ssl_certificate {quoted(folder + '/fullchain.pem')};"
        yield f"    ssl_certificate_key {quoted(folder + '/privkey.pem')};"
        yield "    ssl_protocols TLSv1.2 TLSv1.3;"
    yield f"    root {quoted(setup.document_root)};"
    yield from _response_options(rules.SECURITY | (rules.HSTS if secure else {}), setup)
    yield "    types {"
    yield from (f'        "{kind}" {endings};' for kind, endings in http.TYPES.items())
    yield "    }"
    yield "    default_type application/octet-stream;"
    yield rules.READ_ONLY
    yield from _challenges(setup)
    yield from _site_variables(host)
    yield rules.FIND_FILE
    yield "}"


def _listen(port: int, setup: Setup, more: str = "") -> list[str]:
    if setup.address:
        return [f"    listen {setup.address}:{port}{more};"]
    return [f"    listen {port}{more};", f"    listen [::]:{port}{more};"]


def _response_options(headers: Mapping[str, str], setup: Setup) -> Iterator[str]:
    """Options and headers of every response of a server.

    `add_header` stands nowhere else: one in a location would drop all of these there.
    """
    log = f"{quoted(setup.access_log)} portalgen" if setup.access_log else "off"
    yield f"    access_log {log};"
    yield rules.SERVER_OPTIONS
    for name, value in headers.items():
        yield f"    add_header {name} {quoted(value)} always;"
    yield rules.VARIABLE_HEADERS


def _challenges(setup: Setup) -> Iterator[str]:
    """Answer the questions of a certificate authority before all else."""
    if setup.acme_root:
        yield rules.CHALLENGE_FIRST
        yield rules.CHALLENGE % quoted(setup.acme_root)


def _site_variables(host: _Host) -> Iterator[str]:
    """Set the variables for an address's site: the one with the longest matching path."""
    own = [place for place in host.places if place.path == "/"]
    yield rules.PLAIN_ADDRESS
    yield f"    set $portal_site {quoted(own[0].slug if own else '')};"
    yield '    set $portal_base "";'
    yield "    set $portal_path $uri;"
    yield from _away(own[0] if own else None)
    if not own:
        yield rules.NO_ICON
    for place in host.places[len(own) :]:
        base = place.path.rstrip("/")
        query = "" if place.away and not place.keeps else "$is_args$args"
        yield f"    if ($uri = {quoted(base)}) {{"
        yield f'        return 301 "{(place.away or place.url).rstrip("/")}/{query}";'
        yield "    }"
        yield f"    if ($uri ~ {_literal(f'(?s)^{re.escape(base)}(?<portal_below>/.*)$')}) {{"
        yield f"        set $portal_site {quoted(place.slug)};"
        yield f"        set $portal_base {quoted(base)};"
        yield "        set $portal_path $portal_below;"
        yield from (f"    {line}" for line in _away(place))
        yield "    }"


def _away(place: _Place | None) -> Iterator[str]:
    """Set whether a site is elsewhere."""
    yield f"    set $portal_away {quoted(place.away if place else '')};"
    yield f"    set $portal_keeps {quoted('keeps' if place and place.keeps else 'leads')};"
