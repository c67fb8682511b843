"""portalgen builds a network of static news portals from Markdown and a shared theme."""

__version__ = "0.2.0"
