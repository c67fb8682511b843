"""Rows of `redirects.csv` by themselves: what each matches, and where it leads."""

import os
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portalgen.content.redirect_rows import Rule, decoded, marker, read_rules, route_of
from portalgen.problems import Problem
from portalgen.settings.network import load_network
from tests.helpers import MAIN_SETTINGS, grants, network

HEAD = "from,to\n"
GIVEN = grants(bacha="base_url: https://tinh.example/bac-ha/", sapa="hosts: sapacu.vn")
SETTINGS = MAIN_SETTINGS + GIVEN + "hosts: [cu.gov.vn]\nknown_hosts: [khac.gov.vn, '*.bo.vn']\n"


def read(folder: Path, text: str | bytes, slug: str = "main") -> tuple[list[Rule], list[Problem]]:
    """The rules of a file, and its problems."""
    place = "" if slug == "main" else f"members/{slug}/"
    loaded = load_network(network(folder, {
        "site.yaml": SETTINGS, f"{place}redirects.csv": text,
        "members/bacha/site.yaml": "title: B\n",
    }))  # fmt: skip
    problems: list[Problem] = []
    [site] = [site for site in loaded.sites if site.slug == slug]
    return read_rules(loaded, site, problems), problems


def rule(folder: Path, row: str, slug: str = "main") -> Rule:
    [found], problems = read(folder, HEAD + row, slug)
    assert problems == []
    return found


def told(folder: Path, text: str | bytes, slug: str = "main") -> list[str]:
    return [item.describe("vi") for item in read(folder, text, slug)[1]]


FROM = "không phải địa chỉ cũ mà máy chủ có thể nhận được. Hãy ghi đường dẫn như /cu/bai.html, "\
    "/cu/* hoặc /?p=123"  # fmt: skip
TO = "không phải địa chỉ mới hợp lệ. Hãy ghi /tin-tuc/bai.html, https://…, hoặc /moi/* khi "\
    "địa chỉ cũ cũng kết thúc bằng /*; để trống nghĩa là trang đã được gỡ."  # fmt: skip
OUTSIDE = "ở ngoài mạng lưới. Hãy ghi địa chỉ của một trang trong mạng lưới, hoặc nhờ người "\
    "quản trị thêm máy chủ đó vào `known_hosts` của tệp site.yaml gốc."  # fmt: skip


@pytest.mark.parametrize(
    ("written", "path", "query"),
    [
        ("/cu/bai.html", "/cu/bai.html", ()), ("cu/bai.html", "/cu/bai.html", ()),
        ("//cu/bai.html", "/cu/bai.html", ()), ("/", "/", ()), ("/cu/", "/cu/", ()),
        ("/b%C3%A0i c%c5%a9.html", "/bài cũ.html", ()), ("/ba\u0300i", "/bài", ()),
        ("/100%25", "/100%", ()), ("https://tinh.example/cu", "/cu", ()),
        ("HTTP://CU.gov.vn/cu?a=b", "/cu", (("a", "b"),)), ("/?p=123", "/", (("p", "123"),)),
        ("/Default.aspx?Tab=B&id=5", "/Default.aspx", (("id", "5"), ("tab", "B"))),
        ("/?q=s%E1%BB%B1+ki%E1%BB%87n", "/", (("q", "sự kiện"),)), ("?p=1", "/", (("p", "1"),)),
    ],
)  # fmt: skip
def test_an_old_address_as_servers_see_it(
    tmp_path: Path, written: str, path: str, query: tuple[tuple[str, str], ...]
) -> None:
    found = rule(tmp_path, f"{written},/")
    assert (found.path, found.query, found.is_prefix) == (path, query, False)


@pytest.mark.parametrize(("written", "path"), [("/cu/*", "/cu/"), ("cu/*", "/cu/"), ("/*", "/"),
                                               ("/b%C3%A0i cũ/*", "/bài cũ/")])  # fmt: skip
def test_a_prefix(tmp_path: Path, written: str, path: str) -> None:
    found = rule(tmp_path, f"{written},/")
    assert (found.path, found.is_prefix, found.keeps_rest) == (path, True, False)


@pytest.mark.parametrize(
    "written",
    ["", "/a#b", "/a%2fb", "/a%5Cb", "/a\\b", "/%zz", "/%", "/%E0.html", "/a$b", "/.git/x",
     "/a/../b", "/a/.x", "/a//b", "/a%00", "/*.html", "/cu*", "/a/*/b", "/cu/*?a=b", "/?", "/?a",
     "/?a=", "/?a=b&", "/?a=b&A=c", "/?a-b=c", "/?a[]=c", "https://sapa.tinh.example/x", "https://khac.vn/x",
     "/%3fa", f"/{'a' * 300}"],
)  # fmt: skip
def test_what_no_server_receives_is_refused(tmp_path: Path, written: str) -> None:
    assert told(tmp_path, f'{HEAD}"{written}",/\n/a,/') == [
        f"redirects.csv:2:1: “{written[:80]}” {FROM}"
    ]


@pytest.mark.parametrize(
    ("written", "target", "site", "route"),
    [
        ("/tin-tuc/mot.html", "https://tinh.example/tin-tuc/mot.html", "main", "tin-tuc/mot.html"),
        ("tin-tuc/mot.html", "https://tinh.example/tin-tuc/mot.html", "main", "tin-tuc/mot.html"),
        ("/tin-tuc", "https://tinh.example/tin-tuc/", "main", "tin-tuc/index.html"),
        ("/index.html", "https://tinh.example/", "main", "index.html"),
        ("/bài cũ.html?a=b#c", "https://tinh.example/b%C3%A0i%20c%C5%A9.html?a=b#c", "main",
         "bài cũ.html"),
        ("/b%c3%a0i.html", "https://tinh.example/b%C3%A0i.html", "main", "bài.html"),
        ("http://TINH.example/a.html", "https://tinh.example/a.html", "main", "a.html"),
        ("https://tinh.example", "https://tinh.example/", "main", "index.html"),
        ("https://cu.gov.vn/a.html", "https://tinh.example/a.html", "main", "a.html"),
        ("/bac-ha/a.html", "https://tinh.example/bac-ha/a.html", "bacha", "a.html"),
        ("https://tinh.example/bac-ha", "https://tinh.example/bac-ha/", "bacha", "index.html"),
        ("https://sapacu.vn/", "https://sapa.tinh.example/", "sapa", "index.html"),
        ("https://la.vn/a?b=c&d=%20#e", "https://la.vn/a?b=c&d=%20#e", "", ""),
        ("https://la.vn/á b", "https://la.vn/%C3%A1%20b", "", ""),
    ],
)  # fmt: skip
def test_where_a_row_leads(
    tmp_path: Path, written: str, target: str, site: str, route: str
) -> None:
    found = rule(tmp_path, f"/x,{written}")
    assert (found.target, found.site, found.route) == (target, site, route)


@pytest.mark.parametrize(
    ("written", "target", "site"),
    [("/*", "https://tinh.example/", "main"),
     ("/mới/*", "https://tinh.example/m%E1%BB%9Bi/", "main"),
     ("https://sapa.tinh.example/a/*", "https://sapa.tinh.example/a/", "sapa"),
     ("https://la.vn/a/*", "https://la.vn/a/", "")],
)  # fmt: skip
def test_a_prefix_may_keep_the_rest(tmp_path: Path, written: str, target: str, site: str) -> None:
    found = rule(tmp_path, f"/x/*,{written}")
    assert (found.target, found.site, found.keeps_rest) == (target, site, True)


@pytest.mark.parametrize("written", ["", "410", " 410 "])
def test_nothing_or_410_means_taken_away(tmp_path: Path, written: str) -> None:
    assert rule(tmp_path, f"/x,{written}").target == ""
    assert rule(tmp_path, "/x").target == ""


@pytest.mark.parametrize(
    "written",
    ["//la.vn/a", "/a/*", "/a*b", "https://", "https:///a", "https://a@b.vn/", "/a$b", "/a<b",
     "/a\\b",
     "/a%2fb", "/%zz", "https://la.vn:123456/", "javascript:x", "https://à.vn/", f"/{'a' * 999}"],
)  # fmt: skip
def test_a_wrong_new_address_is_refused_at_its_cell(tmp_path: Path, written: str) -> None:
    lines = [f"redirects.csv:2:7: “{written[:80]}” {TO}"]
    if written == "javascript:x":  # a path
        lines = []
    assert told(tmp_path, f'{HEAD}"/x1",{written}\n') == lines


@pytest.mark.parametrize(
    "written", ["https://la.vn/", "https://khac.gov.vn.la.vn/", "http://bo.vn/"]
)
def test_a_member_leads_only_to_known_hosts(tmp_path: Path, written: str) -> None:
    assert told(tmp_path, f"{HEAD}/x,{written}", "sapa") == [
        f"members/sapa/redirects.csv:2:4: “{written}” {OUTSIDE}"
    ]
    assert rule(tmp_path / "b", f"/x,{written}").target == written


def test_a_member_may_lead_to_the_network_and_to_known_hosts(tmp_path: Path) -> None:
    for number, url in enumerate(
        ["https://khac.gov.vn/a", "https://x.bo.vn/", "https://cu.gov.vn/"]
    ):
        assert told(tmp_path / str(number), f"{HEAD}/x,{url}", "sapa") == []


@pytest.mark.parametrize("head", ["", "to", "from,to,status", "cu,moi", "/a,/b"])
def test_a_file_needs_its_head(tmp_path: Path, head: str) -> None:
    assert told(tmp_path, f"{head}\n/a,/b\n") == [
        "redirects.csv:1:1: Dòng đầu tiên phải là tên hai cột. Hãy ghi: from,to"
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_columns_and_files_as_spreadsheets_write_them(tmp_path: Path, encoding: str) -> None:
    [found], _ = read(tmp_path, "To;From;\r\n/;/bài.html;\r\n;;\r\n".encode(encoding))
    assert (found.path, found.target, found.line, found.column) == (
        "/bài.html", "https://tinh.example/", 2, 3,
    )  # fmt: skip


def test_each_row_costs_itself(tmp_path: Path) -> None:
    rules, problems = read(tmp_path, HEAD + '/a,/\n/b,/,x\n"/c,/\n/d/../e,/\n/f,/\n')
    assert [found.path for found in rules] == ["/a", "/f"]
    assert [(item.code, item.line, item.column) for item in problems] == [
        ("list-cells", 3, 6), ("list-quotes", 4, 1), ("redirect-from", 5, 1),
    ]  # fmt: skip


def test_a_file_outside_the_members_folder_is_not_read(tmp_path: Path) -> None:
    root = network(tmp_path, {"members/sapa/x": "", "bi-mat.csv": HEAD + "/a,/"})
    os.symlink(root / "bi-mat.csv", root / "members/sapa/redirects.csv")
    loaded = load_network(root)
    problems: list[Problem] = []
    assert read_rules(loaded, loaded.sites[1], problems) == []
    assert [(item.path, item.code) for item in problems] == [
        ("members/sapa/redirects.csv", "symlink-outside")
    ]


def test_a_pipe_blocks_nobody(tmp_path: Path) -> None:
    root = network(tmp_path, {})
    os.mkfifo(root / "members/sapa/redirects.csv")
    loaded = load_network(root)
    problems: list[Problem] = []
    assert read_rules(loaded, loaded.sites[1], problems) == []
    assert [item.code for item in problems] == ["not-a-file"]


@given(st.text(max_size=20))
def test_encoded_and_plain_spellings_are_one_path(text: str) -> None:
    plain = decoded(f"/{text}") if "%" not in text else None
    if plain is not None:
        assert decoded(quote(f"/{text}")) == plain


@given(st.text(max_size=12), st.text(max_size=12))
def test_a_marker_is_a_name_and_proves_both_addresses(path: str, target: str) -> None:
    name = marker(path, target)
    assert len(name) == 12
    assert set(name) <= set("0123456789abcdef")
    assert name not in (marker(path + "x", target), marker(path, target + "x"))
    assert name != marker(path, target, (("a", "b"),))


@pytest.mark.parametrize(
    ("path", "route"),
    [("/", "index.html"), ("/cu", "cu/index.html"), ("/cu/", "cu/index.html"),
     ("/a.b/c", "a.b/c/index.html"),
     ("/cu/a.aspx", "cu/a.aspx"), ("cu.html", "cu.html")],
)  # fmt: skip
def test_the_route_of_an_old_address(path: str, route: str) -> None:
    assert route_of(path) == route
