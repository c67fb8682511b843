"""Releases: which tree of each site was shown together, and how one comes after another."""

import json
import re
import secrets
from collections.abc import Mapping
from contextlib import AbstractContextManager, suppress
from datetime import UTC, datetime, timedelta

from msgspec import DecodeError, Struct
from msgspec.json import decode
from msgspec.structs import asdict

from portalgen.deploy.shipment import Shipment
from portalgen.deploy.storage import RECORD, RECORD_REMOVING, Storage
from portalgen.deploy.trees import content_of
from portalgen.pool import Progress
from portalgen.problems import PortalError, problem

KEPT = 3
_STAMP = "%Y%m%d-%H%M%S-%f"
_ID = re.compile(r"[0-9]{8}-[0-9]{6}-[0-9]{6}-[0-9a-f]{4}")


class Release(Struct, frozen=True):
    """A release: its name, when it was made, from what, and the name of each site's tree."""

    id: str
    version: str
    commit: str
    trees: Mapping[str, str]

    def to_bytes(self) -> bytes:
        """The release as JSON."""
        return (json.dumps(asdict(self), indent=1, sort_keys=True) + "\n").encode()


class Deployed(Struct, frozen=True):
    """What a deployment did: `files` and `bytes` that were new; `same` if nothing had to change."""

    release: str
    sites: int
    files: int
    bytes: int
    same: bool = False


class Difference(Struct, frozen=True):
    """What a deployment would do to a site."""

    slug: str
    added: int
    changed: int
    removed: int


class Releases:
    """The releases in a storage, which is opened for one of these calls; they raise as it does."""

    def __init__(self, opened: AbstractContextManager[Storage]):
        self._opened = opened

    def deploy(self, shipment: Shipment, jobs: int, progress: Progress) -> Deployed:
        """Make a release of the shipment and switch to it, unless it is shown already."""
        with self._opened as storage:
            current, ids = _current(storage), _ids(storage)
            storage.clear()
            storage.open_folders(ids)
            trees = current.trees if current else {}
            sent = storage.send_trees(shipment, trees, jobs, progress)
            if (
                current
                and not sent.new
                and sent.trees == trees
                and storage.has_links(current.id, trees)
            ):
                return Deployed(current.id, len(trees), 0, 0, same=True)
            release = Release(
                new_id(max(ids, default="")), shipment.version, shipment.commit, sent.trees
            )
            storage.link_release(release.id, release.trees, release.to_bytes())
            storage.switch(release.id)
            with suppress(OSError, PortalError):  # it is shown; the rest goes another time
                prune(storage, [*ids, release.id], release.id)
        return Deployed(release.id, len(sent.trees), sent.files, sent.bytes)

    def differences(self, shipment: Shipment) -> list[Difference]:
        """What `deploy` would change; touches nothing."""
        changes = []
        with self._opened as storage:
            current = _current(storage)
            for site in shipment.sites:
                tree = current.trees.get(site.slug, "") if current else ""
                if content_of(tree) == site.tree(bool(shipment.signer.key)):
                    files = site.files
                else:
                    files = storage.digests(site.slug, tree) if tree else {}
                changes.append(difference(site.slug, site.files, files))
        return changes

    def roll_back(self) -> str:
        """Switch to the last release before the current one that is whole; its name."""
        with self._opened as storage:
            current, ids = _current(storage), _ids(storage)
            storage.open_folders(ids)
            for name in earlier(ids, current.id if current else ""):
                release = _read(storage, name)
                if (
                    release
                    and storage.has_links(name, release.trees)
                    and all(storage.is_whole(slug, tree) for slug, tree in release.trees.items())
                ):
                    storage.switch(name)
                    return name
            raise PortalError([problem("no-release-before", name=storage.name)])


def prune(storage: Storage, ids: list[str], current: str) -> None:
    """Remove releases beyond those kept, and trees that none of them names."""
    staying = kept(ids, current)
    remaining = [release for name in staying if (release := _read(storage, name))]
    used = {pair for release in remaining for pair in release.trees.items()}
    going = [name for name in ids if name not in staying]
    storage.remove(going + _ids(storage, RECORD_REMOVING), used)


def _current(storage: Storage) -> Release | None:
    """The release that is shown; raises `PortalError` where `current` is not a link of ours."""
    link = storage.current()
    if not link:
        return None
    folder, _, name = link.rpartition("/")
    release = _read(storage, name) if folder == "releases" else None
    if not release:
        raise PortalError([problem("target-foreign", name=storage.name)])
    return release


def _ids(storage: Storage, record: str = RECORD) -> list[str]:
    """The names of all releases, oldest first; a folder of another name is somebody else's."""
    return sorted(name for name in storage.releases(record) if _ID.fullmatch(name))


def _read(storage: Storage, name: str) -> Release | None:
    """A release by its name; None if there is none that can be read."""
    with suppress(DecodeError, RecursionError):
        return decode(storage.read(f"releases/{name}/{RECORD}"), type=Release)
    return None


def new_id(after: str) -> str:
    """A name that sorts by time, and in any case behind `after`, whatever the clock says."""
    now = datetime.now(UTC)
    if after:
        last = datetime.strptime(after[: after.rindex("-")], _STAMP).replace(tzinfo=UTC)
        now = max(now, last + timedelta(microseconds=1))
    return f"{now.strftime(_STAMP)}-{secrets.token_hex(2)}"


def earlier(ids: list[str], current: str) -> list[str]:
    """The releases before the current one, the last of them first."""
    return sorted((name for name in ids if name < current), reverse=True)


def kept(ids: list[str], current: str) -> set[str]:
    """Which of all releases stay: the current one and those just before it."""
    before = sorted(name for name in ids if name <= current)
    return set(before[-KEPT:])


def difference(slug: str, new: Mapping[str, str], old: Mapping[str, str]) -> Difference:
    """Compare the digests of a site's files by route with those that are shown."""
    return Difference(
        slug,
        len(new.keys() - old.keys()),
        sum(old[route] != digest for route, digest in new.items() if route in old),
        len(old.keys() - new.keys()),
    )
