import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from threading import Event, Thread

import pytest
from click.testing import CliRunner, Result

from portalgen.cli import main
from portalgen.deploy.verify import Trust, verify_folder
from tests.helpers import MAIN_SETTINGS, article, network, tree, write

TARGETS = "targets:\n  - {name: may-chu, url: ../dich}\n"
FILES = {
    "site.yaml": MAIN_SETTINGS + TARGETS,
    "content/tin-tuc/bai.md": article("Bài thứ nhất"),
    "members/sapa/content/tin-tuc/tin.md": article("Tin Sa Pa"),
}
BAI = "content/tin-tuc/bai.md"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return network(tmp_path, FILES)


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "dich"


def deploy(root: Path, *options: str, name: str = "may-chu") -> Result:
    return CliRunner().invoke(
        main, ["deploy", name, "--root", str(root), "--jobs", "1", "--lang", "en", *options]
    )


def good(result: Result) -> None:
    assert result.exit_code == 0, result.output


def replaced(result: Result) -> None:
    """What stood there was not as published, was replaced, and that was said."""
    assert result.exit_code == 3, result.output
    assert "was not as it was published" in result.stderr
    assert "deploy may-chu --repair" in result.stderr
    assert "is up to date" not in result.output


def shown(target: Path) -> dict[str, bytes]:
    """The files that a web server serves, without those that only a deployment adds."""
    found = {}
    for site in sorted((target / "current").iterdir()):
        if site.is_dir():
            found.update(
                {f"{site.name}/{name}": data for name, data in tree(site.resolve()).items()}
            )
    added = (".br", ".gz", "/manifest.json", "/manifest.json.minisig")
    return {name: data for name, data in found.items() if not name.endswith(added)}


def is_whole(target: Path) -> bool:
    return not verify_folder(target / "current", Trust(), lambda done, of: None).findings


def releases(target: Path) -> list[str]:
    return sorted(os.listdir(target / "releases"))


def test_a_target_shows_what_was_built(root: Path, target: Path) -> None:
    good(deploy(root))
    assert shown(target) == tree(root / "public")
    assert is_whole(target)
    assert (target / "current/sapa/tin-tuc/tin.html.br").is_file()
    assert (target / "current/sapa/tin-tuc/tin.html.gz").is_file()
    told = deploy(root)
    assert told.output == (
        f"may-chu is up to date: release {releases(target)[0]}, 2 sites.\n"
    )  # fmt: skip


def test_the_inventory_is_the_same_wherever_it_is_made(
    root: Path, target: Path, tmp_path: Path
) -> None:
    write(root, {"static/tai-lieu/a.txt": "Tài liệu"})
    other = tmp_path / "khac" / "network"
    shutil.copytree(root, other, copy_function=shutil.copyfile)
    good(deploy(root))
    good(deploy(other))
    for site in ("main", "sapa"):
        one = (target / "current" / site / "manifest.json").read_bytes()
        assert one == (tmp_path / "khac/dich/current" / site / "manifest.json").read_bytes()


def test_only_what_changed_is_written(root: Path, target: Path) -> None:
    good(deploy(root))
    before = {site: os.path.realpath(target / "current" / site) for site in ("main", "sapa")}
    same = os.stat(target / "current/main/tim-kiem.html").st_ino
    write(root, {BAI: article("Bài đã sửa")})
    told = deploy(root, "--dry-run")
    assert told.output.startswith(
        "main: 0 added, 10 changed, 0 removed\nsapa: 0 added, 1 changed, 0 removed\n"
    ), told.output
    assert os.path.realpath(target / "current/main") == before["main"]
    good(deploy(root))
    assert b"B\xc3\xa0i \xc4\x91\xc3\xa3 s\xe1\xbb\xada" in shown(target)["main/tin-tuc/bai.html"]
    assert shown(target) == tree(root / "public")
    assert is_whole(target)
    assert os.path.realpath(target / "current/main") != before["main"]
    assert os.stat(target / "current/main/tim-kiem.html").st_ino == same


def test_one_goes_back_release_by_release(root: Path, target: Path) -> None:
    states = []
    for number in range(5):
        write(root, {BAI: article(f"Bài lần {number}")})
        good(deploy(root))
        states.append(shown(target))
    assert len(releases(target)) == 3
    for number in (3, 2):
        good(deploy(root, "--rollback"))
        assert shown(target) == states[number]
        assert is_whole(target)
    told = deploy(root, "--rollback")
    assert (told.exit_code, told.stderr) == (
        1, "The target “may-chu” has no earlier release that is intact.\n"
        "may-chu is unchanged. Correct the above and run this again.\n",
    )  # fmt: skip
    good(deploy(root, "--unpin"))
    assert shown(target) == states[4]


def test_foreign_files_stay(root: Path, target: Path) -> None:
    good(deploy(root))
    old = Path(os.path.realpath(target / "current/main"))
    foreign = [target / "ghi-chu.txt", target / "releases/cua-toi.txt", old / "cua-toi.txt"]
    for file in foreign:
        file.write_text("của tôi")
    for number in range(4):
        write(root, {BAI: article(f"Bài lần {number}")})
        result = deploy(root)
        (good if number else replaced)(result)
        assert number or "main/cua-toi.txt: was added" in result.stderr
        assert (f"sites/main/{old.name}/cua-toi.txt" in result.stderr) is (number == 2)
    assert [file.read_text() for file in foreign] == ["của tôi"] * 3
    assert [file.name for file in old.iterdir()] == ["cua-toi.txt"]


def test_a_site_that_is_gone_goes(root: Path, target: Path) -> None:
    good(deploy(root))
    shutil.rmtree(root / "members/sapa")
    good(deploy(root))
    assert not (target / "current/sapa").exists()


def test_a_file_changed_by_hand_is_not_shipped(root: Path, target: Path) -> None:
    good(deploy(root))
    page = root / "public/sapa/tin-tuc/tin.html"
    stat = page.stat()
    page.write_bytes(page.read_bytes().replace(b"Tin Sa Pa", b"Casino!!!"))
    os.utime(page, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    shutil.rmtree(target)
    told = deploy(root)
    assert told.exit_code == 1
    assert told.stderr.startswith(
        "sapa/tin-tuc/tin.html: This published file was changed after it was built. Delete it "
    )
    page.unlink()
    good(deploy(root))


def test_a_tree_changed_by_hand_is_not_carried_on(root: Path, target: Path) -> None:
    good(deploy(root))
    (target / "current/main/tin-tuc/bai.html").write_bytes(b"casino")
    write(root, {"content/tin-tuc/moi.md": article("Bài mới")})
    replaced(deploy(root))
    assert shown(target) == tree(root / "public")
    assert is_whole(target)


@pytest.mark.parametrize("url", [".", "public", "public/x", "content/x", "..", ".portalgen/x"])
def test_a_target_among_sources_is_refused(root: Path, url: str) -> None:
    write(root, {"site.yaml": MAIN_SETTINGS + TARGETS.replace("../dich", url)})
    told = deploy(root)
    assert told.exit_code == 1
    assert "is among the sources or in the output" in told.stderr


def test_a_current_that_is_not_ours_is_refused(root: Path, target: Path) -> None:
    (target / "current").mkdir(parents=True)
    told = deploy(root)
    assert told.exit_code == 1
    assert "`current` is not a link that portalgen made" in told.stderr


def test_an_unknown_target_is_told(root: Path) -> None:
    told = deploy(root, name="may-chu-khac")
    assert (told.exit_code, told.stderr.splitlines()[0]) == (
        1, "There is no target “may-chu-khac”. `targets` in site.yaml has: may-chu."
    )  # fmt: skip


def test_a_full_disk_leaves_what_was_shown(root: Path, target: Path) -> None:
    good(deploy(root))
    before = shown(target)
    write(root, {BAI: article("Bài dài", body="rất dài " * 20_000)})
    code = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000));"
        "import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "from portalgen.deploy.deploy import Deployment;"
        "from portalgen.deploy.shipment import Signer;"
        "from portalgen.settings.network import load_network;"
        "from pathlib import Path; root = Path(sys.argv[1]); network = load_network(root);"
        "target = network.main.targets[0];"
        "deployment = Deployment(network, root / 'public', target, Signer());"
        "deployment.deploy(1, print, seen=deployment.take_register())"
    )
    good(CliRunner().invoke(main, ["build", "--root", str(root)]))
    done = subprocess.run([sys.executable, "-c", code, root], capture_output=True, check=False)
    assert done.returncode == 1
    assert b"File too large" in done.stderr
    assert shown(target) == before
    assert is_whole(target)
    good(deploy(root))
    assert shown(target) == tree(root / "public")


KILLED = """
import os, sys
from pathlib import Path
from portalgen.deploy.deploy import Deployment
from portalgen.deploy.shipment import Signer
from portalgen.settings.network import load_network
left = int(sys.argv[2])
def stopping(event, arguments):
    global left
    if event in ("os.mkdir", "os.rename", "os.link", "os.symlink", "os.remove", "os.rmdir") or (
        event == "open" and isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY|os.O_RDWR)
    ):
        left -= 1
        if left < 0:
            os.kill(os.getpid(), 9)
root = Path(sys.argv[1])
network = load_network(root)
target = network.main.targets[0]
import brotli
sys.addaudithook(stopping)
deployment = Deployment(network, root / "public", target, Signer())
deployment.deploy(1, lambda done, of: None, seen=deployment.take_register())
"""


def test_a_kill_at_any_step_leaves_a_whole_release(root: Path, target: Path) -> None:
    good(deploy(root))
    old = shown(target)
    write(root, {BAI: article("Bài đã sửa"), "content/y-te/moi.md": article("Bài mới")})
    good(CliRunner().invoke(main, ["build", "--root", str(root)]))
    new = tree(root / "public")
    saved = target.with_name("saved")
    shutil.copytree(target, saved, symlinks=True)
    steps, states = 0, set()
    while True:
        command = [sys.executable, "-c", KILLED, str(root), str(steps)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode in (0, -signal.SIGKILL), done.stderr
        now = shown(target)
        assert now in (old, new)
        states.add(now == new)
        assert is_whole(target)
        if done.returncode == 0:
            break
        good(deploy(root))
        assert shown(target) == new
        assert is_whole(target)
        assert not [*target.glob("**/.making-*"), *target.glob(".current-*")]
        shutil.rmtree(target)
        shutil.copytree(saved, target, symlinks=True)
        steps += max(1, steps // 3)
    assert states == {True, False}
    assert steps > 100


A_TXT = "members/sapa/static/a.txt"
TOKEN = ".well-known/acme-challenge/tok"


def put_a_token(target: Path) -> Path:
    """Create a file like certbot's in the served folder; return its path."""
    token = Path(os.path.realpath(target / "current/sapa")) / TOKEN
    token.parent.mkdir(parents=True)
    token.write_text("tok")
    return token


def test_a_revert_does_not_take_what_foreign_files_left_of_a_tree(root: Path, target: Path) -> None:
    write(root, {A_TXT: "0"})
    good(deploy(root))
    first = os.path.basename(os.path.realpath(target / "current/sapa"))
    token = put_a_token(target)
    for number in range(1, 5):
        write(root, {A_TXT: str(number)})
        good(deploy(root))
        assert token.read_text() == "tok"
    write(root, {A_TXT: "0"})
    for _ in range(2):
        good(deploy(root))
        assert shown(target) == tree(root / "public")
        assert is_whole(target)
        assert os.path.basename(os.path.realpath(target / "current/sapa")) == f"{first}-2"
    assert "is up to date" in deploy(root).output
    assert token.read_text() == "tok"


STEPS_OF_PRUNE = """
from portalgen.deploy.releases import Releases
real = Releases._prune
def prune(*arguments):
    global left, pruning
    pruning, left = True, int(sys.argv[2])
    return real(*arguments)
Releases._prune, pruning, left = prune, False, 10**9
"""


@pytest.mark.parametrize("then", ["revert", "rollback"])
def test_a_kill_while_trees_are_removed_costs_no_file_afterwards(
    root: Path, target: Path, then: str
) -> None:
    states = []
    for number in range(3):
        write(root, {A_TXT: str(number), BAI: article(f"Bài lần {number}")})
        good(deploy(root))
        states.append(shown(target))
    write(root, {A_TXT: "3", BAI: article("Bài lần 3")})
    good(CliRunner().invoke(main, ["build", "--root", str(root)]))
    states.append(tree(root / "public"))
    saved, public = target.with_name("saved"), target.with_name("built")
    shutil.copytree(target, saved, symlinks=True)
    shutil.copytree(root, public)
    code = KILLED.replace("sys.addaudithook", STEPS_OF_PRUNE + "sys.addaudithook")
    steps = 0
    while True:
        command = [sys.executable, "-c", code, str(root), str(steps)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode in (0, -signal.SIGKILL), done.stderr
        assert shown(target) == states[3]
        if then == "revert":
            write(root, {A_TXT: "0", BAI: article("Bài lần 0")})
            good(deploy(root))
            assert shown(target) == tree(root / "public") == states[0]
        else:
            for expected in (states[2], states[1]):
                good(deploy(root, "--rollback"))
                assert shown(target) == expected
                assert is_whole(target)
            before_those = deploy(root, "--rollback")  # half removed, or not yet begun
            if before_those.exit_code == 0:
                assert shown(target) == states[0]
                assert is_whole(target)
            good(deploy(root, "--unpin"))
            assert shown(target) == states[3]
        assert is_whole(target)
        if done.returncode == 0:
            break
        for folder, kept in ((target, saved), (root, public)):
            shutil.rmtree(folder)
            shutil.copytree(kept, folder, symlinks=True)
        steps += 1 if steps < 4 else 13
    assert steps > 60


def test_what_was_half_removed_goes_with_the_next_run_of_any_kind(root: Path, target: Path) -> None:
    for number in range(2):
        write(root, {A_TXT: str(number), BAI: article(f"Bài lần {number}")})
        good(deploy(root))
    release = target / "releases" / releases(target)[0]
    half = Path(os.path.realpath(release / "sapa"))
    listed = next(file for suffix in (".json", ".files") if (file := half.with_name(
        f"{half.name}{suffix}")).is_file())  # fmt: skip
    (half / "a.txt").unlink()
    listed.rename(half.with_name(f"{half.name}.removing"))
    (release / "release.json").rename(release / "release.removing")
    assert "is up to date" in deploy(root).output
    assert not [*target.rglob("*.removing")]
    assert not half.exists() and not release.exists()
    assert is_whole(target)


def hurt(file: Path, how: str) -> None:
    """Damage a file of a tree, in place or through its hard link in another release."""
    if how == "missing":
        file.unlink()
    elif how == "shorter":
        file.write_bytes(file.read_bytes()[:-1])
    elif how == "other bytes":
        file.write_bytes(b"x" * file.stat().st_size)
        os.utime(file, (1, 1))  # servers tell times in seconds
    elif how == "a link":
        data = file.read_bytes()
        file.unlink()
        file.with_name("khac").write_bytes(data)
        file.symlink_to("khac")


@pytest.mark.parametrize("how", ["missing", "shorter", "other bytes", "a link"])
@pytest.mark.parametrize("name", ["tin-tuc/tin.html", "tin-tuc/tin.html.br", "manifest.json"])
def test_a_damaged_tree_is_never_called_up_to_date(
    root: Path, target: Path, name: str, how: str
) -> None:
    good(deploy(root))
    hurt(target / "current/sapa" / name, how)
    replaced(deploy(root))
    assert shown(target) == tree(root / "public")
    assert is_whole(target)
    assert "is up to date" in deploy(root).output


def test_a_link_that_is_missing_is_made_again(root: Path, target: Path) -> None:
    good(deploy(root))
    (target / "current/sapa").unlink()
    replaced(deploy(root))
    assert shown(target) == tree(root / "public")


@pytest.mark.parametrize("kind", ["same size and time", "missing", "a link of the release"])
def test_a_rollback_passes_over_a_release_that_is_damaged(
    root: Path, target: Path, kind: str
) -> None:
    states = []
    for number in range(3):
        write(root, {A_TXT: str(number), BAI: article(f"Bài lần {number}")})
        good(deploy(root))
        states.append(shown(target))
    link = target / "releases" / releases(target)[1] / "sapa"
    file = link / "a.txt"
    if kind == "same size and time":
        stat = file.stat()
        file.write_text("x")
        os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    else:
        (file if kind == "missing" else link).unlink()
    good(deploy(root, "--rollback"))
    assert shown(target) == states[0]


def test_records_of_the_version_before_are_read(root: Path, target: Path) -> None:
    good(deploy(root))
    for number in range(2):
        for record in target.glob("sites/*/*.json"):
            routes = json.loads(record.read_text("utf-8"))
            routes.pop("manifest.json", None)
            record.write_text(json.dumps(routes))
        assert "is up to date" in deploy(root).output
        write(root, {BAI: article(f"Bài lần {number}")})
        good(deploy(root))
    good(deploy(root, "--rollback"))


def links_to(target: Path, tmp_path: Path, kind: str) -> dict[Path, str | int]:
    """Put a link into the current tree of Sa Pa, or beside it; return its target."""
    outside = tmp_path / "ngoai"
    outside.mkdir(mode=0o700)
    (outside / "tin.html").write_text("của tôi")
    (outside / "release.json").write_text("của tôi")
    tree = Path(os.path.realpath(target / "current/sapa"))
    link = {"a folder of a tree": tree / "tin-tuc", "a tree": tree,
            "a release": target / "releases/20200101-000000-000000-aaaa"}[kind]  # fmt: skip
    if link.exists():
        link.rename(outside / "truoc")
    link.symlink_to(outside)
    return {outside / "tin.html": "của tôi", outside / "release.json": "của tôi"}


LINKED = ["a folder of a tree", "a tree", "a release"]


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
@pytest.mark.parametrize("kind", LINKED)
def test_what_stands_behind_a_link_is_nobodys_to_change(
    root: Path, target: Path, tmp_path: Path, kind: str
) -> None:
    good(deploy(root))
    behind = links_to(target, tmp_path, kind)
    for number in range(5):
        write(root, {A_TXT: str(number), BAI: article(f"Bài lần {number}")} if number else {})
        (good if number or kind == "a release" else replaced)(deploy(root))
        assert shown(target) == tree(root / "public")
        assert is_whole(target)
    assert {file: file.read_text() for file in behind} == behind
    assert (tmp_path / "ngoai").stat().st_mode & 0o777 == 0o700


FOREIGN = ["sites/main/notes.json", "sites/main/x.removing", "sites/khac/package.json",
           "sites/main/data.json/x", "sites/main/notes.files", "releases/stable/release.json",
           "sites/main/a\nb", "releases/20200101-000000-000000-zzzz/release.json"]  # fmt: skip


def put_foreign(target: Path) -> dict[str, str]:
    """Put other files beside trees and releases."""
    for name in FOREIGN:
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        (target / name).write_text("tin-tuc/tin.html\n")
    (target / "releases/moi-nhat").symlink_to(releases(target)[0])
    return {name: (target / name).read_text() for name in FOREIGN}


def test_files_of_others_beside_trees_and_releases_stay(root: Path, target: Path) -> None:
    good(deploy(root))
    foreign = put_foreign(target)
    for number in range(4):
        write(root, {A_TXT: str(number), BAI: article(f"Bài lần {number}")})
        good(deploy(root))
        assert is_whole(target)
    good(deploy(root, "--rollback"))
    assert {name: (target / name).read_text() for name in FOREIGN} == foreign


@pytest.mark.parametrize("place", ["sites/sapa", "sites", "current/sapa/"])
def test_a_tree_that_is_gone_is_made_again(root: Path, target: Path, place: str) -> None:
    good(deploy(root))
    shutil.rmtree(os.path.realpath(target / place))
    replaced(deploy(root))
    assert shown(target) == tree(root / "public")
    assert is_whole(target)


def test_a_record_of_another_tree_tells_nothing(root: Path, target: Path) -> None:
    good(deploy(root))
    sapa = Path(os.path.realpath(target / "current/sapa"))
    main_record = Path(f"{os.path.realpath(target / 'current/main')}.json")
    for record in ("{}", main_record.read_text("utf-8"), "[" * 100_000, '{"a": ["d", [[1e999]]]}'):
        shutil.rmtree(sapa / "tin-tuc", ignore_errors=True)
        Path(f"{sapa}.json").write_text(record)
        replaced(deploy(root))
        assert shown(target) == tree(root / "public")
        assert is_whole(target)
        sapa = Path(os.path.realpath(target / "current/sapa"))


def test_a_current_that_leads_elsewhere_is_refused(root: Path, target: Path) -> None:
    good(deploy(root))
    (target / "current").unlink()
    (target / "current").symlink_to(f"../khac/releases/{releases(target)[0]}")
    assert "`current` is not a link that portalgen made" in deploy(root).stderr


@pytest.mark.skipif(os.name == "nt", reason="Windows has no modes")
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
    folders = ("", "sites", "sites/main", "releases", os.readlink(target / "current"))
    assert [(target / name).stat().st_mode & 0o777 for name in folders] == [0o755] * 5


def closed(folder: Path) -> list[str]:
    """Paths in a folder that others cannot read or enter."""
    found = []
    for path in (folder, *folder.rglob("*")):
        wanted = 0o755 if path.is_dir() else 0o644
        if not path.is_symlink() and path.stat().st_mode & 0o777 != wanted:
            found.append(path.relative_to(folder).as_posix())
    return [name for name in found if not name.endswith(".lock") and ".portalgen" not in name]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no modes")
def test_a_strict_umask_closes_nothing_to_web_servers(root: Path, target: Path) -> None:
    write(root, {"site.yaml": MAIN_SETTINGS + TARGETS.replace("../dich", "../cha/me/dich")})
    target = target.with_name("cha")
    command = f"umask 077; exec {sys.executable} -m portalgen deploy may-chu --root {root}"
    for title in ("Bài thứ nhất", "Bài đã sửa"):
        write(root, {BAI: article(title), "content/y-te/moi.md": article(title)})
        subprocess.run(["sh", "-c", command], check=True, capture_output=True)
        assert closed(root / "public") == closed(target) == []
    assert (root / ".portalgen").stat().st_mode & 0o077 == 0  # drafts are not public


@pytest.mark.skipif(os.name == "nt", reason="Windows has no modes")
def test_what_an_earlier_umask_has_closed_is_opened(root: Path, target: Path) -> None:
    good(deploy(root))
    tree = Path(os.path.realpath(target / "current/main"))
    own = [root / "public/main/cua-toi.txt", tree / "cua-toi.txt"]
    for file in own:
        file.write_text("của tôi")
    for folder in (root / "public", target):
        for path in (folder, *folder.rglob("*")):
            if not path.is_symlink():
                path.chmod(0o700 if path.is_dir() else 0o600)
    replaced(deploy(root))
    name = os.path.relpath(os.path.realpath(own[1]), target)
    assert closed(root / "public") == ["main/cua-toi.txt"]
    served = [path for path in closed(target) if not path.startswith("register")]
    assert [path for path in served if not path.endswith(".json")] == [name]
    assert [file.stat().st_mode & 0o777 for file in own] == [0o600] * 2
    write(root, {BAI: article("Bài đã sửa")})
    good(deploy(root))
    assert "main/cua-toi.txt" in closed(root / "public")
    current = Path(os.path.realpath(target / "current/sapa"))
    assert closed(current) == []


def test_readers_never_miss_a_page(root: Path, target: Path) -> None:
    good(deploy(root))
    stop, wrong = Event(), []

    def read() -> None:
        while not stop.is_set():
            try:
                data = (target / "current/main/tin-tuc/bai.html").read_bytes()
            except OSError as error:
                wrong.append(str(error))
            else:
                if not data.endswith(b"</html>"):
                    wrong.append("half a page")

    readers = [Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    try:
        for number in range(10):
            write(root, {BAI: article(f"Bài lần {number}")})
            good(deploy(root))
    finally:
        stop.set()
        for reader in readers:
            reader.join()
    assert wrong == []


def test_what_is_deployed_can_be_signed(
    root: Path, target: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PORTALGEN_SIGNING_KEY", str(tmp_path / "khong-co"))
    told = deploy(root)
    assert told.exit_code == 1
    assert told.stderr.startswith("The site cannot be signed (No such file or directory). Check")
    if not shutil.which("minisign"):
        return
    subprocess.run(
        ["minisign", "-GW", "-p", tmp_path / "key.pub", "-s", tmp_path / "key"], check=True,
        capture_output=True,
    )  # fmt: skip
    monkeypatch.setenv("PORTALGEN_SIGNING_KEY", str(tmp_path / "key"))
    good(deploy(root))
    trust = Trust((tmp_path / "key.pub").read_text())
    found = verify_folder(target / "current", trust, lambda done, of: None)
    assert (found.findings, found.signed) == ([], 2)
