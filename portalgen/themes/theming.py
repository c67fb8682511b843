"""Theming: the templates, assets and strings that each site's pages are rendered with."""

from msgspec import Struct, field
from msgspec.structs import replace

from portalgen import pool
from portalgen.changes.ended import Ended, EndedBefore
from portalgen.digests import digest_parts
from portalgen.limits import ended_problem
from portalgen.problems import Problem, Problems
from portalgen.settings.network import Network
from portalgen.themes.assets import Assets, load_assets, with_tokens
from portalgen.themes.templates import (
    OFF,
    Templates,
    load_base,
    load_own,
    own_layer,
    own_signature,
)
from portalgen.themes.theme import Layer, Theme, load_themes
from portalgen.worker import Stopped


class Theming(Struct):
    """The templates, assets and strings of a site."""

    templates: Templates
    assets: Assets
    strings: dict[str, str]
    _addresses: dict[str, str] | None = None

    @property
    def digest(self) -> str:
        """Digest of everything that pages are rendered with."""
        mappings = (self.templates.digests, self.strings, self.assets.names)
        return digest_parts(
            [part for mapping in mappings for item in sorted(mapping.items()) for part in item]
        )

    def without_own(self) -> "Theming":
        """The same without a site's own templates."""
        assert self.templates.base
        return replace(self, templates=self.templates.base)

    def addresses(self, root: str) -> dict[str, str]:
        """The path of every asset on the site's host."""
        if self._addresses is None:
            self._addresses = {name: root + route for name, route in self.assets.names.items()}
        return self._addresses


class ThemeAssets(Struct, frozen=True):
    """The themes by name, and each site's assets with its own tokens."""

    themes: dict[str, Theme]
    assets: dict[str, Assets]


class LoadedTemplates(Struct):
    """The templates of each site, and the problems of overrides, which are not used then.

    `ended` are those that exceeded their limits, now or before.
    """

    by_site: dict[str, Templates]
    problems: list[Problem]
    ended: list[Ended] = field(default_factory=list)

    def add_ended(self, slug: str, signature: str, problem: Problem) -> None:
        """Note that a site's own templates were ended."""
        self.problems.append(problem._replace(site=slug))
        self.ended.append(Ended(ended_name(slug), signature, problem))


def load_theming(
    network: Network, problems: Problems, before: EndedBefore, jobs: int = 1
) -> dict[str, Theming]:
    """Load each site's templates, assets and strings; wrong overrides are reported and not used.

    Raises `PortalError` if a theme is wrong.
    """
    theme_assets = load_theme_assets(network)
    loaded = load_all_templates(network, theme_assets, before, jobs)
    return combine_theming(network, theme_assets, loaded, problems, before)


def load_theme_assets(network: Network) -> ThemeAssets:
    """Load themes and assets; raises `PortalError` if a theme is wrong."""
    problems = Problems()
    themes = load_themes(network, problems)
    problems.stop_if_any()
    assets = {name: load_assets(theme, problems) for name, theme in themes.items()}
    problems.stop_if_any()
    own = {site.slug: with_tokens(assets[site.theme], site, themes[site.theme])
           for site in network.sites}  # fmt: skip
    return ThemeAssets(themes, own)


def load_all_templates(
    network: Network, theme_assets: ThemeAssets, before: EndedBefore, jobs: int = 1
) -> LoadedTemplates:
    """The templates of each site; raises `PortalError` if a theme's are wrong.

    This is the slow part of `load_theming`. Those that `before` ended are not tried again.
    """
    themes, bases = theme_assets.themes, dict[str, Templates | None]()
    own_problems, theme_problems = Problems(), Problems()
    for site in network.sites:
        if site.theme not in bases:
            wrong = Problems()
            bases[site.theme] = load_base(themes[site.theme], wrong)
            theme_problems.extend(wrong.items, site.slug)
    theme_problems.stop_if_any()
    loaded = LoadedTemplates({site.slug: base for site in network.sites
                              if (base := bases[site.theme])}, [])  # fmt: skip
    own: list[tuple[str, Theme, Layer, str]] = []
    for site in network.sites:
        if layer := own_layer(network, site, own_problems):
            signature = own_signature(layer)
            if problem := before.recall(ended_name(site.slug), signature):
                loaded.add_ended(site.slug, signature, problem)
            else:
                own.append((site.slug, themes[site.theme], layer, signature))
    results = pool.each(_load_own, None, [(theme, layer) for _, theme, layer, _ in own], jobs=jobs)
    for (slug, _, layer, signature), result in zip(own, results, strict=True):
        if isinstance(result, Stopped):
            problem = ended_problem("template", result.reason, layer.path)
            loaded.add_ended(slug, signature, problem._replace(kept=OFF))
            continue
        templates, wrong_own = result
        own_problems.extend(wrong_own, slug)
        if templates:
            templates.base, templates.own = loaded.by_site[slug], signature
            loaded.by_site[slug] = templates
    loaded.problems += own_problems.items
    return loaded


def ended_name(slug: str) -> str:
    """The name under which a build remembers that it ended a site's own templates."""
    return f"templates {slug}"


def _load_own(_: None, item: tuple[Theme, Layer]) -> tuple[Templates | None, list[Problem]]:
    return load_own(*item)


def combine_theming(
    network: Network, theme_assets: ThemeAssets, loaded: LoadedTemplates, problems: Problems,
    ended: EndedBefore,
) -> dict[str, Theming]:  # fmt: skip
    """The theming of each site; what is wrong with templates is reported and remembered."""
    problems.extend(loaded.problems)
    ended.remember(loaded.ended)
    return {
        site.slug: Theming(
            loaded.by_site[site.slug], theme_assets.assets[site.slug],
            dict(theme_assets.themes[site.theme].strings[site.language]),
        )
        for site in network.sites
    }  # fmt: skip
