"""The command line: commands, printing, exit codes."""

import gc
import io
import json
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from portalgen import __version__
from portalgen.problems import PortalError, Problem, Words, problem

if TYPE_CHECKING:
    from portalgen.report import BuildReport, Options

DONE, NOTHING, USAGE, REFUSED = 0, 1, 2, 3
SHOWN = 20  # problems printed before the rest is only counted


class _Moment(click.ParamType):  # type: ignore[type-arg, unused-ignore]
    name = "time"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Seconds since 1970 for `2020-01-15 08:00` (Asia/Ho_Chi_Minh) or a time with offset."""
        from datetime import datetime, timedelta, timezone

        from portalgen.settings.schema import parse_moment

        parsed = parse_moment(str(value), timezone(timedelta(hours=7)))
        if not isinstance(parsed, datetime):
            self.fail(
                "expected a time such as 2020-01-15 08:00 or 2020-01-15T08:00+07:00", param, ctx
            )
        return int(parsed.timestamp())


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="portalgen")
def main() -> None:
    """Build a network of static portals from Markdown articles and a shared theme."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


_ROOT = click.option(
    "--root", type=click.Path(path_type=Path), default=Path(), show_default="this folder",
    help="Folder that holds site.yaml.",
)  # fmt: skip
_NOW = click.option("--now", type=_Moment(), help="Build as if it were this moment.")
_DRAFTS = click.option("--drafts", is_flag=True, help="Show drafts and scheduled articles, too.")


def _in_a_folder(ctx: click.Context, param: click.Parameter, value: Path | None) -> Path | None:
    """Say before the build that the report has no place to go."""
    if value and (value.is_dir() or not value.parent.is_dir()):
        raise click.BadParameter("not a file in a folder that exists", ctx, param)
    return value


_JSON = click.option(
    "--json", "json_file", type=click.Path(path_type=Path), callback=_in_a_folder,
    help="Write the report here.",
)  # fmt: skip
_LANG = click.option("--lang", type=click.Choice(["vi", "en"]), help="Language of messages.")
_JOBS = click.option(
    "--jobs", type=click.IntRange(1, 256), help="Processes; all processors if not said."
)
_CACHE = click.option("--no-cache", is_flag=True, help="Forget what earlier builds knew.")


@main.command()
@_ROOT
@click.option(
    "--output", type=click.Path(path_type=Path), help="Where to publish; public/ if not said."
)
@click.option("--site", "sites", multiple=True, help="Build only this site; may be repeated.")
@_JOBS
@_CACHE
@click.option("--strict", is_flag=True, help="Publish nothing if anything is refused.")
@_NOW
@_DRAFTS
@_JSON
@_LANG
def build(
    root: Path, output: Path | None, sites: tuple[str, ...], jobs: int | None, no_cache: bool,
    strict: bool, now: int | None, drafts: bool, json_file: Path | None, lang: str | None,
) -> None:  # fmt: skip
    """Build the network into public/."""
    from portalgen.report import Options

    gc.disable()  # a build makes many objects and ends; looking for cycles only costs time
    options = Options(
        root, output or root / "public", now or int(time.time()), sites, jobs or 0, not no_cache,
        strict, drafts,
    )  # fmt: skip
    report = _run(_build, options, json_file, lang)
    words = Words(lang or report.language)
    _print_problems(report.refused, words)
    for note in report.notes:
        click.echo(words("note-" + note))
    click.echo(
        words(
            "built",
            sites=report.sites,
            articles=report.articles,
            pages=report.pages_planned,
            written=report.files_written,
            removed=report.files_removed,
            unchanged=report.files_unchanged,
            seconds=report.seconds,
            output=options.output,
        )
    )
    if report.next_change:
        from datetime import UTC, datetime

        moment = datetime.fromtimestamp(report.next_change, UTC)
        click.echo(words("next-change", moment=f"{moment:%Y-%m-%d %H:%M} UTC"))
    click.echo(words("what-next-refused" if report.refused else "what-next", output=options.output))
    sys.exit(REFUSED if report.refused else DONE)


def _build(options: "Options") -> "BuildReport":
    from portalgen import unchanged

    sources = unchanged.snapshot(options.root)
    report = unchanged.recall(options, sources)
    if report is None:
        from portalgen.build import build as run

        report = run(options, sources)
    return report


@main.command()
@_ROOT
@_JOBS
@_CACHE
@_NOW
@_DRAFTS
@_JSON
@_LANG
def check(
    root: Path, jobs: int | None, no_cache: bool, now: int | None, drafts: bool,
    json_file: Path | None, lang: str | None,
) -> None:  # fmt: skip
    """Say everything that is wrong, without publishing."""
    from portalgen.build import check as run
    from portalgen.report import Options

    options = Options(
        root, root / "public", now or int(time.time()), (), jobs or 0, not no_cache, False, drafts
    )
    report = _run(run, options, json_file, lang)
    words = Words(lang or report.language)
    _print_problems(report.refused, words, limit=0)
    counts = {"sites": report.sites, "articles": report.articles, "problems": len(report.refused)}
    click.echo(words("checked-bad" if report.refused else "checked-good", **counts))
    sys.exit(REFUSED if report.refused else DONE)


def _run(run, options: "Options", json_file: Path | None, lang: str | None) -> "BuildReport":  # type: ignore[no-untyped-def]
    try:
        report: BuildReport = run(options)
    except (PortalError, OSError) as error:
        language = lang or _language(options.root)
        found = error.problems if isinstance(error, PortalError) else [_of_the_system(error)]
        words = Words(language)
        _print_problems(found, words, limit=0)
        if json_file:
            from portalgen.report import BuildReport as Report

            _write_json(json_file, Report(refused=found, language=language))
        click.echo(words("nothing"), err=True)
        sys.exit(NOTHING)
    if lang:
        report.language = lang
    if json_file:
        _write_json(json_file, report)
    return report


def _of_the_system(error: OSError) -> Problem:
    """A full disk or a folder one may not write to; only the file's name is shown."""
    name = Path(str(error.filename or "")).name
    return problem("os-error", name=name, reason=error.strerror or str(error))


def _language(root: Path) -> str:
    """The language of a network whose settings may be broken."""
    try:
        text = (root / "site.yaml").read_text("utf-8", errors="replace")
    except OSError:
        return "vi"
    return "en" if any(line.split() == ["language:", "en"] for line in text.splitlines()) else "vi"


def _write_json(file: Path, report: "BuildReport") -> None:
    text = json.dumps(report.as_json(), ensure_ascii=False, indent=2) + "\n"
    file.write_text(text, encoding="utf-8")


def _print_problems(problems: Iterable[Problem], words: Words, limit: int = SHOWN) -> None:
    problems = list(problems)
    shown = problems[:limit] if limit else problems
    for item in shown:
        click.echo(item.describe(words.language), err=True)
    if len(problems) > len(shown):
        click.echo(words("more-problems", count=len(problems) - len(shown)), err=True)
