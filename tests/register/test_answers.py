"""What old addresses answer, and what links and feeds make of renamed articles."""

from pathlib import Path

import pytest

from portalgen.content.redirect_rows import marker
from tests.helpers import (
    MAIN_SETTINGS,
    MEMBER_SETTINGS,
    NOW,
    article,
    network,
    page,
    problems,
    run,
    write,
)
from tests.register.readers import answer, build_twice, entry_of, register_of, rename, taken_away

pytestmark = pytest.mark.usefixtures("quick_themes")

A, B = "content/tin-tuc/a.md", "content/tin-tuc/b.md"
A_PAGE, B_PAGE = "main/tin-tuc/a.html", "main/tin-tuc/b.html"
AT = "members/sapa/content/tin-tuc"
TEXT = article("Lúa chín", body="Câu đầu.\n\nCâu sau.")


def built(tmp_path: Path, files: dict[str, str | bytes | None]) -> tuple[Path, Path]:
    root, clean = network(tmp_path, files), tmp_path / "clean"
    assert problems(build_twice(root, clean)) == []
    return root, clean


@pytest.fixture
def short_lists(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lists have two articles on a page."""
    for module in ("content.site_index", "pages.site_plan"):
        monkeypatch.setattr(f"portalgen.{module}.PAGE_SIZE", 2)


def test_a_change_of_permalink_leads_all_readers_on(tmp_path: Path) -> None:
    root, clean = built(tmp_path, {f"{AT}/a.md": TEXT, f"{AT}/b.md": article("B")})
    for permalink in ("/{year}/{slug}.html", "/bai/{slug}.html", "/{section}/{slug}.html"):
        write(root, {"members/sapa/site.yaml": f"{MEMBER_SETTINGS}permalink: {permalink}\n"})
        assert problems(build_twice(root, clean)) == []
    for name in ("2020", "bai"):
        assert answer(root, f"sapa/{name}/a.html") == "https://sapa.tinh.example/tin-tuc/a.html"
    assert answer(root, "sapa/tin-tuc/a.html") == "page"


def test_an_address_that_another_has_now_shows_that(tmp_path: Path) -> None:
    root, clean = built(tmp_path, {A: TEXT})
    write(root, {A: article("Lúa chín", slug="moi"), B: article("Khác", slug="a")})
    assert problems(build_twice(root, clean)) == []
    assert "Khác" in page(root, A_PAGE)
    write(root, {B: None})
    build_twice(root, clean, now=NOW + 60)
    assert answer(root, A_PAGE) == "https://tinh.example/tin-tuc/moi.html"  # one that stands first


def test_an_old_address_that_two_had_leads_to_who_had_it_last(tmp_path: Path) -> None:
    root, clean = built(tmp_path, {A: TEXT})
    write(root, {A: article("Lúa chín", slug="x"), B: article("Khác", slug="a")})
    build_twice(root, clean, now=NOW + 60)
    write(root, {B: article("Khác", slug="y")})
    build_twice(root, clean, now=NOW + 120)
    assert answer(root, A_PAGE) == "https://tinh.example/tin-tuc/y.html"


def test_a_row_of_redirects_overrules_what_was_published(tmp_path: Path) -> None:
    root, clean = built(tmp_path, {A: TEXT, B: article("B")})
    write(root, {A: None, "redirects.csv": "from,to\n/tin-tuc/a.html,/tin-tuc/b.html\n"})
    assert problems(build_twice(root, clean)) == []
    assert answer(root, A_PAGE) == "https://tinh.example/tin-tuc/b.html"
    write(root, {"redirects.csv": "from,to\n"})
    build_twice(root, clean)
    assert answer(root, A_PAGE) == "gone"


def test_an_alias_that_is_taken_out_still_leads_on(tmp_path: Path) -> None:
    root, clean = built(tmp_path, {A: article("Lúa chín", aliases="[/cu.html]")})
    write(root, {A: article("Lúa chín", slug="moi")})
    build_twice(root, clean)
    for name in (A_PAGE, "main/cu.html"):
        assert answer(root, name) == "https://tinh.example/tin-tuc/moi.html"


def test_a_list_without_articles_leads_to_its_parent(tmp_path: Path) -> None:
    root, clean = built(tmp_path, {
        A: article("A", tags="[ruộng]", topics="[Mùa vụ]"), B: article("B", tags="[ruộng]"),
    })  # fmt: skip
    write(root, {A: article("A")})
    build_twice(root, clean)
    site_map = "https://tinh.example/so-do-cong.html"
    assert answer(root, "main/tag/ruong.html") == site_map
    assert answer(root, "main/chuyen-de/mua-vu.html") == site_map
    write(root, {A: article("A", tags="[ruộng]", topics="[Mùa vụ]")})
    build_twice(root, clean)
    assert answer(root, "main/tag/ruong.html") == "page"


def test_a_section_that_is_taken_out_leads_home_and_its_feed_too(tmp_path: Path) -> None:
    root, clean = built(tmp_path, {A: TEXT})
    write(root, {"site.yaml": MAIN_SETTINGS.replace("  - {slug: y-te, title: Y tế}\n", "")})
    build_twice(root, clean)
    assert answer(root, "main/y-te/index.html") == "https://tinh.example/"
    marker_of_feed = marker("/y-te/rss.xml", "https://tinh.example/rss.xml")
    assert (root / "public/main/.moved" / marker_of_feed).is_file()


def test_older_pages_of_a_list_that_gets_shorter_lead_to_it(
    tmp_path: Path, short_lists: None
) -> None:
    names = [f"content/tin-tuc/bai-{n}.md" for n in range(8)]
    root, clean = built(tmp_path, {name: article(name[-4:-3], body=name) for name in names})
    older = [f"main/tin-tuc/trang-{n}.html" for n in (1, 2, 3)]
    assert [answer(root, name) for name in older] == ["page"] * 3
    write(root, dict.fromkeys(names[:5]))
    build_twice(root, clean)
    assert [answer(root, name) for name in older] == ["https://tinh.example/tin-tuc/"] * 3


def test_a_static_file_that_is_taken_away_leaves_a_mark(tmp_path: Path) -> None:
    root, clean = built(tmp_path, {"static/a.pdf": b"%PDF", "static/b.html": "x"})
    write(root, {"static/a.pdf": None, "static/b.html": None})
    report = build_twice(root, clean)
    assert [(item.path, item.code) for item in report.changes] == [
        ("static/a.pdf", "page-gone"), ("static/b.html", "page-gone"),
    ]  # fmt: skip
    assert (answer(root, "main/a.pdf"), answer(root, "main/b.html")) == ("none", "gone")
    assert taken_away(root) == ["a.pdf", "b.html"]
    write(root, {"static/a.pdf": b"%PDF 2"})
    build_twice(root, clean)
    assert page(root, "main/a.pdf") == "%PDF 2"
    assert taken_away(root) == ["b.html"]


def test_what_feeds_call_an_article_survives_its_renames(tmp_path: Path) -> None:
    def names(feed: str) -> list[str]:
        return [
            line for line in page(root, feed).replace("><", ">\n<").split("\n") if "<guid" in line
        ]

    root, clean = built(tmp_path, {A: TEXT})
    before = names("main/rss.xml")
    assert len(before) == 1
    rename(root, A, "content/y-te/c.md")
    build_twice(root, clean)
    assert names("main/rss.xml") == before
    rename(root, "content/y-te/c.md", f"{AT}/d.md")
    build_twice(root, clean)
    assert names("sapa/rss.xml") == before
    write(root, {A: article("Khác")})  # whose name an earlier one goes by
    build_twice(root, clean)
    assert names("main/rss.xml") != before
    assert entry_of(root, f"{AT}/d.md", "sapa").feed == "main/tin-tuc/a.md"


def test_an_article_with_its_own_id_is_called_by_it(tmp_path: Path) -> None:
    root, clean = built(tmp_path, {A: article("A", id="urn:1")})
    rename(root, A, B)
    build_twice(root, clean)
    assert ">urn:1</guid>" in page(root, "main/rss.xml")


def test_links_to_an_old_name_or_address_lead_on_and_the_name_is_told(tmp_path: Path) -> None:
    link = article("Liên kết", body="Xem [bài](portal:main/tin-tuc/a.md).", related="[a.md]")
    root, clean = built(tmp_path, {A: TEXT, B: link})
    new = "content/y-te/c.md"
    rename(root, A, new)
    write(root, {"content/y-te/d.md": article("D", body="Xem [bài](/tin-tuc/a.html).")})
    report = build_twice(root, clean)
    said = (
        "Bài main/tin-tuc/a.md nay là main/y-te/c.md; liên kết vẫn dùng được. Hãy sửa liên kết "
        "theo tên mới."
    )
    assert [item.describe("vi") for item in report.warnings] == [
        f"{B}:4:11: {said}",
        f"{B}:6:11: {said}",
    ]
    assert '<a href="/y-te/c.html"' in page(root, B_PAGE)
    assert page(root, B_PAGE).count("/y-te/c.html") >= 2
    assert answer(root, A_PAGE) == "https://tinh.example/y-te/c.html"


def test_a_link_to_what_is_gone_leads_nowhere(tmp_path: Path) -> None:
    root, clean = built(tmp_path, {A: TEXT, B: article("B", body="Xem [bài](/tin-tuc/a.html).")})
    write(root, {A: None})
    assert [item.code for item in build_twice(root, clean).warnings] == ["link-nowhere"]
    assert "/tin-tuc/a.html" not in page(root, B_PAGE)


def test_older_pages_are_remembered_when_they_are_no_more(
    tmp_path: Path, short_lists: None
) -> None:
    names = [f"content/tin-tuc/bai-{n}.md" for n in range(8)]
    root, clean = built(tmp_path, {names[0]: article("0", body="0")})
    write(root, {name: article(name[-4:-3], body=name) for name in names[1:]})  # it gets longer
    build_twice(root, clean)
    assert entry_of(root, "section:tin-tuc").older == 4
    write(root, {names[0]: article("0", body="khác"), **dict.fromkeys(names[3:])})
    for _ in range(2):
        build_twice(root, clean)
        assert entry_of(root, "section:tin-tuc").older == 4
        assert answer(root, "main/tin-tuc/trang-3.html") == "https://tinh.example/tin-tuc/"


def test_an_address_of_two_that_are_gone_or_moved_leads_to_the_one_that_stands(
    tmp_path: Path,
) -> None:
    root, clean = built(tmp_path, {A: TEXT})
    write(root, {A: article("Lúa chín", slug="x")})
    build_twice(root, clean, now=NOW + 60)
    write(root, {B: article("Khác", slug="a")})
    build_twice(root, clean, now=NOW + 120)
    write(root, {B: None})
    build_twice(root, clean, now=NOW + 180)
    write(root, {B: article("Nữa", slug="y")})
    build_twice(root, clean, now=NOW + 240)
    write(root, {B: None})
    build_twice(root, clean, now=NOW + 300)
    assert answer(root, A_PAGE) == "https://tinh.example/tin-tuc/x.html"


def test_of_two_tags_that_fold_alike_each_keeps_its_address(tmp_path: Path) -> None:
    def tagged(name: str, *tags: str) -> dict[str, str | bytes | None]:
        return {f"content/tin-tuc/{name}.md": article(name, tags=list(tags))}

    first = {**tagged("a", "Sa Pa"), **tagged("b", "Sa Pa")}
    root, clean = built(tmp_path, first)
    more: dict[str, str | bytes | None] = {}
    for number in range(4):  # more frequent than the first by far
        more |= tagged(f"m{number}", "sà pả")
    write(root, more)
    build_twice(root, clean)
    sources = register_of(root).sites["main"].by_source()
    entries = {name: entry.at for name, entry in sources.items() if name.startswith("tag:")}
    assert "tag/sa-pa.html" in entries.values()
    old = next(source for source, at in entries.items() if at == "tag/sa-pa.html")
    assert ">Sa Pa<" in page(root, "main/tag/sa-pa.html")
    assert len(set(entries.values())) == 2
    write(root, dict.fromkeys(first))
    build_twice(root, clean)
    assert entry_of(root, old).gone
    [other] = [at for source, at in entries.items() if source != old]
    assert answer(root, f"main/{other}") == "page"


def test_addresses_that_differ_by_case_each_have_an_answer(tmp_path: Path) -> None:
    root = network(tmp_path, {"static/T.txt": "một"})
    run(root)
    (root / "static/T.txt").unlink()
    write(root, {"static/t.txt": "hai"})
    run(root)
    (root / "static/t.txt").unlink()
    run(root)
    assert taken_away(root) == ["T.txt", "t.txt"]
