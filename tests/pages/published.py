"""Published feeds and sitemaps, as programs read them."""

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from tests.helpers import (
    page,
)

MAPS = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


NEWS = "{http://www.google.com/schemas/sitemap-news/0.9}"


CONTENT = "{http://purl.org/rss/1.0/modules/content/}"


def parsed(root: Path, name: str) -> ElementTree.Element:
    """A published XML file."""
    return ElementTree.fromstring((root / "public" / name).read_bytes())


def rss(root: Path, name: str = "main/rss.xml") -> list[dict[str, str]]:
    """The items of an RSS feed, by element."""
    items = parsed(root, name).iter("item")
    return [{part.tag: part.text or "" for part in item} for item in items]


def feed(root: Path, name: str = "main/feed.json") -> dict[str, Any]:
    """A JSON feed."""
    values = json.loads(page(root, name))
    assert isinstance(values, dict)
    return values
