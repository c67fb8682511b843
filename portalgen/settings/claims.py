"""Who keeps an address that several sites name."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from urllib.parse import urlsplit

from portalgen.problems import Problem, problem
from portalgen.settings.site import SETTINGS_FILE, Site


def find_claims(
    sites: Sequence[Site], holders: Mapping[str, str], left_out: Collection[str]
) -> Iterator[tuple[Site, Problem]]:
    """Sites with an address that another keeps, and the problem of each.

    Addresses are kept by the main portal, then by who published there last (`holders`), also if it
    is `left_out` or has the host among its old ones, then by members who inherit them, then by
    the first. The problem is one of the root file if both sites inherit the address.
    """
    claimants: dict[str, list[Site]] = {}
    for site in sites:
        claimants.setdefault(site.base_url.casefold(), []).append(site)
    by_slug = {site.slug: site for site in sites}
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


def _inherits(site: Site) -> bool:
    """Whether the root file gives a site its address."""
    return site.places["base_url"][0] == SETTINGS_FILE


def _has_host(site: Site | None, address: str) -> bool:
    parts = urlsplit(address)
    return bool(site and parts.path == "/" and parts.hostname in site.hosts)


def _problem(site: Site, keeper: str, inherits: bool) -> Problem:
    values = {"url": site.base_url, "other": keeper}
    if _inherits(site) and not inherits:  # which its own file can put right
        return problem("same-address", site.settings_path, 1, 1, **values)
    return site.problem("base_url", "same-address", **values)
