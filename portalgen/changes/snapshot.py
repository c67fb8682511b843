"""A snapshot of all sources: names, sizes, times and inodes."""

import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from msgspec import Struct, field

from portalgen.digests import digest_parts

_SOURCES = ("site.yaml", "redirects.csv", "content", "static", "templates", "members", "themes")
_MEMBERS = _SOURCES.index("members")
_PACKAGE = Path(__file__).resolve().parents[1]
# A file this young may change again within the resolution of its times.
RACY_NANOSECONDS = 2_000_000_000


class Snapshot(Struct, frozen=True):
    """All sources at one moment; `newest` is their latest time, 0 if unknown.

    `usage` is the number of files of each member's folder, and their bytes.
    """

    digest: str
    newest: int
    taken: int
    usage: Mapping[str, tuple[int, int]] = field(default_factory=dict)


def settled(newest: int, taken: int) -> bool:
    """Whether the times of a snapshot will reveal every later change."""
    return 0 < newest < taken - RACY_NANOSECONDS


def take_snapshot(root: Path) -> Snapshot:
    """Take a snapshot of the sources below `root` and of the themes of the program."""
    taken = time.time_ns()
    paths = [str(root / name) for name in _SOURCES]
    paths += [str(_PACKAGE / "_themes"), str(_PACKAGE.parent / "themes")]
    states, times, usages = [], [], {}
    for path in paths:
        state, newest, usages[path] = _scan(path)
        states.append(state)
        times.append(newest)
    usage = {name: (item.files, item.size) for name, item in usages[paths[_MEMBERS]].inner.items()}
    return Snapshot(digest_parts([*paths, *states]), _newest(times), taken, usage)


class _Usage(Struct):
    """The files of a folder and their bytes, and that of the folders in it."""

    files: int = 0
    size: int = 0
    inner: dict[str, "_Usage"] = field(default_factory=dict)


def _scan(path: str) -> tuple[str, int, _Usage]:
    """The state of a file or folder, the newest of its times, and what it holds.

    The time is 0 if there are symbolic links, whose targets are not scanned.
    """
    usage = _Usage()
    try:
        entries = list(os.scandir(path))
    except NotADirectoryError:
        return *_state(os.stat(path)), usage
    except FileNotFoundError:
        return "", 1, usage
    except OSError as error:  # such as a circular link; reported when it is read
        return f"error {error.errno}", 0, usage
    lines, times = [], [1]
    for entry in entries:
        try:
            if entry.is_symlink():
                state, newest = "link", 0
            elif entry.is_dir():
                state, newest, inner = _scan(entry.path)
                usage.files += inner.files
                usage.size += inner.size
                usage.inner[entry.name] = inner
            else:
                status = entry.stat()
                state, newest = _state(status)
                usage.files += 1
                usage.size += status.st_size
        except OSError as error:  # in a folder that may be listed and not entered
            state, newest = f"error {error.errno}", 0
        lines.append(f"{entry.name} {state}")
        times.append(newest)
    return digest_parts(sorted(lines)), _newest(times), usage


def _state(stat: os.stat_result) -> tuple[str, int]:
    mtime, ctime = stat.st_mtime_ns, stat.st_ctime_ns
    return f"{stat.st_size} {mtime} {ctime} {stat.st_ino}", max(mtime, ctime)


def _newest(times: Sequence[int]) -> int:
    return max(times) if all(times) else 0
