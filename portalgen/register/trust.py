"""What of a register that comes from elsewhere can be believed; the rest is dropped."""

import re
from collections.abc import Iterable, Iterator

from portalgen.content.lists import TAG, TOPIC
from portalgen.content.model import MediaFile
from portalgen.register.entries import (
    ARTICLE,
    FEED,
    FILE,
    LIST,
    SECTION,
    Entry,
    Register,
    SiteEntries,
    SiteRecord,
)
from portalgen.settings import routes
from portalgen.settings.network import MAIN

_FOLDERS = {ARTICLE: ("content/",), FILE: ("static/", "content/")}
_LISTS = (SECTION, FEED, TAG, TOPIC)
_MAX_MOMENT = 4_102_444_800  # the year 2100
_MAX_OLDER = 10_000  # older pages of a list
_MAX_NAMES = 1_000  # paths or sources of an entry
_MAX_TEXT = 1_000
_MAX_SETTINGS = 1_000_000
_MEDIA = re.compile(r"[0-9a-f]{16}-[A-Za-z0-9._-]{1,240}")
_ID = re.compile(r"[0-9a-f]{12}")
_DIGEST = re.compile(r"[0-9a-f]{0,32}")
_TO = re.compile(r"([a-z0-9]+(-[a-z0-9]+)*/[0-9a-f]{12})?")
_HOST = re.compile(r"[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})*")
_BASE_URL = re.compile(r"https?://[a-z0-9.-]{1,253}(:\d{1,5})?(/[A-Za-z0-9._~-]+)*/?")


def believe(register: Register) -> Register:
    """The register without entries that cannot be true, and with one at each address."""
    sites = {
        slug: SiteEntries(_believed(site.record), dict(_entries(slug, site.entries.values())))
        for slug, site in register.sites.items()
    }
    erased = {
        name: moment
        for name, moment in register.erased.items()
        if _DIGEST.fullmatch(name) and 0 <= moment <= _MAX_MOMENT
    }
    return Register(register.key, sites, erased=erased)


def _entries(slug: str, entries: Iterable[Entry]) -> Iterator[tuple[str, Entry]]:
    sources: set[str] = set()
    addresses: set[str] = set()
    for entry in sorted(entries, key=lambda entry: (entry.since, entry.id)):
        address = "" if entry.gone else entry.at.casefold()
        if not _is_possible(slug, entry) or entry.source in sources or address in addresses:
            continue
        sources |= {entry.source} - {""}
        addresses |= {address} - {""}
        yield entry.id, entry


def _is_possible(slug: str, entry: Entry) -> bool:
    names = (*entry.paths, *entry.sources)
    moments = (entry.since, entry.gone, entry.published)
    return (
        bool(_ID.fullmatch(entry.id))
        and entry.kind in (ARTICLE, FILE, LIST)
        and len(names) <= _MAX_NAMES
        and bool(entry.at or entry.gone)
        and bool(entry.source or entry.gone)
        and all(is_address(route) for route in (entry.at, *entry.paths) if route)
        and set(entry.aliases) <= set(entry.paths)
        and all(_is_source(slug, entry.kind, name) for name in (entry.source, *entry.sources))
        and all(0 <= moment <= _MAX_MOMENT for moment in moments)
        and 0 <= entry.older <= _MAX_OLDER
        and bool(_TO.fullmatch(entry.to))
        and all(_DIGEST.fullmatch(text) for text in (entry.title, entry.body, entry.good))
        and all(_is_text(text) for text in (entry.feed, entry.identity))
        and len(entry.files) <= _MAX_NAMES
        and all(_is_file(slug, file) for file in entry.files)
    )


def is_address(route: str) -> bool:
    """Whether a page may have been at a route: below its site, and no file of `deploy`'s own."""
    return (
        len(route) <= routes.MAX_ROUTE
        and routes.fits(route)
        and routes.is_portable(route)
        and (not route.startswith(".") or route.startswith(".well-known/"))
        and route not in routes.DEPLOYED
        and not route.endswith(routes.PACKED_SUFFIXES)
    )


def _is_source(slug: str, kind: str, name: str) -> bool:
    """Whether a source is one of this site, of this kind; that of what is gone may be unknown."""
    if kind == LIST:
        return not name or (name.startswith(_LISTS) and _is_text(name))
    base = "" if slug == MAIN else f"members/{slug}/"
    folders = tuple(base + folder for folder in _FOLDERS[kind])
    is_own = name.startswith(folders) and len(name) <= _MAX_TEXT
    is_article = name.endswith(".md") and name.startswith(f"{base}content/")
    return not name or (is_own and routes.is_portable(name) and (kind == ARTICLE) == is_article)


def _is_file(slug: str, file: MediaFile) -> bool:
    """Whether an article of the site may have used this file."""
    is_there = bool(file.path) and _is_source(slug, FILE, file.path)
    return is_there and all(map(_MEDIA.fullmatch, file.names()))


def _is_text(text: str) -> bool:
    return len(text) <= _MAX_TEXT and text.isprintable()


def _believed(record: SiteRecord) -> SiteRecord:
    """The record, without what cannot be settings or names of hosts."""
    former = [host for host in record.former[:_MAX_NAMES] if _HOST.fullmatch(host)]
    if (
        len(record.settings) > _MAX_SETTINGS
        or not _BASE_URL.fullmatch(record.base_url)
        or not 0 <= record.since <= _MAX_MOMENT
    ):
        return SiteRecord(former=tuple(former))
    return SiteRecord(record.settings, record.base_url, tuple(former), record.since)
