"""A module that decides something has a test file by its name: `a/b.py`, `tests/a/test_b.py`."""

from pathlib import Path

from tests.test_imports import MODULES

TESTS = Path(__file__).parent
WITHOUT = {  # why
    "__main__.py": "runs the command line",
    "pages/page.py": "declares a page",
    **dict.fromkeys([
        "authoring/importers/legacy_vietnamese.py", "authoring/importers/markdown_writer.py",
        "commands/import_.py",
        "content/claims.py",
        "deploy/deploy.py", "deploy/inventory.py", "deploy/shipment.py",
        "deploy/targets/bucket.py", "deploy/targets/folder.py", "deploy/targets/s3.py",
        "deploy/targets/scripts.py", "deploy/targets/shell.py", "deploy/targets/ssh.py",
        "output/changeset.py", "output/foreign.py",
        "pages/site_plan.py",
        "related/similarity.py",
    ], "other issue"),
}  # fmt: skip


def test_each_module_has_tests_by_its_name() -> None:
    without = {
        name
        for name in MODULES
        if not name.endswith("__init__.py")
        and not (TESTS / name).with_name(f"test_{Path(name).name}").is_file()
    }
    assert without == set(WITHOUT)
