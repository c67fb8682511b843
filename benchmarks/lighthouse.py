"""Lighthouse scores of the sample network on a phone: `make lighthouse`."""

import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

from tests.browser.conftest import TOOLS, find_chromium
from tests.browser.kinds import PAGES
from tests.browser.server import serve, url_of
from tests.sample import build_sample

RUNS = 3
KINDS = ("home", "section", "article", "search")
MINIMUM = {"performance": 99, "accessibility": 100, "best-practices": 100, "seo": 100}


def audit(url: str, arguments: list[str], chromium: str) -> tuple[dict[str, int], set[str]]:
    """The scores of a page in one run, and the audits that cost points."""
    quoted = [re.sub("=(.*)", r'="\1"', argument) for argument in ["--headless=new", *arguments]]
    command = ["node", str(TOOLS / "lighthouse/cli/index.js"), url, "--quiet", "--output=json",
               f"--only-categories={','.join(MINIMUM)}", f"--chrome-flags={' '.join(quoted)}",
               "--no-enable-error-reporting"]  # fmt: skip
    environment = {**os.environ, "CHROME_PATH": chromium}
    result = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    if result.returncode:
        sys.exit(result.stderr)
    report = json.loads(result.stdout)
    lost = set()
    for category in report["categories"].values():
        for part in category["auditRefs"]:
            entry = report["audits"][part["id"]]
            if part["weight"] and entry["score"] is not None and entry["score"] < 1:
                lost.add(f"{part['id']} {entry.get('displayValue', '')}")
    return {name: round(report["categories"][name]["score"] * 100) for name in MINIMUM}, lost


def main() -> int:
    """Audit a page of each kind and print the medians; return 1 if one is too low."""
    chromium = find_chromium()
    if not chromium:
        sys.exit("no Chromium: install it, or name it in CHROME_PATH")
    good = True
    print(f"{'':10}" + "".join(f"{name:>16}" for name in MINIMUM))
    with tempfile.TemporaryDirectory() as folder, serve(build_sample(Path(folder))) as server:
        for kind in KINDS:
            url = url_of(server.output, PAGES[kind](server.output))
            runs = [audit(url, server.browser_arguments(), chromium) for _ in range(RUNS)]
            scores = {name: median(scores[name] for scores, _ in runs) for name in MINIMUM}
            print(f"{kind:10}" + "".join(f"{score:16.0f}" for score in scores.values()))
            for failed in sorted(set().union(*(lost for _, lost in runs))):
                print(f"{'':10} loses points: {failed}")
            good &= all(scores[name] >= least for name, least in MINIMUM.items())
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
