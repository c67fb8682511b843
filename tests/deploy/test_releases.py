"""What is done in a storage, and in which order."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from portalgen.deploy.compare import Finding
from portalgen.deploy.release import ALL, Pin, Release
from portalgen.deploy.releases import Deployed, Releases, difference
from portalgen.deploy.shipment import Shipment, ShippedSite, Signer
from portalgen.deploy.storage import RECORD
from portalgen.deploy.trees import MadeTrees
from portalgen.pool import Progress
from portalgen.problems import PortalError

IDS = [f"2020010{day}-000000-000000-aaaa" for day in range(1, 6)]
CHANGES = ("link_release", "differences", "switch", "remove")
PIN = Pin(IDS[0], 1, "lan@may")
SITES = (
    ShippedSite("main", {"a": "1"}, ""),
    ShippedSite("sapa", {"a": "1", "b": "2", "c": "1"}, ""),
)
SHIPMENT = Shipment(Path(), SITES, "", Signer())
NEW = {site.slug: SHIPMENT.tree(site) for site in SITES}


class Memory:
    """A storage that remembers what was asked of it; its trees are whole unless `damaged`."""

    name = "nho"

    def __init__(self, shown: str = "", **more: object) -> None:
        self.link = f"releases/{shown}" if shown else ""
        trees = {name: {"main": f"m{name}", "sapa": f"s{name}"} for name in IDS[:4]}
        self.records = {
            name: Release(id=name, trees=trees[name]).to_bytes() for name in IDS[:4]
        } if shown else {}  # fmt: skip
        self.damaged: set[str] = set()
        self.spoiled = ""  # a tree that is damaged when a new release is compared
        self.calls: list[str] = []
        self.sent: list[str] = []
        self.before: Mapping[str, str] = {}
        self.used: set[tuple[str, str]] = set()
        self.disk_is_full = False
        self.by_digest: list[bool] = []

    def put(self, release: Release) -> None:
        self.records[release.id] = release.to_bytes()
        self.link = f"releases/{release.id}"

    def current(self) -> str:
        return self.link

    def releases(self, record: str = RECORD) -> list[str]:
        return [*self.records, "khac"] if record == RECORD else ["khac"]

    def read(self, path: str) -> bytes:
        return self.records.get(path.split("/")[1], b"") if path.endswith(RECORD) else b""

    def clear(self) -> None:
        self.calls.append("clear")

    def open_folders(self, releases: Iterable[str]) -> None:
        self.calls.append("open_folders")

    def send_trees(
        self, shipment: Shipment, current: Mapping[str, str], whole: Collection[str], jobs: int,
        progress: Progress, by_digest: bool = False,
    ) -> MadeTrees:  # fmt: skip
        self.calls.append("send_trees")
        self.sent, self.before = [site.slug for site in shipment.sites], current
        self.by_digest.append(by_digest)
        trees = {}
        for site in shipment.sites:
            name = shipment.tree(site)
            kept = site.slug in whole and current[site.slug].partition("-")[0] == name
            trees[site.slug] = current[site.slug] if kept else name
            if name in self.damaged and not kept:
                trees[site.slug] = f"{name}-2"
        return MadeTrees(trees, 1, 1)

    def digests(self, slug: str, tree: str) -> Mapping[str, str]:
        return {"a": "1", "b": "1"}

    def inventories(self, trees: Mapping[str, str]) -> Mapping[str, str]:
        return {slug: f"digest of {tree}" for slug, tree in trees.items()}

    def differences(
        self, release: str, trees: Mapping[str, str], by_digest: bool = False
    ) -> list[Finding]:
        self.calls.append("differences")
        self.by_digest.append(by_digest)
        linked = "link_release" in self.calls
        return [
            Finding(slug, "a", "changed")
            for slug, tree in trees.items()
            if tree in self.damaged or (linked and slug == self.spoiled)
        ]

    def link_release(
        self, release: str, trees: Mapping[str, str], files: Mapping[str, bytes]
    ) -> None:
        self.calls.append("link_release")
        self.records[release] = files[RECORD]

    def switch(self, release: str) -> None:
        self.calls.append("switch")
        self.link = f"releases/{release}"

    def remove(self, releases: Iterable[str], used: set[tuple[str, str]]) -> list[str]:
        self.calls.append("remove")
        if self.disk_is_full:
            raise OSError(28, "no space")
        self.records = {name: self.records[name] for name in self.records if name not in releases}
        self.used = used
        return []

    @contextmanager
    def opened(self) -> Iterator["Memory"]:
        yield self


def quiet(done: int, of: int) -> None:
    pass


def deploy(memory: Memory, repair: bool = False, unpin: str = "", kept: int = 3) -> Deployed:
    return Releases(memory.opened(), kept).deploy(SHIPMENT, 1, quiet, repair, unpin)


def show(memory: Memory, to: str = "", site: str = "") -> Release:
    return Releases(memory.opened()).show(Signer(), to, site).release


def test_a_release_is_linked_compared_shown_and_only_then_others_are_removed() -> None:
    memory = Memory(IDS[3])
    done = deploy(memory)
    assert memory.calls == ["clear", "open_folders", "differences", "send_trees", *CHANGES]
    assert memory.link == f"releases/{done.release.id}"
    assert [*memory.records] == [IDS[2], IDS[3], done.release.id]
    assert done.release.inventories == {
        slug: f"digest of {tree}" for slug, tree in done.release.trees.items()
    }
    assert memory.used == {*NEW.items(), *((f"{slug}", f"{slug[0]}{name}")
                           for slug in NEW for name in IDS[2:4])}  # fmt: skip


def test_as_many_releases_are_kept_as_the_target_says() -> None:
    memory = Memory(IDS[3])
    done = deploy(memory, kept=1)
    assert [*memory.records] == [done.release.id]


def test_what_is_shown_and_whole_is_up_to_date() -> None:
    memory = Memory(IDS[3])
    memory.put(Release(id=IDS[3], trees=NEW))
    done = deploy(memory)
    assert (done.same, done.release.id, done.findings) == (True, IDS[3], [])
    assert "link_release" not in memory.calls
    memory.damaged = {NEW["sapa"]}
    done = deploy(memory)
    assert not done.same
    assert done.findings == [Finding("sapa", "a", "changed")]
    assert done.release.trees == {**NEW, "sapa": f"{NEW['sapa']}-2"}


def test_a_release_that_is_not_as_written_is_not_shown() -> None:
    memory = Memory(IDS[3])
    memory.spoiled = "sapa"
    with pytest.raises(PortalError) as raised:
        deploy(memory)
    problem = raised.value.problems[0]
    assert (problem.code, problem.path) == ("release-differs", "sapa/a")
    assert memory.link == f"releases/{IDS[3]}"
    memory.spoiled, memory.calls = "", []
    done = deploy(memory)  # it begins with the removal of what was never shown
    assert memory.calls[:2] == ["clear", "remove"]
    assert [*memory.records] == [IDS[2], IDS[3], done.release.id]


def test_without_a_current_release_none_is_removed_as_never_shown() -> None:
    memory = Memory(IDS[3])
    memory.link = ""
    memory.disk_is_full = True
    deploy(memory)
    assert {*IDS[:4]} < memory.records.keys()


def test_a_repair_compares_by_digest_and_takes_nothing_of_what_is_damaged() -> None:
    memory = Memory(IDS[3])
    memory.damaged = {f"s{IDS[3]}"}
    done = deploy(memory, repair=True)
    assert memory.by_digest == [True, True, False]
    assert memory.before == {"main": f"m{IDS[3]}"}
    assert [finding.site for finding in done.findings] == ["sapa"]


def test_what_cannot_be_removed_does_not_fail_what_is_shown() -> None:
    memory = Memory(IDS[3])
    memory.disk_is_full = True
    done = deploy(memory)
    assert memory.link == f"releases/{done.release.id}"
    assert done.leftover == "no space"


def test_a_rollback_passes_over_what_is_damaged_and_pins() -> None:
    memory = Memory(IDS[3])
    memory.damaged = {f"s{IDS[2]}"}
    memory.records[IDS[1]] = b"{"
    release = show(memory)
    assert (release.of, release.trees) == (IDS[0], {"main": f"m{IDS[0]}", "sapa": f"s{IDS[0]}"})
    assert release.id > IDS[3] and memory.link == f"releases/{release.id}"
    assert release.pins[ALL].release == IDS[0]
    with pytest.raises(PortalError):
        show(memory)
    done = deploy(memory)
    assert (done.pinned, done.same, memory.sent) == (True, True, [])
    done = deploy(memory, unpin=ALL)
    assert (done.pinned, done.release.pins, done.release.trees) == (False, {}, NEW)


def test_of_a_damaged_site_that_is_shown_whole_the_whole_tree_is_taken() -> None:
    memory = Memory(IDS[3])
    memory.put(Release(id=IDS[2], trees={"main": "a", "sapa": "b"}))
    memory.put(Release(id=IDS[3], trees={"main": "c", "sapa": "b-2"}))
    memory.damaged = {"b"}
    assert show(memory).trees == {"main": "a", "sapa": "b-2"}
    memory.put(Release(id=IDS[3], trees={"main": "c", "sapa": "b-2"}))
    memory.damaged = {"b", "b-2"}
    assert show(memory).of == IDS[1]


def test_one_site_goes_back_to_another_content_and_not_to_another_tree_of_it() -> None:
    memory = Memory(IDS[3])
    memory.put(Release(id=IDS[2], trees={"main": "a", "sapa": "b"}))
    memory.put(Release(id=IDS[3], trees={"main": "c", "sapa": "b-2"}))
    assert show(memory, site="sapa").trees == {"main": "c", "sapa": f"s{IDS[1]}"}


def test_one_rollback_after_the_other_goes_further_back() -> None:
    memory = Memory(IDS[3])
    assert [show(memory).of for _ in range(3)] == [IDS[2], IDS[1], IDS[0]]
    assert show(memory, to=IDS[3]).of == IDS[3]


def test_a_release_that_is_not_there_is_refused_with_those_that_are() -> None:
    memory = Memory(IDS[1])
    memory.records = {name: memory.records[name] for name in IDS[:2]}
    with pytest.raises(PortalError) as raised:
        show(memory, to=IDS[4])
    assert dict(raised.value.problems[0].values) == {
        "name": IDS[4], "known": f"{IDS[0]}, {IDS[1]}",
    }  # fmt: skip


def test_one_site_goes_back_alone_and_stays_there() -> None:
    memory = Memory(IDS[3])
    release = show(memory, site="sapa")
    assert release.trees == {"main": f"m{IDS[3]}", "sapa": f"s{IDS[2]}"}
    assert (release.of, release.pins["sapa"].release) == ("", IDS[2])
    assert show(memory, site="sapa").trees["sapa"] == f"s{IDS[1]}"
    done = deploy(memory)
    assert memory.sent == ["main"]
    assert done.release.trees == {"main": NEW["main"], "sapa": f"s{IDS[1]}"}
    assert [*done.held] == [*done.release.pins] == ["sapa"]
    assert deploy(memory).same
    assert deploy(memory, unpin="sapa").release.trees == NEW


def test_a_site_that_is_held_and_gone_from_the_network_goes() -> None:
    memory = Memory(IDS[3])
    trees = {**NEW, "bacha": "b"}
    memory.put(Release(id=IDS[3], trees=trees, pins={"bacha": PIN}))
    done = deploy(memory)
    assert (done.release.trees, done.release.pins) == (NEW, {})


@pytest.mark.parametrize("pinned", ["sapa", ALL])
def test_what_is_held_and_damaged_is_made_anew_only_from_the_same_content(pinned: str) -> None:
    memory = Memory(IDS[3])
    memory.put(Release(id=IDS[3], trees=NEW, pins={pinned: PIN}))
    memory.damaged = {NEW["sapa"]}
    done = deploy(memory, repair=True)
    assert done.release.trees["sapa"] == f"{NEW['sapa']}-2"
    assert done.release.pins == {pinned: PIN}
    memory.put(Release(id=IDS[4], trees={**NEW, "sapa": "cu"}, pins={pinned: PIN}))
    memory.damaged = {"cu"}
    with pytest.raises(PortalError) as raised:
        deploy(memory, repair=True)
    assert [(item.code, item.path) for item in raised.value.problems] == [
        ("pinned-damaged", "sapa")
    ]


def test_purging_removes_releases_in_which_a_file_was_other_or_is_gone_now() -> None:
    memory = Memory(IDS[3])
    digests = {f"s{IDS[0]}": {"x": "1"}, f"s{IDS[1]}": {"y": "1"}, f"s{IDS[2]}": {"x": "2"},
               f"s{IDS[3]}": {"x": "2"}}  # fmt: skip
    memory.digests = lambda slug, tree: digests.get(tree, {"m": "1"})  # type: ignore[method-assign]
    releases = Releases(memory.opened())
    assert releases.purge({"sapa": ["x"]}) == [IDS[0]]
    assert [*memory.records] == [IDS[1], IDS[2], IDS[3]]
    with pytest.raises(PortalError) as raised:
        Releases(memory.opened()).purge({"sapa": ["x"]})
    assert [(item.code, item.path) for item in raised.value.problems] == [
        ("purge-standing", "sapa/x")
    ]
    digests[f"s{IDS[3]}"] = {"z": "1"}
    assert Releases(memory.opened()).purge({"sapa": ["x"]}) == [IDS[2]]
    del digests[f"s{IDS[1]}"]
    memory.digests = lambda slug, tree: digests.get(tree, {})  # type: ignore[method-assign]
    assert Releases(memory.opened()).purge({"sapa": ["x"]}) == [IDS[1]]


@pytest.mark.parametrize("link", [".", "releases/moi-nhat", f"../releases/{IDS[0]}", "releases/"])
def test_a_current_that_is_not_ours_is_left_alone(link: str) -> None:
    memory = Memory(IDS[3])
    memory.link = link
    with pytest.raises(PortalError):
        deploy(memory)
    assert memory.calls == []


@pytest.mark.parametrize("record", [b"", b"{"])
def test_a_release_without_a_record_is_replaced_and_told(record: bytes) -> None:
    memory = Memory(IDS[3])
    memory.records[IDS[3]] = record
    done = deploy(memory)
    assert done.findings == [Finding("", RECORD, "unrecorded")]
    assert done.release.trees == NEW
    assert (memory.link, memory.before) == (f"releases/{done.release.id}", {})
    assert IDS[3] not in memory.records
    assert deploy(memory).same


def test_differences_are_those_to_what_is_shown() -> None:
    changes = [Releases(Memory(shown).opened()).differences(SHIPMENT)[1] for shown in ("", IDS[0])]
    assert [(change.added, change.changed, change.removed) for change in changes] == [
        (3, 0, 0),
        (1, 1, 0),
    ]
    memory = Memory(IDS[0])
    memory.put(Release(id=IDS[0], trees={slug: f"{tree}-2" for slug, tree in NEW.items()}))
    assert Releases(memory.opened()).differences(SHIPMENT) == [
        difference("main", {}, {}), difference("sapa", {}, {}),
    ]  # fmt: skip
