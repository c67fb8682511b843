"""A process that does one piece of work after the other, and can be ended."""

import os
import pickle
import signal
import struct
import time
from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import suppress
from queue import SimpleQueue
from threading import Thread
from typing import Any, NamedTuple

from portalgen.limits import CRASH, TIME, ExceededError, Limits, become_worker, limited

_LENGTH = struct.Struct("<Q")  # before each message
_CHUNK = 1 << 20


class Stopped(NamedTuple):
    """Stands for the result of an item that was ended; `lines`: files and numbers, if known."""

    reason: str
    lines: tuple[tuple[str, int], ...] = ()


class Failed(NamedTuple):
    """Stands for the result of an item that raised an exception."""

    error: BaseException


class Job(NamedTuple):
    """What workers do with each item: `work(shared, item)`, within the limits."""

    work: Callable[[Any, Any], Any]
    shared: Any
    limits: Limits


Results = list[tuple[int, Any]]  # numbers of items, and what became of them


def start(job: Job, others: Iterable["Worker"]) -> "Worker":
    """Start a worker; forked where possible, so that what is shared need not be copied.

    `others` are the running workers of this process.
    """
    return Forked(job, others) if hasattr(os, "fork") else Spawned(job)


def wait(workers: Collection["Worker"], timeout: float | None) -> list["Worker"]:
    """The workers that have results, or are gone, as soon as there are any."""
    forked = [worker for worker in workers if isinstance(worker, Forked)]
    if forked:
        import select

        return list(select.select(forked, [], [], timeout)[0])
    from multiprocessing import connection

    ends = {worker.connection: worker for worker in workers if isinstance(worker, Spawned)}
    return [ends[end] for end in connection.wait(ends, timeout)]  # type: ignore[index]


class Forked:
    """A worker where the system can fork."""

    def __init__(self, job: Job, others: Iterable["Worker"]):
        self.since = time.monotonic()
        self._received = bytearray()
        commands, self._commands = os.pipe()
        self._results, results = os.pipe()
        self._pid = os.fork()
        if not self._pid:
            with suppress(BaseException):
                for descriptor in (self._commands, self._results):
                    os.close(descriptor)
                for other in others:  # else they would not notice the end of the parent
                    if isinstance(other, Forked):
                        os.close(other._commands)
                _serve_forked(job, commands, results)
            os._exit(1)
        os.close(commands)
        os.close(results)

    def fileno(self) -> int:
        """For `select`."""
        return self._results

    def give(self, items: Sequence[tuple[int, Any]]) -> None:
        """Let the worker begin with these items; it has done all it was given before."""
        self.since = time.monotonic()
        with suppress(BrokenPipeError):  # `results` will say that it is gone
            _send(self._commands, items)

    def results(self) -> Results | None:
        """What is done since the last call; None: the worker is gone."""
        data = os.read(self._results, _CHUNK)
        if not data:
            return None
        self.since = time.monotonic()
        self._received += data
        results = []
        while len(self._received) >= _LENGTH.size:
            end = _LENGTH.size + _LENGTH.unpack_from(self._received)[0]
            if len(self._received) < end:
                break
            results.append(pickle.loads(self._received[_LENGTH.size : end]))
            del self._received[:end]
        return results

    def end(self) -> str:
        """End the worker; returns why it was gone already, if it was."""
        with suppress(ProcessLookupError):
            os.kill(self._pid, signal.SIGKILL)
        os.close(self._commands)
        os.close(self._results)
        _, status = os.waitpid(self._pid, 0)
        return TIME if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGXCPU else CRASH


class Spawned:
    """A worker where the system cannot fork."""

    def __init__(self, job: Job):
        import multiprocessing

        self.since = time.monotonic()
        context = multiprocessing.get_context("spawn")
        self.connection, other_end = context.Pipe()
        self._process = context.Process(target=_serve_spawned, args=(job, other_end), daemon=True)
        self._process.start()
        other_end.close()

    def give(self, items: Sequence[tuple[int, Any]]) -> None:
        """Let the worker begin with these items; it has done all it was given before."""
        self.since = time.monotonic()
        with suppress(BrokenPipeError):
            self.connection.send(items)

    def results(self) -> Results | None:
        """What is done since the last call; None: the worker is gone."""
        try:
            result = self.connection.recv()
        except (EOFError, OSError):
            return None
        self.since = time.monotonic()
        return [result]

    def end(self) -> str:
        """End the worker; returns why it was gone already, if it was."""
        self._process.kill()
        self._process.join()
        self.connection.close()
        return CRASH


Worker = Forked | Spawned


def _serve_forked(job: Job, commands: int, results: int) -> None:
    """Work until the parent is gone, even if that is in the middle of an item."""
    batches: SimpleQueue[bytes] = SimpleQueue()

    def receive() -> None:
        with open(commands, "rb") as stream:
            while header := stream.read(_LENGTH.size):
                batches.put(stream.read(_LENGTH.unpack(header)[0]))
        os._exit(0)

    Thread(target=receive, daemon=True).start()
    become_worker()
    while True:
        for number, item in pickle.loads(batches.get()):
            _send(results, (number, _result(job, item)))


def _serve_spawned(job: Job, connection: Any) -> None:
    from multiprocessing import connection as connections
    from multiprocessing import parent_process

    def end_with_parent() -> None:
        parent = parent_process()
        if parent:
            connections.wait([parent.sentinel])
            os._exit(1)

    Thread(target=end_with_parent, daemon=True).start()
    become_worker()
    while True:
        for number, item in connection.recv():
            connection.send((number, _result(job, item)))


def _result(job: Job, item: Any) -> Any:
    try:
        with limited(job.limits):
            return job.work(job.shared, item)
    except ExceededError as error:
        return Stopped(error.reason, lines_of(error))
    except BaseException as error:
        return Failed(_portable(error))


def _portable(error: BaseException) -> BaseException:
    """The error, or its text if it cannot be sent."""
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:
        return RuntimeError(repr(error))
    return error


def lines_of(error: BaseException) -> tuple[tuple[str, int], ...]:
    """The files and lines that an exception went through, the outermost first."""
    lines = []
    traceback = error.__traceback__
    while traceback:
        lines.append((traceback.tb_frame.f_code.co_filename, traceback.tb_lineno))
        traceback = traceback.tb_next
    return tuple(lines)


def _send(descriptor: int, value: Any) -> None:
    message = pickle.dumps(value, pickle.HIGHEST_PROTOCOL)
    data = memoryview(_LENGTH.pack(len(message)) + message)
    while data:
        data = data[os.write(descriptor, data) :]
