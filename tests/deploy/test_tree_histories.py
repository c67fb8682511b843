"""Trees after any history: created, removed, interrupted, damaged, with other files in them."""

import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from portalgen.deploy.inventory import NAME, from_bytes
from portalgen.deploy.records import is_whole
from portalgen.deploy.shipment import Shipment, ShippedSite, Signer
from portalgen.deploy.trees import MAKING, REMOVING, make_tree, prune_trees, remove_tree
from portalgen.digests import digest_bytes
from tests.helpers import tree

CHANGES = ("os.mkdir", "os.rename", "os.link", "os.remove", "os.rmdir", "os.truncate")


class Killed(BaseException):
    """The simulated end of the process."""


_left = -1


def _count(event: str, arguments: tuple[object, ...]) -> None:
    global _left  # noqa: PLW0603 - audit hooks cannot be removed
    if _left < 0:
        return
    writes = event == "open" and isinstance(arguments[2], int) and arguments[2] & os.O_WRONLY
    if event in CHANGES or writes:
        _left -= 1
        if _left < 0:
            raise Killed


sys.addaudithook(_count)


def killed(step: int, work: object, *arguments: object) -> bool:
    """Call a function and interrupt it at a change of the file system; whether it got there."""
    global _left  # noqa: PLW0603
    _left = step
    try:
        assert callable(work)
        work(*arguments)
    except Killed:
        return True
    finally:
        _left = -1
    return False


class Workshop:
    """Three versions of a site, and the folder of its trees."""

    def __init__(self, folder: Path):
        self.base = folder / "sites"
        self.slug = self.base / "sapa"
        self.shipments = [self._shipment(folder / f"output-{n}", n) for n in range(3)]

    @staticmethod
    def _shipment(output: Path, number: int) -> tuple[Shipment, ShippedSite]:
        files = {"a.txt": b"a", "tin/b.html": b"b" * 99 + bytes([number]), f"{number}/c": b"c"}
        for route, data in files.items():
            (output / "sapa" / route).parent.mkdir(parents=True, exist_ok=True)
            (output / "sapa" / route).write_bytes(data)
        digests = {route: digest_bytes(data) for route, data in files.items()}
        site = ShippedSite("sapa", digests, "inputs")
        return Shipment(output, (site,), "commit", Signer()), site

    def make(self, number: int, before: Path | None = None) -> Path:
        shipment, site = self.shipments[number]
        return self.slug / make_tree(shipment, site, self.base, before, 1).name

    def assert_whole(self, made: Path, number: int) -> None:
        """Assert that all files of a tree exist and are in its inventory."""
        shipment, _ = self.shipments[number]
        there = tree(made)
        assert is_whole(made, by_digest=True)
        assert there.items() >= tree(shipment.output / "sapa").items()
        listed = {item.path for item in from_bytes(there[NAME]).files}
        assert listed | {NAME} <= there.keys()
        assert all(name.startswith("foreign") for name in there.keys() - listed - {NAME})


def names(folder: Path) -> list[str]:
    return sorted(os.listdir(folder)) if folder.is_dir() else []


def test_a_tree_that_is_being_removed_has_no_record_whenever_it_is_killed(tmp_path: Path) -> None:
    steps = 0
    while True:
        workshop = Workshop(tmp_path / str(steps))
        made = workshop.make(0)
        was_killed = killed(steps, remove_tree, made)
        if is_whole(made):
            assert steps == 0
        else:
            assert not made.with_name(f"{made.name}.json").exists()
        again = workshop.make(0)
        workshop.assert_whole(again, 0)
        prune_trees(workshop.base, lambda slug, name, kept=again: name == kept.name)  # type: ignore[misc]
        workshop.assert_whole(again, 0)
        assert names(workshop.slug) == sorted([again.name, f"{again.name}.json"])
        if not was_killed:
            break
        steps += 1
    assert steps > 6


def test_a_tree_that_is_being_made_is_never_taken_for_whole(tmp_path: Path) -> None:
    steps = 0
    while True:
        workshop = Workshop(tmp_path / str(steps))
        before = workshop.make(1)
        was_killed = killed(steps, workshop.make, 0, before)
        made = workshop.make(0, before)
        workshop.assert_whole(made, 0)
        workshop.assert_whole(before, 1)
        if not was_killed:
            break
        steps += 1
    assert steps > 10


OPERATIONS = st.one_of(
    st.tuples(st.just("make"), st.integers(0, 2), st.integers(-1, 30)),
    st.tuples(st.just("prune"), st.integers(0, 2), st.integers(-1, 30)),
    st.tuples(st.just("foreign"), st.integers(0, 9), st.just(0)),
    st.tuples(st.just("hurt"), st.integers(0, 99), st.integers(0, 3)),
)


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(OPERATIONS, max_size=12))
@example([("make", 0, -1), ("foreign", 0, 0), ("make", 1, -1), ("prune", 1, -1), ("make", 0, -1)])
def test_what_is_made_is_whole_and_foreign_files_stay(history: list[tuple[str, int, int]]) -> None:
    with TemporaryDirectory() as place:
        workshop = Workshop(Path(place))
        shown: tuple[Path, int] | None = None
        foreign: dict[Path, str] = {}
        for number, (what, which, step) in enumerate(history):
            here = [
                path for path in workshop.slug.glob("*")
                if path.is_dir() and not path.name.startswith(MAKING)
            ]  # fmt: skip
            if what == "make":
                before = shown[0] if shown else None
                if not killed(step, workshop.make, which, before) or step < 0:
                    shown = workshop.make(which, before), which
                    workshop.assert_whole(*shown)
            elif what == "prune":
                kept = shown[0].name if shown else ""
                killed(step, prune_trees, workshop.base, lambda slug, name, kept=kept: name == kept)
                if shown and is_whole(shown[0]):
                    workshop.assert_whole(*shown)
            elif what == "foreign" and here:
                file = sorted(here)[which % len(here)] / f"foreign-{number}"
                file.write_text(str(number))
                foreign[file] = str(number)
            elif what == "hurt" and here:
                files = [
                    file for folder in here for file in folder.rglob("*")
                    if file.is_file() and file not in foreign
                ]  # fmt: skip
                if not files:
                    continue
                file = sorted(files)[which % len(files)]
                if step == 0:
                    file.unlink()
                elif step == 1:
                    file.unlink()
                    file.mkdir()
                else:  # replaced by rename: other hard links to it stay
                    beside = file.with_name(".beside")
                    beside.write_bytes(file.read_bytes()[:-1] + b"xy"[step - 2 : step])
                    os.replace(beside, file)
        assert {file: file.read_text() for file in foreign} == foreign
        for which in range(3):
            made = workshop.make(which)
            workshop.assert_whole(made, which)
            made_again = workshop.make(which, made)
            assert made_again == made


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"a.txt": 1}', '{"a.txt": ["d", [["a"]]]}'])
def test_a_record_that_cannot_be_read_is_none(tmp_path: Path, damage: str) -> None:
    workshop = Workshop(tmp_path)
    made = workshop.make(0)
    made.with_name(f"{made.name}.json").write_text(damage)
    again = workshop.make(0)
    assert again.name == f"{made.name}-2"
    workshop.assert_whole(again, 0)
    made.with_name(f"{made.name}.json").rename(made.with_name(f"{made.name}{REMOVING}"))
    prune_trees(workshop.base, lambda slug, name: name == again.name)
    workshop.assert_whole(again, 0)
    assert not [*workshop.slug.glob(f"*{REMOVING}")]
