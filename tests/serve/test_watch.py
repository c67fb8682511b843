import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import pytest
from watchfiles import Change

from portalgen.serve.watch import _Sources, watch
from tests.helpers import network, write
from tests.serve.serving import complete

CHANGED = Change.modified


@pytest.mark.parametrize(
    ("name", "matters"),
    [
        ("content/tin-tuc/a.md", True), ("static/a b.pdf", True), ("themes/x/assets/a.css", True),
        ("content/.a.md.swp", False), ("content/a.md~", False), ("content/a.md.tmp", False),
        ("static/a.pdf.part", False), ("content/.git/HEAD", False), ("content/a.swp", False),
    ],
)  # fmt: skip
def test_what_editors_keep_beside_sources_does_not_matter(name: str, matters: bool) -> None:
    assert _Sources()(CHANGED, f"/home/web/{name}") is matters


def reported(root: Path, edits: Sequence[tuple[Mapping[str, str], str]]) -> set[str]:
    """All paths reported; each edit comes with the path to see before the next."""
    reports: asyncio.Queue[set[str]] = asyncio.Queue()
    paths: set[str] = set()

    async def run() -> None:
        watching = asyncio.create_task(watch(root, reports.put))
        for files, path in [({"site.yaml": "title: A\n"}, "site.yaml"), *edits]:
            while path not in paths:  # until the system watches: once more
                write(root, files)
                with suppress(TimeoutError):
                    paths.update(await asyncio.wait_for(reports.get(), 0.5))
        watching.cancel()

    complete(run())
    return paths


def test_a_save_is_reported_by_its_path_below_the_root(tmp_path: Path) -> None:
    root = network(tmp_path, {"content/tin-tuc/a.md": "a", "static/b.txt": "b"})
    article, member = "content/tin-tuc/a.md", "members/sapa/site.yaml"
    paths = reported(root, [
        ({"public/x.html": "", "x.txt": "x", "content/.x": "", article: "b"}, article),
        ({".portalgen/x": "", member: "title: A"}, member),
    ])  # fmt: skip
    assert paths == {"site.yaml", article, member}


def test_a_folder_of_sources_that_is_made_later_is_watched_from_then_on(tmp_path: Path) -> None:
    root = network(tmp_path, {})
    path = "content/tin-tuc/b.md"
    assert path in reported(root, [({"content/tin-tuc/a.md": "a"}, "content"), ({path: "b"}, path)])
