"""A lock file, so that one process at a time writes to a folder."""

import os
import socket
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType

from portalgen.problems import PortalError, problem

PATIENCE = 10.0  # seconds that a build waits for another
_PAUSE = 0.1


class Lock:
    """A lock that the operating system releases when its holder dies.

    Entering it raises `PortalError` if another process has it; with `patient`, after a while.
    """

    def __init__(self, file: Path, *, patient: bool = False):
        self.file = file
        self._patience = PATIENCE if patient else 0
        self._handle = -1

    def __enter__(self) -> "Lock":
        self.file.parent.mkdir(parents=True, exist_ok=True)
        self._handle = os.open(self.file, os.O_RDWR | os.O_CREAT, 0o644)
        until = time.monotonic() + self._patience
        while not self._is_taken():
            if time.monotonic() >= until:
                holder = os.read(self._handle, 200).decode("utf-8", "replace").strip()
                os.close(self._handle)
                self._handle = -1
                raise PortalError([problem("locked", holder=holder or "?")])
            time.sleep(_PAUSE)
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

    def _is_taken(self) -> bool:
        """Whether the lock could be taken."""
        try:
            if os.name == "nt":
                import msvcrt

                os.lseek(self._handle, 1 << 20, os.SEEK_SET)
                msvcrt.locking(self._handle, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined, unused-ignore]
                os.lseek(self._handle, 0, os.SEEK_SET)
            else:
                import fcntl

                fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True
