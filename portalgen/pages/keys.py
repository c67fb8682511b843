"""The key of a site: while it is unchanged, the site need not be planned."""

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
    """The digest of all that `plan_site` reads.

    After the dot is the digest of the times of copied files, which differ between machines.
    """
    site = index.site
    folder = cards.network.folder(site) / "static"
    parts = [
        program_digest(), theming.digest, repr(replace(site, places={})), cards.settings_digest,
    ]  # fmt: skip
    foreign = (article for article in index.listed if article.site != site.slug)
    for article in (*index.own, *index.pages, *foreign):
        parts += (article.path, article.digest, cards.status(article))
        if article.links or article.related or article.unrelated:
            parts += _references(cards, site, article)
    for article in cards.library.sites[MAIN].own[:HOME_NETWORK]:
        parts.append(cards.card_digests[article.path])
    parts += [_neighbours(cards, article) for article in index.own]
    parts.append(str(sum(a.date >= cards.now - NEWS_SECONDS for a in index.own)))
    states = [f"{route} {file_state(folder / route)}" for route in index.static]
    return f"{digest_of(parts)}.{digest_parts(states)}"


def _neighbours(cards: Cards, article: Article) -> str:
    """The digests of an article's neighbours, in order."""
    ids = cards.neighbours.ids.get(article.path, ())
    return "".join(map(cards.card_digests_by_id.__getitem__, ids))


def _references(cards: Cards, site: Site, article: Article) -> Iterator[str]:
    """Addresses and digests of the articles that this one refers to."""
    for ref in article.links:
        target = cards.find(ref)
        yield cards.url(target) if target else ""
    for ref in (*article.related, *article.unrelated):
        target = cards.find_on(site, ref)
        yield cards.card_digests[target.path] if target else ""
