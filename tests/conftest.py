import os
from collections import Counter
from pathlib import Path

import pytest
from msgspec.structs import replace

from portalgen.problems import Problems
from portalgen.settings.network import Network
from portalgen.themes.templates import Templates
from portalgen.themes.theming import Looks, load_all_templates
from tests.sample import build_once

_Made = tuple[dict[str, Templates], Problems]
_templates: dict[tuple[object, ...], _Made] = {}


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The output of the repository's own network; all workers share it."""
    folder = tmp_path_factory.getbasetemp()
    shared = folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder
    return build_once(shared / "sample")


@pytest.fixture
def quick_themes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Templates are compiled once for all builds of a test run: for tests that write none."""

    def load_once(network: Network, looks: Looks) -> _Made:
        sites = tuple((site.slug, site.theme, site.language) for site in network.sites)
        if sites not in _templates:
            _templates[sites] = load_all_templates(network, looks)
        made, problems = _templates[sites]
        return {slug: replace(each, made_parts={}) for slug, each in made.items()}, problems

    monkeypatch.setattr("portalgen.build.load_all_templates", load_once)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say once for each missing tool how many tests it cost."""
    reports = terminalreporter.stats.get("skipped", [])
    for reason, count in Counter(str(report.longrepr[2]) for report in reports).items():
        terminalreporter.write_line(f"{count} skipped: {reason.removeprefix('Skipped: ')}")
