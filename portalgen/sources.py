"""Reading the files people write: what kind, how large, encoding, line ends, links that escape."""

import errno
import os
import re
import stat
from pathlib import Path

from portalgen.problems import Problem, problem
from portalgen.text import nfc

OWN = ".portalgen"  # our own folder at the root of a network, and in each output
MAX_SOURCE_BYTES = 4_000_000
MAX_FILE_BYTES = 200_000_000  # of an attachment, a static file, an asset of a theme
_CONFLICT = re.compile(r"^(<{7} |>{7} |={7}$)", re.MULTILINE)


def decode(data: bytes, path: str) -> str | Problem:
    """UTF-8 with or without BOM, any line ends, as NFC text with `\\n`; else what is wrong."""
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
    if "<<<<<<<" in text or ">>>>>>>" in text:
        found = _CONFLICT.search(text)
        if found:
            return problem("conflict-marks", path, text.count("\n", 0, found.start()) + 1, 1)
    return text if text.isascii() else nfc(text)


def _position(data: bytes, offset: int) -> tuple[int, int]:
    before = data[:offset]
    line_start = before.rfind(b"\n") + 1
    return before.count(b"\n") + 1, len(before[line_start:].decode("utf-8", "replace")) + 1


def read(file: str | Path, path: str) -> str | Problem:
    """The decoded text of `file`, known to people as `path`."""
    try:
        return decode(read_bytes(file, MAX_SOURCE_BYTES), path)
    except OSError as error:
        return unreadable(error, path, MAX_SOURCE_BYTES)


def read_bytes(file: str | Path, limit: int) -> bytes:
    """The content of a regular file of at most `limit` bytes, looked at before it is read.

    Raises `OSError`: with EFBIG for a larger file; with ENODEV for a pipe, a device or a folder,
    which could make the reader wait for ever, or never end.
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
    """Why `read_bytes` could not read what people know as `path`."""
    if error.errno == errno.EFBIG:
        code = "file-too-large" if limit == MAX_SOURCE_BYTES else "large-file"
        return problem(code, path, megabytes=limit // 1_000_000)
    if error.errno in (errno.ENODEV, errno.ENXIO):  # a socket cannot even be opened
        return problem("not-a-file", path)
    return problem("file-unreadable", path, reason=error.strerror or type(error).__name__)


def is_text(name: str) -> bool:
    """Whether a file's name can be written down; one that is not UTF-8 cannot."""
    return as_text(name) == name


def as_text(name: str) -> str:
    """A file's name for people, whatever bytes it has."""
    return name.encode("utf-8", "backslashreplace").decode()


def is_folder(entry: "os.DirEntry[str]") -> bool:
    """Whether an entry is a folder, or a link to one; a link that leads round in a ring is none."""
    try:
        return entry.is_dir()
    except OSError:
        return False


def leaves(entry: str, folder: str) -> bool:
    """Whether `entry`, followed through symbolic links, lies outside `folder`."""
    real, base = os.path.realpath(entry), os.path.realpath(folder)
    return os.path.commonpath([real, base]) != base
