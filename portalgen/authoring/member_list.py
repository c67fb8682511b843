"""Read the members of a new network from a table in a CSV file."""

from pathlib import Path
from typing import NamedTuple

from portalgen.authoring.new import MAX_SLUG, checked_title, is_member_slug, member_slug
from portalgen.problems import PortalError, Problem, Problems, problem
from portalgen.settings import schema
from portalgen.table import Cell, cell_problem, read_table
from portalgen.text import slugify

COLUMNS = ("slug", "title", "kind")
_NEEDED = COLUMNS[:2]


class Member(NamedTuple):
    """A row: the folder's name, the title, and the group as written."""

    slug: str
    title: str
    kind: str = ""


def read_members(file: Path) -> list[Member]:
    """The members that a list names; raises `PortalError` with all its problems."""
    path = file.as_posix()
    table = read_table(file, path)
    if isinstance(table, Problem):
        raise PortalError([table])
    rows = table.rows
    columns = [cell.text.lower() for cell in rows[0] if cell.text] if rows else []
    if sorted(columns) not in (sorted(_NEEDED), sorted(COLUMNS)):
        raise PortalError([problem("list-head", path, 1, 1, wanted=table.delimiter.join(COLUMNS))])
    problems = Problems()
    lines: dict[str, int] = {}
    members = []
    for row in rows[1:]:
        refusal = cell_problem(row, len(columns), path)
        if refusal:
            problems.add(refusal)
            continue
        members.append(_member(dict(zip(columns, row)), row[0], path, lines, problems))
    problems.stop_if_any()
    return members


def _member(
    cells: dict[str, Cell], first: Cell, path: str, lines: dict[str, int], problems: Problems
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
