"""Who may read what is published: everyone, whatever the umask of who builds."""

import os
import stat
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

FILE, FOLDER = 0o644, 0o755
_READABLE, _ENTERABLE = 0o444, 0o555


def make_folders(folder: str | Path) -> None:
    """Make a folder and those above it, as far as they are missing; raises `OSError`."""
    missing = []
    path = os.fspath(folder)
    while path and not os.path.isdir(path):
        missing.append(path)
        path = os.path.dirname(path)
    for path in reversed(missing):
        with suppress(FileExistsError):  # another process has just made it
            os.mkdir(path)
            _change(path, FOLDER)


def write_file(file: str, data: bytes) -> None:
    """Write a new file in two calls of the system: Python's file objects cost more than a page."""
    handle = os.open(
        file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0), 0o644
    )
    try:
        with suppress(OSError, AttributeError):  # no modes there: nothing to set
            os.fchmod(handle, FILE)  # whatever the umask
        left = memoryview(data)
        while left:
            left = left[os.write(handle, left) :]
    finally:
        os.close(handle)


def is_closed(mode: int) -> bool:
    """Whether a file of this mode is hidden from a web server that is another user."""
    return mode & _READABLE != _READABLE


def open_file(file: str | Path) -> None:
    """Let everyone read a file, if the system lets us."""
    _change(file, FILE)


def open_folder(folder: str | Path) -> None:
    """Let everyone enter a folder that stands, if the system lets us; other bits stay.

    A link is left alone: what it leads to may be somebody else's.
    """
    with suppress(OSError):
        mode = os.lstat(folder).st_mode
        if stat.S_ISDIR(mode) and mode & _ENTERABLE != _ENTERABLE:
            _change(folder, stat.S_IMODE(mode) | FOLDER)


def open_folders(base: str | Path, folders: Iterable[str]) -> None:
    """Let everyone enter a folder, these below it, and those between."""
    every = {""}
    for below in folders:
        path = below
        while path not in every:
            every.add(path)
            path = path.rpartition("/")[0]
    for path in sorted(every):  # what is above comes first: who cannot enter it sees nothing below
        open_folder(f"{base}/{path}".rstrip("/"))


def _change(path: str | Path, mode: int) -> None:
    with suppress(OSError):  # some file systems know no modes; a server then needs none
        os.chmod(path, mode)
