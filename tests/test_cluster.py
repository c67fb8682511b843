"""Builds on a Dask cluster: a scheduler and two workers, each in its own process."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree
from threading import Thread

import pytest
from distributed import Client

from portalgen.problems import PortalError
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
        from portalgen import cluster

        return bool(cluster._shared[0])

    with Client(cluster.address, set_as_default=False) as client:  # type: ignore[no-untyped-call]
        found: dict[str, bool] = client.run(look)
        return found


def test_a_cluster_makes_the_same_bytes(tmp_path: Path, cluster: Cluster) -> None:
    root = of_many_sites(tmp_path)
    here = run(root, tmp_path / "here", jobs=2, use_cache=False)
    there = run(root, tmp_path / "there", scheduler=cluster.address)
    assert tree(tmp_path / "there") == tree(tmp_path / "here")
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


def refused(root: Path, address: str) -> list[str]:
    with pytest.raises(PortalError) as caught:
        run(root, scheduler=address)
    assert not tree(root / "public")
    return [item.describe("en") for item in caught.value.problems]


def test_a_cluster_without_workers_is_said(tmp_path: Path, scheduler: str) -> None:
    assert refused(of_many_sites(tmp_path), scheduler) == [
        f"The Dask scheduler at {scheduler} has no workers. Start some on machines that see the "
        f"same folders: dask worker {scheduler}"
    ]


def test_a_scheduler_that_does_not_answer_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portalgen.cluster._TIMEOUT", 1)
    (message,) = refused(of_many_sites(tmp_path), "tcp://127.0.0.1:9")
    assert message.startswith("No Dask scheduler answers at tcp://127.0.0.1:9 (")
    assert message.endswith("Start it with: dask scheduler")
    (message,) = refused(of_many_sites(tmp_path), "nobody")
    assert message.startswith("No Dask scheduler answers at nobody (")


def test_a_few_pages_are_made_here(tmp_path: Path) -> None:
    root = network(tmp_path, {"content/y-te/a.md": article("Một bài")})
    rmtree(root / "members")
    assert run(root, scheduler="tcp://127.0.0.1:9").pages_rendered


def test_a_worker_of_another_version_is_said(
    tmp_path: Path, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portalgen.cluster._VERSION", "9.9")
    (message,) = refused(of_many_sites(tmp_path), cluster.address)
    assert message.startswith("This machine runs portalgen 9.9, a worker of the cluster ")
