"""What templates see: one frozen dataclass for each kind of page, made of small frozen parts.

A page's key is the digest of its context, so everything a template can read is in here. Parts
that many pages share carry their digest.
"""

from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from functools import cached_property
from operator import attrgetter
from typing import Any

from portalgen import __version__
from portalgen.articles.model import Article, Picture
from portalgen.digests import digest_parts
from portalgen.settings.network import Contact, Link


@dataclass(frozen=True, slots=True)
class Banner:
    """A campaign banner: its lines, and the topic hub it leads to."""

    lines: tuple[str, ...]
    href: str


@dataclass(frozen=True)
class SiteView:
    """The site a page belongs to. `root` is its path on the host, `url` its absolute address."""

    slug: str
    title: str
    short_title: str
    kind: str
    description: str
    language: str
    root: str
    url: str
    menu: tuple[Link, ...]
    sections: tuple[Link, ...]
    contact: Contact
    responsible: str
    links: tuple[Link, ...]
    services: tuple[Link, ...]
    alert: Link | None
    notice: str
    banners: tuple[Banner, ...]
    main: Link
    is_main: bool

    @cached_property
    def digest(self) -> str:
        """Of all fields."""
        return digest_parts(_parts(self))


@dataclass(frozen=True, slots=True)
class Card:
    """An article in a list: `href` is a path on the same site, an address on another's.

    `member` names the other site, and is empty for the site's own articles. `status` says in
    words that readers do not see it yet: a draft, or scheduled; else it is empty.
    """

    title: str
    href: str
    summary: str
    date_iso: str
    date_text: str
    section: str
    member: str
    picture: Picture | None
    status: str
    digest: str


@dataclass(frozen=True, slots=True)
class Block:
    """A titled group of cards; `href` leads to all of them, empty where there is no such page."""

    title: str
    href: str
    cards: tuple[Card, ...]


@dataclass(frozen=True, slots=True)
class Hub:
    """A topic hub (chuyên đề) as the home page shows it."""

    title: str
    url: str
    description: str


@dataclass(frozen=True, slots=True)
class Head:
    """What goes into `<head>`: addresses are absolute, moments ISO 8601, empty where unknown."""

    title: str
    description: str
    canonical: str
    type: str = "website"
    index: bool = True
    image: Picture | None = None
    author: str = ""
    published: str = ""
    updated: str = ""
    section: str = ""
    keywords: tuple[str, ...] = ()
    feeds: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True)
class Common:
    """What every page has."""

    site: SiteView
    head: Head
    breadcrumbs: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class HomeContext(Common):
    """`home.html`: the lead story, the latest, a block per section, news from other sites.

    `groups` are the member sites by kind, on the main portal.
    """

    lead: Card | None
    latest: tuple[Card, ...]
    blocks: tuple[Block, ...]
    network: tuple[Card, ...]
    topics: tuple[Hub, ...]
    groups: tuple[tuple[str, tuple[Link, ...]], ...]


@dataclass(frozen=True, slots=True)
class ArticleContext(Common):
    """`article.html` and `page.html`. The template also gets `body`: clean HTML, links resolved.

    `links` pairs each reference in the body with the address it stands for, empty if it is not
    published now. `status` is that of a `Card`.
    """

    article: Article
    status: str
    tags: tuple[Link, ...]
    topics: tuple[Link, ...]
    related: tuple[Block, ...]
    links: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class ListContext(Common):
    """`section.html`, `tag.html`, `topic.html`: cards by month, newest first.

    `newer` and `older` lead to the neighbouring pages of the list, `newest` to its first; empty
    where there is none. `number` counts from the oldest page; 0 is the open, newest one.
    """

    title: str
    description: str
    months: tuple[Block, ...]
    number: int
    newest: str
    newer: str
    older: str


@dataclass(frozen=True, slots=True)
class SearchContext(Common):
    """`search.html`: `index` is the path of the folder with the search index."""

    index: str
    site_map: str


@dataclass(frozen=True, slots=True)
class SiteMapContext(Common):
    """`site-map.html`: every section, page, topic and tag in Vietnamese order."""

    sections: tuple[Link, ...]
    pages: tuple[Link, ...]
    topics: tuple[Link, ...]
    tags: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class MembersContext(Common):
    """`members.html`: the member sites, grouped by kind."""

    groups: tuple[tuple[str, tuple[Link, ...]], ...]


@dataclass(frozen=True, slots=True)
class NotFoundContext(Common):
    """`404.html`: the latest articles for who has lost the way."""

    latest: tuple[Card, ...]


@dataclass(frozen=True, slots=True)
class RedirectContext(Common):
    """`redirect.html`: `target` is where the page stands now."""

    target: str


@dataclass(frozen=True, slots=True)
class FeedItem:
    """An article in a feed or news sitemap; `path` is its source, `links` what its body refers to.

    `body` is the digest of the text where the feed carries it, else empty.
    """

    identity: str
    path: str
    url: str
    title: str
    summary: str
    author: str
    tags: tuple[str, ...]
    date: int
    date_iso: str
    updated_iso: str
    body: str
    links: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class FeedContext:
    """An RSS or JSON feed, newest first."""

    format: str
    title: str
    description: str
    home: str
    address: str
    language: str
    full_text: bool
    items: tuple[FeedItem, ...]


@dataclass(frozen=True, slots=True)
class SitemapContext:
    """A sitemap part or index: (address, lastmod), or the news sitemap."""

    format: str
    entries: tuple[tuple[str, str], ...]
    news: tuple[FeedItem, ...] = ()
    name: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class TextContext:
    """A short text, such as robots.txt."""

    text: str


@dataclass(frozen=True, slots=True)
class FileContext:
    """A file taken over as it is: `source` on this machine, `state` for its content."""

    source: str
    state: str


@dataclass(frozen=True, slots=True)
class BytesContext:
    """Bytes made in memory, such as a theme's assets; `digest` tells one content from another."""

    data: bytes
    digest: str


PAGE_CONTEXTS = (
    HomeContext, ArticleContext, ListContext, SearchContext, SiteMapContext, MembersContext,
    NotFoundContext, RedirectContext,
)  # fmt: skip


def context_digest(context: object, *more: str) -> str:
    """The digest of a context and of `more`."""
    if isinstance(context, FileContext):
        return digest_parts(["FileContext", *more, context.state])
    return digest_parts([__version__, type(context).__name__, *more, *_parts(context)])


_WITH_DIGEST = frozenset([Card, Article, SiteView, BytesContext])
_getters: dict[type, Callable[[Any], tuple[Any, ...]]] = {}


def _parts(value: object) -> list[str]:
    parts: list[str] = []
    _flatten(_getter(type(value))(value), parts)
    return parts


def _getter(kind: type) -> Callable[[Any], tuple[Any, ...]]:
    """What takes all values out of an instance of a dataclass, always as a tuple."""
    found = _getters.get(kind)
    if found is None:
        names = [item.name for item in fields(kind)]
        one = attrgetter(*names)
        found = _getters[kind] = one if len(names) > 1 else lambda value: (one(value),)
    return found


def _flatten(values: tuple[Any, ...], parts: list[str]) -> None:
    """Append texts that tell any two different values apart; this is called very often."""
    parts.append(f"({len(values)}")
    for value in values:
        kind = type(value)
        if kind is str:
            parts.append(value)
        elif kind in _WITH_DIGEST:
            parts.append(value.digest)
        elif kind is tuple:
            _flatten(value, parts)
        elif value is None or kind is int or kind is bool:
            parts.append(f"={value}")
        else:
            _flatten(_getter(kind)(value), parts)


def month_of(card: Card) -> str:
    """`1/2020`, for grouping."""
    year, month = card.date_iso[:7].split("-")
    return f"{int(month)}/{year}"


def rfc822(moment: int) -> str:
    """The date form of RSS: RFC 822 with a four-digit year."""
    from email.utils import format_datetime

    return format_datetime(datetime.fromtimestamp(moment, UTC), usegmt=True)
