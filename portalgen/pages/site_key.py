"""The key of a whole site: while it stays, so does the plan of the site, and need not be made."""

from collections.abc import Iterator
from dataclasses import replace

from portalgen import __version__
from portalgen.articles.model import Article
from portalgen.digests import digest_parts
from portalgen.pages.plan import HOME_BLOCK, NEWS_SECONDS, Planner, Theming, file_state
from portalgen.relations.taxonomy import SiteIndex
from portalgen.settings.network import MAIN, Site


def site_key(planner: Planner, index: SiteIndex, theming: Theming) -> str:
    """The digest of all that `Planner.plan_site` reads: equal keys, equal plans."""
    site = index.site
    folder = planner.network.folder(site) / "static"
    parts = [__version__, theming.digest, repr(replace(site, places={}))]
    parts += map(_shown_elsewhere, planner.network.sites)
    shown = [*index.own, *index.pages, *(a for a in index.listed if a.site != site.slug)]
    for article in shown:
        parts += (article.path, article.digest)
        if article.links or article.related or article.unrelated:
            parts += _references(planner, site, article)
    for article in planner.library.sites[MAIN].own[:HOME_BLOCK]:
        parts.append(planner.card(article, site).digest)
    for article in index.own:
        near = planner.neighbours.get(article.path, ())
        parts += [planner.card(planner.articles[path], site).digest for path in near]
        parts.append("")
    parts += [f"{route} {file_state(folder / route)}" for route in index.static]
    parts.append(str(sum(a.date >= planner.now - NEWS_SECONDS for a in index.own)))
    return digest_parts(parts)


def _shown_elsewhere(site: Site) -> str:
    """What other sites show of a site."""
    sections = [(section.slug, section.title) for section in site.sections]
    values = (site.slug, site.title, site.short_title, site.base_url, site.kind, site.permalink)
    return repr((values, sections, site.topics))


def _references(planner: Planner, site: Site, article: Article) -> Iterator[str]:
    for ref in article.links:
        target = planner.find(ref)
        yield planner.url(target) if target else ""
    for ref in (*article.related, *article.unrelated):
        target = planner.find_on(site, ref)
        yield planner.card(target, site).digest if target else ""
