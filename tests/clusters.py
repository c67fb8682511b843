"""Dask clusters on this machine, each process by itself, and work for them."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import sleep
from typing import Any

from distributed import Client

from portalgen import cluster_talk
from portalgen.cluster import connect
from portalgen.problems import Problem
from tests.serve.serving import until

ROOT = Path(__file__).resolve().parents[1]
Process = subprocess.Popen[bytes]


@dataclass
class Cluster:
    folder: Path
    scheduler: Process
    address: str
    workers: list[Process] = field(default_factory=list)

    def signal(self, number: signal.Signals) -> None:
        for worker in self.workers:
            worker.send_signal(number)

    def ask(self, question: Callable[[], Any]) -> dict[str, Any]:
        """The answers of all workers, by name."""
        with Client(self.address, set_as_default=False) as client:  # type: ignore[no-untyped-call]
            names = {
                address: worker["name"]
                for address, worker in client.scheduler_info(n_workers=-1)["workers"].items()
            }
            answers: dict[str, Any] = client.run(question)
            return {names[address]: answer for address, answer in answers.items()}


def _start(folder: Path, path: Path, *words: str) -> Process:
    with open(folder / "log", "ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "distributed.cli.dask_" + words[0], *words[1:]],
            stdout=log, stderr=log, cwd=folder, env=os.environ | {"PYTHONPATH": str(path)},
        )  # fmt: skip


def _address(file: Path) -> str:
    """The address of the scheduler, empty until it has been printed completely."""
    try:
        return str(json.loads(file.read_text())["address"])
    except (OSError, ValueError):
        return ""


def stop(process: Process) -> None:
    process.kill()
    process.wait()


@contextmanager
def running(folder: Path, workers: int = 0, programs: Sequence[Path] = ()) -> Iterator[Cluster]:
    """A scheduler, workers with this program, and one with the program in each of `programs`."""
    folder = folder / "cluster"
    folder.mkdir()
    file = folder / "scheduler.json"
    scheduler = _start(
        folder, ROOT, "scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard",
        "--scheduler-file", str(file),
    )  # fmt: skip
    cluster = Cluster(folder, scheduler, "")
    try:
        until(lambda: bool(_address(file)), patience=60)
        cluster.address = _address(file)
        for number, path in enumerate([*[ROOT] * workers, *programs]):
            cluster.workers.append(_start(
                folder, path, "worker", cluster.address, "--no-nanny", "--nthreads", "1",
                "--no-dashboard", "--name", f"worker-{number}",
            ))  # fmt: skip
        if cluster.workers:
            with Client(cluster.address, set_as_default=False) as client:  # type: ignore[no-untyped-call]
                client.wait_for_workers(len(cluster.workers), timeout=60)
        yield cluster
    finally:
        for process in (*cluster.workers, scheduler):
            stop(process)


def has_shared() -> bool:
    """Asked of a worker: whether it holds shared data."""
    return bool(cluster_talk._shared[0])


def doubled(folder: str, batch: Sequence[int]) -> list[int]:
    """Double numbers, not before a file `go` is there; the file `begun-…` tells of the start."""
    Path(folder, f"begun-{batch[0]}").touch()
    while not Path(folder, "go").exists():
        sleep(0.05)
    return [number * 2 for number in batch]


def worked(address: str, folder: Path, work: Any = doubled, items: int = 6) -> list[str]:
    """Double numbers two by two with a cluster; its warnings, when all are right."""
    warnings: list[Problem] = []
    with connect(address, folder, warnings.append) as run:
        results = list(run(work, str(folder), range(items), jobs=1, batch=2))
    assert results == [[2 * n, 2 * n + 2] for n in range(0, items, 2)]
    assert not list(folder.glob("shared-*"))
    return [item.describe("en") for item in warnings]
