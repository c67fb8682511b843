"""A deployment to a folder is killed at its calls: what is served stays whole, the next goes on."""

import signal
from collections import defaultdict

import pytest

from tests.faults.cases import PARTS, check_each, chosen
from tests.faults.commands import BY_NAME, Command, Places
from tests.faults.world import READ, Call, kill_at

Point = tuple[int, str, bool]  # number of a call, its kind, whether half of it is done


def points(command: Command, calls: tuple[Call, ...]) -> list[Point]:
    """Where to kill: at every call; of those that make trees, at three of each kind."""
    numbers: dict[tuple[str, bool], list[int]] = defaultdict(list)
    for number, call in enumerate(calls):
        if call.kind != READ:
            numbers[call.kind, call.in_trees and not command.every].append(number)
    result: list[Point] = []
    for (kind, thin), group in numbers.items():
        picked = {group[0], group[len(group) // 2], group[-1]} if thin else group
        result += [(number, kind, False) for number in picked]
        if kind == "write":
            result += [(number, kind, True) for number in picked]
    return sorted(result)


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("name", BY_NAME)
def test_a_kill_leaves_whole_releases_and_the_next_run_goes_on(
    request: pytest.FixtureRequest, places: Places, name: str, part: int
) -> None:
    command, world = BY_NAME[name], places.world
    old, new, outcome = places.run(command)

    def check(point: Point) -> list[str]:
        world.bring_back(command.before)
        killed = world.deploy(
            command.state, *places.options(command), hook=kill_at(point[0], point[2])
        )
        wrong = [] if killed.code == -signal.SIGKILL else [f"not killed: {killed.text}"]
        served = world.served() if (world.target / "current").exists() else ""
        if served not in (old, new):
            wrong.append("serves neither what it did nor what is new")
        if served and served != places.damaged:
            wrong += world.differing()
        return wrong + places.next_run(command, served) + places.revert(command)

    cases = chosen(points(command, outcome.calls), 3, part)
    check_each(request, f"kill, folder: {name}", cases, check)
