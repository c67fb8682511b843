"""The short way through Markdown: plain paragraphs, headings and lists become HTML at once.

Most of an article is such text, and Python-Markdown need not look at it. Only that is taken of
which Python-Markdown and the cleaner make the same bytes; a property in the tests holds the two
ways together.
"""

import re
from html import escape, unescape

# What can mean something to Markdown, to HTML or to its cleaner. All other characters mean
# themselves. Of these, the parts below are taken and nothing else. Each part begins with such a
# character and none can be read as another, so a regular expression never tries a text twice.
_ODD_IN_LINE = r"\x00-\x09\x0b-\x1f\xa0`*_\[\]<>&\\!|"
_ODD = _ODD_IN_LINE + r"\n"
_AND = r"&(?!#|[0-9A-Za-z]+;)"
_ENTITY = r"&(?:[A-Za-z][A-Za-z0-9]+|#(?:0?39|1[6-9][0-9]|[2-9][0-9]{2}|[1-9][0-9]{3}));"
_SIMPLE = rf"!(?!\[)|{_AND}|{_ENTITY}|>|\xa0|\n|_(?<=[^\W_]_)(?=[^\W_])|\\[*_.()+-]"
_CODE = r"`(?<!``)(?![`\s])[^\x00-\x1f`\\<&]*(?:&(?!#)[^\x00-\x1f`\\<&]*)*(?<!\s)`(?!`)"
_TARGET = rf"\((?:[A-Za-z0-9_./~%?=+#,;:@$-]|{_AND})+\)"


def _all_of(*parts: str) -> str:
    """Text with such parts between its other characters."""
    return rf"[^{_ODD}]*(?:(?:{'|'.join(parts)})[^{_ODD}]*)*"


def _marked(sign: str, inside: str, around: str) -> tuple[str, str]:
    """Bold and italic text; what is before it is looked at behind its mark, which is faster."""
    marks = sign * 2, sign
    bold, italic = (
        rf"{mark}(?<!{around}{mark})(?![\s{sign}]){inside}(?<!\s){mark}(?!{around})"
        for mark in marks
    )
    return bold, italic


_WORDS = _all_of(_SIMPLE)
_STARS, _SCORES = _marked(r"\*", _WORDS, r"\*"), _marked("_", _WORDS, r"\w")
_LINK = rf"\[(?!\]){_WORDS}\]{_TARGET}"
_PARTS = (
    *_marked(r"\*", _all_of(*_SCORES, _LINK, _CODE, _SIMPLE), r"\*"),
    *_marked("_", _all_of(*_STARS, _LINK, _CODE, _SIMPLE), r"\w"),
    rf"\[(?!\]){_all_of(*_STARS, *_SCORES, _CODE, _SIMPLE)}\]{_TARGET}",
    _CODE, _SIMPLE,
)  # fmt: skip
_TEXT, _PART = re.compile(_all_of(*_PARTS)), re.compile("|".join(_PARTS))
_ANY_ODD = re.compile(f"[{_ODD_IN_LINE}]")
# The cleaner takes away addresses that are none; a host that is like a number may be none.
_HOST = r"(?:(?!xn--)[A-Za-z0-9-]{1,63}\.)*(?!xn--)[A-Za-z][A-Za-z0-9-]{0,62}"
_ADDRESS = re.compile(
    rf"(?:https?:)?//{_HOST}(?:[/?#].*)?|(?:portal:)?(?!//)[^:@$&]+|mailto:[^/?#:$&]+|tel:[0-9+.-]+"
)
_TARGETS = re.compile(r"\]\(([^)]*)\)")

# What begins no heading, list, quote, table or rule, and underlines nothing. Inside a paragraph no
# list begins. A line end after two blanks is a break, behind which Python-Markdown drops blanks.
_BEGIN = re.compile(r"(?=[^\s#>=:~+-]|[+-][^\s=+-])(?!\d+\. )")
_BAD_LINE = re.compile(r"\n(?!(?:(?<!  \n) +)?(?:[^\s#>=:~+-]|[+-] ?[^\s=+-]))")
_BAD_LINE_OF_ITEM = re.compile(rf"\n(?!(?:(?<!  \n) {{1,3}})?{_BEGIN.pattern})")
_HEADING = re.compile(r"(#{1,6}) *(?![\s#])((?:[^#\n]|#(?=\w))*[^#\s])(?: *#+| *)(?:\n|\Z)")
_ITEM = re.compile(r"^([-*+]|([0-9]{1,4})\.) +", re.MULTILINE)
# Beside such, a list would be part of another, or what vanishes would let it be.
_NEVER_BESIDE_LISTS = re.compile(r"[\s\[]|[-*+][ \t]|\d+\.[ \t]")

_SIGN = "\ue000"
# What may reach over its paragraph: HTML (but for line breaks, addresses and short comments), the
# number of a character without its `;`, fences, what Python-Markdown takes out before it reads.
_REACHING = re.compile(
    r"<(?!br ?/?>|!--[\w ]*-->|https?://[^\s<>\"'`]*>)[A-Za-z/!?]|&#(?!\d+;|[Xx][0-9A-Fa-f]+;)"
)
_ALWAYS_REACHING = "```", "~~~", "\x02", "\x03", "\r", _SIGN
_FENCED = re.compile(r"(^```[A-Za-z0-9_+#.-]* *\n.*?(?<=\n)``` *$)", re.MULTILINE | re.DOTALL)
_BLANK_LINE = re.compile(r"(?<=\n)[ \t]+(?=\n)")
_BETWEEN = re.compile(r"(\n\n+)")
_PLACE = re.compile(f"<p>{_SIGN}([0-9]+){_SIGN}</p>")


def set_aside(text: str) -> tuple[str, list[list[str]]]:
    """The text with runs of plain blocks as places, and of each run the HTML of its blocks.

    Headings have no ids as yet.
    """
    if "\n " in text or "\n\t" in text:
        text = _BLANK_LINE.sub("", text)
    pieces = _FENCED.split(text) if "```" in text else [text]  # every other one is fenced code
    if any(map(_reaches_over_paragraphs, pieces[::2])):
        return text, []
    runs: list[list[str]] = []
    for number in range(0, len(pieces), 2):
        pieces[number] = _with_places(pieces[number], runs, not number)
    return "".join(pieces), runs


def _reaches_over_paragraphs(text: str) -> bool:
    if any(sign in text for sign in _ALWAYS_REACHING):
        return True
    return ("<" in text or "&#" in text) and _REACHING.search(text) is not None


def _with_places(text: str, runs: list[list[str]], begins: bool) -> str:
    """Set aside what is plain in a text without fenced code; `begins` if nothing is before it."""
    within = text.rstrip("\n")
    blocks = _BETWEEN.split(within)
    rest: list[str] = []
    may_be_list, in_run = begins, False
    for number in range(0, len(blocks), 2):
        block = blocks[number]
        html = None
        if _ITEM.match(block) is None:
            html = _plain_html(block)
            may_be_list = html is not None
        elif may_be_list:
            behind = blocks[number + 2] if number + 2 < len(blocks) else "."
            html = _list_html(block) if not _NEVER_BESIDE_LISTS.match(behind) else None
            may_be_list = False
        if html is None:
            rest += blocks[max(number - 1, 0) : number + 1]
            in_run = False
        elif in_run:
            runs[-1].append(html)
        else:
            runs.append([html])
            rest += (*blocks[max(number - 1, 0) : number], place(len(runs) - 1))
            in_run = True
    return "".join(rest) + text[len(within) :]


def place(number: int) -> str:
    """What stands for a run while Python-Markdown has the text."""
    return f"{_SIGN}{number}{_SIGN}"


def put_back(html: str, runs: list[list[str]]) -> str | None:
    """The HTML with that of the runs in their places; nothing if a place is not as it was."""
    if not runs:
        return html
    numbers = [int(number) for number in _PLACE.findall(html)]
    if numbers != list(range(len(runs))) or html.count(_SIGN) != 2 * len(runs):
        return None
    return _PLACE.sub(lambda place: "\n".join(runs[int(place[1])]), html)


def _plain_html(block: str) -> str | None:
    """Headings and behind them a paragraph; nothing if there is anything else in the block."""
    elements = []
    heading = _HEADING.match(block)
    while heading:
        words = _inline_html(heading[2])
        if words is None:
            return None
        level = max(2, len(heading[1]))
        elements.append(f"<h{level}>{words}</h{level}>")
        block = block[heading.end() :]
        heading = _HEADING.match(block)
    if block or not elements:
        if not _BEGIN.match(block) or _BAD_LINE.search(block):
            return None
        words = _inline_html(block)
        if words is None:
            return None
        elements.append(f"<p>{words}</p>")
    return "\n".join(elements)


def _list_html(block: str) -> str | None:
    pieces = _ITEM.split(block)
    first_mark, first_number = pieces[1:3]
    items = []
    for mark, number, lines in zip(pieces[1::3], pieces[2::3], pieces[3::3]):
        text = lines.removesuffix("\n")
        if (mark != first_mark and not (number and first_number)) or not _BEGIN.match(text):
            return None
        words = _inline_html(text)
        if words is None or _BAD_LINE_OF_ITEM.search(text):
            return None
        items.append(f"<li>{words}</li>")
    kind = "ol" if first_number else "ul"
    start = f' start="{first_number}"' if first_number and first_number != "1" else ""
    return "\n".join((f"<{kind}{start}>", *items, f"</{kind}>"))


def _inline_html(text: str) -> str | None:
    """A text with its parts as HTML; nothing if it has others than those that are taken."""
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
