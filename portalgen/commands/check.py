"""`portalgen check`."""

import gc
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from portalgen.commands.common import (
    CACHE,
    DONE,
    DRAFTS,
    JOBS,
    JSON,
    LANG,
    NOW,
    REFUSED,
    ROOT,
    ending,
    language_of,
    run_reported,
)
from portalgen.problems import Problem, Words, printable

if TYPE_CHECKING:
    pass


@click.command("check")
@ROOT
@click.option("--strict", is_flag=True, help="Warnings count: exit 3 if there are any.")
@click.option("--fix", is_flag=True, help="First mend line ends, blanks and the like in files.")
@JOBS
@CACHE
@NOW
@DRAFTS
@JSON
@LANG
def command(
    root: Path, strict: bool, fix: bool, jobs: int | None, no_cache: bool, now: int | None,
    drafts: bool, json_file: Path | None, lang: str | None,
) -> None:  # fmt: skip
    """Say everything that is wrong or hurts readers, without publishing."""
    from portalgen.authoring.check import check
    from portalgen.report import Options

    gc.disable()  # as for a build: many objects, and then the end
    if fix:
        _fix(root, Words(lang or language_of(root)))
    options = Options(
        root, root / "public", now or int(time.time()), (), jobs or 0, not no_cache, False, drafts
    )
    report = run_reported(check, options, json_file, lang, _print)
    words = Words(lang or report.language)
    _print(report.refused, words, report.warnings)
    code = "checked-bad" if report.refused or report.warnings else "checked-good"
    counts = {"problems": len(report.refused), "warnings": len(report.warnings)}
    click.echo(words(code, sites=report.sites, articles=report.articles, **counts))
    sys.exit(REFUSED if report.refused or (strict and report.warnings) else DONE)


def _fix(root: Path, words: Words) -> None:
    """Mend the files and say which and why; end the program if one cannot be written."""
    from portalgen.authoring.fix import fix

    with ending(words):
        for path, reasons in fix(root):
            listed = ", ".join(words(code) for code in reasons)
            click.echo(words("fixed", file=printable(path), reasons=listed))


def _print(problems: list[Problem], words: Words, warnings: Iterable[Problem] = ()) -> None:
    """What was found, in the order of the files: for people on a terminal, else for programs."""
    found = sorted([*((p, False) for p in problems), *((w, True) for w in warnings)])
    (_print_grouped if sys.stderr.isatty() else _print_lines)(found, words)


def _print_lines(found: list[tuple[Problem, bool]], words: Words) -> None:
    """`file:line:column: message`, for `grep` and editors."""
    for item, is_warning in found:
        message = item.message(words.language)
        said = words("warning", message=message) if is_warning else message
        place = printable(item.place())
        click.echo(f"{place}: {said}" if place else said, err=True)


def _print_grouped(found: list[tuple[Problem, bool]], words: Words) -> None:
    """Under the name of each file what is wrong in it."""
    path = ""
    for item, is_warning in found:
        if item.path != path:
            path = item.path
            click.secho(f"\n{printable(path)}", bold=True, err=True)
        place = ":".join(str(number) for number in (item.line, item.column) if number)
        message = item.message(words.language)
        said = words("warning", message=message) if is_warning else message
        colour = "yellow" if is_warning else "red"
        click.echo(f"  {click.style(f'{place:>7}', fg=colour)}  {said}", err=True)
    if path:
        click.echo(err=True)
