"""`portalgen deploy`."""

import sys
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from portalgen.commands.common import (
    ACCEPT,
    DONE,
    JOBS,
    JSON,
    LANG,
    REFUSED,
    ROOT,
    STATE,
    Progress,
    exit_on_error,
    language_of,
    print_problems,
    run_reported,
)
from portalgen.problems import Words

if TYPE_CHECKING:
    from collections.abc import Callable

    from portalgen.deploy.deploy import Deployment
    from portalgen.problems import Problem
    from portalgen.report import BuildReport, Options

_WAYS = ("dry_run", "repair", "rollback", "to", "unpin", "purge")
_TRIES = 3  # while others deploy to the same target


@click.command("deploy")
@click.argument("target")
@ROOT
@STATE
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    help="Output folder of `build`; by default public/.",
)
@click.option("--dry-run", is_flag=True, help="Only print what would change.")
@click.option("--repair", is_flag=True, help="Compare all files by digest; replace what differs.")
@click.option("--rollback", is_flag=True, help="Return to the release before, and stay there.")
@click.option("--to", metavar="RELEASE", help="Show this release, and stay there.")
@click.option("--unpin", is_flag=True, help="End a rollback: deploy what was built again.")
@click.option("--site", metavar="SITE", help="With --rollback, --to or --unpin: only this site.")
@click.option(
    "--purge", multiple=True, metavar="PATH",
    help="Remove the releases that hold this file as it was, SITE/PATH or its address.",
)  # fmt: skip
@ACCEPT
@click.option(
    "--new-register", is_flag=True,
    help="Go on with the register of this machine, whatever the target has.",
)  # fmt: skip
@click.option("--quiet", is_flag=True, help="Print only what is new since the last run.")
@JSON
@JOBS
@LANG
def command(
    target: str, root: Path, state: Path | None, output: Path | None, site: str | None,
    accepted: tuple[str, ...], new_register: bool, quiet: bool, json_file: Path | None,
    jobs: int | None, lang: str | None, **ways: Any,
) -> None:  # fmt: skip
    """Build, and publish all sites to a target named in site.yaml."""
    _check_ways(ways, site, new_register)
    from portalgen import pool
    from portalgen.commands.deployed import Outcome
    from portalgen.deploy.addresses import routes_by_site
    from portalgen.deploy.deploy import Deployment, find_target
    from portalgen.deploy.release import ALL
    from portalgen.deploy.shipment import open_signer
    from portalgen.library import read_network
    from portalgen.problems import PortalError
    from portalgen.report import Options

    words = Words(lang or language_of(root))
    output = output or root / "public"
    back = bool(ways["rollback"] or ways["to"])
    started = time.perf_counter()
    with (
        exit_on_error(words, footer=words("not-deployed", target=target)),
        Progress(words) as progress,
    ):
        options = Options(
            root, output, int(time.time()), jobs=jobs or 0, accepted=accepted, state=state
        )
        network, _ = read_network(options)
        routes = routes_by_site(network, ways["purge"])
        destination, signer = find_target(network, target), open_signer()
        deployment = Deployment(network, output, destination, signer)
        outcome = Outcome(words, target, network, output)
        if back:
            outcome.deployed = deployment.show(ways["to"] or "", site or "")
        else:
            take = partial(Deployment.take_register, new=new_register)
            if ways["dry_run"]:
                refused = _try_out(deployment, options, take, words, progress)
                sys.exit(REFUSED if refused else DONE)
            unpin = (site or ALL) if ways["unpin"] else ALL if routes else ""
            ship = partial(
                deployment.deploy, jobs or pool.processors(), progress, ways["repair"], unpin
            )
            for others in range(_TRIES):
                seen = take(deployment)
                report = _build(options, lang, quiet)
                outcome.refused, outcome.next_change = report.refused, report.next_change
                try:
                    outcome.deployed = ship(seen)
                    break
                except PortalError as error:  # somebody has deployed since the register was taken
                    moved = [item.code for item in error.problems] == ["target-moved"]
                    if not moved or others + 1 == _TRIES:
                        raise
    with exit_on_error(words):  # what was deployed is shown
        if routes:
            outcome.purge(deployment, routes)
        outcome.record(quiet, json_file, back)
    if not quiet:
        outcome.print(back, f"{time.perf_counter() - started:.1f}")
    sys.exit(REFUSED if outcome.needs_attention(back) else DONE)


def _check_ways(ways: dict[str, Any], site: str | None, new_register: bool) -> None:
    """Refuse options that exclude each other."""
    given = [f"--{name.replace('_', '-')}" for name in _WAYS if ways[name]]
    if len(given) > 1:
        raise click.UsageError(f"{given[0]} and {given[1]} exclude each other.")
    if site and not (ways["rollback"] or ways["to"] or ways["unpin"]):
        raise click.UsageError("--site is for --rollback, --to or --unpin.")
    if new_register and (ways["rollback"] or ways["to"]):
        raise click.UsageError("--rollback and --to leave the register alone.")


def _build(options: "Options", lang: str | None, quiet: bool) -> "BuildReport":
    """Build as `build` does, and print what was refused."""
    from portalgen.commands.build import build

    report = run_reported(build, options, None, lang)
    if not quiet:
        print_problems(report.refused, Words(lang or report.language))
    return report


def _try_out(
    deployment: "Deployment", options: "Options", take: "Callable[[Deployment], object]",
    words: Words, progress: Progress,
) -> "list[Problem]":  # fmt: skip
    """Print what a build and a deployment would change; returns what would be refused."""
    from portalgen.commands.build import print_planned
    from portalgen.dry_run import dry_run

    with dry_run(options, progress.of_build, lambda output: take(deployment.of(output))) as (
        output,
        report,
    ):
        print_planned(report, words, counts=False)
        _print_differences(deployment.of(output), words)
        return report.refused


def _print_differences(deployment: "Deployment", words: Words) -> None:
    for site in deployment.differences():
        values = {"added": site.added, "changed": site.changed, "removed": site.removed}
        if any(values.values()):
            click.echo(words("would-deploy", site=site.slug, **values))
    click.echo(words("deployed-nothing"))
