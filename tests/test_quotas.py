"""A member whose folder holds too much stays as it was published; the others never notice."""

import shutil
from pathlib import Path

import pytest

from tests.helpers import (
    MAIN_SETTINGS,
    MEMBER_SETTINGS,
    article,
    grants,
    network,
    page,
    problems,
    run,
    tree,
    unlike_clean,
    write,
)

pytestmark = pytest.mark.usefixtures("quick_themes")

AT = "members/sapa/content/tin-tuc"
ROOT = MAIN_SETTINGS + grants(sapa="quota: {files: 5, megabytes: 1}")
FILES: dict[str, str | bytes | None] = {
    "site.yaml": ROOT,
    f"{AT}/a.md": article("A", syndicate="true"),
    f"{AT}/b.md": article("B", syndicate="true", tags="[x]"),
    f"{AT}/c.md": article("C", tags="[x]"),
    "members/sapa/static/mau.txt": "cũ",
    "members/bacha/site.yaml": "title: Bắc Hà\n",
    "members/bacha/content/tin-tuc/n.md": article("N", syndicate="true"),
}
KEPT = (
    "members/sapa: Bài và tệp của trang này giữ như lần xuất bản trước; chỉ việc xóa và gỡ xuống "
    "còn có tác dụng, vì: Thư mục này có {} tệp, {} MB; hạn mức là 5 tệp, 1 MB. Hãy xóa bớt, hoặc "
    "nhờ người quản trị nâng `quota` ở `members.grants` của tệp site.yaml gốc."
)
OVER: dict[str, str | bytes | None] = {
    f"{AT}/d.md": article("D", syndicate="true"),
    f"{AT}/a.md": article("A mới", syndicate="true"),
    "members/sapa/static/mau.txt": "mới",
    "members/sapa/static/them.txt": "thêm",
}


def sapa(root: Path) -> dict[str, bytes]:
    return {name: data for name, data in tree(root / "public").items() if name[:5] == "sapa/"}


def test_over_its_quota_a_member_stays_as_it_was_and_the_others_go_on(tmp_path: Path) -> None:
    root = network(tmp_path, FILES)
    assert problems(run(root)) == []
    before = sapa(root)
    write(root, {**OVER, "members/bacha/content/tin-tuc/o.md": article("O", syndicate="true")})
    report = run(root)
    assert problems(report) == [KEPT.format(7, 1)]
    assert {name for name, data in sapa(root).items() if before.get(name) != data} == set()
    assert sapa(root).keys() == before.keys()
    main = page(root, "main/index.html")
    assert ("A mới" in main, ">D<" in main, "/tin-tuc/a.html" in main) == (False, False, True)
    assert "/tin-tuc/o.html" in main
    assert (root / "public/bacha/tin-tuc/o.html").is_file()
    again = run(root)
    assert (again.files_written, again.files_removed, again.refused) == (0, 0, report.refused)


def test_what_is_within_the_quota_again_is_taken(tmp_path: Path) -> None:
    root = network(tmp_path, FILES)
    run(root)
    write(root, OVER)
    run(root)
    write(root, {"site.yaml": ROOT.replace("files: 5", "files: 9")})
    assert run(root).refused == []
    assert "A mới" in page(root, "sapa/tin-tuc/a.html")
    assert (root / "public/sapa/tin-tuc/d.html").is_file()
    assert (page(root, "sapa/mau.txt"), page(root, "sapa/them.txt")) == ("mới", "thêm")
    assert unlike_clean(root, tmp_path / "clean") == []


def test_bytes_count_as_files_do(tmp_path: Path) -> None:
    root = network(tmp_path, FILES)
    run(root)
    write(root, {"members/sapa/static/mau.txt": "a" * 1_000_000})
    report = run(root)
    assert problems(report) == [KEPT.format(5, 2)]
    assert page(root, "sapa/mau.txt") == "cũ"


def test_what_is_deleted_or_withdrawn_goes_all_the_same(tmp_path: Path) -> None:
    root = network(tmp_path, FILES)
    run(root)
    write(root, OVER)
    write(root, {f"{AT}/e.md": article("E"), f"{AT}/b.md": article("B", draft="true")})
    write(root, {f"{AT}/c.md": None, "members/sapa/static/mau.txt": None})
    report = run(root)
    assert [item.code for item in report.refused] == ["over-quota"]
    for name in ("tin-tuc/b.html", "tin-tuc/c.html", "mau.txt"):
        file = root / "public/sapa" / name
        assert not file.is_file() or '"noindex"' in file.read_text("utf-8")
    assert "/tin-tuc/a.html" in page(root, "sapa/index.html")
    assert "/tin-tuc/b.html" not in page(root, "sapa/index.html")


def test_a_build_from_nothing_gives_the_same(tmp_path: Path) -> None:
    root = network(tmp_path, FILES)
    run(root)
    write(root, {f"{AT}/d.md": article("D"), f"{AT}/a.md": article("A mới", syndicate="true")})
    run(root)
    assert unlike_clean(root, tmp_path / "clean") == []
    write(root, {f"{AT}/b.md": article("B", expires="2020-01-11")})
    run(root)
    assert unlike_clean(root, tmp_path / "clean") == []


def test_a_new_member_over_its_quota_has_no_articles_yet(tmp_path: Path) -> None:
    root = network(tmp_path, FILES | {"site.yaml": ROOT.replace("files: 5", "files: 2")})
    report = run(root)
    assert [item.code for item in report.refused] == ["over-quota"]
    assert (root / "public/sapa/index.html").is_file()
    assert not (root / "public/sapa/tin-tuc/a.html").exists()
    assert not (root / "public/sapa/mau.txt").exists()
    assert (root / "public/bacha/tin-tuc/n.html").is_file()


def test_settings_count_also_over_the_quota_and_main_has_none(tmp_path: Path) -> None:
    root = network(tmp_path, FILES)
    run(root)
    many = {f"content/tin-tuc/{n}.md": article(str(n)) for n in range(9)}
    write(root, {**OVER, **many, "members/sapa/site.yaml": MEMBER_SETTINGS + "notice: Mới\n"})
    run(root)
    assert "Mới" in page(root, "sapa/tin-tuc/a.html")
    assert (root / "public/main/tin-tuc/8.html").is_file()


def test_a_lost_output_is_made_again_of_what_was_published(tmp_path: Path) -> None:
    root = network(tmp_path, FILES)
    run(root)
    before = sapa(root)
    write(root, {f"{AT}/a.md": article("A mới", syndicate="true"), f"{AT}/d.md": article("D")})
    shutil.rmtree(root / "public")
    run(root)
    assert sapa(root) == before
