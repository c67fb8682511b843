from string import ascii_letters

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portalgen.settings import routes
from portalgen.text import slug_within, slugify

TEXTS = st.text("aăâđệ Ọ-+x1/中", max_size=400)


@pytest.mark.parametrize(
    ("route", "fits"),
    [
        ("a" * 252, True), ("a" * 253, False), ("x/" + "a" * 253 + "/y", False),
        ("ệ" * 84, True), ("ệ" * 85, False),  # three bytes each
        ("/".join(["a" * 224] * 4), True), ("/".join(["a" * 225] * 4), False),
        ("a/" * 450, True), ("a/" * 451, False), ("", True),
    ],
)  # fmt: skip
def test_a_route_fits_file_systems_and_buckets(route: str, fits: bool) -> None:
    assert routes.fits(route) is fits
    assert routes.fits(route, 255) is (fits or route in ("a" * 253, "x/" + "a" * 253 + "/y",
                                                         "ệ" * 85))  # fmt: skip


@given(TEXTS)
def test_the_slug_of_a_name_is_always_a_files_name(name: str) -> None:
    slug = routes.name_slug(name)
    assert routes.fits(routes.tag(slug))
    assert routes.fits(routes.topic(slug))
    assert routes.fits(routes.older(routes.tag(slug), 9_999_999))
    assert (slug == slugify(name)) is (len(slugify(name)) <= 247)


@given(st.text(ascii_letters, min_size=30, max_size=60), st.integers(10, 29))
def test_what_is_cut_stays_apart(name: str, limit: int) -> None:
    slug = slug_within(name, limit)
    assert len(slug) <= limit
    assert slug != slug_within(name + "x", limit)
    assert slug == slug_within(name.upper(), limit)


@pytest.mark.parametrize(
    ("path", "portable"),
    [
        ("a/b.txt", True), ("tài liệu\u00a0(1).pdf", True), ("x/a:b", True), ("a b", True),
        ("a\nb", False), ("a\\b", False), ("a:b", False), ("../a", False), ("a//b", False),
        ("", False), ("a/./b", False), ("a\u2028b", False), ("a\x7f", False),
    ],
)  # fmt: skip
def test_a_portable_path_can_stand_in_a_list_of_files(path: str, portable: bool) -> None:
    assert routes.is_portable(path) is portable


def test_what_deploy_puts_beside_a_file() -> None:
    assert routes.deployed_beside("a/b.html") == ("a/b.html.br", "a/b.html.gz")
    assert routes.deployed_beside("a.tar.gz") == routes.deployed_beside("anh.jpg") == ()
