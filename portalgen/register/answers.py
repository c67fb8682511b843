"""What every old address of a site answers: where readers are led, or that it is gone."""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import PurePosixPath

from portalgen.content.claims import has_own_id
from portalgen.content.lists import TAG, TOPIC
from portalgen.content.model import MediaFile
from portalgen.content.published import Published
from portalgen.content.site_index import Former, SiteIndex
from portalgen.register.entries import FEED, LIST, SECTION, Entry, Register, follow
from portalgen.register.keep import Keeper
from portalgen.settings import routes
from portalgen.settings.site import Site

_PARENTS = {
    SECTION: routes.HOME, FEED: routes.RSS, TAG: routes.SITE_MAP, TOPIC: routes.SITE_MAP,
}  # fmt: skip


def former_addresses(
    register: Register, index: SiteIndex, sites: Mapping[str, Site], closed: Sequence[str] = ()
) -> list[Former]:
    """The old addresses of a site at which nothing else stands, in order.

    Readers of the `closed` members that it took the place of come with their paths.
    """
    redirects = {rule.old_route.casefold() for rule in index.rules if rule.is_page}
    answers: dict[str, tuple[tuple[bool, bool, int, str], Former]] = {}
    standing = index.taken.keys() | redirects | _list_pages(index)
    for slug in (index.site.slug, *closed):
        is_own = slug == index.site.slug
        for entry in register.site(slug).entries.values():
            if not entry.gone and not entry.paths and not entry.older:
                continue
            target = _target(register, slug, entry, sites)
            if not is_own and not target:
                continue
            rank = (is_own, bool(target), entry.since, entry.id)
            for route in entry.addresses():
                is_free = route.casefold() not in standing
                if is_free and (route not in answers or answers[route][0] < rank):
                    answers[route] = rank, Former(route, target)
    return [former for _, (_, former) in sorted(answers.items())]


def _list_pages(index: SiteIndex) -> set[str]:
    """The routes of feeds and of older pages."""
    pages = {routes.section_feed(slug) for slug in index.sections}
    for listing, route in [
        *((item, routes.section(item.slug)) for item in index.sections.values()),
        *((item, routes.tag(item.slug)) for item in index.tags.values()),
        *((item, routes.topic(item.slug)) for item in index.topics.values()),
    ]:
        older = range(1, listing.closed + 2) if listing.closed else ()
        pages |= {route, *(routes.older(route, number) for number in older)}
    return pages


def _target(register: Register, slug: str, entry: Entry, sites: Mapping[str, Site]) -> str:
    """The address to which readers of an entry are led; empty if it is gone for good."""
    place, last = follow(register, slug, entry)
    if place not in sites:
        return ""
    if not last.gone and last.at:
        return routes.url(sites[place], last.at)
    if last.kind == LIST:
        prefix = last.source.partition(":")[0] + ":"
        return routes.url(sites[place], _PARENTS.get(prefix, routes.SITE_MAP))
    return ""


def feed_ids(register: Register, index: SiteIndex) -> dict[str, str]:
    """What feeds call the articles of a site that have been elsewhere, by path."""
    own = {article.path for article in index.own if not has_own_id(article)}
    return {
        entry.source: entry.feed
        for entry in register.site(index.site.slug).entries.values()
        if entry.feed and entry.source in own
    }


def published_files(register: Register) -> dict[str, tuple[MediaFile, ...]]:
    """The files that the last good version of each article used, by its source."""
    return {
        entry.source: entry.files
        for site in register.sites.values()
        for entry in site.entries.values()
        if entry.files
    }


def published_before(keeper: Keeper) -> Published:
    """What classifying has to know of the register."""
    owners: dict[tuple[str, str], str] = {}
    former: dict[tuple[str, str], str] = {}
    lists: dict[tuple[str, str], str] = {}
    for slug in keeper.sites:
        for entry in keeper.register.site(slug).entries.values():
            if entry.gone:  # if its source comes back, it comes before new ones
                former[slug, entry.at.casefold()] = entry.source
                continue
            if entry.kind == LIST:
                lists[slug, entry.source] = PurePosixPath(entry.at).stem
                continue
            owners[slug, entry.at.casefold()] = entry.source
            for route in entry.aliases:
                former[slug, route.casefold()] = entry.source
            if entry.identity:
                owners[slug, f"#{entry.identity}"] = entry.source
    kept = {path: entry.at for path, (entry, _) in keeper.kept.items()}
    return Published(
        former | owners, keeper.good_of, kept, lists, partial(_paths, keeper.register, keeper.sites)
    )


def _paths(register: Register, sites: Mapping[str, Site], slug: str) -> frozenset[str]:
    """The paths of a site that lead to something, as articles write them."""
    if slug not in sites:
        return frozenset()
    return frozenset(
        f"/{route}"
        for entry in register.site(slug).entries.values()
        if _target(register, slug, entry, sites)
        for route in entry.addresses()
    )
