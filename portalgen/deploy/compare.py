"""Compare what stands with what should: what is missing, changed, or foreign."""

import os
import stat
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Set
from pathlib import Path
from typing import NamedTuple

from msgspec import Struct

from portalgen import modes
from portalgen.problems import Words, printable

# Where `certbot --webroot` puts files; older set-ups point it at a site of `current`.
ACME = ".well-known/acme-challenge"
_ABOVE_ACME = ".well-known"


class Finding(Struct, frozen=True, order=True):
    """A file of a site that is not as recorded; `kind` is a message `verify-<kind>`."""

    site: str
    path: str
    kind: str
    detail: str = ""

    @property
    def place(self) -> str:
        """The site, the path, or both."""
        return "/".join(part for part in (self.site, self.path) if part)

    def describe(self, words: Words) -> str:
        """`place: what is wrong`, in the language of `words`."""
        text = words(f"verify-{self.kind}", detail=printable(self.detail))
        return f"{printable(self.place)}: {text}" if self.place else text

    @property
    def is_damage(self) -> bool:
        """Whether readers may get something else than what was published."""
        return self.kind not in ("tolerated", "foreign", "unlocked")


class Entry(NamedTuple):
    """What stands at a path below a site: `time` in the unit of what it is compared with."""

    path: str
    is_folder: bool
    is_file: bool
    size: int
    time: int


def damaged_sites(findings: Iterable[Finding]) -> set[str]:
    """The sites in which something is damaged."""
    return {finding.site for finding in findings if finding.is_damage}


def find_differences(
    site: str, expected: Mapping[str, tuple[int, int]], entries: Iterable[Entry],
    wrong: Set[str] = frozenset(),
) -> list[Finding]:  # fmt: skip
    """Compare entries, folders before what they hold, with the size and time of each file.

    A time of 0 is not compared. `wrong` are files known to have another digest. What a foreign
    folder holds is not listed.
    """
    missing = set(expected)
    folders = folders_of(expected)
    findings = []
    foreign = ""  # the folder that was found last
    for entry in entries:
        path = entry.path
        if foreign and path.startswith(foreign):
            continue
        wanted = expected.get(path)
        if wanted is not None:
            missing.discard(path)
            same = entry.is_file and entry.size == wanted[0] and path not in wrong
            if not same or (wanted[1] and entry.time != wanted[1]):
                findings.append(Finding(site, path, "changed"))
        elif entry.is_folder and (path in folders or path == _ABOVE_ACME):
            continue
        elif entry.is_folder:
            foreign = f"{path}/"
            kind = "tolerated" if path == ACME else "added"
            findings.append(Finding(site, foreign, kind))
        else:
            findings.append(Finding(site, path, "added"))
    findings += [Finding(site, path, "missing") for path in missing]
    return sorted(findings)


def folders_of(paths: Iterable[str]) -> set[str]:
    """All folders above these paths, without the uppermost."""
    folders: set[str] = set()
    for path in paths:
        folder = path.rpartition("/")[0]
        while folder and folder not in folders:
            folders.add(folder)
            folder = folder.rpartition("/")[0]
    return folders


def stands(tree: Path, expected: Mapping[str, tuple[int, int]]) -> bool:
    """Whether a folder holds exactly this, open to web servers: a quick look at what is whole."""
    counts = Counter(path.rpartition("/")[0] for path in expected)
    folders = folders_of(expected)
    counts.update(folder.rpartition("/")[0] for folder in folders)
    try:
        for folder in ("", *folders):
            place = f"{tree}/{folder}"
            mode = os.lstat(place.rstrip("/")).st_mode
            if not stat.S_ISDIR(mode) or modes.is_closed(mode) or mode & 0o111 != 0o111:
                return False
            if len(os.listdir(place)) != counts[folder]:
                return False
        for path, wanted in expected.items():
            status = os.lstat(f"{tree}/{path}")
            if (status.st_size, status.st_mtime_ns) != wanted:
                return False
            if not stat.S_ISREG(status.st_mode) or modes.is_closed(status.st_mode):
                return False
    except (OSError, ValueError):
        return False
    return True


def walk_tree(tree: Path, expected: Set[str] | Mapping[str, object]) -> Iterator[Entry]:
    """What stands in a folder; what is expected there is opened to web servers.

    Links are not followed. Raises `OSError`.
    """
    folders = folders_of(expected)
    modes.open_folder(tree)
    waiting = [""]
    while waiting:
        below = waiting.pop()
        with os.scandir(f"{tree}/{below}") as scan:
            entries = sorted(scan, key=lambda entry: entry.name)
        inner = []
        for entry in entries:
            path = below + entry.name
            status = entry.stat(follow_symlinks=False)
            is_folder, is_file = stat.S_ISDIR(status.st_mode), stat.S_ISREG(status.st_mode)
            if is_folder and path in folders:
                modes.open_folder(entry.path)
            elif is_file and path in expected and modes.is_closed(status.st_mode):
                modes.open_file(entry.path)
            yield Entry(path, is_folder, is_file, status.st_size, status.st_mtime_ns)
            if is_folder and (path in folders or path == _ABOVE_ACME):
                inner.append(f"{path}/")
        waiting += reversed(inner)
