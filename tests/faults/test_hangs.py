"""A server that stops answering ends a deployment within a minute; long work does not."""

import os
import time
from pathlib import Path

import pytest

from portalgen.deploy.targets import shell
from tests.faults.cases import check_each
from tests.faults.server import LONG_WORK, STOP_SESSION, STOP_SHELL, Server
from tests.faults.world import FULL, Outcome

LIMIT = 60  # seconds
AT_THE_SERVER = {"sshd is stopped": STOP_SESSION, "the shell is stopped": STOP_SHELL}
# What stands in place of `ssh`: it never connects, answers once, or hangs for rsync only.
AT_HOME = {
    "ssh never connects": "exec sleep 300",
    "ssh hangs after an answer": (
        r"case $* in *flock*) printf 'here 1\n\nportalgen:done 0\n';; esac; exec sleep 300"
    ),
    "rsync hangs": 'case $* in *"rsync --server"*) exec sleep 300;; esac; exec {ssh} "$@"',
}


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> float:
    """The time in which a deployment has to end; a part of the real one in a sample."""
    if FULL:
        return LIMIT
    options = [*shell._OPTIONS[:2], "ServerAliveInterval=1", "ServerAliveCountMax=2"]
    monkeypatch.setattr(shell, "_OPTIONS", options)
    monkeypatch.setattr(shell, "_RSYNC_SECONDS", 3)
    monkeypatch.setattr(shell, "_SILENT_SECONDS", 2)
    monkeypatch.setattr(shell, "_ASKING_SECONDS", 5)
    return 45  # other tests use the processors meanwhile


def problems(server: Server, outcome: Outcome, seconds: float, patience: float) -> list[str]:
    """What is wrong with how a run ended, and with the next."""
    world, places = server.world, server.places
    wrong = [] if seconds < patience else [f"took {seconds:.0f} s"]
    reasons = ("127.0.0.1 not responding.", "Connection to ")
    if outcome.code != 1 or not any(reason in outcome.stderr for reason in reasons):
        wrong.append(outcome.text)
    server.end_stopped()
    if world.served() != places.states[2]:
        wrong.append("serves something else")
    return wrong + world.differing() + places.next_run_of("deploy", world.served())


@pytest.mark.parametrize("how", AT_THE_SERVER)
def test_a_server_that_stops_ends_a_deployment(
    request: pytest.FixtureRequest, server: Server, patience: float, how: str
) -> None:
    def check(how: str) -> list[str]:
        server.world.bring_back("three")
        server.set_out(hang=AT_THE_SERVER[how])
        started = time.monotonic()
        outcome = server.world.deploy(3)
        seconds = time.monotonic() - started
        server.set_out()
        return problems(server, outcome, seconds, patience)

    check_each(request, "hang, ssh", [how], check)


@pytest.mark.parametrize("how", AT_HOME)
def test_a_connection_on_which_nothing_comes_ends_a_deployment(
    request: pytest.FixtureRequest, server: Server, patience: float, tmp_path: Path, how: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    real = next(Path(place) for place in os.environ["PATH"].split(os.pathsep)) / "ssh"
    (tmp_path / "ssh").write_text(f"#!/bin/sh\n{AT_HOME[how].replace('{ssh}', str(real))}\n")
    (tmp_path / "ssh").chmod(0o755)

    def check(how: str) -> list[str]:
        server.world.bring_back("three")
        server.set_out()
        started = time.monotonic()
        with monkeypatch.context() as patch:
            patch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
            outcome = server.world.deploy(3)
        return problems(server, outcome, time.monotonic() - started, patience)

    check_each(request, "hang, ssh", [how], check)


def test_long_work_of_a_server_is_waited_for(
    request: pytest.FixtureRequest, server: Server
) -> None:
    def check(seconds: int) -> list[str]:
        server.world.bring_back("three")
        server.set_out(hang=LONG_WORK.replace("{seconds}", str(seconds)))
        outcome = server.world.deploy(3)
        server.set_out()
        return [] if outcome.code == 0 else [outcome.text]

    check_each(request, "long work, ssh", [int(shell._SILENT_SECONDS * 3.5)], check)
