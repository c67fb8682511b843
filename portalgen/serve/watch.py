"""Watch the sources of a network and report saved files."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from watchfiles import DefaultFilter, awatch

SOURCES = ("content", "static", "templates", "members", "themes")
_STEP = 5  # milliseconds without a further change before changes are reported
Saved = Callable[[set[str]], Awaitable[None]]


class _Sources(DefaultFilter):
    """Accepts sources, but not the files that editors keep beside them."""

    def __call__(self, change: Any, path: str) -> bool:
        """Whether a change of `path` can matter."""
        name = Path(path).name
        hidden = name.startswith(".") or name.endswith((".tmp", ".part"))
        return not hidden and super().__call__(change, path)


async def watch(root: Path, saved: Saved) -> None:
    """Call `saved` with changed paths below `root`, until cancelled."""
    root = root.resolve()
    while True:
        places = [root / name for name in SOURCES if (root / name).is_dir()]
        stop = asyncio.Event()

        async def deep(places: list[Path] = places, stop: asyncio.Event = stop) -> None:
            async for changes in awatch(
                *places, watch_filter=_Sources(), step=_STEP, stop_event=stop
            ):
                await saved(_relative(root, changes))

        async def top(watched: list[Path] = places, stop: asyncio.Event = stop) -> None:
            async for changes in awatch(
                root, watch_filter=_Sources(), step=_STEP, stop_event=stop, recursive=False
            ):
                names = _relative(root, changes) & {"site.yaml", "redirects.csv", *SOURCES}
                if names:
                    await saved(names)
                if [root / name for name in SOURCES if (root / name).is_dir()] != watched:
                    stop.set()

        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(top())
            if places:
                tasks.create_task(deep())


def _relative(root: Path, changes: Any) -> set[str]:
    return {Path(path).relative_to(root).as_posix() for _, path in changes}
