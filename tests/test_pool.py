import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from portalgen import pool
from tests.serve.serving import until

WORKING = """
import os, sys, time
import pytest

from portalgen import pool
def work(shared, batch):
    open(f"{shared}/{os.getpid()}", "w").close()
    time.sleep(600)
for _ in pool.run(work, sys.argv[1], [1, 2, 3], jobs=2, batch=1):
    pass
"""


def total(shared: int, batch: object) -> int:
    assert isinstance(batch, list)
    return shared + sum(batch)


def test_results_come_in_order_whatever_the_number_of_jobs() -> None:
    items = list(range(100))
    one, two = (list(pool.run(total, 1, items, jobs=jobs, batch=7)) for jobs in (1, 2))
    assert one == two == [1 + sum(items[start : start + 7]) for start in range(0, 100, 7)]


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_workers_end_with_a_process_that_is_killed(tmp_path: Path) -> None:
    process = subprocess.Popen([sys.executable, "-c", WORKING, str(tmp_path)])
    until(lambda: len(os.listdir(tmp_path)) == 2)
    workers = [int(name) for name in os.listdir(tmp_path)]
    assert all(map(is_running, workers))
    process.send_signal(signal.SIGKILL)
    process.wait()
    until(lambda: not any(map(is_running, workers)))


@pytest.mark.parametrize("jobs", [1, 2])
def test_what_is_done_aside_is_done_once(jobs: int, tmp_path: Path) -> None:
    def work() -> str:
        with (tmp_path / "done").open("a") as file:
            file.write(f"{os.getpid()} ")
        return "found"

    with pool.in_background(work, jobs) as result:
        assert result() == result() == "found"
    [by] = (tmp_path / "done").read_text().split()
    assert (int(by) == os.getpid()) == (jobs == 1 or not hasattr(os, "fork"))


def test_what_fails_aside_fails_where_it_is_asked_for() -> None:
    def work() -> str:
        raise OSError("gone")

    with pool.in_background(work, 2) as result, pytest.raises(OSError, match="gone"):
        result()


def test_what_is_done_aside_need_not_be_asked_for() -> None:
    with pool.in_background(lambda: "x" * 1_000_000, 2):
        pass


@pytest.mark.skipif(not hasattr(os, "fork"), reason="nothing is forked here")
def test_nothing_stays_behind_when_something_else_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    forked: list[int] = []
    fork = os.fork

    def noted() -> int:
        forked.append(fork())
        return forked[-1]

    monkeypatch.setattr(os, "fork", noted)
    with pytest.raises(KeyError), pool.in_background(lambda: "x" * 1_000_000, 2):
        raise KeyError
    with pytest.raises(ChildProcessError):
        os.waitpid(forked[0], os.WNOHANG)
