"""`portalgen status`."""

import sys
import time
from pathlib import Path

import click

from portalgen.commands.common import (
    DONE,
    LANG,
    ROOT,
    exit_on_error,
    in_existing_folder,
    language_of,
)
from portalgen.problems import Words


@click.command("status")
@ROOT
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
@LANG
def command(root: Path, output: Path | None, page: Path | None, lang: str | None) -> None:
    """Show what the network contains, and when it was built and deployed."""
    from portalgen.authoring.status import read_status, report_page
    from portalgen.commands.deployed import pin_text
    from portalgen.deploy.history import pins_of
    from portalgen.report import Options
    from portalgen.text import local_time

    now = int(time.time())
    options = Options(root, output or root / "public", now)
    with exit_on_error(Words(lang or language_of(root))):
        status = read_status(options, hosts=page is not None)
    words = Words(lang or status.language)

    def moment(seconds: int) -> str:
        return local_time(seconds, words.language)

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
            click.echo(pin_text(words, target, slug, pin))
    if page:
        page.write_text(report_page(status, words, moment(now)), encoding="utf-8")
    sys.exit(DONE)
