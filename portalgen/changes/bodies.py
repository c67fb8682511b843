"""What articles say, read from the cache by whichever process needs it."""

import sqlite3

from msgspec import Struct, field

from portalgen.changes.cache import CacheDamagedError


class Bodies(Struct):
    """Reads them over a connection of its own, which must not be taken along in a fork.

    `address` is what the cache gives.
    """

    address: str
    connection: sqlite3.Connection | None = field(default=None)

    def __call__(self, path: str) -> str:
        """The body of the article at `path` as HTML; raises `CacheDamagedError`."""
        return self._read("SELECT html FROM bodies WHERE path=?", path)

    def words(self, path: str) -> str:
        """The words of its lead and body; raises `CacheDamagedError`."""
        return self._read("SELECT words FROM bodies WHERE path=?", path)

    def close(self) -> None:
        """Give the connection back; it and its statements hold each other, so it would stay."""
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
