"""Where each kind of target keeps the register of what has been published: never served.

<place>/register/           as the register lies beside the sources, with a signature of its index
<prefix>/.portalgen/register/    in a bucket

Files never change, but for the index: it names them, and is written after all of them.
"""

import base64
import binascii
import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from shlex import quote
from tempfile import TemporaryDirectory

from portalgen import modes
from portalgen.deploy.inventory import Item
from portalgen.deploy.register_files import is_ours
from portalgen.deploy.targets.bucket import OWN, Bucket, md5_of
from portalgen.deploy.targets.scripts import END, compare
from portalgen.deploy.targets.shell import Shell
from portalgen.problems import PortalError, problem
from portalgen.register.place import FOLDER, INDEX
from portalgen.register.store import MAX_BYTES
from portalgen.sources import read_bytes


class FolderRegister:
    """In a folder of this machine."""

    def __init__(self, folder: Path):
        self._folder = folder / FOLDER

    def fetch(self, names: Iterable[str]) -> dict[str, bytes]:
        """Those of the files that can be read."""
        files = {}
        for name in names:
            with suppress(OSError):
                files[name] = read_bytes(self._folder / name, MAX_BYTES)
        return files

    def send(self, files: Mapping[str, bytes]) -> None:
        """Bring the files, the index last, and remove what was there before."""
        folders = {self._folder, *(self._folder / Path(name).parent for name in files)}
        if any(folder.is_symlink() for folder in folders):
            raise PortalError([problem("target-failed", reason=f"{FOLDER}/: link")])
        stands = self.fetch(files)
        for name, data in files.items():
            if stands.get(name) == data:
                continue
            file = self._folder / name
            modes.make_folders(file.parent)
            if name == INDEX and hasattr(os, "sync"):
                os.sync()
            modes.write_file(f"{file}.tmp", data)
            os.replace(f"{file}.tmp", file)
        for path in self._others(files):
            (self._folder / path).unlink()
        for folder in self._folder.iterdir():
            with suppress(OSError):
                folder.rmdir()

    def _others(self, files: Mapping[str, bytes]) -> Iterator[str]:
        for file in [*self._folder.glob("*"), *self._folder.glob("*/*")]:
            path = file.relative_to(self._folder).as_posix()
            if path not in files and is_ours(path.removesuffix(".tmp")):
                yield path


class ServerRegister:
    """On a server reached by ssh."""

    def __init__(self, shell: Shell):
        self._shell = shell

    def fetch(self, names: Iterable[str]) -> dict[str, bytes]:
        """Those of the files that can be read."""
        names = list(names)
        # Lines of text: what the shell says is taken a line at a time.
        script = "".join(
            f'echo "$([ ! -f {quote(f"{FOLDER}/{name}")} ] || '
            f'base64 < {quote(f"{FOLDER}/{name}")} | tr -d "\\n")"\n'
            for name in names
        )
        lines = self._shell.run(f"{script}true").split("\n") if names else []
        files = {}
        for name, line in zip(names, lines, strict=False):
            with suppress(binascii.Error):
                files[name] = base64.b64decode(line, validate=True)
        return {name: data for name, data in files.items() if data}

    def send(self, files: Mapping[str, bytes]) -> None:
        """Bring the files, the index last, and remove what was there before."""
        items = [
            Item(name, hashlib.sha256(data).hexdigest(), len(data)) for name, data in files.items()
        ]
        paths = self._shell.run(f"find {FOLDER} -mindepth 1 -type f 2>/dev/null; true").split("\n")
        there = {path.removeprefix(f"{FOLDER}/") for path in paths}
        others = [path for path in there - files.keys() if is_ours(path.removesuffix(".tmp"))]
        if not others and files.keys() <= there and self._is_same(items):
            return
        inner = {INDEX: files[INDEX]}
        with TemporaryDirectory() as temporary:
            for name in files.keys() - inner.keys():
                file = Path(temporary, FOLDER, name)
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(files[name])
            self._shell.copy({FOLDER: Path(temporary, FOLDER)}, ".", "--checksum")
        index = f"{FOLDER}/{INDEX}"
        text = inner[INDEX].decode()
        script = f"sync\ncat > {index}.tmp << '{END}'\n{text}{END}\nmv {index}.tmp {index}\n"
        script += "".join(f"rm -f {quote(f'{FOLDER}/{path}')}\n" for path in others)
        self._shell.run(f"({script}rmdir {FOLDER}/* 2>/dev/null; true)")
        if not self._is_same(items):
            raise PortalError([problem("target-failed", reason=f"{FOLDER}/: other bytes")])

    def _is_same(self, items: Iterable[Item]) -> bool:
        script = compare(FOLDER, items, "2> /dev/null && echo same")
        return self._shell.run(f"{script}true").strip() == "same"


class BucketRegister:
    """In a bucket, out of the way of its sites."""

    def __init__(self, bucket: Bucket):
        self._bucket, self._tag = bucket, ""

    def fetch(self, names: Iterable[str]) -> dict[str, bytes]:
        """Those of the files that can be read."""
        names = list(names)
        answers = self._bucket.each(lambda name: self._bucket.get(_key(name)), names)
        files = dict(zip(names, answers, strict=True))
        if INDEX in files:
            self._tag = files[INDEX][1]
        return {name: data for name, (data, _) in files.items() if data}

    def send(self, files: Mapping[str, bytes]) -> None:
        """Bring the files, the index last, and remove what was there before.

        Raises `PortalError` if somebody else wrote the index since it was fetched.
        """
        keys = self._bucket.listed(_key(""))

        def bring(name: str) -> None:
            data = files[name]
            if name in keys and self._bucket.has_digests:
                if self._bucket.is_same(keys[name], len(data), md5_of(data)):
                    return
            elif name in keys and self._bucket.get(_key(name))[0] == data:
                return
            self._bucket.put(_key(name), data)

        self._bucket.each(bring, [name for name in files if name != INDEX])
        if self._bucket.get(_key(INDEX))[0] != files[INDEX]:
            self._tag = self._bucket.put_if(_key(INDEX), files[INDEX], self._tag)
            if not self._tag:
                raise PortalError([problem("target-moved", name=self._bucket.name)])
        others = [name for name in keys if name not in files and is_ours(name)]
        self._bucket.each(self._bucket.remove, map(_key, others))


def _key(name: str) -> str:
    return f"{OWN}{FOLDER}/{name}"
