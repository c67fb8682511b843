"""Publish: what is staged is switched in file by file, and a journal lets the next build finish.

The journal is written whole before the first file moves. Each move replaces one file at once, so
at every moment each page is whole, the old or the new.
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
from portalgen.problems import Problem, problem
from portalgen.sources import OWN

JOURNAL = "journal.json"
# What a file system says of a name that it will never take.
_IMPOSSIBLE = (errno.ENAMETOOLONG, errno.EINVAL, errno.EILSEQ, errno.ELOOP)
_Failed = Callable[[OSError], None]


def stage_folder(output: Path) -> Path:
    """An empty folder on the same file system as the output."""
    stage = output / OWN / "stage"
    shutil.rmtree(stage, ignore_errors=True)
    stage.mkdir(parents=True)
    return stage


def possible(output: Path, changes: list[Change]) -> tuple[list[Change], list[Problem]]:
    """The changes whose files this file system can hold, and what is wrong with the others."""
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
    """Switch in the staged files, remove those no longer planned, record it all."""
    if changeset.changes or changeset.removed:
        journal = output / OWN / JOURNAL
        beside = journal.with_suffix(".tmp")
        rows = [[c.staged, c.site, c.route, c.key, c.digest, c.size] for c in changeset.changes]
        record = {"changes": rows, "removed": changeset.removed, "owners": changeset.owners}
        with open(beside, "w", encoding="utf-8") as file:
            file.write(json.dumps(record))  # `dump` is slow
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, journal)
    try:
        _finish(output, manifest, changeset)
    except OSError as error:
        name = error.filename2 or error.filename
        raise PublishStoppedError(error.errno, error.strerror, name) from error


class PublishStoppedError(OSError):
    """Some files are published, others not yet; the next build finishes it."""


def recover(output: Path, manifest: Manifest) -> str:
    """Finish what an interrupted publish began; what to say of it, "" if there was none.

    A file that cannot be put in place is given up: the build that follows makes it again, or says
    what is wrong with it. Else a name that no file system takes would stop all builds from then on.
    """
    journal = _read_journal(output / OWN / JOURNAL)
    if journal is None:
        return ""
    changes = [Change(*row) for row in journal["changes"]]
    removed = [(site, route) for site, route in journal["removed"]]
    owners = [(site, claim, source) for site, claim, source in journal.get("owners", ())]
    given_up: list[OSError] = []
    changeset = Changeset(changes, removed, [], {}, owners)
    _finish(output, manifest, changeset, given_up.append)
    return "recovered-in-part" if given_up else "recovered"


def _read_journal(file: Path) -> dict | None:  # type: ignore[type-arg]
    """The journal of an interrupted publish; None if there is none, or it was never finished."""
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
    output: Path, manifest: Manifest, changeset: Changeset, failed: _Failed = _raise
) -> None:
    """Do what a journal tells; `failed` hears of each file for which that cannot be done."""
    changes, removed = changeset.changes, changeset.removed
    stage = output / OWN / "stage"
    first, last = _in_the_way(changes, removed)
    gone = _remove(output, first, failed)
    written = []
    made: set[str] = set()
    for change in changes:
        target = f"{output}/{change.site}/{change.route}"
        folder = target.rpartition("/")[0]
        try:
            if folder not in made:
                modes.make_folders(folder)
                made.add(folder)
            with suppress(FileNotFoundError):  # moved before an interruption
                _replace(f"{stage}/{change.staged}", target)
            with suppress(FileNotFoundError):
                mtime = os.stat(target).st_mtime_ns
                published = Published(change.key, change.digest, change.size, mtime)
                written.append((change.site, change.route, published))
        except OSError as error:
            failed(error)
            _remove_empty(Path(folder), output)
    gone += _remove(output, last, failed)
    manifest.update([*written, *changeset.kept], gone, changeset.site_keys, changeset.owners)
    with suppress(FileNotFoundError):
        (output / OWN / JOURNAL).unlink()
    shutil.rmtree(stage, ignore_errors=True)


def _replace(file: str, target: str) -> None:
    try:
        os.replace(file, target)
    except OSError:
        if not os.path.isdir(target) or os.path.islink(target):
            raise
        for folder, _, _ in os.walk(target, topdown=False):  # one of empty folders, or it stays
            os.rmdir(folder)
        os.replace(file, target)


def _in_the_way(
    changes: list[Change], removed: list[tuple[str, str]]
) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """What must go before the changes: a file where a folder must be, or the same but for case."""
    blocked: set[str] = set()
    for change in changes if removed else []:
        path = f"{change.site}/{change.route}".casefold()
        while path:
            blocked.add(path)
            path = path.rpartition("/")[0]
    new = {f"{change.site}/{change.route}".casefold() for change in changes}

    def is_first(site: str, route: str) -> bool:
        path = f"{site}/{route}".casefold()
        above = path
        while above := above.rpartition("/")[0]:
            if above in new:
                return True
        return path in blocked

    first = [item for item in removed if is_first(*item)]
    return first, [item for item in removed if item not in set(first)]


def _remove(output: Path, files: list[tuple[str, str]], failed: _Failed) -> list[tuple[str, str]]:
    """Remove files, and folders left empty; those that are gone."""
    gone = []
    for site, route in files:
        file = output / site / route
        try:
            with suppress(FileNotFoundError, IsADirectoryError, NotADirectoryError):
                file.unlink()
        except OSError as error:
            failed(error)
            continue
        gone.append((site, route))
        _remove_empty(file.parent, output)
    return gone


def _remove_empty(folder: Path, output: Path) -> None:
    while folder != output:
        try:
            folder.rmdir()
        except OSError:
            return
        folder = folder.parent
