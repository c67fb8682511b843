"""Build the same network with portalgen and with Hugo."""

import importlib.util
import os
import shutil
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from benchmarks.hugo import ONE, SITES, TOKENS
from benchmarks.measure import Figure, Files, count, memory, run
from benchmarks.synthetic import BODY_BYTES, LINK, MAIN, NOW, folder

JOBS = 2
SETTLED = 2.5  # seconds after which portalgen trusts the times of a new file
CLOCK = "2020-01-15T08:00:00+07:00"
ONE_CORE = {"GOMAXPROCS": "1"}
COLD, SAME = "everything, from nothing", "nothing changed"
EDITED, EDITED_MAIN = "a body edited, member", "a body edited, main"
ADDED, TOKEN = "an article added, main", "a token of a member"
OPERATIONS = (COLD, SAME, EDITED, EDITED_MAIN, ADDED, TOKEN)
# Articles; beyond, one big Hugo site takes many minutes, and Pagefind more than 16 GB.
ALL_UP_TO = 12_000
_NEW = "bai-them-999999"

Taken = dict[str, dict[str, list[Figure]]]  # operation → builder → figures


class Network:
    """A network on disk, as portalgen and as Hugo sites, with methods to change and build it."""

    def __init__(
        self, base: Path, sites: int, articles: int, hugo: str = "", pagefind: str = "",
        body: int = BODY_BYTES,
    ):  # fmt: skip
        self.base, self.articles, self.hugo, self.pagefind = base, articles, hugo, pagefind
        self.root, self.output = base / "portalgen", base / "portalgen-output"
        self.hugo_root = base / "hugo"
        numbers = ["--sites", str(sites), "--articles", str(articles), "--body", str(body)]
        # In separate processes: the memory of this one counts into that of its children.
        run([[sys.executable, "-m", "benchmarks.synthetic", str(self.root), *numbers]])
        if hugo:
            run([[sys.executable, "-m", "benchmarks.hugo", str(self.hugo_root), *numbers]])
        time.sleep(SETTLED)

    def portalgen(self) -> Figure:
        """Build with portalgen."""
        return run([self._build()])

    def memory(self) -> tuple[float, float]:
        """MB of the largest process of a build with portalgen, and of all of its processes."""
        return memory(self._build())

    def _build(self) -> list[str]:
        paths = ["--root", str(self.root), "--output", str(self.output)]
        options = ["--now", NOW, "--jobs", str(JOBS)]
        return [sys.executable, "-m", "portalgen", "build", *paths, *options]

    def written_since(self, moment: float) -> dict[str, int]:
        """The number of files of each site that portalgen has written since `moment`."""
        numbers: dict[str, int] = {}
        for site in os.scandir(self.output):
            if not site.name.startswith("."):
                files = [f"{at}/{name}" for at, _, names in os.walk(site.path) for name in names]
                numbers[site.name] = sum(os.stat(file).st_mtime >= moment for file in files)
        return {site: number for site, number in numbers.items() if number}

    def slugs(self) -> list[str]:
        """The slugs of all sites."""
        return sorted(entry.name for entry in (self.hugo_root / SITES).iterdir())

    def hugo_output(self, one_core: bool) -> Path:
        """The output folder of the Hugo sites; there is one for each way of running Hugo."""
        return self.base / ("hugo-output-1" if one_core else "hugo-output")

    def hugo_sites(self, slugs: Iterable[str], one_core: bool) -> Figure:
        """Build these sites with Hugo, a process for each, two at a time."""
        commands = self._each_hugo(slugs, self.hugo_output(one_core))
        return run(commands, at_once=JOBS, env=ONE_CORE if one_core else None)

    def hugo_one(self) -> Figure:
        """Build all articles as one Hugo site."""
        return run([self._hugo(ONE, self.base / "hugo-output-one")])

    def hugo_with_search(self) -> Figure:
        """Build every site with Hugo and index it with Pagefind, the main site over the network."""
        output = self.base / "hugo-output-search"
        network = ["--site", str(output), "--output-path", str(output / MAIN / "network")]
        sites = [["--site", str(output / slug)] for slug in self.slugs()]
        built = run(self._each_hugo(self.slugs(), output), at_once=JOBS)
        return built + run([[self.pagefind, *what] for what in (network, *sites)], at_once=JOBS)

    def _each_hugo(self, slugs: Iterable[str], output: Path) -> list[list[str]]:
        return [self._hugo(f"{SITES}/{slug}", output / slug) for slug in slugs]

    def _hugo(self, site: str, output: Path) -> list[str]:
        cache = ["--cacheDir", str(self.base / "hugo-cache")]
        paths = ["--source", str(self.hugo_root / site), "--destination", str(output)]
        return [self.hugo, "--quiet", "--clock", CLOCK, *cache, *paths]

    def forget(self) -> None:
        """Remove all outputs and caches of builds."""
        outputs = [
            self.root / ".portalgen", self.output, self.hugo_output(True), self.hugo_output(False),
            self.base / "hugo-output-one", self.base / "hugo-output-search",
            self.base / "hugo-cache", *self.hugo_root.glob("*/*/resources"),
        ]  # fmt: skip
        for path in outputs:
            shutil.rmtree(path, ignore_errors=True)
        for file in [*self.hugo_root.rglob(f"{_NEW}.md"), *self.root.rglob(f"{_NEW}.md")]:
            file.unlink()

    def member(self) -> str:
        """The member with the most articles, where an edit costs Hugo the most."""
        return max(
            (slug for slug in sorted(os.listdir(self.root / "members"))),
            key=lambda slug: len(_sources(folder(self.root, slug))),
        )

    def edit(self, site: str, turn: int) -> None:
        """Append a paragraph of the next article to the one in the middle of a site."""
        sources = _sources(folder(self.root, site))
        at = len(sources) // 2 + turn
        paragraph = _body(sources[at + 1]).split("\n\n")[0]
        for file in self._copies(site, sources[at]):
            with file.open("a", encoding="utf-8") as stream:
                stream.write(f"\n{paragraph}\n")

    def add(self) -> None:
        """Add a new article to the main site, with head and body of the newest two."""
        previous, newest = _sources(self.root)[-2:]
        for file, model in zip(self._copies(MAIN, newest), self._copies(MAIN, previous)):
            head = file.read_text("utf-8").split("\n---\n")[0].replace(newest.stem, _NEW)
            lines = [
                "title: Bài viết thêm vào" if line.startswith("title:") else line
                for line in head.split("\n")
            ]
            lines = [_dated(line) if line.startswith("date:") else line for line in lines]
            text = "\n".join(lines) + "\n---\n" + LINK.sub("", _body(model))
            (file.parent / f"{_NEW}.md").write_text(text, "utf-8")

    def colour(self, site: str, turn: int) -> None:
        """Change the accent colour of a site."""
        colour = f"#7a52{turn + 1:02}"
        settings = folder(self.root, site) / "site.yaml"
        text = settings.read_text("utf-8").split("tokens:")[0]
        settings.write_text(f'{text}tokens: {{accent: "{colour}"}}\n', "utf-8")
        if self.hugo:
            assets = self.hugo_root / SITES / site / "assets"
            assets.mkdir(exist_ok=True)
            (assets / "tokens.css").write_text(TOKENS.replace("#7a5200", colour), "utf-8")

    def _copies(self, site: str, file: Path) -> list[Path]:
        """The files of an article in portalgen's network and, if any, in the Hugo sites."""
        inside = file.relative_to(folder(self.root, site))
        copies = [self.hugo_root / SITES / site / inside, self.hugo_root / ONE / inside]
        return [file, *(copies if self.hugo else [])]


def _dated(line: str) -> str:
    return f'date: "{CLOCK[:11]}07:30:00+07:00"' if '"' in line else "date: 2020-01-15 07:30"


def _sources(base: Path) -> list[Path]:
    """The articles of a site, in the order in which they were generated."""
    return sorted(base.glob("content/*/*.md"), key=lambda file: file.stem[-6:])


def _body(file: Path) -> str:
    return file.read_text("utf-8").split("\n---\n", 1)[1]


def measure(network: Network, turn: int, taken: Taken) -> dict[str, int]:
    """Take every figure once, those that take very long only in the first turn.

    Return the number of files of each site written after the change of a member's token.
    """
    network.forget()
    member = network.member()
    prepare: list[Callable[[], None]] = [
        lambda: None,
        lambda: None,
        lambda: network.edit(member, turn),
        lambda: network.edit(MAIN, turn),
        network.add,
        lambda: network.colour(member, turn),
    ]
    slugs_of_all = network.slugs() if network.hugo else []
    concerned = [slugs_of_all, slugs_of_all, [member], [MAIN], [MAIN], [member]]
    for operation, change, slugs in zip(OPERATIONS, prepare, concerned, strict=True):
        change()
        started = time.time()
        builders: list[tuple[str, Callable[[], Figure]]] = [("portalgen", network.portalgen)]
        if network.hugo:
            builders += [
                ("hugo", lambda slugs=slugs: network.hugo_sites(slugs, False)),  # type: ignore[misc]
                ("hugo-1", lambda slugs=slugs: network.hugo_sites(slugs, True)),  # type: ignore[misc]
            ]
        if network.hugo and operation == COLD and turn == 0 and network.articles <= ALL_UP_TO:
            builders.append(("hugo-one", network.hugo_one))
            if network.pagefind:
                builders.append(("hugo-search", network.hugo_with_search))
        first = (turn + OPERATIONS.index(operation)) % len(builders)
        for name, build in [*builders[first:], *builders[:first]]:
            taken.setdefault(operation, {}).setdefault(name, []).append(build())
    return network.written_since(started)


def best(taken: Taken) -> dict[str, dict[str, Figure]]:
    """The fastest figure of the repeats."""
    return {
        operation: {
            name: min(figures, key=lambda figure: figure.wall) for name, figures in builders.items()
        }
        for operation, builders in taken.items()
    }


def counts(network: Network) -> dict[str, Files]:
    """The numbers and sizes of each builder's files."""
    outputs = {
        "portalgen": network.output, "hugo": network.hugo_output(False),
        "hugo-one": network.base / "hugo-output-one",
    }  # fmt: skip
    return {name: count(output) for name, output in outputs.items() if output.is_dir()}


def find_program(package: str, folder: str, name: str) -> str:
    """The path of a program, empty if it is not installed.

    A package may install a Python script that starts the program; this finds the program itself.
    """
    spec = importlib.util.find_spec(package)
    for place in spec.submodule_search_locations or [] if spec else []:
        for file in (Path(place) / folder / name, Path(place) / folder / f"{name}.exe"):
            if file.is_file():
                return str(file)
    return shutil.which(name) or ""


def find_hugo() -> str:
    """The path of Hugo, empty if it is not installed."""
    return find_program("hugo", "binaries", "hugo")
