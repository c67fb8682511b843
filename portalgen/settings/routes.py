"""Routes of pages: paths below the site's root, without a leading slash."""

import os
import re

from portalgen.settings.site import Site
from portalgen.text import slug_within

HOME = "index.html"
SEARCH = "tim-kiem.html"
SEARCH_FOLDER = "tim-kiem"
SITE_MAP = "so-do-cong.html"
MEMBERS = "thanh-vien.html"
NOT_FOUND = "404.html"
GONE = "410.html"
MOVED = ".moved"  # folder of the markers of redirects; servers show no hidden files
_TAKEN = "gone"  # folder in there of the markers of what was taken away, by route
RSS = "rss.xml"
JSON_FEED = "feed.json"
SITEMAP = "sitemap.xml"
NEWS_SITEMAP = "news-sitemap.xml"
ROBOTS = "robots.txt"
# In bytes. File systems allow 255 for a name, of which `deploy` needs three for `page.html.br`;
# S3 allows 1,024 for a key.
MAX_NAME = 252
MAX_ROUTE = 900
_FORBIDDEN = re.compile(r"[\x00-\x1f\x7f-\x9f\\\u2028\u2029\ud800-\udfff]")
# Files that `deploy` adds to a site.
INVENTORY, SIGNATURE = "manifest.json", "manifest.json.minisig"
DEPLOYED = (INVENTORY, SIGNATURE)
PACKED_SUFFIXES = (".br", ".gz")
PACKED_TYPES = frozenset([".html", ".json", ".xml", ".txt", ".webmanifest", ".css", ".js", ".svg"])
FIXED = (HOME, SEARCH, SITE_MAP, NOT_FOUND, GONE, RSS, JSON_FEED, SITEMAP, ROBOTS)


def article(site: Site, section: str, slug: str, date_iso: str) -> str:
    """The route of an article, by the site's permalink, or of a plain page."""
    if not section:
        return f"{slug}.html"
    year, month, day = date_iso[:10].split("-") if date_iso else ("0", "0", "0")
    return site.permalink.format(
        section=section, slug=slug, year=year, month=month, day=day
    ).lstrip("/")


def fits(route: str, name: int = MAX_NAME) -> bool:
    """Whether a route is short enough for a file, with parts of at most `name` bytes."""
    if len(route) * 4 <= name:
        return True
    encoded = route.encode("utf-8", "surrogatepass")
    return len(encoded) <= MAX_ROUTE and max(map(len, encoded.split(b"/"))) <= name


def is_portable(path: str) -> bool:
    """Whether a path stays below its folder and can be listed in an inventory."""
    forbidden = _FORBIDDEN.search(path) or ":" in path.partition("/")[0]
    return not forbidden and all(part not in ("", ".", "..") for part in path.split("/"))


def name_slug(name: str) -> str:
    """The slug of a tag or topic; empty if it has no letter or digit."""
    return slug_within(name, MAX_NAME - len(".html"))


def deployed_beside(route: str) -> tuple[str, ...]:
    """Routes of the compressed files that `deploy` may add for a route."""
    is_packed = os.path.splitext(route)[1] in PACKED_TYPES
    return tuple(route + suffix for suffix in PACKED_SUFFIXES) if is_packed else ()


def section(slug: str) -> str:
    """A section's front page."""
    return f"{slug}/index.html"


def section_feed(slug: str) -> str:
    """A section's RSS feed."""
    return f"{slug}/rss.xml"


def tag(slug: str) -> str:
    """A tag's page."""
    return f"tag/{slug}.html"


def topic(slug: str) -> str:
    """A topic hub."""
    return f"chuyen-de/{slug}.html"


def older(route: str, number: int) -> str:
    """Closed page `number` of the list at `route`; 1 is the oldest."""
    folder = (
        route.removesuffix("index.html")
        if route.endswith("/index.html")
        else (route.removesuffix(".html") + "/")
    )
    return f"{folder}trang-{number}.html"


def gone_marker(route: str) -> str:
    """The route of the marker that something was taken away; empty if it is too long for a file."""
    marker = f"{MOVED}/{_TAKEN}/{route}.410"
    return marker if fits(marker) else ""


def path(site: Site, route: str) -> str:
    """The address of a route on its host: `/tin-tuc/`."""
    return site.root_path + _public(route)


def url(site: Site, route: str) -> str:
    """The absolute address of a route."""
    return site.base_url + _public(route)


def _public(route: str) -> str:
    return route[: -len("index.html")] if route == HOME or route.endswith("/index.html") else route
