"""`portalgen status`."""

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from msgspec import to_builtins

from portalgen.commands.common import (
    DONE,
    JSON,
    LANG,
    ROOT,
    STATE,
    exit_on_error,
    in_existing_folder,
    language_of,
    write_report,
    write_with_new,
)
from portalgen.problems import Words

if TYPE_CHECKING:
    from portalgen.authoring.status import Status


@click.command("status")
@ROOT
@STATE
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    help="Output folder of `build`; by default public/.",
)
@click.option(
    "--report",
    "page",
    type=click.Path(path_type=Path),
    callback=in_existing_folder,
    help="Write a more detailed HTML page to this file.",
)
@JSON
@LANG
def command(
    root: Path, state: Path | None, output: Path | None, page: Path | None,
    json_file: Path | None, lang: str | None,
) -> None:  # fmt: skip
    """Show what the network contains, and when it was built and deployed."""
    from portalgen.authoring.status import read_status, report_page
    from portalgen.commands.deployed import pin_text
    from portalgen.deploy.history import pins_of
    from portalgen.report import Options
    from portalgen.text import local_time

    now = int(time.time())
    options = Options(root, output or root / "public", now, state=state)
    with exit_on_error(Words(lang or language_of(root))):
        status = read_status(options, hosts=page is not None)
    words = Words(lang or status.language)

    def moment(seconds: int) -> str:
        return local_time(seconds, words.language, status.zone)

    numbers = {name: status.total(name) for name in ("articles", "drafts", "scheduled", "files")}
    click.echo(words("status-has", sites=len(status.sites), **numbers))
    click.echo(words("status-refused", count=len(status.refused)))
    click.echo(words("status-built", moment=moment(status.built)))
    if status.next_change:
        click.echo(words("status-next", moment=moment(status.next_change)))
    for target, deployment in sorted(status.deployed.items()):
        at = moment(int(deployment.get("at", 0)))
        click.echo(
            words("status-deployed", target=target, release=deployment.get("release"), moment=at)
        )
        for slug, pin in sorted(pins_of(deployment).items()):
            click.echo(pin_text(words, status.zone, target, slug, pin))
    if json_file:
        write_with_new(json_file, _as_json(status, words.language), ["refused", "pinned"], words)
    if page:
        write_report(page, report_page(status, words, moment(now)), words)
    sys.exit(DONE)


def _as_json(status: "Status", language: str) -> dict[str, Any]:
    """The status for `--json`; `pinned` are rollbacks that were made, or seen, from here."""
    from portalgen.deploy.history import pins_of

    targets = {
        target: {"release": values.get("release"), "at": values.get("at")}
        for target, values in sorted(status.deployed.items())
    }
    pinned = [
        {"target": target, "site": slug, **to_builtins(pin)}
        for target, values in sorted(status.deployed.items())
        for slug, pin in sorted(pins_of(values).items())
    ]
    return {
        "sites": to_builtins(status.sites),
        "refused": [problem.as_json(language) for problem in status.refused],
        "built": status.built, "next_change": status.next_change,
        "targets": targets, "pinned": pinned,
    }  # fmt: skip
