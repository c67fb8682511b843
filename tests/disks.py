"""Disks that are full, and a user who may not do everything, for tests that meet real errors."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.helpers import missing

REPOSITORY = Path(__file__).resolve().parents[1]
NOBODY = 65534


@contextmanager
def small_disk(folder: Path, size: str = "3M") -> Iterator[Path]:
    """A file system of this size, mounted at `folder`; the test is skipped where none may be."""
    folder.mkdir(parents=True, exist_ok=True)
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "none", str(folder)]
    if (
        not shutil.which("mount")
        or subprocess.run(mount, capture_output=True, check=False).returncode
    ):
        missing("no file system may be mounted here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(folder: Path) -> Path:
    """A file that takes all that is free."""
    file = folder / "fill"
    try:
        with open(file, "wb", buffering=0) as stream:
            for size in (100_000, 1000):
                while stream.write(bytes(size)) == size:
                    pass
    except OSError:
        pass
    return file


@contextmanager
def place_of_all() -> Iterator[Path]:
    """A temporary folder that everyone may enter and write."""
    folder = Path(tempfile.mkdtemp(prefix="portalgen-"))
    folder.chmod(0o777)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def hand_over(folder: Path) -> None:
    """Make everything in a folder that of the user of `run_without_rights`."""
    for path in (folder, *folder.rglob("*")) if os.geteuid() == 0 else ():
        os.lchown(path, NOBODY, NOBODY)


def run_without_rights(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a command of portalgen as a user to whom permissions apply, with messages in English."""
    if _as_nobody("-c", "import portalgen.build").returncode:
        missing("no other user may run the program here")
    return _as_nobody("-m", "portalgen", *map(str, arguments), "--lang", "en")


def _as_nobody(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-B", *arguments]
    if os.geteuid() == 0:
        drop = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
        command = [*drop, *command] if shutil.which("setpriv") else ["false"]
    return subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
