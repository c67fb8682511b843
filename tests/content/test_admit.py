"""Who is published at which address: who was there stays, and who claims it stays elsewhere."""

from pathlib import Path

import pytest

from portalgen.content.admit import OLDER_PAGE, first_claims
from portalgen.content.site_index import SiteIndex
from portalgen.settings.network import load_network
from tests.helpers import NOW, article, network, page, problems, run, write
from tests.register.readers import answer, build_twice, entry_of

pytestmark = pytest.mark.usefixtures("quick_themes")

AT = "content/tin-tuc"
STAYS = (
    "{}:1: Giữ bản đã đăng lúc 08:00, 15/01/2020; bản mới chưa lên vì: Địa chỉ /tin-tuc/{}.html "
    "đã có: {}. Hãy đặt `slug` khác."
)


def named(name: str, slug: str = "", body: str = "") -> dict[str, str | bytes | None]:
    """An article that says its name, at an address of its own or another's."""
    return {f"{AT}/{name}.md": article(f"Bài {name}", body=body, slug=slug or name)}


def published(tmp_path: Path, *names: str) -> tuple[Path, Path]:
    root, clean = network(tmp_path, {}), tmp_path / "clean"
    for name in names:
        write(root, named(name))
    assert problems(build_twice(root, clean)) == []
    return root, clean


def shown(root: Path, *names: str) -> list[bool]:
    """Whether the pages show the articles of their names."""
    return [f"Bài {name}" in page(root, f"main/tin-tuc/{name}.html") for name in names]


def test_who_claims_the_address_of_another_stays_where_it_was(tmp_path: Path) -> None:
    root, clean = published(tmp_path, "a", "b")
    write(root, named("b", slug="a", body="Mới"))
    for _ in range(2):
        report = build_twice(root, clean, now=NOW + 60)
        assert problems(report) == [STAYS.format(f"{AT}/b.md", "a", f"{AT}/a.md")]
        assert report.changes == []
    assert shown(root, "a", "b") == [True, True]
    assert "Mới" not in page(root, "main/tin-tuc/b.html")
    write(root, named("b", slug="c", body="Mới"))
    assert problems(build_twice(root, clean)) == []
    assert "Mới" in page(root, "main/tin-tuc/c.html")


def test_who_claims_what_one_that_stays_keeps_stays_too(tmp_path: Path) -> None:
    root, clean = published(tmp_path, "a", "b", "c")
    write(root, {**named("a", slug="b"), **named("b", slug="c"), **named("d", slug="a")})
    assert sorted(problems(build_twice(root, clean))) == [
        STAYS.format(f"{AT}/a.md", "b", f"{AT}/b.md"),
        STAYS.format(f"{AT}/b.md", "c", f"{AT}/c.md"),
        f"{AT}/d.md:1: Địa chỉ /tin-tuc/a.html đã có: {AT}/a.md. Hãy đặt `slug` khác.",
    ]
    assert shown(root, "a", "b", "c") == [True, True, True]


def test_three_that_pass_their_addresses_round_all_move(tmp_path: Path) -> None:
    root, clean = published(tmp_path, "a", "b", "c")
    write(root, {**named("a", slug="b"), **named("b", slug="c"), **named("c", slug="a")})
    assert problems(build_twice(root, clean)) == []
    titles = {name: page(root, f"main/tin-tuc/{name}.html") for name in "abc"}
    assert ["Bài c" in titles["a"], "Bài a" in titles["b"], "Bài b" in titles["c"]] == [True] * 3


def test_a_row_of_which_the_last_makes_room_moves_on(tmp_path: Path) -> None:
    root, clean = published(tmp_path, "a", "b")
    write(root, {**named("a", slug="b"), **named("b", slug="c")})
    assert problems(build_twice(root, clean)) == []
    assert answer(root, "main/tin-tuc/a.html") == "https://tinh.example/tin-tuc/b.html"
    assert "Bài a" in page(root, "main/tin-tuc/b.html")


def test_who_cannot_be_read_holds_its_address_against_others(tmp_path: Path) -> None:
    root, clean = published(tmp_path, "a", "b")
    write(root, {f"{AT}/a.md": "---\ntitle: Hỏng\n", **named("b", slug="a")})
    codes = {(item.path, item.code, item.kept) for item in build_twice(root, clean).refused}
    assert (f"{AT}/b.md", "same-url", "article-kept") in codes
    assert shown(root, "a", "b") == [True, True]


def test_who_claims_the_id_of_another_stays_as_it_was(tmp_path: Path) -> None:
    root = network(tmp_path, {f"{AT}/a.md": article("A", id="urn:1"), f"{AT}/b.md": article("B")})
    run(root)
    write(root, {f"{AT}/b.md": article("B mới", id="urn:1")})
    report = build_twice(root, tmp_path / "clean")
    assert [(item.path, item.code, item.kept) for item in report.refused] == [
        (f"{AT}/b.md", "same-id", "article-kept")
    ]
    assert "B mới" not in page(root, "main/tin-tuc/b.html")
    assert entry_of(root, f"{AT}/b.md").identity == ""


def test_who_moves_to_an_address_that_no_file_can_have_stays(tmp_path: Path) -> None:
    root, clean = published(tmp_path, "a")
    write(root, named("a", slug="trang-2"))
    report = build_twice(root, clean)
    assert [(item.code, item.kept) for item in report.refused] == [("same-url", "article-kept")]
    assert shown(root, "a") == [True]


def test_of_two_that_are_new_the_first_path_has_it_however_often_one_builds(tmp_path: Path) -> None:
    root, clean = published(tmp_path)
    write(root, {**named("x", slug="bai"), **named("y", slug="bai")})
    for _ in range(2):
        assert [item.path for item in build_twice(root, clean).refused] == [f"{AT}/y.md"]


def test_what_a_site_itself_has_is_claimed_before_any_article(tmp_path: Path) -> None:
    root = network(tmp_path, {"static/a/T.txt": "x"})
    main = load_network(root).main
    index = SiteIndex(main, static=["a/T.txt"])
    claims = first_claims(index, {})
    assert claims["a/t.txt"] == "static/a/T.txt"
    assert claims["index.html"] == claims["tin-tuc/index.html"] == claims["410.html"] == "site.yaml"
    assert claims["manifest.json"] == "portalgen deploy"
    held = {("main", "a/t.txt"): "content/a.md"}
    assert "a/t.txt" not in first_claims(index, held)
    assert "a/t.txt" in first_claims(index, {("main", "a/t.txt"): "static/a/T.txt"})
    assert "a/t.txt" in first_claims(index, {("sapa", "a/t.txt"): "content/a.md"})


@pytest.mark.parametrize(
    ("route", "is_older"),
    [("trang-1.html", True), ("tin/trang-12.html", True), ("tin/trang-x.html", False),
     ("tin/xtrang-1.html", False), ("trang-1.html/a", False), ("trang-1.htm", False)],
)  # fmt: skip
def test_addresses_of_older_pages(route: str, is_older: bool) -> None:
    assert bool(OLDER_PAGE.search(route)) is is_older
