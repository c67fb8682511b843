"""Run commands and measure their wall time, CPU time and memory."""

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

Command = Sequence[str]


@dataclass(frozen=True, slots=True)
class Figure:
    """Seconds of wall and CPU time (user and system, all processes), MB of the largest process."""

    wall: float
    cpu: float
    mb: float

    def __add__(self, other: "Figure") -> "Figure":
        """The figure of both, one after the other."""
        return Figure(self.wall + other.wall, self.cpu + other.cpu, max(self.mb, other.mb))


def run(
    commands: Sequence[Command], *, at_once: int = 1, env: Mapping[str, str] | None = None
) -> Figure:
    """Run the commands, `at_once` of them at a time, and measure them together."""
    os.sync()  # exclude earlier writes
    started = time.perf_counter()
    if at_once == 1 or len(commands) == 1:
        spent = [_run(command, env) for command in commands]
    else:
        with ThreadPoolExecutor(at_once) as threads:
            spent = list(threads.map(lambda command: _run(command, env), commands))
    wall = time.perf_counter() - started
    return Figure(wall, sum(cpu for cpu, _ in spent), max(mb for _, mb in spent))


# With this variable, Python would compile its modules again in every run.
_ENVIRONMENT = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}


def _run(command: Command, env: Mapping[str, str] | None) -> tuple[float, float]:
    """CPU time and memory of a command with its children; exit if it fails."""
    process = subprocess.Popen(
        command,
        env={**_ENVIRONMENT, **(env or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    output = process.stdout.read() if process.stdout else b""
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.stdout:
        process.stdout.close()
    if process.returncode:
        text = output.decode("utf-8", "replace")
        raise SystemExit(f"failed: {' '.join(command)}\n{text}")
    unit = 1024 * 1024 if sys.platform == "darwin" else 1024
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / unit


def memory(command: Command) -> tuple[float, float]:
    """Peak MB of the largest process of a command, and of all its processes; on Linux only.

    The second counts shared memory once (Pss). Sampling takes time, so it is not for timing.
    """
    largest = together = 0.0
    with subprocess.Popen(command, env=_ENVIRONMENT, stdout=subprocess.DEVNULL) as process:
        while process.poll() is None:
            sizes = [_size(pid) for pid in _family(process.pid)]
            largest = max([largest, *(rss for rss, _ in sizes)])
            together = max(together, sum(pss for _, pss in sizes))
            time.sleep(0.05)
    if process.returncode:
        raise SystemExit(f"failed: {' '.join(command)}")
    return largest, together


def _family(pid: int) -> list[int]:
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:  # ended
        return []
    return [pid, *(member for child in children for member in _family(int(child)))]


def _size(pid: int) -> tuple[float, float]:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
    except OSError:
        return 0.0, 0.0
    sizes = {name: float(value.split()[0]) / 1024 for name, value in (s.split(":") for s in lines)}
    return sizes.get("Rss", 0.0), sizes.get("Pss", 0.0)


@dataclass(frozen=True, slots=True)
class Files:
    """Numbers and size of published files, and the mean size of an article's page."""

    pages: int
    others: int
    megabytes: float
    article_kb: float


def count(output: Path) -> Files:
    """Count the published files; the names of articles end with a six-digit number."""
    pages = others = size = articles = article_size = 0
    for folder, folders, names in os.walk(output):
        folders[:] = [name for name in folders if not name.startswith(".")]
        in_tags = bool({"tag", "tags"} & set(Path(folder).parts))
        for name in names:
            length = os.path.getsize(os.path.join(folder, name))
            size += length
            stem, kind = os.path.splitext(name)
            pages += kind == ".html"
            others += kind != ".html"
            if kind == ".html" and not in_tags and stem[-6:].isdigit():
                articles += 1
                article_size += length
    return Files(pages, others, size / 1e6, article_size / 1e3 / max(1, articles))
