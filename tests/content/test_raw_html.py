import re
from html import unescape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portalgen.content.raw_html import Loss, like, rewritten
from tests.content.stock import CONVERTER

Image = tuple[str, str, str]


def converted(text: str) -> tuple[str, list[Image], list[Loss]]:
    """The HTML of a text with `[n]` for its pictures, these, and what is lost."""
    html, images, _, losses = CONVERTER.convert(text)
    html = re.sub(r'<span data-image="(\d+)">[^<]*</span>', r"[\1]", html)
    return html.strip().replace(' rel="noopener noreferrer"', ""), images, losses


A = ("a.jpg", "", "")
# A text, what is made of it, and its pictures.
PICTURES: dict[str, tuple[str, str, list[Image]]] = {
    "alone": ('<img src="a.jpg" alt="Núi &amp; hồ" title="Chú">', "<p>[0]</p>",
              [("a.jpg", "Núi & hồ", "Chú")]),
    "in a line": ("Chữ <IMG SRC='a.jpg'/> chữ", "<p>Chữ [0] chữ</p>", [A]),
    "in a paragraph of HTML": ('<p class="x">\n <img src="a.jpg">\n</p>', "<p>[0]</p>", [A]),
    "in a box": ('<div><img src="a.jpg">\n<img src="b.jpg"></div>',
                 "<div><p>[0]</p>\n<p>[1]</p></div>", [A, ("b.jpg", "", "")]),
    "in a box with text": ('<div><img src="a.jpg"><br>Chữ</div>', "<div>[0]<br>Chữ</div>", [A]),
    "in a link": ('<a href="b.md"><img src="a.jpg"></a>', '<p><a href="b.md">[0]</a></p>', [A]),
    "beside one of Markdown": ('![b](b.jpg)\n\n<img src="a.jpg">', "<p>[0]</p>\n<p>[1]</p>",
                               [("b.jpg", "b", ""), A]),
    "with others for other screens": (
        '<picture><source srcset="b.webp"><img src="a.jpg"></picture>', "<p>[0]</p>", [A]),
    "loaded late": ('<img src="data:image/gif;base64,R0" data-src="a.jpg">'
                    '<noscript><img src="a.jpg"></noscript>', "<p>[0]</p>", [A]),
    "of a set": ('<img srcset="a.jpg 480w, b.jpg 960w">', "<p>[0]</p>", [A]),
    "with a title that is its name": ('<img src="x/a.jpg" title="a">', "<p>[0]</p>",
                                      [("x/a.jpg", "", "")]),
    "in a figure": (
        '<figure class="x"><p><img src="a.jpg" alt="b"></p><figcaption>Chú <b>thích</b> '
        '<a href="c.md">c</a></figcaption></figure>',
        '<figure>[0]<figcaption>Chú <b>thích</b> <a href="c.md">c</a></figcaption></figure>',
        [("a.jpg", "b", "")],
    ),
    "in a figure without caption": ('<figure><img src="a.jpg" title="T"></figure>',
                                    "<div><p>[0]</p></div>", [("a.jpg", "", "T")]),
    "in a figure of figures": (
        "<figure><figure><img src=a.jpg><figcaption>a</figcaption></figure>"
        "<figcaption>b</figcaption></figure>",
        "<figure><figure>[0]<figcaption>a</figcaption></figure><figcaption>b</figcaption></figure>",
        [A],
    ),
    "a figure around a table": (
        "<figure><table><tr><td>1</td></tr></table><figcaption>Bảng</figcaption></figure>",
        "<figure><table><tbody><tr><td>1</td></tr></tbody></table><figcaption>Bảng</figcaption>"
        "</figure>", [],
    ),
    "a caption alone": ("<figcaption>Chú</figcaption>", "<p>Chú</p>", []),
}  # fmt: skip


@pytest.mark.parametrize("case", PICTURES)
def test_pictures_in_html_become_places(case: str) -> None:
    text, html, images = PICTURES[case]
    assert converted(text) == (html, images, [])


KEPT = {
    '<a name="x"></a>a [b](#x)': '<p><span id="x"></span>a <a href="#x">b</a></p>',
    '<a id="x"/>a': '<p><span id="x"></span>a</p>',
    '<p id="x">a</p>\n<p id="y">b</p>\n\n[c](#x)':
        '<p id="x">a</p>\n<p>b</p>\n\n<p><a href="#x">c</a></p>',
    "<section><h1>a</h1></section>": '<div><h2 id="a">a</h2></div>',
    "<strike>a</strike> <tt>b</tt> <big>c</big>": "<p><s>a</s> <code>b</code> c</p>",
    '<input type="checkbox" checked> a <input type=checkbox> b': "<p>☑ a ☐ b</p>",
    '<p class="MsoNormal" style="margin:0;color:#000"><o:p></o:p>a</p>': "<p>a</p>",
    '<details open><summary>a</summary>b</details>':
        '<details open=""><summary>a</summary>b</details>',
    "a <!-- b --> c": "<p>a  c</p>",
    "<center>a</center>": '<div class="align-center">a</div>',
    "<p align=Right>a</p>": '<p class="align-right">a</p>',
    '<h1 style="text-align : center">a</h1>': '<h2 class="align-center" id="a">a</h2>',
    '<table><tr><td style="TEXT-ALIGN:end;width:2px">a</td><th align=left>b</th></tr></table>':
        '<table><tbody><tr><td class="align-right">a</td><th>b</th></tr></tbody></table>',
    "<H2 class=x>a</H2>\n\n<strong class=x>b</strong> **c**":
        '<h2 id="a">a</h2>\n\n<p><strong>b</strong> <strong>c</strong></p>',
    "<a>a</a> <a href='b.md'>b</a>": '<p>a <a href="b.md">b</a></p>',
    "`<iframe>` <https://a.example>": '<p><code>&lt;iframe&gt;</code> <a href="https://a.example">'
        "https://a.example</a></p>",
}  # fmt: skip


@pytest.mark.parametrize("text", KEPT)
def test_other_html_means_what_it_meant(text: str) -> None:
    assert converted(text) == (KEPT[text], [], [])


# A text, what is made of it, and what is lost.
LOST = {
    '<iframe src="https://a.example/"></iframe>': ("", "lost-embed"),
    '<iframe src="https://a.example/"/>\n\nChữ': ("<p>Chữ</p>", "lost-embed"),  # swallows nothing
    '<iframe src="https://www.google.com/maps/embed?pb=1"></iframe>': ("", "lost-map"),
    '<video src="a.mp4">Chữ</video>': ("<p>Chữ</p>", "lost-media"),
    "<audio><source src=a.mp3></audio>": ("<p></p>", "lost-media"),
    "<svg><text>a</text></svg>": ("<p></p>", "lost-drawing"),
    "<script>a</script>": ("", "lost-script"),
    "<script>a\n\nChữ": ("a\n\nChữ", "lost-script"),
    "<style>a</style>": ("", "lost-style"),
    '<p onclick="a()">b</p>': ("<p>b</p>", "lost-script"),
    "<form><input name=a><button>b</button></form>": ("<div>b</div>", "lost-form"),
    "<select><option>a</option><option>b</option></select>": ("<p> a b</p>", "lost-form"),
    "<span align=center>a</span>": ("<p><span>a</span></p>", "lost-look"),
    "<span style='COLOR: red'>a</span>": ("<p><span>a</span></p>", "lost-look"),
    "<tr bgcolor=red>a</tr>": ("a", "lost-look"),
    "<ol start=x><li>a</li></ol>": ("<ol><li>a</li></ol>", "lost-attribute"),
    "<my-part>a</my-part>": ("<p>a</p>", "lost-element"),
    "<img alt=a>": ("<p></p>", "lost-element"),
    "a <?php b ?> c": ("<p>a  c</p>", "lost-code"),
    "<a href='a.md'>b <a href='c.md'>d</a>": (
        '<p><a href="a.md">b </a><a href="c.md">d</a></p>',
        "html-unclosed",
    ),
    "<b>a\n\nc": ("<p><b>a</b></p><b>\n<p>c</p></b>", "html-unclosed"),
    "<details><summary>a</summary>b": ("<details><summary>a</summary>b</details>", "html-unclosed"),
    "[a](file:///C:/b.pdf)": ("<p>a</p>", "lost-link-file"),
    "[a](<D:\\b c.pdf>)": ("<p>a</p>", "lost-link-file"),
    "[**a**](javascript:b)": ("<p><strong>a</strong></p>", "lost-link-script"),
    "[a](data:text/html,b)": ("<p>a</p>", "lost-link-data"),
    "[a](ftp://b.example)": ("<p>a</p>", "lost-link"),
    "[a](https://)": ("<p>a</p>", "link-nowhere"),
    '<a id="x" href="about:a">b</a>': ('<p><span id="x">b</span></p>', "lost-link"),
}


@pytest.mark.parametrize("text", LOST)
def test_what_is_lost_is_named_and_its_words_stay(text: str) -> None:
    html, codes = LOST[text]
    markup, images, losses = converted(text)
    assert (markup, images) == (html, [])
    assert [loss.code for loss in losses] == codes.split()


@pytest.mark.parametrize("text", ["`<iframe>`", "    <iframe>", "```\n<iframe>\n```",
                                  "a < b và c > d", "a <3", "[a](b.md)",
                                  "&lt;iframe&gt;"])  # fmt: skip
def test_what_is_no_html_is_not_lost(text: str) -> None:
    assert converted(text)[2] == []


def test_a_loss_knows_how_many_like_it_stand_before_it() -> None:
    tag = '<iframe src="a">'
    losses = converted(f"`{tag}`\n\n{tag}</iframe>\n\n```\n{tag}\n```\n\n<p>{tag}</iframe></p>")[2]
    assert [(loss.tag, loss.before) for loss in losses] == [(tag, 1), (tag, 3)]


def test_a_comment_that_does_not_end_hides_nothing() -> None:
    html, losses = rewritten("<p>a <!-- b</p><p>c</p>", [])
    assert html == "<p>a &lt;!-- b</p><p>c</p>"
    assert [loss.code for loss in losses] == ["html-open-comment"]


def test_like_a_tag_is_one_with_other_blanks_or_in_code() -> None:
    pattern = like('<a href="b&c"\n  x>')
    for text in (
        '<a href="b&c" x>',
        "&lt;a href=&quot;b&amp;c&quot; x&gt;",
        '<a href="b&c"\tx&gt;',
    ):
        assert pattern.fullmatch(text), text
    assert not pattern.fullmatch('<a href="bc" x>')


PIECES = st.sampled_from(
    ["{}", "<p>{}</p>", "<b>{}</b>", "<b>{}", "{}</b>", "<div>{}", "</div>{}",
     "<section>{}</section>",
     "<center>{}</center>", "<font color=red>{}</font>", "<figure>{}", "</figure>{}",
     "<figcaption>{}</figcaption>", "<figure><img src=a.jpg><figcaption>{}</figcaption></figure>",
     "<video>{}</video>", "<video src=a/>{}", "<iframe src=a/>{}", "<iframe src=a></iframe>{}",
     "<object data=a>{}</object>", "<canvas>{}</canvas>", "<math><mi>{}</mi></math>",
     "<button>{}</button>", "<select><option>{}</option></select>", "<textarea>{}</textarea>",
     "<label>{}</label>", "<my-part>{}</my-part>", "<details><summary>{}</summary>", "</details>{}",
     "<table><tr><td>{}</td></tr></table>", "<table>{}</table>", "<td>{}</td>", "<li>{}</li>",
     "<ul><li>{}</ul>", "<a href='javascript:a'>{}</a>", "<a href='a.md'>{}", "<a name=a>{}</a>",
     "<noscript>{}</noscript>", "<template>{}</template>", "<title>{}</title>", "<pre>{}</pre>",
     "<code>{}</code>", "<h1>{}</h1>", "<svg/>{}", "<script/>{}", "<style/>{}", "<xmp>{}</xmp>",
     "<marquee>{}</marquee>", "<ruby>{}<rt>{}</rt></ruby>", "- {}\n- {}", "> {}", "# {}", "`{}`",
     "<!-- x -->{}", "{} <?x?>", "<img alt=x>{}", "<br/>{}", "<hr>{}", "[{}](file:///a)",
     "*{}*", "1. {}", "<p title='>'>{}</p>", "<dl><dt>{}<dd>{}</dl>"]
)  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(st.lists(st.tuples(PIECES, st.sampled_from(["\n\n", "\n", " ", ""])), max_size=8))
def test_all_visible_text_of_html_stays(parts: list[tuple[str, str]]) -> None:
    words = iter(range(100, 999))
    text = "".join(
        re.sub(r"\{\}", lambda _: f"chữ{next(words)}c", piece) + behind for piece, behind in parts
    )
    html = CONVERTER.convert(text)[0]
    visible = unescape(re.sub("<[^>]*>", " ", html))
    assert sorted(re.findall(r"chữ\d+c", visible)) == sorted(re.findall(r"chữ\d+c", text))


@settings(max_examples=300, deadline=None)
@given(st.text("<>/=\"' \nabipsvgtx!-?", max_size=40))
def test_any_signs_are_read_to_their_end(text: str) -> None:
    html, _ = rewritten(text, [])
    assert rewritten(html, [])[0] == html  # nothing is left to be lost
