"""What one site shows: its articles, in lists, and its redirects."""

from msgspec import Struct, field

from portalgen.content.model import Article
from portalgen.content.redirect_rows import Rule
from portalgen.settings.site import Site


class Listing(Struct):
    """A titled list of articles, newest first."""

    slug: str
    title: str
    description: str = ""
    articles: list[Article] = field(default_factory=list)


class SiteIndex(Struct):
    """What one site shows: its own articles and those it lists, newest first."""

    site: Site
    own: list[Article] = field(default_factory=list)
    pages: list[Article] = field(default_factory=list)
    listed: list[Article] = field(default_factory=list)
    sections: dict[str, Listing] = field(default_factory=dict)
    tags: dict[str, Listing] = field(default_factory=dict)
    topics: dict[str, Listing] = field(default_factory=dict)
    tag_slugs: dict[str, str] = field(default_factory=dict)
    topic_slugs: dict[str, str] = field(default_factory=dict)
    static: list[str] = field(default_factory=list)
    aliases: dict[str, Article] = field(default_factory=dict)
    rules: list[Rule] = field(default_factory=list)

    def topics_of(self, article: Article) -> list[str]:
        """Slugs of the article's topics; a name without letters or digits has none."""
        slugs = (self.topic_slugs.get(name) for name in article.topics)
        return list(dict.fromkeys(slug for slug in slugs if slug))
