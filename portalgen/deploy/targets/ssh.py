"""A server reached by ssh as target: trees are made here, sent by rsync, and switched there.

What stands there is what `folder` makes; the server needs a shell, rsync, flock, sha256sum and the
usual small tools.
"""

from contextlib import suppress
from pathlib import Path

from portalgen.deploy.release import Deployed, Difference, Release, difference, new_id
from portalgen.deploy.shipment import Shipment
from portalgen.deploy.targets.server import Server
from portalgen.deploy.trees import (
    clear_trees,
    content_of,
    make_tree,
    prune_trees,
    read_record,
    standing,
)
from portalgen.pool import Progress
from portalgen.problems import PortalError, problem
from portalgen.settings.site import Target


def deploy(
    shipment: Shipment, target: Target, trees_here: Path, jobs: int, progress: Progress
) -> Deployed:
    """Make a release of the shipment on the server and switch to it; raises `PortalError`."""
    clear_trees(trees_here)
    with Server(target) as server:
        current = server.current()
        shown = dict(current.trees) if current else {}
        here: dict[str, Path] = {}
        files, size = 0, 0
        for number, site in enumerate(shipment.sites, 1):
            before = _here(trees_here / site.slug, shown.get(site.slug, ""))
            made = make_tree(shipment, site, trees_here, before, jobs)
            here[site.slug] = trees_here / site.slug / made.name
            files, size = files + made.files, size + made.bytes
            progress(number, len(shipment.sites))
        server.clear()
        trees, missing = server.find(here, shown)
        if current and not missing and shown == trees and server.has_links(current):
            return Deployed(current.id, len(trees), 0, 0, same=True)
        if missing:
            server.send(here, missing)
        release = Release(
            new_id(max(server.releases(), default="")), shipment.version, shipment.commit, trees
        )
        server.write_release(release)
        server.switch(release.id)
        with suppress(PortalError):  # it is shown; what is too much goes another time
            used = {(slug, content_of(tree)) for slug, tree in server.prune(release.id)}
            prune_trees(trees_here, lambda slug, tree: (slug, content_of(tree)) in used)
    return Deployed(release.id, len(trees), files, size)


def differences(shipment: Shipment, target: Target, trees_here: Path) -> list[Difference]:
    """What `deploy` would change; touches nothing."""
    with Server(target, look=True) as server:
        current = server.current()
    found = []
    for site in shipment.sites:
        tree = current.trees.get(site.slug, "") if current else ""
        here = _here(trees_here / site.slug, tree)
        record = read_record(here) if here else None
        old = record.digests() if record else {}
        if content_of(tree) == site.tree(bool(shipment.signer.key)):
            old = dict(site.files)
        found.append(difference(site.slug, site.files, old))
    return found


def _here(folder: Path, tree: str) -> Path | None:
    """The tree here that holds what one on the server does; its name may be another."""
    names = standing(folder, content_of(tree)) if tree else []
    return folder / names[0] if names else None


def roll_back(target: Target) -> str:
    """Switch to the release before the current one; its name. Raises `PortalError`."""
    with Server(target) as server:
        current = server.current()
        before = [name for name in server.releases() if current and name < current.id]
        for name in sorted(before, reverse=True):
            release = server.read_release(name)
            if release and server.is_whole(release):
                server.open(release)
                server.switch(name)
                return name
    raise PortalError([problem("no-release-before", name=target.name)])
