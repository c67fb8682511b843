"""Plan search: of the main portal over the network, of members over their own articles."""

from typing import TYPE_CHECKING

from portalgen.digests import digest_of
from portalgen.pages.cards import Cards
from portalgen.search.index import Entry, SearchIndex, plan_index
from portalgen.settings.site import Site

if TYPE_CHECKING:
    from portalgen.search.records import Record


def plan_search(cards: Cards, site: Site) -> SearchIndex:
    """Plan the search index of a site."""
    network, digests = cards.network, cards.card_digests
    is_main = site is network.main
    searched = cards.articles.values() if is_main else cards.library.sites[site.slug].own
    site_digests = {s.slug: digest_of((s.short_title, s.base_url)) for s in network.sites}
    articles = [article for article in searched if not article.is_page]
    entries = [
        Entry(a.date_iso[:10], a.date, a.path, a.digest + digests[a.path] + site_digests[a.site])
        for a in articles
    ]
    used = {(article.site, article.section) for article in articles}
    with_articles = {slug for slug, _ in used}
    sites = [(s.slug, s.short_title) for s in network.sites if s.slug in with_articles]
    sections = {
        section: cards.section_titles[slug, section]
        for slug, section in sorted(used, key=lambda pair: (pair[0] == site.slug, pair))
    }
    return plan_index(site.slug, entries, sites, sorted(sections.items()))


def search_record(cards: Cards, site: Site, path: str, words: str) -> "Record":
    """The index record of an article; `words` are those of its lead and body."""
    from portalgen.search.records import MAX_TEXT, Record

    article = cards.articles[path]
    card = cards.card(article, site)
    return Record(
        article.title, card.href, article.date_text, card.member, article.site, article.section,
        article.tags, words[:MAX_TEXT],
    )  # fmt: skip
