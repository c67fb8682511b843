"""Files of others in a target: never served by a later tree, never deleted, and named."""

import itertools
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.cases import check_each, chosen
from tests.faults.commands import Places
from tests.faults.world import PURGED, Outcome, World

TEXT = "của tôi"
CHALLENGE = ".well-known/acme-challenge"
IN_TREES = {"file": "khach.txt", "hidden file": ".an", "file in a folder": "thu-muc/trong/x.txt",
            "beside a page": "tin-tuc/bai.html.bak", "link": "lien-ket",
            "challenge": f"{CHALLENGE}/tok"}  # fmt: skip
BESIDE = {"beside trees": "sites/sapa/ghi-chu.txt", "folder of a site": "sites/khac/x.json",
          "in releases": "releases/cua-toi/release.json", "beside all": "uploads/a.txt",
          "named like ours": "sites/sapa/x.removing"}  # fmt: skip
OPERATIONS = ("revert", "rollback", "rollback of a site", "repair", "purge", "prune")
Case = tuple[str, str, str]  # kind, in which tree, operation


def put(world: World, file: Path) -> None:
    """Put a file, or a link to a folder, of somebody else."""
    file.parent.mkdir(parents=True, exist_ok=True)
    if file.name == "lien-ket":
        outside = world.folder / "ngoai"
        outside.mkdir(exist_ok=True)
        (outside / "rieng.txt").write_text(TEXT)
        file.symlink_to(outside)
    else:
        file.write_text(TEXT)


def stays(world: World, file: Path) -> bool:
    """Whether it is there as it was put."""
    if file.name == "lien-ket":
        outside = world.folder / "ngoai/rieng.txt"
        return file.is_symlink() and outside.read_text() == TEXT
    return file.is_file() and file.read_text() == TEXT


OPERATED: dict[str, Callable[[World], list[Outcome]]] = {
    "revert": lambda world: [world.deploy(1), world.deploy(1)],
    "rollback": lambda world: [world.deploy(2, "--rollback")],
    "rollback of a site": lambda world: [world.deploy(2, "--rollback", "--site", "sapa")],
    "repair": lambda world: [world.deploy(2, "--repair")],
    "purge": lambda world: [world.deploy(2, "--purge", PURGED)],
    "prune": lambda world: [world.deploy(number) for number in (3, 4, 0, 1)],
}


def check(places: Places, case: Case) -> list[str]:
    kind, where, operation = case
    world = places.world
    world.bring_back("three")
    in_tree = kind in IN_TREES
    release = world.target / "releases" / world.releases()[1 if where == "old" else 2]
    tree = Path(os.path.realpath(release / "sapa"))
    file = tree / IN_TREES[kind] if in_tree else world.target / BESIDE[kind]
    put(world, file)
    outcomes = OPERATED[operation](world)
    wrong = [outcome.text for outcome in outcomes if outcome.trace or outcome.code not in (0, 3)]
    if not stays(world, file):
        wrong.append("deleted")
    served = Path(os.path.realpath(world.target / "current/sapa"))
    is_left = served == tree  # what certbot put there may be served as long as its tree is
    if in_tree and os.path.lexists(served / IN_TREES[kind]) and not (
        kind == "challenge" and is_left
    ):  # fmt: skip
        wrong.append("served by a later tree")
    top = IN_TREES[kind].partition("/")[0] if in_tree else ""
    if kind == "challenge":
        top = CHALLENGE
    said = "".join(outcome.stdout + outcome.stderr for outcome in outcomes)
    if in_tree and is_seen(where, operation, kind) and top not in said:
        wrong.append(f"not named: {said}")
    if not (kind == "challenge" and is_left):
        wrong += world.differing()
    wrong += world.leftovers() if kind != "named like ours" else []
    return wrong


def is_seen(where: str, operation: str, kind: str) -> bool:
    """Whether a run compares the tree, or removes it."""
    if operation == "prune":
        return True
    if where == "current":
        return not operation.startswith("rollback")
    return operation.startswith("rollback") and kind != "challenge"


@pytest.mark.parametrize("operation", OPERATIONS)
def test_files_of_others_are_named_and_left(
    request: pytest.FixtureRequest, places: Places, operation: str
) -> None:
    cases = [
        *((kind, where, operation) for kind, where in itertools.product(
            IN_TREES, ("old", "current"))),
        *((kind, "", operation) for kind in BESIDE),
    ]  # fmt: skip
    check_each(
        request, f"foreign files: {operation}", chosen(cases, 2), lambda case: check(places, case)
    )
