"""The Nu HTML checker accepts every page."""

import json
import subprocess
from pathlib import Path


def test_every_page_is_correct_html(sample: Path, html_checker: list[str]) -> None:
    options = ["--format", "json", "--stdout", "--exit-zero-always", "--skip-non-html"]
    done = subprocess.run(
        [*html_checker, *options, str(sample)], capture_output=True, text=True, check=True
    )
    messages = json.loads(done.stdout)["messages"]
    found = sorted(
        f"{m['url'].partition('/public/')[2]}:{m.get('lastLine', 0)}: {m['message']}"
        for m in messages
        if m["type"] != "info" or m.get("subType") == "warning"
    )
    assert not found, "\n".join([f"{len(found)} found", *found[:20]])
