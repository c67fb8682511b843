"""Run work on several processors, with results in order."""

import os
import pickle
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from typing import Any, Protocol, TypeVar, cast

from portalgen.limits import LIMITS, NO_LIMITS, TIME, WALL, Limits
from portalgen.problems import PortalError, problem
from portalgen.worker import Failed, Job, Stopped, Worker, start, wait

Item = TypeVar("Item")
Result = TypeVar("Result")
Work = Callable[[Any, Sequence[Item]], Result]
Progress = Callable[[int, int], None]  # done, total


def silent(done: int, total: int) -> None:
    """Default progress callback: does nothing."""


class Run(Protocol):
    """The type of `run`, which `cluster` implements for other machines."""

    def __call__(
        self,
        work: Work[Item, Result],
        shared: Any,
        items: Sequence[Item],
        *,
        jobs: int,
        batch: int = 64,
    ) -> Iterator[Result]:
        """Yield `work(shared, batch)` for consecutive batches of `items`, in order."""


@contextmanager
def in_background(work: Callable[[], Result], jobs: int) -> Iterator[Callable[[], Result]]:
    """Run `work` in a background process; yields a function that waits for its result.

    With one job (0: one for each processor), or where the system cannot fork, `work` runs when the
    result is requested.
    """
    if (jobs or processors()) == 1 or not hasattr(os, "fork"):
        yield cache(work)
        return
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.close(reading)  # so that writing fails once the parent has closed its end
        with suppress(BaseException), open(writing, "wb") as pipe:
            pipe.write(pickle.dumps(work()))
        os._exit(0)
    os.close(writing)
    try:
        with open(reading, "rb") as reader:

            @cache
            def result() -> Result:
                data = reader.read()
                # Without data the work failed; repeated here, it raises its error.
                return cast(Result, pickle.loads(data)) if data else work()

            yield result
    finally:
        os.waitpid(child, 0)


def processors() -> int:
    """The number of processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def run(
    work: Work[Item, Result], shared: Any, items: Sequence[Item], *, jobs: int, batch: int = 64
) -> Iterator[Result]:
    """Yield `work(shared, batch)` for consecutive batches of `items`, in order.

    A single batch, or `jobs=1`, runs in this process. Raises `PortalError` if the system ends a
    worker.
    """
    batches = [items[start : start + batch] for start in range(0, len(items), batch)]
    if jobs == 1 or len(batches) < 2:
        for part in batches:
            yield work(shared, part)
        return
    for result in each(work, shared, batches, jobs=jobs, batch=1, limits=NO_LIMITS):
        if isinstance(result, Stopped):
            raise PortalError([problem("worker-ended")])
        yield result


def each(
    work: Callable[[Any, Item], Result], shared: Any, items: Sequence[Item], *, jobs: int,
    batch: int = 32, limits: Limits | None = None,
) -> Generator[Result | Stopped]:  # fmt: skip
    """Yield `work(shared, item)` for each item, in order, always of other processes.

    A `Stopped` stands for an item that exceeds its limits. But for its CPU time, which does not
    depend on others, it is tried once more, in a process of its own. Workers get up to `batch`
    items at a time; `limits` are those of one article or page if not given.
    """
    limits = limits or LIMITS
    workers = min(jobs, -(-len(items) // batch))
    size = max(1, min(batch, len(items) // (4 * workers or 1)))
    waiting, alone, tried = deque(range(len(items))), deque[int](), set[int]()
    job, idle, working = Job(work, shared, limits), list[Worker](), dict[Worker, deque[int]]()
    done: dict[int, Any] = {}
    following = 0

    def keep(number: int, result: Any) -> None:
        if isinstance(result, Failed):
            raise result.error
        if isinstance(result, Stopped) and result.reason != TIME and number not in tried:
            tried.add(number)
            alone.append(number)
        else:
            done[number] = result

    def give_up(worker: Worker, reason: str = "") -> None:
        numbers, cause = working.pop(worker), worker.end()
        if numbers:
            first = numbers.popleft()
            waiting.extendleft(reversed(numbers))
            keep(first, Stopped(reason or cause))

    try:
        while following < len(items):
            while alone or (waiting and len(working) < workers):
                worker = idle.pop() if idle and not alone else start(job, [*idle, *working])
                numbers = [alone.popleft()] if alone else _take(waiting, size)
                working[worker] = deque(numbers)
                worker.give([(number, items[number]) for number in numbers])
            for worker in wait(working, 1 if limits.wall else None):
                results = worker.results()
                if results is None:
                    give_up(worker)
                    continue
                for number, result in results:
                    working[worker].popleft()
                    keep(number, result)
                if not working[worker]:
                    del working[worker]
                    idle.append(worker)
            for worker in list(working):
                if limits.wall and time.monotonic() - worker.since > limits.wall:
                    give_up(worker, WALL)
            while following in done:
                yield done.pop(following)
                following += 1
    finally:
        for worker in (*idle, *working):
            worker.end()


def _take(waiting: "deque[int]", count: int) -> list[int]:
    """Remove up to `count` numbers from the beginning."""
    return [waiting.popleft() for _ in range(min(count, len(waiting)))]
