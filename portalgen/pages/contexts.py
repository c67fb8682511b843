"""Contexts of templates: a frozen structure for each kind of page, made of frozen parts.

A page's key is the digest of its context, so contexts hold all that a template can read.
"""

from msgspec import Struct

from portalgen.changes.program import program_digest
from portalgen.content.model import Article, Picture
from portalgen.digests import digest_of
from portalgen.settings.site import Contact, Link
from portalgen.text import moment_at


class _Part(Struct, frozen=True, array_like=True, gc=False):
    pass


class Banner(_Part, frozen=True):
    """A campaign banner: its lines, and the topic hub it leads to."""

    lines: tuple[str, ...]
    href: str


class SiteView(_Part, frozen=True):
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


class Card(_Part, frozen=True):
    """An article in a list: `href` is a path on the same site, an absolute address on others.

    `member` is the name of the other site, empty for own articles. `status` is "draft" or
    "scheduled" in the language of the site, empty for published articles.
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


class Block(_Part, frozen=True):
    """A titled group of cards; `href` is the page with all of them, empty if there is none."""

    title: str
    href: str
    cards: tuple[Card, ...]


class Hub(_Part, frozen=True):
    """A topic hub (chuyên đề) on the home page."""

    title: str
    url: str
    description: str


class Head(_Part, frozen=True):
    """Content of `<head>`: addresses are absolute, moments ISO 8601 or empty."""

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


class Common(_Part, frozen=True):
    """The parts of every page."""

    site: SiteView
    head: Head
    breadcrumbs: tuple[Link, ...]


class HomeContext(Common, frozen=True):
    """`home.html`: the lead story, the latest, a block per section, news from other sites.

    `groups` are the member sites by kind, on the main portal.
    """

    lead: Card | None
    latest: tuple[Card, ...]
    blocks: tuple[Block, ...]
    network: tuple[Card, ...]
    topics: tuple[Hub, ...]
    groups: tuple[tuple[str, tuple[Link, ...]], ...]


class ArticleContext(Common, frozen=True):
    """`article.html` and `page.html`. Templates also get `body`, clean HTML with resolved links.

    `links` pairs each reference in the body with its address, empty if unpublished. `status` is as
    in `Card`.
    """

    article: Article
    status: str
    tags: tuple[Link, ...]
    topics: tuple[Link, ...]
    related: tuple[Block, ...]
    links: tuple[tuple[str, str], ...]


class ListContext(Common, frozen=True):
    """`section.html`, `tag.html`, `topic.html`: cards by month, newest first.

    `newer` and `older` are addresses of neighbouring pages, `newest` of the first; empty if there
    is none. `number` counts from the oldest page; 0 is the open, newest one.
    """

    title: str
    description: str
    months: tuple[Block, ...]
    number: int
    newest: str
    newer: str
    older: str


class SearchContext(Common, frozen=True):
    """`search.html`: `index` is the path of the search index's folder."""

    index: str
    site_map: str


class SiteMapContext(Common, frozen=True):
    """`site-map.html`: every section, page, topic and tag in Vietnamese order."""

    sections: tuple[Link, ...]
    pages: tuple[Link, ...]
    topics: tuple[Link, ...]
    tags: tuple[Link, ...]


class MembersContext(Common, frozen=True):
    """`members.html`: the member sites, grouped by kind."""

    groups: tuple[tuple[str, tuple[Link, ...]], ...]


class NotFoundContext(Common, frozen=True):
    """`404.html`: the latest articles."""

    latest: tuple[Card, ...]


class RedirectContext(Common, frozen=True):
    """`redirect.html`: `target` is the present address of the page."""

    target: str


class GoneContext(Common, frozen=True):
    """`410.html`: says that a page was taken away. `links` lead on: home, section, search."""

    links: tuple[Link, ...]


class FeedItem(_Part, frozen=True):
    """An article in a feed or news sitemap; `path` is its source, `links` are as in its page.

    `body` is the digest of the text in feeds with full text, else empty.
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


class FeedContext(_Part, frozen=True):
    """An RSS or JSON feed, newest first."""

    format: str
    title: str
    description: str
    home: str
    address: str
    language: str
    full_text: bool
    items: tuple[FeedItem, ...]


class SitemapContext(_Part, frozen=True):
    """A sitemap part or index: (address, lastmod), or the news sitemap."""

    format: str
    entries: tuple[tuple[str, str], ...]
    news: tuple[FeedItem, ...] = ()
    name: str = ""
    language: str = ""


class TextContext(_Part, frozen=True):
    """A short text, such as robots.txt."""

    text: str


class FileContext(_Part, frozen=True):
    """A file copied from `source`; `state` stands for its content."""

    source: str
    state: str


class BytesContext(_Part, frozen=True):
    """Bytes in memory, such as theme assets, and their digest."""

    data: bytes
    digest: str


PAGE_CONTEXTS = (
    HomeContext, ArticleContext, ListContext, SearchContext, SiteMapContext, MembersContext,
    NotFoundContext, RedirectContext, GoneContext,
)  # fmt: skip


def context_digest(context: Struct, *more: str) -> str:
    """The digest of a context and of `more`."""
    value = context.state if isinstance(context, FileContext) else context
    return digest_of((program_digest(), type(context).__name__, more, value))


def month_of(card: Card) -> str:
    """`1/2020`, for grouping."""
    year, month = card.date_iso[:7].split("-")
    return f"{int(month)}/{year}"


def rfc822(moment: int) -> str:
    """The date format of RSS: RFC 822 with a four-digit year."""
    from email.utils import format_datetime

    return format_datetime(moment_at(moment), usegmt=True)
