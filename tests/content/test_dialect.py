"""What is typed means what CommonMark and GFM say."""

import re
from pathlib import Path

import pytest

from benchmarks.structure import expected, reference, structure
from tests.content.dialect import SPEC, TEXTS, spec_examples
from tests.content.stock import CONVERTER
from tests.helpers import missing

ROOT = Path(__file__).parents[2]
EXAMPLES = spec_examples()


def ours(text: str) -> list[str]:
    return structure(CONVERTER.convert(text)[0])


def test_the_examples_of_the_spec_are_there() -> None:
    if not SPEC.is_file():
        missing("no commonmark-spec: run `make browser-tools`, which needs npm")
    assert len(EXAMPLES) > 150


@pytest.mark.parametrize("number", EXAMPLES)
def test_an_example_of_the_spec_means_what_it_says(number: int) -> None:
    example = EXAMPLES[number]
    assert ours(example.text) == expected(example.html)


@pytest.mark.parametrize("number", EXAMPLES)
def test_the_reference_makes_of_an_example_what_the_spec_says(number: int) -> None:
    example = EXAMPLES[number]
    assert reference(example.text) == expected(example.html)


@pytest.mark.parametrize("name", TEXTS)
def test_a_text_means_what_the_reference_makes_of_it(name: str) -> None:
    assert ours(TEXTS[name]) == reference(TEXTS[name])


GUIDE = (ROOT / "docs/trinh-bay.md").read_text("utf-8")
_EXAMPLE = re.compile(r"^(```+)markdown\n(.*?)\n\1\n\n<!--html\n(.*?)\n-->$", re.M | re.S)
GUIDE_EXAMPLES = [match.group(2, 3) for match in _EXAMPLE.finditer(GUIDE)]


def test_each_section_of_the_guide_has_its_example() -> None:
    assert len(GUIDE_EXAMPLES) == len(re.findall("^```+markdown$", GUIDE, re.MULTILINE)) > 12


@pytest.mark.parametrize(("text", "html"), GUIDE_EXAMPLES)
def test_an_example_of_the_guide_becomes_what_is_written_beside_it(text: str, html: str) -> None:
    assert CONVERTER.convert(text).html.strip() == html
