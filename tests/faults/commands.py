"""The commands that change a target, with what stands there before and what is run after them."""

import os
from typing import NamedTuple

from tests.faults.world import PURGED, Outcome, World


class Command(NamedTuple):
    """A command; `before` names what `prepare` keeps, `back` if it shows what was before."""

    name: str
    before: str
    state: int
    options: tuple[str, ...]
    back: bool = False
    every: bool = False  # trees that are made, too


COMMANDS = [
    Command("first deploy", "empty", 0, ()),
    Command("deploy", "three", 3, ()),
    Command("repair", "damaged", 2, ("--repair",), every=True),
    Command("rollback", "three", 2, ("--rollback",), back=True),
    Command("rollback of a site", "three", 2, ("--rollback", "--site", "sapa"), back=True),
    Command("to a release", "three", 2, ("--to", "FIRST"), back=True),
    Command("unpin", "pinned", 3, ("--unpin",)),
    Command("unpin of a site", "site pinned", 3, ("--unpin", "--site", "sapa")),
    Command("purge", "three", 2, ("--purge", PURGED)),
]
BY_NAME = {command.name: command for command in COMMANDS}


class Places:
    """A world with all that stands before commands; how it looks after each without faults."""

    def __init__(self, world: World):
        self.world = world
        world.keep("empty")
        self.states = []
        for number in range(3):
            _good(world.deploy(number))
            self.states.append(world.served())
        self.first = world.releases()[0]
        world.keep("three")
        page = world.target / "current/sapa/tin-tuc/bai.html"
        times = page.stat()
        page.write_bytes(page.read_bytes().replace(b"<title", b"<TITLE"))
        os.utime(page, ns=(times.st_atime_ns, times.st_mtime_ns))
        world.keep("damaged")
        self.damaged = world.served()
        for name, options in (("pinned", ()), ("site pinned", ("--site", "sapa"))):
            world.bring_back("three")
            _good(world.deploy(2, "--rollback", *options))
            world.keep(name)
        self._after: dict[str, tuple[str, str, Outcome]] = {}

    def run(self, command: Command) -> tuple[str, str, Outcome]:
        """What is served before and after a command without faults, and its calls."""
        if command.name not in self._after:
            world = self.world
            world.bring_back(command.before)
            old = world.served() if command.before != "empty" else ""
            outcome = world.deploy(command.state, *self.options(command))
            assert outcome.code == (3 if command.before == "damaged" else 0), outcome.text
            self._after[command.name] = old, world.served(), outcome
        return self._after[command.name]

    def options(self, command: Command) -> tuple[str, ...]:
        """The options of a command, with the name of the release they mean."""
        return tuple(self.first if option == "FIRST" else option for option in command.options)

    def next_run(self, command: Command, served: str) -> list[str]:
        """Run what comes next, when this is served; what is wrong then."""
        world = self.world
        old, new, _ = self.run(command)
        wrong: list[str] = []
        if command.back and served == new:  # once more would go back further
            outcome = world.deploy(command.state)
            if outcome.code != 3 or "has been held at release" not in outcome.stderr:
                wrong.append(f"next deploy: {outcome.text}")
        else:
            outcome = world.deploy(command.state, *self.options(command))
            damaged = command.before == "damaged" and served == old
            if outcome.code != (3 if damaged else 0):
                wrong.append(f"again: {outcome.text}")
            if damaged and "sapa/tin-tuc/bai.html: was changed" not in outcome.stderr:
                wrong.append(f"damage not named: {outcome.text}")
        if outcome.has_alarm and command.before != "damaged":
            wrong.append(f"false alarm: {outcome.text}")
        return wrong + self._look("again", new)

    def next_run_of(self, name: str, served: str) -> list[str]:
        """The same for a command by its name."""
        return self.next_run(BY_NAME[name], served)

    def revert(self, command: Command) -> list[str]:
        """Deploy what was before, then roll back; what is wrong after each."""
        world = self.world
        wrong: list[str] = []
        outcome = world.deploy(1, "--unpin")
        if outcome.code or outcome.has_alarm:
            wrong.append(f"revert: {outcome.text}")
        wrong += self._look("revert", self.states[1])
        outcome = world.deploy(1, "--rollback")
        expected = self.states[0] if command.name == "first deploy" else ""
        if outcome.code or (outcome.has_alarm and command.before != "damaged"):
            wrong.append(f"rollback: {outcome.text}")
        wrong += self._look("rollback", expected)
        if not expected and world.served() == self.damaged:
            wrong.append("rollback: shows what is damaged")
        return wrong

    def _look(self, after: str, expected: str) -> list[str]:
        wrong = self.world.differing() + self.world.leftovers()
        if expected and self.world.served() != expected:
            wrong.append("serves something else")
        return [f"after {after}: {text}" for text in wrong]


def _good(outcome: Outcome) -> None:
    assert outcome.code == 0, outcome.text
