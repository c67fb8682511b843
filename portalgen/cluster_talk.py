"""A process that talks with a Dask cluster, and the tasks that its workers run."""

import logging
import os
import pickle
import signal
import socket
import sys
import time
import warnings
from collections.abc import Callable, Sequence, Set
from contextlib import closing, suppress
from functools import partial
from pathlib import Path
from threading import Lock, Thread, Timer
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import uuid4

from portalgen import __version__
from portalgen.changes.program import program_digest
from portalgen.pool import Work
from portalgen.problems import Problem, problem

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

# In seconds.
_LONGEST = 1800.0  # for one batch of a worker that is heard of: a lost network drive never answers
_SETTLE = 3.0  # for the other workers, once one can take part
_LOOK = 1.0  # between looks at the workers
_CLOSE = 2.0  # to say goodbye
_KEEP = 60.0  # that a worker without work keeps shared data

_TOPIC = "portalgen"  # of the events by which workers tell what they begin

# By name, since a worker that cannot unpickle a function closes.
_INTRODUCE = "__import__('portalgen.cluster_talk').cluster_talk.introduce({!r})"

_Say = Callable[[object], None]


class Task(NamedTuple):
    """What the process is to have done: `work` on `batches`, with the shared data in `file`.

    `timeout` (to connect) and `patience` (of the parent) in seconds.
    """

    scheduler: str
    work: Work[Any, Any]
    file: str
    batches: list[Sequence[Any]]
    program: str
    timeout: float
    patience: float

    def problem(self, code: str, reason: str = "") -> Problem:
        """A problem of this cluster."""
        return problem(f"cluster-{code}", address=self.scheduler, reason=reason)


class Silence(NamedTuple):
    """News that work goes on; `problem` is what is wrong if nothing more is heard."""

    problem: Problem


def program() -> str:
    """The program in words, with the beginning of its digest."""
    python = f"{sys.version_info[0]}.{sys.version_info[1]}"
    return f"{__version__} (Python {python}, {program_digest()[:12]})"


def talk(sending: "Connection[Any, Any]", task: Task) -> None:
    """The process: sends news, each a `Problem`, a `Silence`, or number and result; None last."""
    from concurrent.futures import CancelledError

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent's matter
    logging.disable()  # the report says what is wrong
    warnings.simplefilter("ignore")
    Thread(target=_end_with_parent, args=[task.file], daemon=True).start()
    with suppress(BrokenPipeError), closing(sending):
        try:
            _converse(task, sending.send)
        except (Exception, CancelledError) as error:
            sending.send(task.problem("failed", _reason(error)))
            sending.send(None)


def _end_with_parent(file: str) -> None:
    """Remove the shared data and exit when the parent is killed."""
    from multiprocessing import connection, parent_process

    parent = parent_process()
    if parent:
        connection.wait([parent.sentinel])
        Path(file).unlink(missing_ok=True)
        os._exit(1)


def _reason(error: BaseException | None) -> str:
    return (str(error) or type(error).__name__).split("\n", 1)[0][:200]


def _converse(task: Task, say: _Say) -> None:
    from distributed import Client

    say(Silence(task.problem("silent", f"{task.patience:.0f} s")))
    try:
        client: Any = Client(task.scheduler, timeout=task.timeout)  # type: ignore[no-untyped-call]
    except Exception as error:  # another server may say anything
        say(task.problem("silent", _reason(error)))
        say(None)
        return
    say(Silence(task.problem("empty")))
    good, all_good = _admit(client, task, say)
    if good:
        _collect(client, task, None if all_good else good, say)
    else:
        say(task.problem("empty"))
    say(None)
    client.close(timeout=_CLOSE)


def _admit(client: Any, task: Task, say: _Say) -> tuple[list[str], bool]:
    """Addresses of the workers that can take part, and whether these are all."""
    asked: dict[str, Any] = {}
    refused: dict[str, bool] = {}  # of those that answered
    end = float("inf")
    while True:
        workers = client.scheduler_info(n_workers=-1)["workers"]
        for address in workers.keys() - asked.keys():
            asked[address] = client.submit(
                eval, _INTRODUCE.format(task.file), workers=[address], pure=False, priority=100
            )
        for address in workers.keys() - refused.keys():
            if asked[address].done():
                host = str(workers[address]["host"])
                refusal = _refusal(task, host, asked[address])
                refused[address] = refusal is not None
                if refusal:
                    say(refusal)
        good = [address for address in workers if refused.get(address) is False]
        complete = workers.keys() <= refused.keys()
        if good:
            end = min(end, time.monotonic() + min(_SETTLE, task.patience / 3))
        if (workers and complete) or time.monotonic() > end:
            return good, complete and len(good) == len(workers)
        time.sleep(_LOOK / 10)


def _refusal(task: Task, host: str, answer: Any) -> Problem | None:
    """Why a worker cannot take part."""
    if answer.status != "finished":  # it has no portalgen, or a very old one
        reason = _reason(answer.exception()) if answer.status == "error" else str(answer.status)
        return problem("cluster-worker", host=host, reason=reason)
    name, program, sees_folder = answer.result()
    host = f"{name} ({host})"
    if program != task.program:
        return problem("cluster-version", host=host, here=task.program, there=program)
    if not sees_folder:
        return problem("cluster-folder", host=host, folder=Path(task.file).parent)
    return None


def _collect(client: Any, task: Task, workers: list[str] | None, say: _Say) -> None:
    """Have the batches done; say what is delivered, and while workers are at it that they are."""
    from distributed import wait

    run = uuid4().hex
    futures: list[Any] = client.map(
        partial(_do, run=run, work=task.work, file=task.file, expected=task.program),
        range(len(task.batches)), task.batches, workers=workers, pure=False,
    )  # fmt: skip
    open_futures = dict(enumerate(futures))
    failures: list[str] = []
    begun: dict[int, tuple[str, float]] = {}
    seen: dict[str, float] = {}
    lost = Silence(task.problem("lost", f"{task.patience:.0f} s"))
    say(lost)
    while open_futures:
        with suppress(TimeoutError):
            wait(list(open_futures.values()), timeout=_LOOK, return_when="FIRST_COMPLETED")  # type: ignore[no-untyped-call]
        done = [number for number, future in open_futures.items() if future.done()]
        for number in done:
            future = open_futures.pop(number)
            if future.status == "finished":
                say((number, future.result()))
            else:  # perhaps of this worker alone: what is wrong with the work itself shows here
                failures.append(_reason(future.exception()))
            future.release()
        if not done and _is_at_work(client, run, open_futures.keys(), begun, seen):
            say(lost)
    if failures:
        say(task.problem("failed", failures[0]))


def _is_at_work(
    client: Any, run: str, batches: Set[int], begun: dict[int, tuple[str, float]],
    seen: dict[str, float],
) -> bool:  # fmt: skip
    """Whether a worker that has begun one of these batches was heard of since the last look.

    `begun` keeps worker and moment for each batch, `seen` when workers were heard of.
    """
    now = time.monotonic()
    events = [event for _, event in client.get_events(_TOPIC)]
    latest = {number: address for of, number, address in events if of == run}
    for number, address in latest.items():
        if begun.get(number, ("", 0))[0] != address:
            begun[number] = address, now
    busy = {
        address
        for number, (address, since) in begun.items()
        if number in batches and now - since < _LONGEST
    }
    workers = client.scheduler_info(n_workers=-1)["workers"]
    heard = {address: workers[address]["last_seen"] for address in busy & workers.keys()}
    news = any(seen.get(address) != moment for address, moment in heard.items())
    seen.update(heard)
    return news


# Workers.

_lock = Lock()  # they may have threads, but `_shared` is not thread-safe
_shared: tuple[str, Any] = ("", None)  # the file it was read from, and its content
_forgetting: Timer | None = None


def introduce(file: str) -> tuple[str, str, bool]:
    """Name and program of this machine, and whether it sees the file."""
    return socket.gethostname(), program(), Path(file).is_file()


def _do(
    number: int, batch: Sequence[Any], *, run: str, work: Work[Any, Any], file: str, expected: str
) -> Any:
    global _shared, _forgetting  # noqa: PLW0603 - read once for many batches
    from distributed import get_worker

    if expected != program():  # it joined after the others were asked
        raise RuntimeError(f"{socket.gethostname()}: {program()}")
    with _lock:
        worker = get_worker()
        worker.log_event(_TOPIC, [run, number, worker.address])
        if _forgetting:
            _forgetting.cancel()
        if _shared[0] != file:
            _shared = file, pickle.loads(Path(file).read_bytes())
        try:
            return work(_shared[1], batch)
        finally:
            _forgetting = Timer(_KEEP, _forget)
            _forgetting.daemon = True
            _forgetting.start()


def _forget() -> None:
    """Drop the shared data, which a client that has died cannot do."""
    global _shared  # noqa: PLW0603
    with _lock:
        _shared = "", None
