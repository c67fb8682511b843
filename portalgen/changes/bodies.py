"""Bodies of articles, read from the cache in any process."""

import sqlite3

from msgspec import Struct, field

from portalgen.changes.cache import CacheDamagedError


class Bodies(Struct):
    """Reads bodies over its own connection, which must not be carried across a fork.

    `address` is that of the cache.
    """

    address: str
    connection: sqlite3.Connection | None = field(default=None)

    def __call__(self, path: str) -> str:
        """The HTML body of an article; raises `CacheDamagedError`."""
        return self._read("SELECT html FROM bodies WHERE path=?", path)

    def words(self, path: str) -> str:
        """The words of an article's lead and body; raises `CacheDamagedError`."""
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
            raise CacheDamagedError(str(error)) from error
        if row is None:
            raise CacheDamagedError("body missing")
        return str(row[0])
