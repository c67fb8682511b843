import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portalgen.deploy.compare import (
    Entry,
    Finding,
    damaged_sites,
    find_differences,
    folders_of,
    stands,
    walk_tree,
)
from tests.helpers import write

EXPECTED = {"a.html": (3, 7), "tin/b.html": (5, 0)}
WHOLE = [
    Entry("a.html", False, True, 3, 7), Entry("tin", True, False, 4096, 1),
    Entry("tin/b.html", False, True, 5, 99),
]  # fmt: skip


def differences(*entries: Entry, wrong: frozenset[str] = frozenset()) -> list[tuple[str, str]]:
    changed = {entry.path: entry for entry in entries}
    there = [changed.pop(entry.path, entry) for entry in WHOLE] + list(changed.values())
    there.sort(key=lambda entry: entry.path)
    findings = find_differences("sapa", EXPECTED, there, wrong)
    assert {finding.site for finding in findings} <= {"sapa"}
    return [(finding.kind, finding.path) for finding in findings]


def test_what_stands_as_expected_is_no_finding() -> None:
    assert differences() == []


@pytest.mark.parametrize(
    "entry",
    [Entry("a.html", False, True, 4, 7), Entry("a.html", False, True, 3, 8),
     Entry("a.html", False, False, 3, 7), Entry("a.html", True, False, 3, 7)],
)  # fmt: skip
def test_another_size_time_or_kind_is_a_change(entry: Entry) -> None:
    assert differences(entry) == [("changed", "a.html")]


def test_another_digest_is_a_change() -> None:
    assert differences(wrong=frozenset({"tin/b.html"})) == [("changed", "tin/b.html")]


def test_foreign_folders_are_named_without_what_they_hold() -> None:
    entries = [
        Entry("khac", True, False, 0, 0), Entry("khac/x", False, True, 1, 1),
        Entry("khac.txt", False, True, 1, 1), Entry("tin/y", True, False, 0, 0),
    ]  # fmt: skip
    assert differences(*entries) == [("added", "khac.txt"), ("added", "khac/"), ("added", "tin/y/")]


def test_challenges_of_certbot_are_tolerated_and_nothing_beside_them() -> None:
    above, folder = ".well-known", ".well-known/acme-challenge"
    entries = [Entry(above, True, False, 0, 0), Entry(folder, True, False, 0, 0),
               Entry(f"{folder}/x", False, True, 1, 1)]  # fmt: skip
    assert differences(*entries) == [("tolerated", f"{folder}/")]
    beside = Entry(f"{above}/x", False, True, 1, 1)
    assert differences(*entries, beside) == [
        ("tolerated", f"{folder}/"), ("added", f"{above}/x"),
    ]  # fmt: skip


def test_what_is_not_there_is_missing() -> None:
    findings = find_differences("sapa", EXPECTED, WHOLE[1:])
    assert findings == [Finding("sapa", "a.html", "missing")]


def test_only_damage_damages_a_site() -> None:
    findings = [Finding("main", "x/", "tolerated"), Finding("sapa", "", "missing")]
    assert damaged_sites(findings) == {"sapa"}
    assert [finding.place for finding in findings] == ["main/x/", "sapa"]


@pytest.mark.parametrize("kind", ["tolerated", "foreign", "unlocked"])
def test_what_readers_do_not_get_is_no_damage(kind: str) -> None:
    assert not Finding("sapa", "x", kind).is_damage


@given(st.sets(st.sampled_from(["a", "b/c", "b/d/e", "b/d/f/g", "h/i"])))
def test_folders_of_paths_are_all_above_them(paths: set[str]) -> None:
    assert folders_of(paths) == {
        parent.as_posix() for path in paths for parent in Path(path).parents[:-1]
    }


@pytest.mark.skipif(os.name == "nt", reason="Windows has no modes")
def test_what_is_expected_is_opened_and_links_are_not_followed(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    write(tree, {"a.html": "x", "tin/b.html": "x", "khac/c": "x"})
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/d").write_text("x")
    (tree / "link").symlink_to(tmp_path / "outside")
    for path in ("a.html", "tin/b.html", "khac/c"):
        (tree / path).chmod(0o600)
    entries = list(walk_tree(tree, EXPECTED))
    assert [(entry.path, entry.is_folder, entry.is_file) for entry in entries] == [
        ("a.html", False, True), ("khac", True, False), ("link", False, False),
        ("tin", True, False), ("tin/b.html", False, True),
    ]  # fmt: skip
    modes = [(tree / path).stat().st_mode & 0o777 for path in ("a.html", "tin/b.html", "khac/c")]
    assert modes == [0o644, 0o644, 0o600]


def put_link(file: Path) -> None:
    """A link in the place of a file of two bytes, of its size and time."""
    time = file.stat().st_mtime_ns
    file.rename(file.parents[2] / "xy")
    file.symlink_to("xy")
    os.utime(file, ns=(time, time), follow_symlinks=False)


def link_folder(folder: Path) -> None:
    folder.rename(folder.parents[1] / "that")
    folder.symlink_to(folder.parents[1] / "that")


def set_bytes(file: Path, data: bytes) -> None:
    """Other bytes with the time of those before."""
    time = file.stat().st_mtime_ns
    file.write_bytes(data)
    os.utime(file, ns=(time, time))


SPOILS: dict[str, Callable[[Path], object]] = {
    "nothing there": lambda tree: tree.rename(tree.with_name("khac")),
    "a file gone": lambda tree: (tree / "a.html").unlink(),
    "a file added": lambda tree: (tree / "x").touch(),
    "a file added below": lambda tree: (tree / "tin/cu/x").touch(),
    "a folder added": lambda tree: (tree / "tin/x").mkdir(),
    "another name": lambda tree: (tree / "a.html").rename(tree / "A.html"),
    "another size": lambda tree: set_bytes(tree / "a.html", b"xyz"),
    "another time": lambda tree: os.utime(tree / "a.html", (1, 1)),
    "a link": lambda tree: put_link(tree / "tin/cu/b.html"),
    "a linked folder": lambda tree: link_folder(tree / "tin"),
    "a linked tree": link_folder,
    "a closed file": lambda tree: (tree / "tin/cu/b.html").chmod(0o640),
    "a closed folder": lambda tree: (tree / "tin/cu").chmod(0o711),
    "a folder nobody enters": lambda tree: (tree / "tin").chmod(0o754),
    "a closed tree": lambda tree: tree.chmod(0o700),
}


@pytest.mark.skipif(os.name == "nt", reason="Windows has no modes")
@pytest.mark.parametrize("how", [*SPOILS])
def test_a_folder_stands_only_as_it_was_written_and_open(tmp_path: Path, how: str) -> None:
    tree = tmp_path / "sites" / "tree"
    write(tree, {"a.html": "x", "tin/cu/b.html": "xy", "tin/cu/c.html": "z"})
    expected = {}
    for path in ("a.html", "tin/cu/b.html", "tin/cu/c.html"):
        (tree / path).chmod(0o644)
        status = (tree / path).stat()
        expected[path] = status.st_size, status.st_mtime_ns
    for folder in (tree, tree / "tin", tree / "tin/cu"):
        folder.chmod(0o755)
    assert stands(tree, expected)
    SPOILS[how](tree)
    assert not stands(tree, expected)


def test_a_name_that_no_file_can_have_does_not_stand(tmp_path: Path) -> None:
    (tmp_path / "d").touch()
    assert not stands(tmp_path, {"d\0": (0, 0)})


@pytest.mark.skipif(os.name == "nt", reason="Windows has no modes")
def test_a_walk_opens_folders_that_are_expected_and_goes_folder_by_folder(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    paths = ["b/c/d", "b/c/e", "b/f", "g/h", ".well-known/acme-challenge/x", "khac/y", "z"]
    write(tree, dict.fromkeys(paths, "x"))
    for folder in (tree, tree / "b", tree / "b/c", tree / "khac"):
        folder.chmod(0o700)
    (tree / "b/f").chmod(0o664)
    entries = list(walk_tree(tree, {"b/c/d", "b/f", "g/h"}))
    assert [entry.path for entry in entries] == [
        ".well-known", "b", "g", "khac", "z", ".well-known/acme-challenge", "b/c", "b/f",
        "b/c/d", "b/c/e", "g/h",
    ]  # fmt: skip
    status = (tree / "z").stat()
    assert entries[4] == Entry("z", False, True, 1, status.st_mtime_ns)
    modes = [(tree / path).stat().st_mode & 0o777 for path in ("", "b", "b/c", "khac", "b/f")]
    assert modes == [0o755, 0o755, 0o755, 0o700, 0o664]
