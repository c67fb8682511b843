"""Publish staged files one by one, with a journal from which the next build can finish.

The journal is complete before the first file moves. Moves are atomic, so each page is at any
moment either the old or the new one.
"""

import errno
import json
import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from portalgen import modes
from portalgen.changes.manifest import Change, Changeset, Manifest, Published
from portalgen.problems import PortalError, Problem, problem
from portalgen.sources import OWN

JOURNAL = "journal.json"
# Errors for names that a file system cannot store.
_IMPOSSIBLE = (errno.ENAMETOOLONG, errno.EINVAL, errno.EILSEQ, errno.ELOOP)
_OnError = Callable[[OSError], None]


def stage_folder(output: Path) -> Path:
    """An empty folder on the same file system as the output."""
    stage = output / OWN / "stage"
    shutil.rmtree(stage, ignore_errors=True)
    stage.mkdir(parents=True, exist_ok=True)  # a worker that was given up may write into it
    return stage


def possible(output: Path, changes: list[Change]) -> tuple[list[Change], list[Problem]]:
    """Changes whose files this file system can store, and problems of the others."""
    good, problems = [], []
    for change in changes:
        try:
            os.lstat(f"{output}/{change.site}/{change.route}")
        except (FileNotFoundError, NotADirectoryError):
            good.append(change)
        except OSError as error:
            if error.errno not in _IMPOSSIBLE:
                raise
            reason = error.strerror or type(error).__name__
            path = f"{change.site}/{change.route}"
            problems.append(
                problem("not-publishable", path, reason=reason)._replace(site=change.site)
            )
        else:
            good.append(change)
    return good, problems


def publish(output: Path, manifest: Manifest, changeset: Changeset) -> None:
    """Move staged files into place, remove old ones, and record both."""
    if changeset.changes or changeset.removed:
        journal = output / OWN / JOURNAL
        temporary = journal.with_suffix(".tmp")
        rows = [[c.staged, c.site, c.route, c.key, c.digest, c.size] for c in changeset.changes]
        record = {"changes": rows, "removed": changeset.removed}
        with open(temporary, "w", encoding="utf-8", newline="\n") as file:
            file.write(json.dumps(record))  # faster than `dump`
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, journal)
    try:
        _finish(output, manifest, changeset)
    except OSError as error:
        name = error.filename2 or error.filename
        raise PublishStoppedError(error.errno, error.strerror, name) from error


class PublishStoppedError(OSError):
    """Some files are published, others not; the next build finishes. `says` is a message."""

    says = "publish-stopped"


class RegisterStoppedError(PublishStoppedError):
    """All files are published, and the register does not say so; the next build finishes."""

    says = "register-stopped"


class RegisterDamagedError(PortalError):
    """All files are published; a damaged register cannot say so."""

    says = "register-stopped"


def recover(output: Path, manifest: Manifest) -> str:
    """Finish an interrupted publish; returns a note for the report, "" if there was none.

    A file that cannot be moved into place is skipped, or it could stop all later builds. The next
    build makes it again, or reports it.
    """
    journal = _read_journal(output / OWN / JOURNAL)
    if journal is None:
        return ""
    changes = [Change(*row) for row in journal["changes"]]
    removed = [(site, route) for site, route in journal["removed"]]
    skipped: list[OSError] = []
    changeset = Changeset(changes, removed, [], {})
    _finish(output, manifest, changeset, skipped.append)
    return "recovered-in-part" if skipped else "recovered"


def _read_journal(file: Path) -> dict | None:  # type: ignore[type-arg]
    """The journal of an interrupted publish; None if absent or incomplete."""
    try:
        journal = json.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        return None
    except ValueError:
        file.unlink()
        return None
    return journal if isinstance(journal, dict) else None


def _raise(error: OSError) -> None:
    raise error


def _finish(
    output: Path, manifest: Manifest, changeset: Changeset, on_error: _OnError = _raise
) -> None:
    """Apply a changeset; `on_error` is called for each file that fails."""
    changes, removed = changeset.changes, changeset.removed
    stage = output / OWN / "stage"
    first, last = _split_removed(changes, removed)
    deleted = _remove(output, first, on_error)
    written = []
    folders: set[str] = set()
    for change in changes:
        target = f"{output}/{change.site}/{change.route}"
        folder = target.rpartition("/")[0]
        try:
            if folder not in folders:
                modes.make_folders(folder)
                folders.add(folder)
            with suppress(FileNotFoundError):  # moved before the interruption
                _replace(f"{stage}/{change.staged}", target)
            with suppress(FileNotFoundError):
                mtime = os.stat(target).st_mtime_ns
                published = Published(change.key, change.digest, change.size, mtime)
                written.append((change.site, change.route, published))
        except OSError as error:
            on_error(error)
            _remove_empty(Path(folder), output)
    deleted += _remove(output, last, on_error)
    manifest.update(
        [*written, *changeset.rekeyed], deleted + changeset.forgotten, changeset.site_keys
    )
    with suppress(FileNotFoundError):
        (output / OWN / JOURNAL).unlink()
    shutil.rmtree(stage, ignore_errors=True)


def _replace(file: str, target: str) -> None:
    try:
        modes.patiently(os.replace, file, target)
    except OSError:
        if not os.path.isdir(target) or os.path.islink(target):
            raise
        for folder, _, _ in os.walk(target, topdown=False):  # removes empty folders only
            os.rmdir(folder)
        os.replace(file, target)


def _split_removed(
    changes: list[Change], removed: list[tuple[str, str]]
) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Files to remove before the changes: at the path of a new file or folder, ignoring case."""
    blocked: set[str] = set()
    for change in changes if removed else []:
        path = f"{change.site}/{change.route}".casefold()
        while path:
            blocked.add(path)
            path = path.rpartition("/")[0]
    new_paths = {f"{change.site}/{change.route}".casefold() for change in changes}

    def is_first(site: str, route: str) -> bool:
        path = f"{site}/{route}".casefold()
        parent = path
        while parent := parent.rpartition("/")[0]:
            if parent in new_paths:
                return True
        return path in blocked

    first = [item for item in removed if is_first(*item)]
    return first, [item for item in removed if item not in set(first)]


def _remove(
    output: Path, files: list[tuple[str, str]], on_error: _OnError
) -> list[tuple[str, str]]:
    """Remove files, and folders left empty; returns the removed files."""
    deleted = []
    for site, route in files:
        file = output / site / route
        try:
            with suppress(FileNotFoundError, IsADirectoryError, NotADirectoryError):
                modes.patiently(Path.unlink, file)
        except OSError as error:
            on_error(error)
            continue
        deleted.append((site, route))
        _remove_empty(file.parent, output)
    return deleted


def _remove_empty(folder: Path, output: Path) -> None:
    while folder != output:
        try:
            folder.rmdir()
        except OSError:
            return
        folder = folder.parent
