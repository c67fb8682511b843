"""A planned page."""

from typing import Any

from msgspec import Struct

from portalgen.pages import contexts as c
from portalgen.settings.site import Site


class Page(Struct, frozen=True):
    """A file to be: its site, route, template (empty for machine formats), context and key."""

    site: str
    route: str
    template: str
    context: Any
    key: str


def file_page(site: Site, route: str, context: Any) -> Page:
    """A page that no template makes: a feed, a sitemap, a file taken over."""
    return Page(site.slug, route, "", context, c.context_digest(context))
