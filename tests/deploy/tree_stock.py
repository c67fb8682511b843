"""A site whose trees are made, for tests of trees and of their records."""

import os
from pathlib import Path

from portalgen.deploy.inventory import NAME
from portalgen.deploy.shipment import Shipment, ShippedSite, Signer
from portalgen.deploy.trees import (
    MadeTree,
    make_tree,
)
from portalgen.digests import digest_bytes

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


def inode(file: Path) -> int:
    return file.stat().st_ino


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
