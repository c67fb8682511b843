"""One hostile office among 48: `python -m benchmarks.hostile [--member SLUG]`.

Builds the sample network with a member that has harmless templates of its own, and with one that is
up to mischief; compares the other sites byte for byte, and times the build that meets it first and
those after edits elsewhere.
"""

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

_NETWORK = Path(__file__).parents[1]
_NOW = ["--now", "2026-08-01 08:00"]

FRONT = "---\ntitle: {title}\ndate: 2026-07-01\ndraft: {draft}\n---\n\n"
DRAFTS = ("muc", "bang", "sao")  # can be read: other sites would have this news
TEXTS = {
    "dam": "**a** **b*" * 20_000,
    "the-long": "<div>" * 100_000,
    "ngoac": "[" * 100_000,
    "muc": "## a\n\n" * 10_000,
    "bang": "|" * 200_000,
    "sao": "*a **b " * 30_000,
}
TEMPLATES = {
    "article.html": """{% extends "portal/article.html" %}{% block after_body %}
{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}{% endblock %}
""",
    "section.html": """{% extends "portal/section.html" %}{% block content %}
{% set text = namespace(x="ab") %}{% for turn in range(40) %}
{{ (text.x|list|sort|join)|length }}{% set text.x = text.x ~ text.x %}{% endfor %}{% endblock %}
""",
}
HARMLESS = '{% extends "portal/NAME" %}\n'
SETTINGS = "title: [\ntitle: b\nhosts: [main.example]\nunknown: 1\n" + "#" * 70_000


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--member", default="", help="by default the last one")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--bare", action="store_true", help="no own templates before the mischief")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        plain, hostile = Path(folder) / "plain", Path(folder) / "hostile"
        for root in (plain, hostile):
            _copy(root)
        member = options.member or sorted(path.name for path in (plain / "members").iterdir())[-1]
        for root in (plain, hostile):
            if not options.bare:  # to compile them takes time that no mischief takes
                _write_templates(root / "members" / member, dict.fromkeys(TEMPLATES, HARMLESS))
            _build(root)  # both have been published
        _spoil(hostile / "members" / member)
        first = _build(hostile)
        report = json.loads((hostile / "report.json").read_text("utf-8"))
        for item in report["refused"]:
            print(f"  {item['path']}:{item['line']} {item['code']}")
        print(f"hostile, first build: {first:.1f} s")
        print(f"  other sites that differ: {_differing(plain, hostile, member)}")
        times: dict[str, list[float]] = {"plain": [], "hostile": []}
        for turn in range(options.repeat):
            for root in (plain, hostile):
                article = sorted((root / "content").rglob("*.md"))[0]
                article.write_text(article.read_text("utf-8") + f"\nThêm {turn}.\n", "utf-8")
                times[root.name].append(_build(root))
        print(f"  other sites that differ after edits: {_differing(plain, hostile, member)}")
        edits = {name: statistics.median(values) for name, values in times.items()}
        print(f"an edit elsewhere: {edits['plain']:.2f} s plain, {edits['hostile']:.2f} s hostile,"
              f" {edits['hostile'] / edits['plain']:.2f} times")  # fmt: skip


def _copy(root: Path) -> None:
    root.mkdir()
    for name in ("content", "members", "themes", "static", "site.yaml"):
        source = _NETWORK / name
        if source.is_dir():
            shutil.copytree(source, root / name)
        elif source.exists():
            shutil.copy(source, root / name)


def _spoil(member: Path) -> None:
    sections = [path for path in (member / "content").iterdir() if path.is_dir()]
    for name, text in TEXTS.items():
        file = sections[0] / f"{name}.md"
        front = FRONT.format(title=name, draft=str(name in DRAFTS).lower())
        file.write_text(front + text, "utf-8")
    _write_templates(member, TEMPLATES)
    (member / "site.yaml").write_text(SETTINGS, "utf-8")


def _write_templates(member: Path, templates: dict[str, str]) -> None:
    for name, text in templates.items():
        file = member / "templates" / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(text.replace("NAME", name), "utf-8")


def _build(root: Path) -> float:
    """Build, and return the seconds it took; problems (3) are expected."""
    started = time.perf_counter()
    command = [sys.executable, "-m", "portalgen", "build", "--root", str(root), *_NOW,
               "--json", str(root / "report.json")]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 3):
        raise SystemExit(done.stderr)
    return time.perf_counter() - started


def _differing(plain: Path, hostile: Path, member: str) -> int:
    """The number of files of other sites that are not the same in both."""
    trees = [
        {
            path.relative_to(root): path.read_bytes()
            for path in (root / "public").rglob("*")
            if path.is_file() and path.relative_to(root).parts[1] not in (member, ".portalgen")
        }
        for root in (plain, hostile)
    ]
    names = trees[0].keys() | trees[1].keys()
    return sum(trees[0].get(name) != trees[1].get(name) for name in names)


if __name__ == "__main__":
    main()
