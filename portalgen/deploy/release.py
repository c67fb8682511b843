"""Releases: which tree of each site was shown together, and how one comes after another."""

import json
import re
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from msgspec import Struct
from msgspec.structs import asdict

KEPT = 3
RELEASE = "release.json"  # the record of a release, in its folder
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

    @staticmethod
    def from_bytes(data: bytes) -> "Release":
        """Read a release; raises `ValueError`."""
        try:
            read = json.loads(data)
            trees = {str(slug): str(tree) for slug, tree in read["trees"].items()}
            return Release(str(read["id"]), str(read["version"]), str(read["commit"]), trees)
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError("no release") from error


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


def is_id(name: str) -> bool:
    """Whether a release can have this name."""
    return bool(_ID.fullmatch(name))


def new_id(after: str) -> str:
    """A name that sorts by time, and in any case behind `after`, whatever the clock says."""
    now = datetime.now(UTC)
    if after:
        last = datetime.strptime(after[: after.rindex("-")], _STAMP).replace(tzinfo=UTC)
        now = max(now, last + timedelta(microseconds=1))
    return f"{now.strftime(_STAMP)}-{secrets.token_hex(2)}"


def kept(ids: list[str], current: str) -> set[str]:
    """Which of all releases stay: the current one and those just before it."""
    before = sorted(one for one in ids if one <= current)
    return set(before[-KEPT:])


def difference(slug: str, new: Mapping[str, str], old: Mapping[str, str]) -> Difference:
    """Compare the digests of a site's files by route with those that are shown."""
    return Difference(
        slug,
        len(new.keys() - old.keys()),
        sum(old[route] != digest for route, digest in new.items() if route in old),
        len(old.keys() - new.keys()),
    )
