"""What a build changes in the output, gathered from what became of its sites."""

from collections.abc import Sequence

from portalgen.changes.manifest import Changeset, Manifest, Owners
from portalgen.content.classify import Library
from portalgen.output.publish import possible
from portalgen.pages.compare import Plan
from portalgen.pages.make import Made
from portalgen.problems import Problems
from portalgen.search.index import key_name


def gather(
    manifest: Manifest, library: Library, plan: Plan, made: Sequence[Made], problems: Problems
) -> Changeset:  # fmt: skip
    """The changes of all sites; one of which a page failed stays as it is.

    Files that the file system cannot hold are reported and left out.
    """
    failed = {site.site for site in made if site.failed}
    skipped = library.sites.keys() - set(plan.sites) | failed
    keys = dict(plan.keys)
    good = [site for site in made if site.site not in failed]
    for site in made:
        if site.problems:  # it is planned, and they are said, every time
            keys.pop(site.site)
    gone = manifest.counts.keys() - library.sites.keys()
    removed = [item for site in good for item in site.removed]
    removed += [(slug, route) for slug in sorted(gone) for route in manifest.known(slug)]
    changes, impossible = possible(
        manifest.output, [change for site in good for change in site.changes]
    )
    for problem in impossible:  # until that is corrected, each build tries again
        problems.add(problem)
        keys.pop(problem.site, None)
        keys.pop(key_name(problem.site), None)
    site_keys = {
        name: key
        for name, key in (manifest.site_keys | keys).items()
        if name in keys or name.partition("/")[0] in skipped
    }
    for slug in failed:
        site_keys.pop(slug, None)
        site_keys.pop(key_name(slug), None)
    owners: Owners = {}
    built = set(plan.sites) - failed
    for slug in built:
        owners |= library.owners(slug)
    before = sum(count for slug, count in manifest.counts.items() if slug not in skipped)
    replaced = sum(change.route in manifest.known(change.site) for change in changes)
    return Changeset(
        changes, removed, [item for site in good for item in site.kept], site_keys,
        manifest.new_owners(built | gone, owners), before - len(removed) - replaced,
    )  # fmt: skip
