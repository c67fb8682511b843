"""Time from a save until the browser shows it, with `portalgen serve` and `hugo server`."""

import argparse
import json
import random
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Error, Page, sync_playwright

from benchmarks import goals
from benchmarks import hugo as hugo_sites
from benchmarks.bench import CLOCK, find_hugo
from benchmarks.synthetic import MAIN, generate, write
from tests.browser.conftest import find_chromium
from tests.serve.serving import free_port, serving, until

LOST = 10.0  # seconds after which a save counts as lost
WARM = 15  # seconds in which a server may finish its work after the first build
ARTICLES = 3  # opened and saved


def watch(page: Page, text: str) -> None:
    """Record in `window.painted` when `text` is painted, if it enters the open page.

    A message posted in the frame in which the text enters arrives after that frame is painted.
    """
    page.evaluate(f"""() => {{
        const channel = new MessageChannel();
        channel.port1.onmessage = () => {{ window.painted = performance.now(); }};
        const watcher = new MutationObserver(() => {{
            if (!document.body.textContent.includes({json.dumps(text)})) return;
            watcher.disconnect();
            requestAnimationFrame(() => channel.port2.postMessage(0));
        }});
        window.painted = 0;
        watcher.observe(document, {{ childList: true, characterData: true, subtree: true }});
    }}""")


def painted_at(page: Page, text: str) -> float:
    """The time at which a page with `text` was painted, in seconds since 1970; 0 if never.

    After a reload this is the browser's own measure, first-contentful-paint.
    """
    code = f"""
        const [paint] = performance.getEntriesByName("first-contentful-paint");
        const there = document.body.textContent.includes({json.dumps(text)});
        const painted = window.painted ?? paint?.startTime;
        there && painted ? performance.timeOrigin + painted : 0;
    """
    end = time.monotonic() + LOST
    while time.monotonic() < end:
        try:
            painted = page.evaluate(code)
        except Error:  # during a reload
            painted = 0
        if painted:
            return float(painted) / 1000
        time.sleep(0.1)  # leave the browser time
    return 0.0


def saves(files: Sequence[Path], address: Callable[[Path], str], number: int) -> list[float]:
    """Seconds from the end of each save until its page was painted; 0 for a lost one."""
    taken = []
    time.sleep(WARM)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=["--no-sandbox"])
        for turn in range(number):
            if turn % (number // len(files)) == 0:
                file = files[turn // (number // len(files)) % len(files)]
                page = browser.new_page()
                page.goto(address(file))
                page.wait_for_load_state("networkidle")
            time.sleep(random.uniform(0.5, 2))
            text = f"Lần lưu thứ {turn} trong phép đo này."
            watch(page, text)
            with file.open("a", encoding="utf-8") as opened:
                opened.write(f"\n{text}\n")
            saved = time.time()
            painted = painted_at(page, text)
            taken.append(painted - saved if painted else 0.0)
        browser.close()
    return taken


def of_portalgen(root: Path, number: int) -> list[float]:
    """Times of saves of articles of all sites."""
    articles = sorted((root / "content").glob("*/*.md"))
    articles += sorted((root / "members").glob("*/content/*/*.md"))
    with serving(root, patience=600) as server:

        def address(file: Path) -> str:
            member, _, inner = file.relative_to(root).as_posix().rpartition("content/")
            host = f"{member.split('/')[1]}.localhost" if member else "localhost"
            return f"http://{host}:{server.port}/{inner.removesuffix('.md')}.html"

        return saves(random.sample(articles, ARTICLES), address, number)


def of_hugo(program: str, site: Path, number: int) -> list[float]:
    """Times of saves of articles of one Hugo site."""
    articles = [file for file in sorted(site.glob("content/*/*.md")) if file.name[0] != "_"]
    with _hugo_serving(program, site) as port:

        def address(file: Path) -> str:
            inner = file.relative_to(site / "content").as_posix()
            return f"http://localhost:{port}/{inner.removesuffix('.md')}.html"

        return saves(random.sample(articles, ARTICLES), address, number)


@contextmanager
def _hugo_serving(program: str, site: Path) -> Iterator[int]:
    port = free_port()
    command = [program, "server", "--source", str(site), "--port", str(port), "--clock", CLOCK]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:

        def answers() -> bool:
            try:
                with urllib.request.urlopen(f"http://localhost:{port}/") as answer:
                    return bool(answer.status == 200)
            except OSError:
                return False

        try:
            until(answers, "hugo server", 120)
            yield port
        finally:
            process.terminate()


def measure(articles: int, number: int, hugo: str) -> dict[str, list[float]]:
    """Times of saves by server: 48 sites with portalgen, the main site with Hugo, if installed.

    Empty without Chromium.
    """
    if not find_chromium():
        return {}
    random.seed(1)
    network = generate(48, articles)
    taken = {}
    with tempfile.TemporaryDirectory() as folder:
        write(network, Path(folder))
        taken["portalgen"] = of_portalgen(Path(folder), number)
    if hugo:
        with tempfile.TemporaryDirectory() as folder:
            hugo_sites.write(network, Path(folder))
            site = Path(folder) / hugo_sites.SITES / MAIN
            taken["hugo"] = of_hugo(hugo, site, number)
    return taken


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=12_000)
    parser.add_argument("--saves", type=int, default=30)
    options = parser.parse_args()
    times = measure(options.articles, options.saves, find_hugo())
    for server, taken in times.items():
        print(f"{server}: {options.articles} articles, {len(taken)} saves: {goals.saves(taken)}")


if __name__ == "__main__":
    main()
