"""How many lines of real articles take the short way through Markdown.

    python -m benchmarks.short_way DIR...

For each folder: the number of its Markdown files, of the headings, paragraphs, items and cells in
them, and how many hundredths of these Python-Markdown has to look at. Front matter is left out.
"""

import re
import sys
from pathlib import Path
from unittest import mock

from portalgen.content import plain
from portalgen.content.markdown import Converter

_FRONT_MATTER = re.compile(r"\A\ufeff?(---|\+\+\+)[^\n]*\n(?:.*?\n)??\1[ \t]*(?:\n|\Z)", re.DOTALL)
_CONVERTER = Converter()


def body(text: str) -> str:
    """A file without its front matter, with one sort of line ends."""
    return _FRONT_MATTER.sub("", text.replace("\r\n", "\n"))


def ways(text: str) -> tuple[int, int]:
    """How many headings, paragraphs, items and cells take the short way, and how many the long."""
    results: list[bool] = []

    def inline(text: str) -> str | None:
        html = plain_inline(text)
        results.append(html is not None)
        return html

    plain_inline = plain.inline
    with mock.patch.object(plain, "inline", inline):
        _CONVERTER.convert(text)
    return results.count(True), results.count(False)


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
        print(f"{share:5.1f} % of {short + long} lines in {len(texts)} files: {folder}")


if __name__ == "__main__":
    main()
