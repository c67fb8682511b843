"""The key of a whole site: while it stays, so does the plan of the site, and need not be made."""

from collections.abc import Iterator

from msgspec.structs import replace

from portalgen.changes.program import program_digest
from portalgen.content.classify import SiteIndex
from portalgen.content.model import Article
from portalgen.digests import digest_of, digest_parts
from portalgen.pages.cards import Lookup
from portalgen.pages.feeds import NEWS_SECONDS, file_state
from portalgen.pages.site_plan import HOME_NETWORK
from portalgen.settings.network import MAIN, Site
from portalgen.themes.theming import Theming


def site_key(lookup: Lookup, index: SiteIndex, theming: Theming) -> str:
    """The digest of all that `plan_site` reads: equal keys, equal plans.

    Behind the dot is that of the times of files taken over as they are, which differ by machine.
    """
    site = index.site
    folder = lookup.network.folder(site) / "static"
    parts = [*of_site(lookup, site, theming)]
    shown = lookup.shown
    listed = [*index.own, *index.pages, *(a for a in index.listed if a.site != site.slug)]
    for article in listed:
        parts += (article.path, article.digest, lookup.status(article))
        if has_references(article):
            parts += of_references(lookup, site, article)
    for article in lookup.library.sites[MAIN].own[:HOME_NETWORK]:
        parts.append(shown[article.path])
    parts += [near(lookup, article) for article in index.own]
    parts.append(str(sum(a.date >= lookup.now - NEWS_SECONDS for a in index.own)))
    states = [f"{route} {file_state(folder / route)}" for route in index.static]
    return f"{digest_of(parts)}.{digest_parts(states)}"


def of_site(lookup: Lookup, site: Site, theming: Theming) -> tuple[str, ...]:
    """All that every page of a site may show of settings and themes."""
    return (program_digest(), theming.digest, repr(replace(site, places={})), lookup.elsewhere)


def near(lookup: Lookup, article: Article) -> str:
    """What lists show of the neighbours of an article, in order."""
    return "".join(map(lookup.shown_by_id.__getitem__, lookup.neighbours.ids.get(article.path, ())))


def has_references(article: Article) -> bool:
    """Whether it names others."""
    return bool(article.links or article.related or article.unrelated)


def of_references(lookup: Lookup, site: Site, article: Article) -> Iterator[str]:
    """What a page on `site` shows of the articles that this one names."""
    for ref in article.links:
        target = lookup.find(ref)
        yield lookup.url(target) if target else ""
    for ref in (*article.related, *article.unrelated):
        target = lookup.find_on(site, ref)
        yield lookup.shown[target.path] if target else ""
