"""Where every page of a site stands: routes are paths below the site's root, without a slash."""

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
RSS = "rss.xml"
JSON_FEED = "feed.json"
SITEMAP = "sitemap.xml"
NEWS_SITEMAP = "news-sitemap.xml"
ROBOTS = "robots.txt"
# In bytes. File systems have 255 for a name, and `deploy` puts a packed `page.html.br` beside each;
# buckets have 1,024 for a whole key.
MAX_NAME = 252
MAX_ROUTE = 900
_ODD = re.compile(r"[\x00-\x1f\x7f-\x9f\\\u2028\u2029\ud800-\udfff]")
# What `deploy` adds to the files of a site.
INVENTORY, SIGNATURE = "manifest.json", "manifest.json.minisig"
DEPLOYED = (INVENTORY, SIGNATURE)
PACKED_SUFFIXES = (".br", ".gz")
PACKED_TYPES = frozenset([".html", ".json", ".xml", ".txt", ".webmanifest", ".css", ".js", ".svg"])
FIXED = (HOME, SEARCH, SITE_MAP, NOT_FOUND, RSS, JSON_FEED, SITEMAP, ROBOTS)


def article(site: Site, section: str, slug: str, date_iso: str) -> str:
    """The route of an article by the site's permalink, or of a plain page."""
    if not section:
        return f"{slug}.html"
    year, month, day = date_iso[:10].split("-") if date_iso else ("0", "0", "0")
    return site.permalink.format(
        section=section, slug=slug, year=year, month=month, day=day
    ).lstrip("/")


def fits(route: str, name: int = MAX_NAME) -> bool:
    """Whether a file can have this route, each part of it being at most `name` bytes long."""
    if len(route) * 4 <= name:
        return True
    encoded = route.encode("utf-8", "surrogatepass")
    return len(encoded) <= MAX_ROUTE and max(map(len, encoded.split(b"/"))) <= name


def is_portable(path: str) -> bool:
    """Whether a path stays below the folder it is meant for, and can be written in a list of files.

    So do paths in inventories have to be.
    """
    odd = _ODD.search(path) or ":" in path.partition("/")[0]
    return not odd and all(part not in ("", ".", "..") for part in path.split("/"))


def name_slug(name: str) -> str:
    """What stands for a tag or topic in its address; empty if it has no letter or digit."""
    return slug_within(name, MAX_NAME - len(".html"))


def deployed_beside(route: str) -> tuple[str, ...]:
    """The routes of the packed forms that `deploy` may put beside a file."""
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
    """The closed page `number` (1 = oldest) of the list at `route`."""
    folder = (
        route.removesuffix("index.html")
        if route.endswith("/index.html")
        else (route.removesuffix(".html") + "/")
    )
    return f"{folder}trang-{number}.html"


def path(site: Site, route: str) -> str:
    """The address of a route on its host: `/tin-tuc/`."""
    return site.root_path + _public(route)


def url(site: Site, route: str) -> str:
    """The absolute address of a route."""
    return site.base_url + _public(route)


def _public(route: str) -> str:
    return route[: -len("index.html")] if route == HOME or route.endswith("/index.html") else route
