"""What one site shows: its articles, in lists, and its redirects."""

from msgspec import Struct, field

from portalgen.content.model import Article
from portalgen.content.redirect_rows import Rule, decoded, marker
from portalgen.settings.site import Site

PAGE_SIZE = 20  # articles on a page of a list


class Listing(Struct):
    """A titled list of articles, newest first."""

    slug: str
    title: str
    description: str = ""
    articles: list[Article] = field(default_factory=list)

    @property
    def closed(self) -> int:
        """The number of older pages, which never change again."""
        return max(0, len(self.articles) // PAGE_SIZE - 1)


class Former(Struct, frozen=True):
    """A route at which something was: the address that readers are led to; empty if it is gone."""

    route: str
    target: str

    @property
    def is_page(self) -> bool:
        """Whether plain files can say what became of it."""
        return self.route.endswith(".html")

    @property
    def marker(self) -> str:
        """The name of the file by which a release proves it; empty if no request can have it."""
        path = decoded(f"/{self.route}")
        return marker(path, self.target) if path is not None else ""


class SiteIndex(Struct):
    """What one site shows: its own articles and those it lists, newest first.

    `tag_slugs` are by name, `tag_keys` by slug: what all spellings of a tag have in common.
    `kept_files` are published files by route that stand for sources that cannot be read. `taken`
    are the sources of all routes that something stands at, in lower case. `pinned` and `left_out`
    are sources that `front` names for the home page.
    """

    site: Site
    own: list[Article] = field(default_factory=list)
    pages: list[Article] = field(default_factory=list)
    listed: list[Article] = field(default_factory=list)
    sections: dict[str, Listing] = field(default_factory=dict)
    tags: dict[str, Listing] = field(default_factory=dict)
    topics: dict[str, Listing] = field(default_factory=dict)
    tag_slugs: dict[str, str] = field(default_factory=dict)
    topic_slugs: dict[str, str] = field(default_factory=dict)
    tag_keys: dict[str, str] = field(default_factory=dict)
    topic_keys: dict[str, str] = field(default_factory=dict)
    static: list[str] = field(default_factory=list)
    kept_files: dict[str, str] = field(default_factory=dict)
    aliases: dict[str, Article] = field(default_factory=dict)
    rules: list[Rule] = field(default_factory=list)
    former: list[Former] = field(default_factory=list)
    taken: dict[str, str] = field(default_factory=dict)
    pinned: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

    def topics_of(self, article: Article) -> list[str]:
        """Slugs of the article's topics; a name without letters or digits has none."""
        slugs = (self.topic_slugs.get(name) for name in article.topics)
        return list(dict.fromkeys(slug for slug in slugs if slug))
