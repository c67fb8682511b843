"""How many paragraphs of real articles take the short way through Markdown.

    python -m benchmarks.short_way DIR...

For each folder: the number of its Markdown files and of the paragraphs in them, and how many
hundredths of these Python-Markdown has to look at. Front matter is left out.
"""

import re
import sys
from pathlib import Path

from portalgen.content import plain

_FRONT_MATTER = re.compile(r"\A\ufeff?(---|\+\+\+)[^\n]*\n(?:.*?\n)??\1[ \t]*(?:\n|\Z)", re.DOTALL)
_FENCED = re.compile(r"^(```+|~~~+).*?^\1[`~]* *$", re.MULTILINE | re.DOTALL)
_BLANK_LINES = re.compile(r"\n[ \t]*\n\s*")


def body(text: str) -> str:
    """A file without its front matter, with one sort of line ends."""
    return _FRONT_MATTER.sub("", text.replace("\r\n", "\n"))


def blocks(text: str) -> list[str]:
    """What blank lines divide: paragraphs, headings, lists, tables; fenced code is one."""
    without_code = _FENCED.sub("```", text)
    return [block for block in _BLANK_LINES.split(without_code) if block.strip()]


def ways(text: str) -> tuple[int, int]:
    """How many paragraphs of a text take the short way, and how many the long one."""
    rest, runs = plain.set_aside(text.lstrip("\n"))
    short = sum(map(len, runs))
    return short, len(blocks(rest)) - len(runs)


def main() -> None:
    for folder in sys.argv[1:]:
        texts = [
            body(file.read_text("utf-8", "replace"))
            for file in sorted(Path(folder).rglob("*.md"))
            if file.is_file()
        ]
        counts = [ways(text) for text in texts]
        short, long = (sum(each) for each in zip(*counts)) if counts else (0, 0)
        share = 100 * long / max(1, short + long)
        print(f"{share:5.1f} % of {short + long} paragraphs in {len(texts)} files: {folder}")


if __name__ == "__main__":
    main()
