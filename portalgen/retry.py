"""What a build does otherwise after the cache, its folder or the manifest failed."""

import errno
import os
import shutil
from collections.abc import Collection, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from msgspec.structs import replace

from portalgen.changes.cache import Cache, CacheDamagedError, copy_database
from portalgen.changes.manifest import ManifestDamagedError
from portalgen.output.adopt import set_manifest_aside
from portalgen.report import Options
from portalgen.sources import OWN

_FULL = (errno.ENOSPC, errno.EDQUOT)


def spare_state(output: Path) -> Path:
    """The folder of the cache while the right one cannot be written."""
    return output / OWN / "state"


def retried(
    error: Exception, options: Options, notes: Collection[str]
) -> tuple[Options, tuple[str, ...]]:
    """The options of the next try, and why it is made, after what `notes` say of earlier ones.

    Raises `error` if there is no other way, and `OSError`.
    """
    spare = spare_state(options.output)
    if isinstance(error, ManifestDamagedError) and "manifest-damaged" not in notes:
        set_manifest_aside(options.output)
        return options, (*notes, "manifest-damaged")
    if isinstance(error, CacheDamagedError):
        if "cache-damaged" not in notes:
            return options, (*notes, "cache-damaged")
        error = OSError(errno.EIO, str(error), str(options.state_folder / options.cache_name))
    if not isinstance(error, OSError) or options.state == spare or not is_of_state(error, options):
        raise error
    bring_cache(options.state_folder, spare, options.cache_name)
    note = "cache-disk-full" if error.errno in _FULL else "cache-unwritable"
    return replace(options, state=spare), (*[n for n in notes if n != "cache-damaged"], note)


@contextmanager
def opened_cache(options: Options, notes: Collection[str]) -> Iterator[Cache]:
    """The cache of a build, which `notes` may say is damaged; one for this build if told so."""
    file = options.state_folder / (options.cache_name if options.use_cache else "no-cache.sqlite")
    fresh = "cache-damaged" in notes or not options.use_cache
    try:
        with closing(Cache(file, fresh=fresh)) as cache:
            yield cache
    finally:
        if not options.use_cache:
            with suppress(OSError):
                Cache.remove(file)
    if options.state != spare_state(options.output):  # the right folder is of use again
        shutil.rmtree(spare_state(options.output), ignore_errors=True)


def is_of_state(error: Exception, options: Options) -> bool:
    """Whether an error is one of the folder of the cache, and not of the output."""
    if not isinstance(error, OSError) or not isinstance(error.filename, str):
        return False
    file = Path(os.path.abspath(error.filename))
    state, output = options.state_folder.absolute(), options.output.absolute()
    is_of_output = file.is_relative_to(output) and not state.is_relative_to(output)
    return file.is_relative_to(state) and not is_of_output


def bring_cache(state: Path, spare: Path, name: str) -> None:
    """Copy the cache, as far as it can be read, and link to the pictures that were made.

    Raises `OSError` where nothing can be written.
    """
    (spare / "media").mkdir(parents=True, exist_ok=True)
    if _time(state / name) > _time(spare / name):
        Cache.remove(spare / name)
        try:
            copy_database(state / name, spare / name)
        except OSError:  # the disk is too full for what SQLite writes to read
            Cache.remove(spare / name)
            for suffix in ("", "-wal"):  # it makes the third of its files anew
                with suppress(OSError):
                    shutil.copyfile(state / f"{name}{suffix}", spare / f"{name}{suffix}")
    with suppress(OSError):
        for file in (state / "media").iterdir():
            if not os.path.lexists(spare / "media" / file.name) and os.access(file, os.R_OK):
                os.symlink(file.absolute(), spare / "media" / file.name)


def _time(file: Path) -> float:
    """When a file or its journal was written last; 0 if nobody can say."""
    times = [0.0]
    for each in (file, file.with_name(f"{file.name}-wal")):
        with suppress(OSError):
            times.append(each.stat().st_mtime)
    return max(times)
