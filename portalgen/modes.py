"""File modes: everyone may read published files, whatever the umask."""

import os
import stat
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

FILE, FOLDER = 0o644, 0o755
_READABLE, _ENTERABLE = 0o444, 0o555


def make_folders(folder: str | Path) -> None:
    """Create a folder and its missing parents; raises `OSError`."""
    missing = []
    path = os.fspath(folder)
    while path and not os.path.isdir(path):
        missing.append(path)
        path = os.path.dirname(path)
    for path in reversed(missing):
        with suppress(FileExistsError):  # created by another process
            os.mkdir(path)
            _change(path, FOLDER)


def write_file(file: str, data: bytes) -> None:
    """Write a new file; faster than with Python's file objects. An `OSError` names the file."""
    handle = os.open(
        file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0), 0o644
    )
    try:
        with suppress(OSError, AttributeError):  # not supported everywhere
            os.fchmod(handle, FILE)  # whatever the umask
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(handle, rest) :]
    except OSError as error:  # of a handle, it names nothing
        raise OSError(error.errno, error.strerror, file) from error
    finally:
        os.close(handle)


def patiently(action: Callable[..., object], *files: str | Path) -> None:
    """Replace or remove a file; on Windows, wait a second for others who have it open."""
    for pause in (0.05, 0.2, 0.75) if os.name == "nt" else ():
        try:
            action(*files)
        except PermissionError:
            time.sleep(pause)
        else:
            return
    action(*files)


def is_closed(mode: int) -> bool:
    """Whether a web server that runs as another user cannot read a file of this mode."""
    return mode & _READABLE != _READABLE


def open_file(file: str | Path) -> None:
    """Let everyone read a file, where permitted."""
    _change(file, FILE)


def open_folder(folder: str | Path) -> None:
    """Let everyone enter an existing folder, where permitted; other bits stay.

    A symbolic link is left alone, as its target may be foreign.
    """
    with suppress(OSError):
        mode = os.lstat(folder).st_mode
        if stat.S_ISDIR(mode) and mode & _ENTERABLE != _ENTERABLE:
            _change(folder, stat.S_IMODE(mode) | FOLDER)


def open_folders(base: str | Path, folders: Iterable[str]) -> None:
    """Let everyone enter `base`, these folders below it, and those between."""
    paths = {""}
    for folder in folders:
        path = folder
        while path not in paths:
            paths.add(path)
            path = path.rpartition("/")[0]
    for path in sorted(paths):  # parents first, or their children cannot be reached
        open_folder(f"{base}/{path}".rstrip("/"))


def _change(path: str | Path, mode: int) -> None:
    with suppress(OSError):  # some file systems have no modes
        os.chmod(path, mode)
