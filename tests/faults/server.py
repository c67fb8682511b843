"""A server for faults: what its shell runs is counted, and killed or stopped at any command."""

import getpass
import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.faults.commands import Places
from tests.faults.world import Setup, World
from tests.real.sshd import sshd_running
from tests.serve.serving import until

COMMANDS = ("cat", "chmod", "ln", "mkdir", "mv", "rm", "rmdir", "rsync", "sync")
# Stands before the real command. At the command in `kill`, the whole group is killed, and `rm` has
# removed half before. `sync` does what the file `hang` says.
COMMAND = """#!/bin/sh
name=${{0##*/}}
echo "$name" >> {folder}/calls
number=$(wc -l < {folder}/calls)
if [ -f {folder}/kill ] && [ "$number" = "$(/bin/cat {folder}/kill)" ]; then
    if [ $name = rm ]; then shift $(($# / 2)); /bin/rm -f -- "$@"; fi
    kill -9 0
fi
if [ $name = sync ] && [ -f {folder}/hang ]; then . {folder}/hang; fi
exec /bin/$name "$@"
"""
# The process of sshd that serves the connection is above the shell.
STOP_SESSION = """
above=$PPID
until grep -q '^sshd' /proc/$above/comm; do above=$(ps -o ppid= -p $above | tr -d ' '); done
echo $above -$(ps -o pgid= -p $$ | tr -d ' ') > {folder}/stopped
kill -STOP $above
exec sleep 300
"""
STOP_SHELL = "echo -$(ps -o pgid= -p $$ | tr -d ' ') > {folder}/stopped; kill -STOP 0"
LONG_WORK = "sleep {seconds}"


class Server:
    """A world whose target is on the server, and what stands before its commands."""

    def __init__(self, folder: Path, port: int):
        self.folder = folder / "server"
        self.folder.mkdir(exist_ok=True)
        for name in COMMANDS:
            (self.folder / name).write_text(COMMAND.format(folder=self.folder))
            (self.folder / name).chmod(0o755)
        world = folder / "world"
        url = f"ssh://{getpass.getuser()}@127.0.0.1:{port}{world}/dich"
        self.world = World(world, url)
        self.places = Places(self.world)

    def set_out(self, kill: int = 0, hang: str = "") -> None:
        """Count from the beginning; kill at a command, or hang while `sync` is run."""
        for name, text in (("calls", ""), ("kill", str(kill or "")), ("hang", hang)):
            file = self.folder / name
            file.unlink(missing_ok=True)
            if text or name == "calls":
                file.write_text(text.format(folder=self.folder))

    def calls(self) -> list[str]:
        """The commands since then."""
        return (self.folder / "calls").read_text().split()

    def is_free(self) -> bool:
        """Whether nobody holds the lock of the target."""
        lock = self.world.target / ".lock"
        if not lock.exists():
            return True
        done = subprocess.run(["flock", "-n", lock, "true"], check=False)
        return done.returncode == 0

    def end_stopped(self) -> None:
        """Kill what was stopped, and wait until the lock is free."""
        file = self.folder / "stopped"
        if file.exists():
            for number in map(int, file.read_text().split()):
                with suppress(ProcessLookupError):
                    (os.killpg if number < 0 else os.kill)(abs(number), signal.SIGKILL)
            file.unlink()
        until(self.is_free)


@contextmanager
def server_running(folder: Path) -> Iterator[Server]:
    """A server in a folder."""
    with sshd_running(folder, f"{folder}/server:{os.defpath}") as port:
        yield Server(folder, port)


def kill_at_step(number: int, sent: bool) -> Setup:
    """Kill the process before it sends the server something, or as soon as that is sent."""

    def setup() -> None:
        from portalgen.deploy.targets.shell import Shell

        left, real_run, real_copy = number, Shell.run, Shell.copy

        def kill() -> None:
            os.kill(os.getpid(), signal.SIGKILL)

        def run(shell: Shell, script: str) -> str:
            nonlocal left
            left -= 1
            if left < 0 and sent:
                shell._next_line = kill  # type: ignore[method-assign, assignment]
                assert shell._process.stdin
                shell._process.stdin.write(f"{script}\n")
                shell._process.stdin.flush()
            if left < 0:
                kill()
            return real_run(shell, script)

        def copy(shell: Shell, *arguments: object) -> None:
            nonlocal left
            left -= 1
            if left < 0 and not sent:
                kill()
            real_copy(shell, *arguments)  # type: ignore[arg-type]
            if left < 0:
                kill()

        Shell.run, Shell.copy = run, copy  # type: ignore[method-assign, assignment]

    return setup


def count_steps(file: Path) -> Setup:
    """Count what `kill_at_step` would count, into a file."""

    def setup() -> None:
        from portalgen.deploy.targets.shell import Shell

        for name in ("run", "copy"):
            real = getattr(Shell, name)

            def counted(*arguments: object, real: object = real) -> object:
                with file.open("a") as steps:
                    steps.write(".")
                return real(*arguments)  # type: ignore[operator]

            setattr(Shell, name, counted)

    return setup
