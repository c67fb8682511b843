"""The fenced blocks of a document: commands, and what they are said to print."""

import re
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

DOCS = Path(__file__).resolve().parents[2] / "docs"
_FENCE = re.compile(r"^```([^\n`]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


class Block(Struct, frozen=True):
    """A fenced block: its language, what else its first line says, its text."""

    heading: str
    language: str
    more: str
    text: str

    @property
    def exit_code(self) -> int:
        """With which code the commands end: `sh exit=3`, else 0."""
        match = re.fullmatch(r"exit=(\d)", self.more)
        return int(match[1]) if match else 0


class Step(Struct, frozen=True):
    """Commands, and what they print; None if the document does not say it."""

    commands: Block
    prints: str | None


def blocks(document: str) -> list[Block]:
    """All fenced blocks of a document in `docs/`, with the heading that they stand below."""
    text = (DOCS / document).read_text("utf-8")
    return list(_blocks(text))


def _blocks(text: str) -> Iterator[Block]:
    heading, after = "", 0
    for match in _FENCE.finditer(text):
        headings = re.findall(r"^#+ (.+)$", text[after : match.start()], re.MULTILINE)
        heading, after = (headings or [heading])[-1], match.end()
        language, _, more = match[1].partition(" ")
        yield Block(heading, language, more, match[2])


def steps(document: str, heading: str) -> list[Step]:
    """The commands below a heading, each with the `text` that follows it."""
    return list(_steps([block for block in blocks(document) if block.heading == heading]))


def _steps(below: list[Block]) -> Iterator[Step]:
    for block, following in zip(below, [*below[1:], None]):
        if block.language == "sh":
            prints = following and following.language == "text"
            yield Step(block, following.text if following and prints else None)


def file(document: str, path: str) -> str:
    """The text of the block that begins with this path as a comment, without that line."""
    marks = (f"# {path}\n", f"#!/bin/sh\n# {path}\n")
    [text] = [block.text for block in blocks(document) if block.text.startswith(marks)]
    return text.replace(f"# {path}\n", "", 1)


def printed(expected: str, output: str) -> bool:
    """Whether the output is as expected: `…` is anything in a line, alone any lines."""
    pattern = "".join(
        "(?:.*\n)*" if line == "…" else re.escape(line).replace("…", ".*") + "\n"
        for line in expected.splitlines()
    )
    return re.fullmatch(pattern, output.replace("\r", "")) is not None
