"""What a build changes for readers: addresses that are new, lead elsewhere, or are gone."""

from collections.abc import Iterator

from portalgen.problems import Problem, problem
from portalgen.register.entries import LIST, Register, follow


def find_changes(before: Register, after: Register) -> Iterator[Problem]:
    """What became of each entry whose state differs, but for lists and what is new."""
    for slug, site in before.sites.items():
        for name, entry in site.entries.items():
            now = after.sites[slug].entries.get(name) if slug in after.sites else None
            if entry.gone or entry.kind == LIST or now is None:
                continue
            place, last = follow(after, slug, now)
            url = f"/{entry.at}"
            if last.gone:
                yield problem("page-gone", entry.source, url=url)._replace(site=slug)
            elif (place, last.at) != (slug, entry.at):
                new = f"/{last.at}" if place == slug else f"{place}/{last.at}"
                yield problem("page-moved", last.source, url=url, new=new)._replace(site=slug)
