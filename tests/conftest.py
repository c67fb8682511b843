import os
from collections import Counter
from pathlib import Path

import pytest

from tests.quick import templates_once
from tests.sample import build_once


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The output of the repository's own network, shared by all workers."""
    folder = tmp_path_factory.getbasetemp()
    shared = folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder
    return build_once(shared / "sample")


@pytest.fixture
def quick_themes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Templates are compiled once for all builds of networks that have none of their own."""
    monkeypatch.setattr("portalgen.build.load_all_templates", templates_once)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the number of skipped tests for each missing tool."""
    reports = terminalreporter.stats.get("skipped", [])
    for reason, count in Counter(str(report.longrepr[2]) for report in reports).items():
        terminalreporter.write_line(f"{count} skipped: {reason.removeprefix('Skipped: ')}")
