"""The short way through a line: plain text becomes HTML at once.

Most lines of an article are such, and Python-Markdown need not look at them. Only that is taken of
which Python-Markdown and the cleaner make the same bytes; properties in the tests hold the two
ways together.
"""

import re
from html import escape, unescape

# What can mean something to Markdown, to HTML or to its cleaner. All other characters mean
# themselves. Of these, the parts below are taken and nothing else. Each part begins with such a
# character and none can be read as another, so a regular expression never tries a text twice.
_SPACES = r"\x7f-\x9f\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_ODD_IN_LINE = rf"\x00-\x09\x0b-\x1f\xa0{_SPACES}`*_\[\]<>&\\!"
_ODD = _ODD_IN_LINE + r"\n"
_AND = r"&(?!#|[0-9A-Za-z]+;)"
_ENTITY = r"&(?:[A-Za-z][A-Za-z0-9]+|#(?:0?39|1[6-9][0-9]|[2-9][0-9]{2}|[1-9][0-9]{3}));"
_SIMPLE = (
    rf"!(?!\[)|{_AND}|{_ENTITY}|>|<(?![A-Za-z/!?])|\xa0|\n|_(?<=[^\W_]_)(?=[^\W_])|\\[*_.()+-]"
)
_CODE = r"`(?<!``)(?![`\s])[^\x00-\x1f`\\<&]*(?:&(?!#)[^\x00-\x1f`\\<&]*)*(?<!\s)`(?!`)"
_TARGET = rf"\((?:[A-Za-z0-9_./~%?=+#,;:@$-]|{_AND})+\)"


def _all_of(*parts: str) -> str:
    """Text with such parts between its other characters."""
    return rf"[^{_ODD}]*(?:(?:{'|'.join(parts)})[^{_ODD}]*)*"


def _marked(sign: str, inside: str, around: str) -> tuple[str, str]:
    """Bold and italic text; what is before it is looked at behind its mark, which is faster."""
    # Bold text may begin with any sign behind a blank or a sign, in a word with an opening one.
    apart = rf"(?<![^\s!-/:-@{{-~]{sign}{sign})"
    begins = (
        (sign * 2, rf"(?:(?=[^\W_]|[(\[{{“‘«\"'`\\])|{apart})(?![\s{sign}])"),
        (sign, r"(?=[^\W_])"),
    )
    bold, italic = (
        rf"{mark}(?<!{around}{mark}){begin}{inside}(?<!\s){mark}(?!{around})"
        for mark, begin in begins
    )
    return bold, italic


_WORDS = _all_of(_SIMPLE)
_STARS, _SCORES = _marked(r"\*", _WORDS, r"\*"), _marked("_", _WORDS, r"\w")
_LINK = rf"\[(?![\]^]){_WORDS}\]{_TARGET}"
_PARTS = (
    *_marked(r"\*", _all_of(*_SCORES, _LINK, _CODE, _SIMPLE), r"\*"),
    *_marked("_", _all_of(*_STARS, _LINK, _CODE, _SIMPLE), r"\w"),
    rf"\[(?![\]^]){_all_of(*_STARS, *_SCORES, _CODE, _SIMPLE)}\]{_TARGET}",
    _CODE, _SIMPLE,
)  # fmt: skip
_TEXT, _PART = re.compile(_all_of(*_PARTS)), re.compile("|".join(_PARTS))
_ANY_ODD = re.compile(f"[{_ODD_IN_LINE}]")
# The cleaner takes away addresses that are none; a host that is like a number may be none.
_HOST = r"(?:(?!xn--)[A-Za-z0-9-]{1,63}\.)*(?!xn--)[A-Za-z][A-Za-z0-9-]{0,62}"
_ADDRESS = re.compile(
    rf"(?:https?:)?//{_HOST}(?:[/?#].*)?|(?:portal:)?(?!//)[^:@$&]+|mailto:[^/?#:$&]+|tel:[0-9+.-]+"
)
# Addresses that are linked as they stand, and what is struck out.
_ELSEWHERE = re.compile(r"(?<!\w)(?<!\]\()(?i:https?)://|(?<![^\s*_~(])www\.|@|~~")
_TARGETS = re.compile(r"\]\(([^)]*)\)")


def inline(text: str) -> str | None:
    """The HTML of a text that is nothing but such parts; else nothing."""
    if _ELSEWHERE.search(text) and _ELSEWHERE.search(_TARGETS.sub("]()", text)):
        return None
    if "\xa0" in text and "  \n" in text:
        return None
    if _ANY_ODD.search(text):
        if not _TEXT.fullmatch(text):
            return None
        if not all(map(_ADDRESS.fullmatch, _TARGETS.findall(text))):
            return None
        text = _PART.sub(_part_html, text)
    return text.replace("  \n", "<br>\n")


def _part_html(match: re.Match[str]) -> str:
    part = match[0]
    first = part[0]
    if first == "\\":
        return part[1]
    if first == "&":
        return _as_text(unescape(part) if len(part) > 1 else part)
    if len(part) == 1:
        return _as_text(part)
    if first == "`":
        return f"<code>{_as_text(part[1:-1])}</code>"
    if first == "[":
        words, _, url = part[1:-1].rpartition("](")
        href = url.replace("&", "&amp;")
        return f'<a href="{href}" rel="noopener noreferrer">{_PART.sub(_part_html, words)}</a>'
    size = 2 if part[1] == first else 1
    name = "strong" if size == 2 else "em"
    return f"<{name}>{_PART.sub(_part_html, part[size:-size])}</{name}>"


def _as_text(characters: str) -> str:
    return escape(characters, quote=False).replace("\xa0", "&nbsp;")
