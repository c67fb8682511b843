"""Bold, italic and struck out text, and that no letter between marks is lost."""

import html
import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from benchmarks.structure import reference, structure
from portalgen.content.emphasis import Span, spans
from tests.content.stock import long_way


def marked(text: str) -> str:
    return long_way(text).html.removeprefix("<p>").removesuffix("</p>")


AS_COMMONMARK = [
    "*a*", "**a**", "***a***", "_a_", "__a__", "~~a~~", "*a **b** c*", "**a *b* c**", "*a*b*c*",
    "***a** b*", "***a* b**", "**a*", "*a**", "a*b*c", "a_b_c", "_a_b", "2*3**4*5 chữ", "*n**n* b",
    "* a *", "a * b", "**a", "a**", "*(**a**)*", "“*a*”", "*a [b*](c) d*", "*`a*`*", "\\*a*",
    "*a\nb*", "*a*, *b*", "__a__b", "_“a”_", "**a** **b**", "*~~a~~*", "~~*a*~~", "~a~", "~~a~",
    "~~ a ~~", "*a _b* c_", "****", "*** a", "a***b***c", "*a**b**c*",
]  # fmt: skip


@pytest.mark.parametrize("text", AS_COMMONMARK)
def test_marks_mean_what_commonmark_says(text: str) -> None:
    assert structure(long_way(f"Chữ {text}").html) == reference(f"Chữ {text}")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("**Giá:**100", "<strong>Giá:</strong>100"),
        ("**Giá:**100, **phí:**20", "<strong>Giá:</strong>100, <strong>phí:</strong>20"),
        ("bài**“Sa Pa”**mới", "bài<strong>“Sa Pa”</strong>mới"),
        ("*Ghi chú:*abc", "<em>Ghi chú:</em>abc"),
        ("2009** 2010**. Rồi** x", "2009** 2010**. Rồi** x"),
        ("giá 5*) và 6*", "giá 5*) và 6*"),
        ("**a *b:**c", "<strong>a *b:</strong>c"),
    ],
)
def test_bold_text_may_end_with_a_sign_before_a_letter(text: str, expected: str) -> None:
    assert marked(text) == expected


def test_spans_are_within_or_beside_each_other() -> None:
    assert spans("***a** b* _c_") == [
        Span(0, 9, 1, "*"), Span(1, 6, 2, "*"), Span(10, 13, 1, "_"),
    ]  # fmt: skip


TEXTS = st.lists(
    st.sampled_from(["*", "**", "***", "_", "__", "~~", "a", "đ", "1", " ", ".", "(", ":"]),
    max_size=24,
).map("".join)


@settings(max_examples=300, deadline=None)
@given(TEXTS)
@example("2*3**4*5 chữ")  # Python-Markdown 3.11 leaves out "*5"
@example("*n**n*ữ")
def test_no_letter_is_lost_and_none_is_doubled(text: str) -> None:
    words = re.sub(r"[*_~\s]", "", text)
    visible = html.unescape(re.sub("<[^>]*>", "", long_way(f"x{text}x").html))
    assert re.sub(r"[*_~\s]", "", visible) == f"x{words}x"


@settings(max_examples=200, deadline=None)
@given(TEXTS)
def test_spans_do_not_cross_and_have_their_marks(text: str) -> None:
    is_open: list[Span] = []
    for span in spans(text):
        while is_open and is_open[-1].end <= span.start:
            is_open.pop()
        assert not is_open or span.end <= is_open[-1].end
        mark = span.sign * span.size
        assert text.startswith(mark, span.start)
        assert text.endswith(mark, 0, span.end)
        assert span.end - span.start > 2 * span.size
        is_open.append(span)
