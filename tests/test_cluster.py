"""Builds on a Dask cluster: a scheduler and workers, each in its own process."""

import os
import signal
import socket
from collections.abc import Sequence
from pathlib import Path
from shutil import rmtree
from threading import Thread

import pytest
from click.testing import CliRunner

from portalgen import cluster_talk
from portalgen.cli import main
from portalgen.cluster import connect
from tests.clusters import has_shared, running
from tests.helpers import article, network, run, tree, write
from tests.serve.serving import until

MEMBERS = [f"xa-{number}" for number in range(8)]


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
        '{% extends "portal/article.html" %}'
        "{% block content %}<p>Của xã</p>{{ super() }}{% endblock %}"
    )
    return network(folder, files)


def test_a_cluster_makes_the_same_bytes(tmp_path: Path) -> None:
    root = of_many_sites(tmp_path)
    here = run(root, tmp_path / "here", jobs=2, use_cache=False)
    assert here.refused == []
    with running(tmp_path, 2) as cluster:
        there = run(root, tmp_path / "there", scheduler=cluster.address)
        assert all(cluster.ask(has_shared).values())
        assert tree(tmp_path / "there") == tree(tmp_path / "here")
        assert there.warnings == []
        assert there.pages_rendered == here.pages_rendered
        assert there.files_written == here.files_written
        write(root, {"content/y-te/bai-0.md": article("Một bài khác hẳn", "2020-01-11")})
        run(root, tmp_path / "here", jobs=1, use_cache=False)
        run(root, tmp_path / "there", scheduler=cluster.address)
    assert tree(tmp_path / "there") == tree(tmp_path / "here")
    assert not list((tmp_path / "there/.portalgen").rglob("stage/*"))


STAGE = ".portalgen/stage"


def is_staged(output: Path) -> bool:
    """Whether a worker has begun to stage files."""
    stage = output / STAGE
    return stage.is_dir() and any(map(os.listdir, filter(Path.is_dir, stage.iterdir())))


@pytest.mark.parametrize(("number", "workers"), [(signal.SIGKILL, 1), (signal.SIGSTOP, 2)])
def test_workers_lost_in_the_middle_cost_no_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: signal.Signals, workers: int
) -> None:
    monkeypatch.setattr("portalgen.cluster._PATIENCE", 3.0)
    root, output = of_many_sites(tmp_path, 40), tmp_path / "there"
    alive: list[bool] = []
    with running(tmp_path, 2) as cluster:

        def strike() -> None:
            until(lambda: is_staged(output), patience=60)
            for worker in cluster.workers[:workers]:
                worker.send_signal(number)
            alive.append((output / STAGE).is_dir())

        striker = Thread(target=strike)
        striker.start()
        report = run(root, output, scheduler=cluster.address)
        striker.join()
        assert alive == [True], "the build was over too early to tell anything"
        run(root, tmp_path / "here", use_cache=False)
        assert tree(output) == tree(tmp_path / "here")
        lost = [item.code for item in report.warnings]
        assert lost == ([] if workers == 1 else ["cluster-lost"])
        if number == signal.SIGSTOP:  # workers that wake up change nothing that is published
            write(root, {"content/y-te/bai-0.md": article("Một bài khác hẳn", "2020-01-11")})
            cluster.signal(signal.SIGCONT)
            run(root, output, jobs=1)
            until(lambda: not any(cluster.ask(is_working).values()))
            run(root, tmp_path / "here", use_cache=False)
            assert tree(output) == tree(tmp_path / "here")


def is_working() -> bool:
    """Asked of a worker: whether it is at a batch."""
    return cluster_talk._lock.locked()


@pytest.mark.parametrize("language", ["vi", "en"])
def test_a_cluster_that_does_nothing_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    monkeypatch.setattr("portalgen.cluster._PATIENCE", 1.0)
    root = of_many_sites(tmp_path)
    words = ["build", "--root", str(root), "--now", "2020-01-15 08:00", "--lang", language]
    with running(tmp_path) as cluster:
        words += ["--executor", "dask", "--scheduler", cluster.address]
        outcome = CliRunner().invoke(main, words)
        message = {
            "vi": "cảnh báo: Bộ điều phối Dask ở {} không có máy nào tham gia được, nên các trang "
            "đã được dựng trên máy này.",
            "en": "warning: The Dask scheduler at {} has no worker that can take part, so the "
            "sites were built on this machine.",
        }[language].format(cluster.address)
        assert any(line.startswith(message) for line in outcome.stderr.splitlines())
        assert outcome.exit_code == 0
        again = CliRunner().invoke(main, words)  # with nothing to do
        assert again.stderr == ""
    run(root, tmp_path / "here", use_cache=False)
    assert tree(root / "public") == tree(tmp_path / "here")


def test_a_build_without_a_cluster_has_the_same_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portalgen.cluster._PATIENCE", 1.0)
    root = of_many_sites(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = "tcp://{}:{}".format(*silent.getsockname())
        report = run(root, scheduler=address, jobs=2)
    run(root, tmp_path / "here", use_cache=False)
    assert tree(root / "public") == tree(tmp_path / "here")
    assert [item.code for item in report.warnings] == ["cluster-silent"]


def test_a_few_pages_are_made_here(tmp_path: Path) -> None:
    root = network(tmp_path, {"content/y-te/a.md": article("Một bài")})
    rmtree(root / "members")
    report = run(root, scheduler="tcp://127.0.0.1:9")
    assert report.pages_rendered
    assert report.warnings == []


def test_results_come_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def delivered(*args: object) -> list[tuple[int, str]]:
        return [(2, "c"), (0, "a")]

    def lettered(shared: str, batch: Sequence[str]) -> str:
        return shared + "".join(batch)

    monkeypatch.setattr("portalgen.cluster._delivered", delivered)
    with connect("tcp://127.0.0.1:9", tmp_path, print) as work:
        assert list(work(lettered, ">", "xyzuvwq", jobs=1, batch=2)) == ["a", ">zu", "c", ">q"]
    assert not list(tmp_path.glob("shared-*"))
