import errno
import os
import socket
from pathlib import Path

import pytest

from portalgen import sources
from portalgen.problems import Problem


def reason(file: Path, limit: int = 10) -> int:
    with pytest.raises(OSError) as caught:
        sources.read_bytes(file, limit)
    assert caught.value.errno
    return caught.value.errno


def test_a_regular_file_is_read_up_to_the_limit(tmp_path: Path) -> None:
    file = tmp_path / "a"
    file.write_bytes(b"x" * 10)
    assert sources.read_bytes(file, 10) == b"x" * 10
    file.write_bytes(b"x" * 11)
    assert reason(file) == errno.EFBIG
    assert reason(tmp_path / "khong-co") == errno.ENOENT


@pytest.mark.skipif(os.name == "nt", reason="Windows has no pipes in folders")
def test_what_might_never_end_is_not_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("/dev/zero")
    (tmp_path / "folder").mkdir()
    for name in ("pipe", "link", "folder"):
        assert reason(tmp_path / name) == errno.ENODEV
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "socket"))
        assert reason(tmp_path / "socket") == errno.ENXIO


def test_why_is_told_in_words(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    huge = tmp_path / "b"
    huge.touch()
    os.truncate(huge, 3 << 30)  # a sparse file
    told = [sources.read(tmp_path / name, f"content/{name}") for name in "abc"]
    assert [isinstance(each, Problem) and each.describe("en") for each in told] == [
        "content/a: This is not a regular file (but a pipe, a device or a folder), so it is not "
        "read. Delete it, or put a file in its place.",
        "content/b: The file is larger than 4 MB. Split it, or attach the large part as a file.",
        "content/c: The file cannot be read (No such file or directory). Check its permissions, "
        "and the disk.",
    ]
