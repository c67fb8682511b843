"""portalgen and Hugo build the same network, side by side."""

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
SETTLED = 2.5  # seconds after which portalgen trusts the times of a file just written
CLOCK = "2020-01-15T08:00:00+07:00"
ONE_CORE = {"GOMAXPROCS": "1"}
COLD, SAME = "everything, from nothing", "nothing changed"
EDITED, EDITED_MAIN = "a body edited, member", "a body edited, main"
ADDED, TOKEN = "an article added, main", "a token of a member"
OPERATIONS = (COLD, SAME, EDITED, EDITED_MAIN, ADDED, TOKEN)
# Articles; beyond, one big Hugo site takes many minutes, and Pagefind more than 16 GB.
SOME_UP_TO = 12_000
_NEW = "bai-them-999999"

Taken = dict[str, dict[str, list[Figure]]]  # operation → builder → figures


class Network:
    """One network on disk, for portalgen and as Hugo sites, and what builds it."""

    def __init__(
        self, base: Path, sites: int, articles: int, hugo: str = "", pagefind: str = "",
        body: int = BODY_BYTES,
    ):  # fmt: skip
        self.base, self.articles, self.hugo, self.pagefind = base, articles, hugo, pagefind
        self.root, self.output = base / "portalgen", base / "portalgen-output"
        self.hugo_root = base / "hugo"
        numbers = ["--sites", str(sites), "--articles", str(articles), "--body", str(body)]
        # In processes of their own: the memory of this one counts into that of its children.
        run([[sys.executable, "-m", "benchmarks.synthetic", str(self.root), *numbers]])
        if hugo:
            run([[sys.executable, "-m", "benchmarks.hugo", str(self.hugo_root), *numbers]])
        time.sleep(SETTLED)

    def portalgen(self) -> Figure:
        """Build with portalgen."""
        return run([self._build()])

    def memory(self) -> tuple[float, float]:
        """MB of the largest process of a build by portalgen, and of all of them together."""
        return memory(self._build())

    def _build(self) -> list[str]:
        paths = ["--root", str(self.root), "--output", str(self.output)]
        options = ["--now", NOW, "--jobs", str(JOBS)]
        return [sys.executable, "-m", "portalgen", "build", *paths, *options]

    def written_since(self, moment: float) -> dict[str, int]:
        """How many files of each site portalgen has written since."""
        found: dict[str, int] = {}
        for site in os.scandir(self.output):
            if not site.name.startswith("."):
                files = [f"{at}/{name}" for at, _, names in os.walk(site.path) for name in names]
                found[site.name] = sum(os.stat(file).st_mtime >= moment for file in files)
        return {site: number for site, number in found.items() if number}

    def slugs(self) -> list[str]:
        """Every site."""
        return sorted(entry.name for entry in (self.hugo_root / SITES).iterdir())

    def hugo_output(self, one_core: bool) -> Path:
        """Where the Hugo sites are published; each way of running has its own."""
        return self.base / ("hugo-output-1" if one_core else "hugo-output")

    def hugo_sites(self, slugs: Iterable[str], one_core: bool) -> Figure:
        """Build these sites with Hugo, a process for each, two at a time."""
        commands = self._each_hugo(slugs, self.hugo_output(one_core))
        return run(commands, at_once=JOBS, env=ONE_CORE if one_core else None)

    def hugo_one(self) -> Figure:
        """Build all articles as one Hugo site."""
        return run([self._hugo(ONE, self.base / "hugo-output-one")])

    def hugo_with_search(self) -> Figure:
        """Build every site with Hugo and make it searchable, the main one for the network."""
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
        """Remove all that builds have made."""
        made = [
            self.root / ".portalgen", self.output, self.hugo_output(True), self.hugo_output(False),
            self.base / "hugo-output-one", self.base / "hugo-output-search",
            self.base / "hugo-cache", *self.hugo_root.glob("*/*/resources"),
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
            text = "\n".join(lines) + "\n---\n" + LINK.sub("", _body(model))
            (file.parent / f"{_NEW}.md").write_text(text, "utf-8")

    def colour(self, site: str, turn: int) -> None:
        """Give a site an accent of its own."""
        colour = f"#7a52{turn + 1:02}"
        settings = folder(self.root, site) / "site.yaml"
        text = settings.read_text("utf-8").split("tokens:")[0]
        settings.write_text(f'{text}tokens: {{accent: "{colour}"}}\n', "utf-8")
        if self.hugo:
            assets = self.hugo_root / SITES / site / "assets"
            assets.mkdir(exist_ok=True)
            (assets / "tokens.css").write_text(TOKENS.replace("#7a5200", colour), "utf-8")

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


def measure(network: Network, turn: int, taken: Taken) -> dict[str, int]:
    """Take every figure once, what takes very long in the first turn alone.

    Gives the files that each site had written anew after a token of the member changed.
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
    everyone = network.slugs() if network.hugo else []
    concerned = [everyone, everyone, [member], [MAIN], [MAIN], [member]]
    for operation, change, slugs in zip(OPERATIONS, prepare, concerned, strict=True):
        change()
        began = time.time()
        builders: list[tuple[str, Callable[[], Figure]]] = [("portalgen", network.portalgen)]
        if network.hugo:
            builders += [
                ("hugo", lambda slugs=slugs: network.hugo_sites(slugs, False)),  # type: ignore[misc]
                ("hugo-1", lambda slugs=slugs: network.hugo_sites(slugs, True)),  # type: ignore[misc]
            ]
        if network.hugo and operation == COLD and turn == 0 and network.articles <= SOME_UP_TO:
            builders.append(("hugo-one", network.hugo_one))
            if network.pagefind:
                builders.append(("hugo-search", network.hugo_with_search))
        first = (turn + OPERATIONS.index(operation)) % len(builders)
        for name, build in [*builders[first:], *builders[:first]]:
            taken.setdefault(operation, {}).setdefault(name, []).append(build())
    return network.written_since(began)


def best(taken: Taken) -> dict[str, dict[str, Figure]]:
    """The fastest of the repeats."""
    return {
        operation: {
            name: min(figures, key=lambda figure: figure.wall) for name, figures in builders.items()
        }
        for operation, builders in taken.items()
    }


def counts(network: Network) -> dict[str, Files]:
    """What each builder has published."""
    outputs = {
        "portalgen": network.output, "hugo": network.hugo_output(False),
        "hugo-one": network.base / "hugo-output-one",
    }  # fmt: skip
    return {name: count(output) for name, output in outputs.items() if output.is_dir()}


def find_program(package: str, folder: str, name: str) -> str:
    """The program itself: what a package installs may be a script of Python that starts it."""
    spec = importlib.util.find_spec(package)
    for place in spec.submodule_search_locations or [] if spec else []:
        for file in (Path(place) / folder / name, Path(place) / folder / f"{name}.exe"):
            if file.is_file():
                return str(file)
    return shutil.which(name) or ""


def find_hugo() -> str:
    """Hugo, empty if it is not installed."""
    return find_program("hugo", "binaries", "hugo")
