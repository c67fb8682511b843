"""Number and kinds of the files that a new article rewrites: `python -m benchmarks.adding`."""

import argparse
import os
import re
import statistics
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.measure import run
from benchmarks.synthetic import LINK, MAIN, NOW, Text, folder, generate, source, write
from portalgen.settings import routes

States = dict[str, tuple[int, int]]  # file → inode and time
CLOSED = "closed page of a list"
_CLOSED = re.compile(r"/trang-(\d+)\.html$")


def published(output: Path) -> States:
    """The state of every published file."""
    states = {}
    for place, folders, files in os.walk(output):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in files:
            stat = os.stat(f"{place}/{name}")
            states[os.path.relpath(f"{place}/{name}", output)] = stat.st_ino, stat.st_mtime_ns
    return states


def kind(file: str, site: str, before: States) -> str:
    """The kind of a file, by its name; `site` is that of the new article."""
    owner, _, route = file.partition("/")
    if number := _CLOSED.search(file):
        after = f"{file[: number.start(1)]}{int(number[1]) + 1}.html"
        # The last of them is a redirect to the newest page, until it is closed.
        return CLOSED if after in before else "page of a list, now closed"
    if route.startswith(f"{routes.SEARCH_FOLDER}/"):
        return "file of a search index"
    if route == routes.HOME:
        return "home page"
    if route.startswith("tag/") or (route.count("/") == 1 and route.endswith("/index.html")):
        return "first page of a list"
    if route.endswith((".xml", ".json")):
        return "feed or sitemap"
    return "article here" if owner == site else "article of another site"


@dataclass(slots=True)
class Added:
    """Files rewritten by new articles: a number for each article, and the total of each kind."""

    main: list[int] = field(default_factory=list)
    member: list[int] = field(default_factory=list)
    kinds: Counter[str] = field(default_factory=Counter)


def measure(articles: int, added: int) -> Added:
    """Add the newest articles of a network one by one, each with a build."""
    with tempfile.TemporaryDirectory() as base:
        root, output = Path(base) / "network", Path(base) / "output"
        network = generate(48, articles)
        write(network, root)
        newest = sorted(network.texts, key=lambda text: text.date)[-added:]
        late = {text.name for text in newest}
        for text in network.texts:
            file, linked = _file(root, text), LINK.findall(text.body)
            if text in newest:
                file.unlink()
            elif not late.isdisjoint(linked):
                file.write_text(LINK.sub("", source(text)), "utf-8")
        paths = ["--root", str(root), "--output", str(output)]
        build = [sys.executable, "-m", "portalgen", "build", *paths, "--now", NOW]
        run([build])
        before = published(output)
        rewritten = Added()
        for text in newest:
            _file(root, text).write_text(LINK.sub("", source(text)), "utf-8")
            run([build])
            after = published(output)
            changed = [file for file, state in after.items() if before.get(file) != state]
            rewritten.kinds.update(
                kind(file, text.site, before) for file in changed if file in before
            )
            (rewritten.main if text.site == MAIN else rewritten.member).append(len(changed))
            before = after
    return rewritten


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=12_000)
    parser.add_argument("--added", type=int, default=40, help="how many of the newest")
    options = parser.parse_args()
    rewritten = measure(options.articles, options.added)
    numbers = rewritten.main + rewritten.member
    for site, counts in (("main", rewritten.main), ("member", rewritten.member), ("all", numbers)):
        if counts:
            print(
                f"{site}: {len(counts)} added, {statistics.mean(counts):.1f} files written on "
                f"average, {max(counts)} at most"
            )
    for name, count in rewritten.kinds.most_common():
        print(f"{count / len(numbers):6.1f}  {name}")


def _file(root: Path, text: Text) -> Path:
    return folder(root, text.site) / "content" / text.section / f"{text.name}.md"


if __name__ == "__main__":
    main()
