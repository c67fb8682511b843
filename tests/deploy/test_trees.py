"""Trees: names, what they hold, what is linked, what is removed."""

import gzip
import hashlib
import json
import os
import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from portalgen import pool
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
    make_trees,
    pick_name,
    prune_trees,
    remove_tree,
)
from portalgen.digests import digest_bytes
from portalgen.problems import PortalError
from tests.deploy.tree_stock import FILES, A, B, Site, hurt, inode
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


def test_a_site_without_files_has_a_tree_with_its_inventory(site: Site) -> None:
    assert tree(site.made({})).keys() == {NAME}


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


def two_sites(output: Path) -> Shipment:
    """Two sites as they are published, of one file each."""
    files = {"bacha": b"abc", "sapa": b"defgh"}
    for slug, data in files.items():
        (output / slug).mkdir(parents=True, exist_ok=True)
        (output / slug / "a.txt").write_bytes(data)
    sites = tuple(
        ShippedSite(slug, {"a.txt": digest_bytes(data)}, "inputs", f"https://{slug}.example/")
        for slug, data in files.items()
    )
    return Shipment(output, sites, "commit", Signer())


def test_the_trees_of_all_sites_are_counted_together(tmp_path: Path) -> None:
    shipment, base = two_sites(tmp_path / "public"), tmp_path / "sites"
    steps: list[tuple[int, int]] = []
    trees = make_trees(shipment, base, {}, (), 1, lambda *step: steps.append(step))
    assert trees.trees == {site.slug: shipment.tree(site) for site in shipment.sites}
    assert (trees.files, trees.bytes) == (2, 8)
    assert steps == [(1, 2), (2, 2)]
    bacha, sapa = (base / slug / name for slug, name in trees.trees.items())
    assert from_bytes((sapa / NAME).read_bytes()).url == "https://sapa.example/"
    time = (sapa / "a.txt").stat().st_mtime_ns
    (sapa / "a.txt").write_bytes(b"DEFGH")
    os.utime(sapa / "a.txt", ns=(time, time))
    (bacha / "a.txt").unlink()
    before = {"bacha": bacha, "sapa": sapa}
    again = make_trees(shipment, base, before, {"bacha"}, 1, pool.silent)
    assert (again.trees, again.files, again.bytes) == (trees.trees, 0, 0)
    repaired = make_trees(shipment, base, before, {"bacha"}, 1, pool.silent, by_digest=True)
    assert repaired.trees == {**trees.trees, "sapa": f"{sapa.name}-2"}
    assert (repaired.files, repaired.bytes) == (1, 5)


def test_where_there_is_no_space_nothing_is_begun(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shipment, base = two_sites(tmp_path / "public"), tmp_path / "sites"
    trees = make_trees(shipment, base, {}, (), 1, pool.silent).trees
    before = {slug: base / slug / name for slug, name in trees.items()}
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=0))
    whole = make_trees(shipment, base, before, before, 1, pool.silent)
    assert whole.trees == trees
    with pytest.raises(PortalError) as raised:
        make_trees(shipment, tmp_path / "other", {}, (), 1, pool.silent)
    assert [item.code for item in raised.value.problems] == ["target-full"]
    assert not (tmp_path / "other").exists()


def test_a_tree_whose_record_tells_of_other_files_is_not_taken(site: Site) -> None:
    first, other = site.made(FILES), site.made({"a.txt": b"a"})
    for suffix in (".json", ""):
        os.rename(f"{first}{suffix}", f"{site.folder / B}{suffix}")
        os.rename(f"{other}{suffix}", f"{first}{suffix}")
    assert is_whole(first)
    assert site.made(FILES).name == f"{first.name}-2"


def test_only_the_tree_that_was_compared_is_taken_as_it_is(site: Site) -> None:
    first = site.made(FILES)
    second = first.with_name(f"{first.name}-2")
    shutil.copytree(first, second)
    shutil.copy(f"{first}.json", f"{second}.json")
    (first / "index.html").unlink()
    digests = {route: digest_bytes(data) for route, data in FILES.items()}
    shipped = ShippedSite("sapa", digests, "inputs")
    shipment = Shipment(site.output, (shipped,), "commit", Signer(), "1.2.3")
    taken = [
        make_tree(shipment, shipped, site.base, before, 1, whole=True)
        for before in (first, second, None)
    ]
    assert taken == [MadeTree(name, 0, 0) for name in (first.name, second.name, second.name)]


def test_bytes_that_differ_are_not_linked_whatever_size_and_time_say(site: Site) -> None:
    first = site.made(FILES)
    hurt(first, "same size and time")
    second = site.made({**FILES, "tin/a.html": b"x"}, first)
    assert (second / "tin/cu/b.txt").read_bytes() == FILES["tin/cu/b.txt"]
    assert inode(second / "index.html") == inode(first / "index.html")
    assert is_whole(second, by_digest=True)


def test_what_is_reached_through_a_link_is_not_linked(site: Site) -> None:
    first = site.made(FILES)
    hurt(first, "a linked folder")
    second = site.made({**FILES, "b.html": b"x"}, first)
    assert inode(second / "tin/cu/b.txt") != inode(first / "tin/cu/b.txt")
    assert inode(second / "index.html") == inode(first / "index.html")
    second.rename(site.base / "that")
    second.symlink_to(site.base / "that")
    third = site.made({**FILES, "c.html": b"x"}, second)
    assert inode(third / "index.html") != inode(second / "index.html")
    assert is_whole(third, by_digest=True)


def test_a_folder_that_is_gone_is_written_again_and_hinders_no_removal(site: Site) -> None:
    first = site.made(FILES)
    shutil.rmtree(first / "tin/cu")
    second = site.made({**FILES, "b.html": b"x"}, first)
    assert inode(second / "index.html") == inode(first / "index.html")
    assert is_whole(second, by_digest=True)
    remove_tree(first)
    assert sorted(os.listdir(site.folder)) == [second.name, f"{second.name}.json"]


def test_what_is_linked_is_opened_to_web_servers(site: Site) -> None:
    first = site.made(FILES)
    for path, mode in (("index.html", 0o600), ("tin/cu/b.txt", 0o664)):
        (first / path).chmod(mode)
    second = site.made({**FILES, "tin/a.html": b"x"}, first)
    modes = [(second / path).stat().st_mode & 0o777 for path in ("index.html", "tin/cu/b.txt")]
    assert modes == [0o644, 0o664]
    assert inode(second / "index.html") == inode(first / "index.html")


def test_without_a_record_of_the_tree_before_all_is_written(site: Site) -> None:
    first = site.made(FILES)
    hurt(first, "no record")
    new = {**FILES, "tin/a.html": b"x"}
    second = site.make(new, first)
    assert second.files > len(new)
    assert inode(site.folder / second.name / "index.html") != inode(first / "index.html")


def test_a_record_that_names_impossible_files_harms_nothing(site: Site) -> None:
    first = site.made(FILES)
    file = first.with_name(f"{first.name}.json")
    routes = json.loads(file.read_text())
    routes["index.html"][1].append(["x\0/y", "s", 1, 1])
    file.write_text(json.dumps(routes))
    second = site.made({**FILES, "tin/a.html": b"x"}, first)
    assert inode(second / "index.html") != inode(first / "index.html")
    assert is_whole(second, by_digest=True)
    routes["index.html"][1].append(["z\0", "s", 1, 1])
    file.write_text(json.dumps(routes))
    remove_tree(first)
    assert not first.exists() and not file.exists()


def test_many_files_are_written_by_several_processes(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs: list[int] = []
    run = pool.run

    def counted(work: Any, shared: Any, items: Any, **options: Any) -> Any:
        if shared:  # not the digests of what is taken over
            jobs.append(options["jobs"])
        return run(work, shared, items, jobs=1)

    monkeypatch.setattr(pool, "run", counted)
    for number in (99, 100):
        files = {f"{name}.bin": b"x" for name in range(number)}
        for route, data in files.items():
            (site.output / "sapa").mkdir(parents=True, exist_ok=True)
            (site.output / "sapa" / route).write_bytes(data)
        shipped = ShippedSite("sapa", {name: digest_bytes(b"x") for name in files}, "inputs")
        shipment = Shipment(site.output, (shipped,), "commit", Signer())
        assert make_tree(shipment, shipped, site.base, None, 2).files == number
    assert jobs == [1, 2]


def test_a_folder_named_like_a_record_is_somebody_elses(site: Site) -> None:
    (site.folder / f"{A}.json").mkdir(parents=True)
    (site.folder / f"{B}{REMOVING}").mkdir()
    prune_trees(site.base, lambda slug, name: False)
    assert sorted(os.listdir(site.folder)) == sorted([f"{A}.json", f"{B}{REMOVING}"])


def test_a_removal_that_was_interrupted_is_finished_when_cleared(site: Site) -> None:
    first, second = site.made(FILES), site.made({"x.txt": b"x"})
    first.with_name(f"{first.name}.json").rename(f"{first}{REMOVING}")
    clear_trees(site.base)
    assert sorted(os.listdir(site.folder)) == [second.name, f"{second.name}.json"]


def test_what_cannot_be_cleared_away_stops_nothing(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = site.made(FILES)
    first.with_name(f"{first.name}.json").rename(f"{first}{REMOVING}")
    (site.folder / f"{MAKING}{A}").mkdir()
    (site.folder / f"{MAKING}{A}/a").touch()

    def refused(path: object, **_: object) -> None:
        raise PermissionError(1, "no", path)

    with monkeypatch.context() as patched:
        patched.setattr(os, "unlink", refused)
        clear_trees(site.base)
    assert (site.folder / f"{MAKING}{A}/a").exists() and first.exists()
    clear_trees(site.base)
    assert os.listdir(site.folder) == []
