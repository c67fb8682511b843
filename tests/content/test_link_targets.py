"""Where links may lead: to what stands, waits, or was there and still leads on."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from portalgen.content.classify import Library
from portalgen.content.model import Reference
from tests.helpers import MAIN_SETTINGS, MEMBER_SETTINGS, NOW, article, network, page, run, write
from tests.quick import look_up
from tests.register.readers import build_twice, rename

A, B = "content/tin-tuc/a.md", "content/tin-tuc/b.md"
FILES: dict[str, str | bytes | None] = {
    "site.yaml": MAIN_SETTINGS + "topics: [{slug: mua, title: Mùa vụ, banner: [x]}]\n",
    A: article("A", tags="[ruộng]", topics="[Lễ]", aliases="[cu.html]"),
    B: article("B", draft="true"), "static/T.txt": "x",
    "members/sapa/content/tin-tuc/s.md": article("S"),
    "members/sapa/site.yaml": MEMBER_SETTINGS + "permalink: /{year}/{slug}.html\n",
}  # fmt: skip


def dead(library: Library, path: str, *targets: str) -> list[str]:
    """The targets that lead nowhere from an article."""
    [source] = [each for each in library.by_name.values() if each.path == path]
    references = tuple(Reference(target, 1, 1) for target in targets)
    changed = replace(source, links=references, related=(), unrelated=())
    return [each.target for each in library.targets.dead(changed)]


def test_what_stands_or_waits_is_led_to(tmp_path: Path) -> None:
    library = look_up(network(tmp_path, FILES))[0].library
    good = [
        "/", "/tin-tuc/", "/tin-tuc/rss.xml", "/tin-tuc/a.html", "/tin-tuc/a.html?x=1",
        "/tin-tuc/b.html", "/cu.html", "/T.txt", "/tag/ruong.html", "/chuyen-de/le.html",
        "/chuyen-de/mua.html", "/tin-tuc/trang-9.html", "portal:main/tin-tuc/b.md",
        "portal:sapa/tin-tuc/s.md", "https://khac.example/", "http://khac.example/",
    ]  # fmt: skip
    bad = [
        "/khong.html", "/tin-tuc", "/t.txt", "/2020/s.html", "portal:main/tin-tuc/s.md",
        "portal:nobody/a.md", "portal:main", "mailto:a@b.example", "//khac.example/",
    ]  # fmt: skip
    assert dead(library, A, *good, *bad) == bad


def test_each_site_has_its_own_addresses(tmp_path: Path) -> None:
    library = look_up(network(tmp_path, FILES))[0].library
    path = "members/sapa/content/tin-tuc/s.md"
    assert dead(library, path, "/2020/s.html", "/tin-tuc/a.html") == ["/tin-tuc/a.html"]


@pytest.mark.usefixtures("quick_themes")
def test_what_was_there_is_led_to_while_it_leads_on(tmp_path: Path) -> None:
    root, clean = network(tmp_path, {A: article("A"), B: article("B")}), tmp_path / "clean"
    build_twice(root, clean)
    rename(root, A, "content/y-te/c.md")
    links = "[x](/tin-tuc/a.html) [y](portal:main/tin-tuc/a.md) [z](/tin-tuc/khong.html)"
    write(root, {B: article("B", body=f"Xem {links}")})
    for _ in range(2):
        warnings = build_twice(root, clean, now=NOW + 60).warnings
        assert [(item.code, item.line, item.column) for item in warnings] == [
            ("link-renamed", 5, 30), ("link-nowhere", 5, 60),
        ]  # fmt: skip
    write(root, {"content/y-te/c.md": None})
    report = build_twice(root, clean, now=NOW + 120)
    assert [item.code for item in report.warnings] == ["link-nowhere"] * 3


@pytest.mark.usefixtures("quick_themes")
def test_a_new_article_of_the_old_name_is_meant_from_then_on(tmp_path: Path) -> None:
    link = article("B", body="Xem [y](portal:main/tin-tuc/a.md)")
    root, clean = network(tmp_path, {A: article("A"), B: link}), tmp_path / "clean"
    build_twice(root, clean)
    rename(root, A, "content/y-te/c.md")
    assert len(build_twice(root, clean).warnings) == 1
    assert "/y-te/c.html" in (root / "public/main/tin-tuc/b.html").read_text("utf-8")
    write(root, {A: article("Khác hẳn")})
    assert build_twice(root, clean).warnings == []
    shown = (root / "public/main/tin-tuc/b.html").read_text("utf-8")
    assert '<a href="/tin-tuc/a.html"' in shown


def test_an_address_that_a_row_of_redirects_leads_on_is_led_to(tmp_path: Path) -> None:
    rows = (
        "from,to\n/r.html,/tin-tuc/a.html\n/vi/*,/*\n/?p=5,/tin-tuc/a.html\n/mat.html,410\n"
        "/b%C3%A0i.html,/tin-tuc/a.html\n"
    )
    library = look_up(network(tmp_path, {**FILES, "redirects.csv": rows}))[0].library
    good = ["/r.html", "/R.html?x=1", "/vi/tin-tuc/a.html", "/?p=5", "/?a=1&p=5", "/bài.html"]
    bad = ["/mat.html", "/r", "/vix.html"]
    assert dead(library, A, *good, *bad) == bad
    assert dead(library, "members/sapa/content/tin-tuc/s.md", "/r.html") == ["/r.html"]


def test_a_whole_address_on_a_host_of_the_network_is_like_its_path(tmp_path: Path) -> None:
    library = look_up(network(tmp_path, FILES))[0].library
    own = "https://tinh.example"
    good = [
        f"{own}/", own, f"{own}/tin-tuc/a.html?x=1", f"{own}/tin-tuc", f"{own}/T.txt",
        f"{own}/media/0-a.pdf", f"{own}/cu.html", "http://TINH.example/tin-tuc/a.html",
        "https://sapa.tinh.example/", "https://tinh.example.khac/", "https://khac.example/a",
    ]  # fmt: skip
    bad = [f"{own}/tin-tuc/khong-co.html", f"{own}/x", "https://sapa.tinh.example/tin-tuc/a.html"]
    assert dead(library, A, *good, *bad) == bad


def test_a_dead_link_to_the_own_host_is_told(tmp_path: Path) -> None:
    address = "https://tinh.example/tin-tuc/khong-co.html"
    root = network(tmp_path, {A: article("A", body=f"Xem [đây]({address}).")})
    assert [item.describe("vi") for item in run(root).warnings] == [
        f"{A}:5:11: Liên kết “{address}” trỏ đến trang của mạng lưới này, nhưng ở đó không có "
        "trang nào. Hãy sửa địa chỉ hoặc xóa liên kết."
    ]
    assert f'href="{address}"' in page(root, "main/tin-tuc/a.html")
