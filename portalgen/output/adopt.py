"""Go on after the manifest was lost: adopt files that are as this build makes them, keep others."""

import os
import shutil
import stat
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, suppress
from pathlib import Path

from msgspec.structs import replace

from portalgen.changes.manifest import DAMAGED, UNPROVEN, Changeset, Manifest, Published
from portalgen.digests import digest_bytes
from portalgen.pages.stage import SiteResult
from portalgen.problems import Problem, problem
from portalgen.settings.schema import SLUG
from portalgen.sources import MAX_FILE_BYTES, OWN, read_bytes


def set_manifest_aside(output: Path) -> None:
    """Rename a damaged manifest, so that a new one can be made; raises `OSError`."""
    own = output / OWN
    for suffix in ("", "-wal", "-shm"):
        with suppress(FileNotFoundError):
            os.replace(own / f"manifest.sqlite{suffix}", own / f"{DAMAGED}{suffix}")


def record_standing(output: Path) -> None:
    """After damage, record the files of all sites that stand, none of them proven to be ours."""
    if not (output / OWN / DAMAGED).exists():
        return
    with closing(Manifest(output)) as manifest:
        if not manifest.counts:
            manifest.update(list(_standing(output)), [], {})


def _standing(output: Path) -> Iterator[tuple[str, str, Published]]:
    for entry in sorted(output.iterdir()):
        for route, file in _files(entry) if SLUG.fullmatch(entry.name) else ():
            status = file.stat()
            digest = digest_bytes(read_bytes(file, MAX_FILE_BYTES))
            yield entry.name, route, Published(UNPROVEN, digest, status.st_size, status.st_mtime_ns)


def _files(folder: Path) -> Iterator[tuple[str, Path]]:
    """The regular files below a folder, by route, but for those too large to be ours."""
    for parent, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            file = Path(parent, name)
            status = file.lstat()
            if stat.S_ISREG(status.st_mode) and status.st_size <= MAX_FILE_BYTES:
                yield file.relative_to(folder).as_posix(), file


def settle_unproven(
    manifest: Manifest, changeset: Changeset, results: Sequence[SiteResult]
) -> list[Problem]:
    """Keep what nobody knows to be ours: files of no page, and copies of those that are replaced.

    What is as the `results` have it is adopted. Returns what to tell; raises `OSError`.
    """
    unproven = {
        (site, route): published
        for site in manifest.unproven_sites()
        for route, published in manifest.published(site).items()
        if published.key == UNPROVEN
    }
    if not unproven:
        return []
    changeset.forgotten = [item for item in changeset.removed if item in unproven]
    changeset.removed = [item for item in changeset.removed if item not in unproven]
    changes = [(change.site, change.route) for change in changeset.changes]
    replaced = [item for item in changes if item in unproven]
    settled = {*changeset.forgotten, *replaced}
    settled.update((site, route) for site, route, _ in changeset.rekeyed)
    built = {result.site for result in results} - {r.site for r in results if r.failed}
    changeset.rekeyed += [  # files of search indexes, which have no other key
        (site, route, replace(published, key=published.digest))
        for (site, route), published in unproven.items()
        if site in built and (site, route) not in settled
    ]
    unused = [_of_file("file-unproven", *item) for item in changeset.forgotten]
    return unused + (_set_aside(manifest.output, replaced) if replaced else [])


def _set_aside(output: Path, files: Iterable[tuple[str, str]]) -> list[Problem]:
    """Copy files into the program's folder of the output, and tell where."""
    folder = Path(tempfile.mkdtemp(prefix="aside-", dir=output / OWN))
    problems = []
    for site, route in files:
        copy = folder / site / route
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(output / site / route, copy)
        where = copy.relative_to(output).as_posix()
        problems.append(_of_file("file-set-aside", site, route, copy=where))
    return problems


def _of_file(code: str, site: str, route: str, copy: str = "") -> Problem:
    return problem(code, f"{site}/{route}", copy=copy)._replace(site=site)
