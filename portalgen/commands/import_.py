"""`portalgen import word`."""

from datetime import UTC, datetime
from pathlib import Path

import click

from portalgen.commands.common import (
    LANG,
    ROOT,
    Moment,
    exit_on_error,
    language_of,
)
from portalgen.problems import PortalError, Words


@click.group("import")
def command() -> None:
    """Make articles from documents."""


@command.command("word")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--site", default="main", help="Slug of the site; by default the main portal.")
@click.option("--section", help="Slug of the section; by default the site's first.")
@click.option("--date", type=Moment(), help="Time of publication; a draft without it.")
@ROOT
@LANG
def word(
    file: Path, site: str, section: str | None, date: int | None, root: Path, lang: str | None
) -> None:
    """Make an article from a Word document, with its pictures beside it."""
    from portalgen.authoring.importers.word import import_word
    from portalgen.authoring.new import find_section, find_site
    from portalgen.problems import problem
    from portalgen.settings.network import load_network
    from portalgen.text import moment_at

    words = Words(lang or language_of(root))
    with exit_on_error(words):
        network = load_network(root)
        target = find_site(network, site)
        if not target.sections:
            raise PortalError([problem("no-sections", target.settings_path)])
        target_section = find_section(target, section) if section else target.sections[0]
        moment = moment_at(date) if date else None
        imported = import_word(file, network, target, target_section, moment, datetime.now(UTC))
    click.echo(imported.path)
    for note in imported.notes:
        click.echo(words(note))
