"""Headings, paragraphs and lists of a text that has no other blocks.

Such a text is divided at once; any other goes to the library that knows CommonMark (`blocks.py`).
Properties in the tests hold the two ways together.
"""

import re
from typing import NamedTuple

# Of tables, of definitions of references and notes, of code and of what is no character.
_NEVER = re.compile(r"[\t\r\0\x02\x03|]|\]:")
# What begins no heading, list, quote, code, HTML, rule or definition, and underlines nothing.
_BEGIN = re.compile(
    r"(?!\d{1,9}[.)](?:\s|\Z)|[a-zđ]\)[ \t]|```|(?:[*_] *){3,}(?:\n|\Z)|<(?!https?://)[A-Za-z/!?])"
    r"(?:[^\s#>=:~+*\-]|[+-](?=[^\s=+:\-])|\*(?=\S))"
)
_BAD_LINE = re.compile(rf"\n(?! *{_BEGIN.pattern})")
_INDENT = re.compile(r"\n +")
_ITEM = re.compile(r"^([-*+]|([0-9]{1,4})\.) {1,4}(?=\S)", re.MULTILINE)
_BOX = re.compile(r"\[[ xX]\]")
# Behind a list, such would be part of it, or its items would have paragraphs.
_NEVER_BEHIND_LIST = re.compile(r"\s|[-*+]\s|[0-9]{1,9}[.)]\s")
_BLANK_LINES = re.compile(r"\A(?:[ \t]*\n)+")
_BETWEEN = re.compile(r"\n(?: *\n)+")


class Block(NamedTuple):
    """`h2` to `h6`, `p`, `ul`, or `ol` with its first number; each item has a text."""

    tag: str
    texts: list[str]
    start: int = 1


def simple_blocks(text: str) -> list[Block] | None:
    """The blocks of a text; None if it has others than those above."""
    text = _BLANK_LINES.sub("", text)
    if _NEVER.search(text):
        return None
    parts = _BETWEEN.split(text.rstrip("\n"))
    blocks: list[Block] = []
    for part, behind in zip(parts, [*parts[1:], "."]):
        more = _of_part(part, behind)
        if more is None:
            return None
        blocks += more
    return blocks


def _of_part(part: str, behind: str) -> list[Block] | None:
    """Headings, behind them a paragraph, behind it a list; nothing if there is anything else."""
    blocks = []
    while part[:1] == "#":
        line, _, part = part.partition("\n")
        words = line.lstrip("#")
        level = len(line) - len(words)
        words = _without_signs(words.strip(" ")) if words[:1] == " " and level <= 6 else ""
        if not words or words != words.strip():
            return None
        blocks.append(Block(f"h{max(2, level)}", [words]))
    first = _ITEM.search(part)
    paragraph, items = (part[: first.start()], part[first.start() :]) if first else (part, "")
    if paragraph:
        if first and first[2] not in (None, "1"):
            return None  # within a paragraph no list begins with another number
        text = _lines(paragraph)
        if text is None:
            return None
        blocks.append(Block("p", [text]))
    if items:
        block = _list(items) if not _NEVER_BEHIND_LIST.match(behind) else None
        if block is None:
            return None
        blocks.append(block)
    return blocks


def _without_signs(words: str) -> str:
    """The words of a heading without the `#` that may close it."""
    without = words.rstrip("#")
    return without.rstrip(" ") if without[-1:] in ("", " ") else words


def _list(text: str) -> Block | None:
    pieces = _ITEM.split(text)
    first_mark, first_number = pieces[1:3]
    texts = []
    for mark, number, lines in zip(pieces[1::3], pieces[2::3], pieces[3::3]):
        is_same = mark == first_mark or (number and first_number)
        words = _lines(lines) if is_same and not _BOX.match(lines) else None
        if words is None:
            return None
        texts.append(words)
    return Block("ol", texts, int(first_number)) if first_number else Block("ul", texts)


def _lines(text: str) -> str | None:
    """The lines of a paragraph without what is not part of it."""
    if not _BEGIN.match(text) or _BAD_LINE.search(text.rstrip(" \n")):
        return None
    text = text.strip(" \n")
    if text != text.strip():
        return None  # other white space at an end
    return _INDENT.sub("\n", text)
