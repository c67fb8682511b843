"""`portalgen check`."""

import sys
import time
from pathlib import Path

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


@click.command("check")
@ROOT
@JOBS
@CACHE
@NOW
@DRAFTS
@JSON
@LANG
def command(
    root: Path, jobs: int | None, no_cache: bool, now: int | None, drafts: bool,
    json_file: Path | None, lang: str | None,
) -> None:  # fmt: skip
    """Say everything that is wrong, without publishing."""
    from portalgen.build import check as run
    from portalgen.report import Options

    options = Options(
        root, root / "public", now or int(time.time()), (), jobs or 0, not no_cache, False, drafts
    )
    report = run_reported(run, options, json_file, lang)
    words = Words(lang or report.language)
    print_problems(report.refused, words, limit=0)
    counts = {"sites": report.sites, "articles": report.articles, "problems": len(report.refused)}
    click.echo(words("checked-bad" if report.refused else "checked-good", **counts))
    sys.exit(REFUSED if report.refused else DONE)
