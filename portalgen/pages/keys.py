"""The key of a whole site: while it stays, so does the plan of the site, and need not be made."""

from portalgen.content.classify import SiteIndex
from portalgen.digests import digest_of, digest_parts
from portalgen.pages.cards import Lookup
from portalgen.pages.feeds import NEWS_SECONDS, file_state
from portalgen.pages.inputs import has_references, near, of_references, of_site
from portalgen.pages.site_plan import HOME_NETWORK
from portalgen.settings.network import MAIN
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
