"""A snapshot of all sources: names, sizes, times and inodes."""

import os
import time
from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct

from portalgen.digests import digest_parts

_SOURCES = ("site.yaml", "redirects.csv", "content", "static", "templates", "members", "themes")
_PACKAGE = Path(__file__).resolve().parents[1]
# A file this young may change again within the resolution of its times.
RACY_NANOSECONDS = 2_000_000_000


class Snapshot(Struct, frozen=True):
    """All sources at one moment; `newest` is their latest time, 0 if unknown."""

    digest: str
    newest: int
    taken: int


def settled(newest: int, taken: int) -> bool:
    """Whether the times of a snapshot will reveal every later change."""
    return 0 < newest < taken - RACY_NANOSECONDS


def take_snapshot(root: Path) -> Snapshot:
    """Take a snapshot of the sources below `root` and of the themes of the program."""
    taken = time.time_ns()
    paths = [str(root / name) for name in _SOURCES]
    paths += [str(_PACKAGE / "_themes"), str(_PACKAGE.parent / "themes")]
    states, times = zip(*map(_scan, paths))
    return Snapshot(digest_parts([*paths, *states]), _newest(times), taken)


def _scan(path: str) -> tuple[str, int]:
    """The state of a file or folder, and the newest of its times.

    That is 0 if there are symbolic links, whose targets are not scanned.
    """
    try:
        entries = list(os.scandir(path))
    except NotADirectoryError:
        return _state(os.stat(path))
    except FileNotFoundError:
        return "", 1
    except OSError as error:  # such as a circular link; reported when it is read
        return f"error {error.errno}", 0
    lines, times = [], [1]
    for entry in entries:
        try:
            if entry.is_symlink():
                state, newest = "link", 0
            elif entry.is_dir():
                state, newest = _scan(entry.path)
            else:
                state, newest = _state(entry.stat())
        except OSError as error:  # in a folder that may be listed and not entered
            state, newest = f"error {error.errno}", 0
        lines.append(f"{entry.name} {state}")
        times.append(newest)
    return digest_parts(sorted(lines)), _newest(times)


def _state(stat: os.stat_result) -> tuple[str, int]:
    mtime, ctime = stat.st_mtime_ns, stat.st_ctime_ns
    return f"{stat.st_size} {mtime} {ctime} {stat.st_ino}", max(mtime, ctime)


def _newest(times: Sequence[int]) -> int:
    return max(times) if all(times) else 0
