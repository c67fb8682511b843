"""Every feed and sitemap of the repository's own network conforms to its format."""

import json
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest

from tests.sample import HOST

MAPS = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
ATOM = "{http://www.w3.org/2005/Atom}"
SITES = 48


def found(sample: Path, pattern: str) -> list[tuple[Path, ElementTree.Element]]:
    files = sorted(sample.glob(pattern))
    assert len(files) >= SITES
    return [(file, ElementTree.fromstring(file.read_bytes())) for file in files]


def absolute(url: str | None) -> bool:
    parts = urlsplit(url or "")
    return parts.scheme in ("http", "https") and bool(parts.hostname) and " " not in (url or "")


def ours(url: str | None) -> bool:
    return absolute(url) and (urlsplit(url or "").hostname or "").endswith(HOST)


def texts(element: ElementTree.Element, name: str) -> Iterator[str]:
    for part in element.iter(name):
        yield part.text or ""


def test_rss(sample: Path) -> None:
    for file, root in found(sample, "**/rss.xml"):
        assert (root.tag, root.get("version"), len(root)) == ("rss", "2.0", 1), file
        channel = root[0]
        for name in ("title", "link", "description", "language"):
            [value] = [part.text for part in channel if part.tag == name]
            assert value and value.strip(), (file, name)
        own = channel.find(f"{ATOM}link")
        assert own is not None and ours(own.get("href")) and own.get("rel") == "self", file
        assert all(ours(link) for link in texts(channel, "link")), file
        identities = list(texts(channel, "guid"))
        assert all(identities) and len(set(identities)) == len(identities), file
        for item in channel.iter("item"):
            assert item.findtext("title") and item.findtext("link"), file
            assert len(item.findall("guid")) == len(item.findall("pubDate")) == 1, file
        for moment in [*texts(channel, "pubDate"), *texts(channel, "lastBuildDate")]:
            assert parsedate_to_datetime(moment).tzinfo, (file, moment)


def refuse(constant: str) -> None:
    pytest.fail(f"{constant} is no JSON")


def test_json_feeds(sample: Path) -> None:
    files = sorted(sample.glob("*/feed.json"))
    assert len(files) == SITES
    for file in files:
        feed: dict[str, Any] = json.loads(file.read_bytes(), parse_constant=refuse)
        assert feed["version"] == "https://jsonfeed.org/version/1.1", file
        assert isinstance(feed["title"], str) and feed["title"], file
        assert ours(feed["home_page_url"]) and ours(feed["feed_url"]), file
        items = feed["items"]
        assert isinstance(items, list), file
        assert len({item["id"] for item in items}) == len(items), file
        for item in items:
            assert isinstance(item["id"], str) and item["id"], file
            assert ours(item["url"]), file
            assert item.get("content_html") or item.get("content_text"), file
            assert not item.get("image") or ours(item["image"]), file


def test_sitemaps(sample: Path) -> None:
    for file, root in found(sample, "*/*sitemap*.xml"):
        entry = {f"{MAPS}urlset": f"{MAPS}url", f"{MAPS}sitemapindex": f"{MAPS}sitemap"}[root.tag]
        assert {part.tag for part in root} <= {entry}, file
        assert len(root) <= 50_000 and file.stat().st_size <= 50 * 1024 * 1024, file
        host = urlsplit(next(texts(root, f"{MAPS}loc"), "")).hostname
        for part in root:
            [place] = part.findall(f"{MAPS}loc")
            assert ours(place.text) and urlsplit(place.text or "").hostname == host, file
