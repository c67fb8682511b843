"""Characters that change what others see are left out everywhere, and warnings with their place."""

from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from portalgen.cli import main
from portalgen.strays import MAX_TOLD, strays_of_body, strays_of_yaml, without_strays
from tests.helpers import MAIN_SETTINGS, article, network, page, picture, run, tree

A = "content/y-te/a.md"
TURNS = (
    "Đã bỏ ở đây một ký tự đổi chiều chữ ({}), để người đọc thấy đúng những gì được viết. Hãy xóa "
    "nó và gõ lại từ này."
)
CONTROLS = (
    "Đã bỏ ở đây một ký tự điều khiển không nhìn thấy được ({}). Hãy xóa nó và gõ lại từ này."
)


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("a\u202eb\u202c", "ab"), ("\u2066a\u2069", "a"), ("a\u206ab", "ab"), ("a\u200eb", "ab"),
        ("a\u200fb", "ab"), ("a\u061cb", "ab"), ("a\x07b\x7f\x80", "ab"), ("a\ufff9b", "ab"),
        ("dòng\x0bmới", "dòng mới"), ("dòng\x0cmới\x85", "dòng mới "), ("a\ud800b", "ab"),
        ("a\tb\nc", "a\tb\nc"), ("Lào Cai, đẹp – “thật”", "Lào Cai, đẹp – “thật”"),
        ("👨\u200d👩\u200d👧 ☺\ufe0f 🏴\U000e0067\U000e0062\U000e007f",
         "👨\u200d👩\u200d👧 ☺\ufe0f 🏴\U000e0067\U000e0062\U000e007f"),
        ("\u05d0\u200e!", "\u05d0\u200e!"), ("\u0627\u202e", "\u0627"),
        ("\u05d0\na\u200e", "\u05d0\na"),
        ("a\xadb\u200bc\xa0d", "a\xadb\u200bc\xa0d"),
    ],
)  # fmt: skip
def test_what_is_left_out_and_what_stays(text: str, seen: str) -> None:
    assert without_strays(text) == seen


@given(st.text())
def test_nothing_is_left_out_twice_and_no_line_is_lost(text: str) -> None:
    once = without_strays(text)
    assert without_strays(once) == once
    assert once.count("\n") == text.count("\n")
    assert bool(strays_of_body(text, lambda: text.replace("&", "x"), "p", 1)) == (once != text)


def test_a_body_tells_the_first_of_each_line_and_what_html_would_make_of_a_number() -> None:
    text = "a\u202eb\u202c\n&#x202e; &#8238;\n`&#x202e;` &lrm;\n&#150; &#233; &amp;#8238;\n"
    plain = text.replace("`&#x202e;`", " " * 10)
    warnings = strays_of_body(text, lambda: plain, "a.md", 5)
    assert [(item.line, item.column, item.code) for item in warnings] == [
        (5, 2, "direction-removed"), (6, 1, "direction-removed"), (7, 12, "direction-removed"),
    ]  # fmt: skip
    many = strays_of_body("\x07\n" * 99, lambda: "", "a.md", 1)
    assert len(many) == MAX_TOLD


def test_yaml_tells_escapes_in_double_quotes_alone() -> None:
    text = 'a: "\\u202e"\nb: \'\\u202e\'\nc: "\\v \\x41"\nd: "\\U0010FFFF\\UFFFFFFFF"\n'
    warnings = strays_of_yaml(text, "site.yaml")
    assert [(item.line, item.column, item.code) for item in warnings] == [
        (1, 5, "direction-removed"), (3, 5, "control-removed"),
    ]  # fmt: skip


def test_no_reader_gets_any_of_them(tmp_path: Path) -> None:
    root = network(tmp_path, {
        "site.yaml": MAIN_SETTINGS.replace("title: Cổng tỉnh", "title: Cổng\u202e tỉnh"),
        A: article(
            "Một \u202ebài\u202c \x07hay", lead='"a\\u202eb"', tags="['t\u2066ag']",
            body="Thân \u2067bài &#x202e;xa `&#x202e;`\x0bxong 👨\u200d👩\u200d👧\n\n"
            "![Núi\u202e](nui.jpg \"Chú&#8238;thích\")\n\n```\nmã\u202e\n```\n",
        ),
        "content/y-te/nui.jpg": picture(700, 500),
    })  # fmt: skip
    report = run(root)
    assert report.refused == []
    assert [item.describe("vi") for item in report.warnings] == [
        f"{A}:2:12: {TURNS.format('U+202E')}", f"{A}:4:9: {TURNS.format('U+202E')}",
        f"{A}:5:10: {TURNS.format('U+2066')}", f"{A}:7:6: {TURNS.format('U+2067')}",
        f"{A}:9:6: {TURNS.format('U+202E')}", f"{A}:12:3: {TURNS.format('U+202E')}",
        f"site.yaml:1:12: {TURNS.format('U+202E')}",
    ]  # fmt: skip
    html = page(root, "main/y-te/a.html")
    assert "<p>Thân bài xa <code>&amp;#x202e;</code> xong 👨\u200d👩\u200d👧</p>" in html
    assert 'alt="Núi"' in html and "<figcaption>Chúthích</figcaption>" in html
    assert "<h1>Một bài hay</h1>" in html and "Cổng tỉnh" in html
    published = tree(root / "public")
    texts = [name for name in published if name.endswith((".html", ".xml", ".json"))]
    assert texts
    for name in texts:
        text = published[name].decode()
        assert without_strays(text) == text, name


def test_a_control_character_costs_itself_and_not_the_article(tmp_path: Path) -> None:
    root = network(tmp_path, {A: article("A\x07b", caption="a\x1bc", body="Thân")})
    report = run(root)
    assert [item.describe("vi") for item in (*report.refused, *report.warnings)] == [
        f"{A}:2:9: {CONTROLS.format('U+0007')}", f"{A}:4:11: {CONTROLS.format('U+001B')}",
    ]  # fmt: skip
    done = CliRunner().invoke(main, ["check", "--root", str(root), "--lang", "en"])
    assert done.exit_code == 0
    assert f"{A}:2:9: warning: An invisible control character (U+0007) was left out" in done.stderr


@pytest.mark.parametrize(
    "title",
    ["~", "null", "NULL", '""', '"\\u200b"', "\u2800", "\u3164", "\u034f\ufe0f", "\U000e0041",
     "\U000e0101\xad", "\u180b\u17b4", '"\u202e\u2066"', '"\\x07"'],
)  # fmt: skip
def test_a_title_that_is_nothing_to_the_eye_is_missing(tmp_path: Path, title: str) -> None:
    root = network(tmp_path, {A: article(title), "content/y-te/b.md": article("Bài")})
    report = run(root)
    assert [item.describe("vi") for item in report.refused] == [
        f"{A}:2:8: Thiếu “title”. Hãy thêm dòng `title: …`."
    ]
    assert report.articles == 1


@pytest.mark.parametrize("title", ["'~'", "Nullam", "'?'", "—", "☺\ufe0f", "0"])
def test_a_title_that_is_seen_is_one(tmp_path: Path, title: str) -> None:
    assert run(network(tmp_path, {A: article(title)})).refused == []
