"""How published files are sent: types by suffix, and what stays as it is for ever."""

import pytest

from portalgen.webserver.headers import BRIEFLY, FOREVER, POLICY, TYPES, is_lasting, type_of


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("index.html", "text/html; charset=utf-8"),
        ("tin-tuc/cu.htm", "text/html; charset=utf-8"),
        ("tin-tuc/rss.xml", "application/xml"),
        ("assets/site.mjs", "text/javascript; charset=utf-8"),
        ("media/0123456789abcdef-480.webp", "image/webp"),
        ("Anh.JPEG", "image/jpeg"),
        ("tai-lieu/bao.cao.pdf", "application/pdf"),
        ("tai-lieu/so-lieu.csv", "text/csv; charset=utf-8"),
        ("tep", "application/octet-stream"),
        ("tai.lieu/tep", "application/octet-stream"),
        ("tep.la", "application/octet-stream"),
        (".html", "application/octet-stream"),
        ("tep.pdf.", "application/octet-stream"),
    ],
)
def test_the_suffix_tells_the_type(path: str, kind: str) -> None:
    assert type_of(path) == kind


SUFFIXES = """avif css csv doc docx gif htm html ico jpeg jpg js json mjs mp3 mp4 odt ods pdf png
    ppt pptx svg txt webmanifest webp woff2 xls xlsx xml zip"""


def test_every_suffix_has_one_type_and_texts_name_their_encoding() -> None:
    suffixes = [suffix for named in TYPES.values() for suffix in named.split()]
    assert sorted(suffixes) == sorted(SUFFIXES.split())
    assert all(type_of(f"tep.{suffix}") in TYPES for suffix in suffixes)
    assert all("charset=utf-8" in kind for kind in TYPES if kind.startswith("text/"))


@pytest.mark.parametrize(
    ("route", "lasting"),
    [
        ("assets/site.0a1b2c3d.css", True),
        ("assets/fonts/chu.0a1b2c3d.woff2", True),
        ("assets/site.0a1b2c3d", True),
        ("media/0123456789abcdef-480.webp", True),
        ("assets/site.css", False),
        ("assets/site.0a1b2c3.css", False),
        ("assets/site.0a1b2c3d4.css", False),
        ("assets/site.0A1B2C3D.css", False),
        ("assets/.0a1b2c3d.css", False),
        ("assets/site.0a1b2c3d.css.map", False),
        ("assets/site-0a1b2c3d.css", False),
        ("media/0123456789abcde-480.webp", False),
        ("media/0123456789abcdef-", False),
        ("media/0123456789abcdef-480/a.webp", False),
        ("x/assets/site.0a1b2c3d.css", False),
        ("tin-tuc/assets/site.0a1b2c3d.css", False),
        ("media/0123456789abcdef.webp", False),
        ("index.html", False),
        ("", False),
    ],
)
def test_only_what_is_named_after_its_content_stays_for_ever(route: str, lasting: bool) -> None:
    assert is_lasting(route) is lasting


def test_pages_load_nothing_from_elsewhere_and_nobody_frames_them() -> None:
    rules = dict(rule.split(" ", 1) for rule in POLICY.split("; "))
    assert rules == {
        "default-src": "'none'", "script-src": "'self'", "style-src": "'self'",
        "img-src": "'self'", "font-src": "'self'", "connect-src": "'self'",
        "manifest-src": "'self'", "worker-src": "'none'", "form-action": "'self'",
        "base-uri": "'none'", "frame-ancestors": "'none'",
    }  # fmt: skip


def test_what_lasts_is_kept_a_year_and_the_rest_a_minute() -> None:
    assert FOREVER == "public, max-age=31536000, immutable"
    assert BRIEFLY == "public, max-age=60, must-revalidate"
