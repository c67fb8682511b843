import subprocess
import sys
from pathlib import Path

import pytest

ON_A_FULL_DISK = Path("/dev/full")


def said(arguments: str, to: str) -> tuple[int, str]:
    """The exit code and what went to standard error, standard output going elsewhere."""
    command = f'exec "{sys.executable}" -m portalgen {arguments} {to}'
    found = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False)
    return found.returncode, found.stderr


@pytest.mark.skipif(not ON_A_FULL_DISK.exists(), reason="no device that is always full")
def test_no_room_for_what_is_said_is_told_in_one_line() -> None:
    assert said("--version", ">/dev/full") == (1, "No space left on device\n")


@pytest.mark.skipif(sys.platform == "win32", reason="no shell that closes a stream")
def test_a_closed_output_is_nothing_to_fail_for() -> None:
    assert said("--version", ">&-") == (0, "")
