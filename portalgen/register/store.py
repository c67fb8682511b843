"""The register on the disk, beside the sources.

<folder>/register.json                    the sites, and the names of their files
<folder>/<site>/entries-<digest>.jsonl    a line an entry, sorted by id
<folder>/<site>/<0-f>-<digest>.good.br    the last good versions of entries by first digit of id

A file is never changed: its name tells what it holds. So `register.json` is all that is switched,
and what it names is whole. Files of other names are removed after that.
"""

import os
import re
import shutil
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
from msgspec import Raw, Struct, field

from portalgen import modes
from portalgen.digests import digest_bytes
from portalgen.problems import PortalError, problem
from portalgen.register.entries import Entry, Register, SiteEntries, SiteRecord
from portalgen.register.place import INDEX, readable_folder, register_folder, state_of
from portalgen.settings.schema import SLUG
from portalgen.sources import read_bytes, unreadable

FORMAT = 1
ENTRIES = "entries"
MAX_BYTES = 400_000_000  # of one file
_QUALITY = 3
_KEY = re.compile(r"[0-9a-f]{32}")
_FILE = re.compile(r"(entries|[0-9a-f])-([0-9a-f]{16})\.(jsonl|good\.br)")

_line = msgspec.json.Decoder(Entry)
_shard = msgspec.json.Decoder(dict[str, Raw])


class _Site(Struct):
    """A site in the index: its record, and its files by `entries` and by digit."""

    record: SiteRecord = field(default_factory=SiteRecord)
    files: dict[str, str] = field(default_factory=dict)


class _Index(Struct):
    format: int
    key: str
    sites: dict[str, _Site] = field(default_factory=dict)
    erased: dict[str, int] = field(default_factory=dict)


def load_register(folder: Path, *, is_foreign: bool = False) -> Register | None:
    """The register in a folder, None if there is none; raises `PortalError` if it is damaged.

    Of one that comes from elsewhere, lines that are no entries are left out.
    """
    state = state_of(folder)
    index = _read_index(folder)
    if index is None:
        return None
    sites = {}
    for slug, site in index.sites.items():
        name = site.files.get(ENTRIES)
        lines = read_file(folder, slug, name).split(b"\n")[:-1] if name else []
        entries = []
        for line in lines:
            try:
                entries.append(_line.decode(line))
            except (msgspec.DecodeError, RecursionError) as error:
                if not is_foreign:
                    raise _damaged(folder, f"{slug}/{name}") from error
        sites[slug] = SiteEntries(site.record, {entry.id: entry for entry in entries})
    return Register(index.key, sites, state=state, erased=index.erased)


def _read_index(folder: Path) -> _Index | None:
    try:
        data = read_bytes(folder / INDEX, MAX_BYTES)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise PortalError([unreadable(error, f"{folder.name}/{INDEX}", MAX_BYTES)]) from error
    return _parse_index(data, folder)


def files_of(data: bytes, folder: Path) -> list[str]:
    """The files that an index names, below the folder; raises `PortalError` if it is damaged."""
    sites = _parse_index(data, folder).sites.items()
    return sorted(f"{slug}/{name}" for slug, site in sites for name in site.files.values())


def is_file_of_register(path: str) -> bool:
    """Whether a path below its folder is that of a file of a register, of this one or another."""
    slug, _, name = path.rpartition("/")
    return bool(SLUG.fullmatch(slug) and _FILE.fullmatch(name))


def is_what_it_says(path: str, data: bytes) -> bool:
    """Whether a file holds what its name tells."""
    match = _FILE.fullmatch(path.rpartition("/")[2])
    return match is not None and digest_bytes(data)[:16] == match[2]


def _parse_index(data: bytes, folder: Path) -> _Index:
    try:
        index = msgspec.json.decode(data, type=_Index)
    except (msgspec.DecodeError, RecursionError) as error:
        raise _damaged(folder, INDEX) from error
    names = [name for site in index.sites.values() for name in site.files.values()]
    if (
        not _KEY.fullmatch(index.key)
        or index.format < 1
        or not all(map(SLUG.fullmatch, index.sites))
        or not all(map(_FILE.fullmatch, names))
    ):
        raise _damaged(folder, INDEX)
    if index.format > FORMAT:
        raise PortalError([problem("register-newer", f"{folder.name}/{INDEX}")])
    return index


def read_file(folder: Path, slug: str, name: str) -> bytes:
    """A file, which is what its name says; raises `PortalError` if it is not, or cannot be read."""
    try:
        data = read_bytes(folder / slug / name, MAX_BYTES)
    except FileNotFoundError as error:
        raise _damaged(folder, f"{slug}/{name}") from error
    except OSError as error:
        raise PortalError([unreadable(error, f"{folder.name}/{slug}/{name}", MAX_BYTES)]) from error
    if not is_what_it_says(name, data):
        raise _damaged(folder, f"{slug}/{name}")
    return data


def _damaged(folder: Path, name: str) -> PortalError:
    return PortalError([problem("register-damaged", f"{folder.name}/{name}")])


def load_goods(folder: Path, slug: str, ids: Iterable[str]) -> dict[str, bytes]:
    """The last good versions of these entries, by id, of those that have one.

    Raises `PortalError` if the register is damaged.
    """
    index = _read_index(folder)
    site = index.sites.get(slug) if index else None
    goods: dict[str, bytes] = {}
    names = set(ids)
    for digit in sorted({name[0] for name in names}) if site else ():
        shard = _load_shard(folder, slug, site.files.get(digit, "")) if site else {}
        goods |= {name: bytes(good) for name, good in shard.items() if name in names}
    return goods


def _load_shard(folder: Path, slug: str, name: str) -> dict[str, Raw]:
    if not name:
        return {}
    import brotli

    try:
        return _shard.decode(brotli.decompress(read_file(folder, slug, name)))
    except (msgspec.DecodeError, brotli.error) as error:
        raise _damaged(folder, f"{slug}/{name}") from error


def save_register(root: Path, output: Path, register: Register, before: Register) -> bool:
    """Write what differs from the register as it was `before`; returns whether anything does.

    Raises `OSError`.
    """
    folder, read_from = register_folder(root, output), readable_folder(root, output)
    if read_from != folder and (read_from / INDEX).exists():  # the first one of this output
        copy_register(read_from, folder)
    exists = (folder / INDEX).exists()
    old = _read_index(folder) or _Index(FORMAT, register.key)
    sites = {}
    for slug, site in sorted(register.sites.items()):
        previous = before.sites.get(slug) if exists else None
        files = dict(old.sites[slug].files) if slug in old.sites else {}
        if previous is None or previous.entries != site.entries:
            files |= _write_entries(folder, slug, site.entries)
        files |= _write_goods(folder, slug, register, previous, files)
        sites[slug] = _Site(site.record, {key: name for key, name in sorted(files.items()) if name})
    index = _Index(FORMAT, register.key, sites, register.erased)
    data = msgspec.json.format(msgspec.json.encode(index), indent=1) + b"\n"
    if exists and (folder / INDEX).read_bytes() == data:
        return False
    folder.mkdir(parents=True, exist_ok=True)
    kept = {slug: set(site.files.values()) for slug, site in old.sites.items()}
    with ThreadPoolExecutor(8) as pool:  # the disk takes many at once
        list(pool.map(_sync, [
            folder / slug / name
            for slug, site in sites.items()
            for name in site.files.values()
            if name not in kept.get(slug, ())
        ]))  # fmt: skip
    _write_whole(folder / INDEX, data)
    _remove_others(folder, sites)
    return True


def copy_register(source: Path, folder: Path) -> None:
    """Copy a register without its permissions, the index last; raises `OSError`."""
    for file in sorted(source.rglob("*"), key=lambda file: (file == source / INDEX, file)):
        if file.is_file():
            target = folder / file.relative_to(source)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, target)


def _write_entries(folder: Path, slug: str, entries: Mapping[str, Entry]) -> dict[str, str]:
    lines = [msgspec.json.encode(entries[name]) + b"\n" for name in sorted(entries)]
    return {ENTRIES: _write(folder, slug, ENTRIES, "jsonl", b"".join(lines)) if lines else ""}


def _write_goods(
    folder: Path, slug: str, register: Register, before: SiteEntries | None,
    files: Mapping[str, str],
) -> dict[str, str]:  # fmt: skip
    """Write the shards in which a good version is new, or is no more."""
    entries = register.sites[slug].entries
    new = register.goods.get(slug, {})
    over = [
        name
        for name, entry in (before.entries if before else {}).items()
        if entry.good and not (name in entries and entries[name].good)
    ]
    import brotli

    written = {}
    for digit in sorted({name[0] for name in (*new, *over)}):
        shard: dict[str, Raw | bytes] = dict(_load_shard(folder, slug, files.get(digit, "")))
        shard |= {name: good for name, good in new.items() if name[0] == digit}
        for name in over:
            shard.pop(name, None)
        text = b",".join(b'"%b":%b' % (name.encode(), bytes(shard[name])) for name in sorted(shard))
        data = brotli.compress(b"{%b}" % text, quality=_QUALITY)
        written[digit] = _write(folder, slug, digit, "good.br", data) if shard else ""
    return written


def _write(folder: Path, slug: str, kind: str, suffix: str, data: bytes) -> str:
    name = f"{kind}-{digest_bytes(data)[:16]}.{suffix}"
    file = folder / slug / name
    if not file.is_file() or file.read_bytes() != data:  # the index may name it already
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
    return name


def _write_whole(file: Path, data: bytes) -> None:
    temporary = file.with_name(f"{file.name}.tmp")
    temporary.write_bytes(data)
    _sync(temporary)
    modes.patiently(os.replace, temporary, file)


def _sync(file: Path) -> None:
    """Bring a file's content to the disk."""
    handle = os.open(file, os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _remove_others(folder: Path, sites: Mapping[str, _Site]) -> None:
    """Remove the files of earlier registers, and halves of files."""
    for entry in os.scandir(folder):
        names = set(sites[entry.name].files.values()) if entry.name in sites else set()
        for file in os.scandir(entry.path) if entry.is_dir(follow_symlinks=False) else ():
            is_ours = _FILE.fullmatch(file.name.removesuffix(".tmp"))
            if is_ours and file.name not in names:
                os.unlink(file.path)
