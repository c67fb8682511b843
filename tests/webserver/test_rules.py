"""The parts of an nginx configuration that decide, read as nginx reads them."""

import re

import pytest

from portalgen.webserver.headers import BRIEFLY, FOREVER
from portalgen.webserver.rules import FIND_FILE, HSTS, MAPS, READ_ONLY, SECURITY

MAP = re.compile(r"^map (\"[^\"]+\"|\S+) \$(\w+) \{\n(.*?)^\}", re.MULTILINE | re.DOTALL)
LINE = re.compile(r"    (\"[^\"]*\"|\S+) (\S.*);")


def value(variable: str, text: str) -> str:
    """The value of a `map` for a text: the first expression that matches, else the default."""
    [body] = [body for _, name, body in MAP.findall(MAPS) if name == variable]
    lines: list[tuple[str, str]] = [
        (key.strip('"'), result.strip('"')) for key, result in LINE.findall(body)
    ]
    for key, result in lines:
        kind = re.match(r"~\*?", key)
        flags = re.IGNORECASE if kind and kind[0] == "~*" else 0
        if key == text or (kind and re.search(key[kind.end() :], text, flags)):
            return result
    return dict(lines).get("default", "")


@pytest.mark.parametrize(
    ("header", "br", "gz"),
    [
        ("gzip, deflate, br", True, True),
        ("br", True, False),
        ("br , gzip ; q=1", True, True),
        ("GZIP", False, True),
        ("br;q=1.0, gzip;q=0.5", True, True),
        ("br;q=0, gzip", False, True),
        ("br; q=0.000 , gzip;q=0", False, False),
        ("br;q=0.001,gzip;q=0.0", True, False),
        ("gzip;q=0,br", True, False),
        ("brotli, x-gzip, gzipped", False, False),
        ("*", False, False),
        ("identity", False, False),
        ("", False, False),
    ],
)
def test_what_a_client_accepts_is_sent_packed(header: str, br: bool, gz: bool) -> None:
    assert value("portal_br", header) == (".br" if br else "/")
    assert value("portal_gz", header) == (".gz" if gz else "/")


@pytest.mark.parametrize(
    ("status", "packed", "coding"),
    [
        ("200", ".br", "br"), ("200", ".gz", "gzip"), ("404", ".br", "br"), ("404", ".gz", "gzip"),
        ("200", "", ""), ("304", ".br", ""), ("301", ".gz", ""), ("206", ".br", ""),
    ],
)  # fmt: skip
def test_only_a_response_with_a_packed_body_names_its_coding(
    status: str, packed: str, coding: str
) -> None:
    assert value("portal_coding", f"{status} {packed}") == coding


@pytest.mark.parametrize(
    ("status", "path", "lifetime"),
    [
        ("200", "/assets/main.1a2b3c4d.css", FOREVER),
        ("304", "/assets/fonts/a-b.1a2b3c4d.woff2", FOREVER),
        ("200", "/media/0123456789abcdef-anh-800.webp", FOREVER),
        ("200", "/assets/main.css", BRIEFLY),
        ("200", "/assets/main.1A2B3C4D.css", BRIEFLY),
        ("200", "/tin-tuc/assets/main.1a2b3c4d.css", BRIEFLY),
        ("200", "/media/0123456789abcde-anh.webp", BRIEFLY),
        ("200", "/media/0123456789abcdef-a/b.webp", BRIEFLY),
        ("200", "/", BRIEFLY),
        ("301", "/assets/main.1a2b3c4d.css", BRIEFLY),
        ("404", "/assets/main.1a2b3c4d.css", "no-store"),
        ("503", "/", "no-store"),
        ("206", "/tep.pdf", "no-store"),
    ],
)
def test_a_response_is_kept_as_long_as_its_content_cannot_change(
    status: str, path: str, lifetime: str
) -> None:
    assert value("portal_cache", f"{status} {path}") == lifetime


def test_who_may_not_write_is_told_what_is_allowed() -> None:
    assert [value("portal_allow", status) for status in ("200", "404", "405")] == [
        "", "", "GET, HEAD",
    ]  # fmt: skip
    [expression] = re.findall(r'!~ "([^"]+)"', READ_ONLY)
    assert [bool(re.search(expression, name)) for name in ("GET", "HEAD", "POST", "GETX")] == [
        True, True, False, False,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("address", "refused"),
    [
        ("/tin-tuc/a.html", False), ("/.well-known/acme-challenge/x", False), ("/a.b/.c", True),
        ("/.portalgen/lock", True), ("/.git/config", True), ("/a/..well-known/", True),
        ("/.well-known", True), ("/a.html.br", False),
    ],
)  # fmt: skip
def test_names_that_begin_with_a_dot_are_nobodys_business(address: str, refused: bool) -> None:
    [expression] = re.findall(r'if \(\$uri ~ "([^"]+)"\)', FIND_FILE)
    assert bool(re.search(expression, address)) == refused


@pytest.mark.parametrize(
    ("address", "refused"),
    [("/a%2fb", True), ("/a%5C..", True), ("/a?b=%2f", False), ("/a%20b", False), ("/a/b", False)],
)
def test_a_slash_is_never_encoded_in_a_path(address: str, refused: bool) -> None:
    [expression] = re.findall(r'if \(\$request_uri ~\* "([^"]+)"\)', FIND_FILE)
    assert bool(re.search(expression, address, re.IGNORECASE)) == refused


def test_browsers_are_told_to_guess_nothing_and_to_tell_nobody() -> None:
    assert SECURITY["X-Content-Type-Options"] == "nosniff"
    assert SECURITY["Referrer-Policy"] == "strict-origin-when-cross-origin"
    assert "Strict-Transport-Security" not in SECURITY
    assert list(HSTS) == ["Strict-Transport-Security"]
