import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from portalgen.cli import main
from portalgen.deploy import verify, verify_url
from portalgen.deploy.compare import Finding
from portalgen.deploy.verify import Trust, Verified

NOT_PROVED = (
    "This was compared with the manifest.json beside the files, which whoever changes files can "
    "change, too. To be sure, give a --key or an --inventory kept elsewhere.\n"
)


@pytest.fixture
def verified(monkeypatch: pytest.MonkeyPatch) -> Verified:
    """What any verification finds; tests add to it. `trusted` collects what it is told to trust."""
    result = Verified(sites=2, files=300)

    def answer(target: object, trust: Trust, progress: object, address: str = "") -> Verified:
        trusted.append((str(target), trust))
        return result

    trusted.clear()
    monkeypatch.setattr(verify, "verify_folder", answer)
    monkeypatch.setattr(verify_url, "verify_url", answer)
    return result


trusted: list[tuple[str, Trust]] = []


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["verify", *map(str, arguments), "--lang", "en"])


def test_what_is_as_published_is_good_but_proved_only_by_what_is_kept_elsewhere(
    tmp_path: Path, verified: Verified
) -> None:
    good = "2 sites, 300 files: all as published.\n"
    copy = tmp_path / "manifest.json"
    copy.write_text("{}")
    for arguments, output in (
        ([], good + NOT_PROVED), (["--key", "RWx"], good), (["--inventory", copy], good),
    ):  # fmt: skip
        result = run(tmp_path, *arguments)
        assert (result.exit_code, result.stdout, result.stderr) == (0, output, "")
    assert [trust for _, trust in trusted] == [Trust(), Trust("RWx"), Trust("", copy)]


def test_each_finding_is_a_line_with_its_place(tmp_path: Path, verified: Verified) -> None:
    verified.findings += [
        Finding("sapa", "a\x1b.html", "changed"), Finding("", "b.html", "redirected", "https://x/\x07"),
    ]  # fmt: skip
    result = run(tmp_path)
    assert result.exit_code == 3
    assert result.stderr.splitlines() == [
        "sapa/a\\x1b.html: was changed", "b.html: redirects elsewhere: https://x/\\x07",
    ]  # fmt: skip
    assert result.stdout.startswith("2 sites, 300 files: 2 not as published.\n")


def test_of_many_findings_the_rest_is_in_the_report(tmp_path: Path, verified: Verified) -> None:
    verified.findings += [Finding("sapa", f"{n}.html", "added") for n in range(203)]
    result = run(tmp_path, "--json", tmp_path / "a.json")
    lines = result.stderr.splitlines()
    assert len(lines) == 201
    assert lines[-1] == "… and 3 more. See all with --json FILE."
    report = json.loads((tmp_path / "a.json").read_text("utf-8"))
    assert (report["sites"], len(report["findings"])) == (2, 203)
    assert report["findings"][0] == {
        "site": "sapa", "path": "0.html", "kind": "added", "detail": "",
    }  # fmt: skip


def test_a_key_may_be_in_a_file_and_a_target_on_a_server(
    tmp_path: Path, verified: Verified
) -> None:
    key = tmp_path / "key.pub"
    key.write_text("untrusted comment: x\nRWx\n")
    assert run("https://a.example/", "--key", key).exit_code == 0
    assert trusted == [("https://a.example/", Trust("untrusted comment: x\nRWx\n"))]


def test_a_target_is_a_folder_or_an_address(tmp_path: Path, verified: Verified) -> None:
    for target in (tmp_path / "none", "ftp://a.example/"):
        result = run(target)
        assert result.exit_code == 2
        assert result.stderr.endswith(f"no folder and no URL: {target}\n")
    assert trusted == []
