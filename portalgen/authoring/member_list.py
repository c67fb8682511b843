"""Read the members of a new network from a table in a CSV file."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from portalgen import sources
from portalgen.authoring.new import MAX_SLUG, checked_title, is_member_slug, member_slug
from portalgen.problems import PortalError, Problem, Problems, problem
from portalgen.settings import schema
from portalgen.text import slugify

COLUMNS = ("slug", "title", "kind")
_NEEDED = COLUMNS[:2]
_DELIMITERS = ",;\t"  # spreadsheets choose by the system's language


class Member(NamedTuple):
    """A row: the folder's name, the title, and the group as written."""

    slug: str
    title: str
    kind: str = ""


class _Cell(NamedTuple):
    text: str
    line: int
    column: int
    paired: bool = True  # whether its quotes pair up


def read_members(file: Path) -> list[Member]:
    """The members that a list names; raises `PortalError` with all its problems."""
    path = file.as_posix()
    text = sources.read(file, path)
    if isinstance(text, Problem):
        raise PortalError([text])
    head = text.partition("\n")[0]
    delimiter = next((sign for sign in head if sign in _DELIMITERS), ",")
    rows = [row for row in _rows(text, delimiter) if any(cell.text for cell in row)]
    columns = [cell.text.lower() for cell in rows[0] if cell.text] if rows else []
    if sorted(columns) not in (sorted(_NEEDED), sorted(COLUMNS)):
        raise PortalError([problem("list-head", path, 1, 1, wanted=delimiter.join(COLUMNS))])
    problems = Problems()
    lines: dict[str, int] = {}
    members = []
    for row in rows[1:]:
        cell_problems = _cell_problems(row, len(columns), path)
        if cell_problems:
            problems.extend(cell_problems)
            continue
        members.append(_member(dict(zip(columns, row)), row[0], path, lines, problems))
    problems.stop_if_any()
    return members


def _cell_problems(row: list[_Cell], width: int, path: str) -> list[Problem]:
    for number, cell in enumerate(row):
        if not cell.paired:
            return [problem("list-quotes", path, cell.line, cell.column)]
        if number >= width and cell.text:
            return [problem("list-cells", path, cell.line, cell.column, wanted=width)]
    return []


def _member(
    cells: dict[str, _Cell], first: _Cell, path: str, lines: dict[str, int], problems: Problems
) -> Member:
    """The member of a row; its problems are added to `problems`."""

    def report(name: str, code: str, **values: object) -> None:
        cell = cells.get(name, first)
        problems.add(problem(code, path, cell.line, cell.column, **values))

    slug, title, kind = (cells[name].text if name in cells else "" for name in COLUMNS)
    if not title:
        report("title", "list-title")
    try:
        title = checked_title(title)
    except PortalError as error:
        place = cells["title"]
        problems.extend(
            item._replace(path=path, line=place.line, column=place.column)
            for item in error.problems
        )
    if not is_member_slug(slug):
        names = (member_slug(slug), member_slug(title), f"don-vi-{first.line}")
        proposal = next(name for name in names if is_member_slug(name))
        report("slug", "list-slug", slug=(slug or title)[:80], wanted=proposal)
    elif slug in lines:
        report("slug", "list-twice", slug=slug, first=lines[slug])
    lines.setdefault(slug, first.line)
    if kind and not _is_kind(kind):
        report("kind", "list-kind", kind=kind[:80])
    return Member(slug, title, kind)


def _is_kind(kind: str) -> bool:
    """Whether a group may have this name: it needs a slug, and a title on one line."""
    try:
        slug = kind_slug(checked_title(kind))
    except PortalError:
        return False
    return bool(schema.SLUG.fullmatch(slug)) and slug not in schema.RESERVED_NAMES


def kind_slug(kind: str) -> str:
    """The slug of a group in settings, made from its name in the list."""
    return slugify(kind)[:MAX_SLUG].strip("-")


def _rows(text: str, delimiter: str) -> Iterator[list[_Cell]]:
    """The rows of a CSV file; the rest of a line is skipped after unpaired quotes."""
    cell_pattern = re.compile(
        rf' *"((?:[^"]|"")*+)" *(?=[{delimiter}\n]|\Z)|([^{delimiter}\n]*)'
    )  # source: RFC 4180, section 2
    line, line_start, position = 1, 0, 0
    row: list[_Cell] = []
    while position <= len(text):
        match = cell_pattern.match(text, position)
        assert match is not None  # the pattern matches an empty cell
        quoted, bare = match.groups()
        value = bare if quoted is None else quoted.replace('""', '"')
        paired = bare is None or not bare.lstrip(" ").startswith('"')
        row.append(_Cell(value.strip(), line, position - line_start + 1, paired))
        if not paired:
            end = text.find("\n", position)
            position = len(text) if end < 0 else end
        else:
            position = match.end()
        if "\n" in match[0]:
            line += match[0].count("\n")
            line_start = text.rindex("\n", 0, position) + 1
        if position >= len(text) or text[position] == "\n":
            yield row
            row = []
            line, line_start = line + 1, position + 1
        position += 1
