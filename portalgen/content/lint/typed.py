"""What is typed as in a word processor and means something else in Markdown."""

import re
from collections.abc import Iterator
from itertools import islice, pairwise

from msgspec import Struct

from portalgen.content.lint.hidden import blanked, without_code
from portalgen.problems import Problem, problem

# Private characters are what Word's fonts of symbols show as bullets.
SURE_BULLETS = "•●▪◦‣⁃∙·\uf0a7\uf0b7\uf0d8\uf0fc"
_MAYBE_BULLETS = "–—➢➤❖✓✔■○"
MARKER = re.compile(
    rf"^([ \t>]*)(?:([{SURE_BULLETS}])[ \t\xa0]*(?=[^\W_]|[“\"‘'(\[*])"
    rf"|([{_MAYBE_BULLETS}])[ \t\xa0]*(?=[^\W_]|[“\"‘'(\[*])"
    r"|([+*](?=[^\W\d_])|-(?=[^\W_])|\d{1,2}[.)](?=[^\W\d_])))",
    re.MULTILINE,
)
_MARKS = frozenset(f"{SURE_BULLETS}{_MAYBE_BULLETS}+*-0123456789")  # that MARKER begins with
_LEADING = _MARKS | frozenset(" \t>")
HEADING = re.compile(r"^(#{2,6})(?=[^\W_])", re.MULTILINE)
ATTRIBUTE = re.compile(
    r"(<[A-Za-z][^<>]{0,999}?=[ ]?)([“”‘’″])([^<>“”‘’″\"'=]{0,999})([“”‘’″])(?=[^<>]{0,999}>)"
)
LINK_TITLE = re.compile(r"(\]\([^()\s]+[ ]+)([“”])([^\"“”()\n]*)([“”])(?=\))")
_OUT = re.compile(r"<!--.*?(?:-->|\Z)|<(pre|code|script|style)\b.*?(?:</\1\s*>|\Z)", re.DOTALL)
LISTED = re.compile(r"[ ]{0,3}(?:[-*+]|\d{1,9}[.)]|[^\W\d_][.)])[ \t]")
_FIRST_ITEM = re.compile(r"[ ]{0,3}(?:1[.)]|[a-zđ]\))[ \t]")  # it may be behind a line of text
_HOLDS_MORE = re.compile(r"[ ]{0,3}(?:[-*+]|\d{1,9}[.)]|:|\[\^[^\]]+\]:|!!!|\?\?\?)")
_INDENTED = re.compile(r"(?:[ ]{4}|[ ]{0,3}\t)[ \t]*(?=\S)")
_CODE_SIGN = re.compile(r"[{}<>;=$\\|`_]|//|\w\(|^[#@-]|\s#\s")
_SENTENCE_END = re.compile(r"[.!?…:;][”\"’»)\]*_]*$")
_SENTENCE_START = re.compile(r"[\"“‘«(\[*_]*(?:[^\W\d_]|\d)")
_GOAL = re.compile(
    r"(?:https?://|www\.)\S+|\S+\.(?:md|html?|pdf|docx?|xlsx?|jpe?g|png|webp|gif)", re.IGNORECASE
)
# By what the text has to hold: links of which a sign is missing, turned or too much.
_SLIPS = {
    "] (": re.compile(r"\] ++\(([^\s()\[\]]++) *+\)"),
    "][": re.compile(r"\]\[([^\s()\[\]]++)\]"),
    ")[": re.compile(r"\)\[([^\s()\[\]]++)\]"),
    "](": re.compile(r"\]\(([^\s()\[\]]++)[ \t]*+(?:\n[ \t]*+\n|\n?\Z)"),
}
_LOOSE_PICTURE = re.compile(
    r"! +(\[[^\[\]\n]+\]\([^\s()]+\.(?:jpe?g|png|webp|gif)\))", re.IGNORECASE
)
_RULE = re.compile(r"[|:\- \t]+")
# Begins an item of a list for people only; `1.`, `1)` and `a)` begin one for Markdown.
_ITEM = re.compile(
    r"(?:[a-zđ]|[IVX]{1,4})\.[ \t]|\d{1,2}/[ \t]|\((?:\d{1,2}|[a-zđ])\)|[①-⑳]"
    r"|[・»→⇒►▶◆★☆][ \t]*\w|--[ \t]|[-=]>[ \t]|o[ \t]+(?=[^\W\d_])"
)
_LABEL = 300  # characters of a link's text, at most
_TEXT = re.compile(r"[^\s#>|<\-*+=!:\[]")
_BREAKS = ("  ", "\\", "<br>", "<br/>", "<br />")
_CODE_MARGIN = 4  # blanks
MAX_TOLD = 20  # of each kind in a file
_SHORT = 40  # characters: a line of verse or an address is rarely longer
_VERSE = 50  # characters: wrapped lines are longer
_PARAGRAPH = 160  # characters: a line of one sentence is rarely longer
_JOINED = 3  # lines of sentences in one paragraph


class Run(Struct):
    """Lines `first` to `last`, numbered from 0, that begin with `mark` and no Markdown means."""

    first: int
    last: int
    column: int
    mark: str
    kind: str


def outside_code(body: str) -> str:
    """The body with code, comments and the like blanked out; all else keeps its place."""
    return without_comments(without_code(body))


def without_comments(text: str) -> str:
    """The text with comments and verbatim HTML blanked out; all else keeps its place."""
    if "<" not in text:
        return text
    return _OUT.sub(lambda match: blanked(match[0]), text)


def lines_of(body: str, text: str) -> list[str]:
    """The lines of `text`, which is `body` without code; those that begin with code as written."""
    return [
        written if line != written and written[:1].strip() and line[:1] == " " and line.strip()
        else line
        for line, written in zip(text.split("\n"), body.split("\n"), strict=True)
    ]  # fmt: skip


def of_body(path: str, body: str, no_code: str, first_line: int) -> list[Problem]:
    """Warn of what a body shows unlike it was typed; `no_code` is the body without code."""
    text = without_comments(no_code)
    lines = text.split("\n") if text is body else lines_of(body, text)
    plain = lines if text is body else text.split("\n")
    kinds = [_bullets(plain, lines), _quotes(text), _links(text)]
    if "##" in text:
        kinds.append(_headings(lines))
    if "\t" in text:
        kinds.append(_tables(lines))
    if "|\n|" in text:
        kinds.append(_bare_tables(lines))
    if "\t" in text or "\n    " in text or text.startswith("    "):
        kinds.append(_indented(lines))
    if text.count("\n") - 2 * text.count("\n\n") >= _JOINED - 1:  # else lines stand alone
        kinds.append(_joined(lines))
    return [
        problem(code, path, first_line + line, column, **values)
        for kind in kinds
        for line, column, code, values in islice(kind, MAX_TOLD)
    ]


_Item = tuple[int, int, str, dict[str, str]]
_Start = tuple[int, re.Match[str]]  # of an item of a run: its line, and what begins it


def _bullets(plain: list[str], lines: list[str]) -> Iterator[_Item]:
    for run in runs(plain, lines):
        code = "typed-mark" if run.kind == "no-blank" else "typed-bullet"
        yield run.first, run.column, code, {"mark": run.mark}


def runs(plain: list[str], lines: list[str]) -> Iterator[Run]:
    """The lists whose items begin with a character, or without a blank.

    `plain` are the lines without code; `lines` are those that begin with code as written.
    """
    open_run: list[_Start] = []
    for number, line in enumerate(plain):
        if line[:1] not in _LEADING or line.lstrip(" \t>")[:1] not in _MARKS:
            continue
        match = MARKER.match(line)
        if not match:
            continue
        if _kind(match) == "no-blank":
            is_code = len(match[1].expandtabs(4)) >= _CODE_MARGIN
            is_emphasis = match[4] == "*" and "*" in lines[number][match.end(4) :]
            if is_code or is_emphasis:
                continue
        if open_run and not _goes_on(open_run[-1], (number, match), lines):
            yield from _judged(open_run, lines)
            open_run = []
        open_run.append((number, match))
    yield from _judged(open_run, lines)


def _goes_on(last: _Start, start: _Start, lines: list[str]) -> bool:
    """Whether an item belongs to the run of the last one, which may have wrapped lines."""
    kind = _kind(start[1])
    between = [bool(line.strip(" \t>")) for line in lines[last[0] + 1 : start[0]]]
    wrapped = between.index(False) if False in between else len(between)
    return kind == _kind(last[1]) and (kind == "sure" or not wrapped) and not any(between[wrapped:])


def _kind(match: re.Match[str]) -> str:
    return "sure" if match[2] else "maybe" if match[3] else "no-blank"


def _judged(items: list[_Start], lines: list[str]) -> Iterator[Run]:
    """The run, unless its lines may be a dialogue, notes or lines that are meant as they are."""
    if not items:
        return
    (first, match), last = items[0], items[-1][0]
    kind = _kind(match)
    mark = match[2] or match[3] or match[4]
    if kind != "sure":
        texts = [lines[number].rstrip() for number, _ in items]
        if len(items) < 2 or any(lines[n].endswith(("  ", "\\", "<br>")) for n, _ in items[:-1]):
            return
        together = any(after[0] - before[0] == 1 for before, after in pairwise(items))
        above = next((lines[n] for n in range(first - 1, -1, -1) if lines[n].strip()), "")
        spoken = any(text.endswith(("?", "!", "”", '"')) for text in texts)
        if not together and (spoken or not above.rstrip(" *_").endswith(":")):
            return
    yield Run(first, last, match.end(1) + 1, mark, kind)


def _headings(lines: list[str]) -> Iterator[_Item]:
    for number, line in enumerate(lines):
        if line.startswith("##") and (match := HEADING.match(line)):
            yield number, 1, "heading-no-blank", {"mark": match[1]}


def _quotes(text: str) -> Iterator[_Item]:
    patterns = []
    if "<" in text and "=" in text and any(quote in text for quote in "“”‘’″"):
        patterns.append(ATTRIBUTE)
    if "](" in text and (" “" in text or " ”" in text):
        patterns.append(LINK_TITLE)
    for pattern in patterns:
        for match in pattern.finditer(text):
            text_of = match[2] + match[3][:60] + match[4]
            yield *_place(text, match.start(2)), "curly-attribute", {"text": text_of}


def _links(text: str) -> Iterator[_Item]:
    """Links and pictures of which a sign is missing, turned or too much, shown as typed."""
    if "[" not in text:
        return
    for sign, pattern in _SLIPS.items():
        for match in pattern.finditer(text) if sign in text else ():
            if not _GOAL.fullmatch(match[1]):
                continue
            end = match.start()
            begin = max(text.rfind("\n", 0, end) + 1, end - _LABEL)
            at = text.rfind("(" if sign == ")[" else "[", begin, end)
            label = text[at + 1 : end]
            if at >= 0 and label.strip() and "]" not in label and ")" not in label:
                mark = "!" if text[at - 1 : at] == "!" else ""
                yield *_place(text, at), "typed-link", {"wanted": f"{mark}[{label}]({match[1]})"}
    for match in _LOOSE_PICTURE.finditer(text) if "! [" in text else ():
        if not text[match.start() - 1 : match.start()].strip():
            yield *_place(text, match.start()), "typed-link", {"wanted": f"!{match[1]}"}


def _place(text: str, at: int) -> tuple[int, int]:
    """Line from 0 and column from 1 of a character."""
    return text.count("\n", 0, at), at - text.rfind("\n", 0, at)


def _tables(lines: list[str]) -> Iterator[_Item]:
    rows = 0
    for number, line in enumerate([*lines, ""]):
        if "\t" in line and _is_row(line):
            rows += 1
            continue
        if rows >= 2:
            yield number - rows, lines[number - rows].index("\t") + 1, "typed-table", {}
        rows = 0


def _bare_tables(lines: list[str]) -> Iterator[_Item]:
    """Rows between signs that no line below the first makes a table."""
    rows: list[str] = []
    for number, line in enumerate([*lines, ""]):
        if line[:1] == "|" and line.rstrip()[-1:] == "|":
            rows.append(line)
            continue
        if len(rows) > 1 and not any(_RULE.fullmatch(row) for row in rows) and not line.strip():
            cells = max(rows[0].strip().count("|") - 1, 1)
            first = number - len(rows)
            if not first or not lines[first - 1].strip():
                yield first, 1, "table-no-line", {"wanted": ("|---" * cells + "|")[:_LABEL]}
        rows = []


def _is_row(line: str) -> bool:
    """Whether tabs divide a line; the one behind the sign of a list does not."""
    is_listed = bool(LISTED.match(line) or MARKER.match(line)) and line.count("\t") == 1
    cells = [cell for cell in line.split("\t") if cell.strip()]
    return len(cells) > 1 and "|" not in line and line[0] not in " \t>" and not is_listed


def _indented(lines: list[str]) -> Iterator[_Item]:
    for first, last in indented_text(lines):
        margin = _INDENTED.match(lines[first])
        column = margin.end() + 1 if margin else 1
        yield first, column, "typed-indent", {"count": str(last - first + 1)}


def indented_text(lines: list[str]) -> Iterator[tuple[int, int]]:
    """First and last line of each block of sentences that an indent turns into code."""
    number, within = 0, False  # of a list or note, which holds what is indented
    while number < len(lines):
        line = lines[number]
        if not line.strip():
            number += 1
            continue
        if not _INDENTED.match(line):
            if not line[0].isspace():
                within = bool(_HOLDS_MORE.match(line))
            while number < len(lines) and lines[number].strip():
                within = within or bool(_HOLDS_MORE.match(lines[number]))
                number += 1
            continue
        first = number
        while number < len(lines) and _INDENTED.match(lines[number]):
            number += 1
        if not within and all(_is_prose(text) for text in lines[first:number]):
            yield first, number - 1


def _is_prose(line: str) -> bool:
    """Whether a line is a sentence of people: no signs of code, some words, not all of ASCII."""
    text = line.strip()
    words = text.split()
    if len(words) < 4 or _CODE_SIGN.search(text) or MARKER.match(text) or "\t" in text:
        return False
    return bool(_SENTENCE_START.match(text)) and (
        not text.isascii() or (text[0].isupper() and text.endswith((".", "!", "?", ":")))
    )


def _joined(lines: list[str]) -> Iterator[_Item]:
    """Lines that are paragraphs by their length, or the only lines of text, without a blank line.

    Who leaves blank lines elsewhere and writes one sentence to a line means one paragraph.
    """
    blocks = list(_blocks(lines))
    for first, paragraph in blocks:
        if len(paragraph) > 1 and all(_ITEM.match(text.lstrip()) for text in paragraph):
            yield first, 1, "lines-joined", {"count": str(len(paragraph))}
            continue
        if len(paragraph) < _JOINED or not _is_plain(paragraph):
            continue
        block = [text.strip() for text in paragraph]
        if _is_verse(block) and not paragraph[0][0].isspace():
            yield first, 1, "lines-joined", {"count": str(len(block))}
            continue
        run = [text for text in block if len(text) >= _SHORT]
        follows = all(_SENTENCE_END.search(text) for text in block[:-1]) and all(
            _starts_sentence(text) for text in block[1:]
        )
        if len(run) < max(_JOINED, len(block) - 1) or not follows:
            continue
        long = sum(len(text) >= _PARAGRAPH for text in block) * 2 > len(block)
        alone = len(block) > _JOINED and sum(_is_plain(other) for _, other in blocks) == 1
        if long or alone:
            yield first, 1, "lines-joined", {"count": str(len(block))}


def _is_verse(block: list[str]) -> bool:
    """Whether lines are short and each begins anew, as in verse and addresses; wrapped text fills
    its lines."""
    return all(len(text) < _VERSE for text in block) and all(
        _starts_sentence(text) for text in block
    )


def _blocks(lines: list[str]) -> Iterator[tuple[int, list[str]]]:
    """First line and lines of each paragraph."""
    block: list[str] = []
    for number, line in enumerate([*lines, ""]):
        if line and not line.isspace():
            block.append(line)
        elif block:
            yield number - len(block), block
            block = []


def _is_plain(block: list[str]) -> bool:
    """Whether these lines are text, without breaks and without a list behind text."""
    if any(text.endswith(_BREAKS) for text in block) or LISTED.match(block[0]):
        return False
    if any(map(_FIRST_ITEM.match, block)):
        return False
    return all(_TEXT.match(text.lstrip()) for text in block)


def _starts_sentence(line: str) -> bool:
    match = _SENTENCE_START.match(line)
    return match is not None and (match[0][-1].isupper() or match[0][-1].isdigit())
