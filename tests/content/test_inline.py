"""Addresses, tags, code, breaks, references and pictures within a line."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portalgen.content.inline import begins_html
from tests.content.stock import CONVERTER, long_way

REL = ' rel="noopener noreferrer"'


def line(text: str) -> str:
    return CONVERTER.convert(text).html.removeprefix("<p>").removesuffix("</p>")


def link(address: str, words: str = "") -> str:
    return f'<a href="{address}"{REL}>{words or address}</a>'


ADDRESSES = {
    "Xem https://a.example/b_c_d?e=1&f=2.": (
        f"Xem {link('https://a.example/b_c_d?e=1&amp;f=2')}."
    ),
    "(https://a.example/b_(c))": f"({link('https://a.example/b_(c)')})",
    "“https://a.example/b”": f"“{link('https://a.example/b')}”",
    "Trang:https://a.example": f"Trang:{link('https://a.example')}",
    "www.a.example, www.b": f"{link('http://www.a.example', 'www.a.example')}, www.b",
    "thư: a.b-c@d.example.": f"thư: {link('mailto:a.b-c@d.example', 'a.b-c@d.example')}.",
    "[xem https://a.example](b.md)": link("b.md", "xem https://a.example"),
    '<a href="b.md">xem https://a.example</a>': link("b.md", "xem https://a.example"),
    '<a href="b.md">b</a> https://a.example': f"{link('b.md', 'b')} {link('https://a.example')}",
    "<b>https://a.example</b>": f"<b>{link('https://a.example')}</b>",
    "https://a.example/b\\_c\\_d, x": f"{link('https://a.example/b_c_d')}, x",
    "https://a.example/b&amp;c\\*d*": f"{link('https://a.example/b&amp;c*d')}*",
    "`https://a.example`": "<code>https://a.example</code>",
    "một\\\nhttps://a.example": f"một<br>\n{link('https://a.example')}",
    "https:// và http://": "https:// và http://",
    "xhttps://a.example": "xhttps://a.example",
    "a@b và @ten và a@b.c@d.e": "a@b và @ten và a@b.c@d.e",
    "<https://a.example/> <a@b.example>": (
        f"{link('https://a.example/')} {link('mailto:a@b.example', 'a@b.example')}"
    ),
    "<tel:+84-214> <mailto:a@b.example>": (
        f"{link('tel:+84-214')} {link('mailto:a@b.example')}"
    ),
    "https://a.example&nbsp;b https://a.example/&lt;": (
        f"{link('https://a.example')}&nbsp;b {link('https://a.example/')}&lt;"
    ),
}  # fmt: skip


@pytest.mark.parametrize("text", ADDRESSES)
def test_addresses_are_links_as_they_stand(text: str) -> None:
    assert line(text) == ADDRESSES[text]


NO_TAGS = {
    "điểm A<B và C>D": "điểm A&lt;B và C&gt;D",
    "a<b va c>d": "a&lt;b va c&gt;d",
    "Kính gửi <Tên đơn vị>": "Kính gửi &lt;Tên đơn vị&gt;",
    "<ho-ten>, <ten>": "&lt;ho-ten&gt;, &lt;ten&gt;",
    "1 <2 và 3> 2": "1 &lt;2 và 3&gt; 2",
    "<3 <- <= <> </ <!": "&lt;3 &lt;- &lt;= &lt;&gt; &lt;/ &lt;!",
    "<!-- chưa hết": "&lt;!-- chưa hết",
}  # fmt: skip
TAGS = {
    "a <b>b</b>": "a <b>b</b>",
    "a <B>b</B>": "a <b>b</b>",
    "H<sub>2</sub>O<br/>x": "H<sub>2</sub>O<br>x",
    'a <abbr title="Ủy ban">UB</abbr>': 'a <abbr title="Ủy ban">UB</abbr>',
    "a <!-- b --> c": "a  c",
    "a <o:p></o:p><font color=red size=2>b</font>": "a b",
    "a <input disabled checked> b": "a  b",
    "<x-tabs>a</x-tabs> <Film id=1 /> <ten x='1'>": "a  ",
}


@pytest.mark.parametrize("text", NO_TAGS)
def test_what_is_no_tag_is_text(text: str) -> None:
    assert line(f"x {text}") == f"x {NO_TAGS[text]}"


@pytest.mark.parametrize("text", NO_TAGS)
def test_what_is_no_tag_is_text_at_the_begin_of_a_line_too(text: str) -> None:
    if text != "<!-- chưa hết":  # there, it is a comment up to the end of the text
        assert line(text) == NO_TAGS[text]


@pytest.mark.parametrize("text", TAGS)
def test_tags_are_html(text: str) -> None:
    assert line(text) == TAGS[text]


@pytest.mark.parametrize(
    ("text", "is_html"),
    [("<div>", True), ("</DIV>", True), ("  <!-- a", True), ("<?php", True), ("<o:p>", True),
     ("<ten>", False), ("<ten>a</ten>", True), ("<x-a b=c>", True), ("<X />", True),
     ("<ten a>", False), ("a <b>", False), ("<", False), ("< div>", False)],
)  # fmt: skip
def test_html_begins_with_a_name_that_html_has(text: str, is_html: bool) -> None:
    assert begins_html(text) is is_html


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("`a`", "<code>a</code>"), ("`` `a` ``", "<code>`a`</code>"), ("`  a `", "<code> a</code>"),
        ("``a`", "``a`"), ("\\`a`", "`a`"), ("\\\\`a`", "\\<code>a</code>"),
        ("`\\`a", "<code>\\</code>a"),
        ("`a\nb`", "<code>a b</code>"), ("`<b> &amp; *c*`", "<code>&lt;b&gt; &amp;amp; *c*</code>"),
        ("`&raquo;`", "<code>&amp;raquo;</code>"), ("``", "``"), ("` `", "<code> </code>"),
    ],
)  # fmt: skip
def test_code_is_between_as_many_signs(text: str, expected: str) -> None:
    assert line(f"x {text}") == f"x {expected}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\\\nb", "a<br>\nb"), ("a  \n  b", "a<br>\nb"), ("a\\\\\nb", "a\\\nb"), ("a\\", "a\\"),
        ("\\~ \\\" \\< \\& \\@ \\^", '~ " &lt; &amp; @ ^'),
        ("\\&amp; \\&lt;b", "&amp;amp; &amp;lt;b"),
        ("\\đ \\a", "\\đ \\a"), ("&copy; &#8217;", "© ’"),
    ],
)  # fmt: skip
def test_breaks_and_backslashes(text: str, expected: str) -> None:
    assert line(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[a][b]", link("b.md", "a")), ("[b][]", link("b.md", "b")), ("[b]", link("b.md", "b")),
        ("[a][B]", link("b.md", "a")), ("[`m`]", link("m.md", "<code>m</code>")),
        ("[a][`m`]", link("m.md", "a")), ("[Đ  đ]", link("d.md", "Đ  đ")), ("[a][x]", "[a][x]"),
        ("[`<*T>::c`]", link("t.md", "<code>&lt;*T&gt;::c</code>")),
        ("\\[b]", "[b]"), ("[[b]]", f"[{link('b.md', 'b')}]"),
        ("[x [b] y]", f"[x {link('b.md', 'b')} y]"),
    ],
)  # fmt: skip
def test_links_by_reference(text: str, expected: str) -> None:
    definitions = "\n\n[b]: b.md\n[b]: c.md\n[`m`]: m.md\n[đ đ]: d.md\n[`<*T>::c`]: t.md"
    assert line(text + definitions) == expected


def test_pictures_by_reference_are_pictures() -> None:
    text = "![a][b]\n\n![b]\n\n![c](d.jpg 'e')\n\n[b]: b.jpg \"chú thích\""
    assert CONVERTER.convert(text).images == [
        ("b.jpg", "a", "chú thích"), ("b.jpg", "b", "chú thích"), ("d.jpg", "c", "e"),
    ]  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(["`", "``", "\\", "a", " ", "`b`"]), max_size=14))
def test_no_letter_is_lost_between_signs_of_code(parts: list[str]) -> None:
    text = "x" + "".join(parts) + "x"
    letters = [letter for letter in long_way(text).html if letter in "abx"]
    assert letters == [letter for letter in text if letter in "abx"]
