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
from portalgen.desk.verify import Trust, verify_folder
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


def good(told: Result) -> None:
    assert told.exit_code == 0, told.output


def shown(target: Path) -> dict[str, bytes]:
    """What a web server finds, without what only a deployment adds."""
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
        1, "The target “dich” has no earlier release that is whole.\n"
        "may-chu shows what it showed before. Correct the above and run again.\n",
    )  # fmt: skip
    good(deploy(root))
    assert shown(target) == states[4]


def test_foreign_files_stay(root: Path, target: Path) -> None:
    good(deploy(root))
    old = Path(os.path.realpath(target / "current/main"))
    foreign = [target / "ghi-chu.txt", target / "releases/cua-toi.txt", old / "cua-toi.txt"]
    for file in foreign:
        file.write_text("của tôi")
    for number in range(4):
        write(root, {BAI: article(f"Bài lần {number}")})
        good(deploy(root))
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
        "sapa/tin-tuc/tin.html: This published file is not as it was built. Delete it and run again"
    )
    page.unlink()
    good(deploy(root))


def test_a_tree_changed_by_hand_is_not_carried_on(root: Path, target: Path) -> None:
    good(deploy(root))
    (target / "current/main/tin-tuc/bai.html").write_bytes(b"casino")
    write(root, {"content/tin-tuc/moi.md": article("Bài mới")})
    good(deploy(root))
    assert shown(target) == tree(root / "public")
    assert is_whole(target)


@pytest.mark.parametrize("url", [".", "public", "public/x", "content/x", "..", ".portalgen/x"])
def test_a_target_among_sources_is_refused(root: Path, url: str) -> None:
    write(root, {"site.yaml": MAIN_SETTINGS + TARGETS.replace("../dich", url)})
    told = deploy(root)
    assert told.exit_code == 1
    assert "lies among the sources or in the output" in told.stderr


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
        "from portalgen.output import deploy; from portalgen.settings.network import load_network;"
        "from pathlib import Path; root = Path(sys.argv[1]);"
        "deploy.deploy(root, root / 'public', load_network(root).main.targets[0], 1, print)"
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
from portalgen.output import deploy
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
target = load_network(root).main.targets[0]
import portalgen.output.targets.folder, brotli, json
sys.addaudithook(stopping)
deploy.deploy(root, root / "public", target, 1, lambda done, of: None)
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
