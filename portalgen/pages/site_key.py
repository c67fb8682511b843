"""The key of a whole site: while it stays, so does the plan of the site, and need not be made."""

from collections.abc import Iterator

from msgspec.structs import replace

from portalgen import __version__
from portalgen.articles.model import Article
from portalgen.digests import digest_of, digest_parts
from portalgen.pages.lookup import Lookup
from portalgen.pages.machine import NEWS_SECONDS, file_state
from portalgen.pages.site_plan import HOME_BLOCK
from portalgen.pages.theming import Theming
from portalgen.relations.taxonomy import SiteIndex
from portalgen.settings.network import MAIN, Site


def site_key(lookup: Lookup, index: SiteIndex, theming: Theming) -> str:
    """The digest of all that `plan_site` reads: equal keys, equal plans.

    Behind the dot is that of the times of files taken over as they are, which differ by machine.
    """
    site = index.site
    folder = lookup.network.folder(site) / "static"
    parts = [__version__, theming.digest, repr(replace(site, places={}))]
    parts += map(_shown_elsewhere, lookup.network.sites)
    shown = lookup.shown
    listed = [*index.own, *index.pages, *(a for a in index.listed if a.site != site.slug)]
    for article in listed:
        parts += (article.path, article.digest, lookup.status(article))
        if article.links or article.related or article.unrelated:
            parts += _references(lookup, site, article)
    for article in lookup.library.sites[MAIN].own[:HOME_BLOCK]:
        parts.append(shown[article.path])
    of_id, neighbours = lookup.shown_by_id.__getitem__, lookup.neighbours.ids
    for article in index.own:
        parts.append("".join(map(of_id, neighbours.get(article.path, ()))))
    parts.append(str(sum(a.date >= lookup.now - NEWS_SECONDS for a in index.own)))
    states = [f"{route} {file_state(folder / route)}" for route in index.static]
    return f"{digest_of(parts)}.{digest_parts(states)}"


def _shown_elsewhere(site: Site) -> str:
    """What other sites show of a site."""
    sections = [(section.slug, section.title) for section in site.sections]
    values = (site.slug, site.title, site.short_title, site.base_url, site.kind, site.permalink)
    return repr((values, sections, site.topics))


def _references(lookup: Lookup, site: Site, article: Article) -> Iterator[str]:
    for ref in article.links:
        target = lookup.find(ref)
        yield lookup.url(target) if target else ""
    for ref in (*article.related, *article.unrelated):
        target = lookup.find_on(site, ref)
        yield lookup.shown[target.path] if target else ""
