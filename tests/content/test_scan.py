"""A folder that cannot be listed costs itself."""

import errno
import os
from pathlib import Path
from typing import Any

import pytest

from portalgen.problems import Problem
from tests.helpers import article, network, page, problems, run
from tests.quick import load, look_up

FILES: dict[str, str | bytes | None] = {
    "content/trang.md": article("T", ""), "content/tin-tuc/a.md": article("A"),
    "content/y-te/b/index.md": article("B"), "content/y-te/c.md": article("C"),
    "members/sapa/content/tin-tuc/d.md": article("D"), "static/a.txt": "a",
    "static/trong/b.txt": "b", "members/sapa/static/c.txt": "c",
}  # fmt: skip
REASON = os.strerror(errno.EACCES)


def lock(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Let nobody list or enter `folder`, not even who may everything."""
    scandir, stat = os.scandir, os.stat

    def locked_scandir(path: Any = ".") -> Any:
        if isinstance(path, (str, Path)) and Path(path) == folder:
            raise PermissionError(errno.EACCES, REASON, str(path))
        return scandir(path)

    def locked_stat(path: Any, **options: Any) -> os.stat_result:
        if isinstance(path, (str, Path)) and folder in Path(path).parents:
            raise PermissionError(errno.EACCES, REASON, str(path))
        return stat(path, **options)

    monkeypatch.setattr(os, "scandir", locked_scandir)
    monkeypatch.setattr(os, "stat", locked_stat)


@pytest.mark.parametrize(
    ("folder", "lost"),
    [
        ("content/tin-tuc", {"tin-tuc/a.md"}), ("content/y-te/b", {"y-te/b/index.md"}),
        ("content", {"trang.md", "tin-tuc/a.md", "y-te/b/index.md", "y-te/c.md"}),
        ("members/sapa/content", {"tin-tuc/d.md"}),
    ],
)  # fmt: skip
def test_a_folder_that_cannot_be_listed_costs_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: str, lost: set[str]
) -> None:
    root = network(tmp_path, FILES)
    names = load(root).names
    lock(monkeypatch, root / folder)
    wrong: list[Problem] = []
    loaded = load(root, wrong)
    site = "sapa" if folder.startswith("members") else "main"
    assert [(item.site, item.describe("en")) for item in wrong] == [(
        site, f"{folder}: This folder cannot be listed ({REASON}), so nothing new in it is "
        "published. Check its permissions.",
    )]  # fmt: skip
    assert loaded.unlisted == [folder]
    assert loaded.names == {**names, site: names[site] - lost}


@pytest.mark.parametrize("folder", ["static", "static/trong", "members/sapa/static"])
def test_a_folder_of_static_files_that_cannot_be_listed_costs_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: str
) -> None:
    root = network(tmp_path, FILES)
    lock(monkeypatch, root / folder)
    cards, _ = look_up(root)
    library = cards.library
    assert library.targets.loaded.unlisted == [folder]
    files = {path for slug, index in library.sites.items() for path in index.static}
    lost = {name.rpartition("static/")[2] for name in FILES if name.startswith(f"{folder}/")}
    assert files == {"a.txt", "trong/b.txt", "c.txt"} - lost


def test_a_build_goes_on_without_a_folder_that_cannot_be_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = network(tmp_path, FILES)
    lock(monkeypatch, root / "content/tin-tuc")
    report = run(root)
    assert problems(report) == [
        f"content/tin-tuc: Không xem được trong thư mục này có gì ({REASON}), nên những gì mới ở "
        "đó chưa được đăng. Hãy kiểm tra quyền đọc."
    ]
    assert "D" in page(root, "sapa/tin-tuc/d.html")
    monkeypatch.undo()
    assert problems(run(root)) == []
    assert "A" in page(root, "main/tin-tuc/a.html")


def test_a_site_without_content_has_none(tmp_path: Path) -> None:
    wrong: list[Problem] = []
    loaded = load(network(tmp_path, {"members/sapa/content": "a file"}), wrong)
    assert (wrong, loaded.unlisted, loaded.names) == ([], [], {"main": set(), "sapa": set()})


def test_a_document_in_a_section_is_told_with_how_to_import_it(tmp_path: Path) -> None:
    root = network(tmp_path, {
        "content/y-te/a.md": article("A", body="Xem [mẫu](mau%20don.docx) và [b](b.odt)."),
        "content/y-te/mau don.docx": b"PK\x03\x04", "content/y-te/b.odt": b"PK\x03\x04",
        "content/y-te/A.docx": "", "content/y-te/~$tam.docx": "",
        "content/y-te/bao cao.docx": "", "members/sapa/content/tin-tuc/c/lich.doc": "",
    })  # fmt: skip
    report = run(root)
    assert not report.refused
    assert [(item.site, item.describe("vi")) for item in report.warnings] == [
        (
            "main", "content/y-te/bao cao.docx: Tài liệu Word này không thành bài, cũng không bài "
            'nào dẫn đến. Nếu là bài, hãy chạy: portalgen import word "content/y-te/bao cao.docx" '
            "--site main --section y-te; xong thì chuyển tệp này ra ngoài thư mục content.",
        ),
        (
            "sapa", "members/sapa/content/tin-tuc/c/lich.doc: Tài liệu này không thành bài, cũng "
            "không bài nào dẫn đến. Nếu là bài, hãy mở bằng Word, lưu thành .docx rồi chạy: "
            "portalgen import word TỆP.docx --site sapa --section tin-tuc",
        ),
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["index.md.txt", "index.markdown", "Bai.MD"])
def test_an_article_with_another_suffix_is_told_in_a_folder_of_its_own(
    tmp_path: Path, name: str
) -> None:
    root = network(tmp_path, {f"content/y-te/bai/{name}": article("A")})
    [said] = problems(run(root))
    assert said == (
        f"content/y-te/bai/{name}: Bài viết phải có đuôi `.md`, viết thường. Hãy đổi tên tệp thành "
        "index.md."
    )


def told(root: Path) -> list[tuple[str, str, str]]:
    """Code, file and what the message tells to write, of all that a build says."""
    report = run(root)
    return sorted(
        (item.code, item.path, dict(item.values).get("wanted") or dict(item.values).get("near", ""))
        for item in (*report.refused, *report.warnings)
    )


def test_what_was_meant_for_an_article_is_told_by_its_name(tmp_path: Path) -> None:
    files: dict[str, str | bytes | None] = dict.fromkeys([
        "content/tin-tuc/bai.MD", "content/tin-tuc/bai2.markdown", "content/tin-tuc/bai3.txt",
        "content/tin-tuc/bai4.md.txt", "content/tin-tuc/bai5", "content/y-te/c/index.txt",
    ], article("A"))  # fmt: skip
    files |= {"content/tin-tuc/danh-sach.txt": "---\nChữ", "content/tin-tuc/doc": "Chữ"}
    assert told(network(tmp_path, files)) == [
        ("article-suffix", "content/tin-tuc/bai.MD", "bai.md"),
        ("article-suffix", "content/tin-tuc/bai2.markdown", "bai2.md"),
        ("article-suffix", "content/tin-tuc/bai3.txt", "bai3.md"),
        ("article-suffix", "content/tin-tuc/bai4.md.txt", "bai4.md"),
        ("article-suffix", "content/tin-tuc/bai5", "bai5.md"),
        ("article-suffix", "content/y-te/c/index.txt", "index.md"),
    ]


def test_an_article_in_a_folder_that_nobody_reads_is_told_where_it_belongs(tmp_path: Path) -> None:
    files: dict[str, str | bytes | None] = dict.fromkeys([
        "bai.md", "tin-tuc/bai.md", "members/sapa/bai.md", "members/sapa/Content/y-te/bai.md",
        "content/Tin Tức/bai.md", "content/tintuc/bai.md", "content/khac-han/bai.md",
    ], article("A"))  # fmt: skip
    files |= {"README.md": "# Đọc", "docs/a.md": article("A"), "content/bao-cao.docx": b"PK"}
    assert told(network(tmp_path, files)) == [
        ("article-outside", "bai.md", "content/bai.md"),
        ("article-outside", "members/sapa/Content", "members/sapa/content/"),
        ("article-outside", "members/sapa/bai.md", "members/sapa/content/bai.md"),
        ("article-outside", "tin-tuc", "content/tin-tuc/"),
        ("unknown-section", "content/khac-han", ""),
        ("unknown-section-near", "content/Tin Tức", "tin-tuc"),
        ("unknown-section-near", "content/tintuc", "tin-tuc"),
        ("word-unread", "content/bao-cao.docx", ""),
    ]  # fmt: skip
