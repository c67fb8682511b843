"""A network of three sites, what it was built as, and a target; commands run in a child process.

Commands come after a build that was done once: a run is `portalgen deploy` without its build. In
the child, all calls that change the file system can be counted, and the process be killed, or an
error be raised, at any of them.
"""

import builtins
import hashlib
import os
import pickle
import shutil
import signal
import subprocess
import sys
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from click.testing import CliRunner

from portalgen.cli import main
from portalgen.deploy.targets.folder import Folder
from portalgen.deploy.verify import Trust, verify_folder
from portalgen.report import BuildReport
from tests.helpers import MAIN_SETTINGS, article, run, write

FULL = bool(os.environ.get("PORTALGEN_FAULTS"))
SITES = ("bacha", "main", "sapa")
STATES = 5  # what is built and deployed, one after another; the last is the newest
PURGED = "main/tin-tuc/ten-nguoi.html"  # stands in the second of them only
SEED = 18
ALARMS = ("was changed", "is missing", "was added", "has no record", "does not lead",
          ": cannot be read")  # fmt: skip
CALLS = ("chmod", "fchmod", "fsync", "ftruncate", "link", "mkdir", "remove", "rename", "replace",
         "rmdir", "symlink", "sync", "unlink", "utime", "write")  # fmt: skip
OPEN, READ = "open", "open to read"  # these are seen by an audit hook, whoever calls them


class Call(NamedTuple):
    """A call that changes the file system, or opens a file; `in_trees` while trees are made."""

    kind: str
    path: str
    in_trees: bool


# Called before a call, with its number, and with itself for what is written by halves.
Hook = Callable[[int, Call, tuple[Any, ...]], None]
Setup = Callable[[], None]


class Outcome(NamedTuple):
    """How a run ended: its exit code, negative for a signal, and what it printed."""

    code: int
    stdout: str = ""
    stderr: str = ""
    trace: str = ""  # an exception that nobody caught
    calls: tuple[Call, ...] = ()

    @property
    def text(self) -> str:
        """All of it, for a failed test."""
        return f"exit {self.code}: {self.stdout} {self.stderr} {self.trace}".strip()

    @property
    def has_alarm(self) -> bool:
        """Whether a file is said not to be as published."""
        return any(alarm in self.stderr for alarm in ALARMS)


class World:
    """The network, the outputs of its states, and the folder of its target."""

    def __init__(self, folder: Path, url: str = "../dich"):
        self.folder, self.root, self.target = folder, folder / "network", folder / "dich"
        write(self.root, {
            "site.yaml": f"{MAIN_SETTINGS}targets:\n  - {{name: may-chu, url: {url}}}\n",
            **{f"members/{slug}/site.yaml": f"title: {slug}\nshort_title: {slug}\nkind: xa\n"
               for slug in SITES if slug != "main"},
        })  # fmt: skip
        for number in range(STATES):
            purged = article("Tên") if number == 1 else None
            for slug in SITES:
                home = "" if slug == "main" else f"members/{slug}/"
                text = article("Bài", body=f"Lần {number}")
                write(self.root, {f"{home}content/tin-tuc/bai.md": text})
                write(self.root, {f"{home}static/tep-{number}.txt": str(number)})
                write(self.root, {f"{home}static/a.txt": f"{slug} {number}"})
            name = "content/tin-tuc/ten-nguoi.md"
            if purged or (self.root / name).exists():
                write(self.root, {name: purged})
            report = run(self.root, self.output(number))
            assert not report.refused, report.refused
        self._kept: dict[str, Path] = {}

    def output(self, number: int) -> Path:
        """What a state was built as."""
        return self.folder / f"built-{number}"

    def deploy(
        self, number: int, *options: str, hook: Hook | None = None, setup: Setup | None = None
    ) -> Outcome:
        """Run `portalgen deploy` with the output of a state, in a child process."""
        output = ("--output", str(self.output(number)))
        return self.run("deploy", "may-chu", "--root", str(self.root), "--jobs", "1", *output,
                        "--lang", "en", *options, hook=hook, setup=setup)  # fmt: skip

    def run(self, *arguments: str, hook: Hook | None = None, setup: Setup | None = None) -> Outcome:
        """Run a command in a child process, in which `setup` is called first."""
        _warm()
        read_end, write_end = os.pipe()
        child = os.fork()
        if not child:
            os.close(read_end)
            outcome = Outcome(99)
            try:
                if setup:
                    setup()
                outcome = _in_child(arguments, hook)
            except BaseException:
                outcome = Outcome(99, trace=traceback.format_exc())
            finally:
                with open(write_end, "wb") as out:
                    pickle.dump(outcome, out)
                os._exit(0)
        os.close(write_end)
        with open(read_end, "rb") as pipe:
            data = pipe.read()
        status = os.waitpid(child, 0)[1]
        if os.WIFSIGNALED(status):
            return Outcome(-os.WTERMSIG(status))
        outcome = pickle.loads(data)
        assert isinstance(outcome, Outcome)
        return outcome

    def keep(self, name: str) -> None:
        """Keep the target, and what is kept of it at the sources, as it is now."""
        self._kept[name] = self.folder / f"kept-{name}"
        shutil.rmtree(self._kept[name], ignore_errors=True)
        self._kept[name].mkdir()
        for place in (self.target, self.root / ".portalgen"):
            copy_all(place, self._kept[name] / place.name)

    def bring_back(self, name: str) -> None:
        """Bring back what was kept, with times and hard links."""
        for place in (self.target, self.root / ".portalgen"):
            shutil.rmtree(place, ignore_errors=True)
            copy_all(self._kept[name] / place.name, place)

    def served(self) -> str:
        """The digest of all that a web server can reach below `current`."""
        rows = []
        for site in sorted(os.listdir(self.target / "current")):
            place = self.target / "current" / site
            if place.is_dir():
                rows += sorted(_digests(os.fspath(place), f"{site}/"))
        return hashlib.sha256("\n".join(rows).encode()).hexdigest()

    def differing(self) -> list[str]:
        """What differs from the record of the release that is shown."""
        result = verify_folder(self.target / "current", Trust(), lambda done, of: None)
        return [f"not as recorded: {f.place} {f.kind}" for f in result.findings]

    def leftovers(self) -> list[str]:
        """What an interrupted run has left."""
        kinds = ("**/.making-*", ".current-*", "**/*.removing", "**/release.removing")
        files = [file for kind in kinds for file in self.target.glob(kind)]
        files += (self.root / ".portalgen").glob("trees/*/.making-*")
        return [f"left: {file.relative_to(self.folder)}" for file in files]

    def releases(self) -> list[str]:
        """The names of all releases, oldest first."""
        return sorted(os.listdir(self.target / "releases"))


def copy_all(source: Path, into: Path) -> None:
    """Copy a folder with its links, times and hard links."""
    if source.exists():
        subprocess.run(["cp", "-a", source, into], check=True)


def _digests(folder: str, below: str) -> Iterator[str]:
    """A line for each entry in a folder, links followed as a web server does."""
    for name in os.listdir(folder):
        path = f"{folder}/{name}"
        if os.path.isdir(path):
            yield from _digests(path, f"{below}{name}/")
        else:
            data = Path(path).read_bytes() if os.path.isfile(path) else b"?"
            yield f"{below}{name} {hashlib.sha256(data).hexdigest()}"


def _warm() -> None:
    """Import here what runs need, for all of them."""
    import brotli  # noqa: F401

    import portalgen.commands.deployed
    import portalgen.deploy.deploy  # noqa: F401
    from portalgen.commands import releases, verify  # noqa: F401


def _in_child(arguments: tuple[str, ...], hook: Hook | None) -> Outcome:
    import portalgen.commands.deploy
    import portalgen.deploy.shipment

    # The outputs stand already; git would take most of the time.
    portalgen.commands.deploy._build = lambda *arguments: BuildReport()
    portalgen.deploy.shipment._commit = lambda root: ""
    calls = _watch(hook)
    result = CliRunner().invoke(main, list(arguments))
    trace = ""
    if result.exception and not isinstance(result.exception, SystemExit):
        trace = "".join(traceback.format_exception(result.exception))
    return Outcome(result.exit_code, result.stdout, result.stderr, trace, tuple(calls))


def _watch(hook: Hook | None) -> list[Call]:
    """Record all calls of this process from now on, and call the hook before each."""
    calls: list[Call] = []
    in_trees = False
    own = os.getpid()

    def note(kind: str, path: object, arguments: tuple[Any, ...]) -> None:
        if os.getpid() != own:  # a program that is about to be run
            return
        call = Call(kind, os.fspath(path) if isinstance(path, str | Path) else "", in_trees)
        calls.append(call)
        if hook:
            hook(len(calls) - 1, call, arguments)

    def watched(kind: str) -> Callable[..., Any]:
        real = getattr(os, kind)

        def call(*arguments: Any, **options: Any) -> Any:
            note(kind, arguments[0] if arguments else "", arguments)
            return real(*arguments, **options)

        return call

    def audit(event: str, arguments: tuple[Any, ...]) -> None:
        if event != "open" or not isinstance(arguments[0], str) or arguments[0].endswith(".py"):
            return
        flags = arguments[2] if isinstance(arguments[2], int) else 0
        writes = flags & (os.O_WRONLY | os.O_RDWR)
        if writes or "/.portalgen/" in arguments[0] or "/dich/" in arguments[0]:
            note(OPEN if writes else READ, arguments[0], arguments)

    real_send = Folder.send_trees

    def send(*arguments: Any, **options: Any) -> Any:
        nonlocal in_trees
        in_trees = True
        try:
            return real_send(*arguments, **options)
        finally:
            in_trees = False

    Folder.send_trees = send  # type: ignore[method-assign]
    for kind in CALLS:
        setattr(os, kind, watched(kind))
    sys.addaudithook(audit)
    return calls


def kill_at(number: int, half: bool = False) -> Hook:
    """Kill the process before a call, or when half of what it writes is written."""
    write_now, kill = os.write, os.kill

    def hook(now: int, call: Call, arguments: tuple[Any, ...]) -> None:
        if now == number:
            if half and call.kind == "write":
                write_now(arguments[0], bytes(arguments[1])[: len(arguments[1]) // 2])
            kill(os.getpid(), signal.SIGKILL)

    return hook


def fail_at(number: int, code: int, lasting: bool = False) -> Hook:
    """Raise an error at a call, or at it and all later ones of its kind."""
    kinds: list[str] = []

    def hook(now: int, call: Call, arguments: tuple[Any, ...]) -> None:
        if now == number:
            kinds.append(call.kind)
        if now == number or (lasting and call.kind in kinds):
            raise builtins.OSError(code, os.strerror(code), call.path or None)

    return hook
