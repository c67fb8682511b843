"""Text hidden from readers but not from crawlers, as injected advertising commonly is."""

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from html import unescape

from markdown.extensions.fenced_code import FencedBlockPreprocessor
from msgspec import Struct

_FENCED: re.Pattern[str] = FencedBlockPreprocessor.FENCED_BLOCK_RE
_INLINE_CODE = re.compile(r"(?<![\\`])(`+)(?!`)[^\n]{1,1000}?(?<!`)\1(?!`)")
_NOT_LINE_END = re.compile(r"[^\n]")
_INVISIBLE = (
    "\u00ad\u034f\u115f\u1160\u180e\u200b\u200c\u200d"
    "\u2060\u2061\u2062\u2063\u2064\u3164\ufeff\uffa0"
)
_ENTITY = (
    r"&(?:ZeroWidthSpace|NoBreak|zwn?j|shy|#0*(?:173|820[345]|8288|65279)"
    r"|#[xX]0*(?:ad|AD|200[b-dB-D]|2060|feff|FEFF));"
)
_BETWEEN_LETTERS = re.compile(rf"(?<=[^\W_])(?:[{_INVISIBLE}]|{_ENTITY})++(?=[^\W_])")
_MANY_BLANKS = re.compile(r"(?:(?:\xa0|&nbsp;|&#160;|&#[xX][aA]0;)[ \t\n]*+){20,}+")
_COMMENT = re.compile(r"<!--(.*?)(?:-->|\Z)", re.DOTALL)
_LINK = re.compile(r"<a\s|https?:|//|www\.|\]\(", re.IGNORECASE)
_TAG = re.compile(r"<([A-Za-z][A-Za-z0-9]*)((?:[^<>\"']++|\"[^\"<]*+\"|'[^'<]*+')*+)>")
_EMPTY = frozenset(["br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"])
_VALUE = re.compile(r"\"[^\"]*\"|'[^']*'")
_HIDDEN = re.compile(r"[\s\"'/]hidden(?=[\s=/]|$)", re.IGNORECASE)
_STYLE = re.compile(r"[\s\"'/]style\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|(\S+))", re.IGNORECASE)
_FLAT = re.compile(r"\s(?:width|height)\s*=\s*[\"']?[01](?:px)?(?=[\"'\s/]|$)", re.IGNORECASE)
_FONT_COLOUR = re.compile(r"\scolor\s*=\s*[\"']?\s*([^\"'\s>]+)", re.IGNORECASE)
_CSS_ESCAPE = re.compile(r"\\([0-9a-f]{1,5})\s?")
_CLOSES = re.compile(r"\s*+</([A-Za-z0-9]+)")
_OFFSCREEN = r"-(?:\d{3,}(?:px|pt)?|\d{2,}(?:r?em|%|v[wh]))"
_HIDES = re.compile(
    r"(?<![-\w])(?:display:none|visibility:(?:hidden|collapse)|mso-hide:all|font:0"
    r"|opacity:0*(?:\.0*)?%?(?![\d.])|clip:rect\([01](?:px)?[,)]|clip-path:inset\((?:50|100)%"
    rf"|transform:scale\(0(?![.\d])|(?:text-indent|left|top|right|bottom|margin(?:-\w+)?):{_OFFSCREEN})"
)
_SIZE = re.compile(r"(?<![-\w])font-size:([\d.]++)(r?em)?(?:px|pt|%)?(?![a-z])")
_COLLAPSED = re.compile(r"(?<![\w])(?:height|width):[01](?:px)?(?![\w.%])")
_WHITE = r"(?:#f{3,4}|#f{6}|#f{8}|white|rgba?\(255,255,255(?:,[\d.]+)?\))(?![\w])"
_WHITE_TEXT = re.compile(rf"(?<![-\w])color:(?:{_WHITE}|transparent)")
_COLOURED = re.compile(
    rf"background(?:-color|-image)?:(?!{_WHITE}|none|transparent|inherit|initial|;|$)"
    rf"|bgcolor=[\"']?(?!{_WHITE})"
)


def fenced(body: str) -> Iterator[tuple[int, int]]:
    """Start and end of every fenced block, as Python-Markdown matches them."""
    if "```" in body or "~~~" in body:
        for match in _FENCED.finditer(body):
            yield match.span()


def blanked(text: str) -> str:
    """Blanks for all characters of a text but its line ends."""
    return _NOT_LINE_END.sub(" ", text)


def without_code(body: str) -> str:
    """The text with code blanked out; every other character keeps its place."""
    for start, end in fenced(body):
        body = body[:start] + blanked(body[start:end]) + body[end:]
    return _INLINE_CODE.sub(lambda match: " " * len(match[0]), body) if "`" in body else body


class Finding(Struct, frozen=True):
    """A warning's code, its character position, and the values of its message."""

    code: str
    at: int
    values: tuple[tuple[str, str], ...] = ()


def hidden_text(text: str, start: int, without_code: Callable[[], str]) -> Iterator[Finding]:
    """All hidden text; HTML is taken from `without_code()`, which is `text` without code."""
    if "&" in text or any(character in text for character in _INVISIBLE):
        yield from _invisible(text)
    if "&" in text or "\xa0" in text:
        for blanks in _MANY_BLANKS.finditer(text, start):
            count = str(len(re.findall(r"\xa0|&", blanks[0])))
            yield Finding("hidden-blanks", blanks.start(), (("count", count),))
    if "<" not in text:
        return
    html = without_code()
    for comment in _COMMENT.finditer(html, start):
        if _LINK.search(comment[1]):
            yield Finding("hidden-comment", comment.start())
    coloured = None
    for tag in _TAG.finditer(html, start):
        name = tag[1].lower()
        part = _hiding_part(name, tag[2])
        if not part or name in _EMPTY:
            continue
        closes = _CLOSES.match(html, tag.end())
        if closes and closes[1].lower() == name:
            continue
        if _WHITE_TEXT.fullmatch(part):
            if coloured is None:
                coloured = bool(_COLOURED.search("".join(html[start:].lower().split())))
            if coloured:
                continue
        yield Finding("hidden-text", tag.start(), (("how", part[:40]),))


def _invisible(text: str) -> Iterator[Finding]:
    matches = list(_BETWEEN_LETTERS.finditer(text))
    if matches:
        first = matches[0]
        character = f"U+{ord(unescape(first[0])[0]):04X}"
        values = (("count", str(len(matches))), ("character", character))
        yield Finding("invisible-character", first.start(), values)


def _hiding_part(name: str, attributes: str) -> str:
    """The part of a tag that hides its text; empty if nothing does."""
    if not attributes.strip():
        return ""
    if _HIDDEN.search(_VALUE.sub('""', attributes)):
        return "hidden"
    if name in ("iframe", "marquee"):
        flat = _FLAT.search(attributes)
        if flat:
            return flat[0].strip()
    styles = _STYLE.search(attributes)
    css = _plain_css(next(filter(None, styles.groups()), "")) if styles else ""
    hides = _HIDES.search(css)
    if hides:
        return hides[0]
    size = _SIZE.search(css)
    with suppress(ValueError):
        if size and float(size[1]) < (0.2 if size[2] else 2):
            return size[0]
    small = _COLLAPSED.search(css)
    if small and "overflow:hidden" in css:
        return small[0]
    colour = _FONT_COLOUR.search(attributes) if name == "font" else None
    white = _WHITE_TEXT.search(f"color:{colour[1].lower()}" if colour else css)
    return white[0] if white else ""


def _plain_css(style: str) -> str:
    """Declarations in lower case without blanks, comments and escapes."""
    before, *parts = unescape(style).lower().split("/*")
    text = before + "".join(part.partition("*/")[2] for part in parts)
    text = _CSS_ESCAPE.sub(lambda match: chr(int(match[1], 16)), text)
    return "".join(text.split())
