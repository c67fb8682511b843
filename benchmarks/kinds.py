"""What kind of difference it is that a short text comes out otherwise than the reference says."""

import re
from itertools import zip_longest

from benchmarks.structure import loose

# Counted by themselves, not as a structure that is different.
FOREIGN, MEDIA = "code of another generator", "picture in HTML"
FOREIGN_CODE = re.compile(
    r"(?<![\\^_}\w${])\{\{(?![^}\n]*\\).*?\}\}|\{%.*?%\}|\{:[^}\n]*\}|\{#[\w-]+\}|\[/?(?:gallery|caption|embed)\b[^]]*\]|^:::",
    re.MULTILINE,
)

FENCE = re.compile(r"^([ \t>]*)(?:(?:[-*+]|\d+[.)])[ \t]+)?(```|~~~)", re.MULTILINE)
_ITEM = re.compile(r"^([ \t]*)([-*+]|\d{1,9}[.)])(?:[ \t]|$)", re.MULTILINE)
_BEHIND = r"^[ \t]*(?![-*+#>|\s]|\d+[.)])[^\s].*\n[ \t]*"
_LIST_BEHIND = re.compile(_BEHIND + r"(?:[-*+]|\d+[.)])[ \t]", re.MULTILINE)
_HEADING_BEHIND = re.compile(r"^.*\S.*\n {0,3}#{1,6}[ \t]", re.MULTILINE)
_CLOSED = re.compile(r"^ {0,3}#{1,6}[ \t].*#[ \t]*$", re.MULTILINE)
_NO_HEADING = re.compile(r"^ {0,3}#{1,6}[^#\s]", re.MULTILINE)
_QUOTE_BEHIND = re.compile(_BEHIND + ">", re.MULTILINE)
_ROW = re.compile(r"^[ \t>]*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-*:?[ \t]*)*$", re.MULTILINE)
_ADDRESS = re.compile(r"(?<!\()(?:https?://|\bwww\.)|[\w.+-]+@[\w-]+\.\w")
_DEFINITION = re.compile(r"^ {0,3}\[[^\]\n]+\]:", re.MULTILINE)
_REFERENCE = re.compile(r"\]\s?\[|\[[^\]]+\](?!\()")
_HTML = re.compile(r"<[/!A-Za-z?]")
_BREAK = re.compile(r"(?:\\| {2,})\n|<br", re.IGNORECASE)
_BACKSLASH = re.compile(r"\\[^\w\s]")
_RULE = re.compile(r"^ {0,3}(?:(?:- *){3,}|(?:_ *){3,}|(?:\* *){3,}|=+ *)$", re.MULTILINE)


def first_difference(ours: list[str], theirs: list[str]) -> tuple[str, str] | None:
    """The events at which two structures part, of texts only that there is one."""
    for mine, other in zip_longest(ours, theirs, fillvalue=""):
        if mine != other:
            return mine if mine[:1] == "<" else mine[:1], other if other[:1] == "<" else other[:1]
    return None


def kind_of(text: str, ours: list[str], theirs: list[str]) -> str:
    """The kind of the difference, in words for a table."""
    if FOREIGN_CODE.search(text):
        return FOREIGN
    if FENCE.search(text):
        inside = any(fence[1].strip(">") or fence[0].lstrip()[0] not in "`~>"
                     for fence in FENCE.finditer(text))  # fmt: skip
        return "fence in an item" if inside and _ITEM.search(text) else "fence"
    if "[^" in text and "<note>" in ours + theirs:
        return "footnote"
    if "<del>" in theirs and ours.count("<del>") != theirs.count("<del>"):
        return "strikethrough"
    if any(event[1:2] in ("☐", "☑") for event in theirs):
        return "task box"
    if ours.count("<table>") != theirs.count("<table>"):
        return "table not seen" if "<table>" in theirs else "table where none is meant"
    if "<table>" in theirs and _ROW.search(text):
        return "inside a table"
    if "<dl>" in theirs:
        return "definition list"
    if "<img" in text.lower() and ours.count("<img>") < theirs.count("<img>"):
        return MEDIA
    if _HTML.search(text) and _html_matters(text, theirs):
        return "Markdown or text in or behind HTML"
    if ours.count("<a>") < theirs.count("<a>") and _ADDRESS.search(text):
        return "bare address"
    if _DEFINITION.search(text) and _REFERENCE.search(text):
        return "picture by reference" if "![" in text else "link by reference"
    if _ITEM.search(text):
        return _kind_of_list(text, ours, theirs)
    headings = {f"<h{level}>" for level in range(2, 7)}
    if _CLOSED.search(text) or sum(event in headings for event in ours) != sum(
        event in headings for event in theirs
    ):
        if _NO_HEADING.search(text):
            return "# without a blank"
        if _CLOSED.search(text):
            return "heading with closing signs"
        if _HEADING_BEHIND.search(text):
            return "heading behind text"
        return "underlined heading" if _RULE.search(text) else "heading, other"
    if ours.count("<blockquote>") != theirs.count("<blockquote>") or "<blockquote>" in theirs:
        if ours.count("<blockquote>") < theirs.count("<blockquote>") and "\n\n>" in text:
            return "quotes joined"
        return "quote behind text" if _QUOTE_BEHIND.search(text) else "quote, other"
    if ours.count("<br>") != theirs.count("<br>") or _BREAK.search(text):
        return "line break"
    if ours.count("<hr>") != theirs.count("<hr>") or _RULE.search(text):
        return "rule"
    if ours.count("<pre>") != theirs.count("<pre>"):
        return "indented code"
    if any(ours.count(tag) != theirs.count(tag) for tag in ("<em>", "<strong>", "<code>")):
        return "bold, italic or code in a line"
    if _BACKSLASH.search(text):
        return "backslash before a sign"
    if "](" in text:
        return "link or picture, other"
    return "other"


def _html_matters(text: str, theirs: list[str]) -> bool:
    """Whether it is HTML, and not the list that it stands in."""
    return not _ITEM.search(text) or text.lstrip()[:1] == "<" or "<div>" in theirs


def _kind_of_list(text: str, ours: list[str], theirs: list[str]) -> str:
    if loose(ours) == loose(theirs):
        return "list, loose or tight"
    if re.search(r"^[ \t]*\d+\)", text, re.MULTILINE):
        return "list with 1)"
    if _LIST_BEHIND.search(text) and ours.count("<li>") < theirs.count("<li>"):
        indents = {len(item[1].expandtabs(4)) for item in _ITEM.finditer(text)}
        return "list behind text" if 0 in indents else "list behind text, indented"
    indents = {len(item[1].expandtabs(4)) for item in _ITEM.finditer(text)}
    if ours.count("<pre>") != theirs.count("<pre>"):
        return "code in an item"
    if len(indents) > 1 and _depth(ours) != _depth(theirs):
        return f"list nested by {min(indents - {min(indents)}) - min(indents)}"
    if ours.count("<p>") != theirs.count("<p>") and "\n\n" in text:
        return "paragraph in an item"
    if _RULE.search(text):
        return "rule beside a list"
    kinds = ours.count("<ul>") + sum(event[:3] == "<ol" for event in ours)
    theirs_kinds = theirs.count("<ul>") + sum(event[:3] == "<ol" for event in theirs)
    return "lists joined or divided" if kinds != theirs_kinds else "list, other"


def _depth(events: list[str]) -> int:
    depth = most = 0
    for event in events:
        depth += (event[:3] in ("<ul", "<ol")) - (event in ("</ul>", "</ol>"))
        most = max(most, depth)
    return most
