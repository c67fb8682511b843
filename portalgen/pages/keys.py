"""Select the sites that may differ from what is published: those whose keys changed."""

from collections.abc import Collection, Iterator

from msgspec import Struct, field
from msgspec.structs import replace

from portalgen.changes.manifest import Manifest
from portalgen.changes.program import program_digest
from portalgen.content.model import Article
from portalgen.content.site_index import SiteIndex
from portalgen.digests import digest_of, digest_parts
from portalgen.pages.cards import Cards, plan_search
from portalgen.pages.feeds import NEWS_SECONDS, file_state
from portalgen.pages.home import choose_home
from portalgen.search.index import SearchIndex, is_index, key_name
from portalgen.settings.network import MAIN
from portalgen.settings.site import Site
from portalgen.themes.theming import Theming


class Plan(Struct):
    """The sites of a build, and those of them with `pages` or search `indexes` that may differ.

    `keys` are by site, and by the name of its index.
    """

    sites: list[str]
    pages: list[str] = field(default_factory=list)
    indexes: dict[str, SearchIndex] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)


def plan_sites(
    cards: Cards, theming: dict[str, Theming], manifest: Manifest, chosen: Collection[str]
) -> Plan:
    """Plan the chosen sites, or all if none is chosen."""
    indexes = cards.library.sites
    plan = Plan([slug for slug in indexes if not chosen or slug in chosen])
    old_keys = manifest.site_keys
    for slug in plan.sites:
        lost = manifest.lost.get(slug, ())
        key = plan.keys[slug] = site_key(cards, indexes[slug], theming[slug])
        if old_keys.get(slug) != key or not all(map(is_index, lost)):
            plan.pages.append(slug)
        name = key_name(slug)
        if slug != MAIN and old_keys.get(slug) == key and not lost and name in old_keys:
            plan.keys[name] = old_keys[name]  # the index holds no more than the pages
            continue
        index = plan_search(cards, cards.sites[slug])
        plan.keys[name] = index.key
        if old_keys.get(name) != index.key or any(map(is_index, lost)):
            plan.indexes[slug] = index
    return plan


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
        feed_id = cards.library.feed_ids.get(article.path, "")
        parts += (article.path, article.digest, cards.status(article), feed_id)
        parts += [ref.target for ref in cards.library.dead.get(article.path, ())]
        if article.links or article.related or article.unrelated:
            parts += _references(cards, site, article)
    parts += [cards.card_digests[article.path] for article in choose_home(cards, index).articles()]
    parts += [_neighbours(cards, article) for article in index.own]
    parts.append(str(sum(a.date >= cards.now - NEWS_SECONDS for a in index.own)))
    parts += [repr(item) for item in (*index.rules, *index.former)]
    parts += [f"{route} {article.path}" for route, article in sorted(index.aliases.items())]
    states = [f"{route} {file_state(folder / route)}" for route in index.static]
    states += [f"{route} kept" for route in index.kept_files]
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
