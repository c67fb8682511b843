"""What is not ours: an output folder is refused before a file of somebody else is touched."""

import os
from pathlib import Path

from portalgen.changes.manifest import Change, Manifest
from portalgen.problems import PortalError, problem
from portalgen.sources import OWN


def check_output(root: Path, output: Path) -> None:
    """Refuse an output folder that is or holds the sources, or holds what we did not write."""
    root, target = root.resolve(), output.resolve()
    sources = [
        root / name for name in ("content", "members", "themes", "static", "portalgen", ".git")
    ]
    if (
        target == root
        or root.is_relative_to(target)
        or any(target.is_relative_to(source) for source in sources)
    ):
        raise PortalError([problem("output-is-source", name=output.name or ".")])
    if output.is_symlink() or (output.exists() and not output.is_dir()):
        raise PortalError([problem("output-not-folder", name=output.name)])
    if output.is_dir() and not (output / OWN / "manifest.sqlite").is_file():
        foreign = sorted(name for name in os.listdir(output) if name != OWN)
        if foreign:
            raise foreign_files(output, foreign)


def foreign_files(output: Path, files: list[str]) -> PortalError:
    """What to raise of files in the output folder that are not ours."""
    shown = ", ".join(files[:3])
    return PortalError([problem("output-foreign", name=output.name, files=shown)])


def check_apart(root: Path, file: Path) -> None:
    """Refuse a file among the sources, which would be published, or in a published folder."""
    target = file.resolve()
    sources = [root.resolve() / name for name in ("content", "members", "static", "themes")]
    if any(target.is_relative_to(source) for source in sources) or any(
        (folder / OWN / "manifest.sqlite").is_file() for folder in target.parents
    ):
        raise PortalError([problem("output-inside", name=file.name)])


def refuse_foreign(
    output: Path, manifest: Manifest, changes: list[Change], removed: set[tuple[str, str]]
) -> None:
    """Raise `PortalError` if what is not ours stands where a file goes, or above or below it."""
    there: dict[str, dict[str, bool]] = {}
    foreign: list[str] = []
    for change in changes:
        known = change.route in manifest.known(change.site)
        if known and change.route not in manifest.lost.get(change.site, ()):
            continue
        path = f"{change.site}/{change.route}"
        folder, _, name = path.rpartition("/")
        if folder not in there:
            there[folder], found = _entries(output, folder, removed)
            foreign += found
        is_folder = there[folder].get(name)
        if is_folder:
            foreign += _files_below(output, path, removed)
        elif is_folder is False and not known:
            foreign.append(path)
    if foreign:
        raise foreign_files(output, foreign)


def _entries(
    output: Path, folder: str, removed: set[tuple[str, str]]
) -> tuple[dict[str, bool], list[str]]:
    """What stands in a folder, by name, and whether it is one; a foreign file in its own place."""
    try:
        with os.scandir(output / folder) as found:
            return {e.name: e.is_dir(follow_symlinks=False) for e in found}, []
    except FileNotFoundError:
        return {}, []
    except NotADirectoryError:
        while folder and not os.path.lexists(output / folder):
            folder = folder.rpartition("/")[0]
        site, _, route = folder.partition("/")
        return {}, [] if (site, route) in removed else [folder]


def _files_below(output: Path, path: str, removed: set[tuple[str, str]]) -> list[str]:
    """The files in a folder that are not about to go."""
    found = [
        (Path(folder) / name).relative_to(output).as_posix()
        for folder, _, files in os.walk(output / path)
        for name in sorted(files)
    ]
    return [file for file in found if tuple(file.split("/", 1)) not in removed]
