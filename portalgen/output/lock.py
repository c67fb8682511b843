"""A lock file, so that one process at a time writes to a folder."""

import os
import socket
from contextlib import suppress
from pathlib import Path
from types import TracebackType

from portalgen.problems import PortalError, problem


class Lock:
    """A lock that the operating system releases when its holder dies."""

    def __init__(self, file: Path):
        self.file = file
        self._handle = -1

    def __enter__(self) -> "Lock":
        self.file.parent.mkdir(parents=True, exist_ok=True)
        self._handle = os.open(self.file, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            self._acquire()
        except OSError as error:
            holder = os.read(self._handle, 200).decode("utf-8", "replace").strip()
            os.close(self._handle)
            self._handle = -1
            raise PortalError([problem("locked", holder=holder or "?")]) from error
        with suppress(OSError):  # a full disk: the holder stays unknown
            os.ftruncate(self._handle, 0)
            os.write(self._handle, f"{os.getpid()} ({socket.gethostname()})".encode())
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        os.close(self._handle)

    def _acquire(self) -> None:
        if os.name == "nt":
            import msvcrt

            os.lseek(self._handle, 1 << 20, os.SEEK_SET)
            msvcrt.locking(self._handle, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined, unused-ignore]
            os.lseek(self._handle, 0, os.SEEK_SET)
        else:
            import fcntl

            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
