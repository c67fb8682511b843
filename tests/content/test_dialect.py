"""What is typed means what CommonMark and GFM say; what does not yet is listed here."""

from collections.abc import Collection, Iterable
from typing import Any

import pytest

from benchmarks.structure import expected, reference, structure
from tests.content.dialect import SPEC, TEXTS, spec_examples
from tests.content.stock import CONVERTER
from tests.helpers import missing

EXAMPLES = spec_examples()
UNLIKE_SPEC = {
    63, 64, 68, 71, 73, 75, 76, 124, 126, 127, 128, 131, 132, 133, 135, 136, 137, 139, 143,
    144, 146, 234, 235, 236, 237, 242, 249, 252, 256, 257, 262, 263, 264, 266, 268, 270,
    271, 273, 274, 277, 278, 280, 281, 282, 283, 284, 286, 287, 288, 290, 294, 296, 297,
    300, 301, 302, 303, 305, 307, 312, 313, 314, 315, 316, 317, 318, 319, 321, 323, 324,
    325, 326, 634, 637, 639, 642, 643, 646,
}  # fmt: skip
UNLIKE_REFERENCE = {
    "list behind text", "numbered list behind text", "list with stars behind bold text",
    "nested by two", "nested by three", "nested by two, three deep", "nested with blank lines",
    "numbers nested in bullets by two", "bullets nested in numbers by two are no children",
    "numbers with a bracket", "a bracket behind a dot is another list",
    "another bullet is another list", "one blank line makes all items loose",
    "second paragraph by two", "second paragraph by three", "second paragraph by four",
    "fence in an item", "fence in an item behind a blank line", "code set in within an item",
    "table in an item", "item without text", "item that begins on the next line", "task boxes",
    "table behind text", "bar in code of a table", "table with a heading behind it",
    "table with a list behind it", "table without rows", "heading without a blank", "seven signs",
    "heading set in by three", "underlined heading of two lines", "two quotes",
    "fence with words behind its language", "fence that is not closed", "fence set in by two",
    "fence in a quote", "break by a backslash", "strikethrough", "bare address",
    "definition list", "reference picture", "Markdown in details", "Markdown in div",
    "text right behind HTML", "what is no tag", "backslashes",
}  # fmt: skip


def ours(text: str) -> list[str]:
    return structure(CONVERTER.convert(text)[0])


def cases(names: Iterable[Any], unlike: Collection[Any]) -> list[Any]:
    """Parameters; those that fail as yet have to, so that the list of them can only shrink."""
    mark = pytest.mark.xfail(strict=True, reason="means something else as yet")
    return [pytest.param(name, marks=mark) if name in unlike else name for name in names]


def test_the_examples_of_the_spec_are_there() -> None:
    if not SPEC.is_file():
        missing("no commonmark-spec: run `make browser-tools`, which needs npm")
    assert len(EXAMPLES) > 150
    assert set(EXAMPLES) >= UNLIKE_SPEC
    assert set(TEXTS) >= UNLIKE_REFERENCE


@pytest.mark.parametrize("number", cases(EXAMPLES, UNLIKE_SPEC))
def test_an_example_of_the_spec_means_what_it_says(number: int) -> None:
    example = EXAMPLES[number]
    assert ours(example.text) == expected(example.html)


@pytest.mark.parametrize("number", EXAMPLES)
def test_the_reference_makes_of_an_example_what_the_spec_says(number: int) -> None:
    example = EXAMPLES[number]
    assert reference(example.text) == expected(example.html)


@pytest.mark.parametrize("name", cases(TEXTS, UNLIKE_REFERENCE))
def test_a_text_means_what_the_reference_makes_of_it(name: str) -> None:
    assert ours(TEXTS[name]) == reference(TEXTS[name])
