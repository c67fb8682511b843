"""Gather the changes of all sites of a build."""

from collections.abc import Collection, Sequence

from portalgen.changes.manifest import Changeset, Manifest
from portalgen.content.classify import Library
from portalgen.output.publish import possible
from portalgen.pages.keys import Plan
from portalgen.pages.stage import SiteResult
from portalgen.problems import Problems
from portalgen.search.index import key_name


def gather(
    manifest: Manifest, library: Library, plan: Plan, results: Sequence[SiteResult],
    problems: Problems, left_out: Collection[str],
) -> Changeset:  # fmt: skip
    """Return the changes of all sites, without those with a failed page.

    What is published of members that are `left_out` stays. Files that the file system cannot store
    are reported, and not written.
    """
    failed = {result.site for result in results if result.failed}
    skipped = library.sites.keys() - set(plan.sites) | failed | set(left_out)
    keys = dict(plan.keys)
    good = [result for result in results if result.site not in failed]
    for result in results:
        if result.problems:  # plan the site in each build, to report them again
            keys.pop(result.site)
    former = manifest.counts.keys() - library.sites.keys() - set(left_out)
    removed = [file for result in good for file in result.removed]
    removed += [(slug, route) for slug in sorted(former) for route in manifest.published(slug)]
    changes, impossible = possible(
        manifest.output, [change for result in good for change in result.changes]
    )
    for problem in impossible:  # each build tries again
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
    old_count = sum(count for slug, count in manifest.counts.items() if slug not in skipped)
    replaced = sum(change.route in manifest.published(change.site) for change in changes)
    return Changeset(
        changes, removed, [file for result in good for file in result.rekeyed], site_keys,
        old_count - len(removed) - replaced,
    )  # fmt: skip
