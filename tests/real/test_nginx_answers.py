"""What nginx answers itself: challenges, errors, icons; and what it logs."""

import re
import socket
import time
from pathlib import Path
from urllib.parse import urljoin

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portalgen.webserver.headers import BRIEFLY, WEEKLY
from portalgen.webserver.rules import SECURITY
from tests.helpers import write
from tests.real.conftest import Served
from tests.real.nginx import Answer, Client, switch

ALL = {name: [value] for name, value in SECURITY.items()}
CHALLENGE = "/.well-known/acme-challenge/"
HTML = "text/html; charset=utf-8"


def logged(served: Served, word: str) -> list[str]:
    """The lines of the access log with this word; nginx writes them after the answer."""
    for _ in range(100):
        lines = [line for line in served.log.read_text("utf-8").splitlines() if word in line]
        if lines:
            return lines
        time.sleep(0.02)
    return []


def without_release(small: Served, nowhere: Path, path: str) -> Answer:
    before = small.current.resolve()
    switch(small.current, nowhere)
    try:
        return small.ask("tinh.example", path)
    finally:
        switch(small.current, before)


def test_a_challenge_is_answered_at_every_host_and_before_the_first_release(
    small: Served, tmp_path: Path
) -> None:
    write(small.acme, {"Az09-_": "token.key", "Az09-_.br": "no", "Az09-_.gz": "no"})
    answers = [
        *(small.ask(host, f"{CHALLENGE}Az09-_", Accept_Encoding="br, gzip") for host in
          ("tinh.example", "sapa.tinh.example")),
        without_release(small, tmp_path / "nowhere", f"{CHALLENGE}Az09-_"),
    ]  # fmt: skip
    for found in answers:
        assert (found.status, found.body) == (200, b"token.key")
        assert found["Content-Type"] == "text/plain; charset=utf-8"
        assert found.only(["Cache-Control", *SECURITY]) == {"Cache-Control": ["no-store"], **ALL}
    again = small.ask("tinh.example", f"{CHALLENGE}Az09-_", If_None_Match=answers[0]["ETag"])
    assert (again.status, again["Cache-Control"]) == (304, "no-store")


@pytest.mark.parametrize(
    "path",
    [
        "/secret", "/.well-known/secret", f"{CHALLENGE}../secret", f"{CHALLENGE}../../secret",
        f"{CHALLENGE}.hidden", f"{CHALLENGE}folder", f"{CHALLENGE}folder/", f"{CHALLENGE}",
        f"{CHALLENGE}folder/secret", f"{CHALLENGE}secret.txt", f"{CHALLENGE}link",
        f"{CHALLENGE}token/", f"{CHALLENGE}in-release", CHALLENGE[:-1], f"/bac-ha{CHALLENGE}token",
        f"{CHALLENGE}token%0a", f"{CHALLENGE}token%20",
    ],
)  # fmt: skip
def test_nothing_else_of_that_folder_can_be_read(small: Served, path: str) -> None:
    files = ["../../secret", "../secret", ".hidden", "folder/secret", "secret.txt", "token"]
    write(small.acme, dict.fromkeys(files, "secret"))
    if not (small.acme / "link").is_symlink():
        (small.acme / "link").symlink_to("../../secret")
    for name in ("token\n", "token "):
        (small.acme / name).write_text("secret")
    write(small.current / "main", {f"{CHALLENGE[1:]}in-release": "secret"})
    assert small.ask("tinh.example", f"/{CHALLENGE}khong-co").status == 404
    found = small.ask("tinh.example", path)
    if found["Location"]:
        assert found["Location"] == f"{path}/"
        found = small.ask("tinh.example", f"{path}/")
    assert found.status == 404
    assert b"secret" not in found.body
    assert b"Index of" not in found.body


def test_a_challenge_is_only_read(small: Served) -> None:
    write(small.acme, {"doc": "doc.key"})
    assert small.ask("tinh.example", f"{CHALLENGE}doc", "PUT", Content_Length="0").status == 405


def raw(served: Served, request: bytes) -> bytes:
    """The whole answer to a request of these bytes."""
    with socket.create_connection(("127.0.0.1", served.port), 20) as line:
        line.sendall(request)
        line.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: line.recv(65536), b""))


def is_own_page(found: Answer, status: int) -> None:
    assert found.status == status
    assert found["Content-Type"] == HTML
    text = found.body.decode()
    assert text.startswith("<!doctype html><html lang=vi>")
    assert f"<h1>{status}</h1><p>" in text
    assert "<p lang=en>The " in text or "<p lang=en>This " in text
    assert "nginx" not in text
    assert found["Server"] == "nginx"
    assert found["Allow"] == ("GET, HEAD" if status == 405 else "")
    assert found.only(["Cache-Control", *SECURITY]) == {"Cache-Control": ["no-store"], **ALL}


@pytest.mark.parametrize(
    ("host", "path", "method", "headers", "status"),
    [
        ("tinh.example", "/a%2Fb.jpg", "GET", {}, 400),
        ("tinh.example", "/%zz", "GET", {}, 400),
        ("tinh.example", "/../x", "GET", {}, 400),
        ("tinh.example", "/%2f", "POST", {}, 405),
        ("a b", "/", "GET", {}, 400),
        ("tinh.example", "/", "GET", {"X": "a" * 20_000}, 400),
        ("tinh.example", f"/{'a' * 20_000}", "GET", {}, 414),
        ("tinh.example", "/", "POST", {"Content_Length": "0"}, 405),
        ("tinh.example", "/van-ban.pdf", "DELETE", {}, 405),
        ("tinh.example", "/bac-ha/", "PUT", {"Content_Length": "0"}, 405),
        ("tinh.example", "/", "TRACE", {}, 405),
    ],
)
def test_an_error_has_a_page_for_readers(
    small: Served, host: str, path: str, method: str, headers: dict[str, str], status: int
) -> None:
    is_own_page(small.ask(host, path, method, **headers), status)


def test_while_there_is_no_release_a_page_says_so(small: Served, tmp_path: Path) -> None:
    is_own_page(without_release(small, tmp_path / "nowhere", "/anh.jpg"), 503)


def test_what_is_no_request_at_all_gets_the_page_too(small: Served) -> None:
    answer = raw(small, b"\x16\x03\x01\x02\x00\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert answer.count(b"Content-Security-Policy:") == 1
    assert b"<h1>400</h1>" in answer


PIECES = ["/", "//", "\\", "%5c", "%2f", "khac.example", "index.html", ".", "..", "%2e", "?", "#",
          "a", "bac-ha", "tin-tuc", "%0a", "%09", "%3f", "%25", "%2", "+", "&", ";", ":", "@",
          "https://khac.example"]  # fmt: skip


@settings(deadline=None, max_examples=400)
@given(st.lists(st.sampled_from(PIECES), max_size=9).map("".join))
def test_no_redirect_leads_to_another_host_or_in_a_circle(small: Served, path: str) -> None:
    client, path = Client(small.port), f"/{path}"
    for _ in range(4):
        found = client.ask("tinh.example", path)
        target = urljoin("https://tinh.example/", found["Location"].replace("\\", "/"))
        assert target.startswith("https://tinh.example/")
        if found.status != 301:
            break
        assert re.match(r"https://tinh\.example/|/(?![/\\])", found["Location"])
        path = found["Location"].removeprefix("https://tinh.example").partition("#")[0]
    client.close()
    assert found.status in (200, 400, 404)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/?x=//y", 200), ("/?x=/index.html", 200), ("/tin-tuc/?/index.html", 200),
        ("/#//", 200), ("http://tinh.example/", 200), ("http://tinh.example", 200),
        ("/xindex.html", 404), ("/index.htm", 404), ("/index.html.br", 200), ("/a%3F//b", 404),
    ],
)  # fmt: skip
def test_a_plain_address_is_not_redirected(small: Served, path: str, status: int) -> None:
    assert small.ask("tinh.example", path).status == status


def test_an_icon_is_the_sites_own_or_nothing_for_a_week(small: Served) -> None:
    found = small.ask("sapa.tinh.example", "/favicon.ico", Accept_Encoding="br")
    assert (found.status, found.body) == (200, b"\0\0\1\0")
    assert (found["Content-Type"], found["Cache-Control"]) == ("image/x-icon", BRIEFLY)
    for method in ("GET", "HEAD"):
        found = small.ask("tinh.example", "/favicon.ico", method)
        assert (found.status, found.body) == (204, b"")
        assert found.only(["Cache-Control", *SECURITY]) == {"Cache-Control": [WEEKLY], **ALL}
    assert small.ask("tinh.example", "/bac-ha/favicon.ico").status == 404


def test_the_log_names_the_host_after_what_all_logs_have(small: Served) -> None:
    for host in ("tinh.example", "SAPA.tinh.example"):
        small.ask(host, "/favicon.ico?khong-ghi")
        small.ask(host, f"/nhat-ky-{host}", Referer="https://a.example/", User_Agent='B "x"')
    for host in ("tinh.example", "SAPA.tinh.example"):
        [line] = logged(small, f"/nhat-ky-{host} ")
        rest = re.sub(r"\[.+?\]", "[]", line)
        size = rest.split()[8]
        assert rest == (
            f'127.0.0.1 - - [] "GET /nhat-ky-{host} HTTP/1.1" 404 {size} "https://a.example/" '
            f'"B \\x22x\\x22" {host.lower()}'
        )
    small.ask("tinh.example", "/%zz-nhat-ky")
    [line] = logged(small, "%zz-nhat-ky")
    assert line.endswith('"-" "-" -')
    assert "khong-ghi" not in small.log.read_text("utf-8")
