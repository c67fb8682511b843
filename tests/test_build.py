"""A build as a whole: from nothing, from a damaged cache, at other moments and elsewhere."""

import os
from pathlib import Path

import pytest
from msgspec.structs import replace

from portalgen.build import build
from portalgen.problems import PortalError
from portalgen.report import Options
from tests.helpers import (
    MAIN_SETTINGS,
    NOW,
    article,
    network,
    run,
    tree,
    write,
)

pytestmark = pytest.mark.usefixtures("quick_themes")

BASE = {
    **{f"content/tin-tuc/cu-{n}.md": article(f"Bài cũ số {n}", f"2019-11-{n + 1:02} 08:00")
       for n in range(25)},
    "content/y-te/mot.md": article("Trạm y tế xã", tags="[y tế]"),
    "content/gioi-thieu.md": article("Giới thiệu", ""),
    "members/sapa/content/tin-tuc/hai.md": article("Du lịch bản", author="Ban Biên tập"),
}  # fmt: skip


@pytest.fixture(autouse=True)
def trust_fresh_times(monkeypatch: pytest.MonkeyPatch) -> None:
    """Trust the times of files written a moment ago."""
    monkeypatch.setattr("portalgen.changes.snapshot.RACY_NANOSECONDS", 0)


def test_without_the_cache_every_page_is_made_again_and_none_written(tmp_path: Path) -> None:
    root = network(tmp_path, {"content/tin-tuc/a.md": article("Bài A")})
    first = run(root)
    again = run(root, use_cache=False)
    assert (again.pages_rendered, again.files_written) == (first.pages_rendered, 0)
    assert run(root).pages_rendered == 0


def test_a_touched_or_deleted_page_is_made_again(tmp_path: Path) -> None:
    root = network(tmp_path, BASE)
    run(root)
    before = tree(root / "public")
    (root / "public/main/index.html").unlink()
    (root / "public/sapa/index.html").write_text("bị sửa")
    run(root)
    assert tree(root / "public") == before


def test_time_zone_locale_and_hash_seed_change_no_byte(tmp_path: Path) -> None:
    import subprocess
    import sys

    root = network(tmp_path, BASE)
    trees = []
    for number, variables in enumerate(
        [
            {"TZ": "UTC", "LC_ALL": "C", "PYTHONHASHSEED": "1"},
            {"TZ": "America/New_York", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "77"},
        ]
    ):
        output = tmp_path / str(number)
        command = [sys.executable, "-m", "portalgen", "build", "--no-cache", "--now",
                   "2020-01-15 08:00", "--root", str(root), "--output", str(output)]  # fmt: skip
        subprocess.run(command, check=True, env={**os.environ, **variables}, capture_output=True)
        trees.append(tree(output))
    assert trees[0] == trees[1]


@pytest.mark.parametrize(
    ("damage", "note"),
    [
        (b"garbage", "cache-damaged"),
        (b"", "cache-damaged"),
        (b"SQLite format 3\0xxx", "cache-damaged"),
    ],
)
def test_a_damaged_cache_is_as_if_absent(tmp_path: Path, damage: bytes, note: str) -> None:
    root = network(tmp_path, BASE)
    run(root)
    before = tree(root / "public")
    cache = root / ".portalgen/cache.sqlite"
    for name in ("cache.sqlite-wal", "cache.sqlite-shm"):
        (cache.parent / name).unlink(missing_ok=True)
    cache.write_bytes(damage)
    report = run(root)
    assert report.notes == [note]
    assert tree(root / "public") == before


def test_rows_of_a_cache_that_make_no_sense_are_as_if_absent(tmp_path: Path) -> None:
    import sqlite3

    root = network(tmp_path, BASE)
    run(root)
    before = tree(root / "public")
    for sql in (
        "UPDATE articles SET record='[1,'",
        "DELETE FROM bodies",
        "UPDATE neighbours SET best='x'",
    ):
        db = sqlite3.connect(root / ".portalgen/cache.sqlite")
        with db:
            db.execute(sql)
        db.close()
        (root / "public/main/y-te/mot.html").unlink()
        assert run(root).notes == ["cache-damaged"]
        assert tree(root / "public") == before


def test_scheduled_and_expired_articles_come_and_go_with_the_moment(tmp_path: Path) -> None:
    hour = 3600
    files = {
        "content/y-te/hen.md": article("Hẹn giờ", "2020-01-15 09:00", expires="2020-01-15 11:00"),
    }
    root = network(tmp_path, files)
    target = root / "public/main/y-te/hen.html"
    assert run(root).next_change == NOW + hour
    assert not target.exists()
    assert run(root, now=NOW + hour).next_change == NOW + 3 * hour
    assert "Hẹn giờ" in target.read_text("utf-8")
    assert run(root, now=NOW + 3 * hour).next_change == 0
    assert "Hẹn giờ" not in target.read_text("utf-8")
    assert "noindex" in target.read_text("utf-8")  # the page that says it is gone


def test_a_build_of_one_site_counts_its_articles_alone(tmp_path: Path) -> None:
    root = network(tmp_path, BASE)
    report = run(root, sites=("sapa",))
    assert (report.sites, report.articles) == (1, 1)
    assert not (root / "public/main").exists()
    with pytest.raises(PortalError, match="unknown-site"):
        run(root, sites=("sapa", "khac"))
    report = run(root)
    assert (report.sites, report.articles) == (2, 27)
    assert report.files_written + report.files_unchanged == report.pages_planned
    assert report.pages_planned == len(tree(root / "public"))
    assert report.files_removed == 0


def test_what_is_refused_is_named_once_with_its_site(tmp_path: Path) -> None:
    root = network(tmp_path, {
        "members/sapa/content/tin-tuc/a.md": "hỏng", "content/tin-tuc/b.md": "hỏng",
        "members/sapa/templates/404.html": "{{ t.khac }}",
    })  # fmt: skip
    for _ in range(2):
        assert [(item.site, item.path) for item in run(root).refused] == [
            ("main", "content/tin-tuc/b.md"), ("sapa", "members/sapa/content/tin-tuc/a.md"),
            ("sapa", "members/sapa/templates/404.html"),
        ]  # fmt: skip


def test_strict_stops_before_the_first_file_moves(tmp_path: Path) -> None:
    root = network(tmp_path, {**BASE, "content/tin-tuc/b.md": "hỏng"})
    with pytest.raises(PortalError, match="no-front-matter"):
        run(root, strict=True)
    assert tree(root / "public") == {}


def test_the_neighbours_are_not_computed_where_no_block_shows_them(tmp_path: Path) -> None:
    settings = MAIN_SETTINGS.replace("by: similarity, scope: network", "by: section")
    root = network(tmp_path, {**BASE, "site.yaml": settings})
    phases: list[str] = []
    run_with = replace(Options(root, root / "public", NOW), jobs=1)
    build(run_with, progress=lambda phase, done, total: phases.append(phase))
    assert "relate" not in phases
    write(root, {"site.yaml": MAIN_SETTINGS})
    build(run_with, progress=lambda phase, done, total: phases.append(phase))
    assert "relate" in phases


def test_a_cache_of_its_own_is_gone_after_a_build_without_one(tmp_path: Path) -> None:
    root = network(tmp_path, BASE)
    run(root, use_cache=False)
    assert not list((root / ".portalgen").glob("*.sqlite*"))
