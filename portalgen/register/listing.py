"""Every address that was ever published, and what it answers; addresses can be forgotten."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from portalgen.content.site_index import SiteIndex
from portalgen.problems import Problem, problem
from portalgen.register.entries import Register, erasure, without_address

PAGE, MOVED, GONE, NO_SITE = "page", "moved", "gone", "no-site"


class Address(NamedTuple):
    """An address of a site, and what it answers; `target` is where it leads."""

    site: str
    route: str
    answer: str
    target: str
    source: str
    since: int


def list_addresses(register: Register, indexes: Mapping[str, SiteIndex]) -> Iterator[Address]:
    """All addresses by site and route; `indexes` are those of the sites that are built."""
    for slug, site in sorted(register.sites.items()):
        index = indexes.get(slug)
        former = {item.route.casefold(): item for item in index.former} if index else {}
        rows: dict[str, Address] = {}
        for entry in sorted(site.entries.values(), key=lambda entry: (not entry.gone, entry.since)):
            for route in entry.addresses():
                old = former.get(route.casefold())
                answer = NO_SITE if not index else PAGE
                if old:
                    answer = MOVED if old.target else GONE
                target = old.target if old else ""
                since = entry.gone or entry.since
                rows[route] = Address(slug, route, answer, target, entry.source, since)
        yield from sorted(rows.values())


def erase(register: Register, slug: str, route: str, now: int) -> Problem | None:
    """Forget an address of a site; a problem if it never was one, or if something stands there.

    That it was forgotten is remembered: other registers still have it.
    """
    site = register.sites.get(slug)
    key = route.casefold()
    entries = site.entries if site else {}
    of_it = [e for e in entries.values() if key in map(str.casefold, (e.at, *e.paths))]
    url = f"{slug}/{route}"
    if not of_it:
        return problem("address-unknown", url=url)
    for entry in of_it:
        if not entry.gone and key in map(str.casefold, (entry.at, *entry.aliases)):
            return problem("address-stands", entry.source, url=url)
    for entry in of_it:
        rest = without_address(entry, key)
        if rest:
            entries[entry.id] = rest
        else:
            del entries[entry.id]
    register.erased[erasure(register, slug, key)] = now
    return None
