"""Entries of the register: everything that was published at an address, and where it is now.

Addresses lead to entries, and entries to their one present address: so each answer is one step,
and none leads in circles.
"""

from collections.abc import Iterable, Mapping

from msgspec import Struct, field
from msgspec.structs import replace

from portalgen.content.model import MediaFile
from portalgen.digests import digest_parts
from portalgen.settings import routes

ARTICLE, FILE, LIST = "article", "file", "list"
SECTION, FEED = "section:", "feed:"  # what sources of lists begin with


class Entry(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What was published at a site; moments are seconds since 1970.

    `source` is its file, relative to the network's root, `sources` where that was before; of a
    list it is `section:`, `feed:`, `tag:` or `topic:` and a key. `at` is its present route, or the
    last one, `paths` are all others that it ever had, `aliases` those of them that its article
    names now, and `older` the number of its older pages.
    `since` is when one of these last changed; `gone` when it was taken away, and `to` the site and
    id of the entry that took its place. `feed` is what feeds call it, if not its site and name.
    `title` and `body` are keyed digests. `good` is the digest of its last good version, published
    since `published` with these `files`.
    """

    id: str
    kind: str
    source: str
    sources: tuple[str, ...] = ()
    at: str = ""
    paths: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    older: int = 0
    since: int = 0
    gone: int = 0
    to: str = ""
    feed: str = ""
    identity: str = ""
    title: str = ""
    body: str = ""
    good: str = ""
    published: int = 0
    files: tuple[MediaFile, ...] = ()

    def addresses(self) -> Iterable[str]:
        """All routes that it ever had, its older pages among them."""
        for route in (self.at, *self.paths):
            if route:
                yield route
                for number in range(1, self.older + 1):
                    yield routes.older(route, number)


class SiteRecord(Struct, omit_defaults=True):
    """A site as it was last built: the text of a member's own settings, and its address.

    `former` are hosts that it had before `since`.
    """

    settings: str = ""
    base_url: str = ""
    former: tuple[str, ...] = ()
    since: int = 0


class SiteEntries(Struct):
    """The record of a site, and its entries by id."""

    record: SiteRecord = field(default_factory=SiteRecord)
    entries: dict[str, Entry] = field(default_factory=dict)

    def by_source(self) -> dict[str, Entry]:
        """The entry of each present source."""
        return {entry.source: entry for entry in self.entries.values()}

    def standing(self, kind: str = "") -> list[Entry]:
        """The entries that were not taken away."""
        return [e for e in self.entries.values() if not e.gone and kind in ("", e.kind)]


class Register(Struct):
    """All sites that were ever published, and good versions by site and id that are not saved yet.

    `key` is random: the key of its digests, and the name of the network. `state` is the digest of
    the index that was read. `erased` are the moments at which addresses were forgotten, by keyed
    digest.
    """

    key: str
    sites: dict[str, SiteEntries] = field(default_factory=dict)
    goods: dict[str, dict[str, bytes]] = field(default_factory=dict)
    state: str = ""
    erased: dict[str, int] = field(default_factory=dict)

    def site(self, slug: str) -> SiteEntries:
        """The entries of a site, which may have none."""
        return self.sites.setdefault(slug, SiteEntries())

    def digest(self, *parts: str) -> str:
        """A keyed digest: it tells equal from unequal, and nothing to those without the key."""
        return digest_parts([self.key, *parts])[:16]


def copy_of(register: Register) -> Register:
    """A register that can be changed while the other stays."""
    sites = {
        slug: SiteEntries(site.record, dict(site.entries)) for slug, site in register.sites.items()
    }
    return Register(register.key, sites, erased=dict(register.erased))


def erasure(register: Register, slug: str, key: str) -> str:
    """The keyed digest by which an address, in lower case, is known to be forgotten."""
    return register.digest("erased", slug, key)


def without_address(entry: Entry, key: str) -> Entry | None:
    """The entry without an address, given in lower case; None if it has no other."""
    paths = tuple(route for route in entry.paths if route.casefold() != key)
    if entry.at.casefold() != key:
        return replace(entry, paths=paths)
    return replace(entry, at=paths[-1], paths=paths[:-1]) if paths else None


def new_id(entries: Mapping[str, Entry], source: str) -> str:
    """An id that no entry has, the same on each machine where the same source is new."""
    number = 0
    while True:
        name = digest_parts([source, str(number)])[:12]
        if name not in entries:
            return name
        number += 1


def taken_away(entry: Entry, now: int) -> Entry:
    """The entry without anything that could be read."""
    return replace(
        entry, gone=entry.gone or now, identity="", good="", published=0, files=(), aliases=()
    )


def follow(register: Register, slug: str, entry: Entry) -> tuple[str, Entry]:
    """Where readers of an entry are led in the end, by site."""
    passed = {(slug, entry.id)}
    while entry.gone and entry.to:
        site, _, name = entry.to.partition("/")
        following = register.sites[site].entries.get(name) if site in register.sites else None
        if following is None or (site, name) in passed:
            break
        passed.add((site, name))
        slug, entry = site, following
    return slug, entry
