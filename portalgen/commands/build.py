"""`portalgen build`."""

import gc
import sys
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from portalgen.commands.common import (
    ACCEPT,
    CACHE,
    DONE,
    DRAFTS,
    JOBS,
    JSON,
    LANG,
    MAX_PRINTED,
    NOW,
    REFUSED,
    REGISTER,
    ROOT,
    STATE,
    Progress,
    exit_on_error,
    language_of,
    print_problems,
    run_reported,
)
from portalgen.problems import Words, printable

if TYPE_CHECKING:
    from portalgen.report import BuildReport, Options

POLL = 60  # seconds between checks of the sources, with --wait


@click.command("build")
@ROOT
@STATE
@click.option(
    "--output", type=click.Path(path_type=Path), help="Output folder; by default public/."
)
@click.option("--site", "sites", multiple=True, help="Build only this site; may be repeated.")
@JOBS
@CACHE
@click.option("--strict", is_flag=True, help="Publish nothing if anything is refused.")
@ACCEPT
@NOW
@DRAFTS
@REGISTER
@JSON
@click.option(
    "--executor",
    type=click.Choice(["processes", "dask"]),
    default="processes",
    help="Where to build: local processes or a Dask cluster.",
)
@click.option(
    "--scheduler", default="", help="Address of the cluster, such as tcp://10.0.0.5:8786."
)
@click.option(
    "--dry-run", is_flag=True, help="Write nothing; print what would change, vanish and be kept."
)
@click.option(
    "--wait", is_flag=True, help="Keep running; build when sources change or articles are due."
)
@LANG
def command(
    root: Path, state: Path | None, output: Path | None, sites: tuple[str, ...],
    jobs: int | None, no_cache: bool, strict: bool, accepted: tuple[str, ...], register: str | None,
    now: int | None, drafts: bool,
    json_file: Path | None, executor: str, scheduler: str, dry_run: bool, wait: bool,
    lang: str | None,
) -> None:  # fmt: skip
    """Build the network into public/."""
    from portalgen.report import Options

    if wait and now:
        raise click.UsageError("--wait goes by the clock, --now does not; take one of them")
    if wait and dry_run:
        raise click.UsageError("--wait builds again and again, --dry-run never; take one of them")
    if (executor == "dask") != bool(scheduler):
        raise click.UsageError("--executor dask and --scheduler ADDRESS go together")
    if register and not dry_run:
        words = Words(lang or language_of(root))
        with exit_on_error(words, footer=words("nothing")):
            take_register(register, root, output or root / "public", state)
    gc.disable()  # a build makes many objects and ends, so collection only costs time
    first = True
    while True:
        options = Options(
            root, output or root / "public", now or int(time.time()), sites, jobs or 0,
            not no_cache, strict, drafts, scheduler, accepted, state=state,
        )  # fmt: skip
        if dry_run:
            report = run_reported(partial(try_out, register or ""), options, json_file, lang)
            words = Words(lang or report.language)
            print_planned(report, words)
            click.echo(words("built-nothing"))
            sys.exit(REFUSED if report.refused else DONE)
        due = time.time() + POLL
        try:
            report = run_reported(build, options, json_file, lang)
        except SystemExit:
            if not wait:
                raise
        else:
            if first or report.files_written or report.files_removed:
                _print_report(report, options, lang)
            if not wait:
                sys.exit(REFUSED if report.refused else DONE)
            first = False
            due = min(due, report.next_change or due)
        gc.collect()
        time.sleep(max(0.0, due - time.time()))


def _print_report(report: "BuildReport", options: "Options", lang: str | None) -> None:
    words = Words(lang or report.language)
    print_problems(report.refused, words)
    print_problems(report.warnings, words, as_warnings=True)
    _print_changes(report, words)
    for note in report.notes:
        click.echo(words("note-" + note))
    click.echo(
        words(
            "built-fewer" if report.failed else "built",
            sites=report.sites,
            all=report.sites + len(report.failed),
            failed=", ".join(report.failed),
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
        from zoneinfo import ZoneInfo

        from portalgen.text import local_time

        moment = local_time(report.next_change, words.language, ZoneInfo(report.timezone))
        click.echo(words("next-change", moment=moment))
    site = options.sites[0] if options.sites else "main"
    code = "what-next-refused" if report.refused else "what-next"
    click.echo(words(code, output=options.output, site=site))


def take_register(name: str, root: Path, output: Path, state: Path | None) -> None:
    """Take over the register of a target or a folder; raises `PortalError`."""
    from portalgen.deploy.deploy import take_register_of

    take_register_of(name, root, output, state)


def try_out(register: str, options: "Options") -> "BuildReport":
    """What `build` would do, perhaps with another register, without a trace.

    Raises `PortalError`.
    """
    from portalgen.dry_run import dry_run

    def prepare(output: Path) -> None:
        if register:
            take_register(register, options.root, output, options.state)

    with (
        Progress(Words(language_of(options.root))) as progress,
        dry_run(options, progress.of_build, prepare) as (_, report),
    ):
        return report


def _print_changes(report: "BuildReport", words: Words) -> None:
    """Print what changes for readers: some lines, then the number of the rest."""
    for item in report.changes[:MAX_PRINTED]:
        click.echo(item.describe(words.language))
    if len(report.changes) > MAX_PRINTED:
        click.echo(words("more-changes", count=len(report.changes) - MAX_PRINTED))


def print_planned(report: "BuildReport", words: Words, *, counts: bool = True) -> None:
    """Print what a dry run would refuse and change, with `counts` of files by site."""
    print_problems(report.refused, words)
    _print_changes(report, words)
    for slug, planned in report.planned.items() if counts else ():
        added, changed, removed = len(planned.added), len(planned.changed), len(planned.removed)
        numbers = {"added": added, "changed": changed, "removed": removed}
        click.echo(words("would-build", site=slug, **numbers))
    if report.new_program:
        files = [f"{slug}/{route}" for slug in report.planned
                 for route in report.planned[slug].changed]  # fmt: skip
        examples = ", ".join(map(printable, files[:3])) or "-"
        click.echo(words("would-differ", count=len(files), examples=examples))


def build(options: "Options") -> "BuildReport":
    """Build the network unless nothing has changed; raises `PortalError`."""
    from portalgen import pool, unchanged
    from portalgen.changes.manifest import find_lost
    from portalgen.changes.snapshot import take_snapshot

    with pool.in_background(partial(find_lost, options.output), options.jobs) as lost:
        sources = take_snapshot(options.root)
        report = unchanged.recall(options, sources, lost)
        if report is None:
            from portalgen.build import build as run

            with Progress(Words(language_of(options.root))) as progress:
                report = run(options, sources, progress.of_build, lost)
    return report
