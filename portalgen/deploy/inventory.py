"""What a published site consists of: every file with its size and SHA-256."""

import hashlib
import json
import os
import re
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor

from msgspec import Struct

from portalgen.settings import routes

NAME, SIGNATURE = routes.INVENTORY, routes.SIGNATURE
FORMAT = "portalgen/1"
MAX_BYTES = 500_000_000
_SHA256 = re.compile(r"[0-9a-f]{64}")
_THREADS = 4


class Item(Struct, frozen=True):
    """A file: its path below the site's root with `/`, SHA-256 in hex, and size in bytes."""

    path: str
    sha256: str
    size: int


class Inventory(Struct, frozen=True):
    """A site's files, sorted; by which version, from which commit and digest of all inputs.

    `url` is the address of the site; inventories before 0.3 have none.
    """

    site: str
    version: str
    commit: str
    inputs: str
    files: tuple[Item, ...]
    url: str = ""


def to_bytes(inventory: Inventory) -> bytes:
    """The inventory as JSON, a file a line; the same bytes on every machine."""
    head = {"format": FORMAT, "site": inventory.site, "version": inventory.version}
    head |= {"url": inventory.url, "commit": inventory.commit, "inputs": inventory.inputs}
    lines = ",\n".join(
        json.dumps([item.path, item.sha256, item.size], ensure_ascii=False, separators=(",", ":"))
        for item in sorted(inventory.files, key=lambda item: item.path)
    )
    opening = json.dumps(head, ensure_ascii=False, indent=0)[:-2]
    return f'{opening},\n"files": [\n{lines}\n]\n}}\n'.encode()


def from_bytes(data: bytes) -> Inventory:
    """Read an inventory, which may come from anywhere; raises `ValueError` if it is none."""
    if len(data) > MAX_BYTES:
        raise ValueError("too large")
    try:
        read = json.loads(data.decode())
    except (UnicodeDecodeError, RecursionError) as error:
        raise ValueError("not JSON") from error
    if not isinstance(read, dict) or read.get("format") != FORMAT:
        raise ValueError(f"not of the format {FORMAT}")
    site, version, commit, inputs, url = (
        str(read.get(key, "")) for key in ("site", "version", "commit", "inputs", "url")
    )
    if not isinstance(read.get("files"), list):
        raise ValueError("no files")
    items = tuple(_item(row) for row in read["files"])
    if len({item.path for item in items}) != len(items):
        raise ValueError("a file is listed twice")
    return Inventory(site, version, commit, inputs, items, url)


def _item(row: object) -> Item:
    if not isinstance(row, list) or len(row) != 3:
        raise ValueError("a line is no file")
    path, sha256, size = row
    if not isinstance(path, str) or not routes.is_portable(path):
        raise ValueError(f"a path leads outside: {path!r:.100}")
    if not isinstance(sha256, str) or not _SHA256.fullmatch(sha256):
        raise ValueError(f"no SHA-256: {path!r:.100}")
    if type(size) is not int or size < 0:
        raise ValueError(f"no size: {path!r:.100}")
    return Item(path, sha256, size)


def walk(folder: str, below: str = "") -> Iterator[tuple[str, bool]]:
    """Every entry below `folder` but folders: its path, and whether it is a plain file."""
    with os.scandir(folder) as scan:
        entries = sorted(scan, key=lambda entry: entry.name)
    for entry in entries:
        path = below + entry.name
        if entry.is_dir(follow_symlinks=False):
            yield from walk(entry.path, f"{path}/")
        else:
            yield path, entry.is_file(follow_symlinks=False)


def digests(files: Iterable[str]) -> Iterator[str]:
    """The SHA-256 of each file, in order; several are read at a time."""
    with ThreadPoolExecutor(_THREADS) as threads:
        yield from threads.map(sha256_of, files)


def sha256_of(file: str) -> str:
    """The SHA-256 of a file that is no link; raises `OSError`."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    digest, handle = hashlib.sha256(), os.open(file, flags)
    try:
        while data := os.read(handle, 1 << 20):
            digest.update(data)
    finally:
        os.close(handle)
    return digest.hexdigest()
