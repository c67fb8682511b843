import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from portalgen.cli import main

ON_A_FULL_DISK = Path("/dev/full")


def ending(arguments: str, to: str) -> tuple[int, str]:
    """The exit code and standard error, with standard output redirected."""
    command = f'exec "{sys.executable}" -m portalgen {arguments} {to}'
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False)
    return done.returncode, done.stderr


@pytest.mark.skipif(not ON_A_FULL_DISK.exists(), reason="no device that is always full")
def test_no_room_for_what_is_said_is_told_in_one_line() -> None:
    assert ending("--version", ">/dev/full") == (1, "No space left on device\n")


@pytest.mark.skipif(sys.platform == "win32", reason="no shell that closes a stream")
def test_a_closed_output_is_nothing_to_fail_for() -> None:
    assert ending("--version", ">&-") == (0, "")


def test_an_unknown_command_is_wrong_usage() -> None:
    code, errors = ending("dung", "")
    assert code == 2
    assert errors.endswith("Error: No such command 'dung'.\n")


def test_help_names_the_commands_in_the_order_of_their_use() -> None:
    lines = CliRunner().invoke(main, ["-h"]).stdout.partition("Commands:\n")[2].splitlines()
    assert [line.split()[0] for line in lines] == [
        "build", "serve", "check", "new", "import", "deploy", "releases", "nginx", "verify",
        "status", "explain", "addresses",
    ]  # fmt: skip


def test_what_a_terminal_cannot_show_is_replaced_and_does_not_stop_a_command() -> None:
    command = [sys.executable, "-m", "portalgen", "build", "--root", "/khong-có", "--lang", "vi"]
    done = subprocess.run(
        command, capture_output=True, check=False, env={**os.environ, "PYTHONIOENCODING": "latin-1"}
    )
    assert done.returncode == 1
    assert done.stderr.decode("latin-1").startswith("Không có th? m?c ")
