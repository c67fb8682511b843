"""Debian's nginx with the configuration of `portalgen nginx`."""

import shutil
import ssl
import subprocess
from itertools import product
from pathlib import Path
from threading import Event, Thread

import pytest

from portalgen.webserver.headers import BRIEFLY, FOREVER
from portalgen.webserver.rules import HSTS, SECURITY
from tests.browser.kinds import PAGES
from tests.browser.server import TYPES
from tests.helpers import article, missing, network, run, write
from tests.real.conftest import SMALL, Served
from tests.real.nginx import Client, complaint, free_port, gone, release, running, switch, written

ALL = {name: [value] for name, value in SECURITY.items()}
CODINGS = [
    ("", ""), ("br", "br"), ("gzip", "gzip"), ("gzip, deflate, br, zstd", "br"),
    ("gzip;q=1.0, br;q=0", "gzip"), ("br;q=0.0 , gzip ; q=0", ""), ("BR ; q=0.5", "br"),
    ("identity", ""), ("brotli, x-gzip", ""), ("deflate,gzip", "gzip"),
]  # fmt: skip


def path_of(output: Path, file: Path) -> str:
    """The path of a published file on its host."""
    route = file.relative_to(output).as_posix().partition("/")[2]
    return "/" + (
        route.removesuffix("index.html") if f"/{route}".endswith("/index.html") else route
    )


@pytest.mark.parametrize("kind", PAGES)
def test_every_kind_of_page_is_served(portals: Served, kind: str) -> None:
    file = PAGES[kind](portals.output)
    host = portals.hosts[file.relative_to(portals.output).parts[0]]
    found = portals.ask(host, path_of(portals.output, file))
    page = portals.output / "main/404.html" if kind == "not found" else file
    assert found.status == (404 if kind == "not found" else 200)
    assert found["Content-Type"] == "text/html; charset=utf-8"
    assert found.body == page.read_bytes()


def test_every_other_kind_of_file_has_its_type(portals: Served) -> None:
    seen = {}
    for file in sorted((portals.output / "sapa").rglob("*.*")):
        if file.is_file() and file.suffix not in seen:
            found = portals.ask(portals.hosts["sapa"], path_of(portals.output, file))
            assert (found.status, found.body) == (200, file.read_bytes())
            seen[file.suffix] = found["Content-Type"]
    assert seen.keys() >= {".css", ".js", ".json", ".xml", ".txt", ".svg", ".jpg", ".woff2"}
    assert seen == {suffix: TYPES[suffix] for suffix in seen}


def test_all_hosts_answer_with_the_same_security_headers_whatever_the_status(
    portals: Served,
) -> None:
    client = Client(portals.port)
    assert len(portals.hosts) == 48
    for slug, host in portals.hosts.items():
        home = client.ask(host, "/")
        answers = [
            home,
            client.ask(host, "/assets"),
            client.ask(host, "/", If_None_Match=home["ETag"]),
            client.ask(host, "/khong-co.html"),
            client.ask(host, "/", "POST", Content_Length="0"),
            client.ask(host, "/", Range="bytes=99999999-"),
            client.ask(host, "/%2e%2e%2fetc/passwd"),
            client.ask(host, "/", Range="bytes=5-24"),
            client.ask(host, "/favicon.ico"),
            portals.ask(host, "/", If_Match='"x"'),  # nginx closes the connection after it
        ]
        statuses = [200, 301, 304, 404, 405, 416, 400, 206, 204, 412]
        assert [found.status for found in answers] == statuses, slug
        for found in answers:
            assert found.only(list(SECURITY)) == ALL, (slug, found.status)
            assert [name for name, _ in found.headers].count("Cache-Control") == 1, found.status
            assert found["Vary"] == "Accept-Encoding"
            assert found["X-Other-Sites"] == ""
            assert found["Strict-Transport-Security"] == ""
            assert found["Server"] == "nginx"
        assert home.body == (portals.output / slug / "index.html").read_bytes()
    client.close()


@pytest.mark.parametrize(("accepted", "coding"), CODINGS)
def test_what_a_reader_understands_is_sent_as_it_is_packed(
    portals: Served, accepted: str, coding: str
) -> None:
    page, script = portals.output / "main/index.html", next(portals.output.glob("main/assets/*.js"))
    for file in (page, script):
        path = path_of(portals.output, file)
        found = portals.ask(portals.hosts["main"], path, Accept_Encoding=accepted)
        packed = Path(f"{portals.current}/{file.relative_to(portals.output)}")
        ending = {"br": ".br", "gzip": ".gz", "": ""}[coding]
        assert found["Content-Encoding"] == coding
        assert found.body == Path(f"{packed}{ending}").read_bytes()
        assert found.text() == file.read_bytes()
        assert found["Content-Type"] == TYPES[file.suffix]
        assert found["Vary"] == "Accept-Encoding"


def test_each_coding_is_asked_for_again_by_its_own_tag(portals: Served) -> None:
    host = portals.hosts["main"]
    tags = {}
    for coding in ("", "gzip", "br"):
        tag = portals.ask(host, "/", Accept_Encoding=coding)["ETag"]
        again = portals.ask(host, "/", Accept_Encoding=coding, If_None_Match=tag)
        assert (again.status, again.body) == (304, b"")
        assert again["ETag"] == tag
        assert again["Cache-Control"] == BRIEFLY
        assert again["Vary"] == "Accept-Encoding"
        assert again["Content-Encoding"] == ""
        tags[tag] = coding
    assert len(tags) == 3
    other = portals.ask(host, "/", Accept_Encoding="br", If_None_Match=next(iter(tags)))
    assert other.status == 200


def test_a_range_is_one_of_the_plain_file(portals: Served) -> None:
    file = portals.output / "main/index.html"
    for accepted in ("", "gzip", "br"):
        headers = {"Accept_Encoding": accepted, "Range": "bytes=5-24"}
        found = portals.ask(portals.hosts["main"], "/", **headers)
        assert (found.status, found.body) == (206, file.read_bytes()[5:25])
        assert found["Content-Range"] == f"bytes 5-24/{file.stat().st_size}"
        assert found["Content-Encoding"] == ""
        beyond = portals.ask(
            portals.hosts["main"], "/", Accept_Encoding=accepted, Range="bytes=99999999-"
        )
        assert beyond.status == 416
        assert beyond["Content-Encoding"] == ""
        assert beyond.only(["Cache-Control", *SECURITY]) == {"Cache-Control": ["no-store"], **ALL}


@pytest.mark.parametrize(
    ("asked", "status", "kept"),
    [("bytes=0-", 206, True), ("bytes=0-5", 206, True), ("bytes=0-99999999", 206, True),
     ("bytes=1-", 206, False), ("bytes=-5", 206, False), ("bytes=0-1,3-4", 206, False),
     ("bytes=0-x", 416, False), (f"bytes=0-{'9' * 30}", 416, False), ("bytes=abc", 416, False)],
)  # fmt: skip
def test_a_part_is_kept_only_where_a_range_outside_cannot_be(
    portals: Served, asked: str, status: int, kept: bool
) -> None:
    style = next(portals.output.glob("main/assets/*.css"))
    for path, lifetime in [("/", BRIEFLY), (path_of(portals.output, style), FOREVER)]:
        found = portals.ask(portals.hosts["main"], path, Range=asked)
        assert found.status == status
        assert found["Cache-Control"] == (lifetime if kept else "no-store")
        again = portals.ask(
            portals.hosts["main"], path, Range=asked, If_None_Match=found["ETag"] or "*"
        )
        assert (again.status, again["Cache-Control"]) == (304, lifetime)


def test_a_packed_file_that_is_not_there_is_not_needed(small: Served) -> None:
    found = small.ask("tinh.example", "/van-ban.pdf", Accept_Encoding="br, gzip")
    assert (found.status, found["Content-Encoding"]) == (200, "")
    assert found["Content-Type"] == "application/pdf"


def test_names_made_of_the_content_last_for_ever_and_all_else_briefly(portals: Served) -> None:
    lifetimes: dict[str, set[str]] = {}
    for file in sorted((portals.output / "main").rglob("*.*")):
        kind = file.relative_to(portals.output / "main").parts[0]
        if kind not in ("assets", "media"):
            kind = file.suffix
        if file.is_file() and (kind in ("assets", "media") or kind not in lifetimes):
            path = path_of(portals.output, file)
            found = portals.ask(portals.hosts["main"], path)["Cache-Control"]
            lifetimes.setdefault(kind, set()).add(found)
    assert lifetimes.pop("assets") == {FOREVER}
    assert lifetimes.pop("media") == {FOREVER}
    assert lifetimes == {kind: {BRIEFLY} for kind in [".html", ".json", ".txt", ".xml"]}


@pytest.mark.parametrize(
    "path", ["/khong-co.html", "/assets/khong-co.12345678.css", "/media/0123456789abcdef-960.jpg"]
)
def test_an_error_is_kept_by_no_cache(portals: Served, path: str) -> None:
    found = portals.ask(portals.hosts["sapa"], path, Accept_Encoding="br")
    assert (found.status, found["Cache-Control"]) == (404, "no-store")
    assert found["Content-Type"] == "text/html; charset=utf-8"
    assert found.text() == (portals.output / "sapa/404.html").read_bytes()


MOVED = [
    ("tinh.example", "/cu/mot.html", "https://tinh.example/tin-tuc/mot.html"),
    ("tinh.example", "/CU/Mot.html", "https://tinh.example/tin-tuc/mot.html"),
    ("tinh.example", "/cu/mot.html?trang=2", "https://tinh.example/tin-tuc/mot.html"),
    ("tinh.example", "/cu-hon", "https://tinh.example/tin-tuc/mot.html"),
    ("tinh.example", "/cu-hon/", "https://tinh.example/tin-tuc/mot.html"),
    ("tinh.example", "/cu-hon/index.html", "https://tinh.example/tin-tuc/mot.html"),
    ("tinh.example", "/b%c3%a0i-c%C5%A9.html", "https://tinh.example/tin-tuc/mot.html"),
    ("sapa.tinh.example", "/cu/hai.html", "https://sapa.tinh.example/tin-tuc/hai.html"),
    ("tinh.example", "/bac-ha/cu/ba.html", "https://tinh.example/bac-ha/tin-tuc/ba.html"),
    ("tinh.example", "/bac-ha", "https://tinh.example/bac-ha/"),
    ("tinh.example", "/tin-tuc", "/tin-tuc/"),
    ("tinh.example", "/bac-ha/tin-tuc", "/bac-ha/tin-tuc/"),
    ("tinh.example", "//khac.example/%2e%2e/tin-tuc?a=/b%2Fc", "/tin-tuc?a=/b%2Fc"),
    ("tinh.example", "//tin-tuc", "/tin-tuc"),
    ("tinh.example", "//cu/mot.html", "https://tinh.example/tin-tuc/mot.html"),
    ("tinh.example", "//bac-ha?x=1", "https://tinh.example/bac-ha/?x=1"),
    ("tinh.example", "/index.html", "/"),
    ("tinh.example", "/index%2ehtml", "/"),
    ("tinh.example", "/index.html?trang=2&x=/y//z", "/?trang=2&x=/y//z"),
    ("tinh.example", "/tin-tuc/index.html", "/tin-tuc/"),
    ("tinh.example", "/tin-tuc//index.html?x", "/tin-tuc/?x"),
    ("tinh.example", "/bac-ha/index.html", "/bac-ha/"),
    ("tinh.example", "/bac-ha//tin-tuc///ba.html?x=1", "/bac-ha/tin-tuc/ba.html?x=1"),
    ("tinh.example", "//", "/"),
    ("tinh.example", "///?a//b", "/?a//b"),
    ("tinh.example", "//khac.example/", "/khac.example/"),
    ("tinh.example", "//khac.example/index.html", "/khac.example/"),
    ("tinh.example", "/tin-tuc/..//khac.example/", "/khac.example/"),
    ("tinh.example", "/b%c3%a0i//a%20%23%25.html", "/b%C3%A0i/a%20%23%25.html"),
    ("tinh.example", "//%0d%0aX:1/", "/%0D%0AX:1/"),
    ("tinh.example", "//.git/config", "/.git/config"),
    ("tinh.example", "//xindex.html", "/xindex.html"),
    ("tinh.example", "/.git/index.html", "/.git/"),
]


@pytest.mark.parametrize(("host", "path", "target"), MOVED)
def test_an_old_address_leads_to_the_new(small: Served, host: str, path: str, target: str) -> None:
    found = small.ask(host, path)
    assert (found.status, found["Location"]) == (301, target)
    assert found["Cache-Control"] == BRIEFLY


@pytest.mark.parametrize(
    ("host", "path"),
    [
        ("sapa.tinh.example", "/cu/mot.html"),
        ("tinh.example", "/cu/hai.html"),
        ("tinh.example", "/cu/ba.html"),
        ("tinh.example", "/bac-ha/cu/mot.html"),
    ],
)
def test_an_old_address_is_that_of_one_site(small: Served, host: str, path: str) -> None:
    assert small.ask(host, path).status == 404


def test_a_site_below_a_path_has_its_own_pages(small: Served) -> None:
    for path, file in [
        ("/bac-ha/", "bacha/index.html"),
        ("/bac-ha/tin-tuc/ba.html", "bacha/tin-tuc/ba.html"),
        ("/bac-ha/rss.xml", "bacha/rss.xml"),
        ("/bac-ha/v%C4%83n%20b%E1%BA%A3n.txt", "bacha/văn bản.txt"),
        ("/rss.xml", "main/rss.xml"),
    ]:
        assert small.ask("tinh.example", path).body == (small.output / file).read_bytes()
    for path, file in [("/bac-ha/x.html", "bacha/404.html"), ("/bac-hax", "main/404.html")]:
        found = small.ask("tinh.example", path)
        assert (found.status, found.body) == (404, (small.output / file).read_bytes())


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/../sapa/index.html", 400),
        ("/tin-tuc/../../sapa/index.html", 400),
        ("/%2e%2e/sapa/index.html", 400),
        ("/..%2fsapa/index.html", 400),
        ("/..%5csapa/index.html", 400),
        ("/tin-tuc%2Fmot.html", 400),
        ("/index.html%00.txt", 400),
        ("/%zz", 400),
        ("/\\khac.example/index.html", 400),
        ("//\\khac.example/", 400),
        ("/error.html", 404),
        ("/.git/config", 404),
        ("/tin-tuc/.htaccess", 404),
        ("/%2egit/config", 404),
        ("/index.html/", 404),
        ("/a%0Ab/", 404),
        ("/assets/", 404),
    ],
)
def test_what_nobody_may_have_is_refused(small: Served, path: str, status: int) -> None:
    (small.current / "main/.git").mkdir(exist_ok=True)
    (small.current / "main/.git/config").write_text("secret")
    (small.current / "main/tin-tuc/.htaccess").write_text("secret")
    found = small.ask("tinh.example", path)
    assert found.status == status
    assert b"secret" not in found.body
    assert found.only(list(SECURITY)) == ALL


def test_the_folder_well_known_is_no_hidden_one(small: Served) -> None:
    assert small.ask("tinh.example", "/.well-known/security.txt").status == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE"])
def test_sites_can_only_be_read(small: Served, method: str) -> None:
    found = small.ask("tinh.example", "/", method, Content_Length="0")
    assert (found.status, found["Allow"]) == (405, "GET, HEAD")


def test_head_says_what_get_would(small: Served) -> None:
    get, head = (small.ask("tinh.example", "/", method, Accept_Encoding="br")
                 for method in ("GET", "HEAD"))  # fmt: skip
    dated = [[pair for pair in found.headers if pair[0] != "Date"] for found in (get, head)]
    assert dated[0] == dated[1]
    assert (head.status, head.body) == (200, b"")


@pytest.mark.parametrize("host", ["khac.example", "tinh.example.khac.example", "127.0.0.1", "_"])
def test_an_unknown_host_gets_no_answer(small: Served, host: str) -> None:
    assert gone(Client(small.port), host, "/")


@pytest.mark.parametrize("host", ["TINH.Example", "tinh.example.", "tinh.example:8080"])
def test_a_host_is_known_however_it_is_written(small: Served, host: str) -> None:
    assert small.ask(host, "/").body == (small.output / "main/index.html").read_bytes()


@pytest.mark.parametrize(
    ("host", "path", "status"),
    [("a b", "/", 400), ("tinh.example", f"/{'a' * 20_000}", 414), ("a/b", "/", 400),
     ("tinh.example", f"/{'a' * 300}.html", 404)],
)  # fmt: skip
def test_what_nginx_itself_refuses_carries_the_headers_too(
    small: Served, host: str, path: str, status: int
) -> None:
    found = small.ask(host, path)
    assert (found.status, found["Cache-Control"]) == (status, "no-store")
    assert found.only(list(SECURITY)) == ALL


def test_a_file_that_is_replaced_is_served_at_once(small: Served) -> None:
    file, beside = small.current / "main/van-ban.pdf", small.current / "main/beside"
    for _ in range(2):
        small.ask("tinh.example", "/van-ban.pdf")
    beside.write_bytes(b"%PDF-1.4 new")
    beside.replace(file)
    assert small.ask("tinh.example", "/van-ban.pdf").body == b"%PDF-1.4 new"


def test_a_release_that_is_not_there_gives_no_other_file(small: Served, tmp_path: Path) -> None:
    before = small.current.resolve()
    switch(small.current, tmp_path / "nowhere")
    try:
        found = small.ask("tinh.example", "/etc/passwd")
    finally:
        switch(small.current, before)
    assert (found.status, found["Cache-Control"]) == (503, "no-store")


class Reader(Thread):
    """Requests pages continuously over one connection, as a browser with a cache."""

    def __init__(self, served: Served, known: dict[str, set[bytes]]):
        super().__init__()
        self.client, self.known = Client(served.port), known
        self.statuses: set[int] = set()
        self.wrong: list[object] = []
        self.turn, self.stop = Event(), Event()

    def run(self) -> None:
        tags: dict[tuple[str, str], str] = {}
        while not self.stop.is_set():
            for asked in product(self.known, ("br", "gzip", "")):
                path, coding = asked
                tag = tags.get(asked, "")
                found = self.client.ask(
                    "tinh.example", path, Accept_Encoding=coding, If_None_Match=tag
                )
                tags[asked] = found["ETag"]
                self.statuses.add(found.status)
                if found.status == 200 and found.text() not in self.known[path]:
                    self.wrong.append((path, found))
                self.turn.set()
        self.client.close()


def test_readers_notice_nothing_of_two_hundred_switches(small: Served, tmp_path: Path) -> None:
    longer = article("Một", aliases="[/cu/mot.html]", body="Dài hơn. " * 9)
    root = network(tmp_path, {**SMALL, "content/tin-tuc/mot.md": longer})
    run(root)
    releases = [small.current.resolve(), release(root / "public", tmp_path / "releases/2-dai-hon")]
    names = {"/tin-tuc/mot.html": "main/tin-tuc/mot.html", "/": "main/index.html",
             "/rss.xml": "main/rss.xml", "/bac-ha/": "bacha/index.html"}  # fmt: skip
    known = {path: {(r / name).read_bytes() for r in releases} for path, name in names.items()}
    assert len(known["/tin-tuc/mot.html"]) == 2
    readers = [Reader(small, {**known, "/cu/mot.html": set()}) for _ in range(2)]
    for reader in readers:
        reader.start()
    try:
        for number in range(200):
            switch(small.current, releases[1 - number % 2])
            for reader in readers:
                reader.turn.clear()
                assert reader.turn.wait(20)
    finally:
        for reader in readers:
            reader.stop.set()
            reader.join()
    for reader in readers:
        assert reader.wrong == []
        assert reader.statuses == {200, 301, 304}


def test_with_certificates_all_is_https(tmp_path: Path) -> None:
    openssl = shutil.which("openssl")
    if not openssl:
        missing("no openssl: install it")
    plain, secure = free_port(), free_port()
    files = {
        "site.yaml": f"title: Tỉnh\nbase_url: https://tinh.example:{secure}/\n",
        "members/sapa/site.yaml": f"title: Sa Pa\nbase_url: https://sapa.example:{secure}/\n",
        "members/mo/site.yaml": f"title: Mở\nbase_url: http://mo.example:{plain}/phong/\n",
    }
    root = network(tmp_path, files)
    run(root)
    release(root / "public", tmp_path / "current")
    for host in ("tinh.example", "sapa.example"):
        folder = tmp_path / "keys" / host
        folder.mkdir(parents=True)
        subprocess.run(
            [openssl or "", "req", "-x509", "-newkey", "ec", "-pkeyopt",
             "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={host}", "-out",
             "fullchain.pem", "-keyout", "privkey.pem"],
            cwd=folder, check=True, capture_output=True,
        )  # fmt: skip
    done = written(
        root, "--document-root", str(tmp_path / "current"), "--listen", f"127.0.0.1:{plain}",
        "--certificates", f"{tmp_path}/keys/{{host}}", "--acme-root", f"{tmp_path}/acme",
        "--access-log", f"{tmp_path}/access.log",
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    assert complaint(tmp_path / "nginx", done.output) == ""
    challenge = "/.well-known/acme-challenge/"
    write(tmp_path / "acme", {f"{challenge[1:]}abc_-9": "abc.key"})
    with running(tmp_path / "nginx", done.output, plain):
        found = Client(secure, "sapa.example").ask("sapa.example", "/")
        assert found.body == (root / "public/sapa/index.html").read_bytes()
        assert found.only([*SECURITY, *HSTS]) == ALL | {n: [v] for n, v in HSTS.items()}
        found = Client(secure).ask("sapa.example", "/")  # in plain http
        assert (found.status, b"<h1>400</h1>" in found.body) == (400, True)
        found = Client(plain).ask("sapa.example", "/tin?x=1")
        assert (found.status, found["Location"]) == (301, f"https://sapa.example:{secure}/tin?x=1")
        assert found.only([*SECURITY, *HSTS]) == ALL | {n: [] for n in HSTS}
        found = Client(plain).ask("sapa.example", "/", "POST", Content_Length="0")
        assert (found.status, found["Content-Type"]) == (405, "text/html; charset=utf-8")
        for client in (Client(plain), Client(secure, "sapa.example")):
            found = client.ask("sapa.example", f"{challenge}abc_-9")
            assert (found.status, found.body) == (200, b"abc.key")
            assert client.ask("sapa.example", f"{challenge}khong-co").status == 404
        found = Client(plain).ask("sapa.example", f"{challenge}abc/x")
        assert found["Location"] == f"https://sapa.example:{secure}{challenge}abc/x"
        assert Client(plain).ask("mo.example", f"{challenge}abc_-9").body == b"abc.key"
        assert Client(plain).ask("mo.example", "/phong/").status == 200
        assert Client(plain).ask("mo.example", "/").status == 404  # no site
        assert Client(plain).ask("mo.example", "/favicon.ico").status == 204
        assert gone(Client(plain), "khac.example", "/")
        with pytest.raises(ssl.SSLError):
            Client(secure, "khac.example")
