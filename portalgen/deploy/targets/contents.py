"""What a tree in a bucket holds: which object has the content of each file."""

import hashlib
import json
import re
from collections.abc import Iterable
from contextlib import suppress
from pathlib import PurePosixPath
from typing import NamedTuple

from msgspec import DecodeError, ValidationError
from msgspec.json import decode

from portalgen.deploy.inventory import NAME, SIGNATURE, from_bytes
from portalgen.deploy.targets.bucket import md5_of
from portalgen.digests import digest_bytes
from portalgen.settings.routes import is_portable
from portalgen.webserver.headers import is_lasting

# How an object is to be sent is part of its name, as a copy takes that along.
_OBJECT = re.compile(r"[0-9a-f]{32}[lb](\.[^/]*)?")


class Row(NamedTuple):
    """A file: digest as it was built, name of its object, SHA-256, size, and MD5."""

    digest: str
    object: str
    sha256: str
    size: int
    md5: str


Rows = dict[str, Row]  # by route


def rows_from(data: bytes) -> Rows | None:
    """The record of a tree, which may come from anywhere; None if it is none."""
    try:
        rows = decode(data, type=dict[str, Row])
    except (DecodeError, ValidationError, RecursionError):
        return None
    is_ours = all(is_portable(route) and is_object(row.object) for route, row in rows.items())
    return rows if is_ours and NAME in rows else None


def release_of(pointer: bytes) -> str:
    """The release that a pointer names; empty if that cannot be read."""
    with suppress(ValueError, KeyError, TypeError, RecursionError):
        return str(json.loads(pointer)["release"])
    return ""


def trees_from(pending: bytes) -> set[tuple[str, str]]:
    """The trees that a note of unfinished switches names, by site and name."""
    with suppress(ValueError, KeyError, TypeError, RecursionError):
        return {(str(slug), str(tree)) for slug, tree in json.loads(pending)["trees"]}
    return set()


def keys_of_old(record: bytes) -> set[str]:
    """The keys that a release of version 0.2 showed; empty if that cannot be read."""
    with suppress(ValueError, KeyError, TypeError, RecursionError):
        return set(map(str, json.loads(record)["files"]))
    return set()


def object_name(route: str, data: bytes) -> str:
    """The name of the object that holds a file."""
    suffix = PurePosixPath(route).suffix
    return f"{digest_bytes(data)}{'l' if is_lasting(route) else 'b'}{suffix}"


def is_object(name: str) -> bool:
    """Whether an object of ours can have this name."""
    return bool(_OBJECT.fullmatch(name))


def row_of(route: str, digest: str, data: bytes) -> Row:
    """What a file is recorded as."""
    name = object_name(route, data)
    return Row(digest, name, hashlib.sha256(data).hexdigest(), len(data), md5_of(data))


def built(rows: Rows) -> list[tuple[str, Row]]:
    """The files that were built: all but the inventory and its signature."""
    return [(route, row) for route, row in rows.items() if route not in (NAME, SIGNATURE)]


def is_listed(rows: Rows, inventory: bytes) -> bool:
    """Whether an inventory lists what a record does."""
    try:
        listed = from_bytes(inventory).files
    except ValueError:
        return False
    return {(item.path, item.sha256, item.size) for item in listed} == {
        (route, row.sha256, row.size) for route, row in built(rows)
    }


def turns(files: Iterable[tuple[str, str]]) -> list[list[tuple[str, str]]]:
    """Files, by site and route, in the order of a switch; those of one turn in any order.

    What pages need comes first, then pages, and last the inventories that tell of them.
    """
    turn: dict[int, list[tuple[str, str]]] = {}
    for slug, route in sorted(files):
        last = route in (NAME, SIGNATURE)
        number = 3 if last else 2 if route.endswith(".html") else 0 if is_lasting(route) else 1
        turn.setdefault(number, []).append((slug, route))
    return [turn[number] for number in sorted(turn)]
