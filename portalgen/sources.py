"""Reading the text files people write: encoding, line ends, conflict marks, links that escape."""

import os
import re
from pathlib import Path

from portalgen.problems import Problem, problem
from portalgen.text import nfc

MAX_SOURCE_BYTES = 4_000_000
_CONFLICT = re.compile(r"^(<{7} |>{7} |={7}$)", re.MULTILINE)


def decode(data: bytes, path: str) -> str | Problem:
    """UTF-8 with or without BOM, any line ends, as NFC text with `\\n`; else what is wrong."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return problem("encoding-utf16", path)
    if len(data) > MAX_SOURCE_BYTES:
        return problem("file-too-large", path, megabytes=MAX_SOURCE_BYTES // 1_000_000)
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
        with open(file, "rb", buffering=0) as stream:
            return decode(stream.read(), path)
    except OSError as error:
        return problem("file-unreadable", path, reason=error.strerror or type(error).__name__)


def is_text(name: str) -> bool:
    """Whether a file's name can be written down; one that is not UTF-8 cannot."""
    return as_text(name) == name


def as_text(name: str) -> str:
    """A file's name for people, whatever bytes it has."""
    return name.encode("utf-8", "backslashreplace").decode()


def leaves(entry: str, folder: str) -> bool:
    """Whether `entry`, followed through symbolic links, lies outside `folder`."""
    real, base = os.path.realpath(entry), os.path.realpath(folder)
    return os.path.commonpath([real, base]) != base
