"""`portalgen explain`."""

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from portalgen.commands.common import (
    DONE,
    JOBS,
    JSON,
    LANG,
    NOW,
    ROOT,
    STATE,
    exit_on_error,
    language_of,
    write_json,
)
from portalgen.problems import Words, printable

if TYPE_CHECKING:
    from portalgen.authoring.explain import Explanation, Pair


@click.command("explain")
@click.argument("article")
@click.argument("other", required=False, default="")
@ROOT
@STATE
@JOBS
@NOW
@JSON
@LANG
def command(
    article: str, other: str, root: Path, state: Path | None, jobs: int | None, now: int | None,
    json_file: Path | None, lang: str | None,
) -> None:  # fmt: skip
    """Explain which articles are related news of ARTICLE, or why OTHER is or is not.

    Each is the path of its source or its address.
    """
    from msgspec import to_builtins

    from portalgen.authoring.explain import explain
    from portalgen.report import Options

    options = Options(root, root / "public", now or int(time.time()), jobs=jobs or 0, state=state)
    with exit_on_error(Words(lang or language_of(root))):
        explanation = explain(options, article, other)
    words = Words(lang or explanation.language)
    if json_file:
        write_json(json_file, to_builtins(explanation), words)
    _print(explanation, bool(other), words)
    sys.exit(DONE)


def _print(explanation: "Explanation", one: bool, words: Words) -> None:
    """Print each pair with its reasons, and what an editor can do."""
    article = printable(explanation.article)
    click.echo(words("explain-article", article=article, title=printable(explanation.title)))
    click.echo(words("explain-least", least=_number(explanation.least, words)))
    for pair in explanation.pairs:
        click.echo()
        _print_pair(pair, words)
    if not explanation.pairs:
        click.echo(words("explain-none"))
    click.echo()
    other = printable(explanation.pairs[0].reference) if one else words("explain-other")
    for code in ("explain-do-show", "explain-do-hide", "explain-do-words"):
        click.echo(words(code, article=article, other=other))


def _print_pair(pair: "Pair", words: Words) -> None:
    rank = f"{pair.rank}. " if pair.rank else ""
    click.echo(f"{rank}{printable(pair.path)}: {printable(pair.title)}")
    score, factor = _number(pair.score, words), _number(pair.nearness, words)
    click.echo(f"   {words(pair.outcome)}")
    click.echo(f"   {words('explain-score', score=score, factor=factor)}")
    terms = ", ".join(
        words("explain-term", term=printable(term.term), score=_number(term.score, words),
              articles=term.articles)
        for term in pair.terms
    )  # fmt: skip
    click.echo(f"   {words('explain-terms', terms=terms) if terms else words('explain-no-terms')}")


def _number(value: float, words: Words) -> str:
    text = f"{value:g}"
    return text.replace(".", ",") if words.language == "vi" else text
