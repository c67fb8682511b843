"""Where the register of an output is, and whether it changed."""

import os
from pathlib import Path

from portalgen.digests import digest_bytes
from portalgen.sources import OWN

FOLDER, INDEX = "register", "register.json"


def register_folder(root: Path, output: Path) -> Path:
    """Where the register of an output is: beside the sources; if not `public`, in the output."""
    if os.path.abspath(output) == os.path.abspath(root / "public"):
        return root / FOLDER
    return output / OWN / FOLDER


def readable_folder(root: Path, output: Path) -> Path:
    """The folder to read: that of `public`, where the output has none yet.

    Raises `OSError` where nobody can say.
    """
    own = register_folder(root, output)
    return own if _stands(own / INDEX) else root / FOLDER


def _stands(file: Path) -> bool:
    """Whether there is a file; what cannot be looked at is not missing."""
    try:
        os.stat(file)
    except (FileNotFoundError, NotADirectoryError):
        return False
    return True


def state_of(folder: Path) -> str:
    """The digest of a register as it stands; empty if there is none. Raises `OSError`."""
    try:
        return digest_bytes((folder / INDEX).read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        return ""
