import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portalgen.content.clean_html import (
    SCHEMES,
    allowed_value,
    body_cleaner,
    clean_published,
    is_allowed,
    is_link,
    place_name,
)
from tests.content.stock import CONVERTER


@pytest.mark.parametrize("scheme", SCHEMES)
def test_links_of_these_schemes_are_kept(scheme: str) -> None:
    assert is_link(f"{scheme}://a.example/b")
    assert f'href="{scheme}:' in clean_published(f'<a href="{scheme}:x">a</a>')


@pytest.mark.parametrize("target", ["javascript:x", " java\nscript:x", "data:,x", "file:///a",
                                    "D:\\a.pdf", "ftp://a.example", "https://",
                                    "http://a b/"])  # fmt: skip
def test_other_links_are_not(target: str) -> None:
    assert not is_link(target)


@pytest.mark.parametrize(
    "target", ["", "#a", "a.pdf", "/a", "portal:sapa/a.md", "Https://a.b", "?a"]
)
def test_paths_are_links(target: str) -> None:
    assert is_link(target)


KEPT = [
    '<ol start="-3" type="a" reversed=""><li value="7">a</li></ol>', '<details open="">a</details>',
    '<p lang="en-GB" dir="rtl" title="x" id="mục-1">a</p>', '<time datetime="2020-01-10">a</time>',
    "<p>a<wbr>b <ruby>c<rp>(</rp><rt>d</rt></ruby> <dfn>e</dfn> <bdi>f</bdi></p>",
    "<figure>a<figcaption>b</figcaption></figure>", '<table><colgroup span="2"></colgroup></table>',
]  # fmt: skip
LOST = {
    '<ol type="x"><li value="y">a</li></ol>': "<ol><li>a</li></ol>",
    '<p lang="&quot;" dir="x" id="a b" style="x" class="y">a</p>': "<p>a</p>",
    '<p data-image="0">a</p><span data-image="0">b</span>': "<p>a</p><span>b</span>",
    '<time datetime="hôm nay">a</time>': "<time>a</time>",
}


@pytest.mark.parametrize("html", KEPT)
def test_what_means_something_is_kept_when_published_and_later(html: str) -> None:
    assert body_cleaner().clean(html) == clean_published(html) == html


@pytest.mark.parametrize("html", LOST)
def test_values_that_mean_nothing_are_left_out(html: str) -> None:
    assert body_cleaner().clean(html) == LOST[html]


def test_a_place_for_a_picture_is_only_ours() -> None:
    assert allowed_value("span", "data-image", place_name(3)) == "3"
    assert not is_allowed("span", "data-image", "3")
    assert not is_allowed("p", "href", "a")


PIECES = st.sampled_from(
    ['<p id="a">', "<a href='#a'>a</a>", "<a href='zalo:1'>a</a>", "[a](#b)", "**x**", "<b>",
     "</b>", "</p>",
     '<ol type="i" start="0">', "<li value='3'>", "\n\n", "- a\n", "<details open>", "</details>",
     "<figure>", "<figcaption>", "</figcaption>", "</figure>", "<h2 id='A'>a</h2>",
     "## B {#b}\n",
     "a[^1]\n\n[^1]: b\n\n", "<section>", "</section>", "<time datetime='2020'>",
     "<table><td>a</table>",
     "<ruby>", "<rt>", "<del datetime=2020>", "`<b>`", "| a |\n|:-:|\n| b |\n", "<span lang=vi>"]
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(st.lists(PIECES, max_size=12))
def test_a_kept_body_is_published_as_it_was(parts: list[str]) -> None:
    """But for links and headings that do not end, of which browsers make more each time."""
    html = CONVERTER.convert("".join(parts))[0]
    assert clean_published(html) == html
