"""Records of trees: what is read, and what counts as whole."""

import errno
import hashlib
import json
import os
from pathlib import Path
from typing import Any

import pytest

from portalgen import pool
from portalgen.deploy.compare import Finding
from portalgen.deploy.inventory import NAME, SIGNATURE, Item
from portalgen.deploy.records import (
    Record,
    compare_tree,
    compare_trees,
    content_of,
    digests_of,
    is_name,
    is_whole,
    read_record,
    standing,
)
from portalgen.digests import digest_bytes
from tests.deploy.tree_stock import FILES, A, B, Site, hurt
from tests.helpers import tree


def failing(monkeypatch: pytest.MonkeyPatch, name: str, code: int) -> None:
    """Files of this name cannot be opened any more."""
    real = os.open

    def opened(path: object, *arguments: int, **options: int) -> int:
        if str(path).endswith(name):
            raise OSError(code, os.strerror(code), path)
        return real(path, *arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "open", opened)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


@pytest.mark.parametrize(
    ("name", "good"),
    [(A, True), (f"{A}-2", True), (f"{A}-12", True), (A[1:], False), (f"{A}a", False),
     (f"{A}-", False), (f"{A}-x", False), (f"x{A}", False), (A.upper(), False), ("", False)],
)  # fmt: skip
def test_a_tree_is_named_after_what_it_holds(name: str, good: bool) -> None:
    assert is_name(name) is good
    assert content_of(f"{A}-2-3") == content_of(A) == A


def test_what_stands_of_one_content_is_named_shortest_first(tmp_path: Path) -> None:
    for name in (f"{A}-10", f"{A}-2", A, B, f"{A}-9"):
        (tmp_path / name).mkdir()
    (tmp_path / f"{A}-3").write_text("no folder")
    assert standing(tmp_path, A) == [A, f"{A}-2", f"{A}-9", f"{A}-10"]
    assert standing(tmp_path, A, f"{A}-9") == [f"{A}-9", A, f"{A}-2", f"{A}-10"]
    assert standing(tmp_path / "khong", A) == []


def test_a_record_tells_each_form_of_each_file(site: Site) -> None:
    made = site.made(FILES)
    record = read_record(made)
    assert record and record.digests() == {route: digest_bytes(data)
                                           for route, data in FILES.items()}  # fmt: skip
    there = tree(made)
    forms = {form[0]: form for _, route_forms in record.routes.values() for form in route_forms}
    assert forms == {
        path: (path, hashlib.sha256(data).hexdigest(), len(data), (made / path).stat().st_mtime_ns)
        for path, data in there.items()
    }
    assert record.routes[NAME][0] == ""
    assert {item.path for item in record.items()} == there.keys() - {NAME}


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


def drop_inventory(tree_folder: Path) -> None:
    """Make the record one of version 0.2, which has no inventory."""
    file = tree_folder.with_name(f"{tree_folder.name}.json")
    routes = json.loads(file.read_text())
    del routes[NAME]
    file.write_text(json.dumps(routes))


def test_a_record_tells_its_inventory_and_signature_apart_from_files() -> None:
    record = Record({
        "a": ("d", [("a", "1", 2, 3), ("a.br", "4", 5, 6)]),
        NAME: ("", [(NAME, "7", 8, 9), (SIGNATURE, "10", 11, 12)]),
    })  # fmt: skip
    assert record.digests() == {"a": "d"}
    assert record.items() == [Item("a", "1", 2), Item("a.br", "4", 5)]
    assert record.own() == [Item(NAME, "7", 8), Item(SIGNATURE, "10", 11)]
    assert Record().own() == Record({"a": ("d", [])}).own() == []


def test_a_record_is_read_with_its_suffix(tmp_path: Path) -> None:
    (tmp_path / f"{A}.gone").write_text('{"a": ["d", [["p", "s", 1, 2]]]}')
    assert read_record(tmp_path / A, ".gone") == Record({"a": ("d", [("p", "s", 1, 2)])})
    assert read_record(tmp_path / A) is None


@pytest.mark.parametrize("code", [errno.EMFILE, errno.ENFILE, errno.ENOMEM])
def test_a_record_that_nobody_can_open_now_is_not_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    def exhausted(*_: object) -> bytes:
        raise OSError(code, "no")

    monkeypatch.setattr(Path, "read_bytes", exhausted)
    with pytest.raises(OSError, match="no"):
        read_record(tmp_path / A)


def test_what_differs_in_several_trees_is_named_with_the_site_of_each(site: Site) -> None:
    first, second, third = site.made(FILES), site.made({"a": b"a"}), site.made({"b": b"b"})
    other = site.base / "bacha" / first.name
    other.parent.mkdir()
    for suffix in ("", ".json"):
        os.rename(f"{first}{suffix}", f"{other}{suffix}")
    (other / "x").touch()
    hurt(other, "same size and time")
    (third / "b").unlink()
    missing = [Finding("sapa", "b", "missing")]
    assert compare_trees([other, second, third]) == [Finding("bacha", "x", "added"), *missing]
    assert compare_trees([third, other, site.folder / B], by_digest=True) == [
        *missing, Finding("bacha", "tin/cu/b.txt", "changed"), Finding("bacha", "x", "added"),
        Finding("sapa", "", "unrecorded"),
    ]  # fmt: skip


def test_a_large_record_is_compared_by_several_processes(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    trees = [site.made({name: b"x"}) for name in "abcde"]
    (trees[4] / "x").touch()
    sizes = [os.stat(f"{tree_folder}.json").st_size for tree_folder in trees]
    monkeypatch.setattr("portalgen.pool.processors", lambda: 2)
    jobs: list[int] = []
    run = pool.run

    def counted(*arguments: Any, **options: Any) -> Any:
        if options.get("batch") == 4:
            jobs.append(options["jobs"])
        return run(*arguments, **{**options, "jobs": 1})

    monkeypatch.setattr(pool, "run", counted)
    for limit in (sum(sizes), sum(sizes) - 1):
        monkeypatch.setattr("portalgen.deploy.records._PARALLEL_FROM_BYTES", limit)
        findings = compare_trees([*trees, site.folder / B])
        assert [finding.kind for finding in findings] == ["added", "unrecorded"]
    assert jobs == [1, 2]


@pytest.mark.parametrize(
    ("how", "expected"),
    [("gone", ("tin/cu/b.txt", "missing")), ("another size", ("tin/cu/b.txt", "changed")),
     ("another time", ("tin/cu/b.txt", "changed")), ("a linked tree", ("", "changed")),
     ("no record", ("", "unrecorded")), ("no inventory", (NAME, "missing")),
     ("no tree", ("", "missing")), ("a file", ("", "changed")), ("added", ("tin/x", "added"))],
)  # fmt: skip
def test_what_differs_is_named(site: Site, how: str, expected: tuple[str, str]) -> None:
    tree_folder = site.made(FILES)
    if how == "no tree":
        tree_folder.rename(site.base / "that")
    elif how == "a file":
        tree_folder.rename(site.base / "that")
        tree_folder.touch()
    elif how == "added":
        (tree_folder / "tin/x").touch()
    else:
        hurt(tree_folder, how)
    assert compare_tree(tree_folder, "bacha") == [Finding("bacha", *expected)]


def test_what_was_added_is_named_before_what_cannot_be_read(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    tree_folder = site.made(FILES)
    (tree_folder / "x").touch()
    hurt(tree_folder, "another time")
    failing(monkeypatch, "/index.html", errno.EACCES)
    assert compare_tree(tree_folder, "sapa", by_digest=True) == [
        Finding("sapa", "index.html", "unreadable", "Permission denied"),
        Finding("sapa", "tin/cu/b.txt", "changed"), Finding("sapa", "x", "added"),
    ]  # fmt: skip


@pytest.mark.parametrize("code", [errno.EIO, errno.ENOMEM])
def test_a_folder_that_cannot_be_listed_is_unreadable(
    site: Site, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    tree_folder = site.made(FILES)
    (tree_folder / "x").touch()

    def refused(path: object) -> object:
        raise OSError(code, "no answer", path)

    monkeypatch.setattr(os, "scandir", refused)
    if code == errno.ENOMEM:
        with pytest.raises(OSError, match="no answer"):
            compare_tree(tree_folder, "sapa")
    else:
        assert compare_tree(tree_folder, "sapa") == [Finding("sapa", "", "unreadable", "no answer")]


def test_an_inventory_that_lists_something_else_is_changed(site: Site) -> None:
    tree_folder = site.made(FILES)
    record = tree_folder.with_name(f"{tree_folder.name}.json")
    routes = json.loads(record.read_text())
    routes["a"] = "d", []
    routes["index.html"][1] = [form for form in routes["index.html"][1] if form[0][-2:] != "gz"]
    record.write_text(json.dumps(routes))
    (tree_folder / "index.html.gz").unlink()
    assert compare_tree(tree_folder, "sapa") == []
    assert compare_tree(tree_folder, "sapa", by_digest=True) == [Finding("sapa", NAME, "changed")]
    drop_inventory(tree_folder)
    assert compare_tree(tree_folder, "sapa") == [Finding("sapa", NAME, "changed")]


@pytest.mark.parametrize("how", ["gone", "a folder", "no text"])
def test_a_tree_of_0_2_without_a_readable_inventory_is_changed(site: Site, how: str) -> None:
    tree_folder = site.made(FILES)
    drop_inventory(tree_folder)
    (tree_folder / SIGNATURE).touch()
    assert compare_tree(tree_folder, "sapa") == []
    (tree_folder / NAME).unlink()
    if how == "a folder":
        (tree_folder / NAME).mkdir()
    elif how == "no text":
        (tree_folder / NAME).write_bytes(b"\xff")
    assert compare_tree(tree_folder, "sapa") == [Finding("sapa", NAME, "changed")]


def test_foreign_challenges_leave_a_tree_whole(site: Site) -> None:
    tree_folder = site.made(FILES)
    (tree_folder / ".well-known/acme-challenge").mkdir(parents=True)
    assert is_whole(tree_folder) and is_whole(tree_folder, by_digest=True)
    assert [finding.kind for finding in compare_tree(tree_folder, "sapa")] == ["tolerated"]


@pytest.mark.parametrize("code", [errno.EIO, errno.EACCES, errno.EPERM, errno.ELOOP])
def test_a_digest_says_why_a_file_cannot_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    (tmp_path / "a").write_bytes(b"a")
    (tmp_path / "b").write_bytes(b"b")
    failing(monkeypatch, "/b", code)
    files = [str(tmp_path / name) for name in ("a", "b", "c")] + ["d\0"]
    why = "" if code == errno.ELOOP else f"?{os.strerror(code)}"
    assert digests_of(files) == [hashlib.sha256(b"a").hexdigest(), why, "", ""]


def test_many_digests_are_computed_by_several_processes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a").write_bytes(b"a")
    monkeypatch.setattr("portalgen.pool.processors", lambda: 7)
    monkeypatch.setattr("portalgen.deploy.records._PARALLEL_FROM", 2)
    jobs: list[int] = []
    run = pool.run

    def counted(*arguments: Any, **options: Any) -> Any:
        jobs.append(options["jobs"])
        return run(*arguments, **{**options, "jobs": 1})

    monkeypatch.setattr(pool, "run", counted)
    file = str(tmp_path / "a")
    digest = hashlib.sha256(b"a").hexdigest()
    for number, asked in ((1, 3), (2, 3), (2, 0)):
        assert digests_of([file] * number, asked) == [digest] * number
    assert jobs == [1, 3, 7]
