"""Old hosts, `redirects.csv` and closed members through a real nginx: always in one step."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from unicodedata import normalize
from urllib.parse import quote, urlsplit

import pytest

from portalgen.deploy.inventory import Inventory, Item, digests, to_bytes, walk
from portalgen.deploy.verify import Trust
from portalgen.deploy.verify_url import verify_url
from portalgen.webserver.rules import HSTS, SECURITY
from tests.helpers import (
    MAIN_SETTINGS,
    article,
    grants,
    missing,
    network,
    run,
    write,
)
from tests.real.conftest import Served, serve
from tests.real.nginx import Client, complaint, free_port, release, running, switch, written

MAIN = "https://tinh.example"
SAPA = "https://sapa.tinh.example"
MOT = f"{MAIN}/tin-tuc/mot.html"
ROWS = """\
from;to
/cu/bai.html;/tin-tuc/mot.html
cu/thieu-gach;tin-tuc/mot.html
/B%C3%A0i c\u0169.aspx;/tin-tuc/mot.html
/ch\u1ee3 n\u1ed5i/c\u00e1.html;/tin-tuc/mot.html
/100%25.html;/tin-tuc/mot.html
/sang-sapa.html;https://sapa.tinh.example/tin-tuc/hai.html
/ra-ngoai.html;https://khac.gov.vn/a?b=c&d=e#f
/da-go.html;
/da-go-2;410
/tin-tuc/da-go.html;410
/?p=123;/tin-tuc/mot.html
/?p=123&lang=vi;/y-te/
/Default.aspx?id=5;/tin-tuc/mot.html
/Default.aspx?id=5&tab=s\u1ef1 ki\u1ec7n;/y-te/
/Default.aspx?id=6;410
/Default.aspx;/
/vi/*;/*
/en/*;/*
/cong-cu/*;/tin-tuc/mot.html
/kho/*;https://khac.gov.vn/kho moi/*
/kho/rieng/*;410
/nam 2010/*;/tin-tuc/*
/tin-tuc/chuyen.html;/tin-tuc/mot.html
/den-sapa/*;https://sapa.tinh.example/tin-tuc/*
"""
FILES: dict[str, str | bytes | None] = {
    "site.yaml": MAIN_SETTINGS + grants(
        bacha="base_url: https://tinh.example/bac-ha/, hosts: [bacha.gov.vn]",
        baoyen="successor: https://khac.gov.vn/bao-yen",
        muongkhuong="successor: sapa, hosts: mkcu.gov.vn",
        sapa="hosts: sapacu.gov.vn",
        simacai="base_url: https://tinh.example/si-ma-cai/, successor: muongkhuong",
    )
    + "hosts: [www.tinh.example, tinhcu.gov.vn]\nknown_hosts: [khac.gov.vn]\n",
    "redirects.csv": b"\xef\xbb\xbf" + ROWS.replace("\n", "\r\n").encode(),
    "content/tin-tuc/mot.md": article("M\u1ed9t", aliases="[/cu/mot.html, cu-hon]"),
    "content/y-te/y.md": article("Y", "2020-01-09"),
    "members/sapa/content/tin-tuc/hai.md": article("Hai", aliases="[/tin-tuc/hai-cu.html]"),
    "members/sapa/redirects.csv": "from,to\n/cu.html,/tin-tuc/hai.html\n",
    "members/bacha/site.yaml": "title: B\u1eafc H\u00e0\n",
    "members/bacha/content/tin-tuc/ba.md": article("Ba", aliases="[/cu/ba.html]"),
    "members/bacha/redirects.csv": "from,to\n/vi/*,/*\n",
    "members/muongkhuong/site.yaml": "title: M\n",
    "members/simacai/site.yaml": "title: Si Ma Cai\n",
    "members/baoyen/site.yaml": "title: B\u1ea3o Y\u00ean\n",
}  # fmt: skip


@pytest.fixture(scope="module")
def moved(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("moved")
    root = network(folder, FILES)
    assert run(root).refused == []
    yield from serve(root, root / "public", folder)


STEPS = [
    # exact paths, in both spellings and whatever the case of letters
    ("tinh.example", "/cu/bai.html", MOT),
    ("tinh.example", "/CU/BAI.html?utm=1", MOT),
    ("tinh.example", "//cu//bai.html", MOT),
    ("tinh.example", "/cu/thieu-gach", MOT),
    ("tinh.example", "/cu/thieu-gach/", MOT),
    ("tinh.example", "/b%C3%A0i%20c%C5%A9.aspx", MOT),
    ("tinh.example", quote("/bài cũ.aspx"), MOT),
    ("tinh.example", quote("/chợ nổi/cá.html"), MOT),
    ("tinh.example", quote(normalize("NFD", "/chợ nổi/cá.html")), None),
    ("tinh.example", "/100%25.html", MOT),
    ("tinh.example", "/sang-sapa.html", f"{SAPA}/tin-tuc/hai.html"),
    ("tinh.example", "/ra-ngoai.html?x=y", "https://khac.gov.vn/a?b=c&d=e#f"),
    # queries: all parameters of the row, others do not matter
    ("tinh.example", "/?p=123", MOT),
    ("tinh.example", "/?fbclid=x&p=123", MOT),
    ("tinh.example", "/index.html?P=123", MOT),
    ("tinh.example", "/?p=123&lang=vi", f"{MAIN}/y-te/"),
    ("tinh.example", "/?lang=vi&a=b&p=123", f"{MAIN}/y-te/"),
    ("tinh.example", "/default.aspx?ID=5", MOT),
    ("tinh.example", "/Default.aspx?tab=s%E1%BB%B1%20ki%E1%BB%87n&id=5", f"{MAIN}/y-te/"),
    ("tinh.example", "/Default.aspx?tab=s%E1%BB%B1+ki%E1%BB%87n&id=5", f"{MAIN}/y-te/"),
    ("tinh.example", "/Default.aspx?id=55", f"{MAIN}/"),
    ("tinh.example", "/Default.aspx", f"{MAIN}/"),
    # prefixes, with what follows
    ("tinh.example", "/vi/tin-tuc/mot.html", MOT),
    ("tinh.example", "/vi/tin-tuc/mot.html?x=1", MOT),
    ("tinh.example", "/vi", f"{MAIN}/"),
    ("tinh.example", "/vi/", f"{MAIN}/"),
    ("tinh.example", "/VI/en/vi/tin-tuc/", f"{MAIN}/tin-tuc/"),
    ("tinh.example", "/vi/tin-tuc/index.html", f"{MAIN}/tin-tuc/"),
    ("tinh.example", "/vi/cu/mot.html", MOT),
    ("tinh.example", "/en/cu/bai.html", MOT),
    ("tinh.example", "/vi/khong%20co%3c.html", f"{MAIN}/khong%20co<.html"),
    ("tinh.example", "/vi/%0d%0aSet-Cookie:x", f"{MAIN}/%0D%0ASet-Cookie:x"),
    ("tinh.example", "/cong-cu/x/y?z=1", MOT),
    ("tinh.example", "/kho/a%20b/", "https://khac.gov.vn/kho%20moi/a%20b/"),
    ("tinh.example", "/nam%202010/mot.html", MOT),
    ("tinh.example", "/nam%202010/chuyen.html", MOT),
    ("tinh.example", "/den-sapa/hai.html", f"{SAPA}/tin-tuc/hai.html"),
    ("tinh.example", "/den-sapa/hai-cu.html", f"{SAPA}/tin-tuc/hai.html"),
    # old hosts: path and query are kept
    ("www.tinh.example", "/", f"{MAIN}/"),
    ("WWW.Tinh.example", "/tin-tuc/mot.html?a=b&c=%2F", f"{MOT}?a=b&c=%2F"),
    ("tinhcu.gov.vn", "/khong-co.html", f"{MAIN}/khong-co.html"),
    ("tinhcu.gov.vn", "/khong%20co/%C3%A0.html", f"{MAIN}/khong%20co/%C3%A0.html"),
    ("tinhcu.gov.vn", "/index.html", f"{MAIN}/"),
    ("tinhcu.gov.vn", "/tin-tuc", f"{MAIN}/tin-tuc/"),
    ("tinhcu.gov.vn", "//tin-tuc//mot.html", MOT),
    ("tinhcu.gov.vn", "/cu/mot.html", MOT),
    ("tinhcu.gov.vn", "/cu/bai.html", MOT),
    ("tinhcu.gov.vn", "/?p=123", MOT),
    ("tinhcu.gov.vn", "/vi/tin-tuc/mot.html", MOT),
    ("tinhcu.gov.vn", "/bac-ha", f"{MAIN}/bac-ha/"),
    ("tinhcu.gov.vn", "/bac-ha?x=1", f"{MAIN}/bac-ha/?x=1"),
    ("tinhcu.gov.vn", "/bac-ha/tin-tuc/ba.html", f"{MAIN}/bac-ha/tin-tuc/ba.html"),
    ("tinhcu.gov.vn", "/bac-ha/cu/ba.html", f"{MAIN}/bac-ha/tin-tuc/ba.html"),
    ("tinhcu.gov.vn", "/si-ma-cai/tin-tuc/hai.html", f"{SAPA}/tin-tuc/hai.html"),
    ("tinhcu.gov.vn", "/%0d%0aX:1", f"{MAIN}/%0D%0AX:1"),
    ("bacha.gov.vn", "/", f"{MAIN}/bac-ha/"),
    ("bacha.gov.vn", "/tin-tuc/ba.html?x=1", f"{MAIN}/bac-ha/tin-tuc/ba.html?x=1"),
    ("bacha.gov.vn", "/cu/ba.html", f"{MAIN}/bac-ha/tin-tuc/ba.html"),
    ("tinh.example", "/bac-ha/vi/tin-tuc/ba.html", f"{MAIN}/bac-ha/tin-tuc/ba.html"),
    ("sapacu.gov.vn", "/cu.html", f"{SAPA}/tin-tuc/hai.html"),
    # closed members: the same page where the successor has it, else home
    ("muongkhuong.tinh.example", "/tin-tuc/hai.html?x=1", f"{SAPA}/tin-tuc/hai.html?x=1"),
    ("muongkhuong.tinh.example", "/tin-tuc/khac.html?x=1", f"{SAPA}/"),
    ("muongkhuong.tinh.example", "/tin-tuc", f"{SAPA}/tin-tuc/"),
    ("muongkhuong.tinh.example", "/tin-tuc/index.html", f"{SAPA}/tin-tuc/"),
    ("muongkhuong.tinh.example", "/", f"{SAPA}/"),
    ("muongkhuong.tinh.example", "/cu.html", f"{SAPA}/tin-tuc/hai.html"),
    ("mkcu.gov.vn", "/tin-tuc/hai.html", f"{SAPA}/tin-tuc/hai.html"),
    ("mkcu.gov.vn", "/gi-do", f"{SAPA}/"),
    ("tinh.example", "/si-ma-cai", f"{SAPA}/"),
    ("tinh.example", "/si-ma-cai/", f"{SAPA}/"),
    ("tinh.example", "/si-ma-cai/tin-tuc/hai.html", f"{SAPA}/tin-tuc/hai.html"),
    ("tinh.example", "/si-ma-cai/khac/", f"{SAPA}/"),
    ("baoyen.tinh.example", "/tin-tuc/x.html", "https://khac.gov.vn/bao-yen/"),
    ("baoyen.tinh.example", "/main/index.html", "https://khac.gov.vn/bao-yen/"),
]  # fmt: skip


@pytest.mark.parametrize(("host", "path", "target"), STEPS)
def test_an_old_address_leads_to_its_page_in_one_step(
    moved: Served, host: str, path: str, target: str | None
) -> None:
    answer = moved.ask(host, path)
    assert (answer.status, answer["Location"]) == (301, target or MOT)
    assert answer.only(list(SECURITY)) == {name: [value] for name, value in SECURITY.items()}


def test_no_redirect_leads_to_another(moved: Served) -> None:
    for host, path, _ in STEPS:
        place = urlsplit(moved.ask(host, path)["Location"])
        if place.hostname in moved.hosts.values():
            query = f"?{place.query}" if place.query else ""
            answer = moved.ask(place.hostname or "", f"{place.path}{query}")
            assert answer.status in (200, 404), (host, path)


@pytest.mark.parametrize(
    ("host", "path"),
    [("tinh.example", "/da-go.html"), ("tinh.example", "/da-go-2"), ("tinh.example", "/DA-go-2/"),
     ("tinh.example", "/Default.aspx?id=6"), ("tinh.example", "/kho/rieng/x"),
     ("tinh.example", "/vi/da-go.html"), ("www.tinh.example", "/da-go.html")],
)  # fmt: skip
@pytest.mark.parametrize("coding", ["", "br", "gzip"])
def test_what_was_taken_away_is_gone(moved: Served, host: str, path: str, coding: str) -> None:
    answer = moved.ask(host, path, Accept_Encoding=coding)
    assert (answer.status, answer["Cache-Control"]) == (410, "no-store")
    assert answer["Content-Type"] == "text/html; charset=utf-8"
    assert answer["Content-Encoding"] == coding
    assert answer.text() == (moved.output / "main/410.html").read_bytes()


def test_without_a_page_of_its_own_a_site_says_so_in_short(moved: Served, tmp_path: Path) -> None:
    for ending in ("", ".br", ".gz"):
        (moved.current / f"main/410.html{ending}").rename(tmp_path / f"410.html{ending}")
    try:
        answer = moved.ask("tinh.example", "/da-go.html")
        assert (answer.status, answer["Content-Type"]) == (410, "text/html; charset=utf-8")
        assert "<p>Trang này đã được gỡ.<p lang=en>" in answer.text().decode()
    finally:
        for ending in ("", ".br", ".gz"):
            (tmp_path / f"410.html{ending}").rename(moved.current / f"main/410.html{ending}")


@pytest.mark.parametrize(
    ("host", "path", "status"),
    [("tinh.example", "/?p=1234", 200), ("tinh.example", "/?q=123", 200),
     ("tinh.example", "/?p=124&lang=vi", 200), ("tinh.example", "/vitamin.html", 404),
     ("sapa.tinh.example", "/cu/bai.html", 404), ("sapa.tinh.example", "/vi/x.html", 404),
     ("tinh.example", "/.moved/", 404), ("tinh.example", "/vi/..%2fx", 400),
     ("www.tinh.example", "/%5cx", 400), ("tinh.example", "/410.html", 200)],
)  # fmt: skip
def test_what_no_row_names_is_answered_as_ever(
    moved: Served, host: str, path: str, status: int
) -> None:
    assert moved.ask(host, path).status == status


def test_no_marker_is_shown(moved: Served) -> None:
    [*markers] = (moved.current / "main/.moved").iterdir()
    assert markers
    assert moved.ask("tinh.example", f"/.moved/{markers[0].name}").status == 404


def test_old_hosts_answer_challenges(moved: Served) -> None:
    write(moved.acme, {"abc": "abc.key"})
    for host in ("www.tinh.example", "muongkhuong.tinh.example", "baoyen.tinh.example"):
        assert moved.ask(host, "/.well-known/acme-challenge/abc").body == b"abc.key"
        assert moved.ask(host, "/", "POST", Content_Length="0").status == 405


def test_a_map_of_yesterday_leads_nobody_in_circles(moved: Served, tmp_path: Path) -> None:
    before = moved.current.resolve()
    root = network(tmp_path, {
        **{name: text for name, text in FILES.items() if "tin-tuc/mot.md" not in name},
        # Yesterday /cu/mot.html led to /tin-tuc/mot.html; today it is the other way round.
        "content/cu/mot.md": article("Một", aliases="[/tin-tuc/mot.html]"),
        "content/da-go.md": article("Trở lại", ""),
        "site.yaml": str(FILES["site.yaml"]).replace(
            "  - {slug: y-te", "  - {slug: cu, title: Cũ}\n  - {slug: y-te"
        ),
        "redirects.csv": "from,to\n/cu/bai.html,/cu/mot.html\n/?p=123,410\n",
    })  # fmt: skip
    assert run(root).refused == []
    today = release(root / "public", tmp_path / "today")
    switch(moved.current, today)
    try:
        for path, status in [("/cu/mot.html", 200), ("/da-go.html", 200), ("/?p=123", 200),
                             ("/vi/cu/mot.html", 404), ("/khong-co", 404)]:  # fmt: skip
            assert moved.ask("tinh.example", path).status == status, path
        for path in ("/cu/bai.html", "/tin-tuc/mot.html"):  # pages that lead on
            answer = moved.ask("tinh.example", path)
            assert b"url=https://tinh.example/cu/mot.html" in answer.text(), path
    finally:
        switch(moved.current, before)


def test_twenty_thousand_rows_load_and_answer(tmp_path: Path) -> None:
    rows = [f"/cu/{'bai-viet-' * (n % 9)}{n}.aspx,/tin-tuc/mot.html" for n in range(18_000)]
    rows += [f"/?p={n},/tin-tuc/mot.html" for n in range(1_600)]
    rows += [f"/nam-{n}/*,/tin-tuc/*" for n in range(400)]
    root = network(tmp_path, {
        "content/tin-tuc/mot.md": article("Một"), "redirects.csv": "\n".join(["from,to", *rows]),
    })  # fmt: skip
    assert run(root).refused == []
    for served in serve(root, root / "public", tmp_path):
        for path in ("/cu/0.aspx", f"/cu/{'bai-viet-' * 8}17999.aspx", "/?p=1599",
                     "/nam-399/mot.html"):  # fmt: skip
            answer = served.ask("tinh.example", path)
            assert (answer.status, answer["Location"]) == (301, MOT), path


def test_an_old_host_has_a_certificate_or_does_without(tmp_path: Path) -> None:
    openssl = shutil.which("openssl")
    if not openssl:
        missing("no openssl: install it")
    plain, secure = free_port(), free_port()
    root = network(tmp_path, {
        "site.yaml": f"title: Tỉnh\nbase_url: https://tinh.example:{secure}/\n"
        "hosts: [www.tinh.example, cu.gov.vn]\nmembers:\n"
        + grants(sapa="successor: bacha", bacha="hosts: bacu.example"),
        "members/sapa/site.yaml": f"title: A\nbase_url: https://sapa.example:{secure}/\n",
        "members/bacha/site.yaml": f"title: B\nbase_url: http://bacha.example:{plain}/\n",
    })  # fmt: skip
    run(root)
    release(root / "public", tmp_path / "current")
    for host in ("tinh.example", "www.tinh.example", "sapa.example"):
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
        "--certificates", f"{tmp_path}/keys/{{host}}", "--without-certificate", "cu.gov.vn",
        "--access-log", "off",
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    assert complaint(tmp_path / "nginx", done.output) == ""
    home = f"https://tinh.example:{secure}"
    with running(tmp_path / "nginx", done.output, plain):
        for host in ("www.tinh.example", "cu.gov.vn"):
            answer = Client(plain).ask(host, "/a?b=c")
            assert (answer.status, answer["Location"]) == (301, f"{home}/a?b=c")
            assert answer["Strict-Transport-Security"] == ""
        answer = Client(secure, "www.tinh.example").ask("www.tinh.example", "/a?b=c")
        assert (answer.status, answer["Location"]) == (301, f"{home}/a?b=c")
        assert answer["Strict-Transport-Security"] == HSTS["Strict-Transport-Security"]
        for client in (Client(plain), Client(secure, "sapa.example")):
            answer = client.ask("sapa.example", "/a")
            assert (answer.status, answer["Location"]) == (301, f"http://bacha.example:{plain}/")
        assert (
            Client(plain).ask("bacu.example", "/")["Location"] == f"http://bacha.example:{plain}/"
        )
        assert Client(plain).ask("tinh.example", "/a")["Location"] == f"{home}/a"


def test_verification_knows_what_leads_elsewhere_and_what_is_gone(moved: Served) -> None:
    place = moved.current / "main"
    paths = [path for path, _ in walk(str(place.resolve()))]
    sums = digests([str(place / path) for path in paths])
    items = tuple(
        Item(path, digest, (place / path).stat().st_size)
        for path, digest in zip(paths, sums, strict=True)
    )
    data = to_bytes(Inventory("main", "1", "", "x", items, f"{MAIN}/"))
    (place / "manifest.json").write_bytes(data)
    try:
        result = verify_url(
            f"http://127.0.0.1:{moved.port}/", Trust(), lambda done, of: None, address=f"{MAIN}/"
        )
        assert result.findings == []
        # A redirect that no marker proves is a finding.
        marks = [item for item in items if not item.path.startswith(".moved/")]
        data = to_bytes(Inventory("main", "1", "", "x", tuple(marks), f"{MAIN}/"))
        (place / "manifest.json").write_bytes(data)
        result = verify_url(
            f"http://127.0.0.1:{moved.port}/", Trust(), lambda done, of: None, address=f"{MAIN}/"
        )
        assert {(item.path, item.kind) for item in result.findings} >= {
            ("sang-sapa.html", "redirected"), ("da-go.html", "changed"),
        }  # fmt: skip
    finally:
        (place / "manifest.json").unlink()
