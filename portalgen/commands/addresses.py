"""`portalgen addresses`."""

import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

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
    from portalgen.register.listing import Address
    from portalgen.report import Options
    from portalgen.settings.network import Network


@click.command("addresses")
@ROOT
@STATE
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    help="Output folder of `build`; by default public/.",
)
@click.option("--site", "sites", multiple=True, help="Only this site; may be repeated.")
@click.option(
    "--erase", multiple=True, metavar="ADDRESS",
    help="Forget this address, SITE/PATH or in full: it answers nothing any more.",
)  # fmt: skip
@JSON
@LANG
def command(
    root: Path, state: Path | None, output: Path | None, sites: tuple[str, ...],
    erase: tuple[str, ...], json_file: Path | None, lang: str | None,
) -> None:  # fmt: skip
    """List every address that was ever published, and what it answers."""
    from portalgen.report import Options

    words = Words(lang or language_of(root))
    output = output or root / "public"
    with exit_on_error(words):
        network, addresses = _find(Options(root, output, int(time.time()), state=state), sites)
        if erase:
            _erase(root, output, network, erase)
            for erased in erase:
                click.echo(words("address-erased", address=printable(erased)))
            sys.exit(DONE)
    if json_file:
        rows = [item._asdict() for item in addresses]
        write_json(json_file, {"addresses": rows}, words)
    for item in addresses:
        place, target = printable(f"{item.site}/{item.route}"), printable(item.target)
        click.echo(words(f"address-{item.answer}", address=place, target=target))
    counts = Counter(item.answer for item in addresses)
    by_answer = {name: counts[name] for name in ("page", "moved", "gone")}
    click.echo(words("addresses-counted", all=len(addresses), **by_answer))
    sys.exit(DONE)


def _find(options: "Options", sites: Sequence[str]) -> "tuple[Network, list[Address]]":
    """The network and its addresses, as the next build would leave them."""
    from portalgen.library import open_library
    from portalgen.problems import Problems
    from portalgen.register.listing import list_addresses

    opened = open_library(options, Problems(), lambda opened: opened, keep=False)
    addresses = list_addresses(opened.register, opened.library.sites)
    return opened.network, [item for item in addresses if not sites or item.site in sites]


def _erase(root: Path, output: Path, network: "Network", erased: Sequence[str]) -> None:
    """Forget addresses; all or none."""
    from portalgen.deploy.addresses import routes_by_site
    from portalgen.output.lock import Lock
    from portalgen.problems import Problems
    from portalgen.register.entries import copy_of
    from portalgen.register.listing import erase
    from portalgen.register.place import readable_folder
    from portalgen.register.store import load_register, save_register
    from portalgen.sources import OWN

    problems = Problems()
    with Lock(output / OWN / "lock"):
        register = load_register(readable_folder(root, output))
        after = copy_of(register) if register else None
        for slug, routes in routes_by_site(network, erased).items():
            for route in routes:
                refusal = erase(after, slug, route, int(time.time())) if after else None
                if refusal:
                    problems.add(refusal)
        problems.stop_if_any()
        if register and after:
            save_register(root, output, after, register)
