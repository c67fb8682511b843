"""Open a network: its settings, and all that it publishes."""

import secrets
from collections.abc import Callable, Iterable
from contextlib import closing, nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

from msgspec import Struct
from msgspec.structs import replace

from portalgen import pool
from portalgen.changes.cache import Cache, CacheDamagedError
from portalgen.changes.ended import EndedBefore, load_ended
from portalgen.changes.snapshot import Snapshot, take_snapshot
from portalgen.content.classify import Library, classify
from portalgen.content.load import Loaded, forget_stale, load_articles
from portalgen.output.foreign import check_state
from portalgen.output.lock import Lock
from portalgen.output.publish import RegisterDamagedError, RegisterStoppedError
from portalgen.problems import PortalError, Problem, Problems
from portalgen.register.advance import advance
from portalgen.register.answers import (
    feed_ids,
    former_addresses,
    published_before,
    published_files,
)
from portalgen.register.changes import find_changes
from portalgen.register.entries import Register, copy_of
from portalgen.register.hosts import last_settings, record_sites
from portalgen.register.keep import Keeper
from portalgen.register.place import readable_folder, state_of
from portalgen.register.settle import settle
from portalgen.register.store import load_register, save_register
from portalgen.report import Options
from portalgen.retry import bring_cache, is_of_state
from portalgen.settings.network import Network, load_network, with_quotas

Result = TypeVar("Result")


class Opened(Struct):
    """A network, its articles as read, those published now, and the register as it is then.

    `ended` is what exceeded its limits.
    """

    network: Network
    loaded: Loaded
    library: Library
    cache: Cache
    register: Register
    ended: EndedBefore


def open_library(
    options: Options, problems: Problems, use: Callable[[Opened], Result], *,
    keep: bool = True, wait: bool = True,
) -> Result:  # fmt: skip
    """Return the result of `use` for the opened network.

    Changed articles are read, and with `keep` stored in the cache, under the lock; without `wait`
    for it, only if it is free. With a damaged cache, `use` is called again with a fresh one, and
    with a copy where the cache cannot be locked or written. Raises `PortalError` if settings are
    wrong, or the network is locked.
    """
    try:
        return _open_library(options, problems, use, keep, wait)
    except PortalError as error:
        if wait or [item.code for item in error.problems] != ["locked"]:
            raise
    except OSError as error:
        if not is_of_state(error, options):
            raise
    with TemporaryDirectory(prefix="portalgen-") as folder:
        bring_cache(options.state_folder, Path(folder), "cache.sqlite")
        return _open_library(replace(options, state=Path(folder)), problems, use, keep, wait)


def _open_library(
    options: Options, problems: Problems, use: Callable[[Opened], Result], keep: bool, wait: bool
) -> Result:
    network, _ = read_network(options)
    own = options.state_folder
    with Lock(own / "lock", patient=wait) if keep else nullcontext():
        for fresh in (False, True) if options.use_cache else (True,):
            refused = Problems()
            with closing(Cache(own / "cache.sqlite", fresh=fresh)) as cache:
                try:
                    opened = _open(options, network, cache, refused)
                    result = use(opened)
                except CacheDamagedError:
                    if fresh or not keep:
                        raise
                    continue
                if keep:
                    cache.commit()
                    opened.ended.save()
            problems.extend(refused.items)
            return result
    raise AssertionError


def _open(options: Options, network: Network, cache: Cache, problems: Problems) -> Opened:
    register = read_register(options)
    ended = load_ended(options.state_folder) if options.use_cache else EndedBefore(options.root)
    loaded = load_published(options, network, cache, register, ended, problems)
    network, library, after = classify_published(
        options, network, loaded, cache, register, problems
    )
    return Opened(network, loaded, library, cache, after, ended)


def read_network(options: Options, sources: Snapshot | None = None) -> tuple[Network, Register]:
    """The network, where members are wrong as it was built last, and what was published before.

    `sources`: their snapshot, if taken already. Raises `PortalError`.
    """
    check_state(options.root, options.output, options.state_folder)
    register = read_register(options)
    held, holders = last_settings(register)
    network = load_network(options.root, held, holders, options.state)
    return with_quotas(network, (sources or take_snapshot(options.root)).usage), register


def read_register(options: Options, register: Register | None = None) -> Register:
    """What was published before, or an empty register; raises `PortalError` if it is damaged.

    `register` is what was read before, and still is that if nobody built since.
    """
    folder = _register_folder(options)
    if register and register.state == state_of(folder):
        return register
    return load_register(folder) or Register(secrets.token_hex(16))


def load_published(
    options: Options, network: Network, cache: Cache, register: Register, ended: EndedBefore,
    problems: Problems, progress: pool.Progress = pool.silent,
) -> Loaded:  # fmt: skip
    """Load all articles; their files that cannot be used are as they were published."""
    files = published_files(register)
    jobs = options.jobs or pool.processors()
    return load_articles(
        network, cache, jobs, problems, progress, published=files, output=options.output,
        ended=ended,
    )  # fmt: skip


def _register_folder(options: Options) -> Path:
    return options.register or readable_folder(options.root, options.output)


def classify_published(
    options: Options, network: Network, loaded: Loaded, cache: Cache, register: Register,
    problems: Problems,
) -> tuple[Network, Library, Register]:  # fmt: skip
    """Classify what was loaded, with last good versions of what cannot be read.

    Returns the network, with sections that stay, its library, and the register as it is then.
    """
    folder = _register_folder(options)
    after = copy_of(register)
    network = record_sites(after, network, options.sites or network.slugs, options.now)
    keeper = Keeper(after, folder, network, cache, options.output)
    settled = settle(keeper, network, loaded, options.now, options.accepted)
    network = settled.network
    problems.extend(settled.problems)
    published = published_before(keeper)
    library = classify(network, loaded, options.now, options.drafts, problems, published)
    library.warnings += [*settled.warnings, *network.warnings]
    forget_stale(cache, loaded)
    problems.items = [
        item._replace(kept="article-kept", since=keeper.since(item.path))
        if item.path in keeper.kept and not item.kept
        else item
        for item in problems.items
    ]
    for index in library.sites.values():
        keeper.keep_files(index, loaded.unlisted, problems)
    advance(keeper, library, options.sites or library.sites, options.now)
    for slug in library.sites if options.sites else ():
        if slug not in options.sites:
            after.sites[slug] = register.site(slug)
    for slug, index in library.sites.items():
        closed = [item.site.slug for item in network.closed if item.successor == slug]
        index.former = former_addresses(after, index, keeper.sites, closed)
        library.feed_ids |= feed_ids(after, index)
    return network, library, after


def record_published(
    options: Options, before: Register, after: Register, failed: Iterable[str]
) -> list[Problem]:
    """Save the register, but of sites that failed; returns what changes for readers.

    Drafts are not recorded. Raises `RegisterStoppedError`; the next build finishes. Raises
    `RegisterDamagedError`.
    """
    if options.drafts:
        return []
    for slug in failed:
        after.sites[slug] = before.site(slug)
    try:
        save_register(options.root, options.output, after, before)
    except OSError as error:
        name = error.filename2 or error.filename
        raise RegisterStoppedError(error.errno, error.strerror, name) from error
    except PortalError as error:
        raise RegisterDamagedError(error.problems) from error
    return sorted(find_changes(before, after))
