"""Characters that nobody sees and that change what others see: they are removed, and told.

Marks that turn the direction of letters can show another text than is there; control characters
mean something to programs alone. What joins emoji or selects their form stays.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from html import unescape

from portalgen.problems import Problem, problem

MAX_TOLD = 20  # lines of one file
# Words must not grow together at these, such as Word's line end.
_BLANKS = "\x0b\x0c\x1c-\x1f\x85"
_CONTROLS = "\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ud800-\udfff\ufff9-\ufffb\ufffe\uffff"
_TURNING = "\u202a-\u202e\u2066-\u206f"
_MARKS = "\u061c\u200e\u200f"  # have their place in a line with letters of the scripts below
_RIGHT_TO_LEFT = re.compile("[\u0590-\u061b\u061d-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
_BLANK = re.compile(f"[{_BLANKS}]")
_TURNS = re.compile(f"[{_TURNING}{_MARKS}]")
_STRAY = re.compile(f"[{_BLANKS}{_CONTROLS}{_TURNING}{_MARKS}]")
_IN_BODY = re.compile(rf"{_STRAY.pattern}|&(?:lrm;|rlm;|#(?:\d{{1,7}}|[xX][0-9a-fA-F]{{1,6}});?)")
_IN_YAML = re.compile(
    rf"{_STRAY.pattern}|\\(?:x[0-9a-fA-F]{{2}}|u[0-9a-fA-F]{{4}}|U[0-9a-fA-F]{{8}}|[0abefvN])"
)
_ESCAPES = {"0": "\0", "a": "\a", "b": "\b", "e": "\x1b", "f": "\f", "v": "\v", "N": "\x85"}


def without_strays(text: str) -> str:
    """The text without such characters; of those between words, blanks stay."""
    return _STRAY.sub(lambda match: _instead(text, match.start(), match[0]), text)


def _instead(text: str, at: int, character: str) -> str:
    """What stays of a stray character that is written at a place."""
    if _BLANK.match(character):
        return " "
    return character if character in _MARKS and _RIGHT_TO_LEFT.search(_line(text, at)) else ""


def _line(text: str, at: int) -> str:
    end = text.find("\n", at)
    return text[text.rfind("\n", 0, at) + 1 : end if end >= 0 else len(text)]


def strays_of_body(
    text: str, without_code: Callable[[], str], path: str, first_line: int
) -> list[Problem]:
    """Warn of what is removed from a body, also where HTML names it by its number.

    The first of a line is told. `without_code()` is the text with code blanked out.
    """
    if "&" not in text and not _STRAY.search(text):
        return []

    def places() -> Iterator[tuple[int, str]]:
        for match in _IN_BODY.finditer(text):
            if match[0][0] != "&" or without_code()[match.start()] == "&":
                yield match.start(), unescape(match[0])

    return _told(text, places(), path, first_line)


def strays_of_yaml(text: str, path: str, first_line: int = 1) -> list[Problem]:
    r"""Warn of what is removed from YAML, also where quotes hold it as `\u202e`."""

    if "\\" not in text and not _STRAY.search(text):
        return []

    def places() -> Iterator[tuple[int, str]]:
        for match in _IN_YAML.finditer(text):
            line = text[text.rfind("\n", 0, match.start()) + 1 : match.start()]
            if match[0][0] != "\\":
                yield match.start(), match[0]
            elif '"' in line:
                yield match.start(), _unescaped(match[0])

    return _told(text, places(), path, first_line)


def _unescaped(written: str) -> str:
    """The character of an escape in YAML; empty if there is no such character."""
    if written[1:] in _ESCAPES:
        return _ESCAPES[written[1:]]
    number = int(written[2:], 16)
    return chr(number) if number < 0x110000 else ""


def _told(
    text: str, places: Iterable[tuple[int, str]], path: str, first_line: int
) -> list[Problem]:
    first: dict[int, Problem] = {}
    for at, character in places:
        if not _STRAY.fullmatch(character) or _instead(text, at, character) == character:
            continue
        line = first_line + text.count("\n", 0, at)
        code = "direction-removed" if _TURNS.match(character) else "control-removed"
        number = f"U+{ord(character):04X}"
        column = at - text.rfind("\n", 0, at)
        first.setdefault(line, problem(code, path, line, column, character=number))
        if len(first) == MAX_TOLD:
            break
    return list(first.values())
