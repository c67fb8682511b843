"""The host of an address, as browsers read it, and the hosts that a network knows."""

import re
from contextlib import suppress
from urllib.parse import unquote

from msgspec import Struct

from portalgen.settings.moved import host_of as host_of_site
from portalgen.settings.network import Network
from portalgen.text import host_key

_IGNORED = re.compile(r"[\t\n\r]")
_START = re.compile(r"[\x00-\x20]*(?:https?:[/\\]*|[/\\]{2,})", re.IGNORECASE)
_END = re.compile(r"[/\\?#]")
_PORT = re.compile(r":\d*$")
_LONGEST = 253


class KnownHosts(Struct, frozen=True):
    """The network's own hosts and those it lists; `below` are suffixes, from `*.gov.vn`."""

    exact: frozenset[str]
    below: tuple[str, ...]

    def __contains__(self, host: str) -> bool:
        return host in self.exact or host.endswith(self.below)


def known_hosts(network: Network) -> KnownHosts:
    """Hosts that a network's articles may link to without a warning."""
    listed = network.main.known_hosts
    sites = [*network.sites, *(closed.site for closed in network.closed)]
    own = {host_of_site(site) for site in sites}
    own.update(host for site in sites for host in site.hosts)
    exact = own.union(host for host in listed if not host.startswith("*."))
    return KnownHosts(frozenset(exact), tuple(h[1:] for h in listed if h.startswith("*.")))


def host_of(address: str) -> str:
    """The host in lower case, as `xn--…` where it has letters beyond ASCII; empty if there is none.

    As in the WHATWG URL standard: tabs and line ends are ignored, `\\` is `/`, `user@` is dropped.
    """
    address = _IGNORED.sub("", address)
    start = _START.match(address)
    if not start:
        return ""
    authority = _END.split(address[start.end() :], maxsplit=1)[0]
    return host_key(unquote(_PORT.sub("", authority.rpartition("@")[2]))[:_LONGEST])


def display_host(host: str) -> str:
    """A host for people: with the letters that `xn--…` stands for."""
    with suppress(UnicodeError):
        letters = host.encode("ascii").decode("idna")
        if letters != host:
            return f"{letters} ({host})"
    return host
