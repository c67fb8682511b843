import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portalgen import pool
from portalgen.limits import Limits
from portalgen.problems import PortalError
from portalgen.worker import Stopped
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


def risky(shared: Path, item: object) -> object:
    """Fails as the item says; notes each try."""
    with (shared / "tries").open("a") as file:
        print(item, file=file)
    if item == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    if item == "once" and not (shared / "died").exists():
        (shared / "died").touch()
        os.kill(os.getpid(), signal.SIGKILL)
    if item == "greedy":
        return len(bytearray(500_000_000))
    if item == "sleep":
        time.sleep(600)
    while item == "endless":
        pass
    if item == "fail":
        raise LookupError("none")
    return item


def tried(folder: Path) -> list[str]:
    return (folder / "tries").read_text().split()


@pytest.mark.parametrize(("item", "reason", "tries"), [
    ("die", "crash", 2), ("greedy", "memory", 2), ("sleep", "wall", 2), ("endless", "time", 1),
])  # fmt: skip
def test_an_item_that_ends_its_process_costs_itself_alone(
    item: str, reason: str, tries: int, tmp_path: Path
) -> None:
    items = [*range(10), item, *range(10, 20)]
    limits = Limits(cpu=1, wall=3, memory=100_000_000)
    results = list(pool.each(risky, tmp_path, items, jobs=2, batch=8, limits=limits))
    assert isinstance(results[10], Stopped)
    assert results[10].reason == reason
    assert results[:10] + results[11:] == list(range(20))
    assert tried(tmp_path).count(item) == tries


def test_what_ended_its_process_once_is_tried_alone(tmp_path: Path) -> None:
    items = ["a", "once", "b"]
    assert list(pool.each(risky, tmp_path, items, jobs=1)) == items
    assert tried(tmp_path).count("once") == 2


def test_an_exception_in_a_worker_is_raised_here(tmp_path: Path) -> None:
    with pytest.raises(LookupError, match="none"):
        list(pool.each(risky, tmp_path, ["a", "fail", "b"], jobs=1))


def test_a_worker_that_the_system_ends_is_told(tmp_path: Path) -> None:
    def work(shared: Path, batch: Sequence[object]) -> list[object]:
        return [risky(shared, item) for item in batch]

    with pytest.raises(PortalError) as error:
        list(pool.run(work, tmp_path, ["a", "die", "b"], jobs=2, batch=1))
    [item] = error.value.problems
    assert item.message("en") == (
        "The system ended a process of this program, most likely because memory ran out. "
        "Close other programs or run this with --jobs 1."
    )


@given(
    items=st.lists(st.sampled_from(["a", "b", "die", "once"]), max_size=12),
    jobs=st.integers(1, 3), batch=st.integers(1, 5),
)  # fmt: skip
@settings(max_examples=15, deadline=None)
def test_each_item_has_its_own_result_in_order(items: list[str], jobs: int, batch: int) -> None:
    with TemporaryDirectory() as folder:
        results = list(pool.each(risky, Path(folder), items, jobs=jobs, batch=batch))
    kept = [item if isinstance(item, str) else "die" for item in results]
    assert kept == items


def test_nothing_is_left_of_workers_that_are_no_longer_needed(tmp_path: Path) -> None:
    results = pool.each(pid_of, None, range(100), jobs=2, batch=1)
    first = next(results)
    results.close()
    assert isinstance(first, int)
    until(lambda: not is_running(first))


def pid_of(_: None, item: int) -> int:
    return os.getpid()
