"""What people mean by keys and addresses that are not accepted."""

from pathlib import Path

import pytest

from portalgen.content.front_matter import fields
from portalgen.settings.schema import RESERVED_NAMES, SLUG
from portalgen.settings.site import SITE_FIELDS
from portalgen.settings.suggestions import complete_address, meant_key, meant_slug
from tests.helpers import article, network, page, problems, run
from tests.settings.test_moments import ZONE


@pytest.mark.parametrize(
    ("word", "key"),
    [
        ("sapo", "lead"), ("Sa-pô", "lead"), ("tiêu đề", "title"), ("Tiêu_đề", "title"),
        ("TITLE", "title"), ("titel", "title"), ("ngày", "date"), ("ngày đăng", "date"),
        ("published", "date"), ("publishDate", "date"), ("thumbnail", "image"), ("ảnh", "image"),
        ("Ảnh đại diện", "image"), ("featured_image", "image"), ("categories", "topics"),
        ("category", "topics"), ("tác giả", "author"), ("authors", "author"),
        ("description", "summary"), ("mô tả", "summary"), ("keywords", "tags"),
        ("từ khóa", "tags"), ("thẻ", "tags"), ("lastmod", "updated"), ("hết hạn", "expires"),
        ("image-alt", "image_alt"), ("imageAlt", "image_alt"), ("nháp", "draft"),
        ("nguồn", "source"), ("chú thích", "caption"), ("url", "slug"), ("zzz", ""), ("", ""),
    ],
)  # fmt: skip
def test_a_key_is_known_by_its_names_in_both_languages(word: str, key: str) -> None:
    assert meant_key(word, fields(ZONE)) == key


@pytest.mark.parametrize(
    ("word", "key"),
    [("url", "base_url"), ("lang", "language"), ("Múi giờ", "timezone"), ("titel", "title")],
)
def test_a_key_of_settings_is_known_too(word: str, key: str) -> None:
    assert meant_key(word, SITE_FIELDS) == key


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ("a@b.vn", "mailto:a@b.vn"), ("p.b+1@sub.gov.vn", "mailto:p.b+1@sub.gov.vn"),
        ("//host.example/a", "https://host.example/a"), ("www.a.vn/b", "https://www.a.vn/b"),
        ("WWW.a.vn", "https://WWW.a.vn"), ("a.example/b", "https://a.example/b"),
        ("laocai.gov.vn", "https://laocai.gov.vn"), ("https:/a.vn/b", "https://a.vn/b"),
        ("http//a.vn", "https://a.vn"), ("htp://a.vn", "https://a.vn"),
        ("0912345678", "tel:0912345678"), ("+84 912 345 678", "tel:+84912345678"),
        ("(0214) 3.840.888", "tel:02143840888"),
        ("bai.md", ""), ("bai.html", ""), ("tin-tuc/bai.html", ""), ("bang.pdf", ""),
        ("ảnh.jpg", ""),
        ("/tin-tuc/", ""), ("https://a.vn", ""), ("2026", ""),
        ("javascript:alert(1)", ""), ("", ""),
    ],
)  # fmt: skip
def test_an_address_gets_the_beginning_that_it_lacks(typed: str, wanted: str) -> None:
    assert complete_address(typed) == wanted


@pytest.mark.parametrize(
    "text", ["A B", "../../x", "CON", "lpt1", "ă" * 300, "a-b" * 90, "…", "x_y"]
)
def test_a_proposed_slug_is_one(text: str) -> None:
    slug = meant_slug(text, RESERVED_NAMES)
    assert SLUG.fullmatch(slug) and len(slug) <= 120 and slug not in RESERVED_NAMES


def test_a_key_whose_meaning_is_there_already_is_to_be_deleted(tmp_path: Path) -> None:
    root = network(tmp_path, {
        "content/y-te/a.md": article("A", sapo="b", lead="c", thumbnail="d.jpg", cover="e.jpg"),
    })  # fmt: skip
    assert problems(run(root)) == [
        "content/y-te/a.md:4:1: Không có khóa “sapo”, và đã có “lead”. Hãy xóa dòng này.",
        "content/y-te/a.md:6:1: Không có khóa “thumbnail”. Có phải “image”?",
        "content/y-te/a.md:7:1: Không có khóa “cover”, và đã có “image”. Hãy xóa dòng này.",
    ]


def test_a_slug_that_is_too_long_is_told_its_length(tmp_path: Path) -> None:
    long = "-".join(["bai"] * 40)
    root = network(tmp_path, {"content/y-te/a.md": article("A", slug=long)})
    [message] = problems(run(root), "en")
    assert message == (
        f"content/y-te/a.md:4:7: “{long[:79]}…” has 159 characters; at most 120 are allowed. "
        f"Shorten it, for example to {'-'.join(['bai'] * 30)}"
    )


def test_several_authors_are_named_with_commas(tmp_path: Path) -> None:
    root = network(tmp_path, {"content/y-te/a.md": article("A", author="[Vàng A, 'Lý, B']")})
    assert problems(run(root)) == []
    assert '<span class="author">Vàng A, Lý, B</span>' in page(root, "main/y-te/a.html")
