"""Characters that nobody sees and that change what others see: they are removed, and told.

Marks that turn the direction of letters can show another text than is there; control characters
mean something to programs alone. What joins emoji or selects their form stays.
"""

import re
from collections.abc import Callable
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
_STRAY_BUT_MARKS = re.compile(f"[{_BLANKS}{_CONTROLS}{_TURNING}]")
_IN_BODY = re.compile(rf"{_STRAY.pattern}|&(?:lrm;|rlm;|#(?:\d{{1,7}}|[xX][0-9a-fA-F]{{1,6}});?)")
_IN_YAML = re.compile(
    rf"{_STRAY.pattern}|\\(?:x[0-9a-fA-F]{{2}}|u[0-9a-fA-F]{{4}}|U[0-9a-fA-F]{{8}}|[0abefvN])"
)
_ESCAPES = {"0": "\0", "a": "\a", "b": "\b", "e": "\x1b", "f": "\f", "v": "\v", "N": "\x85"}


def without_strays(text: str) -> str:
    """The text without such characters; of those between words, blanks stay."""
    if not _STRAY.search(text):
        return text
    return "\n".join(
        _pattern(line).sub(lambda stray: " " if _BLANK.match(stray[0]) else "", line)
        for line in text.split("\n")
    )


def _pattern(line: str) -> re.Pattern[str]:
    """What is left out of a line."""
    return _STRAY_BUT_MARKS if _RIGHT_TO_LEFT.search(line) else _STRAY


def strays_of_body(
    text: str, without_code: Callable[[], str], path: str, first_line: int
) -> list[Problem]:
    """Warn of what is removed from a body, also where HTML names it by its number.

    The first of a line is told. `without_code()` is the text with code blanked out.
    """
    if "&" not in text and not _STRAY.search(text):
        return []
    outside = (without_code() if "&" in text else text).split("\n")

    def read(number: int, match: re.Match[str]) -> str:
        is_code = match[0][0] == "&" and outside[number][match.start()] != "&"
        return "" if is_code else unescape(match[0])

    return _told(text, _IN_BODY, read, path, first_line)


def strays_of_yaml(text: str, path: str, first_line: int = 1) -> list[Problem]:
    r"""Warn of what is removed from YAML, also where quotes hold it as `\u202e`."""
    if "\\" not in text and not _STRAY.search(text):
        return []

    def read(_: int, match: re.Match[str]) -> str:
        if match[0][0] != "\\":
            return match[0]
        return _unescaped(match[0]) if '"' in match.string[: match.start()] else ""

    return _told(text, _IN_YAML, read, path, first_line)


def _unescaped(written: str) -> str:
    """The character of an escape in YAML; empty if there is no such character."""
    if written[1:] in _ESCAPES:
        return _ESCAPES[written[1:]]
    number = int(written[2:], 16)
    return chr(number) if number < 0x110000 else ""


def _told(
    text: str, candidates: re.Pattern[str], read: Callable[[int, re.Match[str]], str], path: str,
    first_line: int,
) -> list[Problem]:  # fmt: skip
    """Warn of the first candidate in each line that `read` finds to stand for such a character."""
    warnings: list[Problem] = []
    for number, line in enumerate(text.split("\n")):
        pattern = _pattern(line)
        for match in candidates.finditer(line):
            character = read(number, match)
            if pattern.fullmatch(character):
                code = "direction-removed" if _TURNS.match(character) else "control-removed"
                place = first_line + number, match.start() + 1
                warnings.append(problem(code, path, *place, character=f"U+{ord(character):04X}"))
                break
        if len(warnings) == MAX_TOLD:
            break
    return warnings
