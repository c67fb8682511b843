"""`portalgen serve`."""

import time
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from portalgen.commands.common import LANG, ROOT, STATE, exit_on_error, language_of
from portalgen.problems import Words


@click.command("serve")
@ROOT
@STATE
@click.option(
    "--port",
    type=click.IntRange(1, 65535),
    default=8000,
    show_default=True,
    help="Port to listen on.",
)
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help="Address to listen on; 0.0.0.0 shows drafts to other computers, too.",
)
@click.option("--site", "sites", multiple=True, help="Build only this site; may be repeated.")
@LANG
def command(
    root: Path, state: Path | None, port: int, host: str, sites: tuple[str, ...], lang: str | None
) -> None:  # fmt: skip
    """Serve all sites on this computer, with drafts, and show every save at once."""
    from msgspec.structs import replace

    from portalgen.report import Options
    from portalgen.serve.server import LOOPBACK, serve

    words = Words(lang or language_of(root))
    options = Options(root, root, int(time.time()), sites, drafts=True, state=state)
    options = replace(options, output=options.state_folder / "serve")
    address = f"localhost:{port}"

    def ready() -> None:
        if host not in LOOPBACK:
            click.echo(words("serve-open", host=host), err=True)
        click.echo(words("serve-ready", address=address))

    def print_report(report: dict[str, Any]) -> None:
        now = f"{datetime.now():%H:%M:%S}"
        if report["done"]:
            values = {"files": report["files_written"], "seconds": report["seconds"]}
            click.echo(f"{now} " + words("serve-built", sites=report["sites"], **values))
        for item in report["refused"][:5]:
            place = ":".join(str(item[k]) for k in ("path", "line", "column") if item[k])
            click.echo(f"{now} {place}: {item['message']}", err=True)

    try:
        with exit_on_error(words):
            options.state_folder.mkdir(parents=True, exist_ok=True)
            serve(options, host, port, words, print_report, ready)
    except KeyboardInterrupt:
        click.echo()
