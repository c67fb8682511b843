"""Load the network from its `site.yaml` files; members inherit settings."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cache, partial
from pathlib import Path

from msgspec import Struct, field
from msgspec.structs import replace

from portalgen.problems import PortalError, Problem, Problems, problem
from portalgen.settings.claims import address_key, find_claims
from portalgen.settings.inherit import new_site, read_values, take_shared
from portalgen.settings.members import (
    MAIN,
    MAX_MEMBER_NAME,
    Common,
    Member,
    fall_back,
    find_members,
    load_member,
    read_own,
    site_problems,
)
from portalgen.settings.moved import Closed, settle
from portalgen.settings.site import ROOT_FIELDS, SETTINGS_FILE, SITE_FIELDS, Site
from portalgen.settings.tokens import read_tokens
from portalgen.settings.values import ALL_MEMBERS
from portalgen.sources import OWN
from portalgen.strays import strays_of_yaml

__all__ = ["MAIN", "MAX_MEMBER_NAME", "Network", "load_network"]


class Network(Struct, frozen=True):
    """All sites: the main portal first, then members by slug.

    `closed` are members with a successor, `refused` the problems of settings that did not stop
    everything, `warnings` what was left out of them. `own` are the texts of members' `site.yaml` as
    used, by slug, also of closed ones; `held` the members built with the text of an earlier build,
    `left_out` those that are neither built nor closed. `over_quota` are the problems of those whose
    folder holds too much. `state` is the folder of what the program remembers.
    """

    root: Path
    sites: tuple[Site, ...]
    closed: tuple[Closed, ...] = ()
    refused: tuple[Problem, ...] = ()
    own: Mapping[str, str] = field(default_factory=dict)
    held: frozenset[str] = frozenset()
    left_out: frozenset[str] = frozenset()
    over_quota: Mapping[str, Problem] = field(default_factory=dict)
    state: Path = field(default_factory=Path)
    warnings: tuple[Problem, ...] = ()

    @property
    def main(self) -> Site:
        """The main portal."""
        return self.sites[0]

    @property
    def slugs(self) -> list[str]:
        """The slug of each site."""
        return [site.slug for site in self.sites]

    @property
    def uses_similarity(self) -> bool:
        """Whether any site shows related news by similarity."""
        return any(block.by == "similarity" for site in self.sites for block in site.related)

    def check_slugs(self, slugs: Iterable[str]) -> None:
        """Raise `PortalError` if a slug has no site."""
        existing = [site.slug for site in self.sites]
        problems: list[Problem] = []
        for slug in slugs:
            if slug in self.left_out:
                problems += [item for item in self.refused if item.site == slug]
            if slug not in existing and not problems:
                known = ", ".join(existing)
                problems.append(problem("unknown-site", site=slug, known=known))
        if problems:
            raise PortalError(problems)

    def folder(self, site: Site) -> Path:
        """The folder of a site's sources."""
        return self.root / site.folder


def load_network(
    root: Path, held: Mapping[str, str] = {}, holders: Mapping[str, str] = {},
    state: Path | None = None,
) -> Network:  # fmt: skip
    """Read `site.yaml` and `members/*/site.yaml`; raises `PortalError` if the root's is wrong.

    A member whose own file is wrong has the text that is `held` of its last build, by slug, or is
    left out. `holders` are the slugs of who published last at an address.
    """
    if not root.is_dir():
        raise PortalError([problem("no-root", root=root)])
    refused = Problems()
    holders = {address_key(address): slug for address, slug in holders.items()}
    slugs, outside = find_members(root, refused)
    main, common = _load_main(root, slugs, refused)
    refused.extend(_unknown_members(main, common, {*slugs, *outside}))
    members = {slug: load_member(slug, common, held.get(slug)) for slug in slugs}
    problems = Problems(site_problems(main, common))
    for member in members.values():
        problems.extend(item for item in member.problems if item.path == SETTINGS_FILE)
    problems.stop_if_any()
    while True:
        left_out = {slug for slug, member in members.items() if not member.site} | outside
        sites = _ready(main, members, left_out)
        notes: list[Problem] = []
        built, closed = settle(sites, notes, holders, left_out)
        gone = {item.site.slug: item.site for item in closed}
        held_now = {slug for slug, member in members.items() if member.is_held}
        open_sites = [site for site in sites if site.slug not in gone]
        claims = list(find_claims(open_sites, [*gone.values()], holders, left_out, held_now))
        problems.extend(item for _, item in claims if item.path == SETTINGS_FILE)
        problems.stop_if_any()
        if not claims:
            break
        for site, item in claims:
            member = members[site.slug]
            reasons = member.problems or [item]
            members[site.slug] = fall_back(
                replace(member, problems=reasons), common, held.get(site.slug)
            )
    for member in members.values():
        refused.extend(member.refusals())
    refused.extend(notes)
    present = {site.slug for site in built}
    return Network(
        root, tuple(built), tuple(closed), tuple(refused.items),
        {slug: members[slug].text for slug in slugs if slug in present or slug in gone},
        frozenset(slug for slug in slugs if slug in present and members[slug].is_held),
        frozenset({*slugs, *outside} - present - gone.keys()),
        state=state or root / OWN,
        warnings=tuple(_strays(root, members)),
    )  # fmt: skip


def _strays(root: Path, members: Mapping[str, Member]) -> Iterator[Problem]:
    """Warn of characters that are removed from settings."""
    yield from strays_of_yaml(read_own(root, SETTINGS_FILE, Problems()), SETTINGS_FILE)
    for slug, member in members.items():
        if not member.is_held:  # else the lines are none of the file's
            path = f"members/{slug}/{SETTINGS_FILE}"
            yield from (item._replace(site=slug) for item in strays_of_yaml(member.text, path))


def _load_main(root: Path, slugs: Iterable[str], refused: Problems) -> tuple[Site, Common]:
    """The main portal and what members share; raises `PortalError`, also with members' problems."""
    problems = Problems()
    text = read_own(root, SETTINGS_FILE, problems)
    values = {} if problems.items else read_values(text, SETTINGS_FILE, ROOT_FIELDS, problems)
    shared, grants = take_shared(values)
    main = new_site(MAIN, "", values, problems)
    if main is None or problems.items:
        for slug in slugs:
            path, wrong = f"members/{slug}/{SETTINGS_FILE}", Problems()
            own = read_own(root, path, wrong)
            if not wrong.items:
                read_values(own, path, SITE_FIELDS, wrong)
            problems.extend(wrong.items)
        raise PortalError([*problems.items, *refused.items])
    kinds = tuple(kind.slug for kind in main.kinds)
    return main, Common(root, shared, grants, kinds, cache(partial(read_tokens, root)))


def _unknown_members(main: Site, common: Common, slugs: Collection[str]) -> Iterator[Problem]:
    """Members that the root file names, and that there are none of."""
    named = [(f"members.grants.{slug}", slug) for slug in common.grants]
    for key, names in (
        ("syndicate_from", main.syndicate_from), ("featured_from", main.featured_from)
    ):  # fmt: skip
        named += [(f"{key}.{i}", slug) for i, slug in enumerate(names) if slug != ALL_MEMBERS]
    for key, slug in named:
        if slug not in slugs:
            values = {"slug": slug, "known": ", ".join(sorted(slugs))}
            yield main.problem(key, "unknown-member", **values)


def _ready(main: Site, members: Mapping[str, Member], left_out: set[str]) -> list[Site]:
    """The sites that can be settled: none whose successor is left out, as its address is open."""
    sites = [main, *(member.site for member in members.values() if member.site)]
    waiting = set(left_out)
    while True:
        ready = [site for site in sites if site.successor not in waiting]
        if len(ready) == len(sites):
            return ready
        waiting |= {site.slug for site in sites} - {site.slug for site in ready}
        sites = ready


def with_quotas(network: Network, usage: Mapping[str, tuple[int, int]]) -> Network:
    """The network that knows who holds too much; `usage`: files and bytes of members' folders."""
    over: dict[str, Problem] = {}
    for site in network.sites[1:]:
        files, size = usage.get(site.slug, (0, 0))
        if files > site.quota.files or size > site.quota.megabytes * 1_000_000:
            values = {"files": files, "most": site.quota.files, "megabytes": -(-size // 1_000_000)}
            item = problem("over-quota", site.folder, room=site.quota.megabytes, **values)
            over[site.slug] = item._replace(site=site.slug, kept="site-kept")
    return replace(network, over_quota=over, refused=(*network.refused, *over.values()))
