"""Trees: names, what they hold, what is linked, what is removed."""

import gzip
import hashlib
import os
from pathlib import Path

import pytest

from portalgen.deploy.inventory import NAME, SIGNATURE, Item, from_bytes
from portalgen.deploy.records import (
    content_of,
    is_name,
    is_whole,
    read_record,
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
from tests.deploy.tree_stock import FILES, A, B, Site, inode
from tests.helpers import tree


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


def test_a_name_that_is_taken_gets_the_next_number() -> None:
    assert pick_name(A, {B}) == A
    assert pick_name(A, {A}) == f"{A}-2"
    assert pick_name(A, {A, f"{A}-2", f"{A}-4"}) == f"{A}-3"


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
