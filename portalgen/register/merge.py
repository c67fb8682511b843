"""Merge two registers: that of a target, and the one of this machine.

No address is lost: entries are united by id and by source. Of what can differ, the later counts.
"""

from collections.abc import Iterable, Mapping
from itertools import chain

from msgspec.structs import replace

from portalgen.register.entries import (
    Entry,
    Register,
    SiteEntries,
    SiteRecord,
    erasure,
    taken_away,
    without_address,
)

_Entries = Mapping[str, Entry]


def merge(target: Register, local: Register) -> Register:
    """Both registers as one, without good versions; the key is the target's.

    What the target never had and what does not stand here any more is dropped: nobody has read it.
    It stays if it leads to something, as another target may have it.
    """
    is_same_key = local.key == target.key
    if not is_same_key:
        local = _without_digests(local)
    erased = {
        name: max(target.erased.get(name, 0), local.erased.get(name, 0))
        for name in target.erased.keys() | (local.erased.keys() if is_same_key else ())
    }
    merged = Register(target.key, erased=dict(sorted(erased.items())))
    names: dict[str, str] = {}
    for slug in sorted(target.sites.keys() | local.sites.keys()):
        old, new = (side.sites.get(slug, SiteEntries()) for side in (target, local))
        entries, same = _merge_entries(old.entries, new.entries)
        merged.sites[slug] = SiteEntries(_merge_records(old.record, new.record), entries)
        names |= {f"{slug}/{name}": f"{slug}/{kept}" for name, kept in same.items()}
    for site in merged.sites.values() if names else ():
        for name, entry in site.entries.items():
            if entry.to in names:
                site.entries[name] = replace(entry, to=names[entry.to])
    if merged.erased:
        _forget(merged)
    return merged


def _forget(register: Register) -> None:
    """Drop the addresses that were forgotten, but for those that something was at since."""
    for slug, site in register.sites.items():
        for name, entry in list(site.entries.items()):
            rest: Entry | None = entry
            for route in (entry.at, *entry.paths):
                key = route.casefold()
                moment = register.erased.get(erasure(register, slug, key), -1)
                stands = not entry.gone and key == entry.at.casefold()
                if rest and route and moment >= max(entry.since, entry.gone) and not stands:
                    rest = without_address(rest, key)
            if rest is None:
                del site.entries[name]
            else:
                site.entries[name] = rest


def _without_digests(register: Register) -> Register:
    """The register without digests that were made with its key, which tell nothing to another."""
    sites = {
        slug: SiteEntries(
            site.record,
            {name: replace(entry, title="", body="") for name, entry in site.entries.items()},
        )
        for slug, site in register.sites.items()
    }
    return Register(register.key, sites)


def merge_pair(first: Entry, second: Entry) -> Entry:
    """Two states of an entry as one, whichever comes first: of each part, the later counts.

    Its id is that of the state that stands where it is for longer.
    """
    earlier, later = sorted((first, second), key=_rank)
    oldest = min(first, second, key=lambda entry: (entry.since, entry.id))
    good = max(first, second, key=_rank_of_good)
    merged = replace(
        later, id=oldest.id, aliases=later.aliases,
        paths=_united(later.paths, (earlier.at, *earlier.paths), later.at),
        sources=_united(later.sources, (earlier.source, *earlier.sources), later.source),
        older=max(first.older, second.older), feed=later.feed or earlier.feed,
        identity=good.identity, title=good.title, body=good.body, good=good.good,
        published=good.published, files=good.files,
    )  # fmt: skip
    if not merged.gone:
        return merged
    digests = later if later.title else earlier  # what is gone has no good version any more
    return taken_away(replace(merged, title=digests.title, body=digests.body), merged.gone)


def _rank(entry: Entry) -> tuple[object, ...]:
    """What is later; at the same moment, what stands, then who has been renamed more often."""
    moment = max(entry.since, entry.gone)
    return moment, not entry.gone, len(entry.sources), len(entry.paths), repr(entry)


def _rank_of_good(entry: Entry) -> tuple[object, ...]:
    return entry.published, entry.good, entry.title, entry.body, entry.identity, repr(entry.files)


def _united(first: Iterable[str], more: Iterable[str], without: str) -> tuple[str, ...]:
    names = dict.fromkeys(chain(first, sorted({*more} - {*first})))
    for name in ("", without):
        names.pop(name, None)
    return tuple(names)


def _merge_entries(target: _Entries, local: _Entries) -> tuple[dict[str, Entry], dict[str, str]]:
    """The entries of a site; and the ids of entries that turned out to be the same, by old id."""
    merged: dict[str, Entry] = {}
    for name in sorted(target.keys() | local.keys()):
        states = [entries[name] for entries in (target, local) if name in entries]
        merged[name] = merge_pair(*states) if len(states) == 2 else states[0]
    same: dict[str, str] = {}
    by_source: dict[str, Entry] = {}
    for name, entry in list(merged.items()):
        other = by_source.get(entry.source) if entry.source else None
        pair = merge_pair(entry, other) if other else entry
        if other:
            if (name in target) != (other.id in target):  # others know it by this id
                pair = replace(pair, id=name if name in target else other.id)
            (over,) = {name, other.id} - {pair.id}
            del merged[over]
            same[over] = pair.id
            merged[pair.id] = pair
        by_source[entry.source] = pair
    same = {name: same.get(kept, kept) for name, kept in same.items()}
    merged = {
        name: entry
        for name, entry in merged.items()
        if name in target or not entry.gone or entry.to
    }
    _keep_apart(merged, target)
    addresses = {
        route.casefold() for entry in merged.values() if entry.source for route in entry.addresses()
    }
    return {
        name: entry
        for name, entry in sorted(merged.items())
        if entry.source or not {route.casefold() for route in entry.addresses()} <= addresses
    }, same


def _keep_apart(entries: dict[str, Entry], held: _Entries) -> None:
    """Let one entry stand at each address: who has it at the target.

    Who loses it is where the target has it, or is dropped: its source gets a new entry.
    """

    def is_held(entry: Entry) -> bool:
        before = held.get(entry.id)
        return bool(before and not before.gone and before.at == entry.at)

    while True:
        holders: dict[str, Entry] = {}
        losers = []
        standing = (entry for entry in entries.values() if not entry.gone)
        for entry in sorted(standing, key=lambda e: (not is_held(e), e.since, e.id)):
            holder = holders.setdefault(entry.at.casefold(), entry)
            if holder is not entry:
                losers.append(entry)
        if not losers:
            return
        for entry in losers:
            before = held.get(entry.id)
            if before is None or is_held(entry):
                del entries[entry.id]
                continue
            paths = _united(entry.paths, before.paths, before.at)
            back = replace(
                entry, at=before.at, since=before.since, gone=before.gone, to=before.to, paths=paths
            )
            entries[entry.id] = taken_away(back, back.gone) if back.gone else back


def _merge_records(target: SiteRecord, local: SiteRecord) -> SiteRecord:
    """The record of a site, where it is now, with all hosts that it had."""
    has_local = bool(local.base_url) and local.since >= target.since
    later, other = (local, target) if has_local else (target, local)
    return SiteRecord(
        later.settings or other.settings, later.base_url,
        _united(later.former, other.former, ""), later.since,
    )  # fmt: skip
