"""What is done in a storage, and in which order."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from portalgen.deploy.releases import (
    Release,
    Releases,
    difference,
    earlier,
    kept,
    new_id,
)
from portalgen.deploy.shipment import Shipment, ShippedSite, Signer
from portalgen.deploy.storage import RECORD
from portalgen.deploy.trees import MadeTrees
from portalgen.pool import Progress
from portalgen.problems import PortalError

IDS = [f"2020010{day}-000000-000000-aaaa" for day in range(1, 6)]
CHANGES = ("link_release", "switch", "remove")


class Memory:
    """A storage that remembers what was asked of it."""

    name = "nho"

    def __init__(self, shown: str = "") -> None:
        self.link = f"releases/{shown}" if shown else ""
        self.records = {
            name: Release(name, "1", "", {"sapa": f"cay-{name}"}).to_bytes() for name in IDS[:4]
        } if shown else {}  # fmt: skip
        self.tree, self.new, self.linked = "cay", True, True
        self.damaged: set[str] = set()
        self.calls: list[str] = []
        self.used: set[tuple[str, str]] = set()
        self.disk_is_full = False

    def current(self) -> str:
        return self.link

    def releases(self, record: str = RECORD) -> list[str]:
        return [*self.records, "khac"] if record == RECORD else ["khac"]

    def read(self, path: str) -> bytes:
        return self.records.get(path.split("/")[1], b"")

    def clear(self) -> None:
        self.calls.append("clear")

    def open_folders(self, releases: Iterable[str]) -> None:
        self.calls.append("open_folders")

    def send_trees(
        self, shipment: Shipment, current: Mapping[str, str], jobs: int, progress: Progress
    ) -> MadeTrees:
        self.calls.append("send_trees")
        return MadeTrees({"sapa": self.tree}, 1, 1, self.new)

    def digests(self, slug: str, tree: str) -> Mapping[str, str]:
        return {"a": "1", "b": "1"}

    def is_whole(self, slug: str, tree: str) -> bool:
        return tree not in self.damaged

    def has_links(self, release: str, trees: Mapping[str, str]) -> bool:
        return self.linked

    def link_release(self, release: str, trees: Mapping[str, str], record: bytes) -> None:
        self.calls.append("link_release")
        self.records[release] = record

    def switch(self, release: str) -> None:
        self.calls.append("switch")
        self.link = f"releases/{release}"

    def remove(self, releases: Iterable[str], used: set[tuple[str, str]]) -> None:
        self.calls.append("remove")
        if self.disk_is_full:
            raise OSError
        self.records = {name: self.records[name] for name in self.records if name not in releases}
        self.used = used

    @contextmanager
    def opened(self) -> Iterator["Memory"]:
        yield self


SHIPMENT = Shipment(
    Path(), (ShippedSite("sapa", {"a": "1", "b": "2", "c": "1"}, ""),), "", Signer()
)


def quiet(done: int, of: int) -> None:
    pass


def test_a_release_is_linked_then_shown_and_only_then_others_are_removed() -> None:
    memory = Memory(IDS[3])
    done = Releases(memory.opened()).deploy(SHIPMENT, 1, quiet)
    assert memory.calls == ["clear", "open_folders", "send_trees", *CHANGES]
    assert memory.link == f"releases/{done.release}"
    assert [*memory.records] == [IDS[2], IDS[3], done.release]
    assert memory.used == {("sapa", "cay"), *(("sapa", f"cay-{name}") for name in IDS[2:4])}


@pytest.mark.parametrize("change", ["none", "a new tree", "another tree", "no links"])
def test_it_is_up_to_date_only_if_trees_and_links_stand(change: str) -> None:
    memory = Memory(IDS[3])
    memory.tree = "khac" if change == "another tree" else f"cay-{IDS[3]}"
    memory.new, memory.linked = change == "a new tree", change != "no links"
    done = Releases(memory.opened()).deploy(SHIPMENT, 1, quiet)
    assert done.same == (change == "none")
    assert memory.calls[3:] == ([] if done.same else [*CHANGES])


def test_what_cannot_be_removed_does_not_fail_what_is_shown() -> None:
    memory = Memory(IDS[3])
    memory.disk_is_full = True
    done = Releases(memory.opened()).deploy(SHIPMENT, 1, quiet)
    assert memory.link == f"releases/{done.release}"


def test_a_rollback_passes_over_what_is_damaged() -> None:
    memory = Memory(IDS[3])
    memory.damaged = {f"cay-{IDS[2]}"}
    memory.records[IDS[1]] = b"{"
    assert Releases(memory.opened()).roll_back() == IDS[0]
    assert memory.calls == ["open_folders", "switch"]
    with pytest.raises(PortalError):
        Releases(memory.opened()).roll_back()


@pytest.mark.parametrize("link", [".", f"releases/{IDS[4]}", f"../releases/{IDS[0]}", "releases/"])
def test_a_current_that_is_not_ours_is_left_alone(link: str) -> None:
    memory = Memory(IDS[3])
    memory.link = link
    with pytest.raises(PortalError):
        Releases(memory.opened()).deploy(SHIPMENT, 1, quiet)
    assert memory.calls == []


def test_differences_are_those_to_what_is_shown() -> None:
    changes = [Releases(Memory(shown).opened()).differences(SHIPMENT)[0] for shown in ("", IDS[0])]
    assert [(change.added, change.changed, change.removed) for change in changes] == [
        (3, 0, 0),
        (1, 1, 0),
    ]
    memory = Memory(IDS[0])
    tree = SHIPMENT.sites[0].tree(signed=False)
    memory.records[IDS[0]] = Release(IDS[0], "1", "", {"sapa": f"{tree}-2"}).to_bytes()
    assert Releases(memory.opened()).differences(SHIPMENT) == [difference("sapa", {}, {})]


def test_names_sort_by_time_whatever_the_clock_says() -> None:
    last = "99990101-000000-000000-ffff"
    assert new_id(last) > last
    assert new_id("") < last
    assert earlier(IDS, IDS[2]) == [IDS[1], IDS[0]]
    assert earlier(IDS, "") == []
    assert kept(IDS, IDS[3]) == {*IDS[1:4]}
