"""The configuration of nginx for a network: a server for each host, as text."""

import re
from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import urlsplit

from msgspec import Struct

from portalgen.problems import PortalError, Problem, problem
from portalgen.settings.network import Network
from portalgen.settings.site import Site
from portalgen.webserver import headers as http
from portalgen.webserver import rules as fixed

_LONGEST = 1000  # bytes of one value; nginx reads at most 4096
_LABEL = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
# Stricter than what `base_url` may be: no segment may look like a hidden file.
_ADDRESS = re.compile(
    rf"(https?)://((?:{_LABEL}\.)*{_LABEL})(:\d{{1,5}})?/([A-Za-z0-9_~-][A-Za-z0-9._~-]*/)*"
)


class Setup(Struct, frozen=True):
    """Where nginx finds the files and certificates, and where it listens.

    `address` empty: everywhere; `certificates` empty: plain http for all, else `{host}` stands for
    the host.
    """

    document_root: str
    address: str = ""
    port: int = 80
    certificates: str = ""


class _Host(Struct, frozen=True):
    name: str
    scheme: str
    port: int
    sites: tuple[Site, ...]


def fits(text: str) -> bool:
    """Whether nginx can be given this value: one short line without `$`, which it would expand."""
    return _is_plain(text) and len(text.encode()) <= _LONGEST


def _is_plain(text: str) -> bool:
    return text.isprintable() and "$" not in text


def quoted(text: str) -> str:
    """`text` as nginx reads it back; raise `ValueError` if it cannot be given it."""
    if not _is_plain(text):
        raise ValueError(text)
    return _literal(text)


def _literal(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def configuration(
    network: Network, moved: Mapping[tuple[str, str], str], setup: Setup, head: str
) -> str:
    """The whole file; `moved`: new address by slug and old path, `head`: the comment above all.

    Raises `PortalError` if an address cannot be that of a server, or a port is needed twice.
    """
    hosts = _hosts(network)
    secure: dict[int, list[str]] = {}
    for host in hosts:
        if _is_secure(host, setup):
            secure.setdefault(host.port, []).append(host.name)
    if setup.port in secure:
        raise PortalError([problem("nginx-listen", port=setup.port)])
    lines = [f"# {line}".rstrip() for line in head.splitlines()]
    lines += ["", *_maps(moved, hosts), "", *_unknown_host(secure, setup)]
    for port, names in secure.items():
        lines += ["", *_to_https(names, port, setup)]
    for host in hosts:
        lines += ["", *_server(host, setup)]
    return "\n".join([*lines, ""])


def _hosts(network: Network) -> list[_Host]:
    """The hosts in the order of their first sites; sites of one host by length of their path."""
    found: dict[str, list[Site]] = {}
    problems: list[Problem] = []
    for site in network.sites:
        match = _ADDRESS.fullmatch(site.base_url)
        port = int(match[3][1:]) if match and match[3] else 1
        if not match or len(match[2]) > 253 or not 1 <= port <= 65535 or not fits(site.base_url):
            problems.append(site.problem("base_url", "nginx-address", url=site.base_url))
            continue
        sites = found.setdefault(match[2], [])
        if sites and _origin(sites[0]) != _origin(site):
            values = {"url": site.base_url, "other": sites[0].base_url}
            problems.append(site.problem("base_url", "nginx-origin", **values))
        sites.append(site)
    if problems:
        raise PortalError(problems)
    return [
        _Host(name, *_origin(sites[0]), tuple(sorted(sites, key=lambda s: len(s.root_path))))
        for name, sites in found.items()
    ]


def _origin(site: Site) -> tuple[str, int]:
    parts = urlsplit(site.base_url)
    return parts.scheme, parts.port or (443 if parts.scheme == "https" else 80)


def _is_secure(host: _Host, setup: Setup) -> bool:
    return bool(setup.certificates) and host.scheme == "https"


def _maps(moved: Mapping[tuple[str, str], str], hosts: list[_Host]) -> Iterator[str]:
    keys = {quoted(slug + path): quoted(url) for (slug, path), url in sorted(moved.items())}
    yield from _hash_sizes("server_names", 512, [host.name for host in hosts])
    yield from _hash_sizes("map", 2048, keys)
    yield fixed.MAPS
    yield 'map "$portal_site$portal_path" $portal_moved {'
    yield '    default "";'
    yield from (f"    {key} {url};" for key, url in keys.items())
    yield "}"


def _hash_sizes(name: str, usual: int, keys: Iterable[str]) -> Iterator[str]:
    """Room for long or many names, where the usual does not do."""
    sizes = [len(key.encode()) for key in keys]
    longest, most = max(sizes, default=0), 2 * len(sizes)
    if longest > 40:
        yield f"{name}_hash_bucket_size {8 << (longest + 24).bit_length()};"
    if most > usual:
        yield f"{name}_hash_max_size {1 << most.bit_length()};"


def _unknown_host(secure: Iterable[int], setup: Setup) -> Iterator[str]:
    """No answer for what is asked of a host that is none of ours."""
    yield "server {"
    yield from _listen(setup.port, setup, " default_server")
    for port in secure:
        yield from _listen(port, setup, " ssl http2 default_server")
    if secure:
        yield "    ssl_protocols TLSv1.2 TLSv1.3;"
        yield "    ssl_reject_handshake on;"
    yield '    server_name "";'
    yield from _answers(fixed.SECURITY)
    yield "    return 444;"
    yield "}"


def _to_https(names: list[str], port: int, setup: Setup) -> Iterator[str]:
    yield "server {"
    yield from _listen(setup.port, setup)
    yield f"    server_name {' '.join(quoted(name) for name in names)};"
    yield from _answers(fixed.SECURITY)
    yield fixed.ONLY_READING
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
    yield from _answers(fixed.SECURITY | fixed.HSTS if secure else fixed.SECURITY)
    yield "    types {"
    yield from (f'        "{kind}" {endings};' for kind, endings in http.TYPES.items())
    yield "    }"
    yield "    default_type application/octet-stream;"
    yield fixed.ONLY_READING
    yield from _which_site(host)
    yield fixed.FIND_FILE
    yield "}"


def _listen(port: int, setup: Setup, more: str = "") -> list[str]:
    if setup.address:
        return [f"    listen {setup.address}:{port}{more};"]
    return [f"    listen {port}{more};", f"    listen [::]:{port}{more};"]


def _answers(headers: Mapping[str, str]) -> Iterator[str]:
    """What every answer of a server carries.

    `add_header` stands nowhere else: one inside a location would drop all of these there.
    """
    yield fixed.PLAIN
    for name, value in headers.items():
        yield f"    add_header {name} {quoted(value)} always;"
    yield fixed.VARYING


def _which_site(host: _Host) -> Iterator[str]:
    """Which site an address belongs to: the one whose path is longest."""
    own = [site for site in host.sites if site.root_path == "/"]
    yield r'    rewrite "/\z" "${uri}index.html";'
    yield f"    set $portal_site {quoted(own[0].slug if own else '')};"
    yield '    set $portal_base "";'
    yield "    set $portal_path $uri;"
    for site in host.sites[len(own) :]:
        base = site.root_path.rstrip("/")
        yield f"    if ($uri = {quoted(base)}) {{"
        yield f"        return 301 {quoted(site.base_url)};"
        yield "    }"
        yield f"    if ($uri ~ {_literal(f'(?s)^{re.escape(base)}(/.*)$')}) {{"
        yield f"        set $portal_site {quoted(site.slug)};"
        yield f"        set $portal_base {quoted(base)};"
        yield "        set $portal_path $1;"
        yield "    }"
