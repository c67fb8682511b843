"""What the system refused to SQLite, in the words of the system."""

import errno
import os
import sqlite3
import tempfile
from pathlib import Path

# By primary result code: sqlite.org/rescode.html. Python gives no code for its own errors.
_OF_SYSTEM = {
    sqlite3.SQLITE_FULL: errno.ENOSPC, sqlite3.SQLITE_IOERR: errno.EIO,
    sqlite3.SQLITE_READONLY: errno.EROFS, sqlite3.SQLITE_CANTOPEN: errno.EACCES,
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
    if number not in _SURE:
        number = _refusal(file) or number  # SQLite says only that it could not open a file
    return OSError(number, os.strerror(number), str(file))


def _refusal(file: Path) -> int:
    """What the system says to a program that does the same: an `errno`, 0 if nothing."""
    try:
        with open(file, "r+b") as opened:
            opened.read(1)
        with tempfile.TemporaryFile(dir=file.parent) as beside:
            beside.write(b"x")
            beside.flush()
    except OSError as error:
        return error.errno or 0
    return 0
