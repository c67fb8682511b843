"""What is done in a storage, and in which order."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
from msgspec.structs import replace

from portalgen.deploy.compare import Finding
from portalgen.deploy.register_files import state
from portalgen.deploy.release import ALL, Pin, Release, release_from
from portalgen.deploy.releases import Deployed, Difference, Listed, Releases, difference
from portalgen.deploy.shipment import Shipment, ShippedRegister, ShippedSite, Signer
from portalgen.deploy.storage import RECORD, RECORD_REMOVING, RECORD_SIGNATURE, RegisterStorage
from portalgen.deploy.trees import MadeTrees
from portalgen.pool import Progress
from portalgen.problems import PortalError, problem
from portalgen.register.place import INDEX

IDS = [f"2020010{day}-000000-000000-aaaa" for day in range(1, 6)]
CHANGES = ("link_release", "differences", "switch", "remove")
PIN = Pin(IDS[0], 1, "lan@may")
SITES = (
    ShippedSite("main", {"a": "1"}, ""),
    ShippedSite("sapa", {"a": "1", "b": "2", "c": "1"}, ""),
)
SHIPMENT = Shipment(Path(), SITES, "commit", Signer(), "1.2.3")
NEW = {site.slug: SHIPMENT.tree(site) for site in SITES}


class Shelf:
    """Where `Memory` keeps its register."""

    def __init__(self, calls: list[str]) -> None:
        self.files: dict[str, bytes] = {}
        self.calls = calls

    def fetch(self, names: Iterable[str]) -> dict[str, bytes]:
        return {name: self.files[name] for name in names if name in self.files}

    def send(self, files: Mapping[str, bytes]) -> None:
        self.calls.append("register")
        self.files = dict(files)


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
        self.kind = "changed"  # of what is found in damaged trees
        self.spoiled = ""  # a tree that is damaged when a new release is compared
        self.calls: list[str] = []
        self.register: RegisterStorage = Shelf(self.calls)
        self.sent: list[str] = []
        self.before: Mapping[str, str] = {}
        self.used: set[tuple[str, str]] = set()
        self.by_digest: list[bool] = []
        self.compared: list[str] = []
        self.entered: list[str] = []
        self.work: tuple[int, Progress] = 0, quiet
        self.files: Mapping[str, bytes] = {}
        self.linked: Mapping[str, str] = {}
        self.signatures: dict[str, bytes] = {}
        self.failure: Exception | None = None

    def put(self, release: Release) -> None:
        self.records[release.id] = release.to_bytes()
        self.link = f"releases/{release.id}"

    def current(self) -> str:
        return self.link

    def releases(self, record: str = RECORD) -> list[str]:
        return [*self.records, "khac"] if record == RECORD else ["khac"]

    def read(self, path: str) -> bytes:
        folder, release, file = path.split("/")
        assert folder == "releases"
        files = {RECORD: self.records, RECORD_SIGNATURE: self.signatures}
        return files[file].get(release, b"")

    def clear(self) -> None:
        self.calls.append("clear")

    def open_folders(self, releases: Iterable[str]) -> None:
        self.calls.append("open_folders")
        self.entered = [*releases]

    def send_trees(
        self, shipment: Shipment, current: Mapping[str, str], whole: Collection[str], jobs: int,
        progress: Progress, by_digest: bool = False,
    ) -> MadeTrees:  # fmt: skip
        self.calls.append("send_trees")
        self.sent, self.before = [site.slug for site in shipment.sites], current
        self.by_digest.append(by_digest)
        self.work = jobs, progress
        trees = {}
        for site in shipment.sites:
            name = shipment.tree(site)
            kept = site.slug in whole and current[site.slug].partition("-")[0] == name
            trees[site.slug] = current[site.slug] if kept else name
            if name in self.damaged and not kept:
                trees[site.slug] = f"{name}-2"
        return MadeTrees(trees, 3, 5)

    def digests(self, slug: str, tree: str) -> Mapping[str, str]:
        return {"a": "1", "b": "1"}

    def inventories(self, trees: Mapping[str, str]) -> Mapping[str, str]:
        return {slug: f"digest of {tree}" for slug, tree in trees.items()}

    def differences(
        self, release: str, trees: Mapping[str, str], by_digest: bool = False
    ) -> list[Finding]:
        self.calls.append("differences")
        self.by_digest.append(by_digest)
        self.compared.append(release)
        linked = "link_release" in self.calls
        return [
            Finding(slug, "a", self.kind)
            for slug, tree in trees.items()
            if tree in self.damaged or (linked and slug == self.spoiled)
        ]

    def link_release(
        self, release: str, trees: Mapping[str, str], files: Mapping[str, bytes]
    ) -> None:
        self.calls.append("link_release")
        self.records[release], self.files, self.linked = files[RECORD], files, trees
        self.signatures[release] = files.get(RECORD_SIGNATURE, b"")

    def switch(self, release: str) -> None:
        self.calls.append("switch")
        self.link = f"releases/{release}"

    def remove(self, releases: Iterable[str], used: set[tuple[str, str]]) -> list[str]:
        self.calls.append("remove")
        if self.failure:
            raise self.failure
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


def codes(error: PortalError) -> list[tuple[str, dict[str, str]]]:
    return [(item.code, dict(item.values)) for item in error.problems]


def test_a_smaller_keep_makes_space_before_any_is_needed() -> None:
    memory = Memory(IDS[3])
    memory.send_trees = None  # type: ignore[assignment, method-assign]
    with pytest.raises(TypeError):
        deploy(memory, kept=2)
    assert [*memory.records] == [IDS[2], IDS[3]]


def test_a_release_is_linked_compared_shown_and_only_then_others_are_removed() -> None:
    memory = Memory(IDS[3])
    del memory.records[IDS[0]]
    done = deploy(memory)
    assert memory.calls == ["clear", "open_folders", "differences", "send_trees", *CHANGES]
    assert memory.link == f"releases/{done.release.id}"
    assert [*memory.records] == [IDS[2], IDS[3], done.release.id]
    assert done.release.inventories == {
        slug: f"digest of {tree}" for slug, tree in done.release.trees.items()
    }
    assert memory.used == {*NEW.items(), *((f"{slug}", f"{slug[0]}{name}")
                           for slug in NEW for name in IDS[2:4])}  # fmt: skip


def deploy_register(memory: Memory, seen: bytes, new: bytes = b"new") -> Deployed:
    """Deploy with a register, after that at the target was `seen`."""
    register = ShippedRegister({"main/a": b"x", INDEX: new}, state(seen))
    shipment = replace(SHIPMENT, register=register)
    return Releases(memory.opened()).deploy(shipment, 1, quiet)


def test_a_register_is_brought_before_what_it_tells_of_is_shown() -> None:
    memory = Memory(IDS[3])
    del memory.records[IDS[0]]
    deploy_register(memory, b"")
    assert memory.calls[3:] == ["send_trees", "register", *CHANGES]
    assert memory.register.fetch([INDEX]) == {INDEX: b"new"}
    assert deploy_register(memory, b"new", b"newer").same
    assert memory.register.fetch([INDEX]) == {INDEX: b"newer"}


def test_nothing_is_brought_if_somebody_else_wrote_the_register() -> None:
    memory = Memory(IDS[3])
    memory.register.send({INDEX: b"theirs"})
    memory.calls.clear()
    for seen in (b"", b"old"):
        with pytest.raises(PortalError) as raised:
            deploy_register(memory, seen)
        assert codes(raised.value) == [("target-moved", {"name": "nho"})]
    assert memory.calls == []


def test_a_rollback_leaves_the_register_alone_and_tells_that_there_is_one() -> None:
    memory = Memory(IDS[3])  # whose releases are of this format
    old = Release(id=IDS[2], trees={"main": "m", "sapa": "s"}, format=2)
    memory.records[IDS[2]] = old.to_bytes()
    memory.register.send({INDEX: b"new"})
    memory.calls.clear()
    assert show(memory).format == 3
    assert "register" not in memory.calls


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
    assert codes(raised.value) == [("release-differs", {"name": "nho"})]
    assert raised.value.problems[0].path == "sapa/a"
    assert memory.link == f"releases/{IDS[3]}"
    memory.spoiled, memory.calls = "", []
    done = deploy(memory)  # it begins with the removal of what was never shown
    assert memory.calls[:2] == ["clear", "remove"]
    assert [*memory.records] == [IDS[2], IDS[3], done.release.id]


def test_without_a_current_release_none_is_removed_as_never_shown() -> None:
    memory = Memory(IDS[3])
    memory.link = ""
    memory.failure = OSError(28, "no space")
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
    memory.failure = OSError(28, "no space")
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
    assert memory.compared[:2] == [IDS[2], IDS[3]] and memory.by_digest[:2] == [True, True]
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
    assert codes(raised.value) == [
        ("unknown-release", {"name": IDS[4], "known": f"{IDS[0]}, {IDS[1]}"})
    ]


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
    assert memory.used == {(slug, f"{slug[0]}{name}") for slug in NEW for name in IDS[1:4]}
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
    with pytest.raises(PortalError) as raised:
        deploy(memory)
    assert codes(raised.value) == [("target-foreign", {"name": "nho"})]
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


def test_a_deployment_says_what_it_did_and_records_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portalgen.deploy.releases.whoami", lambda: "lan@may")
    monkeypatch.setattr("time.time", lambda: 1234.5)
    memory = Memory(IDS[3])
    asked: list[tuple[str, str]] = []

    def digests(slug: str, tree: str) -> Mapping[str, str]:
        asked.append((slug, tree))
        return {"a": "1", "b": "1"}

    memory.digests = digests  # type: ignore[method-assign]
    done = Releases(memory.opened()).deploy(SHIPMENT, 7, quiet)
    assert memory.work == (7, quiet)
    assert (done.files, done.bytes, done.same, done.leftover) == (3, 5, False, "")
    assert (done.findings, done.held, done.unsigned, done.pinned) == ([], {}, False, False)
    assert done.changes == [Difference("main", 0, 0, 1), Difference("sapa", 1, 1, 0)]
    assert asked == [("main", f"m{IDS[3]}"), ("sapa", f"s{IDS[3]}")]
    release = done.release
    assert (release.version, release.commit, release.size) == ("1.2.3", "commit", 5)
    assert (release.by, release.time) == ("lan@may", 1234)
    assert release.changed == {"main": 1, "sapa": 2}
    assert release_from(memory.records[release.id]) == release
    assert memory.compared == [IDS[3], release.id] and not any(memory.by_digest)
    assert memory.linked == release.trees == NEW
    assert memory.entered == IDS[:4]


def test_the_first_deployment_adds_all() -> None:
    memory = Memory()
    done = deploy(memory)
    assert done.changes == [Difference("main", 1, 0, 0), Difference("sapa", 3, 0, 0)]
    assert memory.compared == [done.release.id]
    assert memory.before == {}


def test_a_site_that_did_not_change_counts_no_changes() -> None:
    memory = Memory(IDS[3])
    memory.put(Release(id=IDS[3], trees={"main": NEW["main"], "sapa": "cu"}))
    changes = [difference("main", {}, {}), Difference("sapa", 1, 1, 0)]
    assert Releases(memory.opened()).differences(SHIPMENT) == changes
    assert deploy(memory).changes == changes


def test_a_deployment_without_a_key_after_a_signed_one_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[tuple[bytes, str]] = []

    def sign(signer: Signer, data: bytes, comment: str) -> bytes:
        asked.append((data, comment))
        return b"signature"

    monkeypatch.setattr(Signer, "sign", sign)
    memory, signer = Memory(), Signer("a1")
    signed = Releases(memory.opened()).deploy(replace(SHIPMENT, signer=signer), 1, quiet)
    data = memory.records[signed.release.id]
    assert memory.files == {RECORD: data, RECORD_SIGNATURE: b"signature"}
    assert asked == [(data, f"release:{signed.release.id}")]
    assert not signed.unsigned
    unsigned = deploy(memory)
    assert unsigned.unsigned and memory.files.keys() == {RECORD}
    back = Releases(memory.opened()).show(signer)
    assert not back.unsigned and len(asked) == 2
    assert Releases(memory.opened()).show(Signer(), signed.release.id).unsigned


def test_releases_are_listed_newest_first_without_those_that_cannot_be_read() -> None:
    memory = Memory(IDS[1])
    memory.records[IDS[2]] = b"{"
    memory.records[IDS[0]] = memory.records[IDS[3]]  # of another name
    assert Releases(memory.opened()).listed() == [
        Listed(Release(id=name, trees={"main": f"m{name}", "sapa": f"s{name}"}), current)
        for name, current in ((IDS[3], False), (IDS[1], True))
    ]
    memory.link = ""
    assert [item.current for item in Releases(memory.opened()).listed()] == [False, False]


@pytest.mark.parametrize(
    ("current", "to", "site", "expected"),
    [("", "", "", ("no-release-before", {"name": "nho"})),
     (IDS[3], "", "bacha", ("unknown-sites", {"slugs": "bacha"})),
     (IDS[0], "", "", ("no-release-before", {"name": "nho"})),
     (IDS[0], "", "sapa", ("no-release-before", {"name": "nho"}))],
)  # fmt: skip
def test_what_cannot_be_shown_again_is_refused(
    current: str, to: str, site: str, expected: tuple[str, dict[str, str]]
) -> None:
    memory = Memory(current)
    with pytest.raises(PortalError) as raised:
        show(memory, to, site)
    assert codes(raised.value) == [expected]
    assert "link_release" not in memory.calls


def test_where_nothing_is_shown_nothing_can_be_purged() -> None:
    with pytest.raises(PortalError) as raised:
        Releases(Memory().opened()).purge({"sapa": ["x"]})
    assert codes(raised.value) == [("no-release-before", {"name": "nho"})]


def test_a_damaged_release_that_is_asked_for_is_refused_with_what_is_damaged() -> None:
    memory = Memory(IDS[3])
    memory.damaged = {f"s{IDS[1]}"}
    with pytest.raises(PortalError) as raised:
        show(memory, IDS[1])
    assert codes(raised.value) == [
        ("no-release-before", {"name": "nho"}), ("release-damaged", {"release": IDS[1]}),
    ]  # fmt: skip
    assert raised.value.problems[1].path == "sapa/a"
    assert memory.compared == [IDS[1]] and memory.by_digest == [True]
    assert show(memory, IDS[1], "main").trees["main"] == f"m{IDS[1]}"


def test_a_rollback_says_what_it_changed_and_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portalgen.deploy.releases.whoami", lambda: "lan@may")
    monkeypatch.setattr("time.time", lambda: 1234.5)
    memory = Memory(IDS[3])
    memory.put(
        Release(id=IDS[2], trees={"main": "m", "sapa": "s"}, size=9, changed={"main": 9},
                pins={"sapa": PIN})
    )  # fmt: skip
    memory.put(Release(id=IDS[3], trees={"main": "m", "bacha": "b"}, time=5, by="ai"))
    held = {("main", "m"): {"a": "1"}, ("sapa", "s"): {"a": "1", "b": "2"}}
    memory.digests = lambda slug, tree: held.get((slug, tree), {})  # type: ignore[method-assign]
    done = Releases(memory.opened()).show(Signer())
    release = done.release
    assert (release.of, release.size, release.changed) == (IDS[2], 0, {"sapa": 2})
    pin = Pin(IDS[2], 1234, "lan@may")
    assert release.pins == {"sapa": PIN, ALL: pin}
    assert (release.time, release.by) == (1234, "lan@may")
    assert done.held == {"sapa": {"a", "b"}}
    assert (done.findings, done.files, done.bytes, done.unsigned) == ([], 0, 0, False)
    assert release_from(memory.records[release.id]) == release
    assert release.inventories == {"main": "digest of m", "sapa": "digest of s"}
    memory.damaged = {f"s{IDS[1]}"}
    done = Releases(memory.opened()).show(Signer())
    assert done.release.of == IDS[0]
    assert done.findings == [Finding("sapa", "a", "changed")]


def test_what_is_held_goes_further_back_and_never_to_what_was_left() -> None:
    memory = Memory(IDS[3])
    show(memory)
    release = show(memory, site="sapa")
    assert release.trees == {"main": f"m{IDS[2]}", "sapa": f"s{IDS[1]}"}
    assert release.of == ""
    assert {slug: pin.release for slug, pin in release.pins.items()} == {
        ALL: IDS[2], "sapa": IDS[1],
    }  # fmt: skip
    assert deploy(memory).release == release
    assert show(memory, site="sapa").trees["sapa"] == f"s{IDS[0]}"
    assert show(memory).of == IDS[1]
    memory.damaged = {f"s{IDS[1]}"}
    memory.records[IDS[4]] = Release(
        id=IDS[4], trees={**NEW, "main": f"m{IDS[1]}"}, pins={ALL: Pin(IDS[1], 1, "lan")}
    ).to_bytes()  # as a repair leaves it: not of an earlier release, and held all the same
    memory.link = f"releases/{IDS[4]}"
    memory.records = {name: memory.records[name] for name in IDS}
    assert show(memory).of == IDS[0]


def test_a_release_of_a_rollback_is_passed_over_unless_it_is_asked_for() -> None:
    memory = Memory(IDS[3])
    memory.put(Release(id=IDS[2], trees={"main": "m", "sapa": "s"}, of=IDS[0]))
    memory.link = f"releases/{IDS[3]}"
    assert show(memory).of == IDS[1]
    assert show(memory, IDS[2]).of == IDS[2]


def test_a_site_goes_back_to_a_release_that_has_it_and_unharmed_by_others() -> None:
    memory = Memory(IDS[3])
    memory.put(Release(id=IDS[2], trees={"main": "m"}))
    memory.link = f"releases/{IDS[3]}"
    memory.damaged = {f"m{IDS[1]}"}
    assert show(memory, site="sapa").trees["sapa"] == f"s{IDS[1]}"
    assert memory.compared[0] == IDS[1]


@pytest.mark.parametrize(
    ("failure", "expected"),
    [(OSError("it is full"), "it is full"),
     (PortalError([problem("target-a", reason="no answer"), problem("target-b", name="x")]),
      "no answer; target-b")],
)  # fmt: skip
def test_what_stays_behind_says_why(failure: Exception, expected: str) -> None:
    memory = Memory(IDS[3])
    memory.failure = failure
    assert deploy(memory).leftover == expected


def test_a_rollback_that_fails_is_cleared_away_by_the_next() -> None:
    memory = Memory(IDS[1])
    show(memory)
    assert memory.used == {
        (slug, f"{slug[0]}{name}") for slug in ("main", "sapa") for name in IDS[:2]
    }
    assert memory.entered == IDS[:2]


def test_a_removal_that_was_begun_is_finished_with_the_next() -> None:
    memory = Memory(IDS[3])
    del memory.records[IDS[0]]
    begun = "20191231-000000-000000-aaaa"
    names = {RECORD: [*memory.records, "khac"], RECORD_REMOVING: [begun, "khac"]}
    memory.releases = lambda record=RECORD: names[record]  # type: ignore[method-assign]
    gone: list[str] = []

    def remove(releases: Iterable[str], used: set[tuple[str, str]]) -> list[str]:
        gone.extend(releases)
        return []

    memory.remove = remove  # type: ignore[method-assign]
    deploy(memory)
    assert gone == [IDS[1], begun]


def test_another_site_stays_held_when_one_is_let_go() -> None:
    memory = Memory(IDS[3])
    trees = {"main": "m", "sapa": "s"}
    memory.put(Release(id=IDS[3], trees=trees, pins={"main": PIN, "sapa": PIN}))
    done = deploy(memory, unpin="sapa")
    assert done.release.trees == {"main": "m", "sapa": NEW["sapa"]}
    assert done.release.pins == {"main": PIN}
    assert done.held == {"main": {"a", "b"}}
    done = deploy(memory)
    assert done.same and done.held == {"main": {"a", "b"}}


def test_what_is_held_alone_and_damaged_stops_also_without_a_repair() -> None:
    memory = Memory(IDS[3])
    memory.put(
        Release(id=IDS[3], trees={"main": "m", "sapa": "s"}, pins={"main": PIN, "sapa": PIN})
    )
    memory.damaged = {"s", "m"}
    with pytest.raises(PortalError) as raised:
        deploy(memory)
    assert [(item.code, item.path, item.values) for item in raised.value.problems] == [
        ("pinned-damaged", slug, (("name", "nho"),)) for slug in ("main", "sapa")
    ]
    assert memory.link == f"releases/{IDS[3]}" and memory.sent == []


def test_while_all_are_held_what_is_damaged_is_only_said() -> None:
    memory = Memory(IDS[3])
    memory.put(Release(id=IDS[3], trees={"main": "m", "sapa": "s"}, pins={ALL: PIN}))
    memory.damaged = {"s"}
    done = deploy(memory)
    assert (done.pinned, done.findings) == (True, [Finding("sapa", "a", "changed")])


def test_without_a_repair_unchanged_files_come_also_from_a_damaged_tree() -> None:
    memory = Memory(IDS[3])
    memory.damaged = {f"s{IDS[3]}"}
    deploy(memory)
    assert memory.before == {"main": f"m{IDS[3]}", "sapa": f"s{IDS[3]}"}
    assert memory.by_digest == [False, False, False]


def test_purging_a_site_of_a_release_that_holds_it_back_removes_that_release() -> None:
    memory = Memory(IDS[3])
    memory.put(Release(id=IDS[1], trees={"main": "m"}, pins={"sapa": PIN}))
    memory.put(Release(id=IDS[2], trees={"main": "m"}, pins={"main": PIN}))
    memory.put(Release(id=IDS[3], trees={"main": "m"}))
    memory.records[IDS[0]] = b"{"
    assert Releases(memory.opened()).purge({"sapa": ["a"]}) == IDS[:2]
    assert memory.used == {("main", "m")}
    assert [*memory.records] == IDS[2:4]


def test_purging_where_the_file_is_gone_already_removes_nothing() -> None:
    memory = Memory(IDS[3])
    assert Releases(memory.opened()).purge({"sapa": ["khong"], "bacha": ["a"]}) == []
    assert [*memory.records] == IDS[:4]


def test_to_let_all_go_lets_each_site_go() -> None:
    memory = Memory(IDS[3])
    memory.put(Release(id=IDS[3], trees={"main": "m", "sapa": "s"}, pins={"sapa": PIN}))
    done = deploy(memory, unpin=ALL)
    assert (done.release.pins, done.release.trees) == ({}, NEW)


def test_while_all_are_held_a_repair_keeps_also_what_is_gone_from_the_network() -> None:
    memory = Memory(IDS[3])
    trees = {**NEW, "main": "m", "bacha": "b"}
    memory.put(Release(id=IDS[3], trees=trees, pins={ALL: PIN}))
    memory.damaged = {NEW["sapa"]}
    done = deploy(memory, repair=True)
    assert done.release.trees == {**trees, "sapa": f"{NEW['sapa']}-2"}
    assert memory.sent == ["sapa"]


def test_what_is_foreign_there_is_said_and_does_no_harm() -> None:
    memory = Memory(IDS[3])
    memory.put(Release(id=IDS[3], trees=NEW))
    memory.damaged, memory.kind = {NEW["sapa"]}, "foreign"
    done = deploy(memory)
    assert (done.same, done.findings) == (True, [Finding("sapa", "a", "foreign")])


def test_a_new_release_sorts_behind_those_of_a_clock_that_was_ahead() -> None:
    ahead = "99980101-000000-000000-aaaa"
    memory = Memory(IDS[3])
    memory.put(Release(id=ahead, trees={"main": "m"}))
    assert deploy(memory).release.id > ahead
    assert show(memory).id > max(ahead, IDS[3])


def test_a_release_whose_folder_is_gone_is_replaced() -> None:
    memory = Memory(IDS[3])
    memory.records = {}
    done = deploy(memory)
    assert done.findings == [Finding("", RECORD, "unrecorded")]
    assert done.release.trees == NEW and [*memory.records] == [done.release.id]


def test_all_releases_that_were_passed_over_are_named() -> None:
    memory = Memory(IDS[3])
    memory.damaged = {f"s{IDS[2]}", f"m{IDS[1]}"}
    done = Releases(memory.opened()).show(Signer())
    assert done.release.of == IDS[0]
    assert done.findings == [Finding("sapa", "a", "changed"), Finding("main", "a", "changed")]
    memory = Memory(IDS[3])
    memory.damaged = {f"s{name}" for name in IDS[:3]}
    with pytest.raises(PortalError) as raised:
        show(memory)
    assert codes(raised.value)[1:] == [("release-damaged", {"release": name}) for name in IDS[:3]]
