from collections import defaultdict
from collections.abc import Iterator

import pytest

from tests.faults.cases import COUNTED
from tests.faults.commands import Places
from tests.faults.server import Server, server_running
from tests.faults.world import FULL, World


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Three sites and a folder as target, of which nothing was deployed yet."""
    return World(tmp_path_factory.mktemp("faults"))


@pytest.fixture(scope="session")
def places(world: World) -> Places:
    """The same with releases, and what commands make of them without faults."""
    return Places(world)


@pytest.fixture(scope="package")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The same on a server."""
    with server_running(tmp_path_factory.mktemp("ssh")) as running:
        yield running


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print how many cases of each kind there were, and how many failed."""
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for kind in ("passed", "failed"):
        for report in terminalreporter.stats.get(kind, []):
            for name, values in report.user_properties:
                if name == COUNTED:
                    sums[values[0]][0] += values[1]
                    sums[values[0]][1] += values[2]
    if FULL and sums:
        terminalreporter.section("faults")
        for title, (cases, failures) in sorted(sums.items()):
            terminalreporter.write_line(f"{title:<50} {cases:>6} cases {failures:>4} failures")
