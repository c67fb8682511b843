import json
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from portalgen.cli import main
from portalgen.deploy import signature
from tests.helpers import MAIN_SETTINGS, article, network, tree, write

FILES: dict[str, str | bytes | None] = {
    "site.yaml": f"{MAIN_SETTINGS}targets:\n  - {{name: may-chu, url: ../dich}}\n",
    "content/tin-tuc/a.md": article("A"),
    "members/sapa/content/tin-tuc/b.md": article("B"),
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return network(tmp_path, FILES)


def deploy(root: Path, *options: str, name: str = "may-chu") -> Result:
    arguments = ["deploy", name, "--root", str(root), "--jobs", "1", "--lang", "en", *options]
    return CliRunner().invoke(main, arguments)


def deployed(root: Path) -> dict[str, dict[str, object]]:
    """What was recorded of deployments."""
    file = root / ".portalgen/deployed.json"
    return dict(json.loads(file.read_text("utf-8"))) if file.exists() else {}


def test_a_deployment_is_recorded(root: Path) -> None:
    first = deploy(root)
    assert first.exit_code == 0
    release = str(deployed(root)["may-chu"]["release"])
    assert first.stdout.startswith(f"may-chu shows release {release}: 2 sites, ")
    before = deployed(root)
    assert deploy(root).stdout == f"may-chu is up to date: release {release}, 2 sites.\n"
    assert deployed(root) == before


def test_the_report_says_when_to_deploy_again(root: Path, tmp_path: Path) -> None:
    report = tmp_path / "report.json"

    def next_change(*options: str) -> object:
        assert deploy(root, "--json", str(report), *options).exit_code == 0
        return json.loads(report.read_text("utf-8"))["next_change"]

    assert next_change() is None
    write(root, {"content/tin-tuc/c.md": article("C", "2090-01-01 00:00")})
    due = int(datetime(2090, 1, 1, tzinfo=timezone(timedelta(hours=7))).timestamp())
    assert next_change() == due
    assert next_change() == due, "nothing was to be done"
    write(root, {"content/tin-tuc/d.md": article("D")})
    assert next_change() == due
    assert next_change("--rollback") is None, "nothing was built"


def test_a_key_is_opened_once_and_before_anything_is_built(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []

    def open_key(text: str, password: str) -> None:
        opened.append(password)
        raise signature.SignatureError("password")

    monkeypatch.setattr(signature, "open_key", open_key)
    (root / "key").write_text("x")
    monkeypatch.setenv("PORTALGEN_SIGNING_KEY", str(root / "key"))
    monkeypatch.setenv("PORTALGEN_SIGNING_PASSWORD", "sai")
    result = deploy(root)
    assert result.exit_code == 1
    assert result.stderr.startswith("The site cannot be signed (password). Check PORTALGEN_")
    assert opened == ["sai"]
    assert not (root / "public").exists()


def test_a_dry_run_tells_and_deploys_nothing(root: Path) -> None:
    deploy(root)
    before = tree(root.parent / "dich"), deployed(root)
    write(root, {"members/sapa/content/tin-tuc/c.md": article("C")})
    lines = deploy(root, "--dry-run").stdout.splitlines()
    assert [line.partition(":")[0] for line in lines[:-1]] == ["main", "sapa"]
    assert lines[-1] == "Nothing was deployed."
    assert (tree(root.parent / "dich"), deployed(root)) == before


def test_what_is_refused_is_told_and_the_rest_deployed(root: Path) -> None:
    write(root, {"content/tin-tuc/c.md": "x"})
    for options in ((), ("--dry-run",)):
        result = deploy(root, *options)
        assert result.exit_code == 3
        assert result.stderr.startswith("content/tin-tuc/c.md:1:1: An article begins with a line")
    assert (root.parent / "dich/current/main/tin-tuc/a.html").is_file()


def test_what_cannot_be_built_leaves_the_target_as_it_is(root: Path) -> None:
    write(root, {"site.yaml": "titel: A\n"})
    result = deploy(root)
    assert result.exit_code == 1
    assert result.stderr.splitlines()[-1] == (
        "may-chu is unchanged. Correct the above and run this again."
    )
    assert not (root.parent / "dich").exists()


def test_a_member_with_wrong_settings_stays_at_the_target(root: Path) -> None:
    write(root, {"members/sapa/content/tin-tuc/s.md": article("Sa Pa")})
    assert deploy(root).exit_code == 0
    write(root, {"members/sapa/site.yaml": "titel: A\n", "content/tin-tuc/a.md": article("Mới")})
    result = deploy(root)
    assert result.exit_code == 3
    assert result.stderr.startswith("members/sapa/site.yaml:1:1: ")
    target = root.parent / "dich/current"
    assert (target / "sapa/tin-tuc/s.html").is_file()
    assert "Mới" in (target / "main/tin-tuc/a.html").read_text("utf-8")


def test_going_back_is_recorded_and_builds_nothing(root: Path) -> None:
    deploy(root)
    first = deployed(root)["may-chu"]["release"]
    write(root, {"content/tin-tuc/a.md": article("A mới")})
    deploy(root)
    second = deployed(root)["may-chu"]["release"]
    assert first != second
    write(root, {"content/tin-tuc/a.md": "x"})  # refused by a build
    result = deploy(root, "--rollback")
    third = deployed(root)["may-chu"]["release"]
    assert (result.exit_code, result.stdout) == (
        0, f"may-chu shows release {first} again, as release {third}, and stays there.\n"
    )  # fmt: skip
