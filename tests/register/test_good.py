"""Good versions: an article as it was published comes back whole, and harmless."""

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import asdict, replace

from portalgen.content.model import Article, Picture, Reference
from portalgen.digests import digest_parts
from portalgen.register.entries import ARTICLE, Entry
from portalgen.register.good import Good, from_bytes, to_bytes, without

STEM = "0123456789abcdef"
JPG, WEBP = f"{STEM}-640.jpg", f"{STEM}-640.webp"
PDF = "fedcba9876543210-bao-cao.pdf"
SOURCE = "members/sapa/content/tin-tuc/a.md"
FIGURE = (
    f'<figure><picture><source srcset="/media/{WEBP} 640w" type="image/webp"><img '
    f'src="/media/{JPG}" width="640" height="480" alt="Ruộng" loading="lazy"></picture>'
    "<figcaption>Ruộng</figcaption></figure>"
)


def made(**values: object) -> Article:
    base: dict[str, Any] = {
        "site": "sapa", "path": SOURCE, "name": "tin-tuc/a.md", "section": "tin-tuc", "slug": "a",
        "title": "Tiêu đề", "lead": "Mở", "summary": "Tóm", "author": "", "source": "",
        "caption": "", "identity": "sapa/tin-tuc/a.md", "tags": (), "topics": (), "aliases": (),
        "date": 0, "date_iso": "", "date_text": "", "updated": 0, "updated_iso": "",
        "updated_text": "", "expires": 0, "draft": False, "featured": False, "syndicate": False,
        "picture": None, "media": (), "related": (), "unrelated": (), "links": (),
        "body_digest": digest_parts(["<p>Chữ</p>"]), "digest": "d",
    }  # fmt: skip
    return Article(**{**base, **values})


def entry(article: Article) -> Entry:
    return Entry(id="a", kind=ARTICLE, source=article.path, good=article.digest)


def back(article: Article, body: str = "<p>Chữ</p>", title: str = "Tin tức") -> Good:
    good = from_bytes(to_bytes(article, body, title), entry(article), "sapa", "members/sapa")
    assert good
    return good


texts = st.text(max_size=20)
names = st.lists(texts, max_size=3).map(tuple)
references = st.lists(
    st.builds(Reference, texts, st.integers(0, 99), st.integers(0, 99)), max_size=3
).map(tuple)
pictures = st.builds(Picture, st.just(STEM), st.integers(1, 9999), st.integers(1, 9999),
                     st.lists(st.integers(1, 2000), max_size=3).map(tuple), texts)  # fmt: skip
moments = st.sampled_from([
    ("", 0, ""), ("2020-01-10T16:46:00+07:00", 1_578_649_560, "16:46, 10/01/2020"),
])  # fmt: skip


@settings(max_examples=100, deadline=None)
@given(
    st.fixed_dictionaries({
        "slug": texts, "title": texts, "lead": texts, "summary": texts, "author": texts,
        "source": texts, "caption": texts, "identity": texts, "tags": names, "topics": names,
        "aliases": references, "expires": st.integers(0, 2**40), "draft": st.booleans(),
        "featured": st.booleans(), "featured_until": st.integers(0, 2**40),
        "syndicate": st.booleans(),
        "picture": st.none() | pictures, "media": st.just((JPG, PDF)), "related": references,
        "unrelated": references, "links": references,
    }), moments, moments, texts,
)  # fmt: skip
def test_an_article_comes_back_as_it_was(
    values: dict[str, object], date: tuple[str, int, str], updated: tuple[str, int, str], title: str
) -> None:
    article = made(**values, date_iso=date[0], date=date[1], date_text=date[2],
                   updated_iso=updated[0], updated=updated[1], updated_text=updated[2])  # fmt: skip
    good = back(article, title=title)
    assert asdict(good.article) == asdict(article)
    assert (good.body, good.section_title) == ("<p>Chữ</p>", title)


def test_where_it_stands_is_what_the_entry_says() -> None:
    data = to_bytes(made(), "<p>x</p>", "")
    moved = Entry(id="a", kind=ARTICLE, source="content/y-te/b.md", good="new")
    good = from_bytes(data, moved, "main", "")
    assert good
    article = good.article
    assert (article.site, article.path, article.name) == ("main", "content/y-te/b.md", "y-te/b.md")
    assert (article.section, article.digest) == ("y-te", "new")


def test_its_words_are_lead_and_body() -> None:
    assert back(made(lead="Mở  đầu"), "<p>Một\n<b>hai</b></p>").words == "Mở đầu Một hai"


def test_a_version_with_an_end_differs_from_one_without() -> None:
    good = back(made())
    ended = good.until(99)
    assert (ended.article.expires, ended.body) == (99, good.body)
    assert ended.article.digest not in (good.article.digest, good.until(98).article.digest)
    assert replace(ended.article, expires=0, digest="d") == good.article


HOSTILE = {
    "<script>alert(1)</script>": "alert", '<p onclick="x()">Chữ</p>': "onclick",
    '<img src="x" onerror="x()">': "onerror", '<a href="javascript:x()">Chữ</a>': "javascript",
    '<img src="https://khac.example/x.jpg">': "khac.example",
    '<img src="/x.jpg">': "x.jpg",
    f'<img srcset="/media/{JPG} 640w, https://khac.example/y.jpg 2x">': "khac.example",
    f'<source srcset="//khac.example/media/{JPG} 640w">': "khac.example",
    '<iframe src="https://khac.example/"></iframe>': "iframe",
    '<p style="position:fixed">Chữ</p>': "fixed", "<style>p{}</style>": "style",
    '<form action="https://khac.example/"><input name="a"></form>': "khac.example",
    '<meta http-equiv="refresh" content="0; url=https://khac.example/">': "khac.example",
    '<svg><a xlink:href="javascript:x()">Chữ</a></svg>': "javascript",
}  # fmt: skip


@pytest.mark.parametrize("body", HOSTILE)
def test_what_no_article_may_hold_is_gone_from_what_comes_back(body: str) -> None:
    assert HOSTILE[body] not in back(made(), f"<p>Trước</p>{body}<p>Sau</p>").body


def test_what_an_article_may_hold_stays() -> None:
    body = (
        f'<h2 id="mot">Một</h2>{FIGURE}<p><a href="https://sapa.tinh.example/media/{PDF}" '
        'rel="noopener noreferrer">Báo cáo</a></p><table><tbody><tr><td colspan="2">x</td></tr>'
        '</tbody></table><pre><code class="language-py">x</code></pre>'
    )
    assert back(made(media=(JPG, WEBP, PDF)), body).body == body


def test_a_picture_that_is_nowhere_takes_its_figure_with_it() -> None:
    picture = Picture(STEM, 640, 480, (640,), "")
    good = back(made(media=(JPG, WEBP, PDF), picture=picture), f"<p>a</p>{FIGURE}<p>{PDF}</p>")
    less = without(good, [JPG])
    assert less.body == f"<p>a</p><p>{PDF}</p>"
    assert (less.article.picture, less.article.media) == (None, (PDF,))
    assert less.article.body_digest == digest_parts([less.body])
    assert less.article.digest != good.article.digest


def test_an_attachment_that_is_nowhere_leaves_its_words() -> None:
    body = (
        f'<p>Xem <a href="/media/{PDF}" rel="noopener noreferrer">báo <b>cáo</b></a> và '
        f'<a href="/media/{JPG}" rel="noopener noreferrer">ảnh</a></p>'
    )
    less = without(back(made(media=(JPG, PDF)), body), [PDF])
    assert less.body == (
        f'<p>Xem báo <b>cáo</b> và <a href="/media/{JPG}" rel="noopener noreferrer">ảnh</a></p>'
    )
    assert less.article.media == (JPG,)


def changed(**values: object) -> bytes:
    """A saved version with other values; None takes a key away."""
    data = {**msgspec.json.decode(to_bytes(made(), "<p>x</p>", "")), **values}
    return msgspec.json.encode({key: value for key, value in data.items() if value != "--"})


def test_what_a_later_program_adds_is_passed_over() -> None:
    good = from_bytes(changed(new={"a": 1}), entry(made()), "sapa", "members/sapa")
    assert good and good.article.title == "Tiêu đề"


@pytest.mark.parametrize(
    "values",
    [
        {"title": "--"}, {"body": "--"}, {"section_title": "--"}, {"date_iso": "--"},
        {"title": 1}, {"tags": "x"}, {"date_iso": "gestern"}, {"picture": [1]}, {"media": ["../x"]},
        {"media": ["0123456789abcdef/../../x"]}, {"picture": ["../x", 1, 1, [1], ""]},
        {"picture": [STEM, 1, 1, [1], "", "../x.gif"]},
        {"body": None}, {"expires": "x"},
    ],
)  # fmt: skip
def test_a_version_that_makes_no_sense_is_none(values: dict[str, object]) -> None:
    assert from_bytes(changed(**values), entry(made()), "sapa", "members/sapa") is None


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"null", b"[" * 100_000, b'{"title": "\xff"}'])
def test_what_is_no_version_is_none(data: bytes) -> None:
    assert from_bytes(data, entry(made()), "sapa", "members/sapa") is None
