"""One process at a time writes to a folder."""

import os
import socket
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from portalgen.output.lock import Lock
from portalgen.problems import PortalError

HOLD = """\
import sys
from pathlib import Path
from portalgen.output.lock import Lock
with Lock(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def refusal(file: Path) -> str:
    with pytest.raises(PortalError) as caught, Lock(file):
        pass
    [problem] = caught.value.problems
    assert problem.code == "locked"
    assert problem.path == ""
    return dict(problem.values)["holder"]


def test_the_lock_says_who_holds_it_and_is_free_afterwards(tmp_path: Path) -> None:
    file = tmp_path / "own/folder/lock"
    for _ in range(2):
        with Lock(file) as lock:
            assert lock.file == file
            assert file.read_text() == me()
            assert refusal(file) == me()
            assert refusal(file) == me()
    assert oct(file.stat().st_mode & 0o7777) == oct(0o644 & ~umask())


def test_an_error_lets_go_of_the_lock(tmp_path: Path) -> None:
    with pytest.raises(KeyError), Lock(tmp_path / "lock"):
        raise KeyError
    with Lock(tmp_path / "lock"):
        pass


def test_who_is_refused_lets_nobody_in_and_keeps_nothing_open(tmp_path: Path) -> None:
    before = len(os.listdir("/dev/fd"))
    with Lock(tmp_path / "lock"):
        for _ in range(3):
            refusal(tmp_path / "lock")
        assert len(os.listdir("/dev/fd")) == before + 1
    assert len(os.listdir("/dev/fd")) == before


@pytest.mark.parametrize(
    ("said", "holder"), [(b"", "?"), (b" \n", "?"), (b"7 (may)\n", "7 (may)"), (b"\xff", "\ufffd"),
                         (b"x" * 999, "x" * 200)],
)  # fmt: skip
def test_a_holder_who_said_something_else_is_named_as_far_as_can_be(
    tmp_path: Path, said: bytes, holder: str
) -> None:
    file = tmp_path / "lock"
    with Lock(file):
        file.write_bytes(said)
        assert refusal(file) == holder


def test_a_longer_name_of_an_earlier_holder_leaves_nothing_behind(tmp_path: Path) -> None:
    file = tmp_path / "lock"
    file.write_text("9999999 (" + "x" * 300 + ")")
    with Lock(file):
        assert file.read_text() == me()


def test_a_full_disk_takes_only_the_name_of_the_holder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(handle: int, data: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    with Lock(tmp_path / "lock"):
        assert refusal(tmp_path / "lock") == "?"


def test_the_lock_of_a_process_that_was_killed_is_free(tmp_path: Path) -> None:
    file = tmp_path / "lock"
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )  # fmt: skip
    try:
        assert holder.stdout and holder.stdout.readline() == b"held\n"
        assert refusal(file) == f"{holder.pid} ({socket.gethostname()})"
    finally:
        holder.kill()
        holder.communicate()
    with Lock(file):
        assert file.read_text() == me()


def test_windows_locks_a_byte_far_behind_the_name_which_others_can_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken: list[tuple[int, int]] = []

    def locking(handle: int, mode: str, size: int) -> None:
        assert mode == "LK_NBLCK"
        taken.append((os.lseek(handle, 0, os.SEEK_CUR), size))
        if len(taken) > 1:
            raise PermissionError

    windows = SimpleNamespace(locking=locking, LK_NBLCK="LK_NBLCK")
    monkeypatch.setitem(sys.modules, "msvcrt", windows)
    file = tmp_path / "lock"
    with monkeypatch.context() as patch:
        patch.setattr(os, "name", "nt")
        with Lock(file):
            assert os.path.getsize(file) == len(me())
            refusal(file)
    assert taken == [(1 << 20, 1)] * 2


def me() -> str:
    return f"{os.getpid()} ({socket.gethostname()})"


def umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def test_who_is_patient_has_it_as_soon_as_it_is_free(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "lock"
    held = Lock(file)
    held.__enter__()
    waited: list[float] = []

    def sleep(seconds: float) -> None:
        waited.append(seconds)
        if len(waited) == 3:
            held.__exit__(None, None, None)

    monkeypatch.setattr("portalgen.output.lock.time.sleep", sleep)
    with Lock(file, patient=True):
        assert file.read_text() == me()
    assert len(waited) == 3


def test_patience_ends_and_names_the_holder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [0.0]
    monkeypatch.setattr("portalgen.output.lock.time.monotonic", lambda: clock[0])
    monkeypatch.setattr(
        "portalgen.output.lock.time.sleep", lambda seconds: clock.__setitem__(0, clock[0] + seconds)
    )
    file = tmp_path / "lock"
    with Lock(file), pytest.raises(PortalError) as caught, Lock(file, patient=True):
        pass
    assert dict(caught.value.problems[0].values)["holder"] == me()
    assert 10 <= clock[0] < 10.2
