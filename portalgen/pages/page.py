"""A planned page."""

from typing import Any

from msgspec import Struct

from portalgen.pages import contexts as c
from portalgen.settings.site import Site


class Page(Struct, frozen=True):
    """A planned file; `template` is empty for files without one, such as feeds."""

    site: str
    route: str
    template: str
    context: Any
    key: str


def file_page(site: Site, route: str, context: Any) -> Page:
    """Return a page without a template: a feed, a sitemap, a copied file."""
    return Page(site.slug, route, "", context, c.context_digest(context))
