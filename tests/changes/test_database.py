"""What the system refused to SQLite is said as the system says it."""

import errno
import sqlite3
from pathlib import Path

import pytest

from portalgen.changes.database import system_error


def failed(code: int) -> sqlite3.OperationalError:
    error = sqlite3.OperationalError("x")
    error.sqlite_errorcode = code
    return error


@pytest.mark.parametrize(
    ("code", "number"),
    [
        (sqlite3.SQLITE_FULL, errno.ENOSPC), (sqlite3.SQLITE_IOERR, errno.EIO),
        (sqlite3.SQLITE_IOERR_WRITE, errno.EIO), (sqlite3.SQLITE_READONLY, errno.EACCES),
        (sqlite3.SQLITE_CANTOPEN, errno.EACCES), (sqlite3.SQLITE_BUSY, errno.EBUSY),
        (sqlite3.SQLITE_LOCKED, errno.EBUSY), (sqlite3.SQLITE_NOMEM, errno.ENOMEM),
    ],
)  # fmt: skip
def test_an_error_of_the_system_is_one(tmp_path: Path, code: int, number: int) -> None:
    file = tmp_path / "cache.sqlite"
    file.touch()
    error = system_error(failed(code), file)
    assert error and (error.errno, error.filename) == (number, str(file))


@pytest.mark.parametrize(
    "code", [sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR]
)
def test_damage_is_none(tmp_path: Path, code: int) -> None:
    assert system_error(failed(code), tmp_path / "cache.sqlite") is None
    assert system_error(sqlite3.ProgrammingError("closed"), tmp_path / "cache.sqlite") is None


def test_what_sqlite_does_not_say_is_asked_of_the_system(tmp_path: Path) -> None:
    file = tmp_path / "cache.sqlite"
    error = system_error(failed(sqlite3.SQLITE_CANTOPEN), file)
    assert error and error.errno == errno.ENOENT
    file.touch()
    (tmp_path / "cache.sqlite-wal").mkdir()
    error = system_error(failed(sqlite3.SQLITE_CANTOPEN), file)
    assert error and (error.errno, error.filename) == (errno.EISDIR, f"{file}-wal")


def test_a_database_that_may_not_grow_is_on_a_full_disk(tmp_path: Path) -> None:
    file = tmp_path / "x.sqlite"
    database = sqlite3.connect(file)
    database.execute("CREATE TABLE a (b)")
    database.execute("PRAGMA max_page_count=3")
    with pytest.raises(sqlite3.Error) as caught:
        database.executemany("INSERT INTO a VALUES (?)", [("x" * 9000,)] * 9)
    error = system_error(caught.value, file)
    assert error and error.errno == errno.ENOSPC
    database.close()
