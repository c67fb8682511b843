import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portalgen.content.lint.hidden import hidden_text, without_code


def found(text: str) -> list[tuple[str, int, str]]:
    """The code, position and last value of each finding in a body."""
    return [
        (item.code, item.at, item.values[-1][1] if item.values else "")
        for item in hidden_text(text, 0, lambda: without_code(text))
    ]


HIDES = {
    '<div style="display:none">': "display:none",
    '<p class="x" STYLE = "Display : None !important">': "display:none",
    "<p style='color:red;visibility: hidden'>": "visibility:hidden",
    "<p style=display:none>": "display:none",
    '<p style="dis/**/play:no\\6e e">': "display:none",
    '<p style="display&#58;none">': "display:none",
    '<p title=">" style="display:none">': "display:none",
    '<span style="font-size:0">': "font-size:0",
    '<span style="font-size: 0.1em">': "font-size:0.1em",
    '<span style="font-size:1px">': "font-size:1px",
    '<span style="opacity:0.0">': "opacity:0.0",
    '<div style="position:absolute; left:-9999px">': "left:-9999px",
    '<div style="text-indent:-99em">': "text-indent:-99em",
    '<div style="height:1px; overflow:hidden">': "height:1px",
    '<div style="clip:rect(0,0,0,0)">': "clip:rect(0,",
    '<span style="color:#FFF">': "color:#fff",
    '<span style="color: rgb(255, 255, 255); background:white">': "color:rgb(255,255,255)",
    '<span style="color:transparent">': "color:transparent",
    '<font color="white">': "color:white",
    '<font color=#ffffff size=1>': "color:#ffffff",
    "<div hidden>": "hidden",
    '<div class="a" HIDDEN="">': "hidden",
    "<div/hidden>": "hidden",
    '<marquee width="1" height="1">': 'width="1',
    '<span style="mso-hide:all">': "mso-hide:all",
}  # fmt: skip


@pytest.mark.parametrize("tag", HIDES)
def test_tags_that_hide_their_text_are_found(tag: str) -> None:
    assert found(f"Chữ\n{tag}nhà cái</x>\n") == [("hidden-text", 4, HIDES[tag])]


HONEST = [
    '<p style="display:block">a</p>', '<span style="font-size:12px">a</span>',
    '<span style="font-size:0.9em">a</span>', '<span style="font-size:1.5vw">a</span>',
    '<p style="opacity:0.8">a</p>',
    '<p style="margin-left:-10px">a</p>', '<span style="color:#fffbe6">a</span>',
    '<p style="background-color:white">a</p>',
    '<span style="color:black; background:#fff">a</span>',
    '<td style="background:#1f4e79"><span style="color:white">a</span></td>',
    '<td bgcolor="#1f4e79"><font color="white">a</font></td>',
    '<p style="overflow:hidden">a</p>', '<p style="max-width:100%; overflow:hidden">a</p>',
    '<span style="display:none"></span>', '<span style="display:none"> </SPAN>',
    '<br style="display:none">', '<p title="hidden">a</p>', '<p class="hidden">a</p>',
    '<p aria-hidden="true">a</p>', '<p data-style="display:none">a</p>', '<td width="1">a</td>',
    '`<p hidden>`', '```\n<p style="display:none">a</p>\n```', "a < b hidden > c",
    "<!-- sửa lại đoạn này -->", "Năm 2020\u2009km", "5\xa0kg", "&nbsp;" * 8,
    "👨\u200d👩\u200d👧", "chữ\u200b \u200bchữ", "a &amp; b", "`<!-- https://a.example -->`",
]  # fmt: skip


@pytest.mark.parametrize("text", HONEST)
def test_ordinary_html_and_code_are_left_alone(text: str) -> None:
    assert found(text) == []


def test_a_comment_with_a_link_is_found_closed_or_not() -> None:
    for comment in ('<!-- <a href="x">y</a> -->', "<!--\n[a](b) ", "<!-- //w88.example -->"):
        assert found(f"Một {comment}") == [("hidden-comment", 4, "")]


def test_characters_between_letters_are_counted_and_named_once() -> None:
    text = "tin\u200btức và chữ\u200dcái, xe&#8203;máy"
    assert found(text) == [("invisible-character", 3, "U+200B")]
    assert found("một hai&ZeroWidthSpace;ba") == [("invisible-character", 7, "U+200B")]
    assert found("đi&shy;đến") == [("invisible-character", 2, "U+00AD")]


@pytest.mark.parametrize("blank", ["\xa0", "&nbsp;", "&#160; ", "&#xA0;\n"])
def test_long_runs_of_blanks_are_found(blank: str) -> None:
    assert found("a" + blank * 20 + "b") == [("hidden-blanks", 1, "20")]
    assert found("a" + blank * 19 + "b") == []


PIECES = [
    "<", ">", '"', "'", "<p style=", "hidden", "/*", "*/", "\\", "&", "&#", "font-size:", "<!--",
    "-->", "\xa0", "\u200b", "```\n", "`", "color:#fff", "display:none", " ", "a",
]  # fmt: skip


@settings(max_examples=150)
@given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join))
def test_any_text_is_looked_at_calmly(text: str) -> None:
    assert len(without_code(text)) == len(text)
    assert all(0 <= at < len(text) for _, at, _ in found(text))
