"""What a build changes for readers: addresses gone, moved, or with another page."""

from collections.abc import Iterator

from portalgen.problems import Problem, problem
from portalgen.register.entries import LIST, Register, SiteEntries, follow


def find_changes(before: Register, after: Register) -> Iterator[Problem]:
    """What became of each entry whose state differs, but for lists."""
    for slug, site in before.sites.items():
        now = after.sites.get(slug, SiteEntries())
        yield from _moved(after, slug, site, now)
        yield from (item._replace(site=slug) for item in _reused(site, now))


def _moved(after: Register, slug: str, site: SiteEntries, now: SiteEntries) -> Iterator[Problem]:
    for name, entry in site.entries.items():
        if entry.gone or entry.kind == LIST or name not in now.entries:
            continue
        place, last = follow(after, slug, now.entries[name])
        url = f"/{entry.at}"
        if last.gone:
            yield problem("page-gone", entry.source, url=url)._replace(site=slug)
        elif (place, last.at) != (slug, entry.at):
            new = f"/{last.at}" if place == slug else f"{place}/{last.at}"
            yield problem("page-moved", last.source, url=url, new=new)._replace(site=slug)


def _reused(site: SiteEntries, now: SiteEntries) -> Iterator[Problem]:
    """Entries that stand where another one was."""
    arrived = [
        entry
        for name, entry in now.entries.items()
        if not entry.gone and entry.kind != LIST
        and (name not in site.entries or site.entries[name].at != entry.at)
    ]  # fmt: skip
    if not arrived:
        return
    former = {
        route: entry
        for entry in now.entries.values()
        for route in entry.addresses()
        if entry.gone or route != entry.at
    }
    for entry in arrived:
        other = former.get(entry.at)
        if other and other.id != entry.id:
            values = {"url": f"/{entry.at}", "other": other.source}
            yield problem("page-reused", entry.source, 0, 0, **values)
