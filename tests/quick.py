"""Quicker than a build: templates compiled once, and what a build knows before it plans."""

from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path

from msgspec.structs import replace

from portalgen.changes.cache import Cache
from portalgen.changes.ended import EndedBefore
from portalgen.content.classify import classify
from portalgen.content.load import Loaded, load_articles
from portalgen.content.model import MediaFile
from portalgen.pages.cards import Cards
from portalgen.pages.page import Page
from portalgen.pages.plan import plan_site
from portalgen.problems import Problem, Problems
from portalgen.related.neighbours import Neighbours
from portalgen.settings.network import Network, load_network
from portalgen.themes.theming import (
    LoadedTemplates,
    ThemeAssets,
    Theming,
    combine_theming,
    load_all_templates,
    load_theme_assets,
)
from tests.helpers import NOW

_templates: dict[tuple[object, ...], LoadedTemplates] = {}


def templates_once(network: Network, assets: ThemeAssets, ended: EndedBefore) -> LoadedTemplates:
    """The templates of a network; where it has none of its own, compiled the first time only."""
    folders = [network.root / "themes", *(network.folder(s) / "templates" for s in network.sites)]
    if any(folder.is_dir() for folder in folders):
        return load_all_templates(network, assets, ended)
    sites = tuple((site.slug, site.theme, site.language) for site in network.sites)
    if sites not in _templates:
        _templates[sites] = load_all_templates(network, assets, ended)
    by_site = _templates[sites].by_site
    return LoadedTemplates(
        {slug: replace(each, rendered_parts={}) for slug, each in by_site.items()}, []
    )


def look_up(
    root: Path, near: Mapping[str, Sequence[str]] | None = None, *, now: int = NOW,
    problems: Problems | None = None,
) -> tuple[Cards, dict[str, Theming]]:  # fmt: skip
    """What the plan of `root` is made of; `near`: the neighbours of articles, by path."""
    problems = problems or Problems()
    network = load_network(root)
    with closing(Cache(root / ".portalgen/quick.sqlite", fresh=True)) as cache:
        loaded = load_articles(network, cache, 1, problems)
    library = classify(network, loaded, now, False, problems)
    numbers = {path: number for number, path in enumerate(sorted(loaded.articles))}
    ids = {path: [numbers[other] for other in others] for path, others in (near or {}).items()}
    neighbours = Neighbours(ids, {number: path for path, number in numbers.items()})  # type: ignore[arg-type]
    assets = load_theme_assets(network)
    ended = EndedBefore(root)
    theming = combine_theming(
        network, assets, templates_once(network, assets, ended), Problems(), ended
    )
    return Cards(network, library, neighbours, now, theming), theming


def plan(
    root: Path, slug: str = "main", near: Mapping[str, Sequence[str]] | None = None, *,
    now: int = NOW, problems: Problems | None = None,
) -> dict[str, Page]:  # fmt: skip
    """The pages of a site by route, planned and not rendered."""
    problems = problems or Problems()
    cards, theming = look_up(root, near, now=now, problems=problems)
    pages = plan_site(cards, cards.library.sites[slug], theming[slug], problems)
    assert len({page.route for page in pages}) == len(pages)
    return {page.route: page for page in pages}


def load(
    root: Path, problems: list[Problem] | None = None,
    published: Mapping[str, tuple[MediaFile, ...]] | None = None, output: Path | None = None,
) -> Loaded:  # fmt: skip
    """The articles of `root`, read anew; what is wrong is added to `problems`."""
    refused = Problems()
    with closing(Cache(root / ".portalgen/quick.sqlite", fresh=True)) as cache:
        loaded = load_articles(
            load_network(root), cache, 1, refused, published=published, output=output
        )
    if problems is not None:
        problems += refused.items
    return loaded
