"""Each call of a deployment to a folder fails with an error of the system, as on a full disk."""

import errno
import os
from collections import defaultdict
from pathlib import Path

import pytest

from tests.faults.cases import PARTS, check_each, chosen
from tests.faults.commands import BY_NAME, Command, Places
from tests.faults.world import READ, Call, Outcome, fail_at

ERRORS = (errno.ENOSPC, errno.EIO, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EMFILE)
OF_READING = (errno.EIO, errno.EACCES, errno.EMFILE)
HARMLESS = ("sync",)  # reports no errors
UNCHANGED, FULL_DISK = "may-chu is unchanged", "The disk is full."
UNREADABLE = (": cannot be read (", "has no record that can be read")
Point = tuple[int, Call, int, bool]  # number of a call, the call, an error, whether it lasts


def points(command: Command, calls: tuple[Call, ...]) -> list[Point]:
    """Every call with one of the errors in turn; the first, middle and last of a kind with all."""
    numbers: dict[tuple[str, bool], list[int]] = defaultdict(list)
    for number, call in enumerate(calls):
        if call.kind not in HARMLESS:
            numbers[call.kind, call.in_trees].append(number)
    result: list[Point] = []
    for group in numbers.values():
        for position, number in enumerate(group):
            ends = position in (0, len(group) // 2, len(group) - 1)
            errors = OF_READING if calls[number].kind == READ else ERRORS
            for turn, code in enumerate(errors):
                if ends or position % len(errors) == turn:
                    result += [(number, calls[number], code, False)]
                if ends:
                    result += [(number, calls[number], code, True)]
    return result


def untruths(outcome: Outcome, call: Call, is_old: bool, is_new: bool) -> list[str]:
    """What is wrong with what a run said, when this is served after it."""
    names = {Path(other.path).name for other in outcome.calls}
    names = {name for name in names if len(name) > 2} | {"dich"}
    lines = [line for line in outcome.stderr.splitlines() if not line.startswith(UNCHANGED)]
    wrong = [f"not caught: {outcome.trace}"] if outcome.trace else []
    if outcome.code == 1:
        if UNCHANGED in outcome.stderr and not is_old:
            wrong.append(f"says that nothing changed: {outcome.text}")
        if not any(name in line or line.startswith(FULL_DISK) for line in lines for name in names):
            wrong.append(f"names no place: {outcome.text}")
    elif outcome.code not in (0, 3) or not is_new:
        wrong.append(f"says that it was done: {outcome.text}")
    return wrong


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("name", BY_NAME)
def test_an_error_leaves_the_site_whole_and_is_told(
    request: pytest.FixtureRequest, places: Places, name: str, part: int
) -> None:
    command, world = BY_NAME[name], places.world
    old, new, outcome = places.run(command)

    def check(point: Point) -> list[str]:
        number, call, code, lasting = point
        world.bring_back(command.before)
        failed = world.deploy(
            command.state, *places.options(command), hook=fail_at(number, code, lasting)
        )
        served = world.served() if (world.target / "current").exists() else ""
        unreadable = call.kind == READ and any(text in failed.stderr for text in UNREADABLE)
        if unreadable and command.back:  # what cannot be read is passed over
            wrong = untruths(failed, call, served == old, True)
            return wrong + world.differing() + places.revert(command)
        wrong = untruths(failed, call, served == old, served == new)
        if served not in (old, new):
            wrong.append(f"serves neither what it did nor what is new: {failed.text}")
        if served and served != places.damaged:
            wrong += world.differing()
        if failed.has_alarm and command.before != "damaged" and not unreadable:
            wrong.append(f"false alarm: {failed.text}")
        wrong += places.next_run(command, served)
        return [f"{os.strerror(code)}: {text}" for text in wrong]

    cases = chosen(points(command, outcome.calls), 2, part)
    check_each(request, f"error, folder: {name}", cases, check)
