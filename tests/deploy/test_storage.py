"""What every storage does alike: a folder, and servers whose `ssh` runs everything here."""

import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from portalgen.deploy.inventory import NAME
from portalgen.deploy.shipment import Shipment, ShippedSite, Signer
from portalgen.deploy.storage import RECORD, RECORD_REMOVING, RECORD_SIGNATURE, Storage
from portalgen.deploy.targets import folder, ssh
from portalgen.deploy.trees import MAKING, MadeTrees
from portalgen.digests import digest_bytes
from portalgen.problems import PortalError
from portalgen.settings.root import Target
from tests.helpers import missing

SSH = """\
#!/bin/sh
while [ "$1" = -o ] || [ "$1" = -l ]; do shift 2; done
shift
exec sh -c "$*"
"""
TOOLS = "sh awk sort xargs find stat sha256sum chmod readlink mv rm rmdir ln mkdir cat tr sync"
ID, LATER = "20200101-000000-000000-aaaa", "20200102-000000-000000-bbbb"


class Place:
    """A target's folder, and how it is opened as a storage."""

    def __init__(self, base: Path, kind: str):
        self.base, self.kind, self.path = base, kind, base / "dich"

    def opened(self, look: bool = False) -> AbstractContextManager[Storage]:
        if self.kind == "folder":
            return folder.opened("may-chu", self.path, look)
        target = Target("may-chu", f"ssh://may-chu{self.path}")
        return ssh.opened(target, self.base / "trees", look)


def use_busybox(folder: Path) -> None:
    """Put the small tools of busybox before those of GNU; some builds of it have no `flock`."""
    busybox = shutil.which("busybox")
    if not busybox:
        missing("no busybox: install busybox")
    assert busybox
    for name in TOOLS.split():
        (folder / name).symlink_to(busybox)


@pytest.fixture(params=["folder", "server", "busybox"])
def place(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    if request.param != "folder":
        if not (shutil.which("rsync") and shutil.which("flock")):
            missing("no rsync or flock: install rsync and util-linux")
        (tmp_path / "bin").mkdir()
        (tmp_path / "bin/ssh").write_text(SSH)
        (tmp_path / "bin/ssh").chmod(0o755)
        if request.param == "busybox":
            use_busybox(tmp_path / "bin")
        monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")
    return Place(tmp_path, str(request.param))


@pytest.fixture
def storage(place: Place) -> Iterator[Storage]:
    with place.opened() as opened:
        opened.clear()
        (place.path / "releases").mkdir(exist_ok=True)
        yield opened


def send(
    storage: Storage, place: Place, text: str, current: dict[str, str] | None = None,
    whole: tuple[str, ...] = (),
) -> MadeTrees:  # fmt: skip
    """Bring the tree of a site of two files, one of which is always the same."""
    files = {"a.txt": b"same", "tin/b.html": text.encode()}
    for route, data in files.items():
        (place.base / "output/sapa" / route).parent.mkdir(parents=True, exist_ok=True)
        (place.base / "output/sapa" / route).write_bytes(data)
    digests = {route: digest_bytes(data) for route, data in files.items()}
    site = ShippedSite("sapa", digests, "inputs")
    shipment = Shipment(place.base / "output", (site,), "commit", Signer())
    return storage.send_trees(shipment, current or {}, whole, 1, lambda done, of: None)


def release(storage: Storage, name: str, trees: dict[str, str]) -> None:
    storage.link_release(name, trees, {RECORD: b"a record\n", RECORD_SIGNATURE: b"signed\n"})


def kinds(
    storage: Storage, name: str, trees: dict[str, str], by_digest: bool = False
) -> list[tuple[str, str]]:
    return [(item.kind, item.path) for item in storage.differences(name, trees, by_digest)]


def test_what_is_not_there_is_empty(storage: Storage) -> None:
    assert storage.current() == ""
    assert storage.releases() == []
    assert storage.read(f"releases/{ID}/{RECORD}") == b""
    assert storage.digests("sapa", "a" * 32) == {}
    assert ("unlinked", "") in kinds(storage, ID, {"sapa": "a" * 32})
    assert len(kinds(storage, ID, {"sapa": "a" * 32})) == 2


def test_who_only_looks_makes_nothing(place: Place) -> None:
    with place.opened(look=True) as storage:
        assert (storage.current(), storage.releases()) == ("", [])
    assert not place.path.exists()


def test_a_place_is_locked(place: Place, storage: Storage) -> None:
    with pytest.raises(PortalError) as raised, place.opened():
        pass
    assert raised.value.problems[0].code == "locked"


def test_a_release_leads_to_its_trees_and_is_switched_to(place: Place, storage: Storage) -> None:
    trees = dict(send(storage, place, "x").trees)
    for name in (ID, LATER):
        release(storage, name, trees)
        storage.switch(name)
        assert storage.current() == f"releases/{name}"
        assert kinds(storage, name, trees) == kinds(storage, name, trees, True) == []
        assert storage.read(f"releases/{name}/{RECORD}") == b"a record\n"
        assert storage.read(f"releases/{name}/{RECORD_SIGNATURE}") == b"signed\n"
        assert (place.path / "current/sapa/tin/b.html").read_text() == "x"
        inventory = (place.path / f"current/sapa/{NAME}").read_bytes()
        assert storage.inventories(trees) == {"sapa": hashlib.sha256(inventory).hexdigest()}
    assert sorted(storage.releases()) == [ID, LATER]
    other = send(storage, place, "y").trees["sapa"]
    assert kinds(storage, ID, {"sapa": other}) == [("unlinked", "")]
    assert not [*place.path.glob("releases/.*"), *place.path.glob(".current*")]


def test_a_current_that_is_no_link_is_told(place: Place, storage: Storage) -> None:
    (place.path / "current").mkdir()
    assert storage.current() == "."


def test_folders_of_others_and_links_are_no_releases(place: Place, storage: Storage) -> None:
    release(storage, ID, {})
    (place.path / "releases/moi-nhat").symlink_to(ID)
    (place.path / "releases/khac").mkdir()
    (place.path / "releases/tep").write_text("")
    assert storage.releases() == [ID]


def test_a_tree_that_stands_is_taken_and_what_did_not_change_is_linked(
    place: Place, storage: Storage
) -> None:
    first = send(storage, place, "x")
    again = send(storage, place, "x")
    assert first.files > 0 and again.files == 0
    assert again.trees == first.trees
    release(storage, ID, dict(first.trees))
    storage.switch(ID)
    second = send(storage, place, "y", dict(first.trees), ("sapa",))
    old, new = (place.path / "sites/sapa" / sent.trees["sapa"] for sent in (first, second))
    assert (new / "tin/b.html").read_text() == "y"
    assert os.stat(old / "a.txt").st_ino == os.stat(new / "a.txt").st_ino
    assert storage.digests("sapa", new.name)["a.txt"] == digest_bytes(b"same")


@pytest.mark.parametrize("name", ["a.txt", "tin/b.html", NAME])
@pytest.mark.parametrize("damage", ["missing", "other bytes"])
def test_a_damaged_tree_is_not_whole(
    place: Place, storage: Storage, name: str, damage: str
) -> None:
    tree = send(storage, place, "x").trees["sapa"]
    release(storage, ID, {"sapa": tree})
    file = place.path / "sites/sapa" / tree / name
    stat = file.stat()
    if damage == "missing":
        file.unlink()
    else:
        file.write_bytes(b"?" * stat.st_size)
        os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns))
        assert kinds(storage, ID, {"sapa": tree}) == []
    kind = "missing" if damage == "missing" else "changed"
    assert kinds(storage, ID, {"sapa": tree}, True) in ([(kind, name)], [("changed", name)])
    new = send(storage, place, "x", {}, ()).trees["sapa"] if damage == "missing" else ""
    assert damage != "missing" or new == f"{tree}-2"


@pytest.mark.parametrize(
    ("name", "finding"),
    [("khac.txt", ("added", "khac.txt")), ("tin/khac.txt", ("added", "tin/khac.txt")),
     ("khac/x/y.txt", ("added", "khac/")), (".well-known/x", ("added", ".well-known/x"))],
)  # fmt: skip
def test_a_tree_that_holds_something_foreign_is_named_and_not_taken(
    place: Place, storage: Storage, name: str, finding: tuple[str, str]
) -> None:
    tree = send(storage, place, "x").trees["sapa"]
    release(storage, ID, {"sapa": tree})
    foreign = place.path / "sites/sapa" / tree / name
    foreign.parent.mkdir(parents=True, exist_ok=True)
    foreign.write_text("của tôi")
    assert kinds(storage, ID, {"sapa": tree}) == [finding]
    new = send(storage, place, "x", {"sapa": tree}).trees["sapa"]
    assert new == f"{tree}-2"
    assert foreign.read_text() == "của tôi"
    release(storage, LATER, {"sapa": new})
    assert kinds(storage, LATER, {"sapa": new}, True) == []


def test_what_certbot_left_is_tolerated_and_not_carried_over(
    place: Place, storage: Storage
) -> None:
    tree = send(storage, place, "x").trees["sapa"]
    release(storage, ID, {"sapa": tree})
    token = place.path / "sites/sapa" / tree / ".well-known/acme-challenge/token"
    token.parent.mkdir(parents=True)
    token.write_text("của tôi")
    for by_digest in (False, True):
        assert kinds(storage, ID, {"sapa": tree}, by_digest) == [
            ("tolerated", ".well-known/acme-challenge/")
        ]
    assert send(storage, place, "x", {"sapa": tree}).trees["sapa"] == tree
    new = send(storage, place, "y", {"sapa": tree}, ("sapa",)).trees["sapa"]
    assert not (place.path / "sites/sapa" / new / ".well-known").exists()


def test_what_is_taken_over_is_compared_by_digest_first(place: Place, storage: Storage) -> None:
    tree = send(storage, place, "x").trees["sapa"]
    release(storage, ID, {"sapa": tree})
    storage.switch(ID)
    file = place.path / "sites/sapa" / tree / "a.txt"
    stat = file.stat()
    file.write_bytes(b"evil")
    os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    new = send(storage, place, "y", {"sapa": tree}, ("sapa",)).trees["sapa"]
    assert (place.path / "sites/sapa" / new / "a.txt").read_bytes() == b"same"
    assert file.read_bytes() == b"evil"


@pytest.mark.skipif(os.name == "nt", reason="Windows has no modes")
def test_a_tree_under_another_umask_is_opened(place: Place, storage: Storage) -> None:
    tree = send(storage, place, "x").trees["sapa"]
    release(storage, ID, {"sapa": tree})
    path = place.path / "sites/sapa" / tree
    folders = [place.path, path.parent, path, path / "tin", place.path / "releases" / ID]
    for closed in folders:
        closed.chmod(0o700)
    (path / "tin/b.html").chmod(0o600)
    storage.open_folders([ID])
    assert kinds(storage, ID, {"sapa": tree}) == []
    assert [opened.stat().st_mode & 0o777 for opened in folders] == [0o755] * 5
    assert (path / "tin/b.html").stat().st_mode & 0o777 == 0o644


def test_what_is_removed_goes_and_nothing_else(place: Place, storage: Storage) -> None:
    first, second = (send(storage, place, text).trees["sapa"] for text in "xy")
    for name, tree in ((ID, first), (LATER, second)):
        release(storage, name, {"sapa": tree})
    foreign = [place.path / "sites/sapa" / first / "cua-toi", place.path / "releases" / ID / "khac"]
    for file in foreign:
        file.write_text("của tôi")
    storage.remove([ID], {("sapa", second)})
    assert storage.releases() == [LATER]
    assert [*(place.path / "releases" / ID).iterdir()] == [foreign[1]]
    assert [*(place.path / "sites/sapa" / first).iterdir()] == [foreign[0]]
    assert kinds(storage, LATER, {"sapa": second}, True) == []
    storage.remove([LATER], set())
    assert not (place.path / "releases" / LATER).exists()
    assert [path.name for path in (place.path / "sites/sapa").iterdir()] == [first]


def test_what_is_half_removed_is_removed_by_the_next(place: Place, storage: Storage) -> None:
    tree = send(storage, place, "x").trees["sapa"]
    release(storage, ID, {"sapa": tree})
    path = place.path / "releases" / ID
    (path / RECORD).rename(path / RECORD_REMOVING)
    record = next((place.path / "sites/sapa").glob(f"{tree}.*"))
    record.rename(record.with_suffix(".removing"))
    assert kinds(storage, ID, {"sapa": tree}) != []
    assert storage.releases() == []
    assert storage.releases(RECORD_REMOVING) == [ID]
    assert send(storage, place, "x").trees["sapa"] == f"{tree}-2"
    storage.remove([ID], {("sapa", f"{tree}-2")})
    assert not path.exists()
    assert not (place.path / "sites/sapa" / tree).exists()


def test_what_is_half_made_is_cleared(place: Place, storage: Storage) -> None:
    half = [place.path / f"releases/{MAKING}{ID}", place.path / f"sites/sapa/{MAKING}x"]
    for path in half:
        path.mkdir(parents=True)
    (place.path / f".current-{ID}").symlink_to("x")
    storage.clear()
    assert not [path for path in half if path.exists()]
    assert not [*place.path.glob(".current-*")]
