import multiprocessing
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from portalgen.changes.manifest import Manifest
from portalgen.output.lock import Lock
from portalgen.problems import PortalError
from tests.helpers import article, network, problems, run, tree, write

pytestmark = pytest.mark.usefixtures("quick_themes")

FILES = {
    "content/tin-tuc/mot.md": article("Một"),
    "content/tin-tuc/hai.md": article("Hai", "2020-01-09 08:00"),
    "members/sapa/content/y-te/ba.md": article("Ba"),
}
EDIT = {
    "content/tin-tuc/mot.md": article("Một đã sửa"),
    "content/tin-tuc/hai.md": None,
    "content/tin-tuc/bon.md": article("Bốn", "2020-01-12 08:00"),
}


def _build_and_die(root: Path, step: int) -> None:
    """Build, and exit abruptly at the `step`-th change of the file system."""
    count = 0

    def dying(real: Any) -> Any:
        def call(*args: object, **kwargs: object) -> object:
            nonlocal count
            count += 1
            if count == step:
                os._exit(9)
            return real(*args, **kwargs)

        return call

    os.replace = dying(os.replace)
    os.makedirs = dying(os.makedirs)
    Path.unlink = dying(Path.unlink)  # type: ignore[method-assign]
    Manifest.update = dying(Manifest.update)  # type: ignore[method-assign]
    run(root)
    os._exit(0)


def test_a_kill_at_any_step_leaves_pages_whole_and_the_next_build_finishes(tmp_path: Path) -> None:
    start = network(tmp_path / "start", FILES)
    run(start)
    before = tree(start / "public")
    write(start, EDIT)
    reference = tmp_path / "reference"
    run(start, reference, use_cache=False)
    after = tree(reference)
    steps = 0
    for step in range(1, 200):
        root = tmp_path / "copy"
        shutil.rmtree(root, ignore_errors=True)
        shutil.copytree(start, root)
        process = multiprocessing.get_context("fork").Process(
            target=_build_and_die, args=(root, step)
        )
        process.start()
        process.join()
        standing = tree(root / "public")
        for name, data in standing.items():
            assert data in (before.get(name), after.get(name)), f"half-written: {name}"
        for name in before.keys() & after.keys():
            assert name in standing, f"lost: {name}"
        run(root)
        assert tree(root / "public") == after
        if process.exitcode == 0:
            break
        steps += 1
    assert steps > 10


def test_two_builds_at_once_one_says_who_holds_the_lock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portalgen.output.lock.PATIENCE", 0.3)
    root = network(tmp_path, FILES)
    with Lock(root / ".portalgen" / "lock"), pytest.raises(PortalError) as caught:
        run(root)
    assert [p.describe("vi").split(" (")[0] for p in caught.value.problems] == [
        f"Một lệnh portalgen khác đang chạy ở đây: tiến trình {os.getpid()}"
    ]
    assert run(root).files_written > 0


def test_the_lock_of_a_killed_build_is_free(tmp_path: Path) -> None:
    root = network(tmp_path, FILES)
    code = (
        "import sys, time; from pathlib import Path; from portalgen.output.lock import Lock\n"
        f"with Lock(Path({str(root / '.portalgen' / 'lock')!r})): print('held', flush=True);"
        " time.sleep(60)"
    )
    holder = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    assert holder.stdout is not None
    holder.stdout.readline()
    with pytest.raises(PortalError):
        run(root)
    holder.kill()
    holder.wait()
    holder.stdout.close()
    assert run(root).files_written > 0


def test_empty_folders_give_way_to_a_page(tmp_path: Path) -> None:
    root = network(tmp_path, FILES)
    run(root)
    before = tree(root / "public")
    lost = root / "public/main/index.html"
    lost.unlink()
    (lost / "trong").mkdir(parents=True)
    run(root)
    assert tree(root / "public") == before
    (root / "public/main/tin-tuc/moi.html").mkdir()
    write(root, {"content/tin-tuc/moi.md": article("Mới")})
    run(root)
    assert (root / "public/main/tin-tuc/moi.html").is_file()


def test_strict_publishes_nothing_when_something_is_refused(tmp_path: Path) -> None:
    root = network(tmp_path, {**FILES, "content/tin-tuc/hong.md": "---\ntitle: Hỏng\n"})
    with pytest.raises(PortalError):
        run(root, strict=True)
    assert tree(root / "public") == {}
    report = run(root)
    assert problems(report) == [
        "content/tin-tuc/hong.md:1:1: Phần đầu bài mở bằng `---` nhưng không có dòng `---` đóng "
        "lại. Hãy thêm dòng `---` trước nội dung."
    ]
    assert "main/tin-tuc/mot.html" in tree(root / "public")


def test_building_one_site_leaves_the_others_as_they_are(tmp_path: Path) -> None:
    root = network(tmp_path, FILES)
    run(root)
    write(root, {"content/tin-tuc/mot.md": article("Một mới"),
                 "members/sapa/content/y-te/ba.md": article("Ba mới")})  # fmt: skip
    before = {k: v for k, v in tree(root / "public").items() if k.startswith("main/")}
    run(root, sites=("sapa",))
    after = tree(root / "public")
    assert {k: v for k, v in after.items() if k.startswith("main/")} == before
    assert "Ba mới" in after["sapa/y-te/ba.html"].decode()


def test_a_file_becomes_a_folder_and_back(tmp_path: Path) -> None:
    root = network(tmp_path, {**FILES, "static/tep": "một"})
    run(root)
    (root / "static/tep").unlink()
    write(root, {"static/tep/trong.txt": "hai"})
    run(root)
    assert (root / "public/main/tep/trong.txt").read_text() == "hai"
    shutil.rmtree(root / "static/tep")
    write(root, {"static/tep": "ba"})
    run(root)
    assert (root / "public/main/tep").read_text() == "ba"


def test_a_full_disk_loses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = network(tmp_path, FILES)
    run(root)
    before = tree(root / "public")
    write(root, EDIT)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        run(root)
    assert tree(root / "public") == before
    monkeypatch.undo()
    run(root)
    assert "main/tin-tuc/bon.html" in tree(root / "public")
