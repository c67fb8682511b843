"""The progress of a build, shown only on a terminal."""

import os
import pty
import subprocess
import sys
from pathlib import Path

from tests.helpers import article, network


def on_a_terminal(*words: str) -> str:
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "portalgen", *words], stdout=theirs, stderr=theirs
    )
    os.close(theirs)
    found = b""
    try:
        while part := os.read(ours, 4096):
            found += part
    except OSError:  # on Linux, the other end is closed
        pass
    assert process.wait() == 0
    os.close(ours)
    return found.decode()


def of_articles(folder: Path) -> Path:
    files = {f"content/y-te/bai-{n}.md": article(f"Trạm y tế số {n}") for n in range(40)}
    return network(folder, files)


def test_a_terminal_shows_how_far_a_build_is(tmp_path: Path) -> None:
    root = of_articles(tmp_path)
    told = on_a_terminal("build", "--root", str(root), "--jobs", "1")
    steps = told.split("\r\x1b[K")
    assert "Đọc bài viết 32/40" in steps
    assert "Đọc bài viết 40/40" in steps
    assert any(step.startswith("Tìm tin liên quan ") for step in steps)
    assert "Dựng các trang 4/4" in steps
    assert steps[-1].startswith("Đã dựng 2 trang")  # the line is cleared before the summary


def test_a_file_gets_the_result_alone(tmp_path: Path) -> None:
    root = of_articles(tmp_path)
    words = [sys.executable, "-m", "portalgen", "build", "--root", str(root), "--jobs", "1"]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    assert done.stdout.startswith("Đã dựng 2 trang")
