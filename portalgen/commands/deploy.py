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
    exit_on_error,
    language_of,
    print_problems,
    run_reported,
)
from portalgen.problems import Words


@click.command("deploy")
@click.argument("target")
@ROOT
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    help="Output folder of `build`; by default public/.",
)
@click.option("--dry-run", is_flag=True, help="Only print what would change.")
@click.option("--rollback", is_flag=True, help="Return to the release before the current one.")
@JOBS
@LANG
def command(
    target: str, root: Path, output: Path | None, dry_run: bool, rollback: bool, jobs: int | None,
    lang: str | None,
) -> None:  # fmt: skip
    """Build, and publish all sites to a target named in site.yaml."""
    from portalgen import pool
    from portalgen.authoring.status import record_deployed
    from portalgen.deploy import deploy as run
    from portalgen.settings.network import load_network

    words = Words(lang or language_of(root))
    output = output or root / "public"
    refused = False
    with (
        exit_on_error(words, footer=words("not-deployed", target=target)),
        Progress(words) as progress,
    ):
        destination = run.find_target(load_network(root), target)
        if rollback:
            name = run.roll_back(root, output, destination)
            record_deployed(root, target, name, int(time.time()))
            click.echo(words("rolled-back", target=target, release=name))
            sys.exit(DONE)
        refused = _build(root, output, jobs, lang)
        started = time.perf_counter()
        if dry_run:
            for site in run.differences(root, output, destination):
                values = {"added": site.added, "changed": site.changed, "removed": site.removed}
                if any(values.values()):
                    click.echo(words("would-deploy", site=site.slug, **values))
            click.echo(words("deployed-nothing"))
            sys.exit(REFUSED if refused else DONE)
        deployment = run.deploy(root, output, destination, jobs or pool.processors(), progress)
        if not deployment.same:
            record_deployed(root, target, deployment.release, int(time.time()))
    click.echo(
        words(
            "deployed-same" if deployment.same else "deployed",
            target=target,
            release=deployment.release,
            sites=deployment.sites,
            files=deployment.files,
            megabytes=f"{deployment.bytes / 1e6:.1f}",
            seconds=f"{time.perf_counter() - started:.1f}",
        )
    )
    sys.exit(REFUSED if refused else DONE)


def _build(root: Path, output: Path, jobs: int | None, lang: str | None) -> bool:
    """Build as `build` does; return whether anything was refused."""
    from portalgen.commands.build import build
    from portalgen.report import Options

    options = Options(root, output, int(time.time()), jobs=jobs or 0)
    report = run_reported(build, options, None, lang)
    print_problems(report.refused, Words(lang or report.language))
    return bool(report.refused)
