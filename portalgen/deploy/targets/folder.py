"""A folder of this machine as target: trees, releases that link to them, and `current`.

<target>/sites/<slug>/<tree>/       all files of a site, never changed again
<target>/releases/<id>/<slug>       a link to a tree
<target>/current                    a link to a release, switched in one step
"""

import os
import shutil
from contextlib import suppress
from pathlib import Path

from portalgen import modes
from portalgen.deploy.release import (
    RELEASE,
    Deployed,
    Difference,
    Release,
    difference,
    is_id,
    kept,
    new_id,
)
from portalgen.deploy.shipment import Shipment
from portalgen.deploy.trees import (
    MAKING,
    REMOVING,
    clear_trees,
    is_whole,
    make_tree,
    prune_trees,
    read_record,
)
from portalgen.modes import write_file
from portalgen.output.lock import Lock
from portalgen.pool import Progress
from portalgen.problems import PortalError, problem


def deploy(shipment: Shipment, target: Path, jobs: int, progress: Progress) -> Deployed:
    """Make a release of the shipment and switch to it; raises `PortalError` and `OSError`."""
    modes.make_folders(target)
    with Lock(target / ".lock"):
        current = _current(target)
        clear(target)
        _open_folders(target)
        trees, files, size = {}, 0, 0
        for number, site in enumerate(shipment.sites, 1):
            before = _tree_before(target, site.slug, current)
            made = make_tree(shipment, site, target / "sites", before, jobs)
            trees[site.slug] = made.name
            files, size = files + made.files, size + made.bytes
            progress(number, len(shipment.sites))
        as_shown = current and not files and dict(current.trees) == trees
        if current and as_shown and _has_links(target, current):
            return Deployed(current.id, len(trees), 0, 0, same=True)
        release = Release(
            new_id(max(releases(target), default="")), shipment.version, shipment.commit, trees
        )
        write_release(target, release)
        switch(target, release.id)
        with suppress(OSError):  # it is shown; what is too much goes another time
            prune(target, release.id)
    return Deployed(release.id, len(trees), files, size)


def differences(shipment: Shipment, target: Path) -> list[Difference]:
    """What `deploy` would change; touches nothing."""
    current = _current(target)
    found = []
    for site in shipment.sites:
        old = _tree_before(target, site.slug, current)
        record = read_record(old) if old else None
        found.append(difference(site.slug, site.files, record.digests() if record else {}))
    return found


def roll_back(target: Path) -> str:
    """Switch to the release before the current one; its name. Raises `PortalError`."""
    with Lock(target / ".lock"):
        current = _current(target)
        _open_folders(target)
        before = [one for one in releases(target) if current and one < current.id]
        for name in sorted(before, reverse=True):
            if _is_whole(target, name):
                switch(target, name)
                return name
    raise PortalError([problem("no-release-before", name=target.name)])


def releases(target: Path) -> list[str]:
    """The names of all releases, oldest first."""
    folder = target / "releases"
    names = os.listdir(folder) if folder.is_dir() else []
    return sorted(
        name
        for name in names
        if is_id(name) and not (folder / name).is_symlink() and (folder / name / RELEASE).is_file()
    )


def read_release(target: Path, name: str) -> Release | None:
    """A release by its name; None if there is none that can be read."""
    try:
        return Release.from_bytes((target / "releases" / name / RELEASE).read_bytes())
    except (OSError, ValueError):
        return None


def write_release(target: Path, release: Release) -> None:
    """Make the folder of a release, whole or not at all."""
    made = target / "releases" / release.id
    making = made.with_name(MAKING + release.id)
    modes.make_folders(making)
    for slug, tree in release.trees.items():
        (making / slug).symlink_to(Path("../../sites") / slug / tree)
    write_file(str(making / RELEASE), release.to_bytes())
    os.replace(making, made)


def switch(target: Path, name: str) -> None:
    """Show a release: from one moment to the next, and only after all of it is on the disk."""
    if hasattr(os, "sync"):
        os.sync()
    link = target / f".current-{name}"
    link.unlink(missing_ok=True)
    link.symlink_to(Path("releases") / name)
    os.replace(link, target / "current")


def clear(target: Path) -> None:
    """Remove what a deployment that was interrupted left half made."""
    clear_trees(target / "sites")
    for made in (target / "releases").glob(f"{MAKING}*"):
        shutil.rmtree(made, ignore_errors=True)
    for link in target.glob(".current-*"):
        if link.is_symlink():
            link.unlink()


def prune(target: Path, current: str) -> None:
    """Remove releases beyond those kept, and trees that none of them names."""
    names = releases(target)
    staying = kept(names, current)
    for name in names:
        if name not in staying:
            record = target / "releases" / name / RELEASE
            os.replace(record, record.with_suffix(REMOVING))  # before what it tells of
    for record in (target / "releases").glob(f"*/release{REMOVING}"):
        if is_id(record.parent.name) and not record.parent.is_symlink():
            _remove_release(record.parent)
    remaining = [one for name in staying if (one := read_release(target, name))]
    used = {(slug, tree) for release in remaining for slug, tree in release.trees.items()}
    prune_trees(target / "sites", lambda slug, tree: (slug, tree) in used)
    for folder in (target / "sites").glob("*"):
        with suppress(OSError):
            folder.rmdir()


def _current(target: Path) -> Release | None:
    """The release that is shown; raises `PortalError` where `current` is not a link of ours."""
    link = target / "current"
    if link.is_symlink():
        folder, name = os.path.split(os.readlink(link))
        release = read_release(target, name)
        if release and folder == "releases":
            return release
    elif not link.exists():
        return None
    raise PortalError([problem("target-foreign", name=target.name)])


def _tree_before(target: Path, slug: str, current: Release | None) -> Path | None:
    tree = current.trees.get(slug) if current else None
    return target / "sites" / slug / tree if tree else None


def _remove_release(folder: Path) -> None:
    """Remove our links of a release whose record is taken away, then that record."""
    for link in folder.iterdir():
        if link.is_symlink() and os.readlink(link).startswith("../../sites/"):
            link.unlink()
    (folder / RELEASE).with_suffix(REMOVING).unlink()
    with suppress(OSError):
        folder.rmdir()


def _open_folders(target: Path) -> None:
    """Let web servers enter what a deployment under another umask has made."""
    made = [target / "releases" / name for name in releases(target)]
    sites = (target / "sites").glob("*")
    for folder in (target, target / "sites", target / "releases", *sites, *made):
        modes.open_folder(folder)


def _has_links(target: Path, release: Release) -> bool:
    """Whether a release leads to each of its trees."""
    folder = target / "releases" / release.id
    return all(
        os.path.realpath(folder / slug) == os.path.realpath(target / "sites" / slug / tree)
        for slug, tree in release.trees.items()
    )


def _is_whole(target: Path, name: str) -> bool:
    """Whether a release leads to each of its trees, and all their bytes are as written."""
    release = read_release(target, name)
    return bool(
        release
        and _has_links(target, release)
        and all(
            is_whole(target / "sites" / slug / tree, to_the_bytes=True)
            for slug, tree in release.trees.items()
        )
    )
