"""Run work on several processors, with results in order."""

import os
import pickle
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from threading import Thread
from typing import Any, Protocol, TypeVar, cast

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


_shared: Any = None
_work: Any = None


def _begin(work: object, shared: object) -> None:
    global _shared, _work
    _work, _shared = work, shared
    Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """Exit when the parent process is killed; workers would wait forever."""
    from multiprocessing import connection, parent_process

    parent = parent_process()
    if parent:
        connection.wait([parent.sentinel])
        os._exit(1)


def _do(batch: Sequence[Any]) -> Any:
    return _work(_shared, batch)


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

    Workers are forked where possible, so that `shared` need not be copied; elsewhere each receives
    it once. A single batch, or `jobs=1`, runs in this process.
    """
    batches = [items[start : start + batch] for start in range(0, len(items), batch)]
    if jobs == 1 or len(batches) < 2:
        for part in batches:
            yield work(shared, part)
        return
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor

    method = "fork" if "fork" in multiprocessing.get_all_start_methods() else "spawn"
    context = multiprocessing.get_context(method)
    workers = min(jobs, len(batches))
    with ProcessPoolExecutor(workers, context, initializer=_begin, initargs=(work, shared)) as pool:
        yield from pool.map(_do, batches)
