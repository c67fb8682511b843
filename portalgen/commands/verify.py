"""`portalgen verify`."""

import re
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from portalgen.commands.common import (
    DONE,
    LANG,
    REFUSED,
    STATE,
    Progress,
    exit_on_error,
    in_existing_folder,
    language_of,
    write_with_new,
)
from portalgen.problems import Words
from portalgen.sources import OWN

if TYPE_CHECKING:
    from portalgen.deploy.release import Release
    from portalgen.deploy.verify import Verified

MAX_PRINTED = 200


class Age(click.ParamType):  # type: ignore[type-arg, unused-ignore]
    """A length of time on the command line."""

    name = "age"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Seconds for `90m`, `12h` or `2d`."""
        match = re.fullmatch(r"([0-9]{1,6})([mhd])", str(value).strip().lower())
        if not match:
            self.fail("expected a length of time such as 90m, 12h or 2d", param, ctx)
        return int(match[1]) * {"m": 60, "h": 3600, "d": 86400}[match[2]]


@click.command("verify")
@click.argument("target", metavar="DIR|URL")
@click.option("--key", help="Public key of minisign, or the file that holds it.")
@click.option(
    "--inventory",
    "copies",
    type=click.Path(path_type=Path, exists=True),
    help="A manifest.json kept elsewhere, or a folder of them by site.",
)
@click.option("--release", metavar="ID|FILE",
              help="The release that must be shown, or a copy of its record.")  # fmt: skip
@click.option("--max-age", type=Age(), help="Oldest age of the release, such as 12h or 2d.")
@click.option("--root", type=click.Path(path_type=Path), default=Path(),
              help="Folder in which records of releases were kept.")  # fmt: skip
@STATE
@click.option("--as", "address", metavar="URL", help="The site's own address, if URL is another.")
@click.option(
    "--json",
    "json_file",
    type=click.Path(path_type=Path),
    callback=in_existing_folder,
    help="Write the findings to this file, and which were not in it before.",
)
@LANG
def command(
    target: str, key: str | None, copies: Path | None, release: str | None, max_age: int | None,
    root: Path, state: Path | None, address: str | None, json_file: Path | None, lang: str | None,
) -> None:  # fmt: skip
    """List every published file that was added, changed or is missing."""
    from portalgen.deploy.verify import Trust, verify_folder
    from portalgen.deploy.verify_url import verify_url

    words = Words(lang or language_of(root))
    not_before = int(time.time()) - max_age if max_age else 0
    with exit_on_error(words):
        record = _record(state or root / OWN, release) if release else None
        trust = Trust(_key(key), copies, record, release or "", not_before)
    is_url = target.startswith(("http://", "https://"))
    if is_url and (max_age or (release and not record)):
        raise click.UsageError(
            "A web server does not say which release it shows: give --release the file of its "
            "record, or the name of one that was deployed from --root."
        )
    is_bucket = target.startswith("s3://")
    if not is_url and not is_bucket and not Path(target).is_dir():
        raise click.BadParameter(f"no folder and no URL: {target}", param_hint="DIR|URL")
    if address and not (is_url and address.startswith(("http://", "https://"))):
        raise click.BadParameter("needs a URL, and goes with one", param_hint="--as")
    progress = Progress(words)
    with exit_on_error(words), progress:
        if is_bucket:
            from portalgen.deploy.verify_bucket import target_of, verify_bucket

            findings = verify_bucket(target_of(target, root), trust, progress)
        elif is_url:
            findings = verify_url(target, trust, progress, address=address or "")
        else:
            findings = verify_folder(Path(target), trust, progress)
    if json_file:
        from msgspec import to_builtins

        write_with_new(json_file, to_builtins(findings), ["findings"], words)
    _print_findings(findings, words)
    if findings.findings:
        click.echo(words("verify-repair"))
    if not key and not copies and not record:
        click.echo(words("verify-not-proved"))
    sys.exit(REFUSED if findings.findings else DONE)


def _record(state: Path, value: str) -> "Release | None":
    """The record in a file, or of a release that was deployed from here."""
    from portalgen.deploy.history import kept_record
    from portalgen.deploy.release import is_id, release_from

    file = Path(value)
    record = release_from(file.read_bytes()) if file.is_file() else kept_record(state, value)
    if (record and not record.inventories) or not (record or is_id(value)):
        raise click.BadParameter(
            f"no release and no record of one: {value}", param_hint="--release"
        )
    return record


def _print_findings(verified: "Verified", words: Words) -> None:
    for finding in verified.findings[:MAX_PRINTED]:
        click.echo(finding.describe(words), err=True)
    if len(verified.findings) > MAX_PRINTED:
        click.echo(words("verify-more", count=len(verified.findings) - MAX_PRINTED), err=True)
    code = "verify-bad" if verified.findings else "verify-good"
    values = {"files": verified.files, "sites": verified.sites, "signed": verified.signed}
    click.echo(words(code, count=len(verified.findings), **values))


def _key(value: str | None) -> str:
    if value and Path(value).is_file():
        return Path(value).read_text("utf-8", errors="replace")
    return value or ""
