"""Theming: the templates, assets and strings that each site's pages are rendered with."""

from msgspec import Struct

from portalgen.digests import digest_parts
from portalgen.problems import Problems
from portalgen.settings.network import Network
from portalgen.themes.assets import Assets, load_assets, with_tokens
from portalgen.themes.templates import Templates, load_templates
from portalgen.themes.theme import Theme, load_themes


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

    def addresses(self, root: str) -> dict[str, str]:
        """The path of every asset on the site's host."""
        if self._addresses is None:
            self._addresses = {name: root + route for name, route in self.assets.names.items()}
        return self._addresses


class ThemeAssets(Struct, frozen=True):
    """The themes by name, and each site's assets with its own tokens."""

    themes: dict[str, Theme]
    assets: dict[str, Assets]


def load_theming(network: Network, problems: Problems) -> dict[str, Theming]:
    """Load each site's templates, assets and strings; wrong overrides are reported and not used.

    Raises `PortalError` if a theme is wrong.
    """
    theme_assets = load_theme_assets(network)
    templates, template_problems = load_all_templates(network, theme_assets)
    problems.extend(template_problems.items)
    return combine_theming(network, theme_assets, templates)


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
    network: Network, theme_assets: ThemeAssets
) -> tuple[dict[str, Templates], Problems]:
    """The templates of each site, and the problems of overrides, which are not used then.

    Raises `PortalError` if a theme's templates are wrong. This is the slow part of `load_theming`.
    """
    shared: dict[str, Templates] = {}
    by_site: dict[str, Templates] = {}
    problems, theme_problems = Problems(), Problems()
    for site in network.sites:
        own = Problems()
        templates = load_templates(network, site, theme_assets.themes[site.theme], own, shared)
        if templates is None:
            theme_problems.extend(own.items, site.slug)
        else:
            problems.extend(own.items, site.slug)
            by_site[site.slug] = templates
    theme_problems.stop_if_any()
    return by_site, problems


def combine_theming(
    network: Network, theme_assets: ThemeAssets, templates: dict[str, Templates]
) -> dict[str, Theming]:
    """The theming of each site."""
    return {
        site.slug: Theming(
            templates[site.slug], theme_assets.assets[site.slug],
            dict(theme_assets.themes[site.theme].strings[site.language]),
        )
        for site in network.sites
    }  # fmt: skip
