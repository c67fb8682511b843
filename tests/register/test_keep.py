"""Good versions that stand again, and what of them is nowhere any more."""

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from portalgen.cli import main
from tests.helpers import article, network, page, picture, problems, run, write
from tests.register.readers import build_twice

pytestmark = pytest.mark.usefixtures("quick_themes")

A, B = "content/tin-tuc/a.md", "content/tin-tuc/b.md"
A_PAGE = "main/tin-tuc/a.html"
BROKEN = "---\ntitle: Hỏng\n"
FILES: dict[str, str | bytes | None] = {
    A: article("Lúa chín", body="![Ruộng](a.jpg)\n\nXem [báo cáo](b.pdf).", image="a.jpg"),
    "content/tin-tuc/a.jpg": picture(800, 600), "content/tin-tuc/b.pdf": b"%PDF",
    B: article("B"),
}  # fmt: skip


def kept(tmp_path: Path) -> Path:
    """A network whose article cannot be read any more, nor its files."""
    root = network(tmp_path, FILES)
    assert problems(run(root)) == []
    write(root, {A: BROKEN, "content/tin-tuc/a.jpg": None, "content/tin-tuc/b.pdf": None})
    return root


def test_its_pictures_and_attachments_stay_with_it(tmp_path: Path) -> None:
    root = kept(tmp_path)
    before = page(root, A_PAGE)
    build_twice(root, tmp_path / "clean")
    assert page(root, A_PAGE) == before
    assert {"<figure>", "báo cáo</a>"} <= {
        part for part in ("<figure>", "báo cáo</a>") if part in before
    }


def test_its_files_come_from_the_output_if_the_store_is_lost(tmp_path: Path) -> None:
    root = kept(tmp_path)
    before = page(root, A_PAGE)
    shutil.rmtree(root / ".portalgen")
    run(root)
    assert page(root, A_PAGE) == before
    build_twice(root, tmp_path / "clean")


def test_what_is_nowhere_is_left_out(tmp_path: Path) -> None:
    root = kept(tmp_path)
    shutil.rmtree(root / ".portalgen")
    shutil.rmtree(root / "public")
    build_twice(root, tmp_path / "clean")
    shown = page(root, A_PAGE)
    assert ("<figure>" in shown, "/media/" in shown) == (False, False)
    assert "Xem báo cáo." in shown


def test_check_and_status_know_what_stays(tmp_path: Path) -> None:
    root = kept(tmp_path)
    command = ["--root", str(root), "--now", "2020-01-15 08:00"]
    result = CliRunner().invoke(main, ["check", *command])
    assert result.exit_code == 3
    assert f"{A}:1:1: Giữ bản đã đăng lúc 08:00, 15/01/2020" in result.stderr
    assert "Lúa chín" in page(root, A_PAGE)
    assert CliRunner().invoke(main, ["check", *command]).output == result.output


def test_a_version_that_makes_no_sense_to_this_program_is_not_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = kept(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr("portalgen.register.keep.from_bytes", lambda *rest: None)
        report = run(root)
    assert [(item.path, item.kept) for item in report.refused] == [(A, "")]
    assert "noindex" in page(root, A_PAGE)
