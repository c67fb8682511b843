"""Records of trees: what is read, and what counts as whole."""

import errno
import hashlib
import json
import os
from pathlib import Path

import pytest

from portalgen.deploy.compare import Finding
from portalgen.deploy.inventory import NAME
from portalgen.deploy.records import (
    compare_tree,
    content_of,
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
    forms = {form[0]: form for _, some in record.routes.values() for form in some}
    assert forms == {
        path: (path, hashlib.sha256(data).hexdigest(), len(data), (made / path).stat().st_mtime_ns)
        for path, data in there.items()
    }
    assert record.routes[NAME][0] == ""
    assert {item.path for item in record.items()} == there.keys() - {NAME}


def test_a_tree_whose_record_tells_of_other_files_is_not_taken(site: Site) -> None:
    made, other = site.made(FILES), site.made({"a.txt": b"a"})
    for path in (f"{made}.json", str(made)):
        os.rename(path, path.replace(made.name, f"{B}"))
    for path in (f"{other}.json", str(other)):
        os.rename(path, path.replace(other.name, made.name))
    assert is_whole(made)
    assert site.made(FILES).name == f"{made.name}-2"


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
