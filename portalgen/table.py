"""Read a table from a CSV file, as spreadsheet programs write it."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from portalgen import sources
from portalgen.problems import Problem, problem

DELIMITERS = ",;\t"  # spreadsheets choose by the system's language
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


class Cell(NamedTuple):
    """A cell without the blanks around it, and its place."""

    text: str
    line: int
    column: int
    paired: bool = True  # whether its quotes pair up


class Table(NamedTuple):
    """The rows of a table with text in any cell, and the sign between cells."""

    rows: list[list[Cell]]
    delimiter: str


def read_table(file: Path, path: str) -> Table | Problem:
    """Read a table in UTF-8, or in UTF-16 as “Unicode text” is; problems call it `path`."""
    try:
        data = sources.read_bytes(file, sources.MAX_SOURCE_BYTES)
    except OSError as error:
        return sources.unreadable(error, path, sources.MAX_SOURCE_BYTES)
    if data.startswith(_UTF16):
        try:
            data = data.decode("utf-16").encode()
        except UnicodeError:
            return problem("encoding-not-utf8", path, 1, 1)
    text = sources.decode(data, path)
    if isinstance(text, Problem):
        return text
    head = text.partition("\n")[0]
    delimiter = next((sign for sign in head if sign in DELIMITERS), ",")
    return Table(
        [row for row in _rows(text, delimiter) if any(cell.text for cell in row)], delimiter
    )


def cell_problem(row: list[Cell], width: int, path: str) -> Problem | None:
    """What is wrong with the form of a row for `width` columns, if anything."""
    for number, cell in enumerate(row):
        if not cell.paired:
            return problem("list-quotes", path, cell.line, cell.column)
        if number >= width and cell.text:
            return problem("list-cells", path, cell.line, cell.column, wanted=width)
    return None


def _rows(text: str, delimiter: str) -> Iterator[list[Cell]]:
    """The rows of a CSV file; the rest of a line is skipped after unpaired quotes."""
    cell_pattern = re.compile(
        rf' *"((?:[^"]|"")*+)" *(?=[{delimiter}\n]|\Z)|([^{delimiter}\n]*)'
    )  # source: RFC 4180, section 2
    line, line_start, position = 1, 0, 0
    row: list[Cell] = []
    while position <= len(text):
        match = cell_pattern.match(text, position)
        assert match is not None  # the pattern matches an empty cell
        quoted, bare = match.groups()
        value = bare if quoted is None else quoted.replace('""', '"')
        paired = bare is None or not bare.lstrip(" ").startswith('"')
        row.append(Cell(value.strip(), line, position - line_start + 1, paired))
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
