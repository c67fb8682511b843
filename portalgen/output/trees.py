"""Trees: a site's files with their packed forms and inventory, in a folder that never changes.

A tree lies in `<base>/<slug>/<name>/`, its record beside it in `<name>.json`. A new tree takes what
did not change from an older one by hard links.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from msgspec import Struct, field

from portalgen import pool
from portalgen.output import packing
from portalgen.output.inventory import NAME, SIGNATURE, Inventory, Item, to_bytes
from portalgen.output.shipment import Shipment, ShippedSite, read_published

MAKING = ".making-"
_PARALLEL_FROM = 100  # files; fewer are packed sooner than workers start


class Record(Struct):
    """What a tree holds: for each route its digest, and size, SHA-256 and time of each form."""

    routes: dict[str, tuple[str, list[tuple[str, str, int, int]]]] = field(default_factory=dict)

    def items(self) -> list[Item]:
        """Every file but the inventory itself."""
        return [
            Item(path, sha256, size)
            for _, forms in self.routes.values()
            for path, sha256, size, _ in forms
        ]


class MadeTree(Struct, frozen=True):
    """A tree that stands: how many files and bytes had to be written for it."""

    slug: str
    name: str
    files: int
    bytes: int


def read_record(folder: Path) -> Record | None:
    """The record of the tree `folder`; None if there is none that can be read."""
    try:
        read = json.loads(folder.with_name(f"{folder.name}.json").read_text("utf-8"))
        routes = {
            route: (digest, [(str(p), str(s), int(n), int(t)) for p, s, n, t in forms])
            for route, (digest, forms) in read.items()
        }
    except (OSError, ValueError, TypeError, AttributeError):
        return None
    return Record(routes)


def make_tree(
    shipment: Shipment, site: ShippedSite, base: Path, before: Path | None, jobs: int
) -> MadeTree:
    """Make the tree of a site, unless it stands; `before` is an older one. Raises `PortalError`."""
    name = site.tree(bool(shipment.signer.key))
    tree = base / site.slug / name
    if tree.is_dir() and read_record(tree):
        return MadeTree(site.slug, name, 0, 0)
    making = tree.with_name(MAKING + name)
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir(parents=True)
    old = read_record(before) if before else None
    record, changed = _link(site, making, before, old)
    source = shipment.output / site.slug
    work = _Work(source, making, dict(site.files))
    parallel = len(changed) >= _PARALLEL_FROM
    for part in pool.run(_write_batch, work, changed, jobs=jobs if parallel else 1):
        record.routes.update(part)
    items = record.items()
    inventory = to_bytes(
        Inventory(site.slug, shipment.version, shipment.commit, site.inputs, tuple(items))
    )
    _write(making / NAME, inventory)
    if shipment.signer.key:
        comment = f"site:{site.slug} files:{len(items)}"
        _write(making / SIGNATURE, shipment.signer.sign(inventory, comment))
    beside = tree.with_name(f"{name}.json")
    _write(beside.with_suffix(".tmp"), json.dumps(record.routes).encode())
    os.replace(beside.with_suffix(".tmp"), beside)
    os.replace(making, tree)
    written = [form for route in changed for form in record.routes[route][1]]
    return MadeTree(site.slug, name, len(written), sum(size for _, _, size, _ in written))


def _link(
    site: ShippedSite, making: Path, before: Path | None, old: Record | None
) -> tuple[Record, list[str]]:
    """Take over what did not change; what is left has to be written."""
    record, changed, folders = Record(), [], set()
    for route, digest in site.files.items():
        known = old.routes.get(route) if old else None
        folder = route.rpartition("/")[0]
        if folder not in folders:
            (making / folder).mkdir(parents=True, exist_ok=True)
            folders.add(folder)
        if before and known and known[0] == digest and _link_forms(known[1], before, making):
            record.routes[route] = known
        else:
            changed.append(route)
    return record, changed


def _link_forms(forms: list[tuple[str, str, int, int]], before: Path, making: Path) -> bool:
    """Link all forms of a file; False where one is not as it was written, or cannot be linked."""
    for path, _, size, time in forms:
        try:
            stat = os.stat(f"{before}/{path}", follow_symlinks=False)
            if (stat.st_size, stat.st_mtime_ns) != (size, time):
                return False
            os.link(f"{before}/{path}", f"{making}/{path}")
        except OSError:
            return False
    return True


class _Work(Struct, frozen=True):
    source: Path
    making: Path
    digests: dict[str, str]


def _write_batch(
    work: _Work, routes: Sequence[str]
) -> dict[str, tuple[str, list[tuple[str, str, int, int]]]]:
    return {route: (work.digests[route], _write_forms(work, route)) for route in routes}


def _write_forms(work: _Work, route: str) -> list[tuple[str, str, int, int]]:
    data = read_published(work.source, route, work.digests[route])
    forms = []
    for suffix, form in (("", data), *packing.packed(route, data)):
        path = route + suffix
        if suffix and path in work.digests:
            continue  # a file of that name is published itself
        file = work.making / path
        with suppress(FileNotFoundError):
            file.unlink()  # a link of which another form could not be taken over
        _write(file, form)
        forms.append((path, _sha256(form), len(form), os.stat(file).st_mtime_ns))
    return forms


def _write(file: Path, data: bytes) -> None:
    """Write a file and read it again; raises `OSError` if it is not the same."""
    file.write_bytes(data)
    if _sha256(file.read_bytes()) != _sha256(data):
        raise OSError(5, "what was written cannot be read again", str(file))


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def remove_tree(tree: Path) -> None:
    """Remove what the tree's record lists, and folders left empty; what is foreign stays."""
    record = read_record(tree)
    if record is None:
        return
    for path in (*(item.path for item in record.items()), NAME, SIGNATURE):
        with suppress(OSError):
            os.unlink(tree / path)
    for folder, _, _ in os.walk(tree, topdown=False):
        with suppress(OSError):
            os.rmdir(folder)
    tree.with_name(f"{tree.name}.json").unlink(missing_ok=True)
