"""`portalgen verify`."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from portalgen.commands.common import (
    DONE,
    LANG,
    REFUSED,
    Progress,
    ending,
    in_a_folder,
    language_of,
)
from portalgen.problems import Words, printable

if TYPE_CHECKING:
    from portalgen.deploy.verify import Verified

SHOWN = 200


@click.command("verify")
@click.argument("target", metavar="DIR|URL")
@click.option("--key", help="Public key of minisign, or the file that holds it.")
@click.option(
    "--inventory",
    "copies",
    type=click.Path(path_type=Path, exists=True),
    help="A manifest.json kept elsewhere, or a folder of them by site.",
)
@click.option(
    "--json",
    "json_file",
    type=click.Path(path_type=Path),
    callback=in_a_folder,
    help="Write the findings here.",
)
@LANG
def command(
    target: str, key: str | None, copies: Path | None, json_file: Path | None, lang: str | None
) -> None:  # fmt: skip
    """Name every published file that was added, changed or is missing."""
    from portalgen.deploy.verify import Trust, verify_folder, verify_url

    words = Words(lang or language_of(Path()))
    trust = Trust(_key(key), copies)
    is_url = target.startswith(("http://", "https://"))
    if not is_url and not Path(target).is_dir():
        raise click.BadParameter(f"no folder and no URL: {target}", param_hint="DIR|URL")
    progress = Progress(words)
    with ending(words), progress:
        findings = (
            verify_url(target, trust, progress)
            if is_url
            else verify_folder(Path(target), trust, progress)
        )
    if json_file:
        from msgspec import to_builtins

        json_file.write_text(json.dumps(to_builtins(findings), indent=2) + "\n", encoding="utf-8")
    _say(findings, words)
    if not key and not copies:
        click.echo(words("verify-not-proved"))
    sys.exit(REFUSED if findings.findings else DONE)


def _say(found: "Verified", words: Words) -> None:
    for one in found.findings[:SHOWN]:
        place = printable(f"{one.site}/{one.path}".lstrip("/"))
        click.echo(
            f"{place}: {words(f'verify-{one.kind}', detail=printable(one.detail))}", err=True
        )
    if len(found.findings) > SHOWN:
        click.echo(words("verify-more", count=len(found.findings) - SHOWN), err=True)
    code = "verify-bad" if found.findings else "verify-good"
    values = {"files": found.files, "sites": found.sites, "signed": found.signed}
    click.echo(words(code, count=len(found.findings), **values))


def _key(given: str | None) -> str:
    if given and Path(given).is_file():
        return Path(given).read_text("utf-8", errors="replace")
    return given or ""
