import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from portalgen.cli import main
from tests.helpers import MAIN_SETTINGS, article, network

FILES = {
    "site.yaml": f"{MAIN_SETTINGS}targets:\n  - {{name: may-chu, url: ../dich}}\n",
    "content/tin-tuc/a.md": article("Bài một", body="[x](https://vi-du.example/a)"),
    "content/tin-tuc/b.md": article("Bài hai", draft="true"),
    "content/tin-tuc/c.md": article("Bài ba", "2099-01-01 08:00"),
    "content/tin-tuc/d.md": "---\ntitle: Bài bốn\ndate: 2020-01-10\n<b>: x\n---\n",
    "members/sapa/content/tin-tuc/e.md": article("Tin Sa Pa"),
}


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [*map(str, arguments), "--lang", "en"])


@pytest.fixture(autouse=True)
def zone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def test_it_says_what_there_is_and_what_waits(tmp_path: Path) -> None:
    root = network(tmp_path, FILES)
    told = run("status", "--root", root)
    assert told.exit_code == 0
    assert told.output == (
        "2 sites, 2 articles, 0 files published; also 1 drafts and 1 scheduled.\n"
        "Refused: 1. See them with: portalgen check\n"
        "Last build: -\n"
        "Next article due or expiring: 2099-01-01 08:00\n"
    )


def test_it_knows_the_last_build_and_release(tmp_path: Path) -> None:
    root = network(tmp_path, FILES)
    assert run("deploy", "may-chu", "--root", root).exit_code == 3
    lines = run("status", "--root", root).output.splitlines()
    assert "Last build: -" not in lines
    assert lines[-1].startswith("may-chu: 20")
    [release] = (tmp_path / "dich/releases").iterdir()
    assert release.name in lines[-1]


def test_a_page_tells_more(tmp_path: Path) -> None:
    root = network(tmp_path, FILES)
    run("build", "--root", root)
    page = tmp_path / "report.html"
    assert run("status", "--root", root, "--report", page).exit_code == 0
    text = page.read_text("utf-8")
    assert "<code>content/tin-tuc/d.md:4:1</code> There is no key “&lt;b&gt;”" in text
    assert '<tr><td><code>vi-du.example</code></td><td class="n">1</td></tr>' in text
    assert "<code>render</code>" in text
    assert "main/assets/fonts/" in text


def test_a_network_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    root = network(tmp_path, {"site.yaml": "title: ["})
    told = run("status", "--root", root)
    assert told.exit_code == 1
    assert told.stderr.startswith("site.yaml:1:8: ")
