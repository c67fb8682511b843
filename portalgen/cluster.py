"""Run work on a Dask cluster, with the interface of `pool.run`.

Its machines share the folders of the network and its output, at the same paths. A process of its
own talks with the cluster, so that it can be ended in whatever state the network is; what the
cluster does not deliver is done on this machine.
"""

import pickle
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from itertools import chain
from pathlib import Path
from typing import Any
from uuid import uuid4

from portalgen import pool
from portalgen.cluster_talk import Silence, Task, program, talk
from portalgen.pool import Item, Result, Run, Work
from portalgen.problems import PortalError, Problem, problem

# In seconds.
_START = 60.0  # for the process to start
_TIMEOUT = 10.0  # to connect
_PATIENCE = 30.0  # without news of a worker that is at our work
_CLOSE = 3.0  # for the process to say goodbye

Warn = Callable[[Problem], None]


@contextmanager
def connect(scheduler: str, folder: Path, warn: Warn) -> Iterator[Run]:
    """Yields the `run` of a cluster, which keeps shared data in `folder` meanwhile.

    `warn` is told why the cluster does not do all. Raises `PortalError` if its library is missing.
    """
    if find_spec("distributed") is None:
        raise PortalError([problem("extra-missing", extra="cluster")])

    def run(
        work: Work[Item, Result], shared: Any, items: Sequence[Item], *, jobs: int, batch: int = 64
    ) -> Iterator[Result]:
        """Like `pool.run`; `jobs` are processes of this machine, for what the cluster leaves."""
        batches = [items[start : start + batch] for start in range(0, len(items), batch)]
        missing = set(range(len(batches)))

        def here() -> Iterator[tuple[int, Result]]:
            rest = sorted(missing)
            left = [item for number in rest for item in batches[number]]
            yield from zip(rest, pool.run(work, shared, left, jobs=jobs, batch=batch))

        # In a file, as every worker needs all of it, also one that joins later.
        file = folder / f"shared-{uuid4().hex}"
        task = Task(scheduler, work, str(file), batches, program(), _TIMEOUT, _PATIENCE)
        results: dict[int, Result] = {}
        following = 0
        try:
            file.write_bytes(pickle.dumps(shared, pickle.HIGHEST_PROTOCOL))
            for number, result in chain(_delivered(task, warn), here()):
                missing.discard(number)
                results[number] = result
                while following in results:
                    yield results.pop(following)
                    following += 1
        finally:
            file.unlink(missing_ok=True)

    yield run


def _delivered(task: Task, warn: Warn) -> Iterator[tuple[int, Any]]:
    """Number and result of each batch that the cluster does; `warn` is told why not of all.

    The process sends these, a `Problem` to be told, a `Silence`, or None at the end.
    """
    import multiprocessing

    context = multiprocessing.get_context("spawn")  # without the locks and open files of this one
    receiving, sending = context.Pipe(duplex=False)
    process = context.Process(target=talk, args=(sending, task), daemon=True)
    process.start()
    sending.close()
    silence, patience = task.problem("silent", f"{_START:.0f} s"), _START
    news: Any = silence
    try:
        while receiving.poll(patience):
            news = receiving.recv()
            patience = _PATIENCE
            if news is None:
                return
            if isinstance(news, Silence):
                silence = news.problem
            elif isinstance(news, Problem):
                warn(news)
            else:
                yield news
        warn(silence)
    except (EOFError, OSError):  # the process has died
        warn(silence)
    finally:
        receiving.close()
        process.join(_CLOSE if news is None else 0)
        process.kill()
        process.join(_CLOSE)
