"""What `serve` shows: the last build, and on top of it what was saved since."""

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
from portalgen.library import read_network
from portalgen.problems import PortalError, Problem
from portalgen.report import Options
from portalgen.serve.preview import Preview, make_preview
from portalgen.settings.routes import NOT_FOUND
from portalgen.settings.site import Site
from portalgen.sources import leaves

_QUIET = (0.2, 1.0)  # seconds without a save before a build: at least, at most
_PAUSE = 0.4  # seconds that a build pauses, so that a save shows
_MAX_PREVIEWS = 8  # articles saved at once; a build is quicker for more
_MAX_KEPT = 500  # pages kept in case a build can no longer make them
_ARTICLE = re.compile(r"(?:members/[^/]+/)?content/.+\.md")
_STYLE = re.compile(r"themes/.+\.css")
_FINGERPRINT = re.compile(r"assets/([\w./-]+)\.[0-9a-f]{8}(\.\w+)")


class Note(Struct, frozen=True):
    """A problem for the panel; reported since save number `turn`."""

    turn: int
    path: str
    place: str
    message: str


@dataclass
class Session:
    """Keeps pages up to date.

    `on_change` is called when a page may have changed, `notify` with `problems` or `style.css` when
    those have, `on_report` with the report of each build.
    """

    options: Options
    language: str
    on_change: Callable[[], None]
    notify: Callable[[str], None]
    on_report: Callable[[dict[str, Any]], None]
    sites: list[Site] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    built: bool = False

    def __post_init__(self) -> None:
        self._turn = 0
        self._saved_at = 0.0
        self._quiet = _QUIET[0]
        self._resume_timer: asyncio.TimerHandle | None = None
        self._stale = 0  # the last turn that needs a build; 0: none
        self._build_due = asyncio.Event()
        self._previews: dict[tuple[str, str], tuple[int, bytes]] = {}
        self._kept: dict[tuple[str, str], bytes] = {}
        self._styles: dict[tuple[str, str], bytes] = {}
        self._preview: Preview | None = None
        self._building: subprocess.Popen[bytes] | None = None
        self._preview_thread = ThreadPoolExecutor(1)
        self._build_thread = ThreadPoolExecutor(1)

    def content(self, slug: str, route: str) -> tuple[int, bytes]:
        """Status and bytes of a site's route; of its error page if there is none."""
        data = self._content(slug, route)
        if data is not None:
            return 200, data
        return 404, self._content(slug, NOT_FOUND) or b""

    def is_lasting(self, slug: str, route: str) -> bool:
        """Whether the content at this address can never change, being named by it."""
        match = _FINGERPRINT.fullmatch(route)
        if not match or (slug, match[1] + match[2]) in self._styles:
            return route.startswith("media/")
        return (self.options.output / slug / route).is_file()

    def is_folder(self, slug: str, route: str) -> bool:
        """Whether there are pages below `route`."""
        return (self.options.output / slug / route).is_dir()

    def _content(self, slug: str, route: str) -> bytes | None:
        key = (slug, route)
        preview = self._previews.get(key)
        data = preview[1] if preview else self._published(slug, route)
        if data is None and self.notes:
            return self._kept.get(key)  # the last good one, while there are problems
        if data is not None and route.endswith(".html"):
            self._kept.pop(key, None)
            self._kept[key] = data
            if len(self._kept) > _MAX_KEPT:
                del self._kept[next(iter(self._kept))]
        return data

    def _published(self, slug: str, route: str) -> bytes | None:
        folder = self.options.output / slug
        file = folder / route
        try:
            if leaves(str(file), str(folder)):
                return None
            match = _FINGERPRINT.fullmatch(route)
            if match and (style := self._styles.get((slug, match[1] + match[2]))):
                return style
            if file.is_file():
                return file.read_bytes()
            if route.startswith("media/") and (media := self._media(route)).is_file():
                return media.read_bytes()
            if match:  # an older address, which an open page still uses
                stem = match[1].rpartition("/")[2]
                same = sorted(file.parent.glob(f"{stem}.????????{match[2]}"))
                return same[0].read_bytes() if same else None
        except (OSError, ValueError):
            return None
        return None

    def _media(self, route: str) -> Path:
        return self.options.state_folder / "media" / route.removeprefix("media/")

    async def save(self, paths: Iterable[str]) -> None:
        """Show saved files: at once where possible, completely after a build."""
        self._turn += 1
        turn, names = self._turn, sorted(set(paths))
        if not names:
            return
        self._saved_at = time.monotonic()
        self._build_due.set()
        self._pause_build()
        preview, run = self._preview, asyncio.get_running_loop().run_in_executor
        if preview and all(_STYLE.fullmatch(name) for name in names):
            self._stale = turn
            styles = await run(self._preview_thread, preview.styles)
            if isinstance(styles, dict):
                self._styles = styles
                self.notify("style.css")
        elif (
            preview
            and len(names) <= _MAX_PREVIEWS
            and all(_ARTICLE.fullmatch(name) for name in names)
        ):
            for name in names:
                self._apply(turn, name, await run(self._preview_thread, _preview_of, preview, name))
            self.on_change()
        else:
            self._stale = turn

    def _apply(self, turn: int, name: str, result: Any) -> None:
        if result is None:
            self._stale = turn
        elif isinstance(result, list):
            self._replace_notes(name, [_note(turn, item, self.language) for item in result])
        else:
            pages, complete, warnings = result
            self._replace_notes(name, [_note(turn, item, self.language) for item in warnings])
            self._previews.update({key: (turn, data) for key, data in pages.items()})
            if not complete:
                self._stale = turn

    def _replace_notes(self, name: str, notes: list[Note]) -> None:
        self._set_notes([note for note in self.notes if note.path != name] + notes)

    def _set_notes(self, notes: list[Note]) -> None:
        before = [(note.place, note.message) for note in self.notes]
        self.notes = sorted(notes, key=lambda note: (note.path, note.place))
        if [(note.place, note.message) for note in self.notes] != before:
            self.notify("problems")

    async def work(self) -> None:
        """Build now, and again after saves, until cancelled."""
        self._build_due.set()
        while True:
            await self._build_due.wait()
            while (delay := self._saved_at + self._quiet - time.monotonic()) > 0:
                await asyncio.sleep(delay)
            self._build_due.clear()
            await self._build()

    async def _build(self) -> None:
        loop = asyncio.get_running_loop()
        turn = self._turn
        report = await loop.run_in_executor(self._build_thread, self._run)
        if any(item["code"] == "locked" for item in report["refused"]):
            await asyncio.sleep(1)
            self._build_due.set()
            return
        later = [note for note in self.notes if note.turn > turn]
        later_paths = {note.path for note in later}
        notes = [
            Note(turn, item["path"], _place(item), item["message"])
            for item in (*report["refused"], *report["warnings"])
        ]
        self._set_notes([note for note in notes if note.path not in later_paths] + later)
        if report["done"]:
            self._quiet = min(max(_QUIET[0], report["seconds"] / 4), _QUIET[1])
            self._previews = {key: page for key, page in self._previews.items() if page[0] > turn}
            with suppress(PortalError, OSError):  # changed and broken since
                self.sites = list(read_network(self.options)[0].sites)
            self.built = True
            if self._stale <= turn:
                self._styles = {}
        self.on_report(report)
        self.on_change()
        if report["done"]:
            self._preview = await loop.run_in_executor(
                self._build_thread, self._refresh_preview, turn
            )

    def _run(self) -> dict[str, Any]:
        """Run `portalgen build` in a process; its report, and whether it was `done`."""
        options = self.options
        # Keep one processor free for the browser; a low priority alone does not.
        jobs = max(1, pool.processors() - 1) if self.built else pool.processors()
        with tempfile.TemporaryDirectory(dir=options.output.parent) as folder:
            file = Path(folder) / "report.json"
            command: list[str | Path] = [
                sys.executable, "-m", "portalgen", "build", "--drafts", "--root", options.root,
                "--output", options.output, "--jobs", str(jobs), "--json", file,
                "--lang", self.language, "--state", options.state_folder,
            ]  # fmt: skip
            for slug in options.sites:
                command += ["--site", slug]
            self._building = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                creationflags=getattr(subprocess, "BELOW_NORMAL_PRIORITY_CLASS", 0),
            )  # fmt: skip
            if hasattr(os, "setpriority"):  # requests come first
                os.setpriority(os.PRIO_PROCESS, self._building.pid, 10)
            _, errors = self._building.communicate()
            done = self._building.returncode in (0, 3)
            try:
                report: dict[str, Any] = json.loads(file.read_text("utf-8"))
            except (OSError, ValueError):
                lines = errors.decode("utf-8", "replace").strip().splitlines()
                message = lines[-1] if lines else f"portalgen build: {self._building.returncode}"
                problem = {"path": "", "line": 0, "column": 0, "code": "", "message": message}
                report = {"refused": [problem], "warnings": []}
        return {**report, "done": done}

    def _refresh_preview(self, turn: int) -> Preview | None:
        """The network as the build left it; None if it cannot be loaded."""
        preview = self._preview
        try:
            if preview is None or 0 < self._stale <= turn:
                self._stale = 0
                preview = Preview(replace(self.options, now=int(time.time())))
                for path in list(preview.cards.articles)[:1]:
                    make_preview(preview, path)  # pays the cost of the first one now
                gc.collect()
                gc.freeze()  # else each collection would walk the whole network
            else:
                preview.update_relations()
        except (PortalError, CacheDamagedError, OSError):
            return None
        return preview

    def _pause_build(self) -> None:
        """Pause a build for a moment, where the system can, so that a save shows first."""
        if not hasattr(signal, "SIGSTOP") or self._resume_timer:
            return
        self._signal_build(signal.SIGSTOP)
        self._resume_timer = asyncio.get_running_loop().call_later(_PAUSE, self._resume_build)

    def _resume_build(self) -> None:
        self._resume_timer = None
        self._signal_build(signal.SIGCONT)

    def _signal_build(self, number: signal.Signals) -> None:
        if self._building and self._building.poll() is None:
            self._building.send_signal(number)

    def stop(self) -> None:
        """End a running build and the threads."""
        if self._resume_timer:
            self._resume_timer.cancel()
            self._resume_build()
        if self._building and self._building.poll() is None:
            self._building.terminate()
            self._building.wait()
        self._preview_thread.shutdown(wait=False, cancel_futures=True)
        self._build_thread.shutdown(wait=False, cancel_futures=True)


def _preview_of(preview: Preview, name: str) -> Any:
    try:
        return preview.update(name)
    except (LookupError, OSError):
        return None  # something else changed, too; the next build shows it


def _note(turn: int, item: Problem, language: str) -> Note:
    return Note(turn, item.path, item.place(), item.message(language))


def _place(item: dict[str, Any]) -> str:
    return ":".join(str(part) for part in (item["path"], item["line"], item["column"]) if part)
