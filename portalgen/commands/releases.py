"""`portalgen releases`."""

import sys
from datetime import tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from portalgen.commands.common import (
    DONE,
    JSON,
    LANG,
    ROOT,
    STATE,
    exit_on_error,
    language_of,
    write_json,
)
from portalgen.problems import Words, printable

if TYPE_CHECKING:
    from portalgen.deploy.releases import Listed


@click.command("releases")
@click.argument("target")
@ROOT
@STATE
@JSON
@LANG
def command(
    target: str, root: Path, state: Path | None, json_file: Path | None, lang: str | None
) -> None:
    """List the releases at a target: when, by whom, what changed, what is held in place."""
    from portalgen.deploy.deploy import Deployment, find_target
    from portalgen.deploy.shipment import Signer
    from portalgen.settings.network import load_network

    words = Words(lang or language_of(root))
    with exit_on_error(words):
        network = load_network(root, state=state)
        destination = find_target(network, target)
        listed = Deployment(network, root / "public", destination, Signer()).listed()
    if json_file:
        write_json(json_file, {"target": target, "releases": list(map(_as_json, listed))}, words)
    if not listed:
        click.echo(words("releases-none", target=target))
    for item in listed:
        _print(item, target, words, network.main.zone)
    sys.exit(DONE)


def _print(item: "Listed", target: str, words: Words, zone: tzinfo) -> None:
    from portalgen.commands.deployed import pin_text
    from portalgen.text import local_time

    release = item.release
    changed = [number for number in release.changed.values() if number]
    line = words(
        "releases-line", mark="*" if item.current else " ", release=release.id,
        moment=local_time(release.time, words.language, zone), by=printable(release.by or "-"),
        commit=printable(release.commit[:12] or "-"), sites=len(changed), files=sum(changed),
        megabytes=f"{release.size / 1e6:.1f}",
    )  # fmt: skip
    click.echo(line)
    if release.of:
        click.echo(words("releases-of", release=release.of))
    for slug, pin in sorted(release.pins.items()) if item.current else ():
        click.echo(f"    {pin_text(words, zone, target, slug, pin)}")


def _as_json(item: "Listed") -> dict[str, Any]:
    from msgspec import to_builtins

    release = to_builtins(item.release)
    keys = ("id", "time", "by", "version", "commit", "of", "pins", "changed", "size")
    return {"current": item.current} | {key: release[key] for key in keys}
