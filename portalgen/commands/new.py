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
    ending,
    language_of,
    print_problems,
)
from portalgen.problems import LANGUAGES, PortalError, Words, printable

if TYPE_CHECKING:
    from portalgen.settings.network import Network
    from portalgen.settings.site import Section, Site

_Named = TypeVar("_Named", "Site", "Section")
TITLE = click.argument("title", required=False)
SITE = click.option("--site", help="Slug of the site; the main portal if not said.")


@click.group("new")
def command() -> None:
    """Begin an article, a page, a member or a network."""


@command.command("article")
@TITLE
@SITE
@click.option("--section", help="Slug of the section; the site's first if not said.")
@ROOT
@LANG
def article(
    title: str | None, site: str | None, section: str | None, root: Path, lang: str | None
) -> None:
    """Begin an article: a draft with today's date. Asks if no title is given."""

    def make(network: "Network", words: Words, title: str, asking: bool) -> tuple[str, str]:
        from portalgen.authoring.new import find_section, new_article
        from portalgen.problems import problem

        there = _site(network, site, asking, words)
        if not there.sections:
            raise PortalError([problem("no-sections", there.settings_path)])
        chosen = there.sections[0]
        if section:
            chosen = find_section(there, section)
        elif asking:
            chosen = _choose(
                words("ask-section"), there.sections, lambda slug: find_section(there, slug), words
            )
        path = new_article(network, there, chosen, title, datetime.now(UTC))
        return path, words("new-article-next")

    _begin(root, lang, title, "ask-title", make)


@command.command("page")
@TITLE
@SITE
@ROOT
@LANG
def page(title: str | None, site: str | None, root: Path, lang: str | None) -> None:
    """Begin a plain page, outside the sections. Asks if no title is given."""

    def make(network: "Network", words: Words, title: str, asking: bool) -> tuple[str, str]:
        from portalgen.authoring.new import new_page

        there = _site(network, site, asking, words)
        path = new_page(network, there, title, datetime.now(UTC))
        url = f"/{Path(path).stem}.html"
        return path, words("new-page-next", url=url, settings=there.settings_path)

    _begin(root, lang, title, "ask-title", make)


@command.command("member")
@TITLE
@click.option("--slug", help="Name of the member's folder; made from its title if not said.")
@ROOT
@LANG
def member(title: str | None, slug: str | None, root: Path, lang: str | None) -> None:
    """Make a member: its settings and two first pages. Asks if no title is given."""

    def make(network: "Network", words: Words, title: str, asking: bool) -> tuple[str, str]:
        from portalgen.authoring.new import member_slug, new_member

        name = slug or member_slug(title)
        if asking and not slug:
            name = click.prompt(words("ask-slug"), default=name or None)
        path = new_member(network, title, name)
        return path, words("new-member-next", path=path)

    _begin(root, lang, title, "ask-name", make)


@command.command("network")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--title", help="Name of the main portal.")
@click.option(
    "--members",
    "table",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="CSV file of the members: slug, title and, if wanted, kind.",
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
    """Make a network in a new or an empty folder: a main portal, and the members of a list."""
    words = Words(lang or language)

    def make() -> tuple[str, str]:
        from portalgen.authoring.member_list import read_members
        from portalgen.authoring.network import check_room, new_network

        check_room(folder)
        members = read_members(table) if table else []
        name = (title or "").strip()
        if not name:
            name = Words(language)("network-title")
            if _can_ask():
                name = click.prompt(words("ask-portal"), default=name)
        new_network(folder, name, language, members, datetime.now(UTC))
        return str(folder), words("new-network-next", path=folder)

    _say(words, make)


def _begin(
    root: Path, lang: str | None, title: str | None, question: str,
    make: Callable[["Network", Words, str, bool], tuple[str, str]],
) -> None:  # fmt: skip
    """Make something in a network, and ask for its title if there is none."""
    words = Words(lang or language_of(root))
    asking = not (title or "").strip()
    if asking and not _can_ask():
        raise click.UsageError(words("new-no-title"))

    def make_there() -> tuple[str, str]:
        from portalgen.settings.network import load_network

        there = load_network(root)
        answer = _ask(words(question)) if asking else title or ""
        return make(there, words, answer, asking)

    _say(words, make_there)


def _say(words: Words, make: Callable[[], tuple[str, str]]) -> None:
    """Make it, say where it is and what comes next; or say what is wrong and end the program."""
    with ending(words, limit=0):
        path, then = make()
    click.echo(path)
    click.echo(then)


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
    """One of several, by number or slug, asked until it is one; the only one is not asked for."""
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
