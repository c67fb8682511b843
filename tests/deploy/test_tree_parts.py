"""Trees part by part: names, records, what counts as whole, what is linked, what is removed."""

import errno
import gzip
import hashlib
import json
import os
from pathlib import Path

import pytest

from portalgen.deploy.compare import Finding
from portalgen.deploy.inventory import NAME, SIGNATURE, Item, from_bytes
from portalgen.deploy.records import (
    compare_tree,
    content_of,
    is_name,
    is_whole,
    read_record,
    standing,
)
from portalgen.deploy.shipment import Shipment, ShippedSite, Signer
from portalgen.deploy.trees import (
    MAKING,
    REMOVING,
    MadeTree,
    clear_trees,
    make_tree,
    pick_name,
    prune_trees,
    remove_tree,
)
from portalgen.digests import digest_bytes
from portalgen.problems import PortalError
from tests.helpers import tree

A, B = "a" * 32, "b" * 32
FILES = {"index.html": b"<p>Trang</p>" * 50, "tin/a.html": b"a", "tin/cu/b.txt": b"b" * 99}


class Site:
    """A site whose files are published, and its trees."""

    def __init__(self, folder: Path):
        self.output, self.base = folder / "public", folder / "sites"
        self.folder = self.base / "sapa"

    def make(self, files: dict[str, bytes], before: Path | None = None, key: str = "") -> MadeTree:
        for route, data in files.items():
            file = self.output / "sapa" / route
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data)
        digests = {route: digest_bytes(data) for route, data in files.items()}
        site = ShippedSite("sapa", digests, "inputs")
        shipment = Shipment(self.output, (site,), "commit", Signer(key), "1.2.3")
        return make_tree(shipment, site, self.base, before, 1)

    def made(self, files: dict[str, bytes], before: Path | None = None) -> Path:
        return self.folder / self.make(files, before).name


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


def inode(file: Path) -> int:
    return file.stat().st_ino


@pytest.mark.parametrize(
    ("name", "good"),
    [(A, True), (f"{A}-2", True), (f"{A}-12", True), (A[1:], False), (f"{A}a", False),
     (f"{A}-", False), (f"{A}-x", False), (f"x{A}", False), (A.upper(), False), ("", False)],
)  # fmt: skip
def test_a_tree_is_named_after_what_it_holds(name: str, good: bool) -> None:
    assert is_name(name) is good
    assert content_of(f"{A}-2-3") == content_of(A) == A


def test_a_name_that_is_taken_gets_the_next_number() -> None:
    assert pick_name(A, {B}) == A
    assert pick_name(A, {A}) == f"{A}-2"
    assert pick_name(A, {A, f"{A}-2", f"{A}-4"}) == f"{A}-3"


def test_what_stands_of_one_content_is_named_shortest_first(tmp_path: Path) -> None:
    for name in (f"{A}-10", f"{A}-2", A, B, f"{A}-9"):
        (tmp_path / name).mkdir()
    (tmp_path / f"{A}-3").write_text("no folder")
    assert standing(tmp_path, A) == [A, f"{A}-2", f"{A}-9", f"{A}-10"]
    assert standing(tmp_path, A, f"{A}-9") == [f"{A}-9", A, f"{A}-2", f"{A}-10"]
    assert standing(tmp_path / "khong", A) == []


def test_a_tree_holds_all_files_packed_and_listed(site: Site) -> None:
    told = site.make(FILES)
    made = site.folder / told.name
    there = tree(made)
    packed = {f"{route}{suffix}" for route in ("index.html", "tin/cu/b.txt")
              for suffix in (".br", ".gz")}  # fmt: skip
    assert there.keys() == {*FILES, *packed, NAME}
    assert {route: there[route] for route in FILES} == FILES
    assert gzip.decompress(there["index.html.gz"]) == FILES["index.html"]
    inventory = from_bytes(there[NAME])
    assert (inventory.site, inventory.version, inventory.commit, inventory.inputs) == (
        "sapa", "1.2.3", "commit", "inputs",
    )  # fmt: skip
    assert set(inventory.files) == {
        Item(path, hashlib.sha256(data).hexdigest(), len(data))
        for path, data in there.items()
        if path != NAME
    }
    sizes = [len(data) for path, data in there.items() if path != NAME]
    assert told == MadeTree(told.name, len(sizes), sum(sizes))
    assert content_of(told.name) == told.name and is_name(told.name)
    assert sorted(os.listdir(site.folder)) == [told.name, f"{told.name}.json"]


def test_a_record_tells_each_form_of_each_file(site: Site) -> None:
    made = site.made(FILES)
    record = read_record(made)
    assert record and record.digests() == {route: digest_bytes(data)
                                           for route, data in FILES.items()}  # fmt: skip
    there = tree(made)
    forms = {form[0]: form for _, some in record.routes.values() for form in some}
    assert forms == {
        path: (path, hashlib.sha256(data).hexdigest(), len(data), (made / path).stat().st_mtime_ns)
        for path, data in there.items()
    }
    assert record.routes[NAME][0] == ""
    assert {item.path for item in record.items()} == there.keys() - {NAME}


def test_a_whole_tree_is_not_made_again(site: Site) -> None:
    made = site.made(FILES)
    before = inode(made / "index.html")
    assert site.make(FILES) == MadeTree(made.name, 0, 0)
    assert inode(made / "index.html") == before


def test_of_two_whole_trees_the_one_before_is_taken(site: Site) -> None:
    first = site.made(FILES)
    (first / "index.html").rename(site.base / "index.html")
    second = site.made(FILES)
    (site.base / "index.html").rename(first / "index.html")
    assert is_whole(first) and is_whole(second) and first != second
    assert site.made(FILES) == site.made(FILES, first) == first
    assert site.made(FILES, second) == second


def test_a_tree_whose_record_tells_of_other_files_is_not_taken(site: Site) -> None:
    made, other = site.made(FILES), site.made({"a.txt": b"a"})
    for path in (f"{made}.json", str(made)):
        os.rename(path, path.replace(made.name, f"{B}"))
    for path in (f"{other}.json", str(other)):
        os.rename(path, path.replace(other.name, made.name))
    assert is_whole(made)
    assert site.made(FILES).name == f"{made.name}-2"


def test_what_did_not_change_is_linked_from_the_tree_before(site: Site) -> None:
    first = site.made(FILES)
    new = {**FILES, "tin/a.html": b"another", "y-te/c.txt": b"c"}
    told = site.make(new, first)
    second = site.folder / told.name
    assert second != first
    for path in ("index.html", "index.html.br", "index.html.gz", "tin/cu/b.txt"):
        assert inode(second / path) == inode(first / path)
    assert inode(second / "tin/a.html") != inode(first / "tin/a.html")
    assert (told.files, told.bytes) == (2, len(b"another") + len(b"c"))
    assert is_whole(second, by_digest=True) and is_whole(first, by_digest=True)


@pytest.mark.parametrize("hurt", ["touched", "gone", "linked", "no links"])
def test_what_is_not_as_it_was_written_is_written_again(
    site: Site, hurt: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = site.made(FILES)
    file = first / "index.html.gz"
    if hurt == "touched":
        os.utime(file, (1, 1))
    elif hurt == "linked":
        file.rename(first.parent / "that")
        file.symlink_to(first.parent / "that")
    elif hurt == "gone":
        file.unlink()
    else:

        def no(*_: object) -> None:
            raise OSError(1, "no links there")

        monkeypatch.setattr(os, "link", no)
    second = site.made({**FILES, "tin/a.html": b"x"}, first)
    assert inode(second / "index.html") != inode(first / "index.html")
    assert is_whole(second, by_digest=True)
    assert (inode(second / "tin/cu/b.txt") == inode(first / "tin/cu/b.txt")) is (hurt != "no links")


def test_a_published_file_that_changed_stops_the_tree(site: Site) -> None:
    made = site.made({"a.txt": b"a"})
    files = {"a.txt": b"a", "b.txt": b"b"}
    digests = {route: digest_bytes(data) for route, data in files.items()}
    (site.output / "sapa/b.txt").write_bytes(b"other")
    shipped = ShippedSite("sapa", digests, "inputs")
    shipment = Shipment(site.output, (shipped,), "commit", Signer())
    with pytest.raises(PortalError) as caught:
        make_tree(shipment, shipped, site.base, made, 1)
    assert [item.path for item in caught.value.problems] == ["sapa/b.txt"]
    assert [name for name in os.listdir(site.folder) if not name.startswith(MAKING)] == sorted(
        [made.name, f"{made.name}.json"], key=os.listdir(site.folder).index
    )


def test_a_signed_tree_is_another_and_has_its_signature(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[bytes, str]] = []

    def sign(signer: Signer, data: bytes, comment: str) -> bytes:
        asked.append((data, comment))
        return b"signature"

    monkeypatch.setattr(Signer, "sign", sign)
    plain, signed = site.make(FILES), site.make(FILES, key="a key")
    assert plain.name != signed.name
    there = tree(site.folder / signed.name)
    assert there[SIGNATURE] == b"signature"
    assert asked == [(there[NAME], f"site:sapa files:{len(there) - 2}")]
    assert SIGNATURE not in tree(site.folder / plain.name)
    record = read_record(site.folder / signed.name)
    assert record and [form[0] for form in record.routes[NAME][1]] == [NAME, SIGNATURE]
    assert is_whole(site.folder / signed.name)


def hurt(made: Path, how: str) -> None:
    file = made / "tin/cu/b.txt"
    time = file.stat().st_mtime_ns
    if how == "same size and time":
        file.write_bytes(b"c" * 99)
        os.utime(file, ns=(time, time))
    elif how == "another size":
        file.write_bytes(b"b" * 98)
        os.utime(file, ns=(time, time))
    elif how == "another time":
        os.utime(file, (1, 1))
    elif how == "a link":
        file.rename(made.parent / "that")
        file.symlink_to(made.parent / "that")
    elif how == "a linked folder":
        (made / "tin").rename(made.parent / "that")
        (made / "tin").symlink_to(made.parent / "that")
    elif how == "a linked tree":
        made.rename(made.parent / "that")
        made.symlink_to(made.parent / "that")
    elif how == "no record":
        made.with_name(f"{made.name}.json").unlink()
    elif how == "no inventory":
        (made / NAME).unlink()
    elif how == "gone":
        (made / "tin/cu/b.txt").unlink()


@pytest.mark.parametrize(
    "how",
    ["another size", "another time", "a link", "a linked folder", "a linked tree", "no record",
     "no inventory", "gone"],
)  # fmt: skip
def test_a_tree_with_one_thing_wrong_is_not_whole(site: Site, how: str) -> None:
    made = site.made(FILES)
    assert is_whole(made) and is_whole(made, by_digest=True)
    hurt(made, how)
    assert not is_whole(made)
    assert not is_whole(made, by_digest=True)
    assert site.made(FILES).name != made.name


def test_only_a_look_at_the_bytes_sees_what_size_and_time_do_not_tell(site: Site) -> None:
    made = site.made(FILES)
    hurt(made, "same size and time")
    assert is_whole(made)
    assert not is_whole(made, by_digest=True)


def test_a_file_that_cannot_be_read_is_not_whole(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = site.made(FILES)

    def unreadable(file: str) -> None:
        raise OSError(5, "no")

    monkeypatch.setattr("portalgen.deploy.records.sha256_of", unreadable)
    assert is_whole(made)
    assert not is_whole(made, by_digest=True)


def failing(monkeypatch: pytest.MonkeyPatch, name: str, code: int) -> None:
    """Files of this name cannot be opened any more."""
    real = os.open

    def opened(path: object, *arguments: int, **options: int) -> int:
        if str(path).endswith(name):
            raise OSError(code, os.strerror(code), path)
        return real(path, *arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "open", opened)


def test_a_file_that_cannot_be_read_is_not_called_changed(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    tree_folder = site.made(FILES)
    failing(monkeypatch, "/index.html", errno.EIO)
    why = "Input/output error"
    assert compare_tree(tree_folder, "sapa", by_digest=True) == [
        Finding("sapa", "index.html", "unreadable", why)
    ]


def test_where_nothing_can_be_opened_that_is_no_damage(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    tree_folder = site.made(FILES)
    failing(monkeypatch, "/index.html", errno.EMFILE)
    with pytest.raises(OSError, match="Too many open files"):
        compare_tree(tree_folder, "sapa", by_digest=True)


def test_a_tree_is_whole_for_just_its_own_files(site: Site) -> None:
    made = site.made(FILES)
    digests = {route: digest_bytes(data) for route, data in FILES.items()}
    assert is_whole(made, digests)
    assert not is_whole(made, {**digests, "x": "y"})
    assert not is_whole(made, {**digests, "index.html": "y"})


def test_a_record_of_0_2_has_no_inventory_and_the_inventory_tells(site: Site) -> None:
    made = site.made(FILES)
    file = made.with_name(f"{made.name}.json")
    routes = json.loads(file.read_text())
    del routes[NAME]
    file.write_text(json.dumps(routes))
    assert is_whole(made)
    inventory = (made / NAME).read_text()
    (made / NAME).write_text(inventory.replace("tin/a.html", "tin/x.html"))
    assert not is_whole(made)
    (made / NAME).write_text("{")
    assert not is_whole(made)


def test_what_is_hidden_from_web_servers_is_opened_to_them(site: Site) -> None:
    made = site.made(FILES)
    for path in ("tin/a.html", NAME):
        os.chmod(made / path, 0o600)
    os.chmod(made / "tin", 0o700)
    os.chmod(made, 0o700)
    assert is_whole(made)
    modes = {path: (made / path).stat().st_mode & 0o777
             for path in ("tin/a.html", NAME, "tin", "")}  # fmt: skip
    assert modes == {"tin/a.html": 0o644, NAME: 0o644, "tin": 0o755, "": 0o755}


def test_an_open_file_keeps_its_mode(site: Site) -> None:
    made = site.made(FILES)
    os.chmod(made / "index.html", 0o664)
    assert is_whole(made)
    assert (made / "index.html").stat().st_mode & 0o777 == 0o664


@pytest.mark.parametrize(
    "text",
    ["", "1", "null", '{"a": ["d", [["p", "s", 1]]]}', '{"a": ["d", [["p", "s", "x", 1]]]}',
     '{"ô": ["d", [["p", 5, "7", "8"]]]}', '{"a": ["d"]}', '{"a": 1}',
     '{"a": ["d", [["p", "s", 1e999, 1]]]}', "[" * 9999],
)  # fmt: skip
def test_a_record_that_makes_no_sense_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / f"{A}.json").write_text(text)
    assert read_record(tmp_path / A) is None


def test_what_is_written_is_read_again(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portalgen.deploy.trees.write_file",
                        lambda file, data: Path(file).write_bytes(data[1:]))  # fmt: skip
    with pytest.raises(OSError, match="what was written cannot be read again") as caught:
        site.make({"a.html": b"abc"})
    assert caught.value.errno == 5
    assert str(caught.value.filename).endswith("/a.html")
    assert not [name for name in os.listdir(site.folder) if is_name(name)]


def test_removing_takes_what_the_record_lists_and_leaves_the_rest(site: Site) -> None:
    made = site.made(FILES)
    (made / "tin/foreign").write_text("foreign")
    (made / "trong").mkdir()
    (made / SIGNATURE).write_text("signature")
    remove_tree(made)
    assert tree(made) == {"tin/foreign": b"foreign"}
    assert sorted(os.listdir(made)) == ["tin"] and os.listdir(made / "tin") == ["foreign"]
    assert os.listdir(site.folder) == [made.name]


def test_a_tree_without_foreign_files_goes_altogether(site: Site) -> None:
    remove_tree(site.made(FILES))
    assert os.listdir(site.folder) == []


def test_nothing_is_removed_through_a_link(site: Site) -> None:
    made = site.made(FILES)
    (made / "tin").rename(site.base / "that")
    (made / "tin").symlink_to(site.base / "that")
    remove_tree(made)
    assert tree(site.base / "that").keys() == {
        "a.html",
        *(f"cu/b.txt{s}" for s in ("", ".br", ".gz")),
    }
    made = site.made(FILES)
    made.rename(site.base / "whole")
    made.symlink_to(site.base / "whole")
    (site.base / "whole/trong").mkdir()
    remove_tree(made)
    assert {*FILES} <= tree(site.base / "whole").keys()
    assert (site.base / "whole/trong").is_dir()


def test_a_removal_without_a_record_is_finished_all_the_same(site: Site) -> None:
    made = site.made(FILES)
    (made / "trong").mkdir()
    made.with_name(f"{made.name}.json").unlink()
    remove_tree(made)
    assert {*FILES} <= tree(made).keys()
    assert not (made / "trong").exists()


def test_pruning_keeps_what_stays_and_what_is_not_ours(site: Site) -> None:
    one, two = site.made(FILES), site.made({"x.txt": b"x"})
    three = site.made({"y.txt": b"y"})
    three.with_name(f"{three.name}.json").rename(f"{three}{REMOVING}")
    (site.folder / "foreign.json").write_text("{}")
    (site.folder / "foreign").mkdir()
    (site.base / "linked").symlink_to(site.folder)
    (site.base / "empty").mkdir()
    asked: list[tuple[str, str]] = []

    def stays(slug: str, name: str) -> bool:
        asked.append((slug, name))
        return name == two.name

    prune_trees(site.base, stays)
    assert sorted(os.listdir(site.folder)) == sorted(
        [two.name, f"{two.name}.json", "foreign", "foreign.json"]
    )
    assert sorted(asked) == sorted([("sapa", one.name), ("sapa", two.name)])


def test_what_was_half_made_is_cleared_away_and_nothing_else(site: Site) -> None:
    made = site.made(FILES)
    half = site.folder / f"{MAKING}{A}"
    (half / "tin").mkdir(parents=True)
    (half / "tin/a").touch()
    (site.folder / f"{MAKING}{A}.json").write_text("{")
    (site.folder / f"{MAKING}{B}").symlink_to(made)
    clear_trees(site.base)
    assert sorted(os.listdir(site.folder)) == sorted([made.name, f"{made.name}.json"])
    assert is_whole(made)


def test_what_was_half_made_before_is_made_anew(site: Site) -> None:
    name = site.make(FILES).name
    remove_tree(site.folder / name)
    half = site.folder / f"{MAKING}{name}"
    half.mkdir()
    (half / "foreign").touch()
    made = site.made(FILES)
    assert made.name == name
    assert "foreign" not in os.listdir(made)
    assert not half.exists()


def test_a_tree_that_is_being_removed_keeps_its_name_from_others(site: Site) -> None:
    made = site.made(FILES)
    made.with_name(f"{made.name}.json").rename(f"{made}{REMOVING}")
    for path in sorted(made.rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()
    made.rmdir()
    assert site.made(FILES).name == f"{made.name}-2"
