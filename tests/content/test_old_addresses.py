"""Aliases and rows of all sites together: who has an old address, and that one step is enough."""

import re
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from portalgen.problems import Problems
from portalgen.report import Options
from portalgen.webserver.nginx import Redirects
from portalgen.webserver.redirects import find_redirects
from tests.helpers import (
    MAIN_SETTINGS,
    NOW,
    article,
    grants,
    network,
    page,
    problems,
    run,
    unlike_clean,
    write,
)

pytestmark = pytest.mark.usefixtures("quick_themes")

HEAD = "from,to\n"
MOT = "https://tinh.example/tin-tuc/mot.html"
FILES: dict[str, str | bytes | None] = {
    "content/tin-tuc/mot.md": article("Một", aliases="[/cu/mot.html]"),
    "members/sapa/content/tin-tuc/hai.md": article("Hai", aliases="[/hai-cu.html]"),
}


def told(folder: Path, rows: str, **more: str) -> list[str]:
    """The messages about the rows of the main portal, in Vietnamese, without the file."""
    root = network(folder, {**FILES, "redirects.csv": HEAD + rows, **more})
    found = problems(run(root))
    assert all(line.startswith("redirects.csv:") for line in found)
    return [line.removeprefix("redirects.csv:") for line in found]


def test_a_page_that_stands_is_shown(tmp_path: Path) -> None:
    rest = "nên trang đó vẫn hiện. Hãy xóa dòng này, hoặc đổi địa chỉ của trang."
    assert told(tmp_path, "/TIN-TUC/mot.html,/\n/,/y-te/\n/cu/mot.html,/\n/a.txt,\n/y-te,/\n", **{
        "static/a.txt": "a",
    }) == [
        f"2:1: “/TIN-TUC/mot.html” là địa chỉ đang có trang (content/tin-tuc/mot.md), {rest}",
        f"3:1: “/” là địa chỉ đang có trang (site.yaml), {rest}",
        f"4:1: “/cu/mot.html” là địa chỉ đang có trang (content/tin-tuc/mot.md), {rest}",
        f"5:1: “/a.txt” là địa chỉ đang có trang (static/a.txt), {rest}",
        f"6:1: “/y-te” là địa chỉ đang có trang (site.yaml), {rest}",
    ]  # fmt: skip
    assert "Một" in page(tmp_path / "network", "main/tin-tuc/mot.html")


def test_of_two_rows_for_one_address_the_first_counts(tmp_path: Path) -> None:
    rows = "/a,/\n/A/,/y-te/\n/x?b=1&a=2,/\n/x?a=2&b=1,\n/p/*,/\n/P/*,\n/p/,/\n"
    assert told(tmp_path, rows) == [
        "3:1: “/A/” đã có ở dòng 2. Hãy xóa một dòng.",
        "5:1: “/x?a=2&b=1” đã có ở dòng 4. Hãy xóa một dòng.",
        "7:1: “/P/*” đã có ở dòng 6. Hãy xóa một dòng.",
    ]


def test_a_row_leads_to_a_page_that_is_published(tmp_path: Path) -> None:
    rows = "/a,/khong-co.html\n/b,/tin-tuc/nhap.html\n/c,https://sapa.tinh.example/x.html\n"
    rest = (
        "nơi không có trang nào đang đăng. Hãy sửa địa chỉ mới, hoặc để trống nếu trang đã được gỡ."
    )
    draft = article("Nháp", draft="true")
    assert told(tmp_path, rows, **{"content/tin-tuc/nhap.md": draft}) == [
        f"2:1: “/a” dẫn đến https://tinh.example/khong-co.html, {rest}",
        f"3:1: “/b” dẫn đến https://tinh.example/tin-tuc/nhap.html, {rest}",
        f"4:1: “/c” dẫn đến https://sapa.tinh.example/x.html, {rest}",
    ]


def test_every_kind_of_page_may_be_led_to(tmp_path: Path) -> None:
    kinds = ["/", "/tin-tuc/", "/tin-tuc/mot.html", "/tin-tuc/trang-1.html", "/tim-kiem.html?q=a#b",
             "/rss.xml", "/tin-tuc/rss.xml", "/thanh-vien.html", "/gioi-thieu.html", "/văn bản.pdf",
             "https://sapa.tinh.example/tin-tuc/hai.html", "/sitemap.xml"]  # fmt: skip
    rows = "".join(f"/x{number},{kind}\n" for number, kind in enumerate(kinds))
    more = {"content/gioi-thieu.md": article("G", ""), "static/văn bản.pdf": "%PDF"}
    assert told(tmp_path, rows, **more) == []


def chain(row: str, after: str, target: str) -> str:
    return (
        f"{row} dẫn đến {target}, là địa chỉ cũ mà {after} lại dẫn đi tiếp. Hãy ghi ngay địa chỉ "
        "cuối cùng."
    )


def loop(row: str, after: str) -> str:
    return f"{row} và {after} dẫn người đọc đi vòng tròn. Hãy xóa một dòng hoặc ghi địa chỉ khác."


def test_a_second_step_is_refused_and_both_are_named(tmp_path: Path) -> None:
    rows = (
        "/a,/b\n/b,/tin-tuc/mot.html\n/c,/a\n/d,/cu/mot.html\n/e,/f\n/f,\n"
        "/g,https://sapa.tinh.example/hai-cu.html\n/h,https://sapa.tinh.example/x\n/?p=1,/b\n"
        "/i,/y-te/?id=5&x\n/y-te/?id=5,/\n/k/*,/b\n/l/*,/m/*\n/m/*,/\n/n/*,/o/*\n/o/p/*,/\n"
    )
    base = "https://tinh.example"
    sapa = {"members/sapa/redirects.csv": HEAD + "/x,/\n"}
    assert told(tmp_path, rows, **sapa) == [
        chain("2:1: “/a”", "redirects.csv:3", f"{base}/b/"),
        chain("4:1: “/c”", "redirects.csv:2", f"{base}/a/"),
        chain("5:1: “/d”", "content/tin-tuc/mot.md:1", f"{base}/cu/mot.html"),
        chain("6:1: “/e”", "redirects.csv:7", f"{base}/f/"),
        chain("8:1: “/g”", "members/sapa/content/tin-tuc/hai.md:1",
              "https://sapa.tinh.example/hai-cu.html"),
        chain("9:1: “/h”", "members/sapa/redirects.csv:2", "https://sapa.tinh.example/x/"),
        chain("10:1: “/?p=1”", "redirects.csv:3", f"{base}/b/"),
        chain("11:1: “/i”", "redirects.csv:12", f"{base}/y-te/?id=5&x"),
        chain("13:1: “/k/*”", "redirects.csv:3", f"{base}/b/"),
        chain("14:1: “/l/*”", "redirects.csv:15", f"{base}/m/"),
        chain("16:1: “/n/*”", "redirects.csv:17", f"{base}/o/"),
    ]  # fmt: skip


def test_circles_are_refused(tmp_path: Path) -> None:
    rows = (
        "/a,/a\n/b,/c\n/c,/b\n/d,/b\n/e/*,/e/x/*\n/f/*,/g/*\n/g/*,/f/*\n/?a=1,/?a=1\n"
        "/h,https://sapa.tinh.example/h\n"
    )
    sapa = {"members/sapa/redirects.csv": HEAD + "/h,https://tinh.example/h\n"}
    root = network(tmp_path, {**FILES, "redirects.csv": HEAD + rows, **sapa})
    own = "redirects.csv:"
    assert problems(run(root)) == [
        "members/sapa/" + loop(f"{own}2:1: “/h”", f"{own}10"),
        loop(f"{own}2:1: “/a”", f"{own}2"), loop(f"{own}3:1: “/b”", f"{own}4"),
        loop(f"{own}4:1: “/c”", f"{own}3"), loop(f"{own}5:1: “/d”", f"{own}3"),
        loop(f"{own}6:1: “/e/*”", f"{own}6"), loop(f"{own}7:1: “/f/*”", f"{own}8"),
        loop(f"{own}8:1: “/g/*”", f"{own}7"), loop(f"{own}9:1: “/?a=1”", f"{own}9"),
        loop(f"{own}10:1: “/h”", f"members/sapa/{own}2"),
    ]  # fmt: skip


def test_what_a_server_would_have_to_try_is_limited(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portalgen.content.old_addresses.MAX_PREFIXES", 2)
    monkeypatch.setattr("portalgen.content.old_addresses.MAX_QUERIES", 2)
    rows = "/a/*,/\n/b/*,/\n/c/*,/\n/?a=1,/\n/?b=1,/\n/?a=2,/\n/?c=1,/\n"
    rest = (
        "là dòng thừa: mỗi trang chỉ được 2 địa chỉ có dấu * và 2 bộ tên tham số sau dấu ?. Hãy "
        "gộp các dòng lại."
    )
    assert told(tmp_path, rows) == [f"4:1: “/c/*” {rest}", f"8:1: “/?c=1” {rest}"]


def test_a_row_in_the_way_of_other_files_is_refused(tmp_path: Path) -> None:
    assert told(tmp_path, "/tim-kiem/a.html,/\n/rss.xml/a.html,/\n/manifest.json,/\n") == [
        f"{line}:1: “{path}” là địa chỉ đang có trang ({other}), nên trang đó vẫn hiện. Hãy xóa "
        "dòng này, hoặc đổi địa chỉ của trang."
        for line, path, other in [
            (2, "/tim-kiem/a.html", "main"), (3, "/rss.xml/a.html", "main"),
            (4, "/manifest.json", "portalgen deploy"),
        ]
    ]  # fmt: skip


def test_plain_files_lead_on_or_say_that_the_page_is_gone(tmp_path: Path) -> None:
    rows = "/cu.html,/tin-tuc/mot.html\n/Bài cũ,https://la.vn/a?b&c\n/tin-tuc/go.html,\n/x/*,/\n"
    assert told(tmp_path, rows) == []
    root = tmp_path / "network"
    for name, target in [("cu.html", MOT), ("Bài cũ/index.html", "https://la.vn/a?b&amp;c")]:
        text = page(root, f"main/{name}")
        assert f'<link rel="canonical" href="{target}">' in text
        assert f'content="0; url={target}"' in text
        assert '<meta name="robots" content="noindex">' in text
    for name in ("tin-tuc/go.html", "410.html"):
        text = page(root, f"main/{name}")
        assert '<meta name="robots" content="noindex">' in text
        assert "<h1>Trang này đã được gỡ</h1>" in text
        assert re.findall('<li><a href="([^"]+)">', text.split("<h1>")[1].split("</ul>")[0]) == [
            "/", *(["/tin-tuc/"] if "/" in name else []), "/tim-kiem.html",
        ]  # fmt: skip
    assert "cu.html" not in page(root, "main/sitemap-1.xml")
    assert "go.html" not in page(root, "main/sitemap-1.xml")


def test_a_page_of_its_own_for_what_is_gone_stays(tmp_path: Path) -> None:
    assert told(tmp_path, "/go.html,\n", **{"static/410.html": "của tôi"}) == []
    assert page(tmp_path / "network", "main/410.html") == "của tôi"


def test_what_only_a_server_can_do_is_said(tmp_path: Path) -> None:
    root = network(tmp_path, {**FILES, "redirects.csv": HEAD + "/a,/\n"})
    assert run(root).notes == []
    for row in ("/a/*,/", "/?p=1,/", "/a,"):
        write(root, {"redirects.csv": HEAD + row})
        assert run(root).notes == ["needs-server"]


EDITS: list[dict[str, str | bytes | None]] = [
    {"redirects.csv": HEAD + "/a,/\n/b,\n/c/*,/\n/?p=1,/\n"},
    {"redirects.csv": HEAD + "/a,/y-te/\n/b,/\n/c/*,/y-te/\n"},
    {"redirects.csv": HEAD + "/a,https://sapa.tinh.example/tin-tuc/hai.html\n/b,\n"},
    {"members/sapa/content/tin-tuc/hai.md": article("Hai", slug="moi")},  # /a leads nowhere
    {"members/sapa/redirects.csv": HEAD + "/a,/\n/go,\n"},
    {"members/sapa/redirects.csv": HEAD + "/go,\n"},
    {
        "members/sapa/site.yaml": "title: Sa Pa\nbase_url: https://sp.example/\n",
        "site.yaml": MAIN_SETTINGS + grants(sapa="hosts: a.vn"),
    },
    {"redirects.csv": "hỏng"},
    {"site.yaml": MAIN_SETTINGS + grants(sapa="successor: main")},
    {"members/sapa/site.yaml": "title: Sa Pa\n", "site.yaml": MAIN_SETTINGS},
    {"redirects.csv": None},
]


def test_incremental_builds_write_what_a_clean_build_writes(tmp_path: Path) -> None:
    root = network(tmp_path, FILES)
    run(root)
    for number, edit in enumerate(EDITS):
        write(root, edit)
        report = run(root)
        clean = tmp_path / f"clean-{number}"
        assert unlike_clean(root, clean) == []
        markers = [
            sorted(path.relative_to(folder).as_posix() for path in folder.glob("*/.moved/*"))
            for folder in (root / "public", clean)
        ]
        assert markers[0] == markers[1]
        again = run(root)
        assert again.files_written == again.files_removed == 0
        assert again.refused == report.refused


# A model of what the configuration does: what is answered, and whether that is answered again.
PATHS = ["/a", "/b", "/a/b", "/x/a", "/x/y/b", "/x", "/y", "/tin-tuc/mot.html", "/cu/mot.html", "/",
         "/x/tin-tuc/mot.html", "/y/x/a", "/khong", "/y/cu/mot.html"]  # fmt: skip
SOURCES = ["/a", "/b", "/a/b", "/x/*", "/y/*", "/x/y/*", "/*", "/?p=1", "/a?p=1", "/x/a"]
TARGETS = ["/", "/a", "/b", "/x/a", "/tin-tuc/mot.html", "/cu/mot.html", "", "/*", "/x/*", "/y/*",
           "/y/z/*", "/?p=1", "/a?p=1&q=2", "https://sapa.tinh.example/a", "https://la.vn/",
           "https://sapa.tinh.example/*", "https://sapa.tinh.example/x/*"]  # fmt: skip
HOSTS = {"tinh.example": "main", "sapa.tinh.example": "sapa"}


def answer(redirects: Redirects, public: Path, url: str) -> str | None:
    """Where a server leads from an address; None if it shows a page, or that there is none."""
    parts = urlsplit(url)
    slug, path = HOSTS.get(parts.hostname or ""), parts.path
    if slug is None:
        return None
    if path.endswith("/"):
        path += "index.html"
    asked = dict(parse_qsl(parts.query))
    value = ""
    for names in sorted(redirects.queries, key=lambda names: (-len(names), names)):
        key = f"{slug}{path}?{'&'.join(asked.get(name, '') for name in names)}"
        value = value or redirects.queries[names].get(key, "")
    value = value or redirects.pages.get((slug, path), "")
    if not value and not (public / slug / path[1:]).exists():
        for pattern, prefixed in redirects.prefixes:
            match = re.search(pattern.replace("(?<", "(?P<").replace(r"\z", r"\Z"), slug + path)
            if match:
                rest = match["portal_rest"] or ""
                way, text = prefixed[12], prefixed[13:]
                if way != "*":
                    return text or None
                site, below, target = text.split(" ")
                then = redirects.pages.get((site, f"{below}{rest}"), "")
                return then[13:] or None if then else target + rest.removesuffix("index.html")
    return value[13:] or None


rows = st.lists(st.tuples(st.sampled_from(SOURCES), st.sampled_from(TARGETS)), max_size=6)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(rows, rows)
@example([("/x/*", "/*"), ("/y/*", "/*"), ("/x/y/*", "/b")], [("/x/a", "/")])
@example([("/*", "/x/*"), ("/x/*", "https://sapa.tinh.example/*")], [("/*", "/")])
def test_whatever_the_rows_one_step_is_enough(
    main: list[tuple[str, str]], sapa: list[tuple[str, str]]
) -> None:
    with TemporaryDirectory() as folder:
        root = network(Path(folder), {
            **FILES,
            "redirects.csv": HEAD + "".join(f"{old},{new}\n" for old, new in main),
            "members/sapa/redirects.csv": HEAD + "".join(f"{old},{new}\n" for old, new in sapa),
        })  # fmt: skip
        report = run(root)
        refused = Problems()
        redirects = find_redirects(Options(root, root / "public", NOW), refused)[1]
        assert sorted(set(refused.items)) == report.refused
        for host in HOSTS:
            for path in PATHS:
                for query in ("", "?p=1", "?q=2&p=1"):
                    url = f"https://{host}{path}{query}"
                    target = answer(redirects, root / "public", url)
                    if target is not None:
                        second = answer(redirects, root / "public", target)
                        assert second is None, f"{url} → {target} → {second}"
