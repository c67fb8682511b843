"""What the system refused to SQLite, in the words of the system."""

import errno
import os
import sqlite3
import tempfile
from pathlib import Path

# By primary result code: sqlite.org/rescode.html. Python gives no code for its own errors.
_OF_SYSTEM = {
    sqlite3.SQLITE_FULL: errno.ENOSPC, sqlite3.SQLITE_IOERR: errno.EIO,
    sqlite3.SQLITE_READONLY: errno.EACCES, sqlite3.SQLITE_CANTOPEN: errno.EACCES,
    sqlite3.SQLITE_PERM: errno.EACCES, sqlite3.SQLITE_BUSY: errno.EBUSY,
    sqlite3.SQLITE_LOCKED: errno.EBUSY, sqlite3.SQLITE_PROTOCOL: errno.EBUSY,
    sqlite3.SQLITE_NOMEM: errno.ENOMEM, sqlite3.SQLITE_NOLFS: errno.EFBIG,
}  # fmt: skip
_SURE = (errno.EBUSY, errno.ENOMEM)


def system_error(error: sqlite3.Error, file: Path) -> OSError | None:
    """The error of the system behind one of SQLite; None if the database itself is damaged."""
    number = _OF_SYSTEM.get(getattr(error, "sqlite_errorcode", 0) & 0xFF)
    if number is None:
        return None
    refusal = None if number in _SURE else _refusal(file)  # SQLite does not say why
    return refusal or OSError(number, os.strerror(number), str(file))


def _refusal(file: Path) -> OSError | None:
    """What the system says to a program that does the same as SQLite."""
    parts = [file, *(file.with_name(f"{file.name}{suffix}") for suffix in ("-wal", "-shm"))]
    current = file
    try:
        for current in parts:
            if current == file or current.exists():
                with open(current, "r+b") as opened:
                    opened.read(1)
        current = file
        with tempfile.TemporaryFile(dir=file.parent) as beside:
            beside.write(b"x")
            beside.flush()
    except OSError as error:
        return OSError(error.errno, error.strerror, str(current))
    return None
