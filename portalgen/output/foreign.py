"""Refuse output folders with foreign files, before any is touched."""

import os
from pathlib import Path

from portalgen.changes.manifest import DAMAGED, Change, Manifest
from portalgen.problems import PortalError, problem
from portalgen.sources import OWN

_NOT_OURS = ("content", "members", "themes", "static", "portalgen", "register", ".git")


def check_output(root: Path, output: Path) -> None:
    """Refuse an output folder that is or contains the sources, or contains foreign files."""
    root, target = root.resolve(), output.resolve()
    sources = [root / name for name in _NOT_OURS]
    if (
        target == root
        or root.is_relative_to(target)
        or any(target.is_relative_to(source) for source in sources)
    ):
        raise PortalError([problem("output-is-source", name=output.name or ".")])
    if output.is_symlink() or (output.exists() and not output.is_dir()):
        raise PortalError([problem("output-not-folder", name=output.name)])
    own = output / OWN
    if output.is_dir() and not ((own / "manifest.sqlite").is_file() or (own / DAMAGED).is_file()):
        foreign = sorted(name for name in os.listdir(output) if name != OWN)
        if foreign:
            raise foreign_files(output, foreign)


def check_state(root: Path, output: Path, state: Path) -> None:
    """Refuse a folder for the cache that is the root, or among the sources or published files."""
    root, target, place = root.resolve(), output.resolve(), state.resolve()
    is_published = place.is_relative_to(target) and target / OWN not in place.parents
    if root.is_relative_to(target):  # the output is wrong
        return
    if is_published or place == root or any(place.is_relative_to(root / n) for n in _NOT_OURS):
        raise PortalError([problem("state-inside", name=state.name or ".")])


def foreign_files(output: Path, files: list[str]) -> PortalError:
    """The error for foreign files in the output folder."""
    names = ", ".join(files[:3])
    return PortalError([problem("output-foreign", name=output.name, files=names)])


def check_apart(root: Path, file: Path) -> None:
    """Refuse a file among the sources, or in an output folder: it would be published."""
    target = file.resolve()
    sources = [
        root.resolve() / name for name in ("content", "members", "static", "themes", "register")
    ]
    if any(target.is_relative_to(source) for source in sources) or any(
        (folder / OWN / "manifest.sqlite").is_file() for folder in target.parents
    ):
        raise PortalError([problem("output-inside", name=file.name)])


def refuse_foreign(
    output: Path, manifest: Manifest, changes: list[Change], removed: set[tuple[str, str]]
) -> None:
    """Raise `PortalError` if a foreign file is at, above or below the path of a changed file."""
    entries: dict[str, dict[str, bool]] = {}
    foreign: list[str] = []
    for change in changes:
        ours = change.route in manifest.published(change.site)
        if ours and change.route not in manifest.lost.get(change.site, ()):
            continue
        path = f"{change.site}/{change.route}"
        folder, _, name = path.rpartition("/")
        if folder not in entries:
            entries[folder], blocking = _entries(output, folder, removed)
            foreign += blocking
        is_folder = entries[folder].get(name)
        if is_folder:
            foreign += _files_below(output, path, removed)
        elif is_folder is False and not ours:
            foreign.append(path)
    if foreign:
        raise foreign_files(output, list(dict.fromkeys(foreign)))


def _entries(
    output: Path, folder: str, removed: set[tuple[str, str]]
) -> tuple[dict[str, bool], list[str]]:
    """Names in a folder, whether each is a folder; and a foreign file in place of the folder."""
    try:
        with os.scandir(output / folder) as entries:
            return {entry.name: entry.is_dir(follow_symlinks=False) for entry in entries}, []
    except FileNotFoundError:
        return {}, []
    except NotADirectoryError:
        while folder and not os.path.lexists(output / folder):
            folder = folder.rpartition("/")[0]
        site, _, route = folder.partition("/")
        return {}, [] if (site, route) in removed else [folder]


def _files_below(output: Path, path: str, removed: set[tuple[str, str]]) -> list[str]:
    """The files below a folder that are not to be removed."""
    files_below = [
        (Path(folder) / name).relative_to(output).as_posix()
        for folder, _, files in os.walk(output / path)
        for name in sorted(files)
    ]
    return [file for file in files_below if tuple(file.split("/", 1)) not in removed]
