from pathlib import Path
from unittest import mock

import markdown
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from benchmarks import short_way
from portalgen.content.markdown import Converted, Converter
from tests.content.stock import CONVERTER, long_way

ROOT = Path(__file__).parents[2]
SAMPLE = sorted([*ROOT.glob("content/**/*.md"), *ROOT.glob("members/*/content/**/*.md")])
# Parts of plain text, and what is next to them in Markdown and only looks like it.
WORDS = [
    "Nước từ khe núi", "Sa Pa, 10/1", "một (hai)", "đ.", "“ngoặc”", "x:", "1986. Năm", "1.5", "’",
    "—", "+1", "-5 độ", "!", "R & D", "AT&T", "a > b", "a_b", "a__b", "\u00a0", "\u2028", "\x85",
    "\u3000", "²", "٣. ", "C#", "#1", "@", "$", "~", "'a'", '"b"', "{{ a }}",
    "**đậm**", "*nghiêng*", "__đậm__", "_nghiêng_", "**_hai_**", "_**hai**_", "***ba***",
    "**một\nhai**", "`mã`", "`a * b`", "`a > b`", "`a  b`", "``c``", "`&amp;`", "\\*", "\\_", "\\#",
    "&amp;", "&nbsp;", "&rsquo;", "&frac12;", "&notit;", "&foo;", "&#8217;", "&#39;", "&#233;",
    "&lt;b&gt;", "[chữ](b.md)", "[một\nhai](../b/c.md)", "[**a** `b`](portal:x/a.md)",
    "**[a](https://x.example/a_b?c=1&d=2#e)**", "[a!](mailto:a@b.example)", "[a](tel:+84-1)",
    "[a](//x.example/b:c)", "https://x.example/",
]  # fmt: skip
MARKS = [
    "*", "**", "_", "__", "`", "[", "]", "](", ")", "(", "!", "![", "&", "\\", "|", "#", "##",
    "< ", "<br>", "<br />", "<!-- a -->", "<https://x.example/?a=1>", "![ảnh](a.jpg)", "[^1]",
    "[a][1]", "[a](javascript:b)", "[a](https://%/)",
]  # fmt: skip
# What may reach over the block or the line it is in.
REACHING = [
    "<", "<b>", "</b>", "<div>", "</div>", "<!--", "-->", "<script>", "\ue000", "\ue0000\ue000",
    "\x02", "\x03", "\r", "&#33", "~~~", "```", "```\n", "\n```\n", "\n```py\n", "\n```x y\n",
]  # fmt: skip
BEGINS = [
    "", "", "", "", "# ", "## ", "###", "- ", "* ", "+ ", "1. ", "2. ", "3) ", "-   ", "> ", "  ",
    "    ", "\t", "= ", "===", "---", "***", "- - -", "|-|-|",
    "[1]: u", "[^1]: g", ": ", "*\t", "#\u00a0",
]  # fmt: skip
ENDS = ["\n", "\n", "\n\n", "\n\n", "\n\n", " \n", "  \n", "\n \n", "\n\n\n", "\n\t\n", " #\n", ""]
BEHIND_FRONT_MATTER = ["", "\n", "\n\n", " \t\n\n"]


FENCES = ["```\nx\n\n\ny\n```\n", "```py\n<b>\n```  \n", "```\n```\n\n"]


def lines_of(marks: list[str], letters: str) -> st.SearchStrategy[str]:
    words = st.lists(st.sampled_from(WORDS), min_size=1, max_size=4).map(" ".join)
    plain_lines = st.tuples(
        st.sampled_from(["", "", "", "- ", "1. ", "  ", "## "]),
        words,
        st.sampled_from(["\n", "\n\n", "  \n", "\n\n\n", "\n \n"]),
    )
    odd_lines = st.tuples(
        st.sampled_from(BEGINS),
        st.one_of(
            words,
            st.lists(st.sampled_from(WORDS + marks), max_size=5).map("".join),
            st.text(letters, max_size=14),
        ),
        st.sampled_from(ENDS),
    )
    return st.one_of(plain_lines.map("".join), odd_lines.map("".join), st.sampled_from(FENCES))


def texts(lines: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    blank = st.sampled_from(BEHIND_FRONT_MATTER)
    return st.builds(
        lambda blank, lines: blank + "".join(lines), blank, st.lists(lines, max_size=9)
    )


ANY_LINES = lines_of(MARKS, "abĐ #*_[]()!>&\\|-=:.1\t ") | lines_of(MARKS, "abĐ #*_`()!-1 ")
TEXTS = st.one_of(
    texts(lines_of([], "aĐ .,-()1 ")),
    texts(ANY_LINES),
    texts(lines_of(MARKS + REACHING, "ab#*_`[]()!<>&\\~:;1\t ")),
)


def is_lost_by_python_markdown(converted: Converted) -> bool:
    """Whether a link or tag within another was lost: its number is shown instead."""
    return "klzzwxh" in converted.html or "wzxhzdk" in converted.html


@settings(max_examples=800, deadline=None)
@given(TEXTS)
@example("- [a](b.md)\n\n*\t\t\nx")  # one list
@example("    \u00a0\n\nMột")  # code
@example("a  \n      [b](c.md)")  # a break, and no blanks behind it
@example("-  #\n    **đậm**\n")  # text behind an element of an item
@example("&#33a *\n\nMột&rsquo;")  # to Python's parser of HTML, any `;` matters
@example("Một\n\n`\x02``\n\nHai\n\n`\x02``\n")  # a fence without the \x02
@example("Nước \x85\n\nNước \xa0\n\na  \n\x85")  # white space that is trimmed, or not
def test_the_short_way_makes_what_the_long_way_makes(text: str) -> None:
    expected = long_way(text)
    assume(not is_lost_by_python_markdown(expected))
    assert CONVERTER.convert(text) == expected


MARKED = st.lists(
    st.sampled_from(
        ["*", "*", "**", "**", "_", "__", "a", "b", "đ", " ", ".", "(", ")", "“", "`x`", "[a](b)",
         "\\*", "&amp;", "\n", "*a*", "**b**"]
    ),
    max_size=9,
).map("".join)  # fmt: skip


@settings(max_examples=600, deadline=None)
@given(MARKED)
@example("đ*.*")
@example("a**(*")
def test_marks_mean_the_same_in_both_ways(text: str) -> None:
    text = f"Chữ {text} chữ"
    assert CONVERTER.convert(text) == long_way(text)


HOSTS = [
    "x.example",
    "1.2.3.4",
    "999.1",
    "x.1",
    "0x1",
    "xn--a",
    "a--b",
    "-a-",
    "a..b",
    "%",
    "",
    "a,b",
]
ADDRESSES = st.one_of(
    st.tuples(
        st.sampled_from(["https://", "http://", "//", "portal:", "mailto:", "tel:", "", "ftp://"]),
        st.sampled_from(HOSTS),
        st.sampled_from(["", "/", "?", "#", ":80", ":", ".", "/a b", "/%zz", "/a&amp;b"]),
        st.text("ab/.:?#&=%@_-+,;~!$'()", max_size=6),
    ).map("".join),
    st.text("ab1/.:?#&=%@_-+,;~", max_size=12),
)


@settings(max_examples=300, deadline=None)
@given(ADDRESSES)
@example("https://%/")
@example("https://xn--a/")
def test_addresses_are_cleaned_in_the_short_way_too(address: str) -> None:
    text = f"Xem [đây]({address})."
    assert CONVERTER.convert(text) == long_way(text)


ORDINARY = [
    "Một đoạn.\n\nHai đoạn.\n\n## Mục\n\nBa.",
    "Một\nhai dòng\n\n- danh sách\n- nữa\n\nBốn.",
    "Một\n\n    mã\n\nHai",
    "1. Một\n\n    Tiếp\n\n2. Hai",
    "> Trích\n\nSau\n\n[^1]: Ghi\n\n    tiếp\n\nCó[^1]",
    "Chữ & chữ\n\nA < B\n\nC > D",
    "# A #\n\n#B\n\n####### C",
    "Tên\n===\n\nTên\n---\n\nChữ",
    "a | b\n--- | ---\n1 | 2\n\nsau",
    "x  \ny\n\nz\\\n\n*a*",
    "Gồm\n\n- một\n- 2 hai, **ba**\n\nSau\n\n1. một\n2. hai\n\n## Mục\n\n* a\n* b",
    "Gồm\n- một\n- hai\n\nSau\n1. một\n2. hai\n## Mục\n* a\nb",
    "- một\n- hai\n\nSau\n\n- ba\n\n- bốn\n\n  năm\n\n“Sáu”\n\n- bảy\n\n    tám",
    "1. một\n1. hai\n\n2. ba\n\n(Bốn)\n\n2. năm\n3. sáu\n\n12 bảy\n\n* tám\n- chín",
    "- một\nhai\n- ba\n\n- bốn\n\n\n- năm\n\n- 6. sáu\n\n- x\n1. y\n\nHết\n\n- z\n",
    "- một\n\n[^1]: Ghi\n\n- hai\n\n[1]: https://x.example/\n\n- ba\n\nMột[^1]",
    "Họp lúc\n14. giờ\n\na) một\nb) hai\n\nđiểm\na) một",
    "Một\n\n| a | b |\n|---|---|\n| *1* | 2 |\n\n> hai\n\n```py\nx < 1\n```",
]


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_texts_are_the_same_by_both_ways(text: str) -> None:
    assert CONVERTER.convert(text) == long_way(text)


SHORT = {
    "Một đoạn (2 dòng),\nkhông có gì **thật lạ**.": "<p>Một đoạn (2 dòng),\nkhông có gì "
    "<strong>thật lạ</strong>.</p>",
    "Xem [bài *trước*](bai-truoc.md)!": '<p>Xem <a href="bai-truoc.md" '
    'rel="noopener noreferrer">bài <em>trước</em></a>!</p>',
    "# Mục 1: `a` & _b_ ##": '<h2 id="muc-1-a-b">Mục 1: <code>a</code> &amp; <em>b</em></h2>',
    "### Mục\nChữ  \nchữ": '<h3 id="muc">Mục</h3>\n<p>Chữ<br>\nchữ</p>',
    "- một\n  hai\n- ba": "<ul>\n<li>một\nhai</li>\n<li>ba</li>\n</ul>",
    "3. ba\n4. bốn": '<ol start="3">\n<li>ba</li>\n<li>bốn</li>\n</ol>',
    "Gồm:\n- một\n- hai": "<p>Gồm:</p>\n<ul>\n<li>một</li>\n<li>hai</li>\n</ul>",
    "A&nbsp;B&rsquo;s \\* < 5": "<p>A&nbsp;B’s * &lt; 5</p>",
}


@pytest.mark.parametrize("text", SHORT)
def test_plain_text_takes_the_short_way(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """On every Python: the `re` of 3.11.0 to 3.11.4 cannot backtrack inside `(?:…)++`."""
    assert long_way(text) == (SHORT[text], [], [], [])
    converter = Converter()
    monkeypatch.delattr(converter, "_markdown")
    assert converter.convert(text) == (SHORT[text], [], [], [])


ALONE = {
    "| a | b |\n|---|---|\n| 1 | *2 |": 1, "> a *b": 1, "Chữ[^1]": 1, "![ảnh](a.jpg)": 1,
    "a *b": 1, "    mã": 0, "```py\nx < 1\n\ny\n```": 0, "Chữ <br> chữ": 1, "<!-- more -->": 0,
    "<https://x.example/>": 1, "https://x.example/": 1, "a@b.example": 1, "~~a~~": 1,
    "<div>\n\n*a\n\n</div>": 1, "- a\n\n- b": 0,
}  # fmt: skip


@pytest.mark.parametrize("block", ALONE)
def test_only_what_is_not_plain_goes_the_long_way(block: str) -> None:
    text = f"Đoạn một.\n\n{block}\n\nĐoạn hai.\n\n## Mục"
    assert short_way.ways(text)[1] == ALONE[block]
    assert CONVERTER.convert(text) == long_way(text)


@pytest.mark.parametrize("blank", BEHIND_FRONT_MATTER)
def test_an_empty_line_behind_the_front_matter_costs_no_article_the_short_way(blank: str) -> None:
    bodies = [short_way.body(file.read_text("utf-8")) for file in SAMPLE]
    calls = []
    for beginning in "", blank:
        with mock.patch.object(
            markdown.Markdown, "convert", autospec=True, side_effect=markdown.Markdown.convert
        ) as both_libraries:
            htmls = [CONVERTER.convert(beginning + body).html for body in bodies]
        assert htmls == [long_way(body).html for body in bodies]
        calls.append(both_libraries.call_count)
    assert calls[0] == calls[1] < 0.6 * len(bodies)  # with a table, a quote or a footnote


def test_most_of_the_sample_takes_the_short_way() -> None:
    counts = [short_way.ways(short_way.body(file.read_text("utf-8"))) for file in SAMPLE]
    short, long = (sum(numbers) for numbers in zip(*counts))
    assert short + long > 2000
    assert long <= 0.2 * (short + long)


def test_lines_are_counted_by_the_way_they_take() -> None:
    text = "---\ntitle: a\n---\n\nMột.\n\n## Hai\n\n- ba\n- ba\n\n> *Bốn\n\n```\nnăm\n\nnăm\n```\n"
    assert short_way.body(text).startswith("\nMột.")
    assert short_way.ways(short_way.body(text)) == (4, 1)
    assert short_way.body("Mục\n---\nHai\n---\n") == "Mục\n---\nHai\n---\n"


def test_the_share_of_a_folder_is_printed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.md").write_text("---\ntitle: a\n---\nMột.\n\nHai.\n\nBa.\n\n> *Bốn\n", "utf-8")
    monkeypatch.setattr("sys.argv", ["short_way", str(tmp_path)])
    short_way.main()
    assert capsys.readouterr().out == f" 25.0 % of 4 lines in 1 files: {tmp_path}\n"
