"""The repository's own network, as published, on hosts that browsers resolve to this machine."""

import time
from pathlib import Path
from shutil import copytree

from portalgen.build import build
from portalgen.report import Options
from tests.helpers import NOW, article, write

REPOSITORY = Path(__file__).resolve().parents[1]
HOST = "laocai.localhost"  # a secure context like HTTPS, and never resolved elsewhere
OLD = "members/sapa/content/tin-tuc/cu-{:02}.md"


def build_sample(folder: Path) -> Path:
    """Build the network in `folder`, with old articles for older pages; return its output."""
    root = folder / "network"
    for name in ("content", "members", "themes"):
        copytree(REPOSITORY / name, root / name)
    settings = (REPOSITORY / "site.yaml").read_text("utf-8")
    old = {
        OLD.format(n): article(f"Việc cũ thứ {n}", f"2019-{n // 28 + 1:02}-{n % 28 + 1:02} 08:00")
        for n in range(45)
    }
    settings = settings.replace("https://", "http://").replace(".example", ".localhost")
    write(root, {"site.yaml": settings, **old})
    report = build(Options(root, folder / "public", NOW))
    assert not report.refused, report.refused
    return folder / "public"


def build_once(folder: Path) -> Path:
    """Build the network in `folder`, or wait for another process to do so; return its output."""
    done = folder / "done"
    try:
        folder.mkdir()
    except FileExistsError:
        for _ in range(1800):
            if done.exists():
                return folder / "public"
            time.sleep(0.1)
        raise
    output = build_sample(folder)
    done.touch()
    return output
