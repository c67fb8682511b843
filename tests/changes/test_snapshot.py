import os
from pathlib import Path

import pytest

from portalgen.changes import snapshot
from portalgen.changes.snapshot import RACY_NANOSECONDS, settled, take_snapshot
from tests.helpers import article, network, write

A = "content/tin-tuc/a.md"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return network(tmp_path, {
        A: article("A"), "static/tep.txt": "x", "members/sapa/content/y-te/b.md": article("B"),
    })  # fmt: skip


def test_what_stays_as_it_is_looks_the_same(root: Path) -> None:
    assert take_snapshot(root).digest == take_snapshot(root).digest


@pytest.mark.parametrize(
    "file", [A, "site.yaml", "static/tep.txt", "members/sapa/content/y-te/b.md", "themes/x/a.css",
             "templates/404.html", "content/moi/moi.md"],
)  # fmt: skip
def test_every_source_counts(root: Path, file: str) -> None:
    before = take_snapshot(root).digest
    write(root, {file: "khác"})
    assert take_snapshot(root).digest != before


def test_the_output_and_our_own_folder_are_no_sources(root: Path) -> None:
    before = take_snapshot(root).digest
    write(root, {"public/main/index.html": "x", ".portalgen/x": "x", "ghi-chu.txt": "x"})
    assert take_snapshot(root).digest == before


def test_a_file_that_is_replaced_with_its_time_and_size_kept_is_seen(root: Path) -> None:
    before, file = take_snapshot(root).digest, root / A
    stat = file.stat()
    beside = file.with_suffix(".new")
    beside.write_bytes(file.read_bytes()[::-1])
    os.utime(beside, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    os.replace(beside, file)
    assert take_snapshot(root).digest != before


def test_a_renamed_file_is_seen(root: Path) -> None:
    before = take_snapshot(root).digest
    (root / A).rename(root / "content/tin-tuc/z.md")
    assert take_snapshot(root).digest != before


def test_a_symbolic_link_makes_the_newest_time_unknown(root: Path) -> None:
    assert take_snapshot(root).newest > 0
    (root / "content/tin-tuc/lien.md").symlink_to("a.md")
    assert take_snapshot(root).newest == 0


def test_a_root_that_is_not_there_can_be_looked_at(tmp_path: Path) -> None:
    assert take_snapshot(tmp_path / "khong-co").newest >= 1


def test_times_settle_after_two_seconds() -> None:
    assert RACY_NANOSECONDS == 2 * 10**9
    assert settled(1, RACY_NANOSECONDS + 2)
    assert not settled(1, RACY_NANOSECONDS + 1)
    assert not settled(0, RACY_NANOSECONDS * 9)


def test_what_cannot_be_looked_at_makes_the_newest_time_unknown(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(root, {"content/anh.jpg": b"x" * 1234})
    before, state = take_snapshot(root), snapshot._state

    def refuse_one(status: os.stat_result) -> tuple[str, int]:
        if status.st_size == 1234:
            raise PermissionError(13, "refused")
        return state(status)

    monkeypatch.setattr(snapshot, "_state", refuse_one)
    after = take_snapshot(root)
    assert after.newest == 0 != before.newest
    assert after.digest != before.digest
    assert take_snapshot(root).digest == after.digest


def test_a_snapshot_counts_the_files_and_bytes_of_each_member(root: Path) -> None:
    write(root, {
        "members/bacha/site.yaml": "title: B\n", "members/bacha/content/tin-tuc/a.jpg": b"x" * 100,
        "members/tep.txt": "x",
    })  # fmt: skip
    (root / "members/bacha/lien-ket").symlink_to(root / "content")
    usage = take_snapshot(root).usage
    assert usage["bacha"] == (2, 109)
    assert "tep.txt" not in usage
