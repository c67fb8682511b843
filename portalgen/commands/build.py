"""`portalgen build`."""

import gc
import sys
import time
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
    print_problems,
    run_reported,
)
from portalgen.problems import Words

if TYPE_CHECKING:
    from portalgen.report import BuildReport, Options


@click.command("build")
@ROOT
@click.option(
    "--output", type=click.Path(path_type=Path), help="Where to publish; public/ if not said."
)
@click.option("--site", "sites", multiple=True, help="Build only this site; may be repeated.")
@JOBS
@CACHE
@click.option("--strict", is_flag=True, help="Publish nothing if anything is refused.")
@NOW
@DRAFTS
@JSON
@LANG
def command(
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
    report = run_reported(build, options, json_file, lang)
    words = Words(lang or report.language)
    print_problems(report.refused, words)
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


def build(options: "Options") -> "BuildReport":
    """Build the network, or say at once that nothing changed; raises `PortalError`."""
    from portalgen import unchanged

    sources = unchanged.snapshot(options.root)
    report = unchanged.recall(options, sources)
    if report is None:
        from portalgen.build import build as run

        report = run(options, sources)
    return report
