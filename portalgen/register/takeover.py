"""Take over a register that comes from elsewhere, with its good versions."""

import secrets
from contextlib import suppress
from pathlib import Path

from msgspec.structs import replace

from portalgen.problems import PortalError
from portalgen.register.entries import Register
from portalgen.register.merge import merge
from portalgen.register.place import readable_folder
from portalgen.register.store import load_goods, load_register, save_register
from portalgen.register.trust import believe


def take_over(register: Register, folder: Path, root: Path, output: Path) -> bool:
    """Merge a register, whose files are in `folder`, into that of an output; if it changed that.

    Raises `PortalError` if one of both is damaged, and `OSError`.
    """
    here = readable_folder(root, output)
    local = load_register(here) or Register(register.key)
    believed = believe(register)
    merged = merge(believed, local)
    for slug in merged.sites:
        _add_goods(merged, slug, (believed, folder), (local, here))
    return save_register(root, output, merged, local)


def own_key(root: Path, output: Path) -> str:
    """The key of the register of an output, or a new one."""
    register = load_register(readable_folder(root, output))
    return register.key if register else secrets.token_hex(16)


def _add_goods(
    merged: Register, slug: str, there: tuple[Register, Path], here: tuple[Register, Path]
) -> None:
    """Bring the good versions of entries that the register here does not have under their id.

    An entry whose good version is nowhere has none.
    """
    own, entries = here[0].site(slug).entries, merged.sites[slug].entries
    wanted = {
        name: entry.good
        for name, entry in entries.items()
        if entry.good and (name not in own or own[name].good != entry.good)
    }
    for register, folder in (there, here) if wanted else ():
        names = {entry.good: name for name, entry in register.site(slug).entries.items()}
        ids = {name: names[good] for name, good in wanted.items() if good in names}
        with suppress(PortalError):  # of what comes from elsewhere, not all can be read
            loaded = load_goods(folder, slug, ids.values())
            for name, old in ids.items():
                if old in loaded:
                    merged.goods.setdefault(slug, {})[name] = loaded[old]
    for name in wanted:
        if name not in merged.goods.get(slug, {}):
            entries[name] = replace(entries[name], good="", published=0)
