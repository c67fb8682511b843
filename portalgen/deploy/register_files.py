"""The files of a register as they are shipped: with a signature of the index, if there is a key."""

import re
from pathlib import Path

from portalgen.deploy.shipment import ShippedRegister, Signer
from portalgen.deploy.storage import Storage
from portalgen.digests import digest_bytes
from portalgen.problems import PortalError, problem
from portalgen.register.place import INDEX
from portalgen.register.store import MAX_BYTES, files_of, is_file_of_register, read_file
from portalgen.sources import read_bytes

_SIGNATURE = re.compile(r"register-[0-9a-f]{16}\.minisig")


def state(index: bytes) -> str:
    """What tells one index from another; empty if there is none."""
    return digest_bytes(index) if index else ""


def signature_name(index: bytes) -> str:
    """The file of the signature of an index."""
    return f"register-{digest_bytes(index)[:16]}.minisig"


def is_ours(path: str) -> bool:
    """Whether a register of ours may have a file of this name."""
    return path == INDEX or bool(_SIGNATURE.fullmatch(path)) or is_file_of_register(path)


def load_shipped(folder: Path, seen: str, signer: Signer) -> ShippedRegister:
    """The register in a folder, to be shipped; raises `PortalError` if it is damaged."""
    index = read_bytes(folder / INDEX, MAX_BYTES)
    files = {path: read_file(folder, *path.split("/")) for path in files_of(index, folder)}
    if signer.number:
        comment = f"register:{state(index)}"
        files[signature_name(index)] = signer.sign(index, comment)
    return ShippedRegister({**files, INDEX: index}, seen)


def see_unmoved(storage: Storage, register: ShippedRegister | None) -> None:
    """Raise `PortalError` if the register at a target is not the one that was merged."""
    if register and state(storage.register.fetch([INDEX]).get(INDEX, b"")) != register.seen:
        raise PortalError([problem("target-moved", name=storage.name)])
