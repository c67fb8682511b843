"""A deployment to a server is killed at its steps, here and there; what is served stays whole."""

import signal

import pytest

from tests.faults.cases import PARTS, check_each, chosen
from tests.faults.commands import BY_NAME
from tests.faults.server import Server, count_steps, kill_at_step
from tests.faults.world import FULL
from tests.serve.serving import until

Point = tuple[str, int]  # where, and the number of a step there


def points(server: Server, name: str) -> list[Point]:
    """Every step here, before it is sent and when it is, and every command of the server."""
    command, places, world = BY_NAME[name], server.places, server.world
    places.run(command)
    steps = server.folder / "steps"
    steps.unlink(missing_ok=True)
    world.bring_back(command.before)
    server.set_out()
    options = places.options(command)
    world.deploy(command.state, *options, setup=count_steps(steps))
    here = range(steps.stat().st_size)
    there = range(1, len(server.calls()) + 1)
    return [
        *(("before sending", number) for number in here),
        *(("when sent", number) for number in here),
        *(("at the server", number) for number in there),
    ]


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("name", BY_NAME if FULL else ["deploy", "purge"])
def test_a_kill_leaves_whole_releases_and_the_next_run_goes_on(
    request: pytest.FixtureRequest, server: Server, name: str, part: int
) -> None:
    command, places, world = BY_NAME[name], server.places, server.world
    old, new, _ = places.run(command)

    def check(point: Point) -> list[str]:
        where, number = point
        world.bring_back(command.before)
        there = where == "at the server"
        server.set_out(kill=number if there else 0)
        setup = None if there else kill_at_step(number, where == "when sent")
        killed = world.deploy(command.state, *places.options(command), setup=setup)
        server.set_out()
        until(server.is_free)
        wrong = []
        # Of a server that dies the process here can tell; what was done already, it says was done.
        ends = (0, 1, 3) if there and command.before == "damaged" else (0, 1) if there else ()
        if killed.trace or killed.code not in (-signal.SIGKILL, *ends):
            wrong.append(f"not killed: {killed.text}")
        served = world.served() if (world.target / "current").exists() else ""
        if served not in (old, new):
            wrong.append("serves neither what it did nor what is new")
        if served and served != places.damaged:
            wrong += world.differing()
        wrong += places.next_run(command, served)
        if number % 3 == 0:
            wrong += places.revert(command)
        return wrong

    cases = chosen(points(server, name), 1, part)
    check_each(request, f"kill, ssh: {name}", cases, check)
