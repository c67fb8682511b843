"""Hosts that sites had before, and members whose place others took.

What is wrong with them costs no site: it is told, and left out.
"""

from collections.abc import Collection, Mapping, Sequence
from urllib.parse import urlsplit

from msgspec import Struct
from msgspec.structs import replace

from portalgen.problems import Problem
from portalgen.settings.site import Site
from portalgen.text import host_key


class Closed(Struct, frozen=True):
    """A member that is not built any more; readers go to the site `successor`, or to `url`."""

    site: Site
    successor: str
    url: str


def host_of(site: Site) -> str:
    """The name of the host on which a site is, as hosts are compared."""
    return host_key(urlsplit(site.base_url).hostname or "")


def settle(
    sites: Sequence[Site], problems: list[Problem], holders: Mapping[str, str],
    left_out: Collection[str],
) -> tuple[list[Site], list[Closed]]:  # fmt: skip
    """The sites to build, with the old hosts that are theirs, and the closed members.

    `holders` are the slugs of who published last at an address, by key; who is `left_out` keeps a
    host, too.
    """
    ends = {site.slug: _end(site, {item.slug: item for item in sites}) for site in sites}
    closed, built = [], []
    for site in sites:
        end = ends[site.slug]
        if isinstance(end, Problem):
            problems.append(end._replace(site=site.slug))
        if isinstance(end, Closed):
            closed.append(end)
        else:
            built.append(site)
    keepers = _who_published(holders, sites, left_out)
    return _with_own_hosts(built, closed, problems, keepers)


def _end(site: Site, sites: Mapping[str, Site]) -> Closed | Problem | None:
    """Where successors lead in the end; a site whose setting is wrong is built as ever."""
    passed: list[str] = []
    last = site
    while last.successor:
        if last.slug in passed:
            loop = " → ".join([*passed, last.slug])
            return site.problem("successor", "successor-loop", loop=loop)
        passed.append(last.slug)
        if "://" in last.successor:
            known = next(iter(sites.values())).known_hosts  # of the main portal
            host = host_key(urlsplit(last.successor).hostname or "")
            if host in {*map(host_of, sites.values()), *known} or host.endswith(
                tuple(name[1:] for name in known if name.startswith("*."))
            ):
                return Closed(site, "", last.successor)
            return site.problem("successor", "successor-host", host=host)
        if last.successor not in sites:
            names = ", ".join(slug for slug in sites if slug != site.slug)
            code, slug = "successor-unknown", last.successor
            return site.problem("successor", code, slug=slug, known=names)
        last = sites[last.successor]
    return Closed(site, last.slug, last.base_url) if passed else None


def _with_own_hosts(
    built: list[Site], closed: list[Closed], problems: list[Problem], keepers: dict[str, str]
) -> tuple[list[Site], list[Closed]]:
    """All sites, each with the old hosts that nobody else has, published at or named before."""
    keepers |= {host_of(site): site.slug for site in reversed([item.site for item in closed])}
    keepers |= {host_of(site): site.slug for site in reversed(built)}
    ends = {item.site.slug: item.successor for item in closed}

    def own(site: Site) -> Site:
        hosts = []
        for host in site.hosts:
            keeper = keepers.setdefault(host, site.slug)
            if keeper == site.slug and host != host_of(site):
                hosts.append(host)
            elif site.slug != ends.get(keeper) and keeper != ends.get(site.slug):
                taken = site.problem("hosts", "host-taken", host=host, other=keeper)
                problems.append(taken._replace(site=site.slug))
        return replace(site, hosts=tuple(hosts))

    return [own(site) for site in built], [replace(item, site=own(item.site)) for item in closed]


def _who_published(
    holders: Mapping[str, str], sites: Sequence[Site], left_out: Collection[str]
) -> dict[str, str]:
    """Who published last at a host and still names it, or may once it is built again."""
    hosts = {site.slug: site.hosts for site in sites}
    keepers = {}
    for address, slug in holders.items():
        host, _, path = address.partition("/")
        if not path and (slug in left_out or host in hosts.get(slug, ())):
            keepers[host] = slug
    return keepers
