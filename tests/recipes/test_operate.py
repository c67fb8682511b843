"""The commands of a new server, a backup and the logs, as far as no administrator is needed."""

import configparser
import json
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.helpers import article, missing, write
from tests.recipes.blocks import Block, blocks, file, printed, steps
from tests.recipes.world import REPOSITORY, World

OPERATE = "operate.md"
AS_ROOT = "# As root\n"
DOCUMENTS = sorted(path.name for path in (REPOSITORY / "docs").glob("*.md"))
SCRIPTS = [(name, block) for name in DOCUMENTS for block in blocks(name) if block.language == "sh"]
UNITS = [block.text for block in blocks(OPERATE) if block.language == "ini"]


@pytest.mark.parametrize(("name", "block"), SCRIPTS, ids=lambda item: str(item)[:40])
def test_every_block_of_commands_can_be_read_by_a_shell(name: str, block: Block) -> None:
    done = subprocess.run(
        ["bash", "-n"], input=block.text, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_which_commands_of_operate_are_run_by_tests() -> None:
    headings = {
        block.heading for block in blocks(OPERATE)
        if block.language == "sh" and AS_ROOT not in block.text
    }  # fmt: skip
    assert headings == {"A new server in thirty minutes", "Backup", "Restore"}


def remote(world: World) -> None:
    """The sources are cloned from where the documentation says."""
    world.committed().good(f"git clone -q --bare . {world.folder}/portal.git")
    world.environment |= {
        "GIT_CONFIG_COUNT": "1", "GIT_CONFIG_VALUE_0": "https://git.example/",
        "GIT_CONFIG_KEY_0": f"url.{world.folder}/.insteadOf",
    }  # fmt: skip


def test_a_new_server(world: World) -> None:
    remote(world)
    shutil.rmtree(world.root)
    world.root.mkdir()
    world.signed()
    del world.environment["PORTALGEN_SIGNING_KEY"]
    clone, deploy, configure, ask = [
        step for step in steps(OPERATE, "A new server in thirty minutes")
        if AS_ROOT not in step.commands.text
    ]  # fmt: skip
    world.take(clone)
    world.take(deploy)
    world.served()
    world.take(configure)
    [install] = [
        step for step in steps(OPERATE, "A new server in thirty minutes")
        if "sites-enabled" in step.commands.text
    ]  # fmt: skip
    world.take(install)
    assert "/srv/acme" in (world.folder / "nginx/portal.conf").read_text()
    world.take(ask)


def with_a_past(world: World) -> World:
    """Addresses that lead elsewhere, or are gone, besides pages."""
    write(world.root, {
        "content/tin-tuc/sau.md": article("Moved", id="moved"),
        "content/tin-tuc/mat.md": article("Lost", body="Quite another text."),
    })  # fmt: skip
    world.good("portalgen deploy may-chu")
    write(world.root, {
        "content/tin-tuc/sau.md": None, "content/tin-tuc/moi.md": article("Moved", id="moved"),
        "content/tin-tuc/mat.md": None,
    })  # fmt: skip
    world.good("portalgen deploy may-chu")
    return world


def test_a_restore_ends_with_equal_addresses(world: World) -> None:
    with_a_past(world)
    remote(world)
    script = world.folder / "portal-backup"
    script.write_text(world.here(file(OPERATE, "/usr/local/lib/portal-backup")))
    (world.folder / "backup").mkdir()
    drill, again = steps(OPERATE, "Restore")
    commands = drill.commands.text.replace("/usr/local/lib/portal-backup", str(script))
    code, output = world.run(commands)
    assert code == 0, output
    assert drill.prints and printed(drill.prints, output), output
    before = (world.folder / "home/before.txt").read_text()
    assert "main/tin-tuc/sau.html: leads to" in before
    assert "main/tin-tuc/mat.html: says that it is gone" in before
    world.take(again)
    assert not (world.folder / "home/drill").exists()
    assert [item.suffixes for item in (world.folder / "backup").iterdir()] == [[".tar", ".gz"]]
    # In earnest: the machine and its target are lost.
    for lost in (world.root, world.target):
        shutil.rmtree(lost)
    world.root.mkdir()
    world.good("tar -xzf /backup/portal-*.tar.gz; portalgen deploy may-chu")
    assert world.good("portalgen addresses") == before
    assert world.good("git status --porcelain") == "", "the sources are as they were"


def test_a_backup_waits_for_a_build(world: World) -> None:
    world.good("mkdir -p .portalgen register /backup")
    script = file(OPERATE, "/usr/local/lib/portal-backup").replace("flock ", "flock -n ")
    assert world.run(f"exec 9> .portalgen/lock; flock 9; {script}")[0] == 1
    assert world.run(script)[0] == 0


def unit_files(folder: Path) -> list[Path]:
    """The units of the documentation below a folder."""
    for text in UNITS:
        path = folder / text.splitlines()[0].removeprefix("# /etc/systemd/system/")
        path.parent.mkdir(exist_ok=True)
        # Whether a program is there is asked, too; the shell is.
        here = text.replace("/usr/local/bin/portalgen", "/bin/sh")
        path.write_text(here.replace("User=portal", "User=daemon"))
    return sorted(path for path in folder.iterdir() if path.is_file())


def test_units_hold_what_systemd_reads(tmp_path: Path) -> None:
    for path in [*unit_files(tmp_path), tmp_path / "portal-.service.d/hardened.conf"]:
        unit = configparser.ConfigParser(strict=True, interpolation=None)
        unit.optionxform = str  # type: ignore[assignment, method-assign]
        unit.read_string(path.read_text())
        assert set(unit) - {"DEFAULT"} <= {"Unit", "Service", "Timer", "Install"}
    timers = {path.stem for path in tmp_path.glob("*.timer")}
    assert timers == {path.stem for path in tmp_path.glob("portal-*.service")}


def test_systemd_finds_the_units_right_and_the_services_confined(tmp_path: Path) -> None:
    if not shutil.which("systemd-analyze"):
        missing("no systemd-analyze: install systemd")
    files = unit_files(tmp_path)
    environment = {"SYSTEMD_UNIT_PATH": f"{tmp_path}:", "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}
    done = subprocess.run(
        ["systemd-analyze", "verify", *map(str, files)], env=environment, capture_output=True,
        text=True, check=False,
    )  # fmt: skip
    ours = [line for line in done.stderr.splitlines() if "portal" in line]
    assert (done.returncode, ours) == (0, [])
    for path in tmp_path.glob("portal-*.service"):
        command = ["systemd-analyze", "security", "--offline=true", "--threshold=20", path.name]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout


def test_commands_of_units_are_commands_of_the_program() -> None:
    for text in UNITS:
        for line in re.findall(r"^ExecStart=/usr/local/bin/portalgen (.+)$", text, re.M):
            name, *options = shlex.split(line)
            help_text = subprocess.run(
                [sys.executable, "-m", "portalgen", name, "--help"], cwd=REPOSITORY,
                capture_output=True, text=True, check=True,
            ).stdout  # fmt: skip
            assert all(option in help_text for option in options if option.startswith("--"))


def test_the_container_holds_all_that_the_program_needs(tmp_path: Path) -> None:
    """What is copied is enough for a wheel that runs; nothing is downloaded."""
    [text] = [block.text for block in blocks(OPERATE) if block.language == "dockerfile"]
    instructions = [line.split(" ", 1) for line in text.splitlines()[1:]]
    assert {name for name, _ in instructions} == {
        "FROM", "RUN", "WORKDIR", "COPY", "USER", "ENTRYPOINT",
    }  # fmt: skip
    for name, rest in instructions:
        if name == "COPY":
            *sources, place = rest.split()
            for source in sources:
                target = tmp_path / place / (source if place == "./" else "")
                if (REPOSITORY / source).is_dir():
                    ignored = shutil.ignore_patterns("__pycache__")
                    shutil.copytree(REPOSITORY / source, target, ignore=ignored)
                else:
                    shutil.copy(REPOSITORY / source, target)
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", "wheel"]
    subprocess.run(build, cwd=tmp_path, check=True, capture_output=True)
    [wheel] = (tmp_path / "wheel").iterdir()
    shutil.unpack_archive(wheel, tmp_path / "site", "zip")
    [entry] = [rest for name, rest in instructions if name == "ENTRYPOINT"]
    assert json.loads(entry) == ["portalgen"]
    done = subprocess.run(
        [sys.executable, "-c", "from portalgen.cli import run; run()", "new", "network", "made"],
        cwd=tmp_path, env={"PYTHONPATH": f"{tmp_path}/site"}, check=True, capture_output=True,
    )  # fmt: skip
    assert done.stdout and (tmp_path / "made/site.yaml").is_file()


def test_logs_tell_what_readers_ask_for_in_vain(world: World) -> None:
    world.deployed().served()
    for _ in range(2):
        world.good("curl -s -e https://www.bao.example/tin https://sapa.laocai.example/cu/bai.html")
    world.good("curl -s https://laocai.example/wp-login.php")
    world.good("curl -s https://sapa.laocai.example/tin-tuc/bai.html -A 'a \"404\" b'")
    counted, lines, lost = steps("nginx.md", "Logs")
    world.take(lost)
    assert world.good(counted.commands.text).split() == [
        "2", "sapa.laocai.example", "404", "1", "sapa.laocai.example", "200",
        "1", "laocai.example", "404",
    ]  # fmt: skip
    assert len(world.good(lines.commands.text).splitlines()) == 3
