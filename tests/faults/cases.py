"""Cases of one kind: all of them with `make faults`, else a sample that is always the same."""

import random
from collections.abc import Callable, Sequence
from typing import TypeVar

import pytest

from tests.faults.world import FULL, SEED

COUNTED = "faults"  # what a test says of its cases: title, number, failures
PRINTED = 20
Case = TypeVar("Case")
PARTS = 4 if FULL else 1  # of a long list of cases, so that two processes share them


def chosen(cases: Sequence[Case], few: int, part: int | None = None) -> list[Case]:
    """The cases, or those of a part; a sample of so many unless all are asked for."""
    if FULL:
        return list(cases if part is None else cases[part::PARTS])
    return random.Random(SEED).sample(cases, min(few, len(cases)))


def check_each(
    request: pytest.FixtureRequest, title: str, cases: Sequence[Case],
    check: Callable[[Case], list[str]],
) -> None:  # fmt: skip
    """Check all cases, count them, and fail with what is wrong in the first few."""
    wrong = {}
    for case in cases:
        try:
            problems = check(case)
        except Exception as error:  # such as nothing served at all
            problems = [f"{type(error).__name__}: {error}"]
        if problems:
            wrong[str(case)] = problems
    request.node.user_properties.append((COUNTED, (title, len(cases), len(wrong))))
    lines = [f"{case}: {'; '.join(problems)}" for case, problems in [*wrong.items()][:PRINTED]]
    assert not wrong, f"{len(wrong)} of {len(cases)} cases:\n" + "\n".join(lines)
