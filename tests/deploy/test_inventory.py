import hashlib
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portalgen.deploy.inventory import (
    Inventory,
    Item,
    digests,
    from_bytes,
    sha256_of,
    to_bytes,
    walk,
)
from tests.helpers import write

ITEMS = st.builds(
    Item,
    st.from_regex(r"[a-zđ0-9_-]{1,8}(/[a-zđ0-9_-]{1,8}){0,2}\.html", fullmatch=True),
    st.from_regex(r"[0-9a-f]{64}", fullmatch=True),
    st.integers(0, 10**12),
)


@given(st.lists(ITEMS, max_size=6, unique_by=lambda item: item.path), st.text(max_size=20))
def test_an_inventory_is_read_as_it_was_written_and_is_the_same_in_any_order(
    items: list[Item], url: str
) -> None:
    inventory = Inventory("sapa", "1.2", "abc", "inputs", tuple(items), url)
    data = to_bytes(inventory)
    read = from_bytes(data)
    assert set(read.files) == set(items)
    assert (read.site, read.version, read.commit, read.inputs, read.url) == (
        "sapa", "1.2", "abc", "inputs", url,
    )  # fmt: skip
    assert [item.path for item in read.files] == sorted(item.path for item in items)
    assert to_bytes(Inventory("sapa", "1.2", "abc", "inputs", tuple(items[::-1]), url)) == data


def test_an_inventory_before_0_3_has_no_address() -> None:
    assert from_bytes(b'{"format": "portalgen/1", "site": "sapa", "files": []}').url == ""


def test_what_is_no_inventory_says_why() -> None:
    item = f'["a.html", "{"0" * 64}", 1]'
    for files, why in (
        (f"[{item}, {item}]", "a file is listed twice"),
        (f'[["../a", "{"0" * 64}", 1]]', "a path leads outside: '../a'"),
        ('[["a", "0", 1]]', "no SHA-256: 'a'"),
        (f'[["a", "{"0" * 64}", -1]]', "no size: 'a'"),
        (f'[["a", "{"0" * 64}", true]]', "no size: 'a'"),
    ):
        with pytest.raises(ValueError, match=why):
            from_bytes(f'{{"format": "portalgen/1", "files": {files}}}'.encode())


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_entries_are_walked_in_order_and_links_are_no_plain_files(tmp_path: Path) -> None:
    write(tmp_path, {"b.html": "x", "a/c.html": "x", "a/b/d.html": "x"})
    (tmp_path / "a/link").symlink_to(tmp_path / "b.html")
    (tmp_path / "z").symlink_to(tmp_path / "a")
    assert list(walk(str(tmp_path))) == [
        ("a/b/d.html", True), ("a/c.html", True), ("a/link", False), ("b.html", True),
        ("z", False),
    ]  # fmt: skip
    with pytest.raises(OSError):
        sha256_of(str(tmp_path / "a/link"))


def test_files_of_any_size_are_digested_in_order(tmp_path: Path) -> None:
    contents = [b"", b"x", b"y" * (1 << 20), b"z" * (3 << 20)]
    files = [tmp_path / str(number) for number in range(len(contents))]
    for file, data in zip(files, contents, strict=True):
        file.write_bytes(data)
    expected = [hashlib.sha256(data).hexdigest() for data in contents]
    assert list(digests(map(str, files))) == expected
