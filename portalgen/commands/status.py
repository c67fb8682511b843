"""`portalgen status`."""

import sys
import time
from pathlib import Path

import click

from portalgen.commands.common import (
    DONE,
    LANG,
    ROOT,
    ending,
    in_a_folder,
    language_of,
)
from portalgen.problems import Words


@click.command("status")
@ROOT
@click.option(
    "--output", type=click.Path(path_type=Path), help="What `build` published; public/ if not said."
)
@click.option(
    "--report",
    "page",
    type=click.Path(path_type=Path),
    callback=in_a_folder,
    help="Write an HTML page with more of it here.",
)
@LANG
def command(root: Path, output: Path | None, page: Path | None, lang: str | None) -> None:
    """Say what the network has, and when it was built and deployed."""
    from portalgen.authoring.status import look, report_page, shown_time
    from portalgen.report import Options

    now = int(time.time())
    options = Options(root, output or root / "public", now)
    with ending(Words(lang or language_of(root))):
        status = look(options, hosts=page is not None)
    words = Words(lang or status.language)

    def moment(seconds: int) -> str:
        return shown_time(seconds, words.language)

    numbers = {name: status.total(name) for name in ("articles", "drafts", "scheduled", "files")}
    click.echo(words("status-has", sites=len(status.sites), **numbers))
    click.echo(words("status-refused", count=len(status.refused)))
    click.echo(words("status-built", moment=moment(status.built)))
    if status.next_change:
        click.echo(words("status-next", moment=moment(status.next_change)))
    for target, one in sorted(status.deployed.items()):
        at = moment(int(one.get("at", 0)))
        click.echo(words("status-deployed", target=target, release=one.get("release"), moment=at))
    if page:
        page.write_text(report_page(status, words, moment(now)), encoding="utf-8")
    sys.exit(DONE)
