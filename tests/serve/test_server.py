"""`portalgen serve` as seen by any client on the network."""

import http.client
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers import article, network, write
from tests.serve.serving import Serving, serving, until

HANDSHAKE = {
    "Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}  # fmt: skip


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return network(tmp_path_factory.mktemp("serve"), {
        "content/tin-tuc/bai.md": article("Bài thứ nhất"),
        "members/sapa/content/tin-tuc/tin.md": article("Tin Sa Pa"),
        "static/tai-lieu/a b.txt": "Tài liệu",
    })  # fmt: skip


@pytest.fixture(scope="module")
def server(root: Path) -> Iterator[Serving]:
    with serving(root) as running:
        yield running


def ask(
    server: Serving, path: str, host: str = "localhost:{}", method: str = "GET", **headers: str
) -> tuple[int, str, dict[str, str]]:
    """The status, text and headers of an answer; `path` is sent unchanged."""
    line = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    line.putrequest(method, path, skip_host=True)
    for name, value in {"Host": host.format(server.port), **headers}.items():
        line.putheader(name, value.format(server.port))
    line.endheaders()
    answer = line.getresponse()
    text = "" if answer.status == 101 else answer.read().decode("utf-8", "replace")
    line.close()
    return answer.status, text, dict(answer.getheaders())


@pytest.mark.parametrize(
    ("host", "path", "text"),
    [
        ("localhost:{}", "/", "Cổng tỉnh"),
        ("localhost:{}", "/tin-tuc/bai.html", "<h1>Bài thứ nhất</h1>"),
        ("sapa.localhost:{}", "/tin-tuc/tin.html", "<h1>Tin Sa Pa</h1>"),
        ("127.0.0.1:{}", "/~sapa/tin-tuc/tin.html", "<h1>Tin Sa Pa</h1>"),
        ("localhost:{}", "/tai-lieu/a%20b.txt", "Tài liệu"),
        ("localhost:{}", "/rss.xml", "Bài thứ nhất"),
    ],
)
def test_every_site_is_served(server: Serving, host: str, path: str, text: str) -> None:
    status, found, headers = ask(server, path, host)
    assert status == 200
    assert text in found
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_folders_unknown_addresses_and_unchanged_pages(server: Serving) -> None:
    status, _, headers = ask(server, "/tin-tuc")
    assert (status, headers["Location"]) == (302, "/tin-tuc/")
    status, text, _ = ask(server, "/khong-co.html")
    assert status == 404
    assert "Không tìm thấy trang" in text
    tag = ask(server, "/")[2]["Etag"]
    assert ask(server, "/", **{"If-None-Match": tag})[0] == 304
    assert ask(server, "/", method="HEAD")[:2] == (200, "")
    assert ask(server, "/", method="POST")[0] == 405


@pytest.mark.parametrize(
    "path",
    [
        "/../site.yaml", "/..%2fsite.yaml", "/%2e%2e/%2e%2e/site.yaml", "/tin-tuc/../../x",
        "/~sapa/../main/index.html", "/.portalgen/lock", "/tin-tuc/%00.html", "/..\\site.yaml",
        "/%ff.html", "/ra-ngoai.txt", "//etc/passwd", "/C:/x", "/~sapa%2f..%2fmain/index.html",
        "/~khong-co/", "/~/khong-co.js", "/~/../desk.js",
    ],
)  # fmt: skip
def test_nothing_outside_is_served(server: Serving, root: Path, path: str) -> None:
    outside = root / ".portalgen" / "serve" / "main" / "ra-ngoai.txt"
    if not outside.is_symlink():
        outside.symlink_to(root / "site.yaml")
    status, text, _ = ask(server, path)
    assert status == 404
    assert "base_url" not in text


@pytest.mark.parametrize("host", ["evil.example", "evil.example:{}", "x.localhost:{}", ""])
def test_a_foreign_host_is_refused(server: Serving, host: str) -> None:
    assert ask(server, "/", host)[0] == 403
    assert ask(server, "/~/problems", host)[0] == 403


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("http://localhost:{}", 101),
        ("http://evil.example", 403),
        ("http://localhost:1", 403),
        ("null", 403),
    ],
)
def test_only_our_pages_may_listen(server: Serving, origin: str, status: int) -> None:
    assert ask(server, "/livereload", Origin=origin, **HANDSHAKE)[0] == status


def test_a_network_that_cannot_be_built_is_waited_for(tmp_path: Path) -> None:
    root = network(tmp_path, {"content/tin-tuc/bai.md": article("Bài")})
    good = (root / "site.yaml").read_text("utf-8")
    write(root, {"site.yaml": good + "them: x\n"})
    with serving(root, builds=0) as server:
        until(lambda: json.loads(ask(server, "/~/problems")[1])["notes"])
        note = json.loads(ask(server, "/~/problems")[1])["notes"][0]
        assert note["place"].startswith("site.yaml:13:1")
        assert ask(server, "/")[0] == 503
        write(root, {"site.yaml": good})
        until(lambda: ask(server, "/tin-tuc/bai.html")[0] == 200)
        assert json.loads(ask(server, "/~/problems")[1])["notes"] == []


def test_others_are_let_in_only_when_asked_for(tmp_path: Path) -> None:
    with serving(network(tmp_path, {}), "--host", "0.0.0.0") as server:
        assert any("everyone who can reach this machine sees" in line for line in server.lines)
        assert ask(server, "/", "192.0.2.7:{}")[0] == 200
        assert ask(server, "/", "evil.example")[0] == 403
