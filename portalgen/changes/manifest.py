"""The manifest: every file that builds wrote into an output folder, and its key."""

import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path
from typing import Any

from msgspec import Struct, field

from portalgen import modes
from portalgen.changes.database import system_error
from portalgen.digests import digest_parts
from portalgen.problems import PortalError, problem
from portalgen.sources import OWN

_SCHEMA = """
CREATE TABLE IF NOT EXISTS files (
    site TEXT, folder TEXT, name TEXT, key TEXT NOT NULL, digest TEXT NOT NULL,
    size INTEGER NOT NULL, mtime INTEGER NOT NULL, PRIMARY KEY (site, folder, name)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS folders (
    site TEXT, folder TEXT, state TEXT NOT NULL, PRIMARY KEY (site, folder)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS sites (slug TEXT PRIMARY KEY, key TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS last (record TEXT NOT NULL);
"""


class Published(Struct, frozen=True):
    """A published file: its key, and digest, size and time of its content."""

    key: str
    digest: str
    size: int
    mtime: int


class Change(Struct, frozen=True):
    """A file, by its name in the stage, and the route it is published at."""

    staged: str
    site: str
    route: str
    key: str
    digest: str
    size: int


Lost = dict[str, set[str]]  # routes by site


class Changeset(Struct):
    """Files to publish, to remove, and to record with another key; keys of sites to record.

    `forgotten` files stay where they are and leave the manifest.
    """

    changes: list[Change]
    removed: list[tuple[str, str]]
    rekeyed: list[tuple[str, str, Published]]
    site_keys: dict[str, str]
    unchanged: int = 0
    forgotten: list[tuple[str, str]] = field(default_factory=list)


class SiteFiles(Struct, frozen=True):
    """The published files of a site by route, and those that are missing or were altered."""

    published: dict[str, Published]
    lost: set[str]


DAMAGED = "manifest-damaged.sqlite"  # the name of a damaged one, beside the new one
UNPROVEN = "?"  # the key of a file of which nobody knows any more who wrote it


class ManifestDamagedError(PortalError):
    """The manifest is no more than bytes: a build makes a new one of the files that stand."""


class Manifest:
    """Every published file of an output folder; nothing else is ever removed."""

    def __init__(
        self, output: Path, lost: Callable[[], Lost] | None = None, *, trusted: bool = True
    ):
        """Open or create the manifest; `lost` returns its property, if already determined.

        If not `trusted`, keys are ignored, so that all is made again.
        """
        self.file = output / OWN / "manifest.sqlite"
        self.file.parent.mkdir(parents=True, exist_ok=True)
        self.output = output
        self._find_lost = lost
        self._trusted = trusted
        self._published: dict[str, dict[str, Published]] = {}
        with self._as_of_system():
            if self.file.exists():
                with open(self.file, "r+b") as opened:  # else SQLite leaves files nobody can write
                    if not opened.read(1):
                        raise self._damaged()  # to SQLite, that is a new database
            self.db = sqlite3.connect(self.file)
            self.db.execute("PRAGMA journal_mode=WAL")
            self.db.execute("PRAGMA synchronous=NORMAL")
            self.db.executescript(_SCHEMA)

    def _damaged(self) -> ManifestDamagedError:
        return ManifestDamagedError([problem("manifest-damaged", name=self.output.name)])

    @contextmanager
    def _as_of_system(self) -> Iterator[None]:
        """Raise `ManifestDamagedError` and `OSError` instead of SQLite's errors."""
        try:
            yield
        except sqlite3.Error as error:
            raise system_error(error, self.file) or self._damaged() from error

    def check_writable(self) -> None:
        """Raise `OSError` if nothing can be recorded, before anything is published."""
        with self._as_of_system():
            self.db.execute("DELETE FROM last WHERE 0")  # a beginning alone is not refused
            self.db.rollback()

    @cached_property
    def counts(self) -> dict[str, int]:
        """The number of files of each site."""
        return dict(self._rows("SELECT site, COUNT(*) FROM files GROUP BY site"))

    @cached_property
    def lost(self) -> Lost:
        """Files that are missing or altered, by size and time.

        Others that web servers cannot read are made readable.
        """
        if self._find_lost:
            return self._find_lost()
        result: Lost = {}
        folders = self._rows("SELECT site, folder, state FROM folders")
        modes.open_folders(
            self.output, [f"{site}/{folder}".rstrip("/") for site, folder, _ in folders]
        )
        for site, folder, state in folders:
            path = f"{self.output}/{site}/{folder}"
            present, closed = _files(path)
            if _state(present.items()) == state:
                ours = closed
            else:
                rows = self._rows(
                    "SELECT name, size, mtime FROM files WHERE site=? AND folder=?", (site, folder)
                )
                lost = {name for name, *written in rows if present.get(name) != tuple(written)}
                if lost:
                    result.setdefault(site, set()).update(_route(folder, name) for name in lost)
                ours = closed.intersection(name for name, *_ in rows)
            for name in ours:
                modes.open_file(f"{path}/{name}")
        return result

    def published(self, site: str) -> dict[str, Published]:
        """The files of a site by route."""
        if site not in self._published:
            rows = self._rows(
                "SELECT folder, name, key, digest, size, mtime FROM files WHERE site=?", (site,)
            )
            self._published[site] = {
                _route(folder, name): Published(
                    key if self._trusted or key == UNPROVEN else "", *values
                )
                for folder, name, key, *values in rows
            }
        return self._published[site]

    def unproven_sites(self) -> list[str]:
        """The sites that have files of which nobody knows who wrote them."""
        rows = self._rows("SELECT DISTINCT site FROM files WHERE key=?", (UNPROVEN,))
        return [site for (site,) in rows]

    def of(self, site: str) -> SiteFiles:
        """The published files of a site, and those that are lost."""
        return SiteFiles(self.published(site), self.lost.get(site, set()))

    def _rows(self, sql: str, values: tuple[str, ...] = ()) -> list[tuple[Any, ...]]:
        with self._as_of_system():
            return self.db.execute(sql, values).fetchall()

    @cached_property
    def site_keys(self) -> dict[str, str]:
        """The keys of sites and of their search indexes."""
        if not self._trusted:
            return {}
        return dict(self._rows("SELECT slug, key FROM sites"))

    def update(
        self,
        written: Sequence[tuple[str, str, Published]],
        removed: Sequence[tuple[str, str]],
        site_keys: dict[str, str],
    ) -> None:
        """Record written and removed files and all keys of sites, in one transaction."""
        rows = [
            (site, *_split(route), p.key, p.digest, p.size, p.mtime) for site, route, p in written
        ]
        removed_rows = [(site, *_split(route)) for site, route in removed]
        with self._as_of_system(), self.db:
            self.db.execute("DELETE FROM last")
            self.db.execute("DELETE FROM sites")
            self.db.executemany("INSERT INTO sites VALUES (?, ?)", site_keys.items())
            self.db.executemany(
                "DELETE FROM files WHERE site=? AND folder=? AND name=?", removed_rows
            )
            self.db.executemany("INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
            files = [(site, route) for site, route, _ in written] + [*removed]
            for site, folder in {(site, _split(route)[0]) for site, route in files}:
                self._note_state(site, folder)
        self._find_lost = None
        self._published = {}
        for name in ("counts", "lost", "site_keys"):  # determined before
            self.__dict__.pop(name, None)

    def _note_state(self, site: str, folder: str) -> None:
        """Record the state of a folder, so that its files need not be compared one by one."""
        rows = self._rows(
            "SELECT name, size, mtime FROM files WHERE site=? AND folder=?", (site, folder)
        )
        self.db.execute("DELETE FROM folders WHERE site=? AND folder=?", (site, folder))
        if rows:
            state = _state([(name, (size, mtime)) for name, size, mtime in rows])
            self.db.execute("INSERT INTO folders VALUES (?, ?, ?)", (site, folder, state))

    @property
    def last(self) -> str:
        """The record of the last build; empty if the output changed since."""
        rows = self._rows("SELECT record FROM last")
        return rows[0][0] if rows else ""

    @last.setter
    def last(self, record: str) -> None:
        with self._as_of_system(), self.db:
            self.db.execute("DELETE FROM last")
            self.db.execute("INSERT INTO last VALUES (?)", (record,))

    def close(self) -> None:
        """Close the file."""
        self.db.close()


def find_lost(output: Path) -> Lost:
    """The published files of `output` that are missing or were altered."""
    if not (output / OWN / "manifest.sqlite").is_file():
        return {}
    manifest = Manifest(output)
    try:
        return manifest.lost
    finally:
        manifest.close()


def _split(route: str) -> tuple[str, str]:
    folder, _, name = route.rpartition("/")
    return folder, name


def _route(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name


def _files(folder: str) -> tuple[dict[str, tuple[int, int]], set[str]]:
    """Size and time of each file in a folder; and the files that web servers cannot read."""
    files, closed = {}, set()
    with suppress(OSError), _scan(folder) as entries:
        for entry in entries:
            if entry.is_file(follow_symlinks=False):
                stat = entry.stat(follow_symlinks=False)
                files[entry.name] = (stat.st_size, stat.st_mtime_ns)
                if modes.is_closed(stat.st_mode):
                    closed.add(entry.name)
    return files, closed


@contextmanager
def _scan(folder: str) -> Iterator[Iterator["os.DirEntry[str]"]]:
    """The entries of a folder, read by file descriptor where possible."""
    if os.scandir not in os.supports_fd:
        with os.scandir(folder) as entries:
            yield entries
        return
    handle = os.open(folder, os.O_RDONLY)  # saves a sixth of the time
    try:
        with os.scandir(handle) as entries:
            yield entries
    finally:
        os.close(handle)


def _state(files: Iterable[tuple[str, tuple[int, int]]]) -> str:
    return digest_parts(sorted([f"{name} {size} {time}" for name, (size, time) in files]))
