"""Compares what is published in a folder with an inventory of it."""

from pathlib import Path

from msgspec import Struct, field

from portalgen import sources
from portalgen.deploy import signature
from portalgen.deploy.compare import Finding
from portalgen.deploy.inventory import NAME, SIGNATURE, Inventory, digests, from_bytes, walk
from portalgen.deploy.release import Release
from portalgen.pool import Progress
from portalgen.problems import PortalError, problem


class Verified(Struct):
    """What was looked at, and what was found."""

    sites: int = 0
    files: int = 0
    signed: int = 0
    requests: int = 0
    findings: list[Finding] = field(default_factory=list)


class Trust(Struct, frozen=True):
    """What inventories are held against: a public key, copies kept elsewhere, a release."""

    key: str = ""
    copies: Path | None = None
    release: Release | None = None


def verify_folder(folder: Path, trust: Trust, progress: Progress) -> Verified:
    """Verify a site's folder, or each site in a folder of such; raises `PortalError`."""
    result = Verified()
    if (folder / NAME).is_file():
        _verify_site(folder, folder.resolve().name, trust, result, progress)
    else:
        for entry in sorted(folder.iterdir()) if folder.is_dir() else []:
            if (entry / NAME).is_file():
                _verify_site(entry, entry.name, trust, result, progress)
            elif entry.name != "release.json" and not entry.name.startswith(".portalgen"):
                name = sources.as_text(entry.name)
                result.findings.append(Finding("", name, "added"))
    if not result.sites:
        raise PortalError([problem("no-inventory", name=str(folder))])
    result.findings.sort()
    return result


def _verify_site(
    folder: Path, name: str, trust: Trust, result: Verified, progress: Progress
) -> None:
    result.sites += 1
    data = (folder / NAME).read_bytes()
    stamp = folder / SIGNATURE
    inventory = trusted(name, data, stamp.read_bytes() if stamp.is_file() else b"", trust, result)
    if inventory is None:
        return
    wanted = {item.path: item for item in inventory.files}
    there = []
    for path, plain in walk(str(folder.resolve())):
        if path in (NAME, SIGNATURE):
            continue
        item = wanted.pop(path, None)
        if item is None:
            result.findings.append(Finding(name, sources.as_text(path), "added"))
        elif not plain:
            result.findings.append(Finding(name, path, "changed"))
        else:
            there.append(item)
    result.findings += [Finding(name, path, "missing") for path in wanted]
    result.files += len(there)
    files = [str(folder / item.path) for item in there]
    for number, (item, digest) in enumerate(zip(there, digests(files), strict=True), 1):
        if digest != item.sha256:
            result.findings.append(Finding(name, item.path, "changed"))
        if number % 500 == 0 or number == len(there):
            progress(number, len(there))


def trusted(
    name: str, data: bytes, stamp: bytes, trust: Trust, result: Verified
) -> Inventory | None:
    """The inventory of a site, if it can be believed; else what speaks against it is kept."""
    if trust.key:
        try:
            signature.check(data, stamp, trust.key)
            result.signed += 1
        except signature.SignatureError as error:
            if str(error) == "key":
                raise PortalError([problem("wrong-key")]) from error
            result.findings.append(Finding(name, NAME, "unsigned"))
            return None
    if trust.copies:
        copy = trust.copies
        if copy.is_dir():
            copy = next(
                (file for file in (copy / name / NAME, copy / NAME) if file.is_file()), copy / NAME
            )
        try:
            kept = copy.read_bytes()
        except OSError:
            result.findings.append(Finding(name, NAME, "unknown"))
            return None
        if kept != data:
            result.findings.append(Finding(name, NAME, "changed"))
            data = kept
    try:
        return from_bytes(data)
    except ValueError as error:
        result.findings.append(Finding(name, NAME, "unreadable", str(error)))
        return None
