"""Records of trees: what a tree holds, as it was written, and whether it still does."""

import errno
import os
import re
import stat
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from msgspec import Struct, field
from msgspec.json import decode

from portalgen import pool
from portalgen.deploy.compare import Finding, find_differences, stands, walk_tree
from portalgen.deploy.inventory import NAME, SIGNATURE, Item, from_bytes, sha256_of

_NAME = re.compile(r"[0-9a-f]{32}(-[0-9]+)?")
_PARALLEL_FROM = 4000  # files; fewer are read sooner than workers start
_PARALLEL_FROM_BYTES = 3_000_000  # of records, which have some 100 for each file
_EXHAUSTED = (errno.EMFILE, errno.ENFILE, errno.ENOMEM)  # errors that tell nothing of a file
_UNREADABLE = "?"  # instead of a digest, and before the reason

Form = tuple[str, str, int, int]  # path, SHA-256, size, time


class Record(Struct):
    """What a tree holds: for each route its digest, and size, SHA-256 and time of each form.

    The inventory and its signature are forms of the route of the inventory; in records of version
    0.2 they are missing.
    """

    routes: dict[str, tuple[str, list[Form]]] = field(default_factory=dict)

    def digests(self) -> dict[str, str]:
        """The digest of each route, as it was built."""
        return {route: digest for route, (digest, _) in self.routes.items() if route != NAME}

    def items(self) -> list[Item]:
        """Every file but the inventory itself."""
        return [
            Item(path, sha256, size)
            for route, (_, forms) in self.routes.items()
            for path, sha256, size, _ in forms
            if route != NAME
        ]

    def own(self) -> list[Item]:
        """The inventory, and its signature if there is one."""
        forms = self.routes.get(NAME, ("", []))[1]
        return [Item(path, sha256, size) for path, sha256, size, _ in forms]


def read_record(folder: Path, suffix: str = ".json") -> Record | None:
    """The record of the tree `folder`; None if there is none that can be read.

    Raises `OSError` where nothing can be opened at all: that is no damage.
    """
    try:
        data = _record_file(folder, suffix).read_bytes()
        return Record(decode(data, type=dict[str, tuple[str, list[Form]]]))
    except OSError as error:
        if error.errno in _EXHAUSTED:
            raise
        return None
    except (ValueError, RecursionError):  # decode raises subclasses of `ValueError`
        return None


def _record_file(tree: Path, suffix: str) -> Path:
    return tree.with_name(f"{tree.name}{suffix}")


def is_name(name: str) -> bool:
    """Whether a tree can have this name."""
    return bool(_NAME.fullmatch(name))


def content_of(name: str) -> str:
    """What a tree holds, by its name."""
    return name.partition("-")[0]


def standing(folder: Path, content: str, first: str = "") -> list[str]:
    """The names of trees in a site's `folder` that should hold this; `first` comes first."""
    with suppress(OSError), os.scandir(folder) as entries:
        names = [e.name for e in entries if content_of(e.name) == content]
        names = [name for name in names if (folder / name).is_dir()]
        return sorted(names, key=lambda name: (name != first, len(name), name))
    return []


def compare_trees(trees: Sequence[Path], *, by_digest: bool = False) -> list[Finding]:
    """How trees differ from their records, as `compare_tree` says it of each."""
    size = 0
    for tree in trees:
        with suppress(OSError):
            size += os.stat(_record_file(tree, ".json")).st_size
    jobs = pool.processors() if size > _PARALLEL_FROM_BYTES else 1
    batches = pool.run(_compare_batch, by_digest, trees, jobs=jobs, batch=4)
    return [finding for batch in batches for finding in batch]


def _compare_batch(by_digest: bool, trees: Sequence[Path]) -> list[Finding]:
    return [
        finding
        for tree in trees
        for finding in compare_tree(tree, tree.parent.name, by_digest=by_digest)
    ]


def compare_tree(
    tree: Path, slug: str, files: Mapping[str, str] | None = None, *, by_digest: bool = False
) -> list[Finding]:
    """How a tree differs from its record: by size and time of its files, or also by digest.

    `files`: what it has to hold, digests by route. What is hidden from web servers is opened to
    them.
    """
    record = read_record(tree)
    if record is None or (files is not None and record.digests() != files):
        return [Finding(slug, "", "unrecorded")]
    forms = [form for _, route_forms in record.routes.values() for form in route_forms]
    expected = {path: (size, time) for path, _, size, time in forms}
    try:
        if not stat.S_ISDIR(os.lstat(tree).st_mode):
            return [Finding(slug, "", "changed")]
        if (by_digest or NAME not in record.routes) and not _is_listed(tree, record):
            return [Finding(slug, NAME, "changed")]
        if not by_digest and stands(tree, expected):
            return []
        findings = find_differences(slug, expected, walk_tree(tree, expected))
        if NAME not in record.routes:  # version 0.2 did not record them
            findings = [finding for finding in findings if finding.path not in (NAME, SIGNATURE)]
    except FileNotFoundError:
        return [Finding(slug, "", "missing")]
    except OSError as error:
        if error.errno in _EXHAUSTED:
            raise
        return [Finding(slug, "", "unreadable", error.strerror or "")]
    if by_digest:
        bad = {finding.path for finding in findings}
        rest = [form for form in forms if form[0] not in bad]
        now = digests_of([f"{tree}/{path}" for path, *_ in rest])
        findings += [
            Finding(slug, path, "unreadable", digest.removeprefix(_UNREADABLE))
            if digest.startswith(_UNREADABLE)
            else Finding(slug, path, "changed")
            for (path, sha256, _, _), digest in zip(rest, now, strict=True)
            if digest != sha256
        ]
    return sorted(findings)


def is_whole(
    tree: Path, files: Mapping[str, str] | None = None, *, by_digest: bool = False
) -> bool:
    """Whether a tree is as its record says, and holds nothing else."""
    findings = compare_tree(tree, tree.parent.name, files, by_digest=by_digest)
    return not any(finding.is_damage for finding in findings)


def digests_of(files: Sequence[str], jobs: int = 0) -> list[str]:
    """The SHA-256 of each file, or why it cannot be read; empty where there is none.

    Raises `OSError` where nothing can be opened at all: that is no damage.
    """
    jobs = jobs or pool.processors()
    if len(files) < _PARALLEL_FROM:
        jobs = 1
    return [digest for part in pool.run(_hash_batch, None, files, jobs=jobs) for digest in part]


def _hash_batch(_: None, files: Sequence[str]) -> list[str]:
    digests = []
    for file in files:
        try:
            digests.append(sha256_of(file))
        except OSError as error:
            if error.errno in _EXHAUSTED:
                raise
            is_there = error.errno in (errno.EIO, errno.EACCES, errno.EPERM)
            digests.append(f"{_UNREADABLE}{error.strerror}" if is_there else "")
        except ValueError:
            digests.append("")
    return digests


def _is_listed(tree: Path, record: Record) -> bool:
    """Whether the inventory of a tree lists what its record does; raises `OSError`."""
    try:
        listed = from_bytes((tree / NAME).read_bytes()).files
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError, ValueError):
        return False
    return set(listed) == set(record.items())
