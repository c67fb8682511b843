import os
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
    return [(f.kind, f.path) for f in find_differences("sapa", EXPECTED, there, wrong)]


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
