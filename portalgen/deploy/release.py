"""Releases as they are recorded: which tree of each site was shown together, when, by whom."""

import getpass
import json
import re
import secrets
import socket
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from msgspec import DecodeError, Struct, ValidationError
from msgspec.json import decode
from msgspec.structs import asdict

ALL = "*"  # instead of a site: all of them
FORMAT = 3
_STAMP = "%Y%m%d-%H%M%S-%f"
_ID = re.compile(r"[0-9]{8}-[0-9]{6}-[0-9]{6}-[0-9a-f]{4}")


class Pin(Struct, frozen=True):
    """What a rollback holds in place: at which release, since when, and by whom."""

    release: str
    since: int
    by: str


class Release(Struct, frozen=True, kw_only=True):
    """A release: the name of each site's tree, and the SHA-256 of that tree's inventory.

    `time` is in seconds since 1970, `of` the earlier release whose trees are shown again, `pins`
    are by site, `changed` are the numbers of files that differ from the release before, by site,
    and `size` the bytes that were written for it. Releases before 0.3 have less; before format 3,
    the target had no register.
    """

    id: str
    trees: Mapping[str, str]
    format: int = FORMAT
    version: str = ""
    commit: str = ""
    time: int = 0
    by: str = ""
    inventories: Mapping[str, str] = {}
    of: str = ""
    pins: Mapping[str, Pin] = {}
    changed: Mapping[str, int] = {}
    size: int = 0

    def to_bytes(self) -> bytes:
        """The release as JSON."""
        pins = {site: asdict(pin) for site, pin in self.pins.items()}
        values = asdict(self) | {"pins": pins}
        return (json.dumps(values, indent=1, sort_keys=True) + "\n").encode()

    def pin_of(self, site: str) -> Pin | None:
        """What holds a site in place, if anything does."""
        return self.pins.get(site) or self.pins.get(ALL)


def release_from(data: bytes) -> Release | None:
    """A release that may come from anywhere; None if it cannot be read."""
    with suppress(DecodeError, ValidationError, RecursionError):
        release = decode(data, type=Release)
        return release if is_id(release.id) else None
    return None


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


def whoami() -> str:
    """Who runs this, and on which machine."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # a user without a name
        user = "?"
    return f"{user}@{socket.gethostname()}"


def earlier(ids: Iterable[str], reference: str) -> list[str]:
    """The releases before another, the last of them first."""
    return sorted((name for name in ids if name < reference), reverse=True)


def staying(releases: Collection[Release], current: str, number: int) -> set[str]:
    """Which releases stay: the current one, and the last that showed something new."""
    news = sorted(release.id for release in releases if not release.of and release.id <= current)
    return {current, *news[-number:]}
