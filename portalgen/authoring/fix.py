"""Repair mechanical faults in Markdown and settings files, and mend mistakes of typing."""

import os
import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import pairwise
from pathlib import Path

from portalgen import modes, sources
from portalgen.authoring.mend import changes, mend
from portalgen.content import front_matter
from portalgen.content.lint.hidden import fenced
from portalgen.problems import Problem
from portalgen.settings.site import SETTINGS_FILE
from portalgen.text import nfc

_PLACES = ("", "members/[!._]*/")
_FILES = (SETTINGS_FILE, "content/*.md", "content/*/*.md", "content/*/*/index.md")
_BETWEEN_WORDS = r"(?<=[^\W\d_])\xa0(?=[^\W\d_])"
_TRAILING = r"(?<![ \t])[ \t]++(?=\n|\Z)"
_REPAIRS = rf"(?P<between>{_BETWEEN_WORDS})|(?P<trailing>{_TRAILING})"
# Blanks at the head, code, HTML, link targets and definitions, and indented lines stay.
_BODY = re.compile(
    r"\A(?:[ \t]*+\n)+"
    r"|<(pre|code|script|style)\b.*?(?:</\1\s*>|\Z)|<!--.*?(?:-->|\Z)|<[A-Za-z/!?][^<>]*>"
    r"|(?<![\\`])(`++)(?:[^\n]|\n(?!\n)){1,2000}?(?<!`)\2(?!`)"
    r"|\]\((?:[^()\n]++|\([^()\n]*+\))*+\)|\]\([^\n]*"
    rf"|^[ ]{{0,3}}\[[^\]\n]+\]:[^\n]*|^(?:[ ]{{4}}|[ ]{{0,3}}\t)[ \t]*+[^\s][^\n]*|{_REPAIRS}",
    re.DOTALL | re.IGNORECASE | re.MULTILINE,
)
_LABEL = re.compile(r"^[ ]{0,3}\[([^\]\n]+)\]:", re.MULTILINE)
_FENCE = re.compile(r"^(?:`{3}|~{3})", re.MULTILINE)
_NEXT_HAS_TEXT = re.compile(r"\n[ \t]*+[^\s]")
# Such a line changes its meaning without blanks after it.
_BLANK_MATTERS = re.compile(r"(?:[\\\]#>*_]|(?:^|[ \t>])(?:[-*+]|\d+[.)]))$")
_YAML = re.compile(_REPAIRS)
_APPLIES = {"between": re.compile("\xa0"), "trailing": re.compile(r"[ \t](?:\n|\Z)")}
_BLOCK_TEXT = re.compile(r"[|>][-+0-9]*[ \t]*(?:#.*)?$", re.MULTILINE)
_KEY = re.compile(r"^(\w+)[ \t]*:", re.MULTILINE)
_TEXT_KEYS = frozenset(
    ["title", "lead", "summary", "caption", "image_alt", "author", "source", "tags", "topics"]
)


def fix(root: Path) -> Iterator[tuple[str, list[str], list[tuple[str, int, str]]]]:
    """Repair the files below `root`; yield each changed one with its reasons and `changes`.

    Raises `OSError`.
    """
    if not (root / SETTINGS_FILE).is_file():
        return  # not a network
    for place in _PLACES:
        for pattern in _FILES:
            for file in sorted(root.glob(place + pattern)):
                path = file.relative_to(root).as_posix()
                if not _is_ordinary(root, path):
                    continue
                reasons, lines = _fix_file(file, path)
                if reasons:
                    yield path, reasons, lines


def _is_ordinary(root: Path, path: str) -> bool:
    """Whether the path is a visible file, reached without a symbolic link."""
    parts = path.split("/")
    paths = [root.joinpath(*parts[: at + 1]) for at in range(len(parts))]
    hidden = any(part.startswith(".") or not sources.is_text(part) for part in parts)
    return not hidden and paths[-1].is_file() and not any(step.is_symlink() for step in paths)


def _fix_file(file: Path, path: str) -> tuple[list[str], list[tuple[str, int, str]]]:
    if file.stat().st_size > sources.MAX_SOURCE_BYTES:
        return [], []  # `check` reports it
    data = file.read_bytes()
    new, reasons = repair(data, path)
    if not reasons:
        return [], []
    stat = file.stat()
    handle, temporary = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name[:40]}.")
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(new)
        os.chmod(temporary, stat.st_mode & 0o7777)
        if hasattr(os, "chown"):
            with suppress(PermissionError):
                os.chown(temporary, stat.st_uid, stat.st_gid)
        modes.patiently(os.replace, temporary, file)
    except BaseException as error:
        with suppress(OSError):
            os.unlink(temporary)
        if isinstance(error, OSError):
            raise OSError(error.errno, error.strerror, str(file)) from error
        raise
    old = sources.decode(data, path)
    return reasons, list(changes(str(old).replace("\xa0", " "), new.decode().replace("\xa0", " ")))


def repair(data: bytes, path: str) -> tuple[bytes, list[str]]:
    """The repaired bytes, and the codes of the reasons; unchanged if they are not UTF-8 text."""
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
    if not path.endswith(SETTINGS_FILE):
        text, more = mend(text, path)
        reasons += more
    return text.encode(), reasons


def _by_parts(text: str, path: str, kind: str) -> str:
    """Repair settings as YAML; an article's front matter as YAML, its body as Markdown."""
    if not _APPLIES[kind].search(text):
        return text
    if path.endswith(SETTINGS_FILE):
        return _yaml(text, kind)
    parts = front_matter.split(text, path)
    if isinstance(parts, Problem):
        return text
    head = text[: len(text) - len(parts[1])]
    return (_front(head) if kind == "between" else _yaml(head, kind)) + _body(parts[1], kind)


def _yaml(text: str, kind: str) -> str:
    if kind == "trailing" and _BLOCK_TEXT.search(text):
        return text
    return _YAML.sub(lambda match: _repair_match(match, kind), text)


def _front(head: str) -> str:
    """Front matter with its texts repaired; file names and other values stay."""
    starts = [0, *(match.start() for match in _KEY.finditer(head)), len(head)]
    parts = [head[start:end] for start, end in pairwise(starts)]
    keys = (_KEY.match(part) for part in parts)
    return "".join(
        _yaml(part, "between") if key and key[1] in _TEXT_KEYS else part
        for part, key in zip(parts, keys)
    )


def _body(body: str, kind: str) -> str:
    if kind == "between" and any("\xa0" in label for label in _LABEL.findall(body)):
        return body
    parts, at = [], 0
    for start, end in fenced(body):
        parts += [_text(body[at:start], kind), body[start:end]]
        at = end
    rest = body[at:]
    opened = _FENCE.search(rest)  # not closed, so perhaps code to the end
    end = opened.end() if opened else len(rest)
    return "".join([*parts, _text(rest[:end], kind), rest[end:]])


def _text(text: str, kind: str) -> str:
    return _BODY.sub(lambda match: _repair_match(match, kind, breaks=True), text)


def _repair_match(match: re.Match[str], kind: str, *, breaks: bool = False) -> str:
    if match.lastgroup != kind:
        return match[0]
    if kind == "between":
        return " "
    text, at = match.string, match.start()
    line = text[text.rfind("\n", 0, at) + 1 : at]
    if line and _BLANK_MATTERS.search(line):
        return match[0]
    width = len((line + match[0]).expandtabs(4)) - len(line.expandtabs(4))
    ends_line = breaks and line and width > 1 and _NEXT_HAS_TEXT.match(text, match.end())
    return "  " if ends_line else ""
