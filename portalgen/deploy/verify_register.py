"""Compares the register that a target carries with what its index tells of it."""

from collections.abc import Iterator
from pathlib import Path

from portalgen.deploy.compare import Finding
from portalgen.deploy.register_files import signature_name
from portalgen.deploy.release import Release
from portalgen.deploy.signature import is_signed
from portalgen.deploy.storage import RegisterStorage
from portalgen.problems import PortalError
from portalgen.register.place import FOLDER, INDEX
from portalgen.register.store import files_of, is_what_it_says


def verify_register(
    register: RegisterStorage, release: Release | None, key: str
) -> Iterator[Finding]:
    """What is wrong with a register; `key` is a public one, or empty.

    One that is not there is missed only beside a release that came with one.
    """
    index = register.fetch([INDEX]).get(INDEX, b"")
    if not index:
        if release and release.format >= 3:
            yield _finding(INDEX, "missing")
        return
    name = signature_name(index)
    if key and not is_signed(index, register.fetch([name]).get(name, b""), key):
        yield _finding(INDEX, "unsigned")
        return
    try:
        names = files_of(index, Path(FOLDER))
    except PortalError:
        yield _finding(INDEX, "changed")
        return
    files = register.fetch(names)
    for name in names:
        if name not in files:
            yield _finding(name, "missing")
        elif not is_what_it_says(name, files[name]):
            yield _finding(name, "changed")


def _finding(name: str, kind: str) -> Finding:
    return Finding("", f"{FOLDER}/{name}", kind)
