"""What `portalgen deploy` does for a webmaster at night, and what it says."""

import json
import os
import shutil
from pathlib import Path

import pytest

from tests.deploy.test_deploy_folder import (
    A_TXT,
    BAI,
    FILES,
    deploy,
    good,
    is_whole,
    releases,
    replaced,
    shown,
)
from tests.helpers import article, network, tree, write

TIN = "members/sapa/content/tin-tuc/tin.md"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return network(tmp_path, FILES)


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "dich"


def three_releases(root: Path, target: Path) -> list[dict[str, bytes]]:
    """Deploy three states, and return what was shown."""
    states = []
    for number in range(3):
        write(root, {A_TXT: str(number), BAI: article(f"Bài lần {number}")})
        good(deploy(root))
        states.append(shown(target))
    return states


def report(root: Path, *options: str) -> dict:  # type: ignore[type-arg]
    """The report of a run of `deploy`."""
    file = root.parent / "report.json"
    deploy(root, "--json", str(file), *options)
    read: dict = json.loads(file.read_text("utf-8"))  # type: ignore[type-arg]
    return read


@pytest.mark.parametrize(
    "how", ["changed", "deleted", "added", "no link", "same size and time", "all of a site"]
)
def test_a_repair_makes_anew_what_is_not_as_published(root: Path, target: Path, how: str) -> None:
    good(deploy(root))
    good(deploy(root, "--repair"))
    sapa = Path(os.path.realpath(target / "current/sapa"))
    page = sapa / "tin-tuc/tin.html"
    inode, stat = page.stat().st_ino, page.stat()
    os.link(page, target / "kept")  # or its number might be given to another file
    place = {"added": "sapa/shell.php: was added", "deleted": "sapa/tin-tuc/tin.html: is missing",
             "all of a site": "sapa: is missing", "no link": "sapa: the release does not lead",
             }.get(how, "sapa/tin-tuc/tin.html: was changed")  # fmt: skip
    if how == "deleted":
        page.unlink()
    elif how == "added":
        (sapa / "shell.php").write_text("<?php")
    elif how == "no link":
        (target / "current/sapa").unlink()
    elif how == "all of a site":
        shutil.rmtree(sapa)
    else:
        page.write_bytes(b"x" * stat.st_size)
        if how == "same size and time":
            os.utime(page, ns=(stat.st_atime_ns, stat.st_mtime_ns))
            assert "is up to date" in deploy(root).output
    result = deploy(root, "--repair")
    assert result.exit_code == 3
    assert result.stderr.startswith(place), result.stderr
    assert shown(target) == tree(root / "public")
    assert is_whole(target)
    new = target / "current/sapa/tin-tuc/tin.html"
    assert (new.stat().st_ino == inode) is (how == "no link")
    if how == "added":
        assert (sapa / "shell.php").read_text() == "<?php"
        assert not (target / "current/sapa/shell.php").exists()
    good(deploy(root, "--repair"))


def test_a_rollback_stays_until_it_is_ended(root: Path, target: Path) -> None:
    states = three_releases(root, target)
    names = releases(target)
    result = deploy(root, "--rollback")
    good(result)
    assert f"shows release {names[1]} again, as release {releases(target)[-1]}" in result.stdout
    write(root, {BAI: article("Bài sau đó")})
    for _ in range(2):
        result = deploy(root)
        assert result.exit_code == 3
        assert f"may-chu has been held at release {names[1]} since 20" in result.stderr
        assert "To end this: portalgen deploy may-chu --unpin\n" in result.stderr
        assert result.stdout.startswith("Nothing was deployed: may-chu stays at release ")
        assert shown(target) == states[1]
    good(deploy(root, "--unpin"))
    assert shown(target) == tree(root / "public")
    good(deploy(root))


def test_a_foreign_file_in_a_tree_that_is_whole_elsewhere_keeps_nobody_from_going_back(
    root: Path, target: Path
) -> None:
    states = three_releases(root, target)
    (target / "current/sapa/shell.php").write_text("<?php")
    replaced(deploy(root))
    write(root, {"content/y-te/moi.md": article("Bài mới")})
    good(deploy(root))
    good(deploy(root, "--rollback"))
    assert shown(target) == states[2]
    assert is_whole(target)


def test_what_is_damaged_is_passed_over_and_named(root: Path, target: Path) -> None:
    states = three_releases(root, target)
    names = releases(target)
    tree = Path(os.path.realpath(target / "releases" / names[1] / "main"))
    (tree / "x").write_text("")
    result = deploy(root, "--to", names[1])
    assert result.exit_code == 1
    assert f"main/x: In release {names[1]}, this is not as it was published" in result.stderr
    result = deploy(root, "--rollback")
    good(result)
    assert "main/x: was added\nReleases that are not as they were published" in result.stderr
    assert shown(target) == states[0]


def test_any_release_that_is_kept_can_be_shown(root: Path, target: Path) -> None:
    states = three_releases(root, target)
    names = releases(target)
    for number in (0, 2, 1):
        good(deploy(root, "--to", names[number]))
        assert shown(target) == states[number]
        assert is_whole(target)
    result = deploy(root, "--to", "20200101-000000-000000-aaaa")
    assert result.exit_code == 1
    assert result.stderr.startswith("There is no release “20200101-000000-000000-aaaa”. The target")
    assert names[0] in result.stderr


def test_one_member_goes_back_alone(root: Path, target: Path) -> None:
    write(root, {TIN: article("Tin cũ")})
    good(deploy(root))
    old = tree((target / "current/sapa").resolve())
    second = "members/sapa/content/tin-tuc/tin-moi.md"
    link = article("Bài", body="[Tin](portal:sapa/tin-tuc/tin-moi.md)")
    write(root, {TIN: article("Tin sửa"), second: article("Tin mới"), BAI: link})
    good(deploy(root))
    result = deploy(root, "--rollback", "--site", "sapa")
    good(result)
    assert "The main portal links to 1 addresses that sapa does not have while it is held:" in (
        result.stderr
    )
    assert "/tin-tuc/tin-moi.html" in result.stderr
    write(root, {BAI: link.replace("Bài", "Bài mới của trang chính")})
    result = deploy(root)
    assert result.exit_code == 3
    assert "may-chu: sapa has been held at release" in result.stderr
    assert tree((target / "current/sapa").resolve()) == old
    assert "Bài mới của trang chính".encode() in shown(target)["main/tin-tuc/bai.html"]
    held = report(root)
    assert [*held["pinned"]] == ["sapa"] and len(held["lacking"]["sapa"]) == 1
    good(deploy(root, "--unpin", "--site", "sapa"))
    assert shown(target) == tree(root / "public")


def test_what_is_purged_is_in_no_release_and_nothing_else_goes(root: Path, target: Path) -> None:
    good(deploy(root))
    other = "content/tin-tuc/ten-nguoi.md"
    write(root, {other: article("Người vị thành niên", body="Nguyễn Văn Tên")})
    good(deploy(root))
    path = "main/tin-tuc/ten-nguoi.html"
    result = deploy(root, "--purge", path)
    assert (result.exit_code, result.stderr.splitlines()[0]) == (
        1,
        f"{path}: This file is still published as in every kept release. First correct, withdraw "
        "or delete the article, then run this again.",
    )
    write(root, {other: None})
    before = releases(target)
    good(deploy(root))
    result = deploy(root, "--purge", path)
    good(result)
    assert before[1] in result.stdout
    files = [file for file in target.rglob("*") if file.is_file()]
    named = [file for file in files if file.name == "ten-nguoi.html"]
    assert named and all(b"noindex" in file.read_bytes() for file in named)  # it says: gone
    assert not [file for file in files if "Người vị thành niên".encode() in file.read_bytes()]
    assert not [file for file in files if "Nguyễn Văn Tên".encode() in file.read_bytes()]
    assert releases(target) == [before[0], releases(target)[-1]]
    assert is_whole(target)


def test_a_text_that_still_names_what_was_purged_is_named(root: Path, target: Path) -> None:
    other = "content/tin-tuc/ten-nguoi.md"
    write(root, {other: article("Bài kia")})
    good(deploy(root))
    address = "https://tinh.example/tin-tuc/ten-nguoi.html"
    write(root, {other: None, BAI: article("Bài", body=f"Xem {address}")})
    result = deploy(root, "--purge", address)
    assert result.exit_code == 3
    assert "main/tin-tuc/bai.html: still names main/tin-tuc/ten-nguoi.html" in result.stderr


def test_a_path_of_no_site_is_refused(root: Path) -> None:
    result = deploy(root, "--purge", "khong-co/a.html", "--purge", "main/")
    assert result.exit_code == 1
    assert result.stderr.startswith("khong-co/a.html: This is no file of a site. Write its address")


@pytest.mark.parametrize(
    ("options", "why"),
    [(["--rollback", "--repair"], "--repair and --rollback exclude each other."),
     (["--site", "sapa"], "--site is for --rollback, --to or --unpin."),
     (["--site", "sapa", "--repair"], "--site is for --rollback, --to or --unpin.")],
)  # fmt: skip
def test_options_that_exclude_each_other_are_refused(
    root: Path, options: list[str], why: str
) -> None:
    result = deploy(root, *options)
    assert result.exit_code == 2 and why in result.stderr


def test_a_report_says_what_was_done_and_what_is_new(root: Path, target: Path) -> None:
    first = report(root)
    assert (first["same"], first["refused"], first["kept"], first["pinned"]) == (False, [], [], {})
    assert first["changed"]["sapa"]["added"] > 10
    write(root, {"content/tin-tuc/hong.md": "---\ntitle: Hỏng\n---\nX"})
    second = report(root)
    assert [problem["path"] for problem in second["refused"]] == ["content/tin-tuc/hong.md"]
    assert len(second["new"]["refused"]) == 1
    third = report(root)
    assert len(third["refused"]) == 1
    assert third["new"] == {"refused": [], "pinned": [], "findings": []}
    assert third["release"] == releases(target)[-1]


def test_a_quiet_run_says_only_what_is_new(root: Path, target: Path) -> None:
    good(deploy(root))
    assert deploy(root, "--quiet").output == ""
    write(root, {"content/tin-tuc/hong.md": "---\ntitle: Hỏng\n---\nX"})
    result = deploy(root, "--quiet")
    assert result.exit_code == 3
    assert result.output.startswith("content/tin-tuc/hong.md:2:")
    assert len(result.output.splitlines()) == 1
    assert deploy(root, "--quiet").output == ""
    (target / "current/sapa/shell.php").write_text("<?php")
    assert deploy(root, "--quiet").output == "sapa/shell.php: was added\n"
    write(root, {BAI: article("Bài sửa")})
    deploy(root)
    good(deploy(root, "--rollback"))
    assert "has been held at release" in deploy(root, "--quiet").output
    assert deploy(root, "--quiet").output == ""


def test_what_certbot_left_is_named_and_is_no_damage(root: Path, target: Path) -> None:
    good(deploy(root))
    token = Path(os.path.realpath(target / "current/sapa/.well-known/acme-challenge/tok"))
    token.parent.mkdir(parents=True)
    token.write_text("tok")
    result = deploy(root)
    good(result)
    assert "sapa/.well-known/acme-challenge/: belongs to another program" in result.stderr
    assert "is up to date" in result.stdout
    (target / "current/main/x.txt").write_text("x")
    replaced(deploy(root))
    assert token.read_text() == "tok"


def test_a_deployment_that_cannot_be_noted_here_is_shown_all_the_same(
    root: Path, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("portalgen.commands.deployed.record_deployed", full)
    result = deploy(root)
    good(result)
    assert "It is shown, but could not be noted here in .portalgen (No space left on device)." in (
        result.stderr
    )
    assert f"may-chu shows release {releases(target)[0]}: 2 sites" in result.stdout


def test_a_purge_that_is_refused_does_not_say_that_nothing_was_deployed(
    root: Path, target: Path
) -> None:
    result = deploy(root, "--purge", "main/tin-tuc/bai.html")
    assert result.exit_code == 1
    assert "is unchanged" not in result.stderr
    assert shown(target) == tree(root / "public")
