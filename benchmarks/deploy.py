"""Time of `portalgen deploy` to a folder, with its build: `python -m benchmarks.deploy`."""

import argparse
import statistics
import sys
import tempfile
from pathlib import Path

from benchmarks.measure import run
from benchmarks.synthetic import generate, write

TARGET = "targets:\n  - {name: may-chu, url: ../dich}\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sites", type=int, default=48)
    parser.add_argument("--articles", type=int, default=12_000)
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        root = Path(name) / "network"
        write(generate(options.sites, options.articles), root)
        (root / "themes").symlink_to(Path(__file__).resolve().parents[1] / "themes")
        with (root / "site.yaml").open("a", encoding="utf-8") as settings:
            settings.write(TARGET)
        deploy = [sys.executable, "-m", "portalgen", "deploy", "may-chu", "--root", str(root)]
        build = [sys.executable, "-m", "portalgen", "build", "--root", str(root)]
        edited = sorted((root / "members").glob("*/content/*/*.md"))[0]
        print(f"first: {run([deploy]).wall:.1f} s")
        changed: list[float] = []
        built: list[float] = []
        same: list[float] = []
        for number in range(options.runs):
            for command, walls in ((deploy, changed), (build, built)):
                with edited.open("a", encoding="utf-8") as article:
                    article.write(f"\nThêm một câu, lần {number}.\n")
                walls.append(run([command]).wall)
            run([deploy])
            same.append(run([deploy]).wall)
    for what, walls in (("one article changed", changed), ("of which the build", built),
                        ("nothing changed", same)):  # fmt: skip
        print(f"{what}: {statistics.median(walls):.2f} s ({min(walls):.2f} to {max(walls):.2f})")


if __name__ == "__main__":
    main()
