"""Take over a register that comes from elsewhere, with its good versions."""

import secrets
from pathlib import Path

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
    merged = merge(believe(register), local)
    merged.goods = _goods(merged, register, folder, local, here)
    return save_register(root, output, merged, local)


def own_key(root: Path, output: Path) -> str:
    """The key of the register of an output, or a new one."""
    register = load_register(readable_folder(root, output))
    return register.key if register else secrets.token_hex(16)


def _goods(
    merged: Register, target: Register, folder: Path, local: Register, here: Path
) -> dict[tuple[str, str], bytes]:
    """The good versions of merged entries that the register here does not have under their id."""
    goods: dict[tuple[str, str], bytes] = {}
    for slug, site in merged.sites.items():
        own = local.sites[slug].entries if slug in local.sites else {}
        wanted = {
            name: entry.good
            for name, entry in site.entries.items()
            if entry.good and (name not in own or own[name].good != entry.good)
        }
        for register, place in ((target, folder), (local, here)) if wanted else ():
            entries = register.sites[slug].entries if slug in register.sites else {}
            names = {entry.good: name for name, entry in entries.items() if entry.good}
            ids = {name: names[good] for name, good in wanted.items() if good in names}
            loaded = load_goods(place, slug, ids.values())
            goods |= {(slug, name): loaded[old] for name, old in ids.items() if old in loaded}
    return goods
