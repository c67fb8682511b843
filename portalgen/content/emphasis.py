"""Bold, italic and struck out text: `**a**`, `*a*`, `_a_`, `~~a~~`.

The rules are CommonMark's (https://spec.commonmark.org/0.31.2/#emphasis-and-strong-emphasis), a bit
wider: `**Giá:**100` is bold, though a sign is before the end and no blank behind it.
"""

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple
from xml.etree.ElementTree import Element, SubElement

from markdown import Markdown
from markdown.inlinepatterns import InlineProcessor
from markdown.treeprocessors import Treeprocessor
from msgspec import Struct

_RUN = r"\*+|_+|~~+"
_OPENING = tuple("([{“‘«\"'\x02")  # what Python-Markdown has put away begins with the last
_RUNS = re.compile(_RUN)
_GROUP = "group"  # no text is in it when the tree is done
_NAMES = {"*": ("em", "strong"), "_": ("em", "strong"), "~": ("", "del")}
# As Python-Markdown writes an escaped sign.
_LITERAL = str.maketrans({sign: f"\x02{ord(sign)}\x03" for sign in "*_~"})


class _Run(Struct):
    """Signs of one kind beside each other; `used` of them close something, `left` may open."""

    sign: str
    start: int
    left: int
    size: int
    opens: bool
    closes: bool
    opens_same: bool  # only together with a run of the same size
    closes_same: bool
    is_inside: bool  # words are beside it on both sides, so it may be either
    used: int = 0


class Span(NamedTuple):
    """Marked text: its places in the text with the marks, each of `size` signs."""

    start: int
    end: int
    size: int
    sign: str


@lru_cache(maxsize=1024)
def _kind(character: str) -> str:
    """A blank is "Z", a sign "P", all else "L"; what Python-Markdown has put away is a sign."""
    if character.isspace():
        return "Z"
    if character in "\x02\x03" or unicodedata.category(character)[0] in "PS":
        return "P"
    return "L"


def _run(text: str, start: int, end: int) -> _Run:
    before = _kind(text[start - 1]) if start else "Z"
    behind = _kind(text[end]) if end < len(text) else "Z"
    left = behind == "L" or (behind == "P" and before != "L")
    right = before == "L" or (before == "P" and behind != "L")
    sign, size = text[start], end - start
    if sign == "_":
        opens, closes = left and (not right or before == "P"), right and (not left or behind == "P")
        return _Run(sign, start, size, size, opens, closes, False, False, left and right)
    if sign == "~":  # always two by two
        odd = size % 2
        return _Run(sign, start + odd, size - odd, size - odd, left, right, False, False, False)
    opens = left or (size == 2 and sign == "*" and text[end : end + 1] in _OPENING)
    closes = right or (before != "Z" and sign == "*")
    return _Run(
        sign, start, size, size, opens, closes, opens != left, closes != right, left and right
    )


def spans(text: str) -> list[Span]:
    """What is marked in a text, by its start; spans are beside or within each other."""
    result: list[Span] = []
    openers: list[_Run] = []
    # Before these places there is no opener for such a run; else a text would be read many times.
    never_before: dict[tuple[str, bool, bool, int], int] = {}
    for match in _RUNS.finditer(text):
        run = _run(text, match.start(), match.end())
        size_kept = run.size if run.closes_same else run.size % 3
        key = run.sign, run.is_inside, run.closes_same, size_kept
        while run.left and run.closes:
            number = _opener(openers, run, never_before.get(key, 0))
            if number is None:
                never_before[key] = run.start
                break
            opener = openers[number]
            size = 2 if opener.left > 1 and run.left > 1 else 1  # of ~ there are always two
            opener.left -= size
            end = run.start + run.used + size
            result.append(Span(opener.start + opener.used + opener.left, end, size, run.sign))
            run.used += size
            run.left -= size
            del openers[number + (opener.left > 0) :]
        if run.left and run.opens:
            openers.append(run)
    return sorted(result, key=lambda span: (span.start, -span.end))


def _opener(openers: list[_Run], run: _Run, never_before: int) -> int | None:
    for number in range(len(openers) - 1, -1, -1):
        opener = openers[number]
        if opener.start < never_before:
            return None
        same_only = opener.opens_same or run.closes_same
        if opener.sign != run.sign or (same_only and opener.size != run.size):
            continue
        thirds = (opener.size + run.size) % 3 == 0 and (opener.size % 3 or run.size % 3)
        if not (thirds and (opener.is_inside or run.is_inside)):
            return number
    return None


class _Emphasis(InlineProcessor):
    """Makes one group of all from the first marked text to the last, so a text is read once."""

    def __init__(self, md: Markdown):
        super().__init__(_RUN, md)
        self._data = ""
        self._spans: list[Span] = []

    def handleMatch(self, m, data):  # type: ignore[no-untyped-def, override]
        if data is not self._data:
            self._data, self._spans = data, spans(data)
        if not self._spans or self._spans[0].start >= m.end():
            return None, None, None
        end = max(span.end for span in self._spans)
        return _group(data, self._spans, end), self._spans[0].start, end


def _group(text: str, nested: list[Span], end: int) -> Element:
    """An element with an element for each span, and the text around them, up to `end`."""
    root = Element(_GROUP)
    is_open: list[tuple[Element, int]] = [(root, end)]  # and where the text of each ends
    position = nested[0].start
    for span in nested:
        position = _close(text, is_open, position, span.start)
        _add(is_open[-1][0], text[position : span.start])
        element = SubElement(is_open[-1][0], _NAMES[span.sign][span.size - 1])
        is_open.append((element, span.end - span.size))
        position = span.start + span.size
    _close(text, is_open, position, end)
    return root


def _close(text: str, is_open: list[tuple[Element, int]], position: int, before: int) -> int:
    """Close the elements that end before a place; the position behind the last one."""
    while len(is_open) > 1 and is_open[-1][1] < before:
        element, end = is_open.pop()
        _add(element, text[position:end])
        position = end + (2 if element.tag in ("strong", "del") else 1)
    return position


def _add(element: Element, text: str) -> None:
    _add_raw(element, text.translate(_LITERAL))


class _Ungroup(Treeprocessor):
    """Puts what is in groups in their places."""

    def run(self, root: Element) -> None:
        for parent in root.iter():
            if any(child.tag == _GROUP for child in parent):
                children = list(parent)
                del parent[:]
                for child in children:
                    self._take(parent, child)

    def _take(self, parent: Element, child: Element) -> None:
        if child.tag != _GROUP:
            parent.append(child)
            return
        _add_raw(parent, child.text)
        parent.extend(child)
        _add_raw(parent, child.tail)


def _add_raw(parent: Element, text: str | None) -> None:
    if text and len(parent):
        parent[-1].tail = (parent[-1].tail or "") + text
    elif text:
        parent.text = (parent.text or "") + text


def register(md: Markdown) -> None:
    """Make Python-Markdown mark text by these rules."""
    md.inlinePatterns.register(_Emphasis(md), "em_strong", 60)
    md.treeprocessors.register(_Ungroup(md), "ungroup", 15)  # behind "inline"
