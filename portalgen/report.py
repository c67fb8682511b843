"""Options and report of a build."""

import sys
from collections.abc import Callable
from pathlib import Path

from msgspec import Struct, field, to_builtins
from msgspec.structs import asdict, replace

from portalgen.problems import Problem
from portalgen.sources import OWN
from portalgen.text import moment_at

Progress = Callable[[str, int, int], None]  # phase, done, total


def silent(phase: str, done: int, total: int) -> None:
    """Default progress callback: does nothing."""


class Options(Struct, frozen=True):
    """Options of a build: `now` in seconds since 1970; `sites`: empty for all.

    `scheduler`: the address of a Dask cluster; empty: build on this machine. `accepted`: sites of
    which much may be taken away at once. `register`: the folder of one to read instead of the own,
    by `check`. `state`: the folder of the cache, if not `.portalgen` in the root.
    """

    root: Path
    output: Path
    now: int
    sites: tuple[str, ...] = ()
    jobs: int = 0
    use_cache: bool = True
    strict: bool = False
    drafts: bool = False
    scheduler: str = ""
    accepted: tuple[str, ...] = ()
    cache_name: str = "cache.sqlite"
    register: Path | None = None
    state: Path | None = None

    @property
    def state_folder(self) -> Path:
        """The folder of what the program remembers of a network."""
        return self.state or self.root / OWN

    def with_absolute_paths(self) -> "Options":
        """The same for a process in another working directory."""
        root, output, state = (
            path.absolute() for path in (self.root, self.output, self.state_folder)
        )
        return replace(self, root=root, output=output, state=state)


class Planned(Struct):
    """The files of a site that a build would write or remove, by route."""

    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)


class BuildReport(Struct):
    """Results of a build of `sites`, without those that `failed` and stay as they are published.

    `refused` holds the problems that did not stop it.
    `warnings` are about published content: links that lead nowhere and, from `check` alone, what
    hurts readers; or about a cluster that did not do its part. `changes` are pages that are gone,
    or have another address than before. `planned` is what a dry run would do, by site,
    `new_program` whether that is because of the program alone. `next_change` is when an article
    appears or disappears, `next_silent_change` when one leaves the news sitemap: in seconds since
    1970, 0 for never. `language` and `timezone` are those in which
    people are told.
    """

    sites: int = 0
    failed: list[str] = field(default_factory=list)
    articles: int = 0
    pages_planned: int = 0
    pages_rendered: int = 0
    files_written: int = 0
    files_removed: int = 0
    files_unchanged: int = 0
    refused: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    changes: list[Problem] = field(default_factory=list)
    planned: dict[str, Planned] = field(default_factory=dict)
    new_program: bool = False
    notes: list[str] = field(default_factory=list)
    next_change: int = 0
    next_silent_change: int = 0
    language: str = "vi"
    timezone: str = "UTC"
    seconds: float = 0.0
    phases: dict[str, float] = field(default_factory=dict)
    peak_mb: float = 0.0

    def as_json(self) -> dict[str, object]:
        """The report for `--json`: moments in UTC, problems with their messages."""
        values = asdict(self)
        for name in ("notes", "language", "timezone", "next_silent_change"):
            del values[name]
        for name in ("refused", "warnings", "changes"):
            problems: list[Problem] = getattr(self, name)
            values[name] = [problem.as_json(self.language) for problem in problems]
        values["planned"] = to_builtins(self.planned)
        values["next_change"] = (
            moment_at(self.next_change).isoformat() if self.next_change else None
        )
        return values


def peak_mb() -> float:
    """Peak memory of the largest process so far, in MB; 0 where unknown."""
    try:
        import resource
    except ImportError:  # Windows
        return 0.0
    usage = max(
        resource.getrusage(who).ru_maxrss
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return round(usage / (1024 * 1024 if sys.platform == "darwin" else 1024), 1)
