"""`portalgen import word`."""

from datetime import UTC, datetime
from pathlib import Path

import click

from portalgen.commands.common import (
    LANG,
    ROOT,
    Moment,
    ending,
    language_of,
)
from portalgen.problems import PortalError, Words


@click.group("import")
def command() -> None:
    """Make articles of documents."""


@command.command("word")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--site", default="main", help="Slug of the site; the main portal if not said.")
@click.option("--section", help="Slug of the section; the site's first if not said.")
@click.option("--date", type=Moment(), help="When to publish; if not said, it is a draft.")
@ROOT
@LANG
def word(
    file: Path, site: str, section: str | None, date: int | None, root: Path, lang: str | None
) -> None:
    """Make an article of a Word document, with its pictures beside it."""
    from portalgen.authoring.importers.word import import_word
    from portalgen.authoring.new import find_section, find_site
    from portalgen.problems import problem
    from portalgen.settings.network import load_network

    words = Words(lang or language_of(root))
    with ending(words):
        network = load_network(root)
        there = find_site(network, site)
        if not there.sections:
            raise PortalError([problem("no-sections", there.settings_path)])
        chosen = find_section(there, section) if section else there.sections[0]
        moment = datetime.fromtimestamp(date, UTC) if date else None
        made = import_word(file, network, there, chosen, moment, datetime.now(UTC))
    click.echo(made.path)
    for note in made.notes:
        click.echo(words(note))
