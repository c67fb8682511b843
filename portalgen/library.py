"""Open a network: its settings, and all that it publishes."""

from collections.abc import Callable
from contextlib import closing, nullcontext
from typing import TypeVar

from msgspec import Struct

from portalgen import pool
from portalgen.changes.cache import Cache, CacheDamagedError
from portalgen.changes.manifest import find_owners
from portalgen.content.classify import Library, classify
from portalgen.content.load import Loaded, load_articles
from portalgen.output.lock import Lock
from portalgen.problems import Problems
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
    jobs = options.jobs or pool.processors()
    loaded = load_articles(network, cache, jobs, problems, output=options.output)
    owners = find_owners(options.root, options.output)
    library = classify(network, loaded, options.now, options.drafts, problems, owners)
    return Opened(network, loaded, library, cache)
