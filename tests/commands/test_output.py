import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from portalgen.cli import main
from tests.helpers import article, network

ON_A_FULL_DISK = Path("/dev/full")


def said(arguments: str, to: str) -> tuple[int, str]:
    """The exit code and standard error, with standard output redirected."""
    command = f'exec "{sys.executable}" -m portalgen {arguments} {to}'
    found = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False)
    return found.returncode, found.stderr


@pytest.mark.skipif(not ON_A_FULL_DISK.exists(), reason="no device that is always full")
def test_no_room_for_what_is_said_is_told_in_one_line() -> None:
    assert said("--version", ">/dev/full") == (1, "No space left on device\n")


@pytest.mark.skipif(sys.platform == "win32", reason="no shell that closes a stream")
def test_a_closed_output_is_nothing_to_fail_for() -> None:
    assert said("--version", ">&-") == (0, "")


def build(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["build", "--jobs", "1", *map(str, arguments)])


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (28, "Đĩa đã đầy. Hãy dọn bớt rồi chạy lại; những gì đã xuất bản vẫn nguyên.\n"),
        (13, "Không được phép ghi vào “journal.tmp”. Hãy kiểm tra quyền của thư mục này.\n"),
        (30, "Không được phép ghi vào “journal.tmp”. Hãy kiểm tra quyền của thư mục này.\n"),
        (5, "journal.tmp: Input/output error.\n"),
    ],
)
def test_what_the_system_refuses_is_said_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, said: str
) -> None:
    def refused(*_: object) -> None:
        raise OSError(number, os.strerror(number), "/may/journal.tmp")

    monkeypatch.setattr(os, "fsync", refused)
    result = build("--root", network(tmp_path, {"content/tin-tuc/a.md": article("A")}))
    assert result.exit_code == 1
    assert result.stderr.startswith(said)


def test_a_root_that_is_not_there_is_named(tmp_path: Path) -> None:
    result = build("--root", tmp_path / "nham")
    assert (result.exit_code, result.stderr.split("\n")[0]) == (
        1,
        f"Không có thư mục “{tmp_path / 'nham'}”. Hãy sửa --root, hoặc chạy lệnh trong thư mục "
        "có site.yaml.",
    )


def test_what_to_open_is_a_site_that_was_built(tmp_path: Path) -> None:
    root = network(tmp_path, {"content/tin-tuc/a.md": article("A")})
    output = tmp_path / "sapa"
    said = build("--root", root, "--site", "sapa", "--output", output).stdout
    assert f"Mở {output}/sapa/index.html" in said
