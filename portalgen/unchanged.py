"""The quickest build or check: nothing that it reads has changed, and all it wrote still stands.

Asked first by the command line, so it imports little. Sources are compared by their names, sizes,
times and identities; whatever is in doubt is left to the build itself.
"""

import json
import os
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from portalgen import __version__
from portalgen.cache import Cache, CacheDamagedError
from portalgen.digests import digest_parts
from portalgen.output.folder import OWN, Lock, Manifest
from portalgen.problems import PortalError, Problem
from portalgen.report import BuildReport, Options, peak_mb

_SOURCES = ("site.yaml", "content", "static", "templates", "members", "themes")
_PACKAGE = Path(__file__).resolve().parent
# A file changed so shortly before it was looked at may change again without its times telling.
_RACY_NANOSECONDS = 2_000_000_000


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All sources at one moment; `newest` is the latest of their times, 0 if that is unknown."""

    digest: str
    newest: int
    taken: int


def snapshot(root: Path) -> Snapshot:
    """Look at every source below `root`, and at the themes that come with the program."""
    taken = time.time_ns()
    lines: list[str] = []
    newest = [1]
    places = [f"{root}/{name}" for name in _SOURCES]
    places += [str(_PACKAGE / "_themes"), str(_PACKAGE.parent / "themes")]
    told = all(_look(place, lines, newest) for place in places)
    return Snapshot(digest_parts(lines), max(newest) if told else 0, taken)


def _look(place: str, lines: list[str], newest: list[int]) -> bool:
    """Describe a file or a folder; False where a symbolic link makes that unsafe."""
    try:
        entries = sorted(os.scandir(place), key=lambda entry: entry.name)
    except NotADirectoryError:
        stat = os.stat(place)
        lines.append(f"{place} {stat.st_size} {stat.st_mtime_ns} {stat.st_ctime_ns} {stat.st_ino}")
        newest[0] = max(newest[0], stat.st_mtime_ns, stat.st_ctime_ns)
        return True
    except FileNotFoundError:
        lines.append(place)
        return True
    lines.append(f"{place}/")
    told = True
    for entry in entries:
        if entry.is_symlink():
            told = False
        elif entry.is_dir():
            told = _look(entry.path, lines, newest) and told
        else:
            stat = entry.stat()
            mtime, ctime = stat.st_mtime_ns, stat.st_ctime_ns
            lines.append(f"{entry.name} {stat.st_size} {mtime} {ctime} {stat.st_ino}")
            if mtime > newest[0] or ctime > newest[0]:
                newest[0] = max(mtime, ctime)
    return told


def _asked(options: Options) -> list[object]:
    return [__version__, str(options.root.resolve()), sorted(options.sites), options.drafts]


def remember(options: Options, sources: Snapshot, report: BuildReport) -> None:
    """Keep beside the output from what it was made."""
    manifest = Manifest(options.output)
    try:
        manifest.last = _record(options, sources, report)
    finally:
        manifest.close()


def remember_check(options: Options, sources: Snapshot, report: BuildReport, cache: Cache) -> None:
    """Keep with what is known of articles what a check found."""
    cache.set_meta("check", _record(options, sources, report))


def _record(options: Options, sources: Snapshot, report: BuildReport) -> str:
    record = {
        "asked": _asked(options), "sources": asdict(sources), "now": options.now,
        "files": report.files_written + report.files_unchanged,
        "report": asdict(report),
    }  # fmt: skip
    return json.dumps(record)


def recall(options: Options, sources: Snapshot) -> BuildReport | None:
    """The report of a build that has nothing to do; None if one must look closer."""
    started = time.perf_counter()
    own = options.output / OWN
    if not options.use_cache or not (own / "manifest.sqlite").is_file():
        return None
    try:
        with Lock(options.root / OWN / "lock"), Lock(own / "lock"):
            manifest = Manifest(options.output)
            try:
                record = json.loads(manifest.last or "{}")
                if (
                    not record
                    or (own / "journal.json").exists()
                    or not _same(options, record, sources)
                ):
                    return None
                if any(manifest.lost.values()):
                    return None
            finally:
                manifest.close()
    except (PortalError, OSError, ValueError):
        return None
    values = _values(record) | {
        "pages_rendered": 0, "files_written": 0, "files_removed": 0,
        "files_unchanged": record["files"], "phases": {}, "notes": [],
        "peak_mb": peak_mb(), "seconds": round(time.perf_counter() - started, 3),
    }  # fmt: skip
    return BuildReport(**values)


def recall_check(options: Options, sources: Snapshot) -> BuildReport | None:
    """The report of a check that would find the same again; None if one must look closer."""
    started = time.perf_counter()
    file = options.root / OWN / "cache.sqlite"
    if not options.use_cache or not file.is_file():
        return None
    try:
        with Lock(options.root / OWN / "lock"):
            cache = Cache(file)
            try:
                record = json.loads(cache.meta("check") or "{}")
            finally:
                cache.close()
        if not record or not _same(options, record, sources):
            return None
    except (CacheDamagedError, PortalError, OSError, ValueError):
        return None
    seconds = round(time.perf_counter() - started, 3)
    return BuildReport(**_values(record) | {"seconds": seconds})


def _values(record: dict) -> dict:  # type: ignore[type-arg]
    """The report's values, with problems made of what JSON keeps of them."""
    values: dict[str, object] = dict(record["report"])
    for name in ("refused", "warnings"):
        values[name] = [
            Problem(**{**item, "values": tuple((key, value) for key, value in item["values"])})
            for item in record["report"][name]
        ]
    return values


def _same(options: Options, record: dict, now: Snapshot) -> bool:  # type: ignore[type-arg]
    report, then = record["report"], Snapshot(**record["sources"])
    changes = [report["next_change"], report["next_silent_change"]]
    if (
        record["asked"] != _asked(options)
        or not record["now"] <= options.now < min(c or options.now + 1 for c in changes)
        or (options.strict and report["refused"])
        or not 0 < then.newest < then.taken - _RACY_NANOSECONDS
    ):
        return False
    return now.digest == then.digest and now.newest == then.newest
