import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portalgen.content.lint.article import Text

TOLD = {
    "{{< youtube abc >}}": "code-shortcode",
    "[a]({{< ref \"b.md\" >}})": "code-shortcode",
    "{{% notice %}}": "code-shortcode",
    "{{<\n figure\n src=\"a\" >}}": "code-shortcode",
    "{% include a.html %}": "code-shortcode",
    "{%- if a -%}": "code-shortcode",
    '[a]({{ "/b/" | url }})': "code-shortcode",
    "{{ site.url }}": "code-shortcode", "{{Họ tên}}": "code-shortcode",
    "{{ $a }}": "code-shortcode",
    "{{#each a}}": "code-shortcode", "{{{ a }}}": "code-shortcode", "<%= a %>": "code-shortcode",
    "{# ghi chú #}": "code-shortcode",
    "## Mục {#muc}": "code-attribute", "Chữ {: .a}": "code-attribute", "{:toc}": "code-attribute",
    "{::nomarkdown}": "code-attribute", "{.a}": "code-attribute", "![a](b.jpg){width=50%}":
    "code-attribute", "{ .a .b }": "code-attribute",
    "[gallery]": "code-wordpress", '[gallery ids="1,2"]': "code-wordpress",
    '[caption id="a"]b[/caption]': "code-wordpress code-wordpress",
    '[video src="a.mp4"]': "code-wordpress", "[youtube=http://a.example]": "code-wordpress",
    "[embed]http://a.example[/embed]": "code-wordpress code-wordpress",
    '[vc_row width="1/2"]': "code-wordpress",
    "::: warning": "code-container", "::: {.note}\na\n:::": "code-container code-container",
    ":::note Lưu ý": "code-container", "!!! note": "code-container",
    "??? tip \"a\"": "code-container",
    "> [!NOTE]\n> a": "code-container", '=== "Tab"': "code-container", "!> a": "code-container",
    "[[Trang chủ]]": "code-wiki", "![[a.jpg]]": "code-wiki", "[[a|b]]": "code-wiki",
    "[TOC]": "code-contents", "[[_TOC_]]": "code-contents", "[[toc]]": "code-contents",
    "@[toc](Mục lục)": "code-contents",
    "import A from './a'": "code-import", "export const a = 1": "code-import",
    "#+BEGIN_SRC": "code-markup", "#+title: a": "code-markup", ".. image:: a.png": "code-markup",
    ":ref:`a`": "code-markup", "image::a.png[b]": "code-markup", "link:https://a.example[b]":
    "code-markup", "[source,java]": "code-markup", "xref:a.adoc[b]": "code-markup",
    "[b]a[/b]": "code-bbcode code-bbcode", "[URL=http://a]b[/URL]": "code-bbcode code-bbcode",
    ":smile:": "code-emoji", ":white_check_mark:": "code-emoji",
    "a[^1]": "note-missing",
    "<!--more-->": "code-more",
}  # fmt: skip
# What offices type in earnest.
MEANT = [
    "[Ảnh]", "[1]", "[Video]", "[video]", "[a](b.md)", "[a][b]\n\n[b]: c", "(:", ":)", "::", "a::b",
    "Từ 8:30:45 đến 9:00:00", "x = {a; b}", "{1, 2, 3}", "{…}", "$\\frac{{a}}{{b}}$", "$x^{{2}}$",
    "$\\{{a\\in b}\\}$", "50{%}", "[x]", "[b]", "[i]", "[/]", "a[^1]\n\n[^1]: b", "[[1]]", "!!!",
    "!!! Khẩn", "Khẩn!!!", "???", "====", "::::::", "#", "# +a", "Ghi chú: a", "NOTE: a",
    "import hàng",
    "xuất khẩu", "export gạo", "[a] [/b c]", "{a} {b}", "<Tên đơn vị>", "a < b > c", "[^]", "[x^2]",
    ":a:", "tỷ lệ 1:2:3", "Kính gửi::", "[[a](b.md)]", "> [Ảnh]", "`{{ a }}`", "``[[a]]``",
    "```\n{{ a }}\n[^1]\n```", "    {{ a }}\n    {% b %}", "<!-- {{ a }} -->",
    "<pre>\n[[a]]\n</pre>",
    "[[Lỗi 1]]\n\n[Lỗi 1]: https://a.example", "link: a [b]", "\\[gallery ids=1\\]", "[table]",
]  # fmt: skip


def codes(body: str, front: str = "") -> list[str]:
    text = Text("a.md", front + body, len(front))
    return [item.code for item in text.mistakes() if item.code.startswith(("code-", "note-"))]


@pytest.mark.parametrize("body", TOLD)
def test_code_of_other_generators_is_told(body: str) -> None:
    for text in (body, f"Chữ.\n\n{body}\n\nChữ.", f"Chữ.\n\n{body}\n"):
        assert codes(text) == TOLD[body].split(), text


@pytest.mark.parametrize("body", MEANT)
def test_what_is_meant_is_not(body: str) -> None:
    assert codes(body) == []
    assert codes(f"Chữ.\n\n{body}\n\nChữ.") == []


def test_the_place_is_that_of_the_code() -> None:
    front, body = "---\ntitle: A\n---\n", "Một {{ a }}\n\n- > [!NOTE]\n  > hai\n\n  ::: b\n"
    text = Text("a.md", front + body, len(front))
    assert [(item.line, item.column, item.code) for item in text.mistakes()] == [
        (4, 5, "code-shortcode"), (9, 3, "code-container"),
    ]  # fmt: skip


def test_of_many_of_a_kind_the_first_is_told_with_their_count_and_lines() -> None:
    body = "".join(f"{{{{< a{number} >}}}} b\n\n" for number in range(12))
    [problem] = Text("a.md", body, 0).mistakes()
    assert problem.describe("en") == (
        "a.md:1:1: Readers see “{{< a0 >}}” as it stands: it is code of another program. Delete "
        "it; "
        "write pictures as ![description](picture.jpg), films and articles as [words](address). "
        "There "
        "are 12 such places, in the lines 1, 3, 5, 7, 9, 11, 13, 15…."
    )


def test_the_mark_of_a_lead_does_not_matter_where_there_is_a_lead() -> None:
    assert codes("a <!--more--> b", "---\nlead: a\n---\n") == []
    assert codes("a <!-- more --> b", "---\ntitle: a\n---\n") == ["code-more"]


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(["{{", "}}", "{%", "%}", "{", "[", "]", "[[", "[/", ":::", "a",
                                 " ", "\n",
                                 "{#", "<%", "image:", "!!! note", "[^", "=", "\t",
                                 "    "]), max_size=30))  # fmt: skip
def test_any_signs_are_read_and_places_are_within_the_text(parts: list[str]) -> None:
    body = "".join(parts)
    for item in Text("a.md", body, 0).mistakes():
        assert 1 <= item.line <= body.count("\n") + 1
        assert 1 <= item.column <= len(body.split("\n")[item.line - 1]) + 1


def test_long_texts_of_signs_that_never_end_take_no_time() -> None:
    for sign in ("{{<", "{%", "{{a", "[b]", "[caption ", "::: a", "[[a", "[^", "link:https:a["):
        assert isinstance(codes(sign * 3000), list)
