"""Builds on a Dask cluster: a scheduler and two workers, each in its own process."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree
from threading import Thread
from time import sleep

import pytest
from distributed import Client

from portalgen import cluster_talk
from portalgen.cluster import connect
from portalgen.problems import Problem
from portalgen.report import BuildReport
from tests.helpers import article, network, run, tree, write
from tests.serve.serving import until

MEMBERS = [f"xa-{number}" for number in range(8)]


@dataclass
class Cluster:
    address: str
    workers: list["subprocess.Popen[bytes]"]


def start(folder: Path, *words: str) -> "subprocess.Popen[bytes]":
    with open(folder / "log", "ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "distributed.cli.dask_" + words[0], *words[1:]],
            stdout=log, stderr=log, cwd=folder,
        )  # fmt: skip


def stop(process: "subprocess.Popen[bytes]") -> None:
    process.kill()
    process.wait()


def address(file: Path) -> str:
    """The address of the scheduler, empty until it has been printed completely."""
    try:
        return str(json.loads(file.read_text())["address"])
    except (OSError, ValueError):
        return ""


@pytest.fixture
def scheduler(tmp_path: Path) -> Iterator[str]:
    folder = tmp_path / "cluster"
    folder.mkdir()
    told = folder / "scheduler.json"
    process = start(
        folder, "scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard",
        "--scheduler-file", str(told),
    )  # fmt: skip
    until(lambda: bool(address(told)), 60)
    yield address(told)
    stop(process)


@pytest.fixture
def cluster(tmp_path: Path, scheduler: str) -> Iterator[Cluster]:
    folder = tmp_path / "cluster"
    workers = [
        start(folder, "worker", scheduler, "--no-nanny", "--nthreads", "2", "--no-dashboard")
        for _ in range(2)
    ]
    with Client(scheduler, set_as_default=False) as client:  # type: ignore[no-untyped-call]
        client.wait_for_workers(2, timeout=60)
    yield Cluster(scheduler, workers)
    for worker in workers:
        stop(worker)


def of_many_sites(folder: Path, articles: int = 5) -> Path:
    files = {
        f"members/{slug}/site.yaml": f"title: {slug}\nshort_title: {slug}\n" for slug in MEMBERS
    }
    for site in ("", *(f"members/{slug}/" for slug in MEMBERS)):
        for number in range(articles):
            files[f"{site}content/y-te/bai-{number}.md"] = article(
                f"Trạm y tế khám bệnh lần {number}", f"2020-01-{number % 9 + 1:02}",
                f"Bác sĩ về [bản](portal:main/y-te/bai-0.md) khám bệnh {number}. " * 9,
            )  # fmt: skip
    files["members/xa-1/templates/article.html"] = (
        '{% extends "theme/article.html" %}'
        "{% block content %}<p>Của xã</p>{{ super() }}{% endblock %}"
    )
    return network(folder, files)


def has_worked(cluster: Cluster) -> dict[str, bool]:
    def look() -> bool:
        return bool(cluster_talk._shared[0])

    with Client(cluster.address, set_as_default=False) as client:  # type: ignore[no-untyped-call]
        found: dict[str, bool] = client.run(look)
        return found


def test_a_cluster_makes_the_same_bytes(tmp_path: Path, cluster: Cluster) -> None:
    root = of_many_sites(tmp_path)
    here = run(root, tmp_path / "here", jobs=2, use_cache=False)
    there = run(root, tmp_path / "there", scheduler=cluster.address)
    assert tree(tmp_path / "there") == tree(tmp_path / "here")
    assert there.warnings == []
    assert there.pages_rendered == here.pages_rendered
    assert there.files_written == here.files_written
    assert all(has_worked(cluster).values())
    write(root, {"content/y-te/bai-0.md": article("Một bài khác hẳn", "2020-01-11")})
    run(root, tmp_path / "here", jobs=1, use_cache=False)
    run(root, tmp_path / "there", scheduler=cluster.address)
    assert tree(tmp_path / "there") == tree(tmp_path / "here")
    assert not list((tmp_path / "there").rglob("shared-*"))


def test_a_worker_killed_in_the_middle_costs_no_page(tmp_path: Path, cluster: Cluster) -> None:
    root = of_many_sites(tmp_path, 40)
    stage = tmp_path / "there/.portalgen/stage"
    done: list[str] = []
    seen: list[bool] = []

    def kill() -> None:
        until(lambda: any(not name.startswith("shared-") for name in os.listdir(stage))
              if stage.is_dir() else False, 60)  # fmt: skip
        cluster.workers[0].send_signal(signal.SIGKILL)
        seen.append(not done)

    killer = Thread(target=kill)
    killer.start()
    run(root, tmp_path / "there", scheduler=cluster.address)
    done.append("build")
    killer.join()
    assert seen == [True], "the worker was killed too late to tell anything"
    run(root, tmp_path / "here", use_cache=False)
    assert tree(tmp_path / "there") == tree(tmp_path / "here")



def built_here(root: Path, address: str) -> list[str]:
    """Build `root` with this cluster; its warnings, when all bytes are those of a build here."""
    report = run(root, scheduler=address, jobs=2)
    run(root, root / "here", use_cache=False)
    assert tree(root / "public") == tree(root / "here")
    assert report.refused == []
    return [item.describe("en") for item in report.warnings]


def test_x(tmp_path: Path, cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portalgen.cluster._PATIENCE", 3.0)
    for w in cluster.workers: w.send_signal(signal.SIGSTOP)
    print(built_here(of_many_sites(tmp_path), cluster.address))
    assert 0
