"""An address claimed by several sources stays with the one published there."""

import errno
import os
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from portalgen.cli import main
from tests.helpers import (
    MEMBER_SETTINGS,
    article,
    network,
    page,
    problems,
    run,
    unlike_clean,
    write,
)

pytestmark = pytest.mark.usefixtures("quick_themes")

A, B = "content/tin-tuc/a.md", "content/tin-tuc/b.md"
BAI = "main/tin-tuc/bai.html"


def claims(title: str, draft: bool = False) -> str:
    return article(title, slug="bai", draft=str(draft).lower())


TAKEN = "{}:1: Địa chỉ /tin-tuc/bai.html đã có: {}. Hãy đặt `slug` khác."
STAYS = TAKEN.replace(":1: ", ":1: Giữ bản đã đăng lúc 08:00, 15/01/2020; bản mới chưa lên vì: ")


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
        result = CliRunner().invoke(main, [command, "--root", str(root)])
        assert result.exit_code in (0, 3)
        assert command == "status" or TAKEN.format(A, B) in result.stderr
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
        assert STAYS.format(A, B) in CliRunner().invoke(main, command).stderr


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
    for broken in (
        "---\ntitle: Hỏng\n",
        claims("Bài đã đăng") + "\n![x](https://x.example/a.jpg)\n",
    ):
        write(root, {A: claims("Bài mới"), B: broken})
        assert {(item.code, item.path) for item in run(root).refused} >= {("same-url", A)}
        assert "Bài đã đăng" in page(root, BAI)
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


def test_a_site_that_comes_back_has_what_it_had(tmp_path: Path) -> None:
    folder = "members/sapa"
    first, second = f"{folder}/content/tin-tuc/a.md", f"{folder}/content/tin-tuc/b.md"
    root = network(tmp_path, {second: claims("B"), f"{folder}/static/t.txt": "tệp"})
    run(root)
    shutil.rmtree(root / folder)
    assert problems(run(root)) == []
    assert unlike_clean(root, tmp_path / "clean") == []
    write(root, {f"{folder}/site.yaml": MEMBER_SETTINGS, first: claims("A"), second: claims("B")})
    assert problems(run(root)) == [TAKEN.format(first, second)]
    assert unlike_clean(root, tmp_path / "clean") == []


def test_a_site_without_any_article_left_holds_no_address(tmp_path: Path) -> None:
    only = "members/sapa/content/tin-tuc/b.md"
    root = network(tmp_path, {only: claims("B")})
    run(root)
    write(root, {only: None})
    assert problems(run(root)) == []
    write(root, {"members/sapa/static/tin-tuc/bai.html": "tệp"})
    assert problems(run(root)) == []


def test_a_draft_gives_its_id_away(tmp_path: Path) -> None:
    root = network(tmp_path, {B: article("B", id="urn:1")})
    run(root)
    write(root, {A: article("A", id="urn:1"), B: article("B", id="urn:1", draft="true")})
    assert problems(run(root)) == []
    assert page(root, "main/tin-tuc/a.html")


def test_an_article_with_a_new_id_keeps_it_from_then_on(tmp_path: Path) -> None:
    root = network(tmp_path, {B: article("B", id="urn:1")})
    run(root)
    write(root, {B: article("B", id="urn:2"), A: article("A", id="urn:1")})
    assert problems(run(root)) == []
    write(root, {A: article("A", id="urn:2")})
    assert [(item.code, item.path) for item in run(root).refused] == [("same-id", A)]
