"""`portalgen deploy`."""

import sys
import time
from pathlib import Path

import click

from portalgen.commands.common import (
    DONE,
    JOBS,
    LANG,
    REFUSED,
    ROOT,
    Progress,
    ending,
    language_of,
    print_problems,
    run_reported,
)
from portalgen.problems import Words


@click.command("deploy")
@click.argument("target")
@ROOT
@click.option(
    "--output", type=click.Path(path_type=Path), help="What `build` published; public/ if not said."
)
@click.option("--dry-run", is_flag=True, help="Only say what would change.")
@click.option("--rollback", is_flag=True, help="Show the release before the current one again.")
@JOBS
@LANG
def command(
    target: str, root: Path, output: Path | None, dry_run: bool, rollback: bool, jobs: int | None,
    lang: str | None,
) -> None:  # fmt: skip
    """Build, and bring all sites to a target named in site.yaml."""
    from portalgen import pool
    from portalgen.authoring.status import remember_deployed
    from portalgen.deploy import deploy as run
    from portalgen.settings.network import load_network

    words = Words(lang or language_of(root))
    output = output or root / "public"
    refused = False
    with ending(words, then=words("not-deployed", target=target)), Progress(words) as progress:
        place = run.find_target(load_network(root), target)
        if rollback:
            name = run.roll_back(root, output, place)
            remember_deployed(root, target, name, int(time.time()))
            click.echo(words("rolled-back", target=target, release=name))
            sys.exit(DONE)
        refused = _build(root, output, jobs, lang)
        started = time.perf_counter()
        if dry_run:
            for site in run.differences(root, output, place):
                values = {"added": site.added, "changed": site.changed, "removed": site.removed}
                if any(values.values()):
                    click.echo(words("would-deploy", site=site.slug, **values))
            click.echo(words("deployed-nothing"))
            sys.exit(REFUSED if refused else DONE)
        done = run.deploy(root, output, place, jobs or pool.processors(), progress)
        if not done.same:
            remember_deployed(root, target, done.release, int(time.time()))
    click.echo(
        words(
            "deployed-same" if done.same else "deployed",
            target=target,
            release=done.release,
            sites=done.sites,
            files=done.files,
            megabytes=f"{done.bytes / 1e6:.1f}",
            seconds=f"{time.perf_counter() - started:.1f}",
        )
    )
    sys.exit(REFUSED if refused else DONE)


def _build(root: Path, output: Path, jobs: int | None, lang: str | None) -> bool:
    """Bring the output up to date as `build` does; whether anything was refused."""
    from portalgen.commands.build import build
    from portalgen.report import Options

    options = Options(root, output, int(time.time()), jobs=jobs or 0)
    report = run_reported(build, options, None, lang)
    print_problems(report.refused, Words(lang or report.language))
    return bool(report.refused)
