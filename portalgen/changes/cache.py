"""The cache of articles, one SQLite file; a damaged, old or foreign one is replaced."""

import errno
import os
import shutil
import sqlite3
from collections.abc import Iterable
from contextlib import closing, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

from msgspec import Struct, field

from portalgen.changes.database import system_error
from portalgen.changes.program import program_digest

_APPLICATION = 0x506F7274
_MIN_FREE = 1_000_000  # bytes: with fewer, what is made now would not fit at the end
_SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE articles (
    id INTEGER PRIMARY KEY AUTOINCREMENT, path TEXT NOT NULL UNIQUE, site TEXT NOT NULL,
    signature TEXT NOT NULL, record BLOB NOT NULL
);
CREATE TABLE bodies (path TEXT PRIMARY KEY, html TEXT NOT NULL, words TEXT NOT NULL);
CREATE TABLE terms (
    path TEXT PRIMARY KEY, digest TEXT NOT NULL, vector BLOB NOT NULL, sketch BLOB NOT NULL
);
CREATE TABLE neighbours (
    id INTEGER PRIMARY KEY, digest TEXT NOT NULL, candidates BLOB NOT NULL, best BLOB NOT NULL
);
CREATE TABLE notes (path TEXT PRIMARY KEY, found TEXT NOT NULL);
CREATE TABLE search (site TEXT PRIMARY KEY, key TEXT NOT NULL, state BLOB NOT NULL);
"""


class CacheDamagedError(Exception):
    """The cache is unusable; build without it."""


class Cache:
    """Keeps articles between builds; methods raise `CacheDamagedError`, and `OSError` of `file`."""

    def __init__(self, file: Path, *, fresh: bool = False):
        """Open `file`, created if it is absent, unusable, or to be `fresh`.

        `note` is the reason why a file was unusable: "cache-old", "cache-damaged", else "".
        """
        self.file = file
        self.note = ""
        file.parent.mkdir(parents=True, exist_ok=True)
        if shutil.disk_usage(file.parent).free < _MIN_FREE:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(file))
        if fresh:
            self.remove(file)
        elif file.exists():
            open(file, "r+b").close()  # else SQLite leaves files beside it that nobody can write
            self.note = self._unusable()
            if self.note:
                self.remove(file)
        try:
            self._open(new=not file.exists())
        except sqlite3.Error as error:
            raise _failure(error, file) from error

    def _open(self, *, new: bool) -> None:
        self._db = sqlite3.connect(self.file)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")
        if new:
            self._db.executescript(_SCHEMA)
            self._db.execute(f"PRAGMA application_id={_APPLICATION}")
            self.set_meta("program", program_digest())
            self.commit()

    @staticmethod
    def remove(file: Path) -> None:
        """Delete a cache with SQLite's files beside it."""
        for name in (file.name, f"{file.name}-wal", f"{file.name}-shm"):
            with suppress(FileNotFoundError):
                file.with_name(name).unlink()

    def _unusable(self) -> str:
        try:
            db = sqlite3.connect(f"{self.file.absolute().as_uri()}?mode=ro", uri=True)
            try:
                if db.execute("PRAGMA application_id").fetchone()[0] != _APPLICATION:
                    return "cache-damaged"
                row = db.execute("SELECT value FROM meta WHERE key='program'").fetchone()
            finally:
                db.close()
        except sqlite3.Error as error:
            if system := system_error(error, self.file):
                raise system from error
            return "cache-damaged"
        return "" if row and row[0] == program_digest() else "cache-old"

    def query(self, sql: str, values: tuple[object, ...] = ()) -> list[tuple[Any, ...]]:
        """Return the rows of a SELECT."""
        try:
            return self._db.execute(sql, values).fetchall()
        except sqlite3.Error as error:
            raise _failure(error, self.file) from error

    def write(self, sql: str, rows: Iterable[tuple[object, ...]]) -> None:
        """Run a statement for each row; needs `commit`."""
        try:
            self._db.executemany(sql, rows)
        except sqlite3.Error as error:
            raise _failure(error, self.file) from error

    def meta(self, key: str) -> str:
        """Return a stored text; empty if there is none."""
        rows = self.query("SELECT value FROM meta WHERE key=?", (key,))
        return str(rows[0][0]) if rows else ""

    def set_meta(self, key: str, value: str) -> None:
        """Store a text."""
        self.write("INSERT OR REPLACE INTO meta VALUES (?, ?)", [(key, value)])

    def commit(self) -> None:
        """Commit what was written."""
        try:
            self._db.commit()
        except sqlite3.Error as error:
            raise _failure(error, self.file) from error

    def address(self, remote: bool = False) -> str:
        """The URI for readers of what was committed.

        `remote` readers, on other machines, lack the shared memory of SQLite's journal. For them
        all is moved into the file itself, which must not change while they read.
        """
        if remote:
            self.query("PRAGMA wal_checkpoint(TRUNCATE)")
        name = self.file.absolute().as_uri()
        return f"{name}?mode=ro&immutable=1" if remote else f"{name}?mode=ro"

    def close(self) -> None:
        """Close, dropping what was not committed."""
        self._db.close()


def copy_database(file: Path, copy: Path) -> None:
    """Copy a database as it was committed last; a damaged one as it is. Raises `OSError`."""
    if not file.is_file():
        return
    try:
        with closing(sqlite3.connect(file)) as old, closing(sqlite3.connect(copy)) as new:
            old.backup(new)
    except sqlite3.DatabaseError as error:
        if system := system_error(error, copy):
            raise system from error
        shutil.copyfile(file, copy)


def _failure(error: sqlite3.Error, file: Path) -> Exception:
    """The error to raise: that of the system or, if the file itself is wrong, of the cache."""
    return system_error(error, file) or CacheDamagedError(str(error))


class Bodies(Struct):
    """Reads bodies over its own connection, which must not be carried across a fork.

    `address` is that of the cache.
    """

    address: str
    connection: sqlite3.Connection | None = field(default=None)

    def __call__(self, path: str) -> str:
        """The HTML body of an article; raises `CacheDamagedError` and `OSError`."""
        return self._read("SELECT html FROM bodies WHERE path=?", path)

    def words(self, path: str) -> str:
        """The words of an article's lead and body; raises `CacheDamagedError` and `OSError`."""
        return self._read("SELECT words FROM bodies WHERE path=?", path)

    def close(self) -> None:
        """Close the connection; a reference cycle would keep it open."""
        if self.connection is not None:
            self.connection.close()
            self.connection = None

    def _read(self, sql: str, path: str) -> str:
        try:
            if self.connection is None:
                self.connection = sqlite3.connect(self.address, uri=True)
            row = self.connection.execute(sql, (path,)).fetchone()
        except sqlite3.Error as error:
            file = Path(url2pathname(urlsplit(self.address).path))
            raise _failure(error, file) from error
        if row is None:
            raise CacheDamagedError("body missing")
        return str(row[0])
