"""How soon a save shows in the browser: `portalgen serve`, Chromium, many saves."""

import argparse
import json
import random
import statistics
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Error, Page, sync_playwright

from benchmarks.synthetic import generate, write
from tests.browser.conftest import find_chromium
from tests.desk.serving import serving

LOST = 10.0  # seconds after which a save counts as lost


def shown(page: Page, text: str) -> float:
    """When a page with `text` in it was first painted, in seconds since 1970; 0 if it never was.

    The browser's own measure: first-contentful-paint. A page comes in one piece.
    """
    code = f"""
        const [paint] = performance.getEntriesByName("first-contentful-paint");
        const there = document.body.innerText.includes({json.dumps(text)});
        there && paint ? performance.timeOrigin + paint.startTime : 0;
    """
    end = time.monotonic() + LOST
    while time.monotonic() < end:
        try:
            painted = page.evaluate(code)
        except Error:  # in the middle of being loaded again
            painted = 0
        if painted:
            return float(painted) / 1000
        time.sleep(0.02)
    return 0.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=12_000)
    parser.add_argument("--saves", type=int, default=30)
    parser.add_argument("--json", type=Path, help="write every figure here")
    asked = parser.parse_args()
    random.seed(1)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        write(generate(48, asked.articles), root)
        articles = sorted((root / "content").glob("*/*.md"))
        articles += sorted((root / "members").glob("*/content/*/*.md"))
        chosen = random.sample([file for file in articles if file.name != "index.md"], 3)
        with serving(root, patience=600) as server, sync_playwright() as playwright:
            time.sleep(15)  # what it does after the first build is no part of a save
            browser = playwright.chromium.launch(
                executable_path=find_chromium(), args=["--no-sandbox"]
            )
            taken = []
            for number in range(asked.saves):
                if number % 10 == 0:
                    file = chosen[number // 10 % 3]
                    page = browser.new_page()
                    member, _, inner = file.relative_to(root).as_posix().rpartition("content/")
                    host = f"{member.split('/')[1]}.localhost" if member else "localhost"
                    page.goto(f"http://{host}:{server.port}/{inner.removesuffix('.md')}.html")
                    page.wait_for_load_state("networkidle")
                time.sleep(random.uniform(0.5, 2))
                text = f"Lần lưu thứ {number} trong phép đo này."
                with file.open("a", encoding="utf-8") as opened:
                    opened.write(f"\n{text}\n")
                saved = time.time()
                seen = shown(page, text)
                taken.append(seen - saved if seen else 0.0)
                print(f"{taken[-1] * 1000:6.0f} ms", flush=True)
            builds = server.builds()
            browser.close()
    good = sorted(one for one in taken if one)
    lost = len(taken) - len(good)
    print(
        f"{asked.articles} articles, {len(taken)} saves: "
        f"median {statistics.median(good) * 1000:.0f} ms, slowest {good[-1] * 1000:.0f} ms, "
        f"{lost} lost; {builds} builds besides"
    )
    if asked.json:
        asked.json.write_text(json.dumps({"seconds": taken, "builds": builds}) + "\n")


if __name__ == "__main__":
    main()
