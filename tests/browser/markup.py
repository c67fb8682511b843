"""The elements of finished HTML files."""

from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import NamedTuple


class Element(NamedTuple):
    """A start tag and its position."""

    file: Path
    line: int
    tag: str
    attributes: dict[str, str]

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: <{self.tag}> {self.attributes}"


class _Parser(HTMLParser):
    def __init__(self, file: Path):
        super().__init__()
        self.file = file
        self.found: list[Element] = []
        self.feed(file.read_text("utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        self.found.append(Element(self.file, self.getpos()[0], tag, attributes))


def elements(output: Path) -> Iterator[Element]:
    """Every element of every HTML file."""
    for file in sorted(output.rglob("*.html")):
        yield from _Parser(file).found


def first(found: list[Element]) -> str:
    """The first findings as text."""
    return "\n".join([f"{len(found)} found", *map(str, found[:10])])
