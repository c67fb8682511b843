"""What becomes of work when a cluster, its workers or the network between them fail."""

import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Thread, Timer
from time import sleep
from types import SimpleNamespace
from typing import Any

import pytest
from distributed import Client

from portalgen import cluster_talk
from portalgen.cluster import connect
from portalgen.problems import PortalError
from tests.clusters import ROOT, Cluster, doubled, has_shared, running, stop, worked
from tests.serve.serving import until

LOST = (
    "No worker of the Dask cluster at {} was heard of for 6 s at its work, so the rest was built "
    "on this machine. Check that the workers run, are free and can be reached."
)
EMPTY = (
    "The Dask scheduler at {0} has no worker that can take part, so the sites were built on this "
    "machine. Start some on machines that see the same folders: dask worker {0}"
)
SILENT = (
    "No Dask scheduler answers at {} ({}), so the sites were built on this machine. Check the "
    "address, or start one with: dask scheduler"
)


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portalgen.cluster._PATIENCE", 6.0)
    monkeypatch.setattr("portalgen.cluster._TIMEOUT", 2.0)


@contextmanager
def meanwhile(folder: Path, action: Callable[[], object]) -> Iterator[None]:
    """Do `action` once work in `folder` has begun on the cluster, and let work go on."""

    def act() -> None:
        until(lambda: list(folder.glob("begun-*")), patience=60)
        action()
        (folder / "go").touch()

    actor = Thread(target=act)
    actor.start()
    yield
    actor.join()


def go(folder: Path) -> Path:
    (folder / "go").touch()
    return folder


# Nobody there.


def test_no_scheduler(tmp_path: Path) -> None:
    (message,) = worked("tcp://127.0.0.1:9", go(tmp_path))
    assert message.startswith("No Dask scheduler answers at tcp://127.0.0.1:9 (")
    (message,) = worked("nobody", tmp_path)
    assert message.startswith("No Dask scheduler answers at nobody (")
    (message,) = worked("http://127.0.0.1:9", tmp_path)
    assert message.startswith("No Dask scheduler answers at http://127.0.0.1:9 (")


@contextmanager
def server(answer: bytes, backlog: int = 8) -> Iterator[str]:
    """A TCP server that says `answer` to whatever is sent; the address."""
    with socket.create_server(("127.0.0.1", 0), backlog=backlog) as listening:
        connections = []

        def serve() -> None:
            with suppress(OSError):
                while True:
                    connection, _ = listening.accept()
                    connections.append(connection)
                    connection.sendall(answer)

        if backlog:
            Thread(target=serve, daemon=True).start()
        yield "tcp://{}:{}".format(*listening.getsockname())
        for connection in connections:
            connection.close()


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 400 Bad Request\r\n\r\n", b"SSH-2.0-x\r\n"])
def test_a_server_that_is_no_scheduler(tmp_path: Path, answer: bytes) -> None:
    with server(answer) as address:
        (message,) = worked(address, go(tmp_path))
    assert message.startswith(f"No Dask scheduler answers at {address} (")


def test_an_address_where_packets_are_dropped(tmp_path: Path) -> None:
    with server(b"", backlog=0) as address:
        host, port = address.removeprefix("tcp://").split(":")
        waiting = []
        for _ in range(4):  # fills the queue, so that nobody else is answered
            client = socket.socket()
            client.setblocking(False)
            client.connect_ex((host, int(port)))
            waiting.append(client)
        (message,) = worked(address, go(tmp_path))
        for client in waiting:
            client.close()
    assert message.startswith(f"No Dask scheduler answers at {address} (")


def test_a_scheduler_without_workers(tmp_path: Path) -> None:
    with running(tmp_path) as cluster:
        assert worked(cluster.address, go(tmp_path)) == [EMPTY.format(cluster.address)]


def test_a_scheduler_that_is_stopped(tmp_path: Path) -> None:
    with running(tmp_path, 1) as cluster:
        cluster.scheduler.send_signal(signal.SIGSTOP)
        (message,) = worked(cluster.address, go(tmp_path))
    assert message.startswith(f"No Dask scheduler answers at {cluster.address} (")


# Workers.


def test_workers_that_are_stopped_before(tmp_path: Path) -> None:
    with running(tmp_path, 1) as cluster:
        cluster.signal(signal.SIGSTOP)
        assert worked(cluster.address, go(tmp_path)) == [EMPTY.format(cluster.address)]


def test_a_worker_that_is_stopped_leaves_the_work_to_others(tmp_path: Path) -> None:
    with running(tmp_path, 2) as cluster:
        cluster.workers[0].send_signal(signal.SIGSTOP)
        assert worked(cluster.address, go(tmp_path)) == []


def test_a_worker_that_joins_while_it_is_waited_for(tmp_path: Path) -> None:
    with running(tmp_path, 1) as cluster:
        worker = cluster.workers[0]
        worker.send_signal(signal.SIGSTOP)
        Timer(1, worker.send_signal, [signal.SIGCONT]).start()
        assert worked(cluster.address, go(tmp_path)) == []


@pytest.mark.parametrize("number", [signal.SIGSTOP, signal.SIGKILL])
def test_workers_lost_at_work(tmp_path: Path, number: signal.Signals) -> None:
    with (
        running(tmp_path, 2) as cluster,
        meanwhile(tmp_path, lambda: cluster.signal(number)),
    ):
        assert worked(cluster.address, tmp_path) == [LOST.format(cluster.address)]


def test_one_of_two_workers_is_stopped_at_work(tmp_path: Path) -> None:
    with (
        running(tmp_path, 2) as cluster,
        meanwhile(tmp_path, lambda: cluster.workers[0].send_signal(signal.SIGSTOP)),
    ):
        assert worked(cluster.address, tmp_path) == [LOST.format(cluster.address)]


def test_a_slow_worker_that_lives_is_waited_for(tmp_path: Path) -> None:
    with running(tmp_path, 1) as cluster, meanwhile(tmp_path, lambda: sleep(7)):
        assert worked(cluster.address, tmp_path, items=2) == []
        assert not (tmp_path / "here").exists()


class Scheduler:
    """What a scheduler says of the workers `a`, which is at batch 0, and `b`, which idles."""

    def __init__(self) -> None:
        self.moment = 1.0

    def get_events(self, topic: str) -> list[tuple[float, list[Any]]]:
        events = [["ours", 0, "gone"], ["ours", 0, "a"], ["other", 0, "b"]]
        return [(1.0, event) for event in events]

    def scheduler_info(self, n_workers: int) -> dict[str, Any]:
        self.moment += 1
        return {"workers": {"a": {"last_seen": self.moment}, "b": {"last_seen": self.moment}}}


def test_a_batch_that_never_ends_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [0.0]
    monkeypatch.setattr(cluster_talk, "time", SimpleNamespace(monotonic=lambda: clock[0]))
    begun: dict[int, tuple[str, float]] = {}
    seen: dict[str, float] = {}
    scheduler = Scheduler()

    def is_at_work(batches: set[int]) -> bool:
        return cluster_talk._is_at_work(scheduler, "ours", batches, begun, seen)

    assert is_at_work({0, 1})
    clock[0] = cluster_talk._LONGEST - 1
    assert is_at_work({0, 1})
    assert not is_at_work({1}), "nobody is at it"
    clock[0] += 2
    assert not is_at_work({0, 1})


def test_workers_that_are_busy_with_other_work_are_not_waited_for(tmp_path: Path) -> None:
    with (
        running(tmp_path, 1) as cluster,
        Client(cluster.address, set_as_default=False) as client,  # type: ignore[no-untyped-call]
    ):
        others = client.submit(sleep, 600, pure=False)
        until(lambda: any(client.processing().values()), patience=60)
        assert worked(cluster.address, go(tmp_path)) == [EMPTY.format(cluster.address)]
        del others


def fails_on_workers(folder: str, batch: Sequence[int]) -> list[int]:
    if str(os.getpid()) != Path(folder, "pid").read_text():
        raise OSError(28, "No space left on device")
    return [number * 2 for number in batch]


def test_work_that_fails_on_a_worker_is_done_here(tmp_path: Path) -> None:
    (tmp_path / "pid").write_text(str(os.getpid()))
    with running(tmp_path, 1) as cluster:
        (message,) = worked(cluster.address, tmp_path, fails_on_workers)
    assert message == (
        f"The Dask cluster at {cluster.address} failed ([Errno 28] No space left on device), so "
        "what it had not built was built on this machine. Check the output of the scheduler and "
        "its workers."
    )


def fails(folder: str, batch: Sequence[int]) -> list[int]:
    raise PortalError([])


def test_work_that_fails_everywhere_raises_its_error(tmp_path: Path) -> None:
    with running(tmp_path, 1) as cluster, pytest.raises(PortalError):
        worked(cluster.address, tmp_path, fails)
    assert not list(tmp_path.glob("shared-*"))


# The network between.


class Proxy:
    """Forwards to a scheduler until it is cut off; connections stay open then."""

    def __init__(self, address: str):
        host, port = address.removeprefix("tcp://").split(":")
        self.target = (host, int(port))
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.address = "tcp://{}:{}".format(*self.listening.getsockname())
        self.cut = False
        Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            near, _ = self.listening.accept()
            far = socket.create_connection(self.target)
            for one, other in ((near, far), (far, near)):
                Thread(target=self._forward, args=(one, other), daemon=True).start()

    def _forward(self, one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError):
            while data := one.recv(65536):
                if not self.cut:
                    other.sendall(data)
            if not self.cut:
                other.close()


def test_a_network_that_drops_all_in_the_middle(tmp_path: Path) -> None:
    with running(tmp_path, 1) as cluster:
        proxy = Proxy(cluster.address)
        with meanwhile(tmp_path, lambda: setattr(proxy, "cut", True)):
            assert worked(proxy.address, tmp_path) == [LOST.format(proxy.address)]


@pytest.mark.parametrize("number", [signal.SIGSTOP, signal.SIGKILL])
def test_a_scheduler_lost_in_the_middle(tmp_path: Path, number: signal.Signals) -> None:
    with (
        running(tmp_path, 1) as cluster,
        meanwhile(tmp_path, lambda: cluster.scheduler.send_signal(number)),
    ):
        (message,) = worked(cluster.address, tmp_path)
    assert message.startswith(
        (LOST.format(cluster.address), f"The Dask cluster at {cluster.address} failed (")
    )


# Other programs.


@pytest.fixture
def other_program(tmp_path: Path) -> Path:
    """The folder of a program that differs by a comment."""
    folder = tmp_path / "other"
    shutil.copytree(
        ROOT / "portalgen", folder / "portalgen", ignore=shutil.ignore_patterns("__pycache__")
    )
    shutil.copytree(ROOT / "tests", folder / "tests", ignore=shutil.ignore_patterns("__pycache__"))
    with open(folder / "portalgen/text.py", "a") as file:
        file.write("# another\n")
    return folder


def is_of_another_program(message: str) -> bool:
    return message.startswith(f"The machine {socket.gethostname()} (127.0.0.1) of the cluster runs")


def test_a_worker_with_another_program_is_left_out(tmp_path: Path, other_program: Path) -> None:
    with running(tmp_path, 1, [other_program]) as cluster:
        (message,) = worked(cluster.address, go(tmp_path))
        assert cluster.ask(has_shared) == {"worker-0": True, "worker-1": False}
    assert is_of_another_program(message)
    assert message.endswith(
        "so it was left out. Install the same version of portalgen, its libraries and Python on "
        "all, and start the worker again."
    )


def test_without_a_worker_with_this_program_work_is_done_here(
    tmp_path: Path, other_program: Path
) -> None:
    with running(tmp_path, 0, [other_program]) as cluster:
        message, empty = worked(cluster.address, go(tmp_path))
        assert cluster.ask(has_shared) == {"worker-0": False}
    assert is_of_another_program(message)
    assert empty == EMPTY.format(cluster.address)


def test_a_worker_without_the_program_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "none/portalgen").mkdir(parents=True)
    (tmp_path / "none/portalgen/__init__.py").touch()
    with running(tmp_path, 1, [tmp_path / "none"]) as cluster:
        (message,) = worked(cluster.address, go(tmp_path))
    assert message.startswith("The machine 127.0.0.1 of the cluster cannot take part (")


def test_a_worker_that_does_not_see_the_folder_is_left_out(tmp_path: Path) -> None:
    task = cluster_talk.Task("", doubled, str(tmp_path / "shared-1"), [], "1 (Python 3)", 1, 1)
    answer: Any = SimpleNamespace(
        status="finished", result=lambda: ("may-2", "1 (Python 3)", False)
    )
    refusal = cluster_talk._refusal(task, "10.0.0.2", answer)
    assert refusal
    assert refusal.describe("en") == (
        f"The machine may-2 (10.0.0.2) of the cluster does not see the folder {tmp_path} and was "
        "left out. Content and output must be in a folder that all machines share under the same "
        "path."
    )


# What stays behind.


def shorten() -> None:
    """Asked of a worker: keep shared data for a moment only."""
    cluster_talk._KEEP = 0.2


def test_workers_forget_what_they_shared(tmp_path: Path) -> None:
    with running(tmp_path, 1) as cluster:
        cluster.ask(shorten)
        assert worked(cluster.address, go(tmp_path)) == []
        until(lambda: cluster.ask(has_shared) == {"worker-0": False})


def clients(cluster: Cluster) -> int:
    """How many clients a scheduler has, besides the one that asks."""
    with Client(cluster.address, set_as_default=False) as client:  # type: ignore[no-untyped-call]
        count: int = client.run_on_scheduler(lambda dask_scheduler: len(dask_scheduler.clients))
    return count


def test_who_is_killed_leaves_no_client_and_no_data(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from tests.clusters import worked\n"
        "if __name__ == '__main__': worked(sys.argv[1], Path(sys.argv[2]))"
    )
    script = tmp_path / "script.py"
    script.write_text(code)
    with running(tmp_path, 1) as cluster:
        before = clients(cluster)
        builder = subprocess.Popen(
            [sys.executable, script, cluster.address, tmp_path],
            env=os.environ | {"PYTHONPATH": str(ROOT)},
        )
        until(lambda: list(tmp_path.glob("begun-*")), patience=60)
        assert clients(cluster) == before + 1
        assert list(tmp_path.glob("shared-*"))
        stop(builder)
        until(lambda: clients(cluster) == before and not list(tmp_path.glob("shared-*")))


def test_the_library_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portalgen.cluster.find_spec", lambda name: None)
    with pytest.raises(PortalError) as caught, connect("tcp://x", tmp_path, print):
        pass
    assert [item.describe("en") for item in caught.value.problems] == [
        'An optional part of portalgen is missing. Install it: pip install "portalgen[cluster]"'
    ]
