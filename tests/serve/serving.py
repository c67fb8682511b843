"""A running `portalgen serve`, started on the command line."""

import asyncio
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from typing import Any


@dataclass
class Serving:
    """The process, its port, and the lines printed so far."""

    port: int
    process: subprocess.Popen[str]
    patience: float
    lines: list[str] = field(default_factory=list)

    def builds(self) -> int:
        """The number of finished builds."""
        return sum(
            bool(re.match(r"\d\d:\d\d:\d\d \d+ (sites|trang),", line)) for line in self.lines
        )

    def wait_for_builds(self, number: int) -> None:
        """Wait for this number of finished builds."""
        until(lambda: self.builds() >= number, self.lines, self.patience)


def until(true: Callable[[], object], shown: object = "", patience: float = 30) -> None:
    """Wait until `true()`; fail after `patience` seconds."""
    end = time.monotonic() + patience
    while not true():
        assert time.monotonic() < end, shown
        time.sleep(0.02)


def free_port() -> int:
    """A free port."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextmanager
def serving(
    root: Path, *options: str, patience: float = 30, builds: int = 1, lang: str = "en"
) -> Iterator[Serving]:
    """Run `portalgen serve` in `root`; enter the context after `builds` builds."""
    port = free_port()
    command = [sys.executable, "-u", "-m", "portalgen", "serve", "--root", str(root)]
    process = subprocess.Popen(
        [*command, "--port", str(port), "--lang", lang, *options],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
    )  # fmt: skip
    running = Serving(port, process, patience)
    assert process.stdout is not None
    Thread(target=running.lines.extend, args=[process.stdout], daemon=True).start()
    try:
        until(lambda: any(f"localhost:{port}/" in line for line in running.lines), running.lines)
        running.wait_for_builds(builds)
        yield running
    finally:
        process.terminate()
        process.wait(10)


def complete(work: Coroutine[Any, Any, None]) -> None:
    """Run a coroutine to its end, in a thread: Playwright may have a loop in this one."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, work).result()
