"""What classifying has to know of what was published before; the register says it."""

from collections.abc import Callable, Mapping

from msgspec import Struct, field

from portalgen.content.model import Article

# Source path by site and claim. A claim is a route in lower case, or an `id` after a `#`, which no
# route contains.
Owners = Mapping[tuple[str, str], str]


def nothing_good(path: str) -> None:
    """No version of any article was published."""


def no_paths(slug: str) -> frozenset[str]:
    """No page of any site was published."""
    return frozenset()


class Published(Struct):
    """What was published before.

    `good` returns the last published version of an article, and its route. `kept` are the routes
    of those that already stand for what cannot be read, by path. `lists` are slugs of tags and
    topics by site and key, `paths` returns the paths of a site that lead to something.
    """

    owners: Owners = field(default_factory=dict)
    good: Callable[[str], tuple[Article, str] | None] = nothing_good
    kept: Mapping[str, str] = field(default_factory=dict)
    lists: Mapping[tuple[str, str], str] = field(default_factory=dict)
    paths: Callable[[str], frozenset[str]] = no_paths
