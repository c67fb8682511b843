"""`portalgen new article`, `new page`, `new member` and `new network`."""

import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from portalgen.commands.common import (
    LANG,
    ROOT,
    exit_on_error,
    language_of,
    print_problems,
)
from portalgen.problems import LANGUAGES, PortalError, Words, printable

if TYPE_CHECKING:
    from portalgen.settings.network import Network
    from portalgen.settings.site import Section, Site

_Named = TypeVar("_Named", "Site", "Section")
TITLE = click.argument("title", required=False)
SITE = click.option("--site", help="Slug of the site; by default the main portal.")


@click.group("new")
def command() -> None:
    """Make an article, a page, a member or a network."""


@command.command("article")
@TITLE
@SITE
@click.option("--section", help="Slug of the section; by default the site's first.")
@ROOT
@LANG
def article(
    title: str | None, site: str | None, section: str | None, root: Path, lang: str | None
) -> None:
    """Make an article: a draft with today's date. Asks for a missing title."""

    def make(network: "Network", words: Words, title: str, asking: bool) -> tuple[str, str]:
        from portalgen.authoring.new import find_section, new_article
        from portalgen.problems import problem

        target = _site(network, site, asking, words)
        if not target.sections:
            raise PortalError([problem("no-sections", target.settings_path)])
        target_section = target.sections[0]
        if section:
            target_section = find_section(target, section)
        elif asking:
            target_section = _choose(
                words("ask-section"),
                target.sections,
                lambda slug: find_section(target, slug),
                words,
            )
        path = new_article(network, target, target_section, title, datetime.now(UTC))
        return path, words("new-article-next")

    _run_make(root, lang, title, "ask-title", make)


@command.command("page")
@TITLE
@SITE
@ROOT
@LANG
def page(title: str | None, site: str | None, root: Path, lang: str | None) -> None:
    """Make a plain page, outside the sections. Asks for a missing title."""

    def make(network: "Network", words: Words, title: str, asking: bool) -> tuple[str, str]:
        from portalgen.authoring.new import new_page

        target = _site(network, site, asking, words)
        path = new_page(network, target, title, datetime.now(UTC))
        url = f"/{Path(path).stem}.html"
        return path, words("new-page-next", url=url, settings=target.settings_path)

    _run_make(root, lang, title, "ask-title", make)


@command.command("member")
@TITLE
@click.option("--slug", help="Name of the member's folder; by default made from its title.")
@ROOT
@LANG
def member(title: str | None, slug: str | None, root: Path, lang: str | None) -> None:
    """Make a member: its settings and first two pages. Asks for a missing title."""

    def make(network: "Network", words: Words, title: str, asking: bool) -> tuple[str, str]:
        from portalgen.authoring.new import member_slug, new_member

        name = slug or member_slug(title)
        if asking and not slug:
            name = click.prompt(words("ask-slug"), default=name or None)
        path = new_member(network, title, name)
        return path, words("new-member-next", path=path)

    _run_make(root, lang, title, "ask-name", make)


@command.command("network")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--title", help="Name of the main portal.")
@click.option(
    "--members",
    "table",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="CSV file of the members: slug, title and optionally kind.",
)
@click.option(
    "--language",
    type=click.Choice(LANGUAGES),
    default="vi",
    show_default=True,
    help="Language of the sites.",
)
@LANG
def network(
    folder: Path, title: str | None, table: Path | None, language: str, lang: str | None
) -> None:
    """Make a network in a new or empty folder: a main portal, and the members of a list."""
    words = Words(lang or language)

    def make() -> tuple[str, str]:
        from portalgen.authoring.member_list import read_members
        from portalgen.authoring.network import check_empty, new_network

        check_empty(folder)
        members = read_members(table) if table else []
        name = (title or "").strip()
        if not name:
            name = Words(language)("network-title")
            if _can_ask():
                name = click.prompt(words("ask-portal"), default=name)
        new_network(folder, name, language, members, datetime.now(UTC))
        return str(folder), words("new-network-next", path=folder)

    _make_and_print(words, make)


def _run_make(
    root: Path, lang: str | None, title: str | None, question: str,
    make: Callable[["Network", Words, str, bool], tuple[str, str]],
) -> None:  # fmt: skip
    """Run `make` in a network; ask for a missing title."""
    words = Words(lang or language_of(root))
    asking = not (title or "").strip()
    if asking and not _can_ask():
        raise click.UsageError(words("new-no-title"))

    def make_in_network() -> tuple[str, str]:
        from portalgen.settings.network import load_network

        network = load_network(root)
        answer = _ask(words(question)) if asking else title or ""
        return make(network, words, answer, asking)

    _make_and_print(words, make_in_network)


def _make_and_print(words: Words, make: Callable[[], tuple[str, str]]) -> None:
    """Run `make`; print the path and what comes next, or the problems and exit."""
    with exit_on_error(words, limit=0):
        path, next_step = make()
    click.echo(path)
    click.echo(next_step)


def _can_ask() -> bool:
    return bool(sys.stdin and sys.stdin.isatty())


def _ask(question: str) -> str:
    answer = ""
    while not answer.strip():
        answer = click.prompt(question)
    return answer


def _site(network: "Network", slug: str | None, asking: bool, words: Words) -> "Site":
    from portalgen.authoring.new import find_site

    if slug or not asking:
        return find_site(network, slug or network.main.slug)
    return _choose(
        words("ask-site"), network.sites, lambda answer: find_site(network, answer), words
    )


def _choose(
    question: str, items: Sequence[_Named], find: Callable[[str], _Named], words: Words
) -> _Named:
    """Ask for one of several by number or slug until it is valid; a single one is taken at once."""
    if len(items) == 1:
        return items[0]
    numbered = {str(number): item for number, item in enumerate(items, 1)}
    for number, item in numbered.items():
        click.echo(f"{number:>3}  {item.slug}  {printable(item.title)}")
    while True:
        answer = _ask(question).strip()
        try:
            return numbered.get(answer) or find(answer)
        except PortalError as error:
            print_problems(error.problems, words)
