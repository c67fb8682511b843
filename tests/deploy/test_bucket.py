"""A bucket in memory: what every storage does, and services that do less than others.

It tells no MD5, as its tags are numbers; `tests/real` has a service that does.
"""

import hashlib
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from portalgen.deploy.compare import Finding
from portalgen.deploy.inventory import NAME
from portalgen.deploy.release import Release
from portalgen.deploy.releases import Deployed, Releases
from portalgen.deploy.shipment import Shipment, ShippedSite, Signer
from portalgen.deploy.storage import RECORD, RECORD_SIGNATURE, Storage
from portalgen.deploy.targets import s3
from portalgen.digests import digest_bytes
from portalgen.pool import silent
from portalgen.problems import PortalError
from portalgen.settings.root import Target
from tests.deploy.test_storage import ID, LATER, Place, kinds, send
from tests.deploy.test_storage import release as link

obstore: Any = pytest.importorskip("obstore")
TARGET = Target("kho", "s3://portals/laocai")


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """What stands in for the service: its tags are numbers."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "x")
    store = obstore.store.MemoryStore()
    monkeypatch.setattr(obstore.store, "S3Store", lambda name, **options: store)
    yield store


def deploy(folder: Path, text: str, repair: bool = False) -> Deployed:
    """Deploy a site of two files, one of which is always the same."""
    files = {"a.txt": b"same", "tin/b.html": text.encode()}
    for route, data in files.items():
        (folder / "sapa" / route).parent.mkdir(parents=True, exist_ok=True)
        (folder / "sapa" / route).write_bytes(data)
    site = ShippedSite("sapa", {route: digest_bytes(data) for route, data in files.items()}, "")
    shipment = Shipment(folder, (site,), "commit", Signer())
    return Releases(s3.opened(TARGET, look=False)).deploy(shipment, 1, silent, repair)


def get(store: Any, key: str) -> bytes:
    return bytes(obstore.get(store, f"laocai/{key}").bytes())


def test_a_service_without_digests_shows_each_release(store: Any, tmp_path: Path) -> None:
    for text in ("x", "y", "z"):
        done = deploy(tmp_path, text)
        assert (done.same, done.findings) == (False, [])
        assert get(store, "sapa/tin/b.html") == text.encode()
        again = deploy(tmp_path, text)
        assert (again.same, again.findings) == (True, [])
    with pytest.raises(FileNotFoundError):
        get(store, ".portalgen/lock.json")


@pytest.mark.parametrize("key", ["sapa/tin/b.html", "object"])
def test_there_repair_reads_every_file(store: Any, tmp_path: Path, key: str) -> None:
    deploy(tmp_path, "x")
    path = f".portalgen/objects/{digest_bytes(b'x')}b.html" if key == "object" else key
    obstore.put(store, f"laocai/{path}", b"?")
    kind = "stored" if key == "object" else "changed"
    assert deploy(tmp_path, "x", repair=True).findings == [Finding("sapa", "tin/b.html", kind)]
    assert get(store, path) == get(store, "sapa/tin/b.html") == b"x"
    assert deploy(tmp_path, "x", repair=True).same


@pytest.mark.parametrize("answer", ["written", "not supported"])
def test_a_service_without_conditions_is_told_and_deployed_to(
    store: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: str
) -> None:
    put = obstore.put

    def careless(*arguments: Any, mode: Any = None, **options: Any) -> Any:
        if mode and answer == "not supported":
            raise obstore.exceptions.NotSupportedError("conditional put")
        return put(*arguments, **options)

    monkeypatch.setattr(obstore, "put", careless)
    assert deploy(tmp_path, "x").findings == []
    done = deploy(tmp_path, "y")
    assert done.findings == [Finding("", "", "unlocked")]
    assert get(store, "sapa/tin/b.html") == b"y"
    assert deploy(tmp_path, "y").same


# What every storage does, as `test_storage` has it of folders and servers.


class InBucket(Place):
    """A bucket instead of a folder."""

    def __init__(self, base: Path, store: Any):
        super().__init__(base, "bucket")
        self.store = store

    def opened(self, look: bool = False) -> AbstractContextManager[Storage]:
        return s3.opened(TARGET, look)

    def listed(self) -> list[str]:
        items = obstore.list(self.store, "laocai/").collect()
        return sorted(item["path"].removeprefix("laocai/") for item in items)


@pytest.fixture
def place(store: Any, tmp_path: Path) -> InBucket:
    return InBucket(tmp_path, store)


@pytest.fixture
def storage(place: InBucket) -> Iterator[Storage]:
    with place.opened() as opened:
        opened.clear()
        yield opened


def link_whole(storage: Storage, name: str, trees: dict[str, str]) -> None:
    """A release whose record can be read, as a switch needs it."""
    record = Release(id=name, trees=trees).to_bytes()
    storage.link_release(name, trees, {RECORD: record, RECORD_SIGNATURE: b"signed"})


def test_what_is_not_there_is_empty(storage: Storage) -> None:
    assert storage.current() == ""
    assert storage.releases() == []
    assert storage.read(f"releases/{ID}/{RECORD}") == b""
    assert storage.read(f"sites/sapa/{'a' * 32}/a.txt") == b""
    assert storage.digests("sapa", "a" * 32) == {}
    assert kinds(storage, ID, {"sapa": "a" * 32}) == [("unrecorded", "")]


def test_who_only_looks_makes_nothing(place: InBucket) -> None:
    with place.opened(look=True) as storage:
        assert (storage.current(), storage.releases()) == ("", [])
    assert place.listed() == []


def test_a_place_is_locked(place: InBucket, storage: Storage) -> None:
    with pytest.raises(PortalError) as raised, place.opened():
        pass
    assert raised.value.problems[0].code == "target-locked"


def test_a_release_is_switched_to(place: InBucket, storage: Storage) -> None:
    for name, text in ((ID, "x"), (LATER, "y")):
        trees = dict(send(storage, place, text).trees)
        link_whole(storage, name, trees)
        assert kinds(storage, name, trees, True) == []
        storage.switch(name)
        assert storage.current() == f"releases/{name}"
        assert kinds(storage, name, trees) == kinds(storage, name, trees, True) == []
        assert storage.read(f"releases/{name}/{RECORD_SIGNATURE}") == b"signed"
        assert get(place.store, "sapa/tin/b.html") == text.encode()
        shown = hashlib.sha256(get(place.store, f"sapa/{NAME}")).hexdigest()
        assert storage.inventories(trees) == {"sapa": shown}
    assert sorted(storage.releases()) == [ID, LATER]
    with place.opened(look=True) as another:
        assert another.current() == f"releases/{LATER}"


def test_a_release_that_cannot_be_read_is_not_switched_to(
    place: InBucket, storage: Storage
) -> None:
    trees = dict(send(storage, place, "x").trees)
    link_whole(storage, ID, trees)
    storage.switch(ID)
    link(storage, LATER, trees)  # with a record that is none
    with pytest.raises(PortalError):
        storage.switch(LATER)
    assert storage.current() == f"releases/{ID}"
    assert get(place.store, "sapa/tin/b.html") == b"x"


def test_a_tree_that_stands_is_taken_and_what_did_not_change_is_not_sent(
    place: InBucket, storage: Storage
) -> None:
    first = send(storage, place, "x")
    again = send(storage, place, "x")
    assert (first.files, again.files) == (3, 0)
    assert again.trees == first.trees
    assert send(storage, place, "y", dict(first.trees), ("sapa",)).files == 2


def test_what_is_removed_goes_and_nothing_else(place: InBucket, storage: Storage) -> None:
    first, second = (send(storage, place, text).trees["sapa"] for text in "xy")
    for name, tree in ((ID, first), (LATER, second)):
        link_whole(storage, name, {"sapa": tree})
    foreign = [f".portalgen/releases/{ID}/khac", ".portalgen/objects/khac", "sapa/cua-toi"]
    for key in foreign:
        obstore.put(place.store, f"laocai/{key}", b"mine")
    storage.remove([ID], {("sapa", second)})
    assert storage.releases() == [LATER]
    assert kinds(storage, LATER, {"sapa": second}, True) == []
    assert not [key for key in place.listed() if first in key]
    storage.remove([LATER], set())
    assert place.listed() == sorted([*foreign, ".portalgen/lock.json"])
