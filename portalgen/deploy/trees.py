"""Trees: a site's files with their packed forms and inventory, in a folder that never changes.

A tree lies in `<base>/<slug>/<name>/`, its record beside it in `<name>.json`. Its name tells what
it holds; where a folder of that name is not whole, the next one is `<name>-2`. A new tree takes
what did not change from an older one by hard links.
"""

import hashlib
import json
import os
import shutil
import stat
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from msgspec import Struct

from portalgen import modes, pool
from portalgen.deploy.inventory import NAME, SIGNATURE, Inventory, to_bytes, walk
from portalgen.deploy.records import (
    Form,
    Record,
    digests_of,
    is_name,
    is_whole,
    read_record,
    standing,
)
from portalgen.deploy.shipment import Shipment, ShippedSite, packed, read_published
from portalgen.deploy.space import check_space, space_needed
from portalgen.modes import write_file
from portalgen.pool import Progress

MAKING = ".making-"
REMOVING = ".removing"  # what the record of a tree that is being removed ends with
_PARALLEL_FROM = 100  # files; fewer are packed sooner than workers start


class MadeTree(Struct, frozen=True):
    """A tree that stands: how many files and bytes had to be written for it."""

    name: str
    files: int
    bytes: int


class MadeTrees(Struct, frozen=True):
    """The tree of each site; `files` and `bytes` that were written for new ones."""

    trees: Mapping[str, str]
    files: int
    bytes: int


def pick_name(content: str, taken: set[str]) -> str:
    """A name that no tree of this content has."""
    name, number = content, 1
    while name in taken:
        number += 1
        name = f"{content}-{number}"
    return name


def make_tree(
    shipment: Shipment, site: ShippedSite, base: Path, before: Path | None, jobs: int,
    whole: bool = False, by_digest: bool = False,
) -> MadeTree:  # fmt: skip
    """Make the tree of a site, unless a whole one stands.

    `before` is an older one, of which unchanged files are taken; `whole` if it was compared
    already. Raises `PortalError` and `OSError`.
    """
    content, folder = shipment.tree(site), base / site.slug
    for name in standing(folder, content, before.name if before else ""):
        if (whole and before and name == before.name) or is_whole(
            folder / name, site.files, by_digest=by_digest
        ):
            return MadeTree(name, 0, 0)
    modes.make_folders(folder)
    name = pick_name(content, {name.removesuffix(REMOVING) for name in os.listdir(folder)})
    tree, making = folder / name, folder / f"{MAKING}{name}"
    shutil.rmtree(making, ignore_errors=True)
    modes.make_folders(making)
    old = read_record(before) if before else None
    record, changed = _link(site, making, before, old, jobs)
    source = shipment.output / site.slug
    work = _Work(source, making, dict(site.files))
    parallel = len(changed) >= _PARALLEL_FROM
    for part in pool.run(_write_batch, work, changed, jobs=jobs if parallel else 1):
        record.routes.update(part)
    items = record.items()
    inventory = to_bytes(
        Inventory(site.slug, shipment.version, shipment.commit, site.inputs, tuple(items), site.url)
    )
    own = [_write(making, NAME, inventory)]
    if shipment.signer.number:
        comment = f"site:{site.slug} files:{len(items)}"
        own.append(_write(making, SIGNATURE, shipment.signer.sign(inventory, comment)))
    record.routes[NAME] = "", own
    _write(folder, f"{MAKING}{name}.json", json.dumps(record.routes).encode())
    os.replace(folder / f"{MAKING}{name}.json", folder / f"{name}.json")
    os.replace(making, tree)
    written = [form for route in changed for form in record.routes[route][1]]
    return MadeTree(name, len(written), sum(size for _, _, size, _ in written))


def make_trees(
    shipment: Shipment, base: Path, before: Mapping[str, Path], whole: Collection[str], jobs: int,
    progress: Progress, by_digest: bool = False, target: str = "",
) -> MadeTrees:  # fmt: skip
    """Make the tree of each site, as `make_tree` does; `before` are older ones, by site.

    `target` is what messages call the place, without it the name of its folder.
    """
    check_space(target or base.name, base, *space_needed(shipment, before, whole))
    trees: dict[str, MadeTree] = {}
    for number, site in enumerate(shipment.sites, 1):
        slug = site.slug
        trees[slug] = make_tree(
            shipment, site, base, before.get(slug), jobs, slug in whole, by_digest
        )
        progress(number, len(shipment.sites))
    names = {slug: tree.name for slug, tree in trees.items()}
    files, size = (
        sum(tree.files for tree in trees.values()),
        sum(tree.bytes for tree in trees.values()),
    )
    return MadeTrees(names, files, size)


def _real(tree: Path, folders: Iterable[str]) -> set[str]:
    """Those of the folders below a tree that are reached without a link."""
    real: dict[str, bool] = {}

    def is_real(folder: str) -> bool:
        if folder not in real:
            try:
                mode = os.lstat(tree / folder if folder else tree).st_mode
            except (OSError, ValueError):
                mode = 0
            above = not folder or is_real(folder.rpartition("/")[0])
            real[folder] = above and stat.S_ISDIR(mode)
        return real[folder]

    return {folder for folder in folders if is_real(folder)}


def _stands(file: str, size: int, time: int) -> bool:
    """Whether a file is as it was written, by size and time; it is opened to web servers."""
    try:
        status = os.lstat(file)
    except (OSError, ValueError):
        return False
    if not stat.S_ISREG(status.st_mode) or (status.st_size, status.st_mtime_ns) != (size, time):
        return False
    if modes.is_closed(status.st_mode):
        modes.open_file(file)
    return True


def _link(
    site: ShippedSite, making: Path, before: Path | None, old: Record | None, jobs: int
) -> tuple[Record, list[str]]:
    """Take over what did not change and is as it was written; what is left has to be written."""
    for folder in {route.rpartition("/")[0] for route in site.files}:
        modes.make_folders(f"{making}/{folder}")
    rows = {
        route: old.routes[route]
        for route, digest in site.files.items()
        if before and old and route in old.routes and old.routes[route][0] == digest
    }
    forms = [form for _, route_forms in rows.values() for form in route_forms]
    real = _real(before, {path.rpartition("/")[0] for path, *_ in forms}) if before else set()
    digests = digests_of([f"{before}/{path}" for path, *_ in forms], jobs)
    trusted = {
        path
        for (path, sha256, _, _), digest in zip(forms, digests, strict=True)
        if digest == sha256 and path.rpartition("/")[0] in real
    }
    record, changed = Record(), []
    for route in site.files:
        row = rows.get(route)
        if before and row and _link_forms(row[1], trusted, before, making):
            record.routes[route] = row
        else:
            changed.append(route)
    return record, changed


def _link_forms(forms: list[Form], trusted: set[str], before: Path, making: Path) -> bool:
    """Link all forms of a file; False where one is not as it was written, or cannot be linked."""
    for path, _, size, time in forms:
        if path not in trusted or not _stands(f"{before}/{path}", size, time):
            return False
        try:
            os.link(f"{before}/{path}", f"{making}/{path}")
        except OSError:
            return False
    return True


class _Work(Struct, frozen=True):
    source: Path
    making: Path
    digests: dict[str, str]


def _write_batch(work: _Work, routes: Sequence[str]) -> dict[str, tuple[str, list[Form]]]:
    return {route: (work.digests[route], list(_write_forms(work, route))) for route in routes}


def _write_forms(work: _Work, route: str) -> Iterator[Form]:
    data = read_published(work.source, route, work.digests[route])
    for path, form in ((route, data), *packed(route, data)):
        with suppress(FileNotFoundError):
            os.unlink(work.making / path)  # a link of which another form could not be taken over
        yield _write(work.making, path, form)


def _write(folder: Path, path: str, data: bytes) -> Form:
    """Write a file and read it again; raises `OSError` if it is not the same."""
    file = folder / path
    write_file(str(file), data)
    sha256 = hashlib.sha256(data).hexdigest()
    if hashlib.sha256(file.read_bytes()).hexdigest() != sha256:
        raise OSError(5, "what was written cannot be read again", str(file))
    return path, sha256, len(data), os.stat(file).st_mtime_ns


def remove_tree(tree: Path) -> list[str]:
    """Remove what the tree's record lists, and folders left empty; what is foreign stays.

    Returns the paths of what stays.

    First of all the record is taken for one of a tree that goes: what is half removed has none.
    """
    with suppress(FileNotFoundError):
        os.replace(f"{tree}.json", f"{tree}{REMOVING}")
    return _finish_removing(tree)


def _finish_removing(tree: Path) -> list[str]:
    record = read_record(tree, REMOVING)
    paths = [*(item.path for item in record.items()), NAME, SIGNATURE] if record else []
    real = _real(tree, {"", *(path.rpartition("/")[0] for path in paths)})
    for path in paths:
        if path.rpartition("/")[0] in real:  # through a link one comes to what is not ours
            with suppress(OSError, ValueError):
                os.unlink(f"{tree}/{path}")
    for folder, _, _ in os.walk(tree, topdown=False) if "" in real else ():
        with suppress(OSError):
            os.rmdir(folder)
    tree.with_name(f"{tree.name}{REMOVING}").unlink(missing_ok=True)
    return [path for path, _ in walk(str(tree))] if "" in real and tree.exists() else []


def prune_trees(base: Path, stays: Callable[[str, str], bool]) -> list[str]:
    """Remove the trees of all sites but those that stay, by site and name.

    Returns the paths of what is foreign in them, and stays.
    """
    left = _finish_all(base)
    for record in _records(base, ".json"):
        if not stays(record.parent.name, record.stem):
            tree = record.with_suffix("")
            left += [f"{tree.parent.name}/{tree.name}/{path}" for path in remove_tree(tree)]
    return left


def _finish_all(base: Path) -> list[str]:
    trees = [begun.with_suffix("") for begun in _records(base, REMOVING)]
    return [
        f"{tree.parent.name}/{tree.name}/{path}" for tree in trees
        for path in _finish_removing(tree)
    ]  # fmt: skip


def _records(base: Path, suffix: str) -> list[Path]:
    """The records of all trees; a file of another name, or behind a link, is somebody else's."""
    return [
        file
        for file in base.glob(f"*/*{suffix}")
        if is_name(file.stem) and file.is_file() and not file.parent.is_symlink()
    ]


def clear_trees(base: Path) -> None:
    """Remove trees that were half made, or half removed, when something was interrupted."""
    for path in base.glob(f"*/{MAKING}*"):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink()
    with suppress(OSError):  # what cannot be removed must not stop what comes next
        _finish_all(base)
