"""What all sources look like from outside: by their names, sizes, times and identities."""

import os
import time
from pathlib import Path

from msgspec import Struct

from portalgen.digests import digest_parts

_SOURCES = ("site.yaml", "content", "static", "templates", "members", "themes")
_PACKAGE = Path(__file__).resolve().parents[1]
# A file changed so shortly before it was looked at may change again without its times telling.
RACY_NANOSECONDS = 2_000_000_000


class Snapshot(Struct, frozen=True):
    """All sources at one moment; `newest` is the latest of their times, 0 if that is unknown."""

    digest: str
    newest: int
    taken: int


def settled(newest: int, taken: int) -> bool:
    """Whether times up to `newest`, looked at when it was `taken`, will tell every later change."""
    return 0 < newest < taken - RACY_NANOSECONDS


def look(root: Path) -> Snapshot:
    """Look at every source below `root`, and at the themes that come with the program."""
    taken = time.time_ns()
    places = [str(root / name) for name in _SOURCES]
    places += [str(_PACKAGE / "_themes"), str(_PACKAGE.parent / "themes")]
    looks = [_look_at(place) for place in places]
    digest = digest_parts([*places, *(state for state, _ in looks)])
    return Snapshot(digest, _newest([newest for _, newest in looks]), taken)


def _look_at(place: str) -> tuple[str, int]:
    """What tells a file or folder from what it was, and the newest of its times.

    That is 0 where a symbolic link could lead to what is not looked at.
    """
    try:
        entries = list(os.scandir(place))
    except NotADirectoryError:
        return _state(os.stat(place))
    except FileNotFoundError:
        return "", 1
    except OSError as error:  # a link to itself, a path too long: whoever reads it is told
        return f"error {error.errno}", 0
    lines, times = [], [1]
    for entry in entries:
        if entry.is_symlink():
            state, newest = "link", 0
        elif entry.is_dir():
            state, newest = _look_at(entry.path)
        else:
            state, newest = _state(entry.stat())
        lines.append(f"{entry.name} {state}")
        times.append(newest)
    return digest_parts(sorted(lines)), _newest(times)


def _state(stat: os.stat_result) -> tuple[str, int]:
    mtime, ctime = stat.st_mtime_ns, stat.st_ctime_ns
    return f"{stat.st_size} {mtime} {ctime} {stat.st_ino}", max(mtime, ctime)


def _newest(times: list[int]) -> int:
    return max(times) if all(times) else 0
