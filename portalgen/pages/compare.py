"""Select the sites that may differ from what is published."""

from collections.abc import Collection

from msgspec import Struct, field

from portalgen.changes.manifest import Manifest
from portalgen.pages.cards import Cards, plan_search
from portalgen.pages.keys import site_key
from portalgen.search.index import SearchIndex, is_index, key_name
from portalgen.settings.network import MAIN
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
    """Plan the chosen sites, or all with templates if none is chosen."""
    indexes = cards.library.sites
    plan = Plan([slug for slug in indexes if slug in theming and (not chosen or slug in chosen)])
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
