"""Find code in a Markdown text, where nothing is HTML or a link."""

import re
from collections.abc import Iterator

from markdown.extensions.fenced_code import FencedBlockPreprocessor

_FENCED: re.Pattern[str] = FencedBlockPreprocessor.FENCED_BLOCK_RE
_INLINE = re.compile(r"(?<![\\`])(`+)(?!`)[^\n]{1,1000}?(?<!`)\1(?!`)")
_NOT_LINE_END = re.compile(r"[^\n]")


def fenced(body: str) -> Iterator[tuple[int, int]]:
    """Start and end of every fenced block, as Python-Markdown matches them."""
    if "```" in body or "~~~" in body:
        for match in _FENCED.finditer(body):
            yield match.span()


def without_code(body: str) -> str:
    """The text with code blanked out; every other character keeps its place."""
    for start, end in fenced(body):
        body = body[:start] + _NOT_LINE_END.sub(" ", body[start:end]) + body[end:]
    return _INLINE.sub(lambda match: " " * len(match[0]), body) if "`" in body else body
