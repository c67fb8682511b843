"""What `serve` shows at any moment: the last build, and on top of it what was saved since."""

import asyncio
import gc
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from portalgen import pool
from portalgen.changes.cache import CacheDamagedError
from portalgen.problems import PortalError, Problem
from portalgen.report import Options
from portalgen.serve.preview import Preview
from portalgen.settings.network import load_network
from portalgen.settings.routes import NOT_FOUND
from portalgen.settings.site import Site
from portalgen.sources import OWN, leaves

_QUIET = (0.2, 1.0)  # seconds without a save before all is built again: at least, at most
_PAUSE = 0.4  # seconds that a build stands still, so that a save shows
_MOST_PREVIEWS = 8  # articles saved at once; where there are more, only a build is quick enough
_MOST_SHOWN = 500  # pages kept for the case that a build cannot make them any more
_ARTICLE = re.compile(r"(?:members/[^/]+/)?content/.+\.md")
_STYLE = re.compile(r"themes/.+\.css")
_FINGERPRINT = re.compile(r"assets/([\w./-]+)\.[0-9a-f]{8}(\.\w+)")


class Note(Struct, frozen=True):
    """One thing that is wrong, for the panel; known since save number `turn`."""

    turn: int
    path: str
    place: str
    message: str


@dataclass
class Session:
    """Keeps what is shown up to date.

    `changed` is called when a page may look different, `tell` with `problems` or `style.css` when
    those do, `told` with the report of each build.
    """

    options: Options
    language: str
    changed: Callable[[], None]
    tell: Callable[[str], None]
    told: Callable[[dict[str, Any]], None]
    sites: list[Site] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    built: bool = False

    def __post_init__(self) -> None:
        self._turn = 0
        self._saved_at = 0.0
        self._quiet = _QUIET[0]
        self._resuming: asyncio.TimerHandle | None = None
        self._stale = 0  # the last turn that only a build can show; 0: none
        self._wanted = asyncio.Event()
        self._over: dict[tuple[str, str], tuple[int, bytes]] = {}
        self._shown: dict[tuple[str, str], bytes] = {}
        self._styles: dict[tuple[str, str], bytes] = {}
        self._preview: Preview | None = None
        self._building: subprocess.Popen[bytes] | None = None
        self._quick = ThreadPoolExecutor(1)
        self._slow = ThreadPoolExecutor(1)

    # What there is to see.

    def content(self, slug: str, route: str) -> tuple[int, bytes]:
        """Status and bytes of a route of a site; of its own page for unknown addresses."""
        found = self._content(slug, route)
        if found is not None:
            return 200, found
        return 404, self._content(slug, NOT_FOUND) or b""

    def is_lasting(self, slug: str, route: str) -> bool:
        """Whether what stands at this address can never change: its name is made of its content."""
        named = _FINGERPRINT.fullmatch(route)
        if not named or (slug, named[1] + named[2]) in self._styles:
            return route.startswith("media/")
        return (self.options.output / slug / route).is_file()

    def is_folder(self, slug: str, route: str) -> bool:
        """Whether pages stand below `route`."""
        return (self.options.output / slug / route).is_dir()

    def _content(self, slug: str, route: str) -> bytes | None:
        at = (slug, route)
        over = self._over.get(at)
        data = over[1] if over else self._published(slug, route)
        if data is None and self.notes:
            return self._shown.get(at)  # the last good one, while something is wrong
        if data is not None and route.endswith(".html"):
            self._shown.pop(at, None)
            self._shown[at] = data
            if len(self._shown) > _MOST_SHOWN:
                del self._shown[next(iter(self._shown))]
        return data

    def _published(self, slug: str, route: str) -> bytes | None:
        folder = self.options.output / slug
        file = folder / route
        try:
            if leaves(str(file), str(folder)):
                return None
            named = _FINGERPRINT.fullmatch(route)
            if named and (style := self._styles.get((slug, named[1] + named[2]))):
                return style
            if file.is_file():
                return file.read_bytes()
            if route.startswith("media/") and (media := self._media(route)).is_file():
                return media.read_bytes()
            if named:  # the address of an older one, which an open page still names
                stem = named[1].rpartition("/")[2]
                same = sorted(file.parent.glob(f"{stem}.????????{named[2]}"))
                return same[0].read_bytes() if same else None
        except (OSError, ValueError):
            return None
        return None

    def _media(self, route: str) -> Path:
        return self.options.root / OWN / "media" / route.removeprefix("media/")

    # What people do.

    async def save(self, paths: Iterable[str]) -> None:
        """Show what was saved: at once where that is possible, all of it after a build."""
        self._turn += 1
        turn, names = self._turn, sorted(set(paths))
        if not names:
            return
        self._saved_at = time.monotonic()
        self._wanted.set()
        self._give_way()
        preview, run = self._preview, asyncio.get_running_loop().run_in_executor
        if preview and all(_STYLE.fullmatch(name) for name in names):
            self._stale = turn
            styles = await run(self._quick, preview.styles)
            if isinstance(styles, dict):
                self._styles = styles
                self.tell("style.css")
        elif (
            preview
            and len(names) <= _MOST_PREVIEWS
            and all(_ARTICLE.fullmatch(name) for name in names)
        ):
            for name in names:
                self._show(turn, name, await run(self._quick, _preview_of, preview, name))
            self.changed()
        else:
            self._stale = turn

    def _show(self, turn: int, name: str, found: Any) -> None:
        if found is None:
            self._stale = turn
        elif isinstance(found, list):
            self._note(name, [_note(turn, item, self.language) for item in found])
        else:
            pages, complete = found
            self._note(name, [])
            self._over.update({at: (turn, data) for at, data in pages.items()})
            if not complete:
                self._stale = turn

    def _note(self, name: str, notes: list[Note]) -> None:
        self._tell_notes([note for note in self.notes if note.path != name] + notes)

    def _tell_notes(self, notes: list[Note]) -> None:
        before = [(note.place, note.message) for note in self.notes]
        self.notes = sorted(notes, key=lambda note: (note.path, note.place))
        if [(note.place, note.message) for note in self.notes] != before:
            self.tell("problems")

    async def work(self) -> None:
        """Build now, and again after saves, until cancelled."""
        self._wanted.set()
        while True:
            await self._wanted.wait()
            while (left := self._saved_at + self._quiet - time.monotonic()) > 0:
                await asyncio.sleep(left)
            self._wanted.clear()
            await self._build()

    async def _build(self) -> None:
        loop = asyncio.get_running_loop()
        turn = self._turn
        report = await loop.run_in_executor(self._slow, self._run)
        if any(item["code"] == "locked" for item in report["refused"]):
            await asyncio.sleep(1)
            self._wanted.set()
            return
        later = [note for note in self.notes if note.turn > turn]
        seen = {note.path for note in later}
        found = [
            Note(turn, item["path"], _place(item), item["message"]) for item in report["refused"]
        ]
        self._tell_notes([note for note in found if note.path not in seen] + later)
        if report["done"]:
            self._quiet = min(max(_QUIET[0], report["seconds"] / 4), _QUIET[1])
            self._over = {at: kept for at, kept in self._over.items() if kept[0] > turn}
            with suppress(PortalError, OSError):  # changed since, and wrong now
                self.sites = list(load_network(self.options.root).sites)
            self.built = True
            if self._stale <= turn:
                self._styles = {}
        self.told(report)
        self.changed()
        if report["done"]:
            self._preview = await loop.run_in_executor(self._slow, self._refreshed, turn)

    def _run(self) -> dict[str, Any]:
        """Run `portalgen build` in a process of its own; its report, and whether it was `done`."""
        options = self.options
        # One processor stays free for the browser; a priority alone does not keep it so.
        jobs = max(1, pool.processors() - 1) if self.built else pool.processors()
        with tempfile.TemporaryDirectory(dir=options.output.parent) as folder:
            file = Path(folder) / "report.json"
            command: list[str | Path] = [
                sys.executable, "-m", "portalgen", "build", "--drafts", "--root", options.root,
                "--output", options.output, "--jobs", str(jobs), "--json", file,
                "--lang", self.language,
            ]  # fmt: skip
            for slug in options.sites:
                command += ["--site", slug]
            self._building = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                creationflags=getattr(subprocess, "BELOW_NORMAL_PRIORITY_CLASS", 0),
            )  # fmt: skip
            if hasattr(os, "setpriority"):  # what one looks at comes before what comes next
                os.setpriority(os.PRIO_PROCESS, self._building.pid, 10)
            _, errors = self._building.communicate()
            done = self._building.returncode in (0, 3)
            try:
                report: dict[str, Any] = json.loads(file.read_text("utf-8"))
            except (OSError, ValueError):
                lines = errors.decode("utf-8", "replace").strip().splitlines()
                message = lines[-1] if lines else f"portalgen build: {self._building.returncode}"
                said = {"path": "", "line": 0, "column": 0, "code": "", "message": message}
                report = {"refused": [said]}
        return {**report, "done": done}

    def _refreshed(self, turn: int) -> Preview | None:
        """The network in memory as the build left it; None if it cannot be told."""
        preview = self._preview
        try:
            if preview is None or 0 < self._stale <= turn:
                self._stale = 0
                preview = Preview(replace(self.options, now=int(time.time())))
                for path in list(preview.cards.articles)[:1]:
                    preview.update(path)  # what only the first one costs, nobody waits for
                gc.collect()
                gc.freeze()  # else each collection walks the whole network, during a save
            else:
                preview.remember_relations()
        except (PortalError, CacheDamagedError, OSError):
            return None
        return preview

    def _give_way(self) -> None:
        """Have a build stand still for a moment, where the system can; what shows comes first."""
        if not hasattr(signal, "SIGSTOP") or self._resuming:
            return
        self._tell_build(signal.SIGSTOP)
        self._resuming = asyncio.get_running_loop().call_later(_PAUSE, self._go_on)

    def _go_on(self) -> None:
        self._resuming = None
        self._tell_build(signal.SIGCONT)

    def _tell_build(self, what: signal.Signals) -> None:
        if self._building and self._building.poll() is None:
            self._building.send_signal(what)

    def stop(self) -> None:
        """End a build that runs, and the threads."""
        if self._resuming:
            self._resuming.cancel()
            self._go_on()
        if self._building and self._building.poll() is None:
            self._building.terminate()
            self._building.wait()
        self._quick.shutdown(wait=False, cancel_futures=True)
        self._slow.shutdown(wait=False, cancel_futures=True)


def _preview_of(preview: Preview, name: str) -> Any:
    try:
        return preview.update(name)
    except (LookupError, OSError):
        return None  # something else changed, too, which the next build will show


def _note(turn: int, item: Problem, language: str) -> Note:
    return Note(turn, item.path, item.place(), item.message(language))


def _place(item: dict[str, Any]) -> str:
    return ":".join(str(part) for part in (item["path"], item["line"], item["column"]) if part)
