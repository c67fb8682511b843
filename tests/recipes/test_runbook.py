"""The runbook is run as it is written: its commands, and what it says that they print."""

import re
import shutil
import subprocess

import pytest

from tests.helpers import missing, write
from tests.recipes.blocks import blocks, steps
from tests.recipes.world import World

RUNBOOK = "runbook.md"
TRIED = {
    "Runbook for the night", "Verify found something", "The release is bad", "One office only",
    "The disk is full", "To another host", "Into another office", "Something must go at once",
    "Nothing new appears",
}  # fmt: skip


def test_every_command_of_the_runbook_is_run_by_a_test_below() -> None:
    assert {block.heading for block in blocks(RUNBOOK) if block.language == "sh"} == TRIED
    assert {block.language for block in blocks(RUNBOOK)} == {"sh", "text"}


def test_a_look_at_what_is_shown(world: World) -> None:
    world.committed().deployed().follow(steps(RUNBOOK, "Runbook for the night"))


def test_verify_found_something(world: World) -> None:
    world.signed().deployed().served()
    write(world.target / "current/sapa", {"casino.html": "spam"})
    with open(world.target / "current/sapa/index.html", "a") as page:
        page.write("<script>spam</script>")
    world.follow(steps(RUNBOOK, "Verify found something"))
    assert (world.folder / "home/evidence/sapa/casino.html").read_text() == "spam"
    assert "spam" not in (world.target / "current/sapa/index.html").read_text()


def text_at_sapa(world: World) -> str:
    page = (world.target / "current/sapa/tin-tuc/bai.html").read_text()
    match = re.search(r"Text (\w+) of the road", page)
    assert match
    return match[1]


def test_the_release_is_bad(world: World) -> None:
    world.deployed()
    back, held, unpin = steps(RUNBOOK, "The release is bad")
    world.take(back)
    assert text_at_sapa(world) == "one"
    world.edit("three")
    world.take(held)
    assert text_at_sapa(world) == "one"
    world.take(unpin)
    assert text_at_sapa(world) == "three"


def test_the_release_of_one_office_is_bad(world: World) -> None:
    world.deployed()
    write(world.root, {"static/a.txt": "of main"})
    world.good("portalgen deploy may-chu")
    back, unpin = steps(RUNBOOK, "One office only")
    world.take(back)
    assert text_at_sapa(world) == "one"
    assert (world.target / "current/main/a.txt").is_file()
    world.take(unpin)
    assert text_at_sapa(world) == "two"


def test_the_disk_is_full(world: World) -> None:
    """The target is a disk of its own; three releases of a large file and other files fill it."""
    if not (shutil.which("unshare") and shutil.which("nsenter")):
        missing("no unshare or nsenter: install util-linux")
    world.target.mkdir()
    disk = f"mount -t tmpfs -o size=12m portal {world.target} && echo mounted && exec sleep 600"
    with subprocess.Popen(
        ["unshare", "-rm", "sh", "-c", disk], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        text=True,
    ) as holder:  # fmt: skip
        assert holder.stdout
        try:
            if holder.stdout.readline() != "mounted\n":
                pytest.skip("no disk of its own: this machine allows no namespaces")
            world.inside = ["nsenter", "--preserve-credentials", "-U", "-m", "-t", str(holder.pid)]
            for number in range(3):
                write(world.root, {"static/ban-do.pdf": bytes([number]) * 2_000_000})
                world.good("portalgen deploy may-chu")
            world.good("head -c 4000000 /dev/zero > /srv/portal/other")
            write(world.root, {"static/ban-do.pdf": bytes([9]) * 2_000_000})
            world.follow(steps(RUNBOOK, "The disk is full"))
        finally:
            holder.kill()


@pytest.mark.parametrize("heading", ["To another host", "Into another office"])
def test_an_office_has_moved(world: World, heading: str) -> None:
    world.deployed().served().follow(steps(RUNBOOK, heading))


def test_something_must_go_at_once(world: World) -> None:
    world.deployed().committed().served().follow(steps(RUNBOOK, "Something must go at once"))


def test_nothing_new_appears(world: World) -> None:
    world.deployed()
    write(world.root, {"members/batxat/content/tin-tuc/moi.md": "---\ntitle: [\n---\n"})
    world.follow(steps(RUNBOOK, "Nothing new appears"))
