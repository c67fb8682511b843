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
    exit_on_error,
    in_existing_folder,
    language_of,
)
from portalgen.problems import Words, printable

if TYPE_CHECKING:
    from portalgen.deploy.verify import Verified

MAX_PRINTED = 200


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
    callback=in_existing_folder,
    help="Write the findings to this file.",
)
@LANG
def command(
    target: str, key: str | None, copies: Path | None, json_file: Path | None, lang: str | None
) -> None:  # fmt: skip
    """List every published file that was added, changed or is missing."""
    from portalgen.deploy.verify import Trust, verify_folder, verify_url

    words = Words(lang or language_of(Path()))
    trust = Trust(_key(key), copies)
    is_url = target.startswith(("http://", "https://"))
    is_bucket = target.startswith("s3://")
    if not is_url and not is_bucket and not Path(target).is_dir():
        raise click.BadParameter(f"no folder and no URL: {target}", param_hint="DIR|URL")
    progress = Progress(words)
    with exit_on_error(words), progress:
        if is_bucket:
            from portalgen.deploy.verify_bucket import target_of, verify_bucket

            findings = verify_bucket(target_of(target, Path()), trust, progress)
        elif is_url:
            findings = verify_url(target, trust, progress)
        else:
            findings = verify_folder(Path(target), trust, progress)
    if json_file:
        from msgspec import to_builtins

        json_file.write_text(json.dumps(to_builtins(findings), indent=2) + "\n", encoding="utf-8")
    _print_findings(findings, words)
    if not key and not copies:
        click.echo(words("verify-not-proved"))
    sys.exit(REFUSED if findings.findings else DONE)


def _print_findings(verified: "Verified", words: Words) -> None:
    for finding in verified.findings[:MAX_PRINTED]:
        place = printable(f"{finding.site}/{finding.path}".lstrip("/"))
        click.echo(
            f"{place}: {words(f'verify-{finding.kind}', detail=printable(finding.detail))}",
            err=True,
        )
    if len(verified.findings) > MAX_PRINTED:
        click.echo(words("verify-more", count=len(verified.findings) - MAX_PRINTED), err=True)
    code = "verify-bad" if verified.findings else "verify-good"
    values = {"files": verified.files, "sites": verified.sites, "signed": verified.signed}
    click.echo(words(code, count=len(verified.findings), **values))


def _key(value: str | None) -> str:
    if value and Path(value).is_file():
        return Path(value).read_text("utf-8", errors="replace")
    return value or ""
