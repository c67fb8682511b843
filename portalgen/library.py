"""Open a network: its settings, and all that it publishes."""

import secrets
from collections.abc import Callable
from contextlib import closing, nullcontext
from pathlib import Path
from typing import TypeVar

from msgspec import Struct

from portalgen import pool
from portalgen.changes.cache import Cache, CacheDamagedError
from portalgen.content.classify import Library, classify
from portalgen.content.load import Loaded, load_articles
from portalgen.output.lock import Lock
from portalgen.problems import Problems
from portalgen.register.advance import advance
from portalgen.register.answers import feed_ids, former_addresses, published_before
from portalgen.register.entries import Register, SiteEntries
from portalgen.register.keep import Keeper
from portalgen.register.place import readable_folder
from portalgen.register.settle import settle
from portalgen.register.store import load_register
from portalgen.report import Options
from portalgen.settings.network import Network, load_network
from portalgen.sources import OWN

Result = TypeVar("Result")


class Opened(Struct):
    """A network, its articles as read, and those published now."""

    network: Network
    loaded: Loaded
    library: Library
    cache: Cache


def open_library(
    options: Options, problems: Problems, use: Callable[[Opened], Result], *, keep: bool = True
) -> Result:
    """Return the result of `use` for the opened network.

    Changed articles are read, and with `keep` stored in the cache, under the lock. With a damaged
    cache, `use` is called again with a fresh one. Raises `PortalError` if settings are wrong, or
    the network is locked.
    """
    network = load_network(options.root)
    own = options.root / OWN
    with Lock(own / "lock") if keep else nullcontext():
        for fresh in (False, True) if options.use_cache else (True,):
            refused = Problems()
            with closing(Cache(own / "cache.sqlite", fresh=fresh)) as cache:
                try:
                    result = use(_open(options, network, cache, refused))
                except CacheDamagedError:
                    if fresh or not keep:
                        raise
                    continue
                if keep:
                    cache.commit()
            problems.extend(refused.items)
            return result
    raise AssertionError


def _open(options: Options, network: Network, cache: Cache, problems: Problems) -> Opened:
    register = read_register(options)
    loaded = load_articles(network, cache, options.jobs or pool.processors(), problems)
    network, library, _ = classify_published(options, network, loaded, cache, register, problems)
    return Opened(network, loaded, library, cache)


def read_register(options: Options) -> Register:
    """What was published before, or an empty register; raises `PortalError` if it is damaged."""
    register = load_register(_register_folder(options))
    return register or Register(secrets.token_hex(16))


def _register_folder(options: Options) -> Path:
    return options.register or readable_folder(options.root, options.output)


def classify_published(
    options: Options, network: Network, loaded: Loaded, cache: Cache, register: Register,
    problems: Problems,
) -> tuple[Network, Library, Register]:  # fmt: skip
    """Classify what was loaded, with last good versions of what cannot be read.

    Returns the network, with sections that stay, its library, and the register as it is then.
    """
    sites = {
        slug: SiteEntries(site.record, dict(site.entries)) for slug, site in register.sites.items()
    }
    folder = _register_folder(options)
    after = Register(register.key, sites, register.release)
    keeper = Keeper(after, folder, network, cache, options.output)
    settled = settle(keeper, network, loaded, options.now, options.accepted)
    network = settled.network
    problems.extend(settled.problems)
    published = published_before(keeper)
    library = classify(network, loaded, options.now, options.drafts, problems, published)
    library.warnings += settled.warnings
    problems.items = [
        item._replace(kept="article-kept", since=keeper.since(item.path))
        if item.path in keeper.kept and not item.kept
        else item
        for item in problems.items
    ]
    advance(keeper, library, options.sites or library.sites, options.now)
    for slug in library.sites if options.sites else ():
        if slug not in options.sites:
            after.sites[slug] = register.site(slug)
    for index in library.sites.values():
        index.former = former_addresses(after, index, keeper.sites)
        library.feed_ids |= feed_ids(after, index)
    return network, library, after
