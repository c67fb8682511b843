"""An address claimed by several sources stays with the one published there."""

import errno
import os
from pathlib import Path

import pytest
from click.testing import CliRunner

from portalgen.cli import main
from tests.helpers import article, network, page, problems, run, unlike_clean, write

pytestmark = pytest.mark.usefixtures("quick_themes")

A, B = "content/tin-tuc/a.md", "content/tin-tuc/b.md"
BAI = "main/tin-tuc/bai.html"


def claims(title: str, draft: bool = False) -> str:
    return article(title, slug="bai", draft=str(draft).lower())


TAKEN = "{}:1: Địa chỉ /tin-tuc/bai.html đã có: {}. Hãy đặt `slug` khác."


def test_a_new_article_never_takes_the_address_of_a_published_one(tmp_path: Path) -> None:
    root = network(tmp_path, {B: claims("Bài đã đăng")})
    run(root)
    write(root, {A: claims("Bài mới")})
    for options in ({}, {"use_cache": False}, {"output": tmp_path / "khac"}, {"drafts": True}):
        assert problems(run(root, **options)) == [TAKEN.format(A, B)]
        assert "Bài đã đăng" in page(root, BAI)
    assert (tmp_path / "khac" / BAI).read_bytes() == (root / "public" / BAI).read_bytes()
    assert unlike_clean(root, tmp_path / "clean") == []
    for command in ("check", "status"):
        told = CliRunner().invoke(main, [command, "--root", str(root)])
        assert told.exit_code in (0, 3)
        assert command == "status" or TAKEN.format(A, B) in told.stderr
    write(root, {A: article("Bài mới", slug="bai-moi")})  # the remedy
    assert problems(run(root)) == []


def test_check_asks_who_was_published_each_time(tmp_path: Path) -> None:
    root = network(tmp_path, {A: claims("A"), B: claims("B")})
    command = ["check", "--root", str(root), "--now", "2020-01-15 08:00"]
    assert TAKEN.format(B, A) in CliRunner().invoke(main, command).stderr
    write(root, {A: article("A", slug="khac")})
    run(root)
    write(root, {A: claims("A")})
    for _ in range(2):
        assert TAKEN.format(A, B) in CliRunner().invoke(main, command).stderr


def test_a_draft_that_only_an_editor_sees_has_no_claim(tmp_path: Path) -> None:
    root = network(tmp_path, {B: claims("Nháp", draft=True)})
    desk = tmp_path / "desk"
    run(root, desk, drafts=True)
    run(root)
    write(root, {A: claims("Bài mới")})
    assert problems(run(root)) == []
    assert problems(run(root, desk, drafts=True)) == [TAKEN.format(B, A)]
    assert "Bài mới" in (desk / BAI).read_text("utf-8")


def test_an_address_is_free_when_who_had_it_is_gone(tmp_path: Path) -> None:
    root = network(tmp_path, {B: claims("Bài đã đăng")})
    run(root)
    write(root, {A: claims("Bài mới"), B: claims("Bài đã đăng", draft=True)})
    assert problems(run(root)) == []
    assert "Bài mới" in page(root, BAI)
    write(root, {B: claims("Bài đã đăng")})
    assert problems(run(root)) == [TAKEN.format(B, A)]


def test_who_was_published_elsewhere_comes_before_who_is_new(tmp_path: Path) -> None:
    root = network(tmp_path, {B: article("Bài đã đăng", slug="cu")})
    run(root)
    write(root, {A: claims("Bài mới"), B: claims("Bài đã đăng")})
    assert problems(run(root)) == [TAKEN.format(A, B)]


def test_in_a_first_build_the_first_path_has_it(tmp_path: Path) -> None:
    root = network(tmp_path, {A: claims("A"), B: claims("B")})
    for _ in range(2):
        assert problems(run(root)) == [TAKEN.format(B, A)]


def test_case_of_letters_does_not_matter(tmp_path: Path) -> None:
    permalink = {"members/sapa/site.yaml": "title: Sa Pa\npermalink: /Tin/{slug}.html\n"}
    at = "members/sapa/content/tin-tuc"
    root = network(tmp_path, {**permalink, f"{at}/b.md": claims("Bài đã đăng")})
    run(root)
    write(root, {f"{at}/a.md": claims("Bài mới")})
    assert [item.path for item in run(root).refused] == [f"{at}/a.md"]


def test_an_id_stays_with_whom_it_was_published(tmp_path: Path) -> None:
    root = network(tmp_path, {B: article("Bài đã đăng", id="urn:1")})
    run(root)
    write(root, {A: article("Bài mới", id="urn:1")})
    assert problems(run(root)) == [
        f"{A}:1: Mã `id: urn:1` đã dùng ở {B}. Hãy đổi hoặc bỏ dòng `id`."
    ]  # fmt: skip


def test_an_old_address_stays_with_whom_it_was_published(tmp_path: Path) -> None:
    root = network(tmp_path, {B: article("Bài đã đăng", aliases="[/cu.html]")})
    run(root)
    redirect = page(root, "main/cu.html")
    write(root, {A: article("Bài mới", aliases="[/cu.html]")})
    assert [(item.code, item.path) for item in run(root).refused] == [("alias-taken", A)]
    assert page(root, "main/cu.html") == redirect


@pytest.mark.parametrize("site", ["", "members/sapa/"])
def test_a_file_in_static_never_takes_the_address_of_a_published_article(
    tmp_path: Path, site: str
) -> None:
    source, file = f"{site}content/tin-tuc/b.md", f"{site}static/tin-tuc/bai.html"
    root = network(tmp_path, {source: claims("Bài đã đăng")})
    run(root)
    write(root, {file: "<p>Tệp mới"})
    taken = f"{file}: Địa chỉ /tin-tuc/bai.html đã có: {source}. Hãy đặt tên khác cho tệp này."
    assert problems(run(root)) == [taken]
    assert "Bài đã đăng" in page(root, f"{'sapa' if site else 'main'}/tin-tuc/bai.html")
    write(root, {source: None})
    assert problems(run(root)) == []
    write(root, {source: claims("Bài đã đăng")})
    assert problems(run(root)) == [TAKEN.format(source, file)]
    (root / file).rename(root / file.replace("bai.html", "khac.html"))
    assert problems(run(root)) == []


def test_who_cannot_be_published_for_a_while_keeps_the_address(tmp_path: Path) -> None:
    root = network(tmp_path, {B: claims("Bài đã đăng")})
    run(root)
    for broken in ("---\ntitle: Hỏng\n", claims("Bài đã đăng") + "\n[x](khong-co.md)\n"):
        write(root, {A: claims("Bài mới"), B: broken})
        assert {(item.code, item.path) for item in run(root).refused} >= {("same-url", A)}
        assert not (root / "public" / BAI).exists()
        write(root, {B: claims("Bài đã đăng")})
        assert problems(run(root)) == [TAKEN.format(A, B)]
        assert "Bài đã đăng" in page(root, BAI)
    write(root, {B: None})
    assert problems(run(root)) == []


@pytest.mark.parametrize("slug", ["b", "khac"])
@pytest.mark.parametrize("identity", ["urn:1", "main/tin-tuc/m.md"])
def test_nobody_takes_the_id_of_a_published_article(
    tmp_path: Path, identity: str, slug: str
) -> None:
    own = {"id": identity} if identity == "urn:1" else {}
    m = "content/tin-tuc/m.md"
    root = network(tmp_path, {A: article("A"), m: article("M", **own)})
    run(root)
    write(root, {A: article("A", id=identity), m: article("M", **own, slug=slug)})
    assert [(item.code, item.path) for item in run(root).refused] == [("same-id", A)]
    assert page(root, f"main/tin-tuc/{slug}.html")


def test_of_two_files_that_differ_in_case_the_published_one_stays(tmp_path: Path) -> None:
    root = network(tmp_path, {"static/abc.txt": "một"})
    run(root)
    write(root, {"static/ABC.txt": "hai"})
    assert problems(run(root)) == [
        "static/ABC.txt: Địa chỉ /ABC.txt đã có: static/abc.txt. Hãy đặt tên khác cho tệp này."
    ]
    assert page(root, "main/abc.txt") == "một"


def test_an_old_address_never_takes_the_place_of_a_file(tmp_path: Path) -> None:
    root = network(tmp_path, {"static/docs": "tệp"})
    run(root)
    write(root, {A: article("A", aliases="[/docs]")})
    assert [(item.code, item.path) for item in run(root).refused] == [("alias-taken", A)]
    assert page(root, "main/docs") == "tệp"


def test_a_list_says_once_that_a_file_stands_where_it_does(tmp_path: Path) -> None:
    tagged = {f"content/tin-tuc/{n}.md": article(str(n), tags="[xx]") for n in range(2)}
    root = network(tmp_path, {**tagged, "static/tag/xx.html": "tệp"})
    assert [(item.code, item.path) for item in run(root).refused] == [
        ("file-taken", "static/tag/xx.html")
    ]


def test_what_is_refused_is_told_the_same_way_each_time(tmp_path: Path) -> None:
    root = network(tmp_path, {
        "content/a.md": article("A", "", id="k"), "static/a.html": "tệp",
        "content/tin-tuc/c.md": article("C", id="k"),
        "content/b.md": article("B", "", slug="bai", body="[x](khong-co.md)"),
        "content/d.md": article("D", "", slug="bai"), "content/e.md": article("E", "", slug="bai"),
    })  # fmt: skip
    first = run(root)
    assert first.refused
    for _ in range(2):
        again = run(root)
        assert (again.refused, again.files_written) == (first.refused, 0)


def test_pages_are_in_the_order_of_their_paths_whoever_came_first(tmp_path: Path) -> None:
    root = network(tmp_path, {"content/b.md": article("B", "")})
    run(root)
    write(root, {"content/a.md": article("A", "")})
    run(root)
    assert run(root).files_written == 0
    assert unlike_clean(root, tmp_path / "clean") == []


def test_a_publish_that_does_not_begin_gives_nobody_an_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = network(tmp_path, {A: claims("A")})
    run(root)
    write(root, {A: claims("A", draft=True), B: claims("B")})

    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        run(root)
    monkeypatch.undo()
    write(root, {A: claims("A")})
    assert problems(run(root)) == [TAKEN.format(B, A)]
