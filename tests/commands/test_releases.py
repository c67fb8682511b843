import json
import re
from pathlib import Path

from click.testing import CliRunner, Result

from portalgen.cli import main
from tests.deploy.test_deploy_folder import BAI, FILES, deploy, good
from tests.helpers import MAIN_SETTINGS, article, network, write

TARGETS = "targets:\n  - {name: may-chu, url: ../dich, keep: 2}\n"


def list_releases(root: Path, *options: str) -> Result:
    return CliRunner().invoke(
        main, ["releases", "may-chu", "--root", str(root), "--lang", "en", *options]
    )


def test_releases_are_listed_with_what_changed_and_what_is_held(tmp_path: Path) -> None:
    root = network(tmp_path, FILES | {"site.yaml": MAIN_SETTINGS + TARGETS})
    assert list_releases(root).stdout == "may-chu shows no release.\n"
    assert not (tmp_path / "dich").exists()
    for number in range(3):
        write(root, {BAI: article(f"Bài lần {number}")})
        good(deploy(root))
    lines = list_releases(root).stdout.splitlines()
    assert len(lines) == 2
    name = r"\d{8}-\d{6}-\d{6}-[0-9a-f]{4}"
    form = rf"{name}  \d{{4}}-\d\d-\d\d \d\d:\d\d  \S+@\S+  -  2 sites, \d+ files, 0\.\d MB"
    assert re.fullmatch(rf"\* {form}", lines[0]), lines[0]
    assert re.fullmatch(rf"  {form}", lines[1]), lines[1]
    good(deploy(root, "--rollback"))
    file = tmp_path / "releases.json"
    result = list_releases(root, "--json", str(file))
    lines = result.stdout.splitlines()
    assert re.fullmatch(rf"    shows {name} again", lines[1])
    assert "To end this: portalgen deploy may-chu --unpin" in lines[2]
    report = json.loads(file.read_text())["releases"]
    assert [item["current"] for item in report] == [True, False, False]
    assert report[0]["of"] == report[2]["id"]
    assert [*report[0]["pins"]] == ["*"]


def test_a_target_that_is_not_ours_is_refused(tmp_path: Path) -> None:
    root = network(tmp_path, FILES)
    (tmp_path / "dich/current").mkdir(parents=True)
    result = list_releases(root)
    assert result.exit_code == 1
    assert "`current` is not a link that portalgen made" in result.stderr
