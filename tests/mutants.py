"""Mutants: one small mistake at a time in a module, and how many of them the room's tests find.

    python tests/mutants.py portalgen/pages/keys.py
    python tests/mutants.py                              every module of the table

mutmut makes the mistakes and runs the tests, in a folder of its own. What a list or a tuple holds,
and calls made for what they do, are dropped besides: mutmut has no such mistakes. Of texts it would
also change the case of letters: that of SQL and names of encodings is all the same.
"""

import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

ROOT = Path(__file__).resolve().parents[1]
ENOUGH = 0.85
RUN = "--run"  # in the folder that `report` made
ROOMS = {
    "portalgen/pages/keys.py": "tests/pages/test_key_selection.py tests/pages/test_keys.py",
    "portalgen/pages/related_blocks.py": "tests/pages/test_related_blocks.py",
    "portalgen/pages/plan.py": "tests/pages/test_plan.py",
    "portalgen/pages/site_plan.py": "tests/pages/test_site_plan.py",
    "portalgen/content/classify.py": (
        "tests/content/test_classify.py tests/content/test_claims.py tests/content/test_lists.py"
    ),
    "portalgen/content/claims.py": "tests/content/test_claims.py",
    "portalgen/content/admit.py": "tests/content/test_admit.py tests/content/test_claims.py",
    "portalgen/content/lists.py": "tests/content/test_lists.py",
    "portalgen/register/advance.py": "tests/register/test_advance.py",
    "portalgen/register/answers.py": "tests/register/test_answers.py",
    "portalgen/register/merge.py": "tests/register/test_merge.py",
    "portalgen/register/renames.py": "tests/register/test_renames.py",
    "portalgen/register/settle.py": "tests/register/test_settle.py tests/register/test_renames.py",
    "portalgen/register/store.py": "tests/register/test_store.py",
    "portalgen/related/neighbours.py": (
        "tests/related/test_neighbours.py "
        "--deselect=tests/related/test_neighbours.py::"
        "test_what_is_updated_equals_what_is_computed_from_nothing"  # takes too long
    ),
    "portalgen/related/similarity.py": "tests/related/test_similarity.py",
    "portalgen/output/publish.py": (
        "tests/output/test_journal.py tests/output/test_publish.py "
        "--deselect=tests/output/test_publish.py::"
        "test_a_kill_at_any_step_leaves_pages_whole_and_the_next_build_finishes"  # takes too long
    ),
    "portalgen/output/foreign.py": "tests/output/test_foreign.py",
    "portalgen/output/lock.py": "tests/output/test_lock.py",
    "portalgen/changes/manifest.py": "tests/changes/test_manifest.py",
    "portalgen/deploy/trees.py": "tests/deploy/test_trees.py",
    "portalgen/deploy/records.py": "tests/deploy/test_records.py",
    "portalgen/deploy/compare.py": "tests/deploy/test_compare.py",
    "portalgen/deploy/releases.py": "tests/deploy/test_releases.py",
    "portalgen/deploy/release.py": "tests/deploy/test_release.py",
    "portalgen/deploy/verify.py": (
        "tests/deploy/test_verify.py "
        "--deselect=tests/deploy/test_verify.py::"
        "test_a_thousand_random_tamperings_are_all_named"  # takes too long
    ),
    "portalgen/webserver/headers.py": "tests/webserver/test_headers.py",
    "portalgen/themes/sandbox.py": "tests/themes/test_sandbox.py",
}
SETTINGS = """\
[mutmut]
source_paths = portalgen
only_mutate = {module}
also_copy = themes
pytest_add_cli_args_test_selection =
{tests}
pytest_add_cli_args =
    -pno:xdist
    -pno:cacheprovider
    --hypothesis-profile=ci
timeout_multiplier = 10
timeout_constant = 5
"""


def main() -> int:
    """Report on the modules named, or on all."""
    if sys.argv[1:2] == [RUN]:
        return run()
    if len(sys.argv) == 2:
        return report(sys.argv[1])
    modules = sys.argv[1:] or ROOMS
    return max(subprocess.call([sys.executable, __file__, module]) for module in modules)


def report(module: str) -> int:
    """Print how many mutants of the module were killed, and what each of the others is."""
    if module not in ROOMS:
        print(f"{module} is none of:", *ROOMS, sep="\n  ")
        return 2
    started = time.monotonic()
    with TemporaryDirectory() as folder:
        for name in ("portalgen", "tests", "themes", "pyproject.toml"):
            (Path(folder) / name).symlink_to(ROOT / name)
        tests = "\n".join(f"    {name}" for name in ROOMS[module].split())
        settings = SETTINGS.format(module=module, tests=tests)
        Path(folder, "setup.cfg").write_text(settings, "utf-8")
        done = subprocess.run(
            [sys.executable, __file__, RUN], cwd=folder, capture_output=True, text=True, check=False
        )
        if done.returncode:
            print(done.stdout, done.stderr, sep="\n")
            return done.returncode
        os.chdir(folder)
        killed, survivors = results(module)
        os.chdir(ROOT)
    total = killed + len(survivors)
    seconds = time.monotonic() - started
    print(*survivors, sep="\n")
    work = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(
        f"{module}: {killed} of {total} mutants killed in {seconds:.0f} seconds,"
        f" {work.ru_utime + work.ru_stime:.0f} of processors", flush=True,
    )  # fmt: skip
    return 0 if killed >= ENOUGH * total else 1


def run() -> int:
    """Make the mutants and run the tests with each, as `setup.cfg` in this folder tells."""
    from mutmut.__main__ import _run
    from mutmut.mutation.trampoline import set_mutant_under_test
    from mutmut.runners.harness import PytestRunner
    from mutmut.workers.isolation import ForkRunner

    run_tests = PytestRunner.run_tests

    def run_apart(runner: Any, *, mutant_name: str | None, tests: Iterable[str]) -> int:
        """In a folder for the tests' files that no other mutant has: they run side by side."""
        with TemporaryDirectory(dir=".") as folder:
            os.environ["PYTEST_DEBUG_TEMPROOT"] = os.path.abspath(folder)
            return int(run_tests(runner, mutant_name=mutant_name, tests=tests))

    def try_none(runner: ForkRunner) -> None:
        """Where nothing is mutated the tests must pass, in a process like those of mutants."""
        child = os.fork()
        if not child:
            sys.stdout = sys.stderr = open(os.devnull, "w")  # noqa: SIM115
            set_mutant_under_test("none")
            os._exit(run_apart(runner.test_runner, mutant_name=None, tests=[]))
        if os.waitpid(child, 0)[1]:
            sys.exit("The tests fail in a process of their own, whatever is mutated.")

    add_mistakes()
    with (
        patch.object(PytestRunner, "run_tests", run_apart),
        patch.object(ForkRunner, "startup", try_none),
    ):
        _run((), os.cpu_count())
    return 0


def results(module: str) -> tuple[int, list[str]]:
    """How many mutants the tests killed, and how each of the others differs from the module."""
    from mutmut.mutation.data import SourceFileMutationData
    from mutmut.mutation.diff_apply import get_diff_for_mutant
    from mutmut.stats import status_by_exit_code

    made = SourceFileMutationData(path=Path(module))
    made.load()
    statuses = {name: status_by_exit_code[code] for name, code in made.exit_code_by_key.items()}
    survivors = [
        f"\n{name.rpartition('.')[2]} ({status})\n{get_diff_for_mutant(name)}"
        for name, status in statuses.items()
        if status not in ("killed", "timeout", "segfault")
    ]
    return len(statuses) - len(survivors), survivors


def add_mistakes() -> None:
    """Teach mutmut to drop what a tuple or a list holds, and calls whose value nobody takes.

    Of each text it makes one other, not three.
    """
    import libcst as cst
    from mutmut.mutation import mutators

    def drop_element(node: cst.Tuple | cst.List) -> Iterator[cst.Tuple | cst.List]:
        if node.lpar or isinstance(node, cst.List):  # else it may be what is assigned to
            for at in range(len(node.elements)):
                left = [*node.elements[:at], *node.elements[at + 1 :]]
                left = [each.with_changes(comma=cst.Comma()) for each in left]
                yield node.with_changes(elements=left)

    def drop_call(node: cst.Expr) -> Iterator[cst.Pass]:
        if isinstance(node.value, (cst.Call, cst.Yield)):
            yield cst.Pass()

    def change_text(node: cst.BaseString) -> Iterator[cst.BaseString]:
        yield from islice(mutators.operator_string(node), 1)

    kinds: Any = mutators.mutation_operators
    kinds[:] = [kind for kind in kinds if kind[1] is not mutators.operator_string]
    kinds += [(cst.BaseString, change_text), (cst.Tuple, drop_element), (cst.List, drop_element),
              (cst.Expr, drop_call)]  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
