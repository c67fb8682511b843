"""What is typed means what CommonMark and GFM say."""

import pytest

from benchmarks.structure import expected, reference, structure
from tests.content.dialect import SPEC, TEXTS, spec_examples
from tests.content.stock import CONVERTER
from tests.helpers import missing

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
