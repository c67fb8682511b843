"""Storage: what a place has to do so that releases can stand there.

<place>/sites/<slug>/<tree>/       all files of a site, never changed again
<place>/releases/<id>/<slug>       a link to a tree
<place>/current                    a link to a release, switched in one step
<place>/register/                  what has been published, whatever release is shown

A bucket has neither folders nor links; `targets/s3` says what stands for them. `releases` decides
what is done, for every storage alike; a storage does it. All that is there may
be damaged, or somebody else's: only what portalgen wrote is removed, and no link is followed to it.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Protocol

from portalgen.deploy.compare import Finding
from portalgen.deploy.release import Release, is_id, release_from
from portalgen.deploy.shipment import Shipment
from portalgen.deploy.trees import REMOVING, MadeTrees
from portalgen.pool import Progress
from portalgen.problems import PortalError, problem

# The record of a release, in its folder, and its signature; and of one that is being removed.
RECORD, RECORD_SIGNATURE = "release.json", "release.json.minisig"
RECORD_REMOVING = f"release{REMOVING}"


class RegisterStorage(Protocol):
    """Where a place keeps the register; names of files are relative to its folder."""

    def fetch(self, names: Iterable[str]) -> dict[str, bytes]:
        """Those of the files that can be read."""

    def send(self, files: Mapping[str, bytes]) -> None:
        """Bring the files, the index only after all others, and remove those of registers before.

        Raises `PortalError` if somebody else wrote the index since it was fetched, where two can
        write at once.
        """


class Storage(Protocol):
    """A place that is locked, unless it is only looked at; raises `PortalError` and `OSError`."""

    name: str  # in messages
    register: RegisterStorage

    def current(self) -> str:
        """Where the link `current` leads; empty if there is none, `.` if it is no link."""

    def releases(self, record: str = RECORD) -> list[str]:
        """The names of all folders in `releases` that hold this file, and are no links."""

    def read(self, path: str) -> bytes:
        """A file; empty if it cannot be read."""

    def clear(self) -> None:
        """Remove what a deployment that was interrupted left half made."""

    def open_folders(self, releases: Iterable[str]) -> None:
        """Let web servers enter what a deployment under another umask has made."""

    def send_trees(
        self, shipment: Shipment, current: Mapping[str, str], whole: Collection[str], jobs: int,
        progress: Progress, by_digest: bool = False,
    ) -> MadeTrees:  # fmt: skip
        """Bring each tree, unless one stands as it was written, by size and time or by digest.

        What did not change is taken from `current` trees, by site, after a comparison of digests.
        Those of the sites in `whole` were compared already.
        """

    def digests(self, slug: str, tree: str) -> Mapping[str, str]:
        """The digest of each route of a tree as it was built; empty if that is not known."""

    def inventories(self, trees: Mapping[str, str]) -> Mapping[str, str]:
        """The SHA-256 of the inventory of each tree, by site, as it stands."""

    def differences(
        self, release: str, trees: Mapping[str, str], by_digest: bool = False
    ) -> list[Finding]:
        """How these trees differ from their records, by size and time or also by digest.

        They are looked at through the links of a release, which have to lead to them. What is
        whole is opened to web servers.
        """

    def link_release(
        self, release: str, trees: Mapping[str, str], files: Mapping[str, bytes]
    ) -> None:
        """Make the folder of a release with links and files, whole or not at all."""

    def switch(self, release: str) -> None:
        """Show a release: from one moment to the next, and only after all of it is on the disk.

        Where that cannot be, file by file, each whole; the problem of a switch that was begun and
        not ended is `target-half-switched`.
        """

    def remove(self, releases: Iterable[str], used: set[tuple[str, str]]) -> list[str]:
        """Remove releases, then all trees but those `used`, by site and name.

        First of all the record of each is taken away: what is half removed has none. Returns the
        paths of what is foreign in these trees, and stays.
        """


def shown_release(storage: Storage) -> Release | None:
    """The release that is shown; of format 0 and without trees if its record cannot be read.

    Raises `PortalError` where `current` is not a link of ours.
    """
    link = storage.current()
    if not link:
        return None
    folder, _, name = link.rpartition("/")
    if folder != "releases" or not is_id(name):
        raise PortalError([problem("target-foreign", name=storage.name)])
    return read_release(storage, name) or Release(id=name, trees={}, format=0)


def release_ids(storage: Storage, record: str = RECORD) -> list[str]:
    """The names of all releases, oldest first; a folder of another name is somebody else's."""
    return sorted(name for name in storage.releases(record) if is_id(name))


def read_release(storage: Storage, name: str) -> Release | None:
    """A release by its name; None if there is none that can be read."""
    release = release_from(storage.read(f"releases/{name}/{RECORD}"))
    return release if release and release.id == name else None


def read_releases(storage: Storage, names: Iterable[str]) -> list[Release]:
    """Those of the releases that can be read."""
    return [release for name in names if (release := read_release(storage, name))]
