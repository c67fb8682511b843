"""The first register of a target that version 1 deployed to: the addresses of its release."""

import re
from collections.abc import Iterable
from contextlib import suppress

from portalgen.deploy.inventory import NAME, from_bytes
from portalgen.deploy.release import Release
from portalgen.deploy.storage import Storage
from portalgen.register.entries import (
    ARTICLE,
    FILE,
    LIST,
    Entry,
    Register,
    SiteEntries,
    new_id,
)
from portalgen.register.trust import is_address
from portalgen.settings import routes
from portalgen.settings.schema import SLUG

_LISTS = re.compile(r"(tag|chuyen-de)/.*\.html|.*/(index\.html|rss\.xml|trang-[0-9]+\.html)")
# What every site has, and what pages bring with them: no addresses that readers keep.
_OWN = {*routes.FIXED, routes.MEMBERS, routes.NEWS_SITEMAP}
_FOLDERS = ("assets/", "media/", f"{routes.SEARCH_FOLDER}/")
_SITEMAP = re.compile(r"sitemap-[0-9]+\.xml")


def first_register(storage: Storage, release: Release, key: str) -> Register:
    """An entry for each address of a release, as if it was gone and its source was not known.

    A source that stands there takes its entry over; every other address answers that its page was
    taken away.
    """
    register = Register(key)
    for slug, tree in release.trees.items():
        if SLUG.fullmatch(slug):
            entries = _entries(_routes(storage, slug, tree), release.time or 1)
            register.sites[slug] = SiteEntries(entries=entries)
    return register


def _routes(storage: Storage, slug: str, tree: str) -> Iterable[str]:
    """The routes of a tree; where its record is on another machine, those of its inventory."""
    digests = storage.digests(slug, tree)
    if digests:
        return digests
    with suppress(ValueError):
        inventory = from_bytes(storage.read(f"sites/{slug}/{tree}/{NAME}"))
        return [item.path for item in inventory.files]
    return []


def _entries(names: Iterable[str], moment: int) -> dict[str, Entry]:
    entries: dict[str, Entry] = {}
    for route in sorted(names):
        if route in _OWN or route.startswith(_FOLDERS) or _SITEMAP.fullmatch(route):
            continue
        if not is_address(route):
            continue
        name = new_id(entries, route)
        kind = LIST if _LISTS.fullmatch(route) else ARTICLE if route.endswith(".html") else FILE
        entries[name] = Entry(id=name, kind=kind, source="", at=route, since=moment, gone=moment)
    return entries
