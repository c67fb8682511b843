"""Sites as they were built last: settings and hosts. A host that a site had leads to it still."""

from collections.abc import Collection

from msgspec.structs import replace

from portalgen.register.entries import Register, SiteRecord
from portalgen.settings.moved import host_of
from portalgen.settings.network import Network
from portalgen.settings.site import Site


def last_settings(register: Register) -> tuple[dict[str, str], dict[str, str]]:
    """The texts of members' settings with which they were built last, and who had which address.

    Hosts that a site had before are among its addresses.
    """
    records = {slug: site.record for slug, site in register.sites.items()}
    latest = sorted(records, key=lambda slug: records[slug].since)
    holders = {f"https://{host}/": slug for slug in latest for host in records[slug].former}
    holders |= {records[slug].base_url.casefold(): slug for slug in latest}
    holders.pop("", None)
    return {slug: item.settings for slug, item in records.items() if item.settings}, holders


def record_sites(register: Register, network: Network, slugs: Collection[str], now: int) -> Network:
    """Record settings and addresses of these sites; returns the network with the hosts they had."""
    closed = [item.site for item in network.closed]
    for site in (*network.sites, *closed):
        if site.slug in slugs or site in closed:
            before = register.site(site.slug).record
            settings = network.own.get(site.slug, "")
            register.site(site.slug).record = _recorded(before, site, settings, now)
    taken = {host_of(site) for site in network.sites}
    taken |= {host for site in network.sites for host in site.hosts}
    for item in network.closed:
        taken |= {host_of(item.site), *item.site.hosts}
    sites = []
    for site in network.sites:
        former = register.site(site.slug).record.former
        hosts = tuple(host for host in former if host not in taken)
        taken |= set(hosts)
        sites.append(replace(site, hosts=site.hosts + hosts) if hosts else site)
    return replace(network, sites=tuple(sites))


def _recorded(record: SiteRecord, site: Site, settings: str, now: int) -> SiteRecord:
    """The record of a site, with the hosts that it had."""
    former, since = record.former, record.since
    if record.base_url != site.base_url:
        since = now
        if record.base_url:
            former += (host_of(replace(site, base_url=record.base_url)),)
    former = tuple(host for host in dict.fromkeys(former) if host != host_of(site))
    return SiteRecord(settings, site.base_url, former, since)
