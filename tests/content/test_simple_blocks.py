"""Headings, paragraphs and lists are divided as the library for CommonMark divides them."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from portalgen.content.blocks import _parse
from portalgen.content.simple_blocks import Block, simple_blocks

SIMPLE = {
    "Một\nhai\n\nBa": [Block("p", ["Một\nhai"]), Block("p", ["Ba"])],
    "\n \n# Một #\n### Hai\nba": [Block("h2", ["Một"]), Block("h3", ["Hai"]), Block("p", ["ba"])],
    "Gồm:\n- a\n  b\n- c\n\nHết": [
        Block("p", ["Gồm:"]), Block("ul", ["a\nb", "c"]), Block("p", ["Hết"]),
    ],
    "3. a\n5. b": [Block("ol", ["a", "b"], 3)],
    "Xem ![ảnh](a.jpg) và https://x.vn": [Block("p", ["Xem ![ảnh](a.jpg) và https://x.vn"])],
    "-5 độ\n+ 3": [Block("p", ["-5 độ"]), Block("ul", ["3"])],
    "**đậm**\n*a*": [Block("p", ["**đậm**\n*a*"])],
}  # fmt: skip
OTHERS = [
    "| a |\n|---|", "> a", "```\na\n```", "    a", "\ta", "<div>a", "a\n<b>", "[a]: b", "[^1]: b",
    "a\n---", "a\n===", "***", "_ _ _", "- - -", "a\n: b", "a\n~ b", "- a\n\n- b", "- a\n  - b",
    "- a\n\n  b", "a\n2. b", "1) a", "a) b\nb) c", "- [ ] a", "## ", "#a", "####### a", "- ", " a",
    "- a\n* b", "1. a\n- b", "\u00a0a", "a\u2003", "", "a\rb",
]  # fmt: skip


@pytest.mark.parametrize("text", SIMPLE)
def test_headings_paragraphs_and_lists_are_divided(text: str) -> None:
    assert simple_blocks(text) == SIMPLE[text]


@pytest.mark.parametrize("text", OTHERS)
def test_other_blocks_are_left_to_the_library(text: str) -> None:
    assert not simple_blocks(text)


def divided(text: str) -> list[tuple[str, str]]:
    """The blocks of the library, flat: elements with their texts."""
    flat = []
    tags: list[str] = []
    for token in _parse(text, {}):
        if token.nesting > 0:
            start = f" {token.attrs['start']}" if token.attrs else ""
            tags.append(token.tag.replace("h1", "h2") + start)
        elif token.nesting < 0:
            tags.pop()
        elif token.type == "inline":
            hidden = tags[-2:-1] == ["li"] or tags[-1] == "p"
            tag = " ".join(tags[:-1] if hidden and len(tags) > 1 else tags)
            lines = "\n".join(line.lstrip(" \t") for line in token.content.split("\n"))
            flat.append((tag, lines))
        else:
            flat.append((token.type, token.content))
    return flat


LINES = st.tuples(
    st.sampled_from(
        ["", "", "", "- ", "* ", "+ ", "1. ", "2. ", "# ", "## ", "  ", "   ", "-", "*", "_", "#",
         "1.", "> ", "```", "|", "a) ", "<", "[a]: ", "=", ": ", "***", "- [x] "]
    ),
    st.sampled_from(["", "chữ", "a b", "**a**", "`a`", "[a](b)", "<b>", "a #", "#", "1. a", "---"]),
    st.sampled_from(["\n", "\n", "\n\n", " \n", "  \n", "\n \n"]),
).map("".join)  # fmt: skip


@settings(max_examples=600, deadline=None)
@given(st.lists(LINES, max_size=7).map("".join))
@example("Một\n\n#  #\n")
@example("a\n```\n")
@example("a\n<div>\n")
def test_what_is_simple_is_divided_as_the_library_divides_it(text: str) -> None:
    blocks = simple_blocks(text)
    if blocks is None:
        return
    expected = []
    for tag, texts, start in blocks:
        name = f"{tag} {start}" if start != 1 else tag
        expected += [(f"{name} li" if tag in ("ul", "ol") else name, words) for words in texts]
    assert divided(text) == expected
