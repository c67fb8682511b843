"""The program as an input of the build: another version makes all pages again."""

import os
import sys
from functools import cache
from hashlib import sha256
from pathlib import Path

from portalgen.digests import digest_parts

PACKAGE = Path(__file__).resolve().parents[1]
# Libraries that affect published bytes; tests compare them with `pyproject.toml`.
LIBRARIES = (
    "brotli", "jinja2", "markdown", "markdown-it-py", "markupsafe", "mdit-py-plugins", "msgspec",
    "nh3", "numpy", "pillow", "pyyaml", "tzdata",
)  # fmt: skip
_EXCLUDED = ("__pycache__", "_themes")  # themes are separate inputs


@cache
def program_digest() -> str:
    """The digest of the package's files, of `LIBRARIES`, and of Python's minor version.

    Times of files do not count, so that a cache stays valid in a fresh checkout.
    """
    package = sha256()
    for file in _files(str(PACKAGE)):
        with open(file, "rb", buffering=0) as stream:
            data = stream.read()
        package.update(f"{file[len(str(PACKAGE)) :]}\0{len(data)}\0".encode())
        package.update(data)
    return digest_parts([package.hexdigest(), *map(str, sys.version_info[:2]), *_installed()])


def _files(folder: str) -> list[str]:
    files = []
    for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
        if entry.name in _EXCLUDED or entry.name.startswith("."):
            continue
        if entry.is_dir():
            files += _files(entry.path)
        else:
            files.append(entry.path)
    return files


def _installed() -> list[str]:
    """Names of the libraries' metadata folders, which contain versions.

    Much faster than `importlib.metadata`. Source: packaging.python.org, "Recording installed
    projects".
    """
    metadata: dict[str, str] = {}
    for folder in sys.path:
        try:
            names = os.listdir(folder or ".")
        except OSError:
            continue
        for name in names:
            if name.endswith((".dist-info", ".egg-info")):
                library = name.partition("-")[0].lower().replace("_", "-")
                if library in LIBRARIES:
                    metadata.setdefault(library, name)  # the first on the path is imported
    return sorted(metadata.values())
