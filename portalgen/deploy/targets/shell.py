"""A shell on a server reached by ssh, and rsync to it."""

import subprocess
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from shlex import quote
from tempfile import TemporaryDirectory
from threading import Thread
from urllib.parse import urlsplit

from portalgen.problems import PortalError, problem

# A server that does not answer any more ends a deployment in less than a minute. ssh tells where
# the connection is lost; a disk or a shell that hangs is told by a second connection: to read
# all files of a large site can take long, and is no reason to end.
_OPTIONS = (
    "BatchMode=yes", "ConnectTimeout=20", "ServerAliveInterval=10", "ServerAliveCountMax=3",
)  # fmt: skip
_RSYNC_SECONDS, _RSYNC_TIMEOUTS = 30, (30, 35)  # it ends some seconds later
_SILENT_SECONDS = 20  # after which it is asked, by a second connection, whether all is well there
_ASKING_SECONDS = 25
# Says where the disk does not hang, and nothing of the shell with this number is stopped.
_IS_WELL = """
cd {place} 2> /dev/null && ls > /dev/null
ps -A -o pid= -o pgid= -o stat= 2> /dev/null | awk -v pid={pid} '
    {{ group[$1] = $2; states[$2] = states[$2] substr($3, 1, 1) }}
    END {{ exit states[group[pid]] ~ /T/ }}' && echo well
"""
_DONE = "portalgen:done"  # ends an answer: no file has such a name (`routes.is_portable`)


class Shell:
    """A shell in the folder of a target; until it is closed, it holds the lock.

    If it is only to look, no folder is made, and no lock is taken.
    """

    def __init__(self, url: str, look: bool):
        parts = urlsplit(url)
        self._host = f"{parts.username}@{parts.hostname}" if parts.username else parts.hostname
        self._ssh = ["ssh", *(part for option in _OPTIONS for part in ("-o", option))]
        if parts.port:
            self._ssh += ["-p", str(parts.port)]
        self.folder = parts.path.rstrip("/")
        place = quote(self.folder)
        # One channel for both, or what is said of an error may come behind the end of the answer.
        begin = "exec sh 2>&1"
        if not look:  # what is made is for everyone to read
            begin = f"umask 022; mkdir -p {place} && exec flock -n {place}/.lock sh 2>&1"
        try:
            self._process = subprocess.Popen(
                [*self._ssh, self._host or "", begin], stdin=subprocess.PIPE,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8",
                errors="surrogateescape",
            )  # fmt: skip
        except OSError as error:
            raise _failed("ssh: " + (error.strerror or str(error))) from error
        self._lines: SimpleQueue[str] = SimpleQueue()
        self._pid = ""
        Thread(target=self._read, daemon=True).start()
        # Where there is no folder yet, the home of the user is not taken for it.
        try:
            text = self.run(f"cd {place} 2>/dev/null || cd /; echo here $$").strip()
            if not text.startswith("here "):
                raise _failed(text.partition("\n")[0])
        except PortalError:
            self.close()
            raise
        self._pid = text.removeprefix("here ")

    def _read(self) -> None:
        """Take what the server says, a line at a time; an empty one is the end."""
        assert self._process.stdout
        for line in self._process.stdout:
            self._lines.put(line)
        self._lines.put("")

    def _write(self, script: str) -> None:
        """Send a script; a server that reads nothing would hold us up here."""
        assert self._process.stdin
        with suppress(OSError, ValueError):  # it has ended; what it printed tells why
            self._process.stdin.write(script)
            self._process.stdin.flush()

    def _next_line(self) -> str:
        """The next line that the server says; raises `PortalError` if it says no more."""
        while True:
            try:
                return self._lines.get(timeout=_SILENT_SECONDS)
            except Empty:
                if not self._is_well():
                    raise self._lost() from None

    def _lost(self) -> PortalError:
        """End a connection on which nothing comes any more, with the words of ssh."""
        self._process.kill()
        self._process.wait()
        return _failed(f"Timeout, server {self._host} not responding.")

    def _is_well(self) -> bool:
        """Whether the server still answers, and works on what it was told."""
        script = _IS_WELL.format(place=quote(self.folder), pid=self._pid)
        command = [*self._ssh, self._host or "", script]
        try:
            answer = subprocess.run(
                command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
                timeout=_ASKING_SECONDS,
            )  # fmt: skip
        except (OSError, subprocess.TimeoutExpired):
            return False
        # Before the first answer there is nothing that could take long.
        return bool(self._pid) and answer.stdout.endswith("well\n")

    def run(self, script: str) -> str:
        """What a script prints; raises `PortalError` if its last command fails."""
        lines: list[str] = []
        script = f"{script}\nprintf '\\n%s %s\\n' {_DONE} $?\n"
        Thread(target=self._write, args=(script,), daemon=True).start()
        while line := self._next_line():
            if line.startswith(_DONE):
                if line.split()[-1] == "0":
                    return "".join(lines)[:-1]  # without the line end before the last line
                break
            lines.append(line)
        else:
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(10)  # the line is cut; soon it is known why
        reason = "".join(lines).strip().rpartition("\n")[2]
        if self._process.poll() == 1 and not reason:  # what flock says
            raise PortalError([problem("locked", holder=self._host or "")])
        raise _failed(reason or f"Connection to {self._host} lost.")  # ssh may be told to be quiet

    @property
    def is_lost(self) -> bool:
        """Whether the connection is."""
        return self._process.poll() is not None

    def copy(self, folders: Mapping[str, Path], into: str, *options: str) -> None:
        """Send folders by rsync, each under its name in `into`; raises `PortalError`."""
        with TemporaryDirectory() as links:
            for name, folder in folders.items():
                (Path(links) / name).symlink_to(folder.resolve())
            command = [
                "rsync", "-rltp", "--copy-dirlinks", "--chmod=D755,F644", "--no-human-readable",
                "--modify-window=-1",  # two builds may come within one second
                f"--timeout={_RSYNC_SECONDS}", *options, "-e", " ".join(map(quote, self._ssh)),
                f"{links}/", f"{self._host}:{self.folder}/{into}/",
            ]  # fmt: skip
            try:
                done = subprocess.run(command, capture_output=True, text=True, check=False)
            except OSError as error:
                raise _failed("rsync: " + (error.strerror or str(error))) from error
        if done.returncode in _RSYNC_TIMEOUTS:
            raise self._lost()
        if done.returncode:
            raise _failed(done.stderr.strip().rpartition("\n")[2] or "rsync")

    def close(self) -> None:
        """End the connection, and let go of the lock."""
        assert self._process.stdin
        with suppress(OSError):  # what could not be sent any more
            self._process.stdin.close()
        try:
            self._process.wait(_SILENT_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def _failed(reason: str) -> PortalError:
    return PortalError([problem("target-failed", reason=reason)])
