"""What Lighthouse says of the sample network on a phone: `make lighthouse`."""

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
WANTED = {"performance": 99, "accessibility": 100, "best-practices": 100, "seo": 100}


def look(url: str, arguments: list[str], chromium: str) -> tuple[dict[str, int], set[str]]:
    """The scores of one look at a page, and the audits that cost it points."""
    quoted = [re.sub("=(.*)", r'="\1"', argument) for argument in ["--headless=new", *arguments]]
    command = ["node", str(TOOLS / "lighthouse/cli/index.js"), url, "--quiet", "--output=json",
               f"--only-categories={','.join(WANTED)}", f"--chrome-flags={' '.join(quoted)}",
               "--no-enable-error-reporting"]  # fmt: skip
    environment = {**os.environ, "CHROME_PATH": chromium}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    if done.returncode:
        sys.exit(done.stderr)
    report = json.loads(done.stdout)
    lost = set()
    for category in report["categories"].values():
        for part in category["auditRefs"]:
            audit = report["audits"][part["id"]]
            if part["weight"] and audit["score"] is not None and audit["score"] < 1:
                lost.add(f"{part['id']} {audit.get('displayValue', '')}")
    return {name: round(report["categories"][name]["score"] * 100) for name in WANTED}, lost


def main() -> int:
    """Look at a page of each kind, print the medians; 1 if one is too low."""
    chromium = find_chromium()
    if not chromium:
        sys.exit("no Chromium: install it, or name it in CHROME_PATH")
    good = True
    print(f"{'':10}" + "".join(f"{name:>16}" for name in WANTED))
    with tempfile.TemporaryDirectory() as folder, serve(build_sample(Path(folder))) as server:
        for kind in KINDS:
            url = url_of(server.output, PAGES[kind](server.output))
            looks = [look(url, server.browser_arguments(), chromium) for _ in range(RUNS)]
            scores = {name: median(found[name] for found, _ in looks) for name in WANTED}
            print(f"{kind:10}" + "".join(f"{score:16.0f}" for score in scores.values()))
            for audit in sorted(set().union(*(lost for _, lost in looks))):
                print(f"{'':10} loses points: {audit}")
            good &= all(scores[name] >= least for name, least in WANTED.items())
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
