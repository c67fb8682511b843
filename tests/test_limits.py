"""What work in a process may take. Everything here runs in workers of its own."""

import resource
import time
from typing import Any

import pytest

from portalgen import limits, pool
from portalgen.limits import MEMORY, TIME, Limits, ended_problem, limited
from portalgen.worker import Stopped

MB = 1024**2


def endless(_: None, item: str) -> str:
    while item == "endless":
        pass
    return item


def ended(work: Any, items: list[Any], limits: Limits) -> list[Any]:
    """The results, of what was ended only the reason."""
    results = pool.each(work, None, items, jobs=1, limits=limits)
    return [item.reason if isinstance(item, Stopped) else item for item in results]


def test_python_code_without_an_end_is_ended() -> None:
    assert ended(endless, ["a", "endless", "b"], Limits(cpu=1)) == ["a", TIME, "b"]


def swallowing(_: None, item: int) -> int:
    for _turn in range(item):
        try:
            while True:
                pass
        except BaseException:
            pass
    return item


def test_code_that_swallows_every_exception_is_ended_all_the_same() -> None:
    assert ended(swallowing, [0, 1000], Limits(cpu=1)) == [0, TIME]


def deaf(_: None, item: int) -> int:
    return len(str(10**1000)) if item == 0 else sum(range(10**11))


def test_a_library_that_does_not_react_is_ended_by_the_system() -> None:
    assert ended(deaf, [0, 1], Limits(cpu=1)) == [1001, TIME]


def greedy(_: None, item: int) -> int:
    return len(bytearray(item))


def test_memory_is_limited_beyond_what_the_process_has() -> None:
    assert ended(greedy, [10 * MB, 300 * MB, 20 * MB], Limits(memory=100 * MB)) == [
        10 * MB, MEMORY, 20 * MB,
    ]  # fmt: skip


def growing(kept: list[bytearray], item: int) -> int:
    kept.append(bytearray(item))
    return len(kept)


def test_each_item_has_the_limit_for_itself() -> None:
    results = pool.each(growing, [], [60 * MB] * 3, jobs=1, limits=Limits(memory=100 * MB))
    assert list(results) == [1, 2, 3]


def step_by_step(_: None, restarts: bool) -> str:
    for _step in range(4):
        until = time.process_time() + 0.6
        while time.process_time() < until:
            pass
        if restarts:
            limits.restart_clock()
    return "done"


def test_work_that_makes_what_it_keeps_has_its_time_anew() -> None:
    assert ended(step_by_step, [True, False], Limits(cpu=1)) == ["done", TIME]


def own_limits(_: None, item: int) -> tuple[int, int]:
    return resource.getrlimit(resource.RLIMIT_CPU)[0], resource.getrlimit(resource.RLIMIT_AS)[0]


def within_and_after(_: None, item: int) -> list[bool]:
    infinite = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
    with limited(Limits(cpu=3, memory=MB)):
        within = own_limits(None, 0)
    return [infinite[0] in within, own_limits(None, 0) == infinite]


def test_limits_are_lifted_after_the_work() -> None:
    [result] = pool.each(within_and_after, None, [0], jobs=1, limits=Limits(0, 60, 0))
    assert result == [False, True]


def test_this_process_is_never_limited() -> None:
    before = own_limits(None, 0)
    with limited(Limits(cpu=1, memory=1)):
        assert own_limits(None, 0) == before
        assert len(bytearray(MB)) == MB


@pytest.mark.parametrize(("reason", "code"), [
    ("time", "text-ended-time"), ("memory", "text-ended-memory"), ("crash", "text-ended-crash"),
    ("wall", "text-ended-crash"),
])  # fmt: skip
def test_the_problem_says_which_limit(reason: str, code: str) -> None:
    item = ended_problem("text", reason, "content/a.md", 3)
    assert (item.code, item.path, item.line) == (code, "content/a.md", 3)
    assert "{" not in item.message("vi") + item.message("en")


def test_the_messages_name_the_limits() -> None:
    assert "10 seconds" in ended_problem("template", "time", "a.html").message("en")
    assert "512 MB" in ended_problem("text", "memory", "a.md").message("vi")
