"""Mend what is surely typed by mistake in an article; unlike `fix`, this changes the page."""

from collections.abc import Callable, Iterator
from difflib import SequenceMatcher

from portalgen.content import front_matter
from portalgen.content.lint.encoding import mended_line
from portalgen.content.lint.keys import curly_values
from portalgen.content.lint.typed import (
    ATTRIBUTE,
    HEADING,
    LINK_TITLE,
    LISTED,
    MARKER,
    indented_text,
    lines_of,
    outside_code,
    runs,
)
from portalgen.problems import Problem

_MOST_LINES = 20_000  # of a file whose changes are shown


def mend(text: str, path: str) -> tuple[str, list[str]]:
    """The text of an article without such mistakes, and the codes of what was mended."""
    parts = front_matter.split(text, path)
    if isinstance(parts, Problem):
        return text, []
    body = parts[1]
    front = text[: len(text) - len(body)]
    steps: dict[str, Callable[[str], str]] = {
        "fixed-encoding": _in_unicode,
        "fixed-quotes": _with_straight_quotes,
        "fixed-headings": _with_headings,
        "fixed-indents": _without_indents,
        "fixed-bullets": _with_lists,
    }
    reasons = []
    for code, step in steps.items():
        before = front, body
        body = step(body)
        if code == "fixed-encoding":
            front = "\n".join(mended_line(line) for line in front.split("\n"))
        elif code == "fixed-quotes":
            front = _with_straight_values(front)
        if (front, body) != before:
            reasons.append(code)
    return front + body, reasons


def changes(old: str, new: str) -> Iterator[tuple[str, int, str]]:
    """What differs but for blanks at line ends: `fixed-before` or `-after`, line number, line."""
    before, after = ([line.rstrip() for line in text.split("\n")] for text in (old, new))
    if len(before) > _MOST_LINES:
        return
    for tag, start, end, new_start, new_end in SequenceMatcher(None, before, after).get_opcodes():
        if tag == "equal":
            continue
        for number in range(start, end):
            yield "fixed-before", number + 1, before[number]
        for number in range(new_start, new_end):
            if after[number]:
                yield "fixed-after", number + 1, after[number]


def _in_unicode(body: str) -> str:
    plain = outside_code(body).split("\n")
    lines = body.split("\n")
    return "\n".join(
        mended_line(line) if line == text else line for line, text in zip(lines, plain, strict=True)
    )


def _with_straight_values(front: str) -> str:
    values = curly_values(front)
    return _spliced(front, [(start, end, f'"{value[1:-1]}"') for start, end, value in values])


def _with_straight_quotes(body: str) -> str:
    for pattern in (ATTRIBUTE, LINK_TITLE):
        while matches := list(pattern.finditer(outside_code(body))):  # one attribute of each tag
            ends = [(match.start(2), match.end(4)) for match in matches]
            body = _spliced(body, [(a, b, f'"{body[a + 1 : b - 1]}"') for a, b in ends])
    return body


def _with_headings(body: str) -> str:
    ends = [match.end(1) for match in HEADING.finditer(outside_code(body))]
    return _spliced(body, [(end, end, " ") for end in ends])


def _spliced(text: str, parts: list[tuple[int, int, str]]) -> str:
    """The text with other words from start to end of each part."""
    pieces, at = [], 0
    for start, end, new in parts:
        pieces += [text[at:start], new]
        at = end
    return "".join([*pieces, text[at:]])


def _without_indents(body: str) -> str:
    """The body with paragraphs of one line at the margin; several lines may be verse."""
    lines = body.split("\n")
    for first, last in indented_text(lines_of(body, outside_code(body))):
        if first == last:
            lines[first] = lines[first].lstrip()
    return "\n".join(lines)


def _with_lists(body: str) -> str:
    """The body with lists in place of lines that begin with a character or without a blank."""
    text = outside_code(body)
    lines, plain = body.split("\n"), text.split("\n")
    for run in reversed(list(runs(plain, plain))):
        numbers = [n for n in range(run.first, run.last + 1) if MARKER.match(plain[n])]
        margins = sorted({_margin(plain[number]) for number in numbers})
        for number in numbers:
            level = margins.index(_margin(plain[number]))
            lines[number] = _as_item(lines[number], level)
        above = lines[run.first - 1] if run.first else ""
        if above.strip(" \t>") and not above.startswith("#") and not LISTED.match(above):
            margin = ">" if above.lstrip().startswith(">") else ""
            lines.insert(run.first, margin)
    return "\n".join(lines)


def _margin(line: str) -> int:
    return len(line.expandtabs(4)) - len(line.expandtabs(4).lstrip(" >"))


def _as_item(line: str, level: int) -> str:
    match = MARKER.match(line)
    if not match:
        return line
    quote = ">" * match[1].count(">")
    mark = "-" if match[2] or match[3] else match[4]
    return f"{quote and quote + ' '}{'    ' * level}{mark} {line[match.end() :]}"
