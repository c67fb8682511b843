"""What commands share: options, running with problems said in words, exit codes."""

import errno
import json
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from portalgen.problems import PortalError, Problem, Words, problem

if TYPE_CHECKING:
    from portalgen.report import BuildReport, Options

DONE, NOTHING, USAGE, REFUSED = 0, 1, 2, 3
SHOWN = 20  # problems printed before the rest is only counted


class Moment(click.ParamType):  # type: ignore[type-arg, unused-ignore]
    """A moment on the command line."""

    name = "time"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Seconds since 1970 for `2020-01-15 08:00` (Asia/Ho_Chi_Minh) or a time with offset."""
        from datetime import datetime, timedelta, timezone

        from portalgen.text import parse_moment

        parsed = parse_moment(str(value), timezone(timedelta(hours=7)))
        if not isinstance(parsed, datetime):
            self.fail(
                "expected a time such as 2020-01-15 08:00 or 2020-01-15T08:00+07:00", param, ctx
            )
        return int(parsed.timestamp())


ROOT = click.option(
    "--root", type=click.Path(path_type=Path), default=Path(), show_default="this folder",
    help="Folder that holds site.yaml.",
)  # fmt: skip
NOW = click.option("--now", type=Moment(), help="Build as if it were this moment.")
DRAFTS = click.option("--drafts", is_flag=True, help="Show drafts and scheduled articles, too.")


def in_a_folder(ctx: click.Context, param: click.Parameter, value: Path | None) -> Path | None:
    """Say before the build that the report has no place to go."""
    if value and (value.is_dir() or not value.parent.is_dir()):
        raise click.BadParameter("not a file in a folder that exists", ctx, param)
    return value


JSON = click.option(
    "--json", "json_file", type=click.Path(path_type=Path), callback=in_a_folder,
    help="Write the report here.",
)  # fmt: skip
LANG = click.option("--lang", type=click.Choice(["vi", "en"]), help="Language of messages.")
JOBS = click.option(
    "--jobs", type=click.IntRange(1, 256), help="Processes; all processors if not said."
)
CACHE = click.option("--no-cache", is_flag=True, help="Forget what earlier builds knew.")


@contextmanager
def ending(
    words: Words, *, limit: int = SHOWN, then: str = "", json_file: Path | None = None,
    show: Callable[[list[Problem], Words], None] | None = None,
) -> Iterator[None]:  # fmt: skip
    """Say in words what stops a command, with `show` if given, and end the program.

    `limit`: how many problems, 0 for all. `then`: what is said last.
    """
    try:
        yield
    except (PortalError, OSError) as error:
        from portalgen.output.publish import PublishStoppedError

        stopping = error.problems if isinstance(error, PortalError) else [of_the_system(error)]
        if show:
            show(stopping, words)
        else:
            print_problems(stopping, words, limit)
        if json_file:
            from portalgen.report import BuildReport

            write_json(json_file, BuildReport(refused=stopping, language=words.language))
        if isinstance(error, PublishStoppedError):
            then = words("publish-stopped")
        if then:
            click.echo(then, err=True)
        sys.exit(NOTHING)


def run_reported(
    run: Callable[["Options"], "BuildReport"], options: "Options", json_file: Path | None,
    lang: str | None, show: Callable[[list[Problem], Words], None] | None = None,
) -> "BuildReport":  # fmt: skip
    """Run it, and write its report; if nothing can be done, say why and end the program."""
    words = Words(lang or language_of(options.root))
    with ending(words, limit=0, then=words("nothing"), json_file=json_file, show=show):
        report = run(options)
    if lang:
        report.language = lang
    if json_file:
        write_json(json_file, report)
    return report


def of_the_system(error: OSError) -> Problem:
    """A full disk or a folder one may not write to; only the file's name is shown."""
    name = Path(str(error.filename or "")).name or "portalgen"
    if error.errno == errno.ENOSPC:
        return problem("disk-full")
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return problem("not-permitted", name=name)
    return problem("os-error", name=name, reason=error.strerror or str(error))


def language_of(root: Path) -> str:
    """The language of a network whose settings may be broken."""
    from portalgen.sources import MAX_SOURCE_BYTES, read_bytes

    try:
        text = read_bytes(root / "site.yaml", MAX_SOURCE_BYTES).decode("utf-8", errors="replace")
    except OSError:
        return "vi"
    return "en" if any(line.split() == ["language:", "en"] for line in text.splitlines()) else "vi"


def write_json(file: Path, report: "BuildReport") -> None:
    """Write the report where `--json` says."""
    text = json.dumps(report.as_json(), ensure_ascii=False, indent=2) + "\n"
    file.write_text(text, encoding="utf-8")


def print_problems(problems: Iterable[Problem], words: Words, limit: int = SHOWN) -> None:
    """A line each, at most `limit` (0: all), then how many more."""
    problems = list(problems)
    shown = problems[:limit] if limit else problems
    for item in shown:
        click.echo(item.describe(words.language), err=True)
    if len(problems) > len(shown):
        click.echo(words("more-problems", count=len(problems) - len(shown)), err=True)


class Progress:
    """One line that counts, on a terminal only."""

    def __init__(self, words: Words):
        self.words = words
        self.on = sys.stderr.isatty()

    def __call__(self, done: int, of: int) -> None:
        """Say how far it is."""
        if self.on:
            self._show(self.words("progress", done=done, of=of))

    def of_build(self, phase: str, done: int, of: int) -> None:
        """Say what the build does, and how far it is."""
        if self.on:
            count = self.words("progress", done=done, of=of) if of else ""
            self._show(f"{self.words('phase-' + phase)} {count}")

    def _show(self, text: str) -> None:
        click.echo(f"\r\x1b[K{text}", nl=False, err=True)

    def __enter__(self) -> "Progress":
        return self

    def __exit__(self, *error: object) -> None:
        """Take the line away."""
        if self.on:
            click.echo("\r\x1b[K", nl=False, err=True)
