"""The register that a target carries: read it, believe it, and merge it into the one here.

It belongs to the target, not to a release: whatever release is shown, there is one, the newest.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NoReturn

from portalgen.deploy.first_register import first_register
from portalgen.deploy.register_files import signature_name, state
from portalgen.deploy.shipment import Signer
from portalgen.deploy.storage import Storage, shown_release
from portalgen.output.lock import Lock
from portalgen.problems import PortalError, problem
from portalgen.register.entries import Register
from portalgen.register.place import FOLDER, INDEX, readable_folder, state_of
from portalgen.register.store import files_of, is_what_it_says, load_register
from portalgen.register.takeover import own_key, take_over
from portalgen.sources import MAX_FILE_BYTES, OWN, read_bytes

_TRIES = 3  # to read what somebody else writes meanwhile


class Carrier:
    """Reads the register of a target for the output of a network."""

    def __init__(self, target: str, root: Path, output: Path, signer: Signer):
        self._target, self._root, self._output, self._signer = target, root, output, signer

    def take(self, storage: Storage) -> str | None:
        """Merge the register of a target into that of the output; the state of its index.

        It is empty if version 1 deployed there, and None if nobody did.

        Raises `PortalError` if there should be one, and none that can be believed.
        """
        index = self.index(storage)
        current = shown_release(storage)
        if not index and not current:
            return None
        own = readable_folder(self._root, self._output)
        if index and state(index) == state_of(own):  # as after every deployment from here
            self._check_signature(storage, index)
            return state(index)
        with self._locked():
            if index:
                with self._fetched(storage) as (index, register, folder):
                    take_over(register, folder, self._root, self._output)
            elif current and 0 < current.format < 3:  # version 1 had none
                key = own_key(self._root, self._output)
                register = first_register(storage, current, key)
                take_over(register, Path(FOLDER) / "none", self._root, self._output)
            else:
                self._refuse("register-missing")
        return state(index)

    def index(self, storage: Storage) -> bytes:
        """The index of the register at a target; empty if there is none."""
        return storage.register.fetch([INDEX]).get(INDEX, b"")

    def _locked(self) -> Lock:
        return Lock(self._output / OWN / "lock")

    @contextmanager
    def _fetched(self, storage: Storage) -> Iterator[tuple[bytes, Register, Path]]:
        """The index, the register, and a folder with its files."""
        for number in range(_TRIES):
            index = self.index(storage)
            self._check_signature(storage, index)
            with TemporaryDirectory() as temporary:
                folder = Path(temporary, FOLDER)
                try:
                    self._bring(storage, index, folder)
                    register = load_register(folder, is_foreign=True)
                except PortalError as error:
                    if any(item.code == "register-newer" for item in error.problems):
                        raise
                    if number + 1 < _TRIES and self.index(storage) != index:
                        continue
                    self._refuse("register-missing")
                assert register
                yield index, register, folder
                return

    def _bring(self, storage: Storage, index: bytes, folder: Path) -> None:
        """Write the files of a register to a folder; those that stand here are not fetched."""
        own = readable_folder(self._root, self._output)
        names = files_of(index, folder)
        files: dict[str, bytes] = {INDEX: index}
        for name in names:
            try:
                data = read_bytes(own / name, MAX_FILE_BYTES)
            except OSError:
                continue
            if is_what_it_says(name, data):
                files[name] = data
        files |= storage.register.fetch([name for name in names if name not in files])
        for name, data in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(data)

    def _check_signature(self, storage: Storage, index: bytes) -> None:
        """Refuse an index that was not signed with our key, if there is one."""
        if not self._signer.secret:
            return
        from portalgen.deploy.signature import is_signed, public_key

        name = signature_name(index)
        stamp = storage.register.fetch([name]).get(name, b"")
        if not is_signed(index, stamp, public_key(self._signer.secret)):
            self._refuse("register-unsigned")

    def _refuse(self, code: str) -> NoReturn:
        raise PortalError([problem(code, target=self._target)])


def take_folder(folder: Path, root: Path, output: Path) -> bool:
    """Merge the register in a folder into that of the output; whether there is one there."""
    register = load_register(folder, is_foreign=True)
    if register:
        with Lock(output / OWN / "lock"):
            take_over(register, folder, root, output)
    return register is not None
