"""The quickest build: nothing that it reads has changed, and all it wrote still stands.

Asked first by the command line, so it imports little. Whatever is in doubt is left to the build
itself.
"""

import json
import time
from collections.abc import Callable

from msgspec import to_builtins

from portalgen.changes.manifest import Lost, Manifest
from portalgen.changes.program import program_digest
from portalgen.changes.snapshot import Snapshot, settled
from portalgen.output.lock import Lock
from portalgen.problems import PortalError, Problem
from portalgen.report import BuildReport, Options, peak_mb
from portalgen.sources import OWN


def _asked(options: Options) -> list[object]:
    return [program_digest(), str(options.root.resolve()), sorted(options.sites), options.drafts]


def remember(manifest: Manifest, options: Options, sources: Snapshot, report: BuildReport) -> None:
    """Keep beside the output from what it was made."""
    manifest.last = _record(options, sources, report)


def _record(options: Options, sources: Snapshot, report: BuildReport) -> str:
    record = {
        "asked": _asked(options), "now": options.now,
        "sources": [sources.digest, sources.newest, sources.taken],
        "files": report.files_written + report.files_unchanged,
        "report": to_builtins(report),
    }  # fmt: skip
    return json.dumps(record)


def recall(options: Options, sources: Snapshot, lost: Callable[[], Lost]) -> BuildReport | None:
    """The report of a build that has nothing to do; None if one must look closer.

    `lost` tells which published files do not stand.
    """
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
                if lost():
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


def _values(record: dict) -> dict:  # type: ignore[type-arg]
    """The report's values, with problems made of what JSON keeps of them."""
    values: dict[str, object] = dict(record["report"])
    for name in ("refused", "warnings"):
        values[name] = [
            Problem(path, line, column, code, tuple((key, value) for key, value in told), site)
            for path, line, column, code, told, site in record["report"][name]
        ]
    return values


def _same(options: Options, record: dict, now: Snapshot) -> bool:  # type: ignore[type-arg]
    report, (digest, newest, taken) = record["report"], record["sources"]
    changes = [report["next_change"], report["next_silent_change"]]
    if (
        record["asked"] != _asked(options)
        or not record["now"] <= options.now < min(c or options.now + 1 for c in changes)
        or (options.strict and report["refused"])
        or not settled(newest, taken)
    ):
        return False
    return (now.digest, now.newest) == (digest, newest)
