"""What the pages of each site are rendered with: loaded in two steps, the second a slow one."""

from msgspec import Struct

from portalgen.digests import digest_parts
from portalgen.problems import Problems
from portalgen.settings.network import Network
from portalgen.themes.assets import Assets, load_assets, with_tokens
from portalgen.themes.templates import Shared, Templates, load_templates
from portalgen.themes.theme import Theme, load_themes


class Theming(Struct):
    """What a site's pages are rendered with."""

    templates: Templates
    assets: Assets
    strings: dict[str, str]
    _addresses: dict[str, str] | None = None

    @property
    def digest(self) -> str:
        """Of all that pages are rendered with."""
        named = (self.templates.digests, self.strings, self.assets.names)
        return digest_parts(
            [part for each in named for item in sorted(each.items()) for part in item]
        )

    def addresses(self, root: str) -> dict[str, str]:
        """The path of every asset on the site's host."""
        if self._addresses is None:
            self._addresses = {name: root + made for name, made in self.assets.names.items()}
        return self._addresses


class ThemeAssets(Struct, frozen=True):
    """The themes by name, and each site's assets with its own tokens."""

    themes: dict[str, Theme]
    assets: dict[str, Assets]


def load_theming(network: Network, problems: Problems) -> dict[str, Theming]:
    """Templates, assets and strings of each site; a site whose own templates are wrong has none.

    Raises `PortalError` if a theme is unknown or wrong, or a token is.
    """
    theme_assets = load_theme_assets(network)
    templates, found = load_all_templates(network, theme_assets)
    problems.extend(found.items)
    return combine_theming(network, theme_assets, templates)


def load_theme_assets(network: Network) -> ThemeAssets:
    """Raises `PortalError` if a theme is unknown or wrong, or a token is."""
    found = Problems()
    themes = load_themes(network, found)
    found.stop_if_any()
    assets = {name: load_assets(theme, found) for name, theme in themes.items()}
    found.stop_if_any()
    own = {site.slug: with_tokens(assets[site.theme], site, themes[site.theme])
           for site in network.sites}  # fmt: skip
    return ThemeAssets(themes, own)


def load_all_templates(
    network: Network, theme_assets: ThemeAssets
) -> tuple[dict[str, Templates], Problems]:
    """The templates of each site, and what is wrong with those of sites that so have none.

    Raises `PortalError` if a theme's own are wrong.
    """
    shared = Shared()
    made: dict[str, Templates] = {}
    problems, of_themes = Problems(), Problems()
    for site in network.sites:
        own = Problems()
        templates = load_templates(network, site, theme_assets.themes[site.theme], own, shared)
        if templates is None:
            own_folder = f"{site.folder}/templates".lstrip("/")
            is_own = all(item.path.startswith(own_folder) for item in own.items)
            (problems if is_own else of_themes).extend(own.items, site.slug)
        else:
            made[site.slug] = templates
    of_themes.stop_if_any()
    return made, problems


def combine_theming(
    network: Network, theme_assets: ThemeAssets, templates: dict[str, Templates]
) -> dict[str, Theming]:
    """What each site that has templates is rendered with."""
    return {
        site.slug: Theming(
            templates[site.slug], theme_assets.assets[site.slug],
            dict(theme_assets.themes[site.theme].strings[site.language]),
        )
        for site in network.sites
        if site.slug in templates
    }  # fmt: skip
