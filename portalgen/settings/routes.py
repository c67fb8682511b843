"""Where every page of a site stands: routes are paths below the site's root, without a slash."""

from portalgen.settings.network import Site

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
FIXED = (HOME, SEARCH, SITE_MAP, NOT_FOUND, RSS, JSON_FEED, SITEMAP, ROBOTS)


def article(site: Site, section: str, slug: str, date_iso: str) -> str:
    """The route of an article by the site's permalink, or of a plain page."""
    if not section:
        return f"{slug}.html"
    year, month, day = date_iso[:10].split("-") if date_iso else ("0", "0", "0")
    return site.permalink.format(
        section=section, slug=slug, year=year, month=month, day=day
    ).lstrip("/")


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
