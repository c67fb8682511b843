"""Read source files: file type, size, encoding, line ends, symbolic links."""

import errno
import os
import re
import stat
from pathlib import Path

from portalgen.problems import Problem, problem
from portalgen.text import nfc

OWN = ".portalgen"  # the program's folder in a network's root and in each output
MAX_SOURCE_BYTES = 4_000_000
MAX_FILE_BYTES = 200_000_000  # attachments, static files, theme assets
_CONFLICT = re.compile(r"^(<{7} |>{7} |={7}$)", re.MULTILINE)


def decode(data: bytes, path: str, *, conflicts: bool = False) -> str | Problem:
    """Decode UTF-8, with or without BOM, to NFC text with `\\n` line ends.

    With `conflicts`, git's conflict marks are text like any other.
    """
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return problem("encoding-utf16", path)
    if b"\0" in data:
        line, column = _position(data, data.index(b"\0"))
        return problem("nul-byte", path, line, column)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line, column = _position(data, error.start)
        return problem("encoding-not-utf8", path, line, column)
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not conflicts and ("<<<<<<<" in text or ">>>>>>>" in text):
        match = _CONFLICT.search(text)
        if match:
            return problem("conflict-marks", path, text.count("\n", 0, match.start()) + 1, 1)
    return text if text.isascii() else nfc(text)


def _position(data: bytes, offset: int) -> tuple[int, int]:
    before = data[:offset]
    line_start = before.rfind(b"\n") + 1
    return before.count(b"\n") + 1, len(before[line_start:].decode("utf-8", "replace")) + 1


def read(file: str | Path, path: str, *, conflicts: bool = False) -> str | Problem:
    """Read and decode `file`; problems call it `path`."""
    try:
        return decode(read_bytes(file, MAX_SOURCE_BYTES), path, conflicts=conflicts)
    except OSError as error:
        return unreadable(error, path, MAX_SOURCE_BYTES)


def read_bytes(file: str | Path, limit: int) -> bytes:
    """Read a regular file of at most `limit` bytes.

    Raises `OSError`: EFBIG for a larger file; ENODEV for a pipe, a device or a folder, as reading
    those could block or never end.
    """
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    handle = os.open(file, flags)
    try:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            raise OSError(errno.ENODEV, os.strerror(errno.ENODEV), str(file))
        if status.st_size > limit:
            raise OSError(errno.EFBIG, os.strerror(errno.EFBIG), str(file))
        with open(handle, "rb", buffering=0, closefd=False) as stream:
            return stream.readall()
    finally:
        os.close(handle)


def unreadable(error: OSError, path: str, limit: int) -> Problem:
    """The problem for an error of `read_bytes`."""
    if error.errno == errno.EFBIG:
        code = "file-too-large" if limit == MAX_SOURCE_BYTES else "large-file"
        return problem(code, path, megabytes=limit // 1_000_000)
    if error.errno in (errno.ENODEV, errno.ENXIO):  # a socket cannot even be opened
        return problem("not-a-file", path)
    return problem("file-unreadable", path, reason=error.strerror or type(error).__name__)


def is_text(name: str) -> bool:
    """Whether a file name is valid UTF-8."""
    return as_text(name) == name


def as_text(name: str) -> str:
    """A file name for display, with invalid bytes escaped."""
    return name.encode("utf-8", "backslashreplace").decode()


def is_folder(entry: "os.DirEntry[str]") -> bool:
    """Whether an entry is a folder, or a link to one; not for a circular link."""
    try:
        return entry.is_dir()
    except OSError:
        return False


def leaves(entry: str, folder: str) -> bool:
    """Whether `entry`, with symbolic links resolved, is outside `folder`."""
    real, base = os.path.realpath(entry), os.path.realpath(folder)
    try:
        return os.path.commonpath([real, base]) != base
    except ValueError:  # on different drives
        return True
