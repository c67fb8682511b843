"""Limits of what a piece of work may take, in a worker process.

Python code that exceeds one gets an exception, so that its line is known; code of a library that
does not react is ended by the system.
"""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from portalgen.problems import Problem, problem

try:
    import resource
except ImportError:  # Windows: the worker's clock is all there is
    resource = None  # type: ignore[assignment]

TIME, MEMORY, WALL, CRASH = "time", "memory", "wall", "crash"  # why something is ended
_GRACE = 2  # seconds of CPU after which the system ends what did not react
_PAGE = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 0


class Limits(NamedTuple):
    """Seconds of CPU, seconds by the clock, and bytes beyond those of the process; 0: no limit."""

    cpu: int = 10
    wall: int = 120
    memory: int = 512 * 1024**2


LIMITS = Limits()  # of one article, page, or member's templates while they are read
NO_LIMITS = Limits(0, 0, 0)


def ended_problem(kind: str, reason: str, path: str, line: int = 0, **values: object) -> Problem:
    """The problem of a `text` or `template` that was ended."""
    cause = reason if reason in (TIME, MEMORY) else CRASH
    values |= {"seconds": LIMITS.cpu} if cause == TIME else {}
    values |= {"megabytes": LIMITS.memory >> 20} if cause == MEMORY else {}
    return problem(f"{kind}-ended-{cause}", path, line, 0, **values)


class ExceededError(BaseException):
    """The work in `limited` took too much: `reason` is `TIME` or `MEMORY`.

    No `Exception`, as code that handles any error must not go on.
    """

    def __init__(self, reason: str):
        self.reason = reason
        super().__init__(reason)


_is_worker = False
_armed = False
_seconds = 0


def become_worker() -> None:
    """Let `limited` hold in this process, which is for work that may be ended."""
    global _is_worker  # noqa: PLW0603
    if resource is None:
        return
    _is_worker = True
    signal.signal(signal.SIGPROF, _exceeded)
    signal.signal(signal.SIGXCPU, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))


def _exceeded(*_: Any) -> None:
    if _armed:  # else the work ended just before
        raise ExceededError(TIME)


@contextmanager
def limited(limits: Limits) -> Iterator[None]:
    """Hold the work inside to its limits; raises `ExceededError`.

    Without effect outside a worker, and where the system cannot do it. Memory: on Linux alone.
    """
    global _armed  # noqa: PLW0603
    if not _is_worker:
        yield
        return
    _armed = True
    _start_clock(limits.cpu)
    if limits.memory and (size := _address_space()):
        _set(resource.RLIMIT_AS, size + limits.memory)
    try:
        yield
    except MemoryError as error:
        raise ExceededError(MEMORY).with_traceback(error.__traceback__) from None
    finally:
        _armed = False
        signal.setitimer(signal.ITIMER_PROF, 0)
        for kind in (resource.RLIMIT_CPU, resource.RLIMIT_AS):
            _set(kind, resource.RLIM_INFINITY)


def restart_clock() -> None:
    """Give the work in `limited` its time anew, because it made what it need not make again."""
    if _armed:
        _start_clock(_seconds)


def _start_clock(seconds: int) -> None:
    global _seconds  # noqa: PLW0603
    _seconds = seconds
    if seconds:
        _set(resource.RLIMIT_CPU, int(time.process_time()) + 1 + seconds + _GRACE)
        signal.setitimer(signal.ITIMER_PROF, seconds, 1)  # again, where it was swallowed


def _set(kind: int, value: int) -> None:
    """Set a soft limit, as far as the hard one permits."""
    _, hard = resource.getrlimit(kind)
    if hard != resource.RLIM_INFINITY:
        value = hard if value == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(kind, (value, hard))


def _address_space() -> int:
    """The size of this process in bytes; 0 where the system does not say."""
    try:
        with open("/proc/self/statm", "rb", buffering=0) as file:
            return int(file.read(32).split()[0]) * _PAGE
    except (OSError, ValueError):
        return 0
