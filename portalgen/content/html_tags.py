"""Tags of HTML as browsers read them, and as people break them."""

import re
from html import unescape
from typing import NamedTuple

_NAME = re.compile(r"<(/?)([A-Za-z][^\s/<>]*)")
_GAP = re.compile(r"[\s/]*")
_ATTRIBUTE = re.compile(r"=?[^\s/>=<]+|=")
_EQUALS = re.compile(r"\s*=\s*")
_BARE = re.compile(r"[^\s>]*")
_BLANK_LINE = re.compile(r"\n[ \t]*\n")


class Tag(NamedTuple):
    """A tag; `end` is behind it, `attributes` are as typed, without quotes around their values.

    `is_sound` is false if its quotes do not match.
    """

    name: str
    end: int
    attributes: dict[str, str]
    is_end: bool = False
    is_closed: bool = False
    is_sound: bool = True

    def value(self, name: str) -> str:
        """The text of an attribute; empty if there is none."""
        return unescape(self.attributes.get(name, "")).strip()


def tag_at(html: str, start: int) -> Tag | None:
    """The tag that begins at `start`; None: what is there is text."""
    begin = _NAME.match(html, start)
    if not begin:
        return None
    attributes: dict[str, str] = {}
    at, is_sound = begin.end(), True
    while True:
        gap = _end(_GAP, html, at)
        if html[gap : gap + 1] in ("", "<"):
            return None
        if html[gap] == ">":
            is_closed = "/" in html[at:gap]
            name = begin[2].lower()
            return Tag(name, gap + 1, attributes, bool(begin[1]), is_closed, is_sound)
        at = _end(_ATTRIBUTE, html, gap)
        name, value = html[gap:at].lower(), ""
        equals = _EQUALS.match(html, at)
        if equals:
            at, value, is_quoted = _value(html, equals.end())
            is_sound = is_sound and is_quoted
        is_sound = is_sound and '"' not in name and "'" not in name
        attributes.setdefault(name, value)


def _value(html: str, at: int) -> tuple[int, str, bool]:
    """End and text of a value, and whether a quote at its begin is matched."""
    quote = html[at : at + 1]
    if quote in ('"', "'"):
        end = html.find(quote, at + 1)
        if end >= 0 and not _BLANK_LINE.search(html, at, end):
            return end + 1, html[at + 1 : end], True
        end = _end(_BARE, html, at + 1)
        return end, html[at + 1 : end], False
    end = _end(_BARE, html, at)
    return end, html[at:end], True


def _end(pattern: re.Pattern[str], text: str, at: int) -> int:
    match = pattern.match(text, at)
    return match.end() if match else at
