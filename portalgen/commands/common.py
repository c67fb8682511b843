"""Shared by the commands: options, reporting of problems, exit codes."""

import errno
import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from portalgen.problems import PortalError, Problem, Words, printable, problem

if TYPE_CHECKING:
    from portalgen.report import BuildReport, Options

DONE, NOTHING, USAGE, REFUSED = 0, 1, 2, 3
_OF_SYSTEM = {
    errno.ENOSPC: "disk-full", errno.EDQUOT: "disk-full", errno.EFBIG: "size-limit",
    errno.EROFS: "read-only", errno.EIO: "disk-error", errno.EBUSY: "in-use",
    errno.EMFILE: "too-many-files", errno.ENFILE: "too-many-files",
}  # fmt: skip
MAX_PRINTED = 20  # problems printed; the rest is only counted


class Moment(click.ParamType):  # type: ignore[type-arg, unused-ignore]
    """A time on the command line."""

    name = "time"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Seconds since 1970 for `2020-01-15 08:00` (Asia/Ho_Chi_Minh) or a time with offset."""
        from datetime import datetime, timedelta, timezone

        from portalgen.problems import problem
        from portalgen.settings.moments import read_moment

        moment = read_moment(str(value), timezone(timedelta(hours=7)))
        if not isinstance(moment, datetime):
            self.fail(problem(moment.code, **moment.values).message("en"), param, ctx)
        return int(moment.timestamp())


ROOT = click.option(
    "--root", type=click.Path(path_type=Path), default=Path(), show_default="this folder",
    help="Folder that holds site.yaml.",
)  # fmt: skip
STATE = click.option(
    "--state", type=click.Path(path_type=Path), metavar="DIR",
    help="Folder of the cache and the like; by default .portalgen beside site.yaml.",
)  # fmt: skip
NOW = click.option("--now", type=Moment(), help="Build as of this time.")
DRAFTS = click.option("--drafts", is_flag=True, help="Include drafts and scheduled articles.")


def in_existing_folder(
    ctx: click.Context, param: click.Parameter, value: Path | None
) -> Path | None:
    """The file to write; refuse one whose folder does not exist before any work is done."""
    if value and (value.is_dir() or not value.parent.is_dir()):
        raise click.BadParameter("not a file in a folder that exists", ctx, param)
    return value


JSON = click.option(
    "--json", "json_file", type=click.Path(path_type=Path), callback=in_existing_folder,
    help="Write a report to this file.",
)  # fmt: skip
LANG = click.option("--lang", type=click.Choice(["vi", "en"]), help="Language of messages.")
JOBS = click.option(
    "--jobs", type=click.IntRange(1, 256), help="Number of processes; by default one per processor."
)
ACCEPT = click.option(
    "--accept-removals", "accepted", multiple=True, metavar="SITE",
    help="Take away what is missing from this site, even if it is much; may be repeated.",
)  # fmt: skip
REGISTER = click.option(
    "--register", metavar="DIR|TARGET",
    help="Take over the register of a folder, or of a target named in site.yaml.",
)  # fmt: skip
CACHE = click.option("--no-cache", is_flag=True, help="Ignore the cache of earlier builds.")


@contextmanager
def exit_on_error(
    words: Words, *, limit: int = MAX_PRINTED, footer: str = "", json_file: Path | None = None,
    show: Callable[[list[Problem], Words], None] | None = None,
) -> Iterator[None]:  # fmt: skip
    """Print the problems that stop a command, with `show` if given, and exit.

    `limit` is the number of problems printed, 0 for all; `footer` is printed last.
    """
    try:
        yield
    except (PortalError, OSError) as error:
        problems = error.problems if isinstance(error, PortalError) else [os_problem(error)]
        if show:
            show(problems, words)
        else:
            print_problems(problems, words, limit)
        if json_file:
            from portalgen.report import BuildReport

            report = BuildReport(refused=problems, language=words.language)
            with suppress(SystemExit):  # told as the first of two
                write_json(json_file, report.as_json(), words)
        if says := getattr(error, "says", ""):  # something was published
            footer = words(says)
        elif any(item.code == "target-half-switched" for item in problems):
            footer = ""  # which says that nothing was changed
        if footer:
            click.echo(footer, err=True)
        sys.exit(NOTHING)


def run_reported(
    run: Callable[["Options"], "BuildReport"], options: "Options", json_file: Path | None,
    lang: str | None, show: Callable[[list[Problem], Words], None] | None = None,
) -> "BuildReport":  # fmt: skip
    """Run a command and write its report; print what stops it and exit."""
    words = Words(lang or language_of(options.root))
    with exit_on_error(words, limit=0, footer=words("nothing"), json_file=json_file, show=show):
        report = run(options)
    if lang:
        report.language = lang
    if json_file:
        write_json(json_file, report.as_json(), words)
    return report


def os_problem(error: OSError) -> Problem:
    """The problem behind an `OSError`; shows only the name of a file, not its path."""
    file = str(error.filename2 or error.filename or "")
    name = Path(file).name or "portalgen"
    if error.errno in (errno.EACCES, errno.EPERM):  # also of reading: the file says of which
        closed = _closed(Path(file))
        return problem("not-readable" if closed else "not-permitted", name=closed or name)
    code = _OF_SYSTEM.get(error.errno or 0, "os-error")
    return problem(code, name=name, reason=error.strerror or str(error))


def _closed(file: Path) -> str:
    """The name of a file that cannot be read or, above it, of a folder; empty if it can be."""
    for folder in reversed(file.absolute().parents):
        if not os.access(folder, os.X_OK) and folder.exists():
            return folder.name
    return file.name if os.path.lexists(file) and not os.access(file, os.R_OK) else ""


def language_of(root: Path) -> str:
    """The language of a network whose settings may be broken."""
    from portalgen.sources import MAX_SOURCE_BYTES, read_bytes

    try:
        text = read_bytes(root / "site.yaml", MAX_SOURCE_BYTES).decode("utf-8", errors="replace")
    except OSError:
        return "vi"
    return "en" if any(line.split() == ["language:", "en"] for line in text.splitlines()) else "vi"


def write_json(file: Path, report: dict[str, Any], words: Words) -> None:
    """Write what was done to the file of `--json`."""
    write_report(file, json.dumps(report, ensure_ascii=False, indent=2) + "\n", words)


def write_report(file: Path, text: str, words: Words) -> None:
    """Write what was done to a file; exit if only that fails."""
    try:
        file.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        print_problems([os_problem(error)], words)
        click.echo(words("report-failed"), err=True)
        sys.exit(REFUSED)


def write_with_new(file: Path, report: dict[str, Any], keys: Iterable[str], words: Words) -> None:
    """Write a report, with what its lists at `keys` did not hold in the file before as `new`."""
    try:
        before = json.loads(file.read_text("utf-8"))
        last = {key: before[key] for key in keys}
    except (OSError, ValueError, KeyError, TypeError):
        last = {key: [] for key in keys}
    report["new"] = {key: [item for item in report[key] if item not in last[key]] for key in keys}
    write_json(file, report, words)


def print_problems(
    problems: Iterable[Problem], words: Words, limit: int = MAX_PRINTED, *,
    as_warnings: bool = False,
) -> None:  # fmt: skip
    """Print one problem a line, at most `limit` (0: all), then the number of the rest."""
    problems = list(problems)
    printed = problems[:limit] if limit else problems
    for item in printed:
        if as_warnings:
            message = words("warning", message=item.message(words.language))
            place = f"{printable(item.place())}: " if item.place() else ""
            click.echo(f"{place}{message}", err=True)
        else:
            click.echo(item.describe(words.language), err=True)
    if len(problems) > len(printed):
        click.echo(words("more-problems", count=len(problems) - len(printed)), err=True)


class Progress:
    """A line of progress, on a terminal only."""

    def __init__(self, words: Words):
        self.words = words
        self.enabled = sys.stderr.isatty()

    def __call__(self, done: int, of: int) -> None:
        """Show how much is done."""
        if self.enabled:
            self._show(self.words("progress", done=done, of=of))

    def of_build(self, phase: str, done: int, of: int) -> None:
        """Show the phase of a build and how much is done."""
        if self.enabled:
            count = self.words("progress", done=done, of=of) if of else ""
            self._show(f"{self.words('phase-' + phase)} {count}")

    def _show(self, text: str) -> None:
        click.echo(f"\r\x1b[K{text}", nl=False, err=True)

    def __enter__(self) -> "Progress":
        return self

    def __exit__(self, *error: object) -> None:
        """Clear the line."""
        if self.enabled:
            click.echo("\r\x1b[K", nl=False, err=True)
