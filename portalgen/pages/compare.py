"""Which sites can look different from what stands of them."""

from collections.abc import Collection

from msgspec import Struct, field

from portalgen.changes.manifest import Manifest
from portalgen.pages.cards import Cards
from portalgen.pages.keys import site_key
from portalgen.pages.search import plan_search
from portalgen.search.index import SearchIndex, is_index, key_name
from portalgen.settings.network import MAIN
from portalgen.themes.theming import Theming


class Plan(Struct):
    """The sites to build, and which of them have `pages` or search `indexes` that can differ.

    `keys` tell by site, and by the name of its index, of what they are to be made.
    """

    sites: list[str]
    pages: list[str] = field(default_factory=list)
    indexes: dict[str, SearchIndex] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)


def plan_sites(
    cards: Cards, theming: dict[str, Theming], manifest: Manifest, chosen: Collection[str]
) -> Plan:
    """What is to be made of the chosen sites; of none chosen, of all that have templates."""
    indexes = cards.library.sites
    plan = Plan([slug for slug in indexes if slug in theming and (not chosen or slug in chosen)])
    before = manifest.site_keys
    for slug in plan.sites:
        lost = manifest.lost.get(slug, ())
        key = plan.keys[slug] = site_key(cards, indexes[slug], theming[slug])
        if before.get(slug) != key or not all(map(is_index, lost)):
            plan.pages.append(slug)
        name = key_name(slug)
        if slug != MAIN and before.get(slug) == key and not lost and name in before:
            plan.keys[name] = before[name]  # it holds no more than the site's pages show
            continue
        index = plan_search(cards, cards.sites[slug])
        plan.keys[name] = index.key
        if before.get(name) != index.key or any(map(is_index, lost)):
            plan.indexes[slug] = index
    return plan
