"""Mend what is mechanical in Markdown and settings files; what they say stays the same."""

import os
import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import pairwise
from pathlib import Path

from portalgen import sources
from portalgen.content import front_matter
from portalgen.content.code import fenced
from portalgen.problems import Problem
from portalgen.settings.site import SETTINGS_FILE
from portalgen.text import nfc

_PLACES = ("", "members/[!._]*/")
_FILES = (SETTINGS_FILE, "content/*.md", "content/*/*.md", "content/*/*/index.md")
_BETWEEN_WORDS = r"(?<=[^\W\d_])\xa0(?=[^\W\d_])"
_TRAILING = r"(?<![ \t])[ \t]++(?=\n|\Z)"
_MENDED = rf"(?P<between>{_BETWEEN_WORDS})|(?P<trailing>{_TRAILING})"
# Blanks at the head, code, HTML, where links lead, their definitions, and lines far indented stay.
_BODY = re.compile(
    r"\A(?:[ \t]*+\n)+"
    r"|<(pre|code|script|style)\b.*?(?:</\1\s*>|\Z)|<!--.*?(?:-->|\Z)|<[A-Za-z/!?][^<>]*>"
    r"|(?<![\\`])(`++)(?:[^\n]|\n(?!\n)){1,2000}?(?<!`)\2(?!`)"
    r"|\]\((?:[^()\n]++|\([^()\n]*+\))*+\)|\]\([^\n]*"
    rf"|^[ ]{{0,3}}\[[^\]\n]+\]:[^\n]*|^(?:[ ]{{4}}|[ ]{{0,3}}\t)[ \t]*+[^\s][^\n]*|{_MENDED}",
    re.DOTALL | re.IGNORECASE | re.MULTILINE,
)
_LABEL = re.compile(r"^[ ]{0,3}\[([^\]\n]+)\]:", re.MULTILINE)
_FENCE = re.compile(r"^(?:`{3}|~{3})", re.MULTILINE)
_NEXT_HAS_TEXT = re.compile(r"\n[ \t]*+[^\s]")
# Without blanks after it, such a line means something else.
_BLANK_MATTERS = re.compile(r"(?:[\\\]#>*_]|(?:^|[ \t>])(?:[-*+]|\d+[.)]))$")
_YAML = re.compile(_MENDED)
_WORTH = {"between": re.compile("\xa0"), "trailing": re.compile(r"[ \t](?:\n|\Z)")}
_BLOCK_TEXT = re.compile(r"[|>][-+0-9]*[ \t]*(?:#.*)?$", re.MULTILINE)
_KEY = re.compile(r"^(\w+)[ \t]*:", re.MULTILINE)
_WORDS = frozenset(
    ["title", "lead", "summary", "caption", "image_alt", "author", "source", "tags", "topics"]
)


def fix(root: Path) -> Iterator[tuple[str, list[str]]]:
    """Mend the files below `root`; each changed one with the codes of why. Raises `OSError`."""
    if not (root / SETTINGS_FILE).is_file():
        return  # perhaps the folder of another program
    for place in _PLACES:
        for pattern in _FILES:
            for file in sorted(root.glob(place + pattern)):
                path = file.relative_to(root).as_posix()
                reasons = _fix_file(file, path) if _is_ordinary(root, path) else []
                if reasons:
                    yield path, reasons


def _is_ordinary(root: Path, path: str) -> bool:
    """A file that is read, and reached without a symbolic link."""
    parts = path.split("/")
    ways = [root.joinpath(*parts[: at + 1]) for at in range(len(parts))]
    hidden = any(part.startswith(".") or not sources.is_text(part) for part in parts)
    return not hidden and ways[-1].is_file() and not any(way.is_symlink() for way in ways)


def _fix_file(file: Path, path: str) -> list[str]:
    if file.stat().st_size > sources.MAX_SOURCE_BYTES:
        return []  # `check` says so
    data = file.read_bytes()
    new, reasons = mended(data, path)
    if not reasons:
        return []
    stat = file.stat()
    handle, beside = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name[:40]}.")
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(new)
        os.chmod(beside, stat.st_mode & 0o7777)
        if hasattr(os, "chown"):
            with suppress(PermissionError):
                os.chown(beside, stat.st_uid, stat.st_gid)
        os.replace(beside, file)
    except BaseException as error:
        with suppress(OSError):
            os.unlink(beside)
        if isinstance(error, OSError):
            raise OSError(error.errno, error.strerror, str(file)) from error
        raise
    return reasons


def mended(data: bytes, path: str) -> tuple[bytes, list[str]]:
    """The bytes mended, and the codes of why; as they are if they are not UTF-8 text."""
    if isinstance(sources.decode(data, path), Problem):
        return data, []
    steps: dict[str, Callable[[str], str]] = {
        "fixed-bom": lambda text: text.lstrip("\ufeff"),
        "fixed-line-ends": lambda text: text.replace("\r\n", "\n").replace("\r", "\n"),
        "fixed-nfc": nfc,
        "fixed-nbsp": lambda text: _by_parts(text, path, "between"),
        "fixed-blanks": lambda text: _by_parts(text, path, "trailing"),
        "fixed-last-line": lambda text: text + "\n" if text[-1:] not in ("", "\n") else text,
    }
    reasons = []
    text = data.decode()
    for code, step in steps.items():
        before, text = text, step(text)
        if text != before:
            reasons.append(code)
    return text.encode(), reasons


def _by_parts(text: str, path: str, what: str) -> str:
    """Mend settings as YAML; an article's front matter as YAML, its text as Markdown."""
    if not _WORTH[what].search(text):
        return text
    if path.endswith(SETTINGS_FILE):
        return _yaml(text, what)
    parts = front_matter.split(text, path)
    if isinstance(parts, Problem):
        return text
    head = text[: len(text) - len(parts[1])]
    return (_front(head) if what == "between" else _yaml(head, what)) + _body(parts[1], what)


def _yaml(text: str, what: str) -> str:
    if what == "trailing" and _BLOCK_TEXT.search(text):
        return text
    return _YAML.sub(lambda found: _mend(found, what), text)


def _front(head: str) -> str:
    """Front matter with its words mended, but not the names of files and what must stay."""
    starts = [0, *(found.start() for found in _KEY.finditer(head)), len(head)]
    parts = [head[start:end] for start, end in pairwise(starts)]
    keys = (_KEY.match(part) for part in parts)
    return "".join(
        _yaml(part, "between") if key and key[1] in _WORDS else part
        for part, key in zip(parts, keys)
    )


def _body(body: str, what: str) -> str:
    if what == "between" and any("\xa0" in label for label in _LABEL.findall(body)):
        return body
    made, at = [], 0
    for start, end in fenced(body):
        made += [_text(body[at:start], what), body[start:end]]
        at = end
    rest = body[at:]
    opened = _FENCE.search(rest)  # and never closed: perhaps code to the end
    end = opened.end() if opened else len(rest)
    return "".join([*made, _text(rest[:end], what), rest[end:]])


def _text(text: str, what: str) -> str:
    return _BODY.sub(lambda found: _mend(found, what, breaks=True), text)


def _mend(found: re.Match[str], what: str, *, breaks: bool = False) -> str:
    if found.lastgroup != what:
        return found[0]
    if what == "between":
        return " "
    text, at = found.string, found.start()
    line = text[text.rfind("\n", 0, at) + 1 : at]
    if line and _BLANK_MATTERS.search(line):
        return found[0]
    width = len((line + found[0]).expandtabs(4)) - len(line.expandtabs(4))
    ends_line = breaks and line and width > 1 and _NEXT_HAS_TEXT.match(text, found.end())
    return "  " if ends_line else ""
