"""Who keeps an address that several sites name, and whose host or path it is in."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import NamedTuple

from portalgen.problems import Problem, problem
from portalgen.settings.site import SETTINGS_FILE, Site
from portalgen.text import host_key

_Rank = tuple[bool, bool, int, str]  # the lower one keeps a place
_FIRST: _Rank = (False, False, 0, "")


def address_key(url: str) -> str:
    """An address by its meaning: without scheme, default port, upper case and last dots."""
    authority, _, path = url.partition("://")[2].partition("/")
    path = path.strip("/").casefold()
    return f"{authority_key(authority)}/{path}/" if path else f"{authority_key(authority)}/"


def authority_key(authority: str) -> str:
    """Host and port by their meaning; the port only if it is no default one."""
    host, _, port = authority.partition(":")
    is_default = not port.isdecimal() or int(port) in (80, 443)
    return host_key(host) if is_default else f"{host_key(host)}:{int(port)}"


def find_claims(
    sites: Sequence[Site], closed: Sequence[Site], holders: Mapping[str, str],
    left_out: Collection[str], held: Collection[str],
) -> Iterator[tuple[Site, Problem]]:  # fmt: skip
    """Sites with an address that another keeps, and the problem of each.

    Addresses are kept by the main portal, then by who published there last (`holders`, by key),
    also if it is `left_out` or has the host among its old ones, then by members who inherit them,
    then by the first. The problem is one of the root file if both sites inherit the address. A
    member's own file may name no place on a host that is another's; who published there with
    settings that are `held` stays.
    """
    claimants: dict[str, list[Site]] = {}
    for site in sites:
        claimants.setdefault(address_key(site.base_url), []).append(site)
    by_slug = {site.slug: site for site in sites}
    places = _places(sites, closed, holders, left_out)
    for address, rivals in claimants.items():
        holder = holders.get(address, "")
        keeper: Site | None = min(
            rivals, key=lambda site: (bool(site.folder), site.slug != holder, not _inherits(site))
        )
        assert keeper is not None
        slug = keeper.slug
        is_away = holder in left_out or _has_host(by_slug.get(holder), address)
        if keeper.folder and slug != holder and is_away:
            keeper, slug = None, holder
        for site in rivals:
            if site is not keeper:
                yield site, _problem(site, slug, bool(keeper and _inherits(keeper)))
            elif not (slug in held and slug == holder) and (
                other := _whose(site, rivals, holders, places)
            ):
                values = {"url": site.base_url, "other": other, "slug": slug}
                yield site, site.problem("base_url", "foreign-address", **values)


def _inherits(site: Site) -> bool:
    """Whether the root file gives a site its address."""
    return site.places["base_url"][0] == SETTINGS_FILE


def _has_host(site: Site | None, address: str) -> bool:
    host, _, path = address.partition("/")
    return bool(site and not path and host in site.hosts)


def _problem(site: Site, keeper: str, inherits: bool) -> Problem:
    values = {"url": site.base_url, "other": keeper}
    if _inherits(site) and not inherits:  # which its own file can put right
        return problem("same-address", site.settings_path, 1, 1, **values)
    return site.problem("base_url", "same-address", **values)


class _Place(NamedTuple):
    """What somebody has on a host, or had there: only the root file may give it to another."""

    path: str
    slug: str
    rank: _Rank
    origin: str = ""


def _places(
    sites: Sequence[Site], closed: Sequence[Site], holders: Mapping[str, str],
    left_out: Collection[str],
) -> dict[str, list[_Place]]:  # fmt: skip
    """All places by host."""
    by_host: dict[str, list[_Place]] = {}

    def add(address: str, slug: str, rank: _Rank = _FIRST, origin: str = "") -> None:
        host, path = _host_and_path(address)
        by_host.setdefault(host, []).append(_Place(path, slug, rank, origin))

    current = {site.slug: address_key(site.base_url) for site in (*sites, *closed)}
    for site in sites:
        address = current[site.slug]
        add(address, site.slug, _rank(site, address, holders), _origin(site))
    for site in closed:
        add(current[site.slug], site.slug)
    for site in (*sites, *closed):
        for host in site.hosts:
            add(f"{host}/", site.slug)
    for address, slug in holders.items():
        if slug in left_out or current.get(slug, address) != address:
            add(address, slug)
    return by_host


def _rank(site: Site, address: str, holders: Mapping[str, str]) -> _Rank:
    if not site.folder or _inherits(site):
        return _FIRST
    return True, holders.get(address) != site.slug, len(address), site.slug


def _whose(
    site: Site, rivals: Sequence[Site], holders: Mapping[str, str],
    places: Mapping[str, list[_Place]],
) -> str:  # fmt: skip
    """Who comes first and has a place below or above that of a site; empty if nobody has.

    A host is served with one scheme and port. `rivals`, with the same address, gave way already.
    """
    address, settled = address_key(site.base_url), {rival.slug for rival in rivals}
    own, origin = _rank(site, address, holders), _origin(site)
    if own == _FIRST:  # the root file gives what it likes
        return ""
    host, path = _host_and_path(address)
    was_first = holders.get(address) == site.slug  # so a place below was given away since
    for place in places[host]:
        is_above = place.path.startswith(path) and not was_first
        overlaps = path.startswith(place.path) or is_above
        differs = place.origin not in ("", origin)
        if (overlaps or differs) and place.rank < own and place.slug not in settled:
            return place.slug
    return ""


def _origin(site: Site) -> str:
    scheme, _, rest = site.base_url.partition("://")
    return f"{scheme}://{authority_key(rest.partition('/')[0])}"


def _host_and_path(address: str) -> tuple[str, str]:
    """The host without its port, as a port makes no host another's; and the path."""
    authority, _, path = address.partition("/")
    return authority.partition(":")[0], f"/{path}"
