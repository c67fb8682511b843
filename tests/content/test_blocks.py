"""Blocks: what is told of them, lists with letters, and that their text is kept."""

import html
import re
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from benchmarks.structure import reference, structure
from portalgen.content import blocks
from portalgen.content.blocks import TooDeep
from tests.content.stock import CONVERTER, long_way
from tests.helpers import article, network, run

AT = "content/tin-tuc/a.md"


def html_of(text: str) -> str:
    return CONVERTER.convert(text).html


LETTERS = {
    "a) đơn\nb) bản sao": ["a) đơn", "b) bản sao"],
    "Gồm:\na) đơn\nb) bản sao\nhai dòng\nc) ảnh": ["a) đơn", "b) bản sao\nhai dòng", "c) ảnh"],
    "c) ba\nd) bốn\nđ) năm\ne) sáu": ["c) ba", "d) bốn", "đ) năm", "e) sáu"],
    "1. một\n   a) đơn\n   b) **bản** sao\n2. hai": ["a) đơn", "b) <strong>bản</strong> sao"],
    "- a) một\n  b) hai\n\n  ba": ["a) một", "b) hai"],
}  # fmt: skip


@pytest.mark.parametrize("text", LETTERS)
def test_items_with_letters_are_a_list_that_shows_them(text: str) -> None:
    items = re.search(r'<ul class="letters">\n(.*?)\n</ul>', html_of(text), re.DOTALL)
    assert items is not None
    assert re.findall("<li>(.*?)</li>", items[1], re.DOTALL) == LETTERS[text]


@pytest.mark.parametrize(
    "text",
    ["a) một", "xem điểm\na) và b)", "b) hai\na) một", "a) một\nz) hai", "A) một\nB) hai",
     "a. một\nb. hai", "(a) một\n(b) hai", "a) một\n\nb) hai", "    a) một\n    b) hai"],
)  # fmt: skip
def test_other_letters_are_text(text: str) -> None:
    assert "<ul" not in html_of(text)
    assert structure(html_of(text)) == reference(text)


def test_a_paragraph_before_items_with_letters_stays_one() -> None:
    assert html_of("Gồm:\na) x\nb) y\n\nHết.") == (
        '<p>Gồm:</p>\n<ul class="letters">\n<li>a) x</li>\n<li>b) y</li>\n</ul>\n<p>Hết.</p>'
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("- [ ] một\n- [x] hai\n- [X] ba", ["☐ một", "☑ hai", "☑ ba"]),
        ("1. [ ] một\n\n2. [x] hai", ["\n<p>☐ một</p>\n", "\n<p>☑ hai</p>\n"]),
        ("- một [ ] hai\n- [ ]ba\n- [y] bốn", ["một [ ] hai", "[ ]ba", "[y] bốn"]),
    ],
)
def test_boxes_of_tasks_are_signs(text: str, expected: list[str]) -> None:
    assert re.findall("<li>(.*?)</li>", html_of(text), re.DOTALL) == expected


def test_columns_are_aligned_by_class() -> None:
    markup = html_of("| a | b | c | d |\n|:--|:-:|--:|---|\n| 1 | 2 | 3 | 4 |")
    assert re.findall(r"<(t[hd])(?: class=\"([^\"]*)\")?>", markup) == [
        (cell, name)
        for cell in ("th", "td")
        for name in ("align-left", "align-center", "align-right", "")
    ]


TOLD = {
    "Một\n\n<div>\n**hai**\n</div>": (7, "markdown-in-html"),
    "<details>\n<summary>a</summary>\n[b](c.md)\n</details>": (5, "markdown-in-html"),
    "| a | b |\n|---|---|\n| 1 | 2 | 3 |": (7, "cells-lost"),
    "> | a | b |\n> |---|---|\n> | 1 | 2 |\n> | 1 | 2 | 3 | 4 |": (8, "cells-lost"),
    "Một\n\n```\nmã": (7, "fence-open"),
    "- a\n\n  ~~~py\n  mã\n\nb": (7, "fence-open"),
}
QUIET = [
    "<div>\n\n**hai**\n\n</div>", "<div><code>**a**</code> 2 ** 3 ** 4</div>",
    "<pre>\n**a**\n</pre>",
    "| a | b |\n|---|---|\n| 1 | 2 |", "| a | b |\n|---|---|\n| 1 \\| 2 | `\\|` |\n| 1 |",
    "a | b\n--|--\n1 | 2", "```\nmã\n```", "- ```\n  mã\n  ```\n", "> ```\n> mã\n> ```", "```\n```",
    "~~~\n```\n~~~", "````\n```\n````", "<div>\n\na",
]  # fmt: skip


@pytest.mark.parametrize("text", TOLD)
def test_what_swallows_text_is_told_with_its_line(tmp_path: Path, text: str) -> None:
    root = network(tmp_path, {AT: article("Một", body=text + "\n")})
    line, code = TOLD[text]
    assert (line, code) in [(problem.line, problem.code) for problem in run(root).warnings]


@pytest.mark.parametrize("text", [*QUIET, *TOLD])
def test_what_is_whole_has_no_fault(text: str) -> None:
    assert bool(long_way(text).faults) is (text in TOLD)


def test_the_remedy_of_a_fault_ends_it() -> None:
    remedies = {
        "| a | b |\n|---|---|\n| 1 | 2 | 3 |": "| a | b | c |\n|---|---|---|\n| 1 | 2 | 3 |",
        "| a | b |\n|---|---|\n| 1 | 2 | 4 |": "| a | b |\n|---|---|\n| 1 | 2 \\| 4 |",
        "Một\n\n```\nmã": "Một\n\n```\nmã\n```",
        "- a\n\n  ~~~py\n  mã\n\nb": "- a\n\n  ~~~py\n  mã\n  ~~~\n\nb",
        "<div>\n**hai**\n</div>": "<div>\n\n**hai**\n\n</div>",
    }
    for wrong, right in remedies.items():
        assert long_way(wrong).faults != []
        assert long_way(right).faults == []


def test_messages_name_the_cells_and_the_sign(tmp_path: Path) -> None:
    body = "| a | b |\n|---|---|\n| 1 | 2 | 3 |\n\n~~~\nmã\n"
    root = network(tmp_path, {AT: article("Một", body=body)})
    assert [problem.describe("vi") for problem in run(root).warnings] == [
        f"{AT}:7:1: Dòng này của bảng có 3 ô mà bảng chỉ có 2 cột, nên các ô thừa không hiện ra. "
        "Hãy thêm cột vào dòng tiêu đề của bảng, hoặc gõ \\| nếu dấu | là một phần của chữ.",
        f"{AT}:9:1: Phần mã bắt đầu ở đây bằng ~~~ không có dòng kết thúc, nên tất cả chữ phía sau "
        "thành mã. Hãy thêm một dòng chỉ có ~~~ vào sau phần mã.",
    ]


def test_no_paragraph_is_around_blocks_of_html_that_are_set_in() -> None:
    assert "<p>" not in html_of("  <div>\n    a\n  </div>\n\n   <table><tr><td>b</td></tr></table>")
    assert html_of("  <b>a</b>").strip() == "<p><b>a</b></p>"


def test_footnotes_with_any_label_lead_there_and_back() -> None:
    markup = html_of("Chữ[^Ghi], lại[^Ghi] và[^đ]\n\n[^đ]: hai\n\n[^Ghi]: một\n\n    - nữa\n")
    links = re.findall(r'href="#([^"]*)"', markup)
    ids = re.findall(r' id="([^"]*)"', markup)
    assert len(links) == 6
    assert {html.unescape(link) for link in links} <= {html.unescape(name) for name in ids}
    # In the order in which they are named.
    assert markup.index("<p>một</p>\n<ul>\n<li>nữa</li>") < markup.index("<p>hai")


def test_footnotes_are_numbered_as_they_are_named() -> None:
    markup = html_of(
        "- a[^x]\n\n> b[^y]\n\nc[^z] d[^x]\n\n[^z]: 3\n[^w]: 4 e[^v]\n[^v]: 5\n[^y]: 2\n[^x]: 1\n"
    )
    assert re.findall(r'href="#fn:(\w)"[^>]*>(\d)<', markup) == [
        ("x", "1"), ("y", "2"), ("z", "3"), ("x", "1"), ("v", "4"),
    ]  # fmt: skip
    assert re.findall(r'<li id="fn:(\w)">\s*<p>(\d)', markup)[:3] == [
        ("x", "1"),
        ("y", "2"),
        ("z", "3"),
    ]


def test_a_footnote_without_text_leads_back() -> None:
    for text in "Chữ[^1]\n\n[^1]: ", "Chữ[^1]\n\n[^1]:\n[^2]: a", "[^1]: ":
        assert html_of(text).count("↩") == html_of(text).count("<li")


def test_what_nests_too_deep_is_named_by_its_line() -> None:
    for text, line in {
        "a\n\n" + "> " * 70 + "x": 2,
        "\n".join("  " * level + "- x" for level in range(60)): 30,
    }.items():
        with pytest.raises(TooDeep) as error:
            long_way(text)
        assert error.value.line == line
    assert long_way("\n".join("  " * level + "- x" for level in range(30))).html.count("<ul>") == 30


PARTS = [
    "- ", "* ", "1. ", "2) ", "> ", "  ", "    ", "\t", "# ", "", "", "```\n", "---",
    "| a | b |\n|---|---|\n", "| 1 | 2 |", "- [ ] x", ": ", "chữ", "hai chữ", "14. ", "#x", "**đ**",
    "`m`", "~~x~~", "![a](b.jpg)", "[a](b.md)", " https://a.example/b ", "<div>", "</div>",
]  # fmt: skip
LINES = st.tuples(
    st.sampled_from(PARTS),
    st.sampled_from(["", "", "x", "chữ"]),
    st.sampled_from(["\n", "\n", "\n\n", "  \n", ""]),
).map("".join)


@settings(max_examples=200, deadline=None)
@given(st.lists(LINES, max_size=8).map("".join))
@example("- a\n  : b\n\n> [c]: d\n>     e")
def test_a_rule_that_is_left_out_would_find_nothing(text: str) -> None:
    tokens = [token.as_dict() for token in blocks._parser(()).parse(text, {})]
    assert [token.as_dict() for token in blocks._parse(text, {})] == tokens


@settings(max_examples=400, deadline=None)
@given(st.lists(LINES, max_size=8).map("".join))
def test_any_text_means_what_the_reference_makes_of_it(text: str) -> None:
    assert structure(html_of(text)) == reference(text)
