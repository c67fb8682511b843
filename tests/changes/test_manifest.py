"""The manifest: what was published, of what it was made, and what of it no longer stands."""

import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from portalgen.changes.manifest import (
    Manifest,
    Published,
    SiteFiles,
    find_lost,
)
from portalgen.problems import PortalError

FILES = {
    ("main", "index.html"): "một",
    ("main", "tin-tuc/a.html"): "hai",
    ("main", "tin-tuc/b.html"): "ba",
    ("main", "tin-tuc/cu/c.html"): "bốn",
    ("sapa", "index.html"): "năm",
}


def put(output: Path, site: str, route: str, text: str) -> Published:
    file = output / site / route
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, "utf-8")
    stat = file.stat()
    return Published(f"key of {route}", f"digest of {text}", stat.st_size, stat.st_mtime_ns)


def rows(output: Path) -> list[tuple[str, str, Published]]:
    return [(site, route, put(output, site, route, text)) for (site, route), text in FILES.items()]


@pytest.fixture
def manifest(tmp_path: Path) -> Iterator[Manifest]:
    """All files recorded and standing; opened anew."""
    first = Manifest(tmp_path)
    first.update(rows(tmp_path), [], {"main": "m1", "sapa": "s1"})
    first.close()
    opened = Manifest(tmp_path)
    yield opened
    opened.close()


def again(manifest: Manifest, tmp_path: Path, *, trusted: bool = True) -> Manifest:
    manifest.close()
    return Manifest(tmp_path, trusted=trusted)


def test_what_was_recorded_is_known(manifest: Manifest, tmp_path: Path) -> None:
    for site, route, made in rows(tmp_path):
        known = manifest.published(site)[route]
        assert (known.key, known.digest, known.size) == (made.key, made.digest, made.size)
    assert manifest.counts == {"main": 4, "sapa": 1}
    assert set(manifest.published("main")) == {route for site, route in FILES if site == "main"}
    assert manifest.published("bacha") == {}
    assert manifest.site_keys == {"main": "m1", "sapa": "s1"}
    assert manifest.last == ""


def test_what_is_known_is_asked_for_once(manifest: Manifest) -> None:
    assert manifest.published("main") is manifest.published("main")


def test_nothing_is_lost_while_all_stands(manifest: Manifest, tmp_path: Path) -> None:
    assert manifest.lost == {}
    (tmp_path / "main/tin-tuc/la.html").write_text("của người khác")
    assert again(manifest, tmp_path).lost == {}


def test_what_was_touched_cut_or_removed_is_lost(manifest: Manifest, tmp_path: Path) -> None:
    os.utime(tmp_path / "main/index.html", (1, 1))
    file = tmp_path / "main/tin-tuc/a.html"
    time = file.stat().st_mtime_ns
    file.write_text("hai hai")
    os.utime(file, ns=(time, time))
    (tmp_path / "main/tin-tuc/cu/c.html").unlink()
    (tmp_path / "main/tin-tuc/cu").rmdir()
    lost = {"main": {"index.html", "tin-tuc/a.html", "tin-tuc/cu/c.html"}}
    assert manifest.lost == lost
    assert manifest.of("main") == SiteFiles(manifest.published("main"), lost["main"])
    assert manifest.of("sapa") == SiteFiles(manifest.published("sapa"), set())
    assert find_lost(tmp_path) == lost


def test_a_link_in_the_place_of_a_file_is_no_file_of_ours(
    manifest: Manifest, tmp_path: Path
) -> None:
    file = tmp_path / "main/index.html"
    file.rename(tmp_path / "that.html")
    file.symlink_to(tmp_path / "that.html")
    (tmp_path / "main/tin-tuc/la").symlink_to(tmp_path / "that.html")
    assert manifest.lost == {"main": {"index.html"}}


def test_somebody_else_may_tell_what_is_lost(tmp_path: Path, manifest: Manifest) -> None:
    other = Manifest(tmp_path, lambda: {"main": {"x.html"}})
    assert other.lost == {"main": {"x.html"}}
    other.close()


@pytest.mark.parametrize("name", ["main/index.html", "main/tin-tuc/a.html"])
@pytest.mark.parametrize("is_touched", [False, True])
def test_what_is_hidden_from_web_servers_is_opened_to_them(
    manifest: Manifest, tmp_path: Path, name: str, is_touched: bool
) -> None:
    foreign = (tmp_path / name).with_name("la.html")
    for file in (tmp_path / name, foreign):
        file.touch()
        os.chmod(file, 0o600)
    if is_touched:
        os.utime(tmp_path / "main/tin-tuc/b.html", (1, 1))
    else:
        foreign.unlink()
    times = (tmp_path / "sapa").stat()
    os.chmod(tmp_path / "main/tin-tuc", 0o700)
    lost = manifest.lost
    assert "main" not in lost or name.removeprefix("main/") in lost["main"] or is_touched
    assert (tmp_path / name).stat().st_mode & 0o777 == 0o644
    assert (tmp_path / "main/tin-tuc").stat().st_mode & 0o777 == 0o755
    assert (tmp_path / "sapa").stat().st_mode == times.st_mode
    if is_touched:
        assert foreign.stat().st_mode & 0o777 == 0o600


def test_an_open_file_keeps_its_mode(manifest: Manifest, tmp_path: Path) -> None:
    os.chmod(tmp_path / "main/index.html", 0o666)
    assert manifest.lost == {}
    assert (tmp_path / "main/index.html").stat().st_mode & 0o777 == 0o666


def test_what_is_not_trusted_tells_of_what_nothing_was_made(
    manifest: Manifest, tmp_path: Path
) -> None:
    doubted = again(manifest, tmp_path, trusted=False)
    assert doubted.site_keys == {}
    assert {known.key for known in doubted.published("main").values()} == {""}
    assert doubted.published("sapa")["index.html"].digest == "digest of năm"
    doubted.close()


def test_an_update_takes_what_changed_and_leaves_the_rest(
    manifest: Manifest, tmp_path: Path
) -> None:
    manifest.last = "a record"
    gone = ("main", "tin-tuc/cu/c.html")
    (tmp_path / "main" / gone[1]).unlink()
    new = put(tmp_path, "sapa", "y-te/d.html", "sáu")
    changed = put(tmp_path, "main", "index.html", "bảy bảy")
    manifest.update(
        [("sapa", "y-te/d.html", new), ("main", "index.html", changed)], [gone], {"main": "m2"}
    )
    found = again(manifest, tmp_path)
    assert found.last == ""
    assert found.site_keys == {"main": "m2"}
    assert found.counts == {"main": 3, "sapa": 2}
    assert found.published("sapa")["y-te/d.html"] == new
    assert found.published("main")["index.html"] == changed
    assert gone[1] not in found.published("main")
    assert found.lost == {}
    (tmp_path / "main/index.html").unlink()
    (tmp_path / "main/tin-tuc/b.html").unlink()
    found = again(found, tmp_path)
    assert found.lost == {"main": {"index.html", "tin-tuc/b.html"}}
    found.close()


def test_a_folder_left_empty_is_not_looked_at(manifest: Manifest, tmp_path: Path) -> None:
    manifest.update([], [("main", "tin-tuc/cu/c.html")], {})
    assert manifest.db.execute("SELECT folder FROM folders WHERE site='main'").fetchall() == [
        ("",), ("tin-tuc",),
    ]  # fmt: skip


def test_files_of_one_name_in_two_folders_are_two(manifest: Manifest, tmp_path: Path) -> None:
    manifest.update([("sapa", "y-te/index.html", put(tmp_path, "sapa", "y-te/index.html", "x"))],
                    [("sapa", "index.html")], {})  # fmt: skip
    assert set(again(manifest, tmp_path).published("sapa")) == {"y-te/index.html"}


def test_only_the_newest_record_is_remembered(manifest: Manifest, tmp_path: Path) -> None:
    manifest.last = "one"
    manifest.last = "two"
    manifest = again(manifest, tmp_path)
    assert manifest.last == "two"
    assert manifest.db.execute("SELECT COUNT(*) FROM last").fetchone() == (1,)
    manifest.close()


def test_an_update_that_fails_changes_nothing(manifest: Manifest, tmp_path: Path) -> None:
    bad = Published("key", "digest", None, 0)  # type: ignore[arg-type]
    with pytest.raises(PortalError):
        manifest.update([("main", "x.html", bad)], [("main", "index.html")], {"main": "m2"})
    manifest = again(manifest, tmp_path)
    assert manifest.counts == {"main": 4, "sapa": 1}
    assert manifest.site_keys == {"main": "m1", "sapa": "s1"}
    manifest.close()


def test_where_nothing_was_published_nothing_is_lost_and_nothing_made(tmp_path: Path) -> None:
    assert find_lost(tmp_path / "public") == {}
    assert not (tmp_path / "public").exists()


def damage(file: Path, how: str) -> None:
    if how == "no database":
        file.write_bytes(b"thu" * 999)
    else:
        db = sqlite3.connect(file)
        db.execute(f"DROP TABLE {how}")
        db.execute(f"CREATE TABLE {how} (x)")
        db.commit()
        db.close()


@pytest.mark.parametrize("how", ["no database", "files", "folders"])
def test_a_manifest_that_makes_no_sense_stops_everything(
    manifest: Manifest, tmp_path: Path, how: str
) -> None:
    (tmp_path / "main/index.html").unlink()
    manifest.close()
    damage(tmp_path / ".portalgen/manifest.sqlite", how)
    with pytest.raises(PortalError) as caught:
        damaged = Manifest(tmp_path)
        assert damaged.counts and damaged.lost
    [problem] = caught.value.problems
    assert (problem.code, problem.path) == ("manifest-damaged", "")
    assert dict(problem.values) == {"name": tmp_path.name}
