"""Build without a trace: into a folder that is removed, beside copies of what is remembered."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from msgspec.structs import replace

from portalgen.build import build
from portalgen.changes.cache import Cache, copy_database
from portalgen.changes.manifest import Manifest, Published, find_lost
from portalgen.changes.snapshot import take_snapshot
from portalgen.output.foreign import check_output, check_state
from portalgen.output.lock import Lock
from portalgen.register.place import FOLDER, readable_folder
from portalgen.register.store import copy_register
from portalgen.report import BuildReport, Options, Planned, Progress, silent
from portalgen.settings.routes import SEARCH_FOLDER
from portalgen.sources import OWN
from portalgen.unchanged import differs_by_program

_CACHE = "dry-run.sqlite"
_Files = dict[str, dict[str, Published]]


def _nothing(output: Path) -> None:
    """Prepare nothing."""


@contextmanager
def dry_run(
    options: Options, progress: Progress = silent, prepare: Callable[[Path], object] = _nothing
) -> Iterator[tuple[Path, BuildReport]]:
    """Yield an output with a manifest of all that a build would publish, and the report.

    Of the files only those are there that differ from the output of `options`. `prepare` is called
    with that output before the build. Raises `PortalError` as a build does.
    """
    root, output, state = options.root, options.output, options.state_folder
    check_output(root, output)
    check_state(root, output, state)
    state.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="dry-run-", dir=state) as folder:
        copy = Path(folder) / "output"
        before: _Files = {}
        new_program = False
        if (output / OWN / "manifest.sqlite").is_file():
            with Lock(output / OWN / "lock"):
                lost = find_lost(output)
                _copy_output(root, output, copy)
            with closing(Manifest(copy)) as manifest:
                before = {slug: dict(manifest.published(slug)) for slug in manifest.counts}
                new_program = differs_by_program(manifest, take_snapshot(root))
        else:
            lost = {}
            _copy_register(root, output, copy)
        prepare(copy)
        copy_database(state / "cache.sqlite", state / _CACHE)
        try:
            report = build(
                replace(options, output=copy, cache_name=_CACHE), None, progress, lambda: lost
            )
        finally:
            Cache.remove(state / _CACHE)
        with closing(Manifest(copy)) as manifest:
            after = {slug: manifest.published(slug) for slug in manifest.counts}
            report.planned = dict(_planned(before, after))
        report.new_program = new_program
        yield copy, report


def _copy_output(root: Path, output: Path, copy: Path) -> None:
    """Copy what a build reads of its output, besides what it wrote last."""
    (copy / OWN).mkdir(parents=True)
    copy_database(output / OWN / "manifest.sqlite", copy / OWN / "manifest.sqlite")
    for folder in output.glob(f"*/{SEARCH_FOLDER}"):
        shutil.copytree(folder, copy / folder.parent.name / SEARCH_FOLDER)
    _copy_register(root, output, copy)


def _copy_register(root: Path, output: Path, copy: Path) -> None:
    folder = readable_folder(root, output)
    if folder.is_dir():
        copy_register(folder, copy / OWN / FOLDER)


def _planned(before: _Files, after: _Files) -> Iterator[tuple[str, Planned]]:
    for slug in sorted(before.keys() | after.keys()):
        old, new = before.get(slug, {}), after.get(slug, {})
        planned = Planned(
            sorted(new.keys() - old.keys()),
            sorted(r for r in new.keys() & old.keys() if new[r].digest != old[r].digest),
            sorted(old.keys() - new.keys()),
        )
        if planned.added or planned.changed or planned.removed:
            yield slug, planned
