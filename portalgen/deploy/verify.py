"""Compares what is published in a folder with an inventory of it."""

from collections.abc import Mapping
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from msgspec import Struct, field

from portalgen import sources
from portalgen.deploy import signature
from portalgen.deploy.compare import Finding
from portalgen.deploy.inventory import NAME, SIGNATURE, Inventory, digests, from_bytes, walk
from portalgen.deploy.release import Release, release_from
from portalgen.deploy.storage import RECORD, RECORD_SIGNATURE
from portalgen.deploy.targets.registers import FolderRegister
from portalgen.deploy.verify_register import verify_register
from portalgen.pool import Progress
from portalgen.problems import PortalError, problem
from portalgen.sources import OWN


class Verified(Struct):
    """What was looked at, and what was found."""

    sites: int = 0
    files: int = 0
    signed: int = 0
    requests: int = 0
    findings: list[Finding] = field(default_factory=list)


class Trust(Struct, frozen=True):
    """What is held against: a public key, copies of inventories kept elsewhere, a release.

    `release_id` is the name of a release of which no record is at hand, `not_before` the oldest
    time of a release, in seconds since 1970.
    """

    key: str = ""
    copies: Path | None = None
    release: Release | None = None
    release_id: str = ""
    not_before: int = 0


def verify_folder(folder: Path, trust: Trust, progress: Progress) -> Verified:
    """Verify a site's folder, or each site in a folder of such; raises `PortalError`.

    Sites that stand together are held against the record of their release beside them: a site that
    is missing, added, or not of this release is a finding.
    """
    result = Verified()
    single = (folder / NAME).is_file()
    above = folder.parent if single else folder
    release = _release_of(above, trust, result, expected=not single)
    sites, shown = (release.inventories, release.id) if release else ({}, "")
    if single:
        name = folder.name if folder.name in sites else folder.resolve().name
        _verify_site(folder, name, trust, sites, shown, result, progress)
    else:
        names = sources.as_text
        entries = {names(e.name): e for e in folder.iterdir()} if folder.is_dir() else {}
        for name, entry in sorted(entries.items()):
            if (entry / NAME).is_file():
                if sites and name not in sites:
                    result.findings.append(Finding("", name, "added"))
                _verify_site(entry, name, trust, sites, shown, result, progress)
            elif name in sites:
                result.findings.append(Finding(name, NAME, "missing"))
            elif name not in (RECORD, RECORD_SIGNATURE) and not name.startswith(OWN):
                result.findings.append(Finding("", name, "added"))
        missing = [slug for slug in sites if slug not in entries]
        result.findings += [Finding(slug, "", "missing") for slug in missing]
    if not result.sites:
        raise PortalError([problem("no-inventory", name=str(folder))])
    releases = folder.resolve().parent
    if not single and releases.name == "releases":
        register = FolderRegister(releases.parent)
        result.findings += verify_register(register, release, trust.key)
    result.findings.sort()
    return result


def _release_of(folder: Path, trust: Trust, result: Verified, expected: bool) -> Release | None:
    """The record of the release in a folder, if it can be believed."""
    data = stamp = b""
    with suppress(OSError):
        data = (folder / RECORD).read_bytes()
        stamp = (folder / RECORD_SIGNATURE).read_bytes()
    return believed_release(data, stamp, trust, result, expected)


def believed_release(
    data: bytes, stamp: bytes, trust: Trust, result: Verified, expected: bool
) -> Release | None:
    """The record of a release, if it can be believed; else what speaks against it is kept."""
    asked = trust.release is not None or trust.release_id or trust.not_before
    if not data:
        if asked or (trust.key and expected):
            result.findings.append(Finding("", RECORD, "missing"))
        return trust.release
    if trust.key and not signature.is_signed(data, stamp, trust.key):
        result.findings.append(Finding("", RECORD, "unsigned"))
        return trust.release
    release = release_from(data)
    if release is None:
        result.findings.append(Finding("", RECORD, "unreadable"))
        return trust.release
    wanted = trust.release.id if trust.release else trust.release_id
    if wanted and (release.id != wanted or (trust.release and release != trust.release)):
        result.findings.append(Finding("", RECORD, "older", wanted))
    if release.time < trust.not_before:
        result.findings.append(Finding("", RECORD, "outdated", release.id))
    return trust.release or release


def _verify_site(
    folder: Path, name: str, trust: Trust, sites: Mapping[str, str], release: str,
    result: Verified, progress: Progress,
) -> None:  # fmt: skip
    result.sites += 1
    data = (folder / NAME).read_bytes()
    stamp = folder / SIGNATURE
    inventory = trusted(name, data, stamp.read_bytes() if stamp.is_file() else b"", trust, result)
    if inventory is None:
        return
    compare_release(name, inventory, data, sites, release, result)
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


def compare_release(
    name: str, inventory: Inventory, data: bytes, sites: Mapping[str, str], release: str,
    result: Verified,
) -> None:  # fmt: skip
    """Compare a site's inventory with the digest that the record of the release has of it."""
    if name in sites and sites[name] != sha256(data).hexdigest():
        kind, detail = ("older", release) if inventory.site == name else ("swapped", inventory.site)
        result.findings.append(Finding(name, NAME, kind, detail))


def trusted(
    name: str, data: bytes, stamp: bytes, trust: Trust, result: Verified
) -> Inventory | None:
    """The inventory of a site, if it can be believed; else what speaks against it is kept."""
    if trust.key:
        if not signature.is_signed(data, stamp, trust.key):
            result.findings.append(Finding(name, NAME, "unsigned"))
            return None
        result.signed += 1
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
