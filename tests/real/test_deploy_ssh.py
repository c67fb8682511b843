"""Deploying over a real sshd with a real rsync."""

import getpass
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deploy.test_deploy_folder import (  # noqa: F401 - some are tests to run here
    A_TXT,
    FOREIGN,
    closed,
    deploy,
    good,
    hurt,
    is_whole,
    put_foreign,
    releases,
    replaced,
    shown,
    test_a_revert_does_not_take_what_foreign_files_left_of_a_tree,
    test_a_rollback_passes_over_a_release_that_is_damaged,
    test_a_tree_that_is_gone_is_made_again,
    test_what_stands_behind_a_link_is_nobodys_to_change,
    test_what_was_half_removed_goes_with_the_next_run_of_any_kind,
)
from tests.helpers import MAIN_SETTINGS, article, network, tree, write
from tests.real.sshd import sshd_running

BAI = "content/tin-tuc/bai.md"


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of an sshd that accepts us; the tests configure `ssh` for it."""
    with sshd_running(tmp_path_factory.mktemp("ssh")) as number:
        yield number


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "dich"


@pytest.fixture
def root(tmp_path: Path, target: Path, port: int) -> Path:
    url = f"ssh://{getpass.getuser()}@127.0.0.1:{port}{target}"
    return network(tmp_path, {
        "site.yaml": f"{MAIN_SETTINGS}targets:\n  - {{name: may-chu, url: {url}}}\n",
        BAI: article("Bài thứ nhất"),
        "members/sapa/content/tin-tuc/tin.md": article("Tin Sa Pa"),
    })  # fmt: skip


def test_a_server_shows_what_was_built_and_gets_only_what_changed(root: Path, target: Path) -> None:
    good(deploy(root))
    assert shown(target) == tree(root / "public")
    assert is_whole(target)
    same = os.stat(target / "current/main/tim-kiem.html").st_ino
    assert "is up to date" in deploy(root).output
    states = [shown(target)]
    for number in range(3):
        write(root, {BAI: article(f"Bài lần {number}")})
        told = deploy(root, "--dry-run")
        assert told.output.startswith("main: 0 added, "), told.output
        good(deploy(root))
        states.append(shown(target))
        assert shown(target) == tree(root / "public")
        assert is_whole(target)
        assert os.stat(target / "current/main/tim-kiem.html").st_ino == same
    assert len(releases(target)) == 3
    assert len([*(target / "sites/main").iterdir()]) == 6  # three trees and their content
    good(deploy(root, "--rollback"))
    assert shown(target) == states[2]
    good(deploy(root, "--rollback"))
    assert shown(target) == states[1]
    assert deploy(root, "--rollback").exit_code == 1


def test_foreign_files_stay_on_the_server(root: Path, target: Path) -> None:
    good(deploy(root))
    old = Path(os.path.realpath(target / "current/main"))
    (old / "cua-toi.txt").write_text("của tôi")
    for number in range(4):
        write(root, {BAI: article(f"Bài lần {number}")})
        result = deploy(root)
        (good if number else replaced)(result)
        assert (f"sites/main/{old.name}/cua-toi.txt" in result.stderr) is (number == 2)
    assert [file.name for file in old.iterdir()] == ["cua-toi.txt"]


@pytest.mark.parametrize("removed_by", ["this version", "the version before"])
def test_a_tree_that_was_half_removed_is_not_taken_again(
    root: Path, target: Path, removed_by: str
) -> None:
    good(deploy(root))
    half = Path(os.path.realpath(target / "current/sapa"))
    write(root, {A_TXT: "1"})
    good(deploy(root))
    for number, file in enumerate(sorted(half.rglob("*.html"))):
        if number % 2:
            file.unlink()
    if removed_by == "this version":
        half.with_name(f"{half.name}.files").rename(half.with_name(f"{half.name}.removing"))
    write(root, {A_TXT: None})
    good(deploy(root))
    assert shown(target) == tree(root / "public")
    assert is_whole(target)
    for number in range(4):
        write(root, {A_TXT: str(number)})
        good(deploy(root))
    assert not half.exists()
    assert not [*target.glob("sites/*/*.removing")]


@pytest.mark.parametrize("how", ["missing", "shorter", "other bytes", "a link"])
@pytest.mark.parametrize("name", ["tin-tuc/tin.html", "manifest.json"])
def test_a_damaged_tree_is_never_called_up_to_date(
    root: Path, target: Path, name: str, how: str
) -> None:
    good(deploy(root))
    hurt(target / "current/sapa" / name, how)
    if how == "other bytes":
        os.utime(target / "current/sapa" / name, (1, 1))  # differs in whole seconds
    told = deploy(root)
    replaced(told)
    assert shown(target) == tree(root / "public")
    assert is_whole(target)
    assert "is up to date" in deploy(root).output


def test_the_umask_of_the_server_closes_nothing_to_web_servers(root: Path, target: Path) -> None:
    good(deploy(root))
    assert closed(target) == []
    for path in (target, *target.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o700 if path.is_dir() else 0o600)
    good(deploy(root))
    for site in ("main", "sapa"):
        assert closed(Path(os.path.realpath(target / "current" / site))) == []
    for folder in (target, target / "sites", target / "sites/main", target / "releases"):
        assert folder.stat().st_mode & 0o777 == 0o755
    assert "is up to date" in deploy(root).output


def test_files_of_others_beside_trees_and_releases_stay(root: Path, target: Path) -> None:
    good(deploy(root))
    foreign = put_foreign(target)
    uploads = target / "uploads"
    uploads.mkdir()
    for number in range(4):
        write(root, {A_TXT: str(number), BAI: article(f"Bài lần {number}")})
        good(deploy(root))
        assert is_whole(target)
    good(deploy(root, "--rollback"))
    assert {name: (target / name).read_text() for name in FOREIGN} == foreign
    assert uploads.is_dir()


def test_a_record_whose_tree_never_came_costs_no_folder_of_others(root: Path, target: Path) -> None:
    good(deploy(root))
    (target / f"sites/main/{'a' * 32}.files").write_text("index.html\n")
    (target / "uploads").mkdir()
    write(root, {A_TXT: "1"})
    good(deploy(root))
    assert (target / "uploads").is_dir()
    assert not [*target.glob("sites/main/aaa*")]


def test_no_name_of_a_file_is_a_command(root: Path, target: Path) -> None:
    names = ["portalgen-files", "zz;touch pwned", "$(touch pwned)", "`touch pwned`", "-rf", "a'b",
             'a"b', " a ", "portalgen-done 0", "*"]  # fmt: skip
    write(root, {f"members/sapa/static/{name}": name for name in names})
    good(deploy(root))
    write(root, {A_TXT: "1"})
    good(deploy(root))
    assert shown(target) == tree(root / "public")
    good(deploy(root, "--rollback"))
    assert is_whole(target)
    assert not [*target.rglob("pwned")]


@pytest.mark.parametrize("name", ["release.json", "manifest.json", "sapa.files"])
@pytest.mark.parametrize("damage", ["cut", "not text", "empty"])
def test_a_rollback_passes_over_what_cannot_be_read(
    root: Path, target: Path, name: str, damage: str
) -> None:
    states = []
    for number in range(3):
        write(root, {A_TXT: str(number), BAI: article(f"Bài lần {number}")})
        good(deploy(root))
        states.append(shown(target))
    release = target / "releases" / releases(target)[1]
    file = {"release.json": release / "release.json",
            "manifest.json": release / "sapa/manifest.json",
            "sapa.files": Path(f"{os.path.realpath(release / 'sapa')}.files")}[name]  # fmt: skip
    data = file.read_bytes()
    file.write_bytes({"cut": data[:70], "not text": b"\xff" + data, "empty": b""}[damage])
    good(deploy(root, "--rollback"))
    assert shown(target) == states[0]
    assert is_whole(target)


def test_an_inventory_that_lists_less_than_was_sent_is_not_believed(
    root: Path, target: Path
) -> None:
    states = []
    for number in range(3):
        write(root, {A_TXT: str(number), BAI: article(f"Bài lần {number}")})
        good(deploy(root))
        states.append(shown(target))
    tree_before = target / "releases" / releases(target)[1] / "sapa"
    inventory = tree_before / "manifest.json"
    lines = inventory.read_text("utf-8").splitlines(keepends=True)
    first = next(number for number, line in enumerate(lines) if line.startswith('["'))
    inventory.write_text("".join([*lines[:first], lines[first].rstrip(",\n") + "\n]\n}\n"]))
    (tree_before / "tin-tuc/tin.html").unlink()
    good(deploy(root, "--rollback"))
    assert shown(target) == states[0]


def test_damage_that_neither_size_nor_time_tells_of_is_not_carried_on(
    root: Path, target: Path
) -> None:
    good(deploy(root))
    page = target / "current/sapa/tim-kiem.html"
    stat, data = page.stat(), page.read_bytes()
    page.write_bytes(data.replace(b"<h1", b"<H1"))
    os.utime(page, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    write(root, {A_TXT: "1"})
    good(deploy(root))
    assert shown(target) == tree(root / "public")
    assert is_whole(target)


def test_a_rollback_opens_what_it_shows(root: Path, target: Path) -> None:
    for number in range(2):
        write(root, {A_TXT: str(number), BAI: article(f"Bài lần {number}")})
        good(deploy(root))
    for path in (target, *target.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o700 if path.is_dir() else 0o600)
    good(deploy(root, "--rollback"))
    for site in ("main", "sapa"):
        assert closed(Path(os.path.realpath(target / "current" / site))) == []


def test_what_was_half_made_here_goes(root: Path) -> None:
    good(deploy(root))
    half = root / ".portalgen/trees/sapa/.making-abc"
    half.mkdir()
    good(deploy(root))
    assert not half.exists()


def test_two_at_once_and_a_server_that_refuses_are_told(root: Path, target: Path) -> None:
    good(deploy(root))
    holder = subprocess.Popen(
        ["flock", target / ".lock", "sh", "-c", "echo held; cat"], stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )  # fmt: skip
    assert holder.stdout and holder.stdout.readline() == b"held\n"
    told = deploy(root)
    assert told.exit_code == 1
    assert "127.0.0.1" in told.stderr
    holder.communicate(b"")
    settings = (root / "site.yaml").read_text("utf-8")
    write(root, {"site.yaml": settings.replace(str(target), "/proc/khong-duoc")})
    told = deploy(root)
    assert told.exit_code == 1
    assert told.stderr.startswith("The target reports: ")
    assert "khong-duoc" in told.stderr


KILLED = """
import os, sys
from pathlib import Path
from portalgen.deploy.deploy import Deployment
from portalgen.deploy.shipment import Signer
from portalgen.deploy.targets.shell import Shell
from portalgen.settings.network import load_network
left = int(sys.argv[2])

def counted(work):
    def call(*arguments, **options):
        global left
        left -= 1
        if left < 0:
            os.kill(os.getpid(), 9)
        return work(*arguments, **options)
    return call
Shell.run, Shell.copy = counted(Shell.run), counted(Shell.copy)
root = Path(sys.argv[1])
network = load_network(root)
target = network.main.targets[0]
deployment = Deployment(network, root / "public", target, Signer())
deployment.deploy(1, lambda done, of: None, seen=deployment.take_register())
"""


def test_a_kill_at_each_step_leaves_a_whole_release(root: Path, target: Path) -> None:
    good(deploy(root))
    old = shown(target)
    write(root, {BAI: article("Bài đã sửa")})
    good_build = [sys.executable, "-m", "portalgen", "build", "--root", str(root)]
    subprocess.run(good_build, check=True, capture_output=True)
    new = tree(root / "public")
    saved = target.with_name("saved")
    shutil.copytree(target, saved, symlinks=True)
    states = set()
    for steps in range(1, 80, 2):  # before the first, a connection is still being made
        command = [sys.executable, "-c", KILLED, str(root), str(steps)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode in (0, -signal.SIGKILL), done.stderr
        now = shown(target)
        assert now in (old, new)
        assert is_whole(target)
        states.add(now == new)
        if done.returncode == 0:
            break
        shutil.rmtree(target)
        shutil.copytree(saved, target, symlinks=True)
    assert states == {True, False}
    good(deploy(root))
    assert shown(target) == new


def test_a_server_carries_the_register_to_another_machine(root: Path, target: Path) -> None:
    good(deploy(root))
    write(root, {BAI: None})
    good(deploy(root))
    assert tree(target / "register") == tree(root / "register")
    other = root.with_name("khac")
    shutil.copytree(root, other, ignore=shutil.ignore_patterns("public", ".portalgen", "register"))
    good(deploy(other))
    assert tree(other / "register") == tree(root / "register") == tree(target / "register")
    assert "is up to date" in deploy(root).output
