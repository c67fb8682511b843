"""Skip a build when neither its inputs nor its output changed.

The command line tries this first, so imports are few. In doubt, the build runs.
"""

import json
import time
from collections.abc import Callable
from contextlib import suppress

from msgspec import to_builtins
from msgspec.structs import replace

from portalgen.changes.manifest import Lost, Manifest
from portalgen.changes.program import program_digest
from portalgen.changes.snapshot import Snapshot, settled
from portalgen.output.foreign import check_state
from portalgen.output.lock import Lock
from portalgen.problems import PortalError, Problem
from portalgen.register.place import readable_folder, state_of
from portalgen.report import BuildReport, Options, peak_mb
from portalgen.sources import OWN


def _inputs(options: Options) -> list[object]:
    return [
        program_digest(), str(options.root.resolve()), sorted(options.sites), options.drafts,
        sorted(options.accepted), state_of(readable_folder(options.root, options.output)),
    ]  # fmt: skip


def remember(manifest: Manifest, options: Options, sources: Snapshot, report: BuildReport) -> None:
    """Record the inputs of a build in the manifest; without that, the next one only does more."""
    with suppress(OSError, PortalError):  # all is published
        manifest.last = _record(options, sources, report)


def _record(options: Options, sources: Snapshot, report: BuildReport) -> str:
    lasting = [item for item in report.warnings if not item.code.startswith("cluster-")]
    record = {
        "asked": _inputs(options), "now": options.now,
        "sources": [sources.digest, sources.newest, sources.taken],
        "files": report.files_written + report.files_unchanged,
        "report": to_builtins(replace(report, warnings=lasting)),
    }  # fmt: skip
    return json.dumps(record)


def recall(options: Options, sources: Snapshot, lost: Callable[[], Lost]) -> BuildReport | None:
    """The report of a build with nothing to do; None if a build is needed.

    `lost` returns the published files that are missing or were altered.
    """
    started = time.perf_counter()
    own = options.output / OWN
    if not options.use_cache or not (own / "manifest.sqlite").is_file():
        return None
    try:
        check_state(options.root, options.output, options.state_folder)
        with Lock(options.state_folder / "lock"), Lock(own / "lock"):
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
        "changes": [], "peak_mb": peak_mb(), "seconds": round(time.perf_counter() - started, 3),
    }  # fmt: skip
    return BuildReport(**values)


def _values(record: dict) -> dict:  # type: ignore[type-arg]
    """The values of the recorded report, with problems restored."""
    values: dict[str, object] = dict(record["report"])
    for name in ("refused", "warnings"):
        values[name] = [
            Problem(*item)._replace(values=tuple((key, value) for key, value in item[4]))
            for item in record["report"][name]
        ]
    return values


def differs_by_program(manifest: Manifest, sources: Snapshot) -> bool:
    """Whether nothing but the program changed since the last build."""
    record = json.loads(manifest.last or "{}")
    return (
        bool(record)
        and record["asked"][0] != program_digest()
        and record["sources"][0] == sources.digest
    )


def _same(options: Options, record: dict, sources: Snapshot) -> bool:  # type: ignore[type-arg]
    report, (digest, newest, taken) = record["report"], record["sources"]
    changes = [report["next_change"], report["next_silent_change"]]
    if (
        record["asked"] != _inputs(options)
        or not record["now"] <= options.now < min(c or options.now + 1 for c in changes)
        or (options.strict and report["refused"])
        or not settled(newest, taken)
    ):
        return False
    return (sources.digest, sources.newest) == (digest, newest)
