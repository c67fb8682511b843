import html
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portalgen.content.clean_html import ATTRIBUTES, TAGS
from portalgen.content.markdown import fill_images, map_links
from tests.content.stock import CONVERTER
from tests.helpers import article, network, page, problems, run

TOO_DEEP = "Dấu ngoặc, trích dẫn hoặc danh sách lồng nhau quá sâu. Hãy viết phẳng hơn."


CONVERTED = {
    "a table": (
        "| a | b |\n|---|---|\n| 1 | **2** |",
        "<table>\n<thead>\n<tr>\n<th>a</th>\n<th>b</th>\n</tr>\n</thead>\n<tbody>\n<tr>\n<td>1</td>"
        "\n<td><strong>2</strong></td>\n</tr>\n</tbody>\n</table>",
    ),
    "fenced code": (
        "```py\nx < 1 # **\n```",
        '<pre><code class="language-py">x &lt; 1 # **\n</code></pre>',
    ),
    "HTML in fenced code": (
        "```\n<script>alert(1)</script>\n```",
        "<pre><code>&lt;script&gt;alert(1)&lt;/script&gt;\n</code></pre>",
    ),
    "a footnote": (
        "Chữ[^a]\n\n[^a]: Ghi chú",
        '<p>Chữ<sup id="fnref:a"><a href="#fn:a" rel="noopener noreferrer">1</a></sup></p>\n'
        '<div class="footnote">\n<hr>\n<ol>\n<li id="fn:a">\n<p>Ghi chú&nbsp;<a href="#fnref:a" '
        'title="↑ 1" rel="noopener noreferrer">↩</a></p>\n</li>\n</ol>\n</div>',
    ),
    "a list that starts at three": ("3. a\n4. b", '<ol start="3">\n<li>a</li>\n<li>b</li>\n</ol>'),
    "two kinds of lists": (
        "1. a\n\n- b", "<ol>\n<li>a</li>\n</ol>\n<ul>\n<li>b</li>\n</ul>",
    ),
    "a list behind text": ("a\n- b", "<p>a</p>\n<ul>\n<li>b</li>\n</ul>"),
    "harmless HTML": (
        "<mark>a</mark> H<sub>2</sub>O <kbd>x</kbd>",
        "<p><mark>a</mark> H<sub>2</sub>O <kbd>x</kbd></p>",
    ),
    "HTML left open": ("<p>a<b>b", "<p>a<b>b</b></p>"),
}  # fmt: skip


@pytest.mark.parametrize("case", CONVERTED)
def test_what_can_be_written(case: str) -> None:
    text, expected = CONVERTED[case]
    assert CONVERTER.convert(text)[0].strip() == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<script>alert(1)</script>", ""),
        ("a <SCRIPT src=//x.example/x.js></SCRIPT> b", "<p>a  b</p>"),
        ('<p onclick="x()" style="color:red" id="p" class="p">a</p>', "<p>a</p>"),
        ('<iframe src="https://x.example/"></iframe>', ""),
        ("<style>p{color:red}</style>", ""),
        ('a <img src="x" onerror="alert(1)"> b', '<p>a <span data-image="0">&nbsp;</span> b</p>'),
        ("<svg><script>a</script></svg>", "<p></p>"),
        ('<form action="x"><button>a</button></form>', "<div>a</div>"),
        ("[a](javascript:alert(1))", "<p>a</p>"),
        ("[a](JaVaScRiPt:alert(1))", "<p>a</p>"),
        ("[a](data:text/html,x)", "<p>a</p>"),
        ('<a href="java&#10;script:x">a</a>', "<p>a</p>"),
        ('<a href="https://x.example/" target="_blank" onclick="x">a</a>',
         '<p><a href="https://x.example/" rel="noopener noreferrer">a</a></p>'),
        ('<div class="footnote card">a</div>', '<div class="footnote">a</div>'),
        ('<o:p>a</o:p><sup id="A B">1</sup>', "<p>a<sup>1</sup></p>"),
        ('<table><tr><td colspan="2" bgcolor="red" rowspan="x">a</td></tr></table>',
         '<table><tbody><tr><td colspan="2">a</td></tr></tbody></table>'),
        ("a <!-- riêng --> b", "<p>a  b</p>"),
    ],
)  # fmt: skip
def test_html_is_cleaned(text: str, expected: str) -> None:
    assert CONVERTER.convert(text)[0].strip() == expected


class Tags(HTMLParser):
    """The tags and attributes of a text, as a browser parses them."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    @classmethod
    def of(cls, made: str) -> list[tuple[str, dict[str, str | None]]]:
        parser = cls()
        parser.feed(made)
        parser.close()
        return parser.found


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            ["<script>", "</script>", "<img src=x onerror=a>", "<a href='javascript:a'>", '"', "'",
             "<", ">", "/", " ", "\n", "a", "<svg onload=a>", "<style>", "</style>", "<!--", "-->",
             "<p title=", "<b>", "[a](", "javascript:a", ")", "`", "<iframe>", "<math>", "</p>",
             "<noscript>", "<template>", "<h2>", "</h2>", "&lt;", "&#60;", "<textarea>"]
        ),
        max_size=14,
    )
)  # fmt: skip
def test_no_html_that_runs_gets_through(parts: list[str]) -> None:
    for tag, attributes in Tags.of(CONVERTER.convert("".join(parts))[0]):
        assert tag in TAGS
        allowed = ATTRIBUTES["*"] | ATTRIBUTES.get(tag, set()) | {"rel", "lang", "title"}
        assert set(attributes) <= allowed
        assert not (attributes.get("href") or "").lower().lstrip().startswith("javascript")


def ids(made: str) -> list[str]:
    return re.findall(r'<h[2-6] id="([^"]*)"', made)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("# Phần một\n\n## Điều *1*", ["phan-mot", "dieu-1"]),
        ("## A\n\n## A\n\n### A", ["a", "a-2", "a-3"]),
        ("## A-2\n\n## A\n\n## A", ["a-2", "a", "a-3"]),
        ("## A\n\n## A\n\n## Ậ 2", ["a", "a-2", "a-2-2"]),
        ("## ...\n\n## 中文", ["muc", "muc-2"]),
        ("## R&amp;D `x`", ["r-d-x"]),
        ("<h2>Tự <em>viết</em></h2>", ["tu-viet"]),
        (f"## {'dài ' * 100}", ["dai-" * 30]),
    ],
)
def test_headings_have_ids_of_their_own(text: str, expected: list[str]) -> None:
    made = CONVERTER.convert(text)[0]
    assert ids(made) == expected
    assert "<h1" not in made


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from(["A", "a 2", "A-2", "a-2-2", "Ạ", "...", "muc", "B"]), max_size=9))
def test_ids_are_unique_whatever_the_headings(titles: list[str]) -> None:
    found = ids(CONVERTER.convert("\n\n".join(f"## {title}" for title in titles))[0])
    assert len(found) == len(set(found)) == len(titles)


def shown(text: str) -> str:
    """The HTML of a text, with images replaced by words that say whether they are blocks."""
    markup, images, *_ = CONVERTER.convert(text)
    return fill_images(
        markup, lambda number, alone, _: f"{{{'figure' if alone else 'image'} {images[number][0]}}}"
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('![a](x.jpg "c")', "{figure x.jpg}"),
        ("a ![a](x.jpg) b", "<p>a {image x.jpg} b</p>"),
        ("![a](x.jpg) ![b](y.jpg)", "<p>{image x.jpg} {image y.jpg}</p>"),
        ("- ![a](x.jpg)", "<ul>\n<li>{image x.jpg}</li>\n</ul>"),
        ("[![a](x.jpg)](https://x.example/)",
         '<p><a href="https://x.example/" rel="noopener noreferrer">{image x.jpg}</a></p>'),
        ("`![a](x.jpg)`", "<p><code>![a](x.jpg)</code></p>"),
        ("\\![a](x.md)", '<p>!<a href="x.md" rel="noopener noreferrer">a</a></p>'),
        ("![a](anh%20dep.jpg)\n\n![b](<anh dep.jpg>)",
         "{figure anh%20dep.jpg}\n{figure anh dep.jpg}"),
    ],
)  # fmt: skip
def test_an_image_alone_in_its_paragraph_is_a_figure(text: str, expected: str) -> None:
    assert shown(text) == expected


def test_nobody_can_write_the_place_of_a_picture() -> None:
    forged = '<span data-image="0"></span> <span DATA-IMAGE=0></span>'
    markup, images, *_ = CONVERTER.convert(f"![a](a.png)\n\n{forged}\n")
    assert [image[0] for image in images] == ["a.png"]
    assert markup.count("data-image") == 1
    assert fill_images(markup, lambda number, *_: f"[{number}]").count("[0]") == 1


def test_an_image_keeps_what_it_shows_and_its_caption() -> None:
    images = CONVERTER.convert('![<b> & “a”](x.jpg "Chú <i> & thích")\n\n![](y.png)')[1]
    assert images == [("x.jpg", "<b> & “a”", "Chú <i> & thích"), ("y.png", "", "")]


def test_links_can_be_changed_one_by_one() -> None:
    made = CONVERTER.convert('[a](b.md "t") và <a href="c.md?x=1&amp;y=2">c</a> <code>href="d"')[0]
    changed = map_links(made, lambda href: "/moi?" + html.unescape(href))
    assert re.findall(r'<a href="([^"]*)"', changed) == ["/moi?b.md", "/moi?c.md?x=1&y=2"]
    assert changed.count("href=") == 3


def nested(levels: int, mark: str = "- ", indent: str = "    ") -> str:
    return "\n".join(f"{indent * level}{mark}x" for level in range(levels))


DEEP = {
    "ngoac": ("[" * 5000, 5),
    "ngoac-anh": ("Chữ\n\n" + "![" * 5000, 7),
    "ngoac-nhieu-dong": ("[\n" * 5000, 65),
    "ngoac-cach": ("[ " * 5000, 5),
    "lien-ket-mo": ("[a](" * 5000, 5),
    "lien-ket-rong": ("[](" * 3000, 5),
    "ghi-chu": ("Chữ\n\n" + "[^1]" * 3000, 7),
    "danh-sach": (nested(400), 35),
    "danh-sach-so": (nested(400, "1. "), 35),
    "danh-sach-tab": (nested(400, indent="\t"), 35),
    "danh-sach-mot-dong": ("- " * 400 + "x", 5),
    "trich": (">" * 400 + " x", 5),
    "trich-va-danh-sach": ("Chữ\n\n" + "> - " * 40 + "x", 7),
}
FLAT = {
    "ngoac-dong": "]" * 5000,
    "ngoac-tron": "[]" * 2000,
    "sao": "*" * 5000,
    "sao-chu": "**a *b " * 1500,
    "huyen": "`a``" * 1500,
    "nho-hon": "<" * 3000,
    "the-mo": "<b>" * 2000,
    "the-dong": "</" * 2000,
    "va": "&" * 5000,
    "gach": "|" * 5000,
    "thang": "#" * 5000,
    "rao": "```\n" * 1001,
    "dong-trong": "\n" * 20_000,
    "danh-sach-vua": nested(25),
    "trich-vua": ">" * 25 + " x",
}


def test_what_nests_too_deep_is_refused_and_what_only_looks_odd_is_not(tmp_path: Path) -> None:
    bodies = {**{name: body for name, (body, _) in DEEP.items()}, **FLAT}
    root = network(
        tmp_path,
        {f"content/tin-tuc/{name}.md": article(name, body=body) for name, body in bodies.items()},
    )
    expected = [
        f"content/tin-tuc/{name}.md:{line}:1: {TOO_DEEP}" for name, (_, line) in DEEP.items()
    ]
    assert sorted(problems(run(root))) == sorted(expected)
    published = {file.stem for file in (root / "public/main/tin-tuc").glob("*.html")}
    assert published == {*FLAT, "index"}


def test_a_published_body_is_the_converted_text(tmp_path: Path) -> None:
    body = "Mở **đầu**.\n\n# Phần 1\n\n| a |\n|---|\n| 1 |\n\n<script>x</script>\n\nHết."
    root = network(tmp_path, {"content/tin-tuc/mot.md": article("Một", body=body)})
    assert problems(run(root)) == []
    made = page(root, "main/tin-tuc/mot.html").partition('<div class="body">')[2]
    assert CONVERTER.convert(body)[0].strip() in made
    assert '<h2 id="phan-1">Phần 1</h2>' in made
