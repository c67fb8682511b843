"""A planned page, and what a site's pages are rendered with."""

from typing import Any

from msgspec import Struct

from portalgen.digests import digest_parts
from portalgen.pages import contexts as c
from portalgen.settings.network import Site
from portalgen.themes.assets import Assets
from portalgen.themes.templates import Templates


class Page(Struct, frozen=True):
    """A file to be: its site, route, template (empty for machine formats), context and key."""

    site: str
    route: str
    template: str
    context: Any
    key: str


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


def file_page(site: Site, route: str, context: Any) -> Page:
    """A page that no template makes: a feed, a sitemap, a file taken over."""
    return Page(site.slug, route, "", context, c.context_digest(context))
