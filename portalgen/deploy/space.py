"""Whether a place has space for what is new, looked at before anything is written there."""

import os
import shutil
from collections.abc import Collection, Mapping
from contextlib import suppress
from pathlib import Path

from portalgen.deploy.records import content_of, read_record
from portalgen.deploy.shipment import Shipment
from portalgen.problems import PortalError, problem


def space_needed(
    shipment: Shipment, before: Mapping[str, Path], whole: Collection[str]
) -> tuple[int, int]:
    """About how many bytes and files new trees will need; packed forms are smaller than plain."""
    size = files = 0
    for site in shipment.sites:
        tree = before.get(site.slug)
        if tree and site.slug in whole and content_of(tree.name) == shipment.tree(site):
            continue
        record = read_record(tree) if tree else None
        old = record.digests() if record else {}
        for route, digest in site.files.items():
            files += 1
            if old.get(route) != digest:
                with suppress(OSError):
                    size += os.stat(shipment.output / site.slug / route).st_size
    return size, files


def check_space(name: str, folder: Path, size: int, files: int) -> None:
    """Raise `PortalError` if there is no space for so many bytes, or files, and a tenth."""
    while not folder.is_dir():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    inodes = 0
    if hasattr(os, "statvfs"):
        status = os.statvfs(folder)
        inodes = status.f_favail if status.f_files else 0  # some file systems do not count
    refuse_full(name, size, free, files if inodes else 0, inodes)


def refuse_full(name: str, size: int, free: int, files: int, inodes: int) -> None:
    """Raise `PortalError` unless there is a tenth more space than needed."""
    if size * 11 // 10 > free:
        needed, there = -(-size // 1_000_000), free // 1_000_000
        raise PortalError([problem("target-full", name=name, needed=needed, free=there)])
    if files * 11 // 10 > inodes:
        raise PortalError([problem("target-inodes", name=name, needed=files, free=inodes)])
