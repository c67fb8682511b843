"""The key of a whole site: while it stays, so does the plan of the site, and need not be made."""

from collections.abc import Iterator

from msgspec.structs import replace

from portalgen.changes.program import program_digest
from portalgen.content.classify import SiteIndex
from portalgen.content.model import Article
from portalgen.digests import digest_of, digest_parts
from portalgen.pages.cards import Cards
from portalgen.pages.feeds import NEWS_SECONDS, file_state
from portalgen.pages.site_plan import HOME_NETWORK
from portalgen.settings.network import MAIN
from portalgen.settings.site import Site
from portalgen.themes.theming import Theming


def site_key(cards: Cards, index: SiteIndex, theming: Theming) -> str:
    """The digest of all that `plan_site` reads: equal keys, equal plans.

    Behind the dot is that of the times of files taken over as they are, which differ by machine.
    """
    site = index.site
    folder = cards.network.folder(site) / "static"
    parts = [*of_site(cards, site, theming)]
    shown = cards.shown
    listed = [*index.own, *index.pages, *(a for a in index.listed if a.site != site.slug)]
    for article in listed:
        parts += (article.path, article.digest, cards.status(article))
        if has_references(article):
            parts += of_references(cards, site, article)
    for article in cards.library.sites[MAIN].own[:HOME_NETWORK]:
        parts.append(shown[article.path])
    parts += [near(cards, article) for article in index.own]
    parts.append(str(sum(a.date >= cards.now - NEWS_SECONDS for a in index.own)))
    states = [f"{route} {file_state(folder / route)}" for route in index.static]
    return f"{digest_of(parts)}.{digest_parts(states)}"


def of_site(cards: Cards, site: Site, theming: Theming) -> tuple[str, ...]:
    """All that every page of a site may show of settings and themes."""
    return (program_digest(), theming.digest, repr(replace(site, places={})), cards.elsewhere)


def near(cards: Cards, article: Article) -> str:
    """What lists show of the neighbours of an article, in order."""
    return "".join(map(cards.shown_by_id.__getitem__, cards.neighbours.ids.get(article.path, ())))


def has_references(article: Article) -> bool:
    """Whether it names others."""
    return bool(article.links or article.related or article.unrelated)


def of_references(cards: Cards, site: Site, article: Article) -> Iterator[str]:
    """What a page on `site` shows of the articles that this one names."""
    for ref in article.links:
        target = cards.find(ref)
        yield cards.url(target) if target else ""
    for ref in (*article.related, *article.unrelated):
        target = cards.find_on(site, ref)
        yield cards.shown[target.path] if target else ""
