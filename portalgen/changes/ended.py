"""What was ended because it exceeded its limits: not tried again while it is the same."""

import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from msgspec import Struct, field, to_builtins

from portalgen import modes
from portalgen.changes.program import program_digest
from portalgen.problems import Problem
from portalgen.report import Options

_FILE = "ended.json"


class Ended(NamedTuple):
    """What was ended: its name, a signature of all that decides what it does, and the problem."""

    name: str
    signature: str
    problem: Problem


class EndedBefore(Struct):
    """What earlier builds ended, by name; `seen` are those that are still there."""

    folder: Path
    items: dict[str, Ended] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)

    def recall(self, name: str, signature: str) -> Problem | None:
        """The problem of what was ended, unless it has changed since."""
        item = self.items.get(name)
        if item is None or item.signature != signature:
            return None
        self.seen.add(name)
        return item.problem

    def remember(self, items: Iterable[Ended]) -> None:
        """Do not try these again."""
        for item in items:
            self.items[item.name] = item
            self.seen.add(item.name)

    def save(self, *, prune: bool = False) -> None:
        """Write all, or what is still there, as far as the disk permits: a build can do without."""
        file = self.folder / _FILE
        names = self.seen if prune else self.items.keys()
        if not names and not file.exists():
            return
        items = [to_builtins(self.items[name]) for name in sorted(names)]
        text = json.dumps({"program": program_digest(), "items": items}, ensure_ascii=False)
        temporary = self.folder / f"{_FILE}.tmp"
        with suppress(OSError):
            temporary.write_text(text, encoding="utf-8", newline="\n")
            modes.patiently(os.replace, temporary, file)


@contextmanager
def ended_before(options: Options) -> Iterator[EndedBefore]:
    """Yield what earlier builds ended, unless these are ignored, and save it afterwards.

    A build of all sites that succeeds forgets what it did not meet.
    """
    folder = options.state_folder
    before = load_ended(folder) if options.use_cache else EndedBefore(folder)
    prune = False
    try:
        yield before
        prune = not options.sites
    finally:
        before.save(prune=prune)


def load_ended(folder: Path) -> EndedBefore:
    """What earlier builds of this program ended; nothing if that cannot be read."""
    before = EndedBefore(folder)
    with suppress(OSError, ValueError, TypeError, LookupError):
        record = json.loads((folder / _FILE).read_text("utf-8"))
        if record["program"] == program_digest():
            for name, signature, values in record["items"]:
                values[4] = tuple((key, value) for key, value in values[4])
                before.items[name] = Ended(name, signature, Problem(*values))
    return before
