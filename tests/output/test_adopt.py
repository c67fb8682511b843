"""After the manifest was lost, nothing that stands is deleted, or replaced without a word."""

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from portalgen.changes.manifest import UNPROVEN, Manifest
from portalgen.cli import main
from portalgen.problems import PortalError
from tests.helpers import article, network, page, run, tree, unlike_clean, write

A, B = "content/tin-tuc/a.md", "content/y-te/b.md"
FILES: dict[str, str | bytes | None] = {
    A: article("Bài A"), B: article("Bài B"), "static/x.txt": "x",
    "members/sapa/content/tin-tuc/c.md": article("Bài C"),
}  # fmt: skip


def damage(root: Path, how: str) -> None:
    file = root / "public/.portalgen/manifest.sqlite"
    data = file.read_bytes()
    for suffix in ("-wal", "-shm"):
        file.with_name(f"{file.name}{suffix}").unlink(missing_ok=True)
    file.write_bytes({
        "cut": data[: len(data) // 2], "half a page": data[:5000], "empty": b"",
        "other bytes": b"x" * len(data), "holes": data[:4096] + bytes(len(data) - 4096),
    }[how])  # fmt: skip


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = network(tmp_path, FILES)
    run(root)
    return root


HOW = ("cut", "half a page", "empty", "other bytes", "holes")


@pytest.mark.parametrize("how", HOW)
def test_files_that_are_as_the_build_makes_them_are_adopted(
    tmp_path: Path, root: Path, how: str
) -> None:
    before = tree(root / "public")
    damage(root, how)
    report = run(root)
    assert (report.refused, report.files_written, report.files_removed) == ([], 0, 0)
    assert report.notes == ["manifest-damaged"]
    assert tree(root / "public") == before
    again = run(root)
    assert (again.notes, again.pages_rendered, again.files_written) == ([], 0, 0)
    write(root, {A: None})  # what was adopted is ours again
    assert run(root).files_removed > 0
    assert unlike_clean(root, tmp_path / "clean") == []


@pytest.mark.parametrize("how", HOW)
def test_what_differs_is_replaced_after_a_copy_and_what_no_page_has_stays(
    tmp_path: Path, root: Path, how: str
) -> None:
    write(root / "public", {
        "main/google.html": "của tôi", "main/x.txt": "khác", "sapa/cu/y.html": "xưa",
        "ghi-chu/z.txt": "z", "README": "r",
    })  # fmt: skip
    damage(root, how)
    report = run(root)
    result = {(item.code, item.path) for item in report.refused}
    assert result == {
        ("file-unproven", "main/google.html"), ("file-unproven", "sapa/cu/y.html"),
        ("file-unproven", "ghi-chu/z.txt"), ("file-set-aside", "main/x.txt"),
    }  # fmt: skip
    [aside] = (root / "public/.portalgen").glob("aside-*")
    assert tree(aside) == {"main/x.txt": "khác".encode()}
    assert f".portalgen/{aside.name}/main/x.txt" in str(report.refused)
    assert page(root, "main/x.txt") == "x"
    foreign = {name: (root / "public" / name).read_text("utf-8") for name in
               ("main/google.html", "sapa/cu/y.html", "ghi-chu/z.txt", "README")}  # fmt: skip
    assert list(foreign.values()) == ["của tôi", "xưa", "z", "r"]
    write(root, {A: article("Bài A", body="Mới")})
    again = run(root)
    assert (again.refused, again.files_removed) == ([], 0)
    assert "Mới" in page(root, "main/tin-tuc/a.html")
    for name in foreign:
        (root / "public" / name).unlink()
    assert unlike_clean(root, tmp_path / "clean") == []


def test_an_edit_gets_out_although_the_manifest_is_damaged(tmp_path: Path, root: Path) -> None:
    old = page(root, "main/tin-tuc/a.html")
    write(root, {A: article("Tin khẩn")})
    damage(root, "cut")
    result = CliRunner().invoke(main, ["build", "--root", str(root), "--lang", "en", "--jobs", "1"])
    assert result.exit_code == 3
    assert "The manifest was damaged: made a new one, and adopted the files" in result.stdout
    assert "Tin khẩn" in page(root, "main/tin-tuc/a.html")
    [aside] = (root / "public/.portalgen").glob("aside-*")
    assert (aside / "main/tin-tuc/a.html").read_text("utf-8") == old


def test_a_build_that_fails_first_forgets_nothing(tmp_path: Path, root: Path) -> None:
    damage(root, "cut")
    settings = (root / "site.yaml").read_text("utf-8")
    write(root, {"public/main/google.html": "của tôi", "themes/portal/theme.yaml": "x"})
    with pytest.raises(PortalError):
        run(root)
    shutil.rmtree(root / "themes")
    write(root, {"site.yaml": settings})
    report = run(root)
    assert [item.code for item in report.refused] == ["file-unproven"]
    assert (report.files_written, report.files_removed) == (0, 0)
    assert page(root, "main/google.html") == "của tôi"


def test_of_a_site_that_is_not_built_nothing_is_known_until_it_is(root: Path) -> None:
    damage(root, "cut")
    run(root, sites=("main",))
    manifest = Manifest(root / "public")
    assert {p.key for p in manifest.published("sapa").values()} == {UNPROVEN}
    assert UNPROVEN not in {p.key for p in manifest.published("main").values()}
    manifest.close()
    report = run(root, use_cache=False)
    assert (report.refused, report.files_written, report.files_removed) == ([], 0, 0)


def test_other_commands_leave_a_damaged_manifest_to_the_build(root: Path) -> None:
    damage(root, "cut")
    result = CliRunner().invoke(main, ["status", "--root", str(root), "--lang", "en"])
    assert (result.exit_code, result.stderr) == (
        1,
        "The manifest of the folder “public” is damaged. Run portalgen build: it makes a new one, "
        "adopts the files that are as it makes them, and names the others.\n",
    )
    assert (root / "public/.portalgen/manifest.sqlite").is_file()
