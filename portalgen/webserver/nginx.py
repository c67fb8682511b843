"""An nginx configuration for a network, with a server for each host."""

import re
from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import urlsplit

from msgspec import Struct

from portalgen.problems import PortalError, Problem, problem
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


class _Host(Struct, frozen=True):
    name: str
    scheme: str
    port: int
    sites: tuple[Site, ...]


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


def configuration(
    network: Network, redirects: Mapping[tuple[str, str], str], setup: Setup, head: str
) -> str:
    """The whole file: `redirects` are new URLs by slug and old path, `head` is its first comment.

    Raises `PortalError` if a site's URL does not suit a server, or a port is needed twice.
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
    for port, names in secure.items():
        lines += ["", *_to_https(names, port, setup)]
    for host in hosts:
        lines += ["", *_server(host, setup)]
    return "\n".join([*lines, ""])


def _hosts(network: Network) -> list[_Host]:
    """The hosts in the order of their first sites; sites of one host by length of path."""
    sites_by_host: dict[str, list[Site]] = {}
    problems: list[Problem] = []
    for site in network.sites:
        match = _ADDRESS.fullmatch(site.base_url)
        port = int(match[3][1:]) if match and match[3] else 1
        if not match or len(match[2]) > 253 or not 1 <= port <= 65535 or not fits(site.base_url):
            problems.append(site.problem("base_url", "nginx-address", url=site.base_url))
            continue
        sites = sites_by_host.setdefault(match[2], [])
        if sites and _origin(sites[0]) != _origin(site):
            values = {"url": site.base_url, "other": sites[0].base_url}
            problems.append(site.problem("base_url", "nginx-origin", **values))
        sites.append(site)
    if problems:
        raise PortalError(problems)
    return [
        _Host(name, *_origin(sites[0]), tuple(sorted(sites, key=lambda s: len(s.root_path))))
        for name, sites in sites_by_host.items()
    ]


def _origin(site: Site) -> tuple[str, int]:
    parts = urlsplit(site.base_url)
    return parts.scheme, parts.port or (443 if parts.scheme == "https" else 80)


def _is_secure(host: _Host, setup: Setup) -> bool:
    return bool(setup.certificates) and host.scheme == "https"


def _maps(redirects: Mapping[tuple[str, str], str], hosts: list[_Host]) -> Iterator[str]:
    keys = {quoted(slug + path): quoted(url) for (slug, path), url in sorted(redirects.items())}
    yield from _hash_sizes("server_names", 512, [host.name for host in hosts])
    yield from _hash_sizes("map", 2048, keys)
    yield rules.MAPS
    yield 'map "$portal_site$portal_path" $portal_moved {'
    yield '    default "";'
    yield from (f"    {key} {url};" for key, url in keys.items())
    yield "}"


def _hash_sizes(name: str, default: int, keys: Iterable[str]) -> Iterator[str]:
    """Larger hash tables for long or many names, where nginx's default is too small."""
    sizes = [len(key.encode()) for key in keys]
    longest, most = max(sizes, default=0), 2 * len(sizes)
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


def _server(host: _Host, setup: Setup) -> Iterator[str]:
    secure = _is_secure(host, setup)
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
    own = [site for site in host.sites if site.root_path == "/"]
    yield rules.PLAIN_ADDRESS
    yield f"    set $portal_site {quoted(own[0].slug if own else '')};"
    yield '    set $portal_base "";'
    yield "    set $portal_path $uri;"
    if not own:
        yield rules.NO_ICON
    for site in host.sites[len(own) :]:
        base = site.root_path.rstrip("/")
        yield f"    if ($uri = {quoted(base)}) {{"
        yield f'        return 301 "{site.base_url}$is_args$args";'
        yield "    }"
        yield f"    if ($uri ~ {_literal(f'(?s)^{re.escape(base)}(/.*)$')}) {{"
        yield f"        set $portal_site {quoted(site.slug)};"
        yield f"        set $portal_base {quoted(base)};"
        yield "        set $portal_path $1;"
        yield "    }"
