"""Which articles a home page shows."""

from collections.abc import Iterable
from itertools import islice

from msgspec import Struct

from portalgen.content.model import Article
from portalgen.content.site_index import SiteIndex
from portalgen.pages.cards import Cards
from portalgen.settings.network import MAIN

_LATEST = 12
_BLOCK = 5
_FROM_MAIN = 6  # articles of the main portal on the home page of a member
_FEATURED_AMONG = 60  # the newest, of which a featured one leads


class Home(Struct, frozen=True):
    """The articles of a home page, newest first after those that are pinned.

    `blocks` are by section, without empty ones; `others` are of the network's other sites.
    """

    lead: Article | None
    latest: list[Article]
    blocks: dict[str, list[Article]]
    others: list[Article]

    def articles(self) -> Iterable[Article]:
        """All of them, in order."""
        yield from [self.lead] if self.lead else []
        yield from self.latest
        for articles in self.blocks.values():
            yield from articles
        yield from self.others


def choose_home(cards: Cards, index: SiteIndex) -> Home:
    """The articles of a site's home page."""
    site, left_out = index.site, set(index.left_out)
    pinned = [cards.articles[path] for path in index.pinned if path not in left_out]

    def visible(articles: Iterable[Article], limit: int) -> list[Article]:
        return list(islice((a for a in articles if a.path not in left_out), limit))

    def may_lead(article: Article) -> bool:
        is_own = article.site == site.slug
        return article.is_featured(cards.now) and (is_own or site.features(article.site))

    newest = visible(index.listed, _FEATURED_AMONG)
    featured = [article for article in newest if may_lead(article)]
    lead = (pinned or featured or newest)[:1]
    first = {article.path for article in (*pinned, *lead)}
    latest = pinned[1:] + [a for a in newest if a.path not in first]
    blocks = {slug: visible(listing.articles, _BLOCK) for slug, listing in index.sections.items()}
    if site.slug == MAIN:
        others = visible((a for a in index.listed if a.site != site.slug), _BLOCK * 2)
    else:
        others = cards.library.sites[MAIN].own[:_FROM_MAIN]
    return Home(
        lead[0] if lead else None, latest[: max(_LATEST, len(pinned) - 1)],
        {slug: articles for slug, articles in blocks.items() if articles}, others,
    )  # fmt: skip
