"""`portalgen check`."""

import gc
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

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
    REGISTER,
    ROOT,
    STATE,
    exit_on_error,
    language_of,
    run_reported,
)
from portalgen.problems import Problem, Words, printable


@click.command("check")
@ROOT
@STATE
@click.option("--strict", is_flag=True, help="Exit with 3 if there are warnings.")
@click.option(
    "--all", "every_page", is_flag=True, help="Try every page, not a sample of each kind."
)
@click.option("--fix", is_flag=True, help="First repair line ends, bullets and the like in files.")
@JOBS
@CACHE
@NOW
@DRAFTS
@REGISTER
@JSON
@LANG
def command(
    root: Path, state: Path | None, strict: bool, every_page: bool, fix: bool, jobs: int | None,
    no_cache: bool, now: int | None, drafts: bool, register: str | None, json_file: Path | None,
    lang: str | None,
) -> None:  # fmt: skip
    """Report problems and warnings without publishing."""
    from msgspec.structs import replace

    from portalgen.authoring.check import check
    from portalgen.report import Options

    gc.disable()  # as in a build
    if fix:
        _fix(root, Words(lang or language_of(root)))
    options = Options(
        root, root / "public", now or int(time.time()), (), jobs or 0, not no_cache, False, drafts,
        state=state,
    )  # fmt: skip
    with ExitStack() as stack:
        if register:
            own = stack.enter_context(_taken_register(register, root, state, lang))
            options = replace(options, register=own)
        run = partial(check, every_page=every_page)
        report = run_reported(run, options, json_file, lang, _print)
    words = Words(lang or report.language)
    _print(report.refused, words, report.warnings)
    code = "checked-bad" if report.refused or report.warnings else "checked-good"
    counts = {"problems": len(report.refused), "warnings": len(report.warnings)}
    click.echo(words(code, sites=report.sites, articles=report.articles, **counts))
    sys.exit(REFUSED if report.refused or (strict and report.warnings) else DONE)


@contextmanager
def _taken_register(name: str, root: Path, state: Path | None, lang: str | None) -> Iterator[Path]:
    """A folder with our register and another one, merged; it is for this run only."""
    from portalgen.deploy.deploy import take_register_of
    from portalgen.register.place import register_folder

    with TemporaryDirectory() as temporary:
        with exit_on_error(Words(lang or language_of(root))):
            take_register_of(name, root, Path(temporary), state)
        yield register_folder(root, Path(temporary))


def _fix(root: Path, words: Words) -> None:
    """Repair the files and print each with its reasons; exit if one cannot be written."""
    from portalgen.authoring.fix import fix

    with exit_on_error(words):
        for path, reasons, changes in fix(root):
            texts = ", ".join(words(code) for code in reasons)
            click.echo(words("fixed", file=printable(path), reasons=texts))
            for code, line, text in changes:
                click.echo(words(code, line=line, text=printable(text)))


def _print(problems: list[Problem], words: Words, warnings: Iterable[Problem] = ()) -> None:
    """Print problems and warnings in file order: grouped on a terminal, else as lines."""
    findings = sorted([*((p, False) for p in problems), *((w, True) for w in warnings)])
    (_print_grouped if sys.stderr.isatty() else _print_lines)(findings, words)


def _print_lines(findings: list[tuple[Problem, bool]], words: Words) -> None:
    """Print `file:line:column: message`, for `grep` and editors."""
    for item, is_warning in findings:
        message = item.message(words.language)
        if is_warning:
            message = words("warning", message=message)
        place = printable(item.place())
        click.echo(f"{place}: {message}" if place else message, err=True)


def _print_grouped(findings: list[tuple[Problem, bool]], words: Words) -> None:
    """Print problems under the name of their file."""
    path = ""
    for item, is_warning in findings:
        if item.path != path:
            path = item.path
            click.secho(f"\n{printable(path)}", bold=True, err=True)
        place = ":".join(str(number) for number in (item.line, item.column) if number)
        message = item.message(words.language)
        if is_warning:
            message = words("warning", message=message)
        colour = "yellow" if is_warning else "red"
        click.echo(f"  {click.style(f'{place:>7}', fg=colour)}  {message}", err=True)
    if path:
        click.echo(err=True)
