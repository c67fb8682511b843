"""Workers, forked and spawned alike."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest

from portalgen import worker
from portalgen.limits import CRASH, LIMITS, TIME, Limits
from portalgen.worker import Failed, Job, Worker

Start = Callable[[Any], Worker]


def work(shared: int, item: Any) -> Any:
    if item == "die":
        os._exit(3)
    if item == "fail":
        raise LookupError("none")
    if item == "odd":
        raise _OddError(3)
    if item == "endless":
        while True:
            pass
    if item == "deaf":
        return sum(range(10**11))
    if item == "sleep":
        time.sleep(600)
    return [shared, item]


class _OddError(Exception):
    """Cannot be sent."""

    def __reduce__(self) -> str:
        raise TypeError


@pytest.fixture(params=["forked", "spawned"])
def start(request: pytest.FixtureRequest) -> Iterator[Start]:
    started: list[Worker] = []

    def start(limits: Limits = LIMITS) -> Worker:
        job = Job(work, 7, limits)
        new = worker.Forked(job, started) if request.param == "forked" else worker.Spawned(job)
        started.append(new)
        return new

    yield start
    for each in started:
        with suppress(OSError, ValueError):  # the test did
            each.end()


def results(of: Worker) -> list[tuple[int, Any]] | None:
    """The next results, waited for."""
    assert worker.wait([of], 60) == [of]
    return of.results()


def all_results(of: Worker, count: int) -> list[tuple[int, Any]]:
    collected: list[tuple[int, Any]] = []
    while len(collected) < count:
        collected += results(of) or []
    return collected


def test_items_are_done_in_their_order_with_what_is_shared(start: Any) -> None:
    worker_process = start()
    worker_process.give([(4, "a"), (2, "b")])
    assert all_results(worker_process, 2) == [(4, [7, "a"]), (2, [7, "b"])]
    worker_process.give([(1, "c")])
    assert all_results(worker_process, 1) == [(1, [7, "c"])]


def test_a_result_of_any_size_arrives(start: Any) -> None:
    worker_process = start()
    worker_process.give([(0, "x" * 3_000_000), (1, "y")])
    assert [len(result[1]) for _, result in all_results(worker_process, 2)] == [3_000_000, 1]


def test_an_exception_is_sent(start: Any) -> None:
    worker_process = start()
    worker_process.give([(0, "fail"), (1, "odd"), (2, "a")])
    (_, first), (_, second), (_, third) = all_results(worker_process, 3)
    assert isinstance(first, Failed)
    assert isinstance(first.error, LookupError)
    assert repr(second.error) == "RuntimeError('_OddError(3)')"
    assert third == [7, "a"]


def test_one_that_dies_is_gone(start: Any) -> None:
    worker_process = start()
    worker_process.give([(0, "die")])
    assert results(worker_process) is None
    assert worker_process.end() == CRASH


def test_one_that_the_system_ends_for_its_time_is_known(start: Any) -> None:
    worker_process = start(Limits(cpu=1))
    worker_process.give([(0, "endless"), (1, "deaf")])
    [(number, ended)] = all_results(worker_process, 1)
    assert (number, ended.reason) == (0, TIME)
    assert "test_worker.py" in {os.path.basename(file) for file, _ in ended.lines}
    assert results(worker_process) is None
    if isinstance(worker_process, worker.Forked):
        assert worker_process.end() == TIME


def test_one_can_be_ended_in_the_middle(start: Any) -> None:
    worker_process = start()
    worker_process.give([(0, "sleep")])
    assert worker.wait([worker_process], 0.2) == []
    worker_process.end()


def test_what_is_given_to_a_dead_one_is_no_error(start: Any) -> None:
    worker_process = start()
    worker_process.give([(0, "die")])
    assert results(worker_process) is None
    worker_process.give([(1, "a")])
    assert results(worker_process) is None


def test_several_are_waited_for_together(start: Any) -> None:
    slow, quick = start(), start()
    slow.give([(0, "sleep")])
    quick.give([(1, "a")])
    assert worker.wait([slow, quick], 60) == [quick]
    assert quick.results() == [(1, [7, "a"])]


def test_lines_are_those_an_exception_went_through() -> None:
    try:
        work(0, "fail")
    except LookupError as error:
        names = [os.path.basename(file) for file, _ in worker.lines_of(error)]
    assert names == ["test_worker.py", "test_worker.py"]
