"""A folder of this machine as storage."""

import os
import shutil
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from portalgen import modes
from portalgen.deploy.compare import Finding
from portalgen.deploy.inventory import NAME, sha256_of
from portalgen.deploy.records import compare_trees, read_record
from portalgen.deploy.release import is_id
from portalgen.deploy.shipment import Shipment
from portalgen.deploy.storage import RECORD, RECORD_REMOVING, RECORD_SIGNATURE, RegisterStorage
from portalgen.deploy.targets.registers import FolderRegister
from portalgen.deploy.trees import MAKING, MadeTrees, clear_trees, make_trees, prune_trees
from portalgen.output.lock import Lock
from portalgen.pool import Progress


@contextmanager
def opened(name: str, folder: Path, look: bool) -> Iterator["Folder"]:
    """The storage of a target; nobody else changes it meanwhile, unless it is only looked at."""
    if look:
        yield Folder(name, folder)
        return
    modes.make_folders(folder)
    with Lock(folder / ".lock"):
        yield Folder(name, folder)


class Folder:
    """A `Storage` whose trees are made where they stay."""

    def __init__(self, name: str, folder: Path):
        self.name = name
        self.register: RegisterStorage = FolderRegister(folder)
        self._folder, self._sites, self._releases = folder, folder / "sites", folder / "releases"

    def current(self) -> str:
        """Where the link `current` leads; empty if there is none, `.` if it is no link."""
        link = self._folder / "current"
        if link.is_symlink():
            return os.readlink(link).replace(os.sep, "/")
        return "." if link.exists() else ""

    def releases(self, record: str = RECORD) -> list[str]:
        """The names of all folders in `releases` that hold this file, and are no links."""
        folders = self._releases.iterdir() if self._releases.is_dir() else ()
        return [
            folder.name
            for folder in folders
            if not folder.is_symlink() and os.path.isfile(folder / record)
        ]

    def read(self, path: str) -> bytes:
        """A file; empty if there is none."""
        with suppress(FileNotFoundError, NotADirectoryError, IsADirectoryError, ValueError):
            return (self._folder / path).read_bytes()
        return b""

    def clear(self) -> None:
        """Remove what a deployment that was interrupted left half made, or half removed."""
        clear_trees(self._sites)
        with suppress(OSError):  # what cannot be removed must not stop what comes next
            for name in filter(is_id, self.releases(RECORD_REMOVING)):
                _remove_release(self._releases / name)
        for folder in self._releases.glob(f"{MAKING}*"):
            shutil.rmtree(folder, ignore_errors=True)
        for link in self._folder.glob(".current-*"):
            if link.is_symlink():
                link.unlink()

    def open_folders(self, releases: Iterable[str]) -> None:
        """Let web servers enter what a deployment under another umask has made."""
        inner = [*self._sites.glob("*"), *(self._releases / name for name in releases)]
        for folder in (self._folder, self._sites, self._releases, *inner):
            modes.open_folder(folder)

    def send_trees(
        self, shipment: Shipment, current: Mapping[str, str], whole: Collection[str], jobs: int,
        progress: Progress, by_digest: bool = False,
    ) -> MadeTrees:  # fmt: skip
        """Make the trees that do not stand; what did not change is linked from `current` ones."""
        before = {slug: self._sites / slug / tree for slug, tree in current.items()}
        return make_trees(
            shipment, self._sites, before, whole, jobs, progress, by_digest, self.name
        )

    def digests(self, slug: str, tree: str) -> Mapping[str, str]:
        """The digest of each route of a tree as it was built; empty if that is not known."""
        record = read_record(self._sites / slug / tree)
        return record.digests() if record else {}

    def inventories(self, trees: Mapping[str, str]) -> Mapping[str, str]:
        """The SHA-256 of the inventory of each tree, by site, as it stands."""
        files = {slug: self._sites / slug / tree / NAME for slug, tree in trees.items()}
        return {slug: sha256_of(str(file)) for slug, file in files.items()}

    def differences(
        self, release: str, trees: Mapping[str, str], by_digest: bool = False
    ) -> list[Finding]:
        """How trees differ from their records, and links of a release from what they should be."""
        findings: list[Finding] = []
        for slug, tree in trees.items():
            link = self._releases / release / slug
            if not link.is_symlink() or os.readlink(link) != os.fspath(_path(slug, tree)):
                findings.append(Finding(slug, "", "unlinked"))
        paths = [self._sites / slug / tree for slug, tree in trees.items()]
        return findings + compare_trees(paths, by_digest=by_digest)

    def link_release(
        self, release: str, trees: Mapping[str, str], files: Mapping[str, bytes]
    ) -> None:
        """Make the folder of a release with links and files, whole or not at all."""
        making = self._releases / f"{MAKING}{release}"
        modes.make_folders(making)
        for slug, tree in trees.items():
            (making / slug).symlink_to(_path(slug, tree))
        for name, data in files.items():
            modes.write_file(str(making / name), data)
        os.replace(making, self._releases / release)

    def switch(self, release: str) -> None:
        """Show a release: from one moment to the next, and only after all of it is on the disk."""
        if hasattr(os, "sync"):
            os.sync()
        link = self._folder / f".current-{release}"
        link.unlink(missing_ok=True)
        link.symlink_to(Path("releases") / release)
        os.replace(link, self._folder / "current")

    def remove(self, releases: Iterable[str], used: set[tuple[str, str]]) -> list[str]:
        """Remove releases, then all trees but those `used`; the paths of what is foreign there."""
        for name in releases:
            _remove_release(self._releases / name)
        left = prune_trees(self._sites, lambda slug, tree: (slug, tree) in used)
        for folder in self._sites.glob("*"):
            with suppress(OSError):
                folder.rmdir()
        return [f"sites/{path}" for path in left]


def _remove_release(folder: Path) -> None:
    """Remove a release that may be half removed already; what is foreign in it stays."""
    with suppress(FileNotFoundError):  # it was half removed
        os.replace(folder / RECORD, folder / RECORD_REMOVING)
    for link in folder.iterdir():
        if link.is_symlink() and os.readlink(link).startswith("../../sites/"):
            link.unlink()
    (folder / RECORD_SIGNATURE).unlink(missing_ok=True)
    (folder / RECORD_REMOVING).unlink()
    with suppress(OSError):
        folder.rmdir()


def _path(slug: str, tree: str) -> Path:
    """Where the link of a release leads."""
    return Path("../../sites") / slug / tree
