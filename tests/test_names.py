"""A module that decides something has a test file by its name: `a/b.py`, `tests/a/test_b.py`."""

from pathlib import Path

from tests.test_imports import MODULES

TESTS = Path(__file__).parent
WITHOUT = {  # why
    "__main__.py": "runs the command line",
    "pages/page.py": "declares a page",
    "content/site_index.py": "declares what a site shows",
    "content/published.py": "declares what classifying has to know",
    "settings/values.py": "tests/settings/test_site.py, tests/authoring/test_schemas.py",
    **dict.fromkeys([
        "content/legacy_vietnamese.py", "authoring/importers/markdown_writer.py",
        "commands/import_.py",
    ], "tested with the importers"),
    **dict.fromkeys([
        "deploy/answers.py", "deploy/http_client.py", "deploy/personas.py",
    ], "tests/deploy/test_verify_url.py tries them together"),
    "deploy/verify_bucket.py": "tests/real/test_deploy_s3.py",
    "deploy/deploy.py": "tests/deploy/test_deploy_folder.py",
    **dict.fromkeys([
        "deploy/first_register.py", "deploy/register_files.py", "deploy/verify_register.py",
        "register/takeover.py",
    ], "tests/deploy/test_carry.py tries them with a target"),
    "deploy/targets/registers.py": "tests/deploy/test_registers.py tries all of them alike",
    "output/changeset.py": "tests/output/test_publish.py, tests/test_incremental.py",
    **dict.fromkeys([
        "deploy/targets/folder.py", "deploy/targets/ssh.py", "deploy/targets/shell.py",
        "deploy/targets/scripts.py", "deploy/targets/s3.py", "deploy/targets/bucket.py",
        "deploy/targets/bucket_trees.py", "deploy/targets/contents.py", "deploy/targets/lease.py",
    ], "tests/deploy/test_storage.py tries all storages alike, tests/real/ each with a real place"),
}  # fmt: skip


def test_each_module_has_tests_by_its_name() -> None:
    without = {
        name
        for name in MODULES
        if not name.endswith("__init__.py")
        and not (TESTS / name).with_name(f"test_{Path(name).name}").is_file()
    }
    assert without == set(WITHOUT)
