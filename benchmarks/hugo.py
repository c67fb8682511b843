"""The same network as Hugo sites: `python -m benchmarks.hugo DIR --sites 48 --articles N`."""

import json
import shutil
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

from benchmarks.synthetic import (
    MAIN,
    Invented,
    Portal,
    Text,
    arguments,
    generate,
    section_slugs,
)

SITES = "sites"
ONE = "one/all"  # all articles in one site, as deep as the others because of `themesDir`
_HERE = Path(__file__).parent
_ASSETS = _HERE.parent / "themes" / "portal" / "assets"
TOKENS = (
    ":root{--accent:#7a5200;--brand:#8c1d18;--font-text:Georgia, serif;"
    "--font-ui:system-ui, sans-serif;--line:#d9d3c7;--measure:42rem;--radius:6px;"
    "--surface:#ffffff;--surface-soft:#f5f2ec;--text:#1f1d1a;--text-soft:#57524a;}\n"
)
_CONFIG: dict[str, object] = {
    "theme": "portal",
    "themesDir": "../../themes",
    "locale": "vi",
    "defaultContentLanguage": "vi",
    "timeZone": "Asia/Ho_Chi_Minh",
    "uglyURLs": True,
    "capitalizeListTitles": False,
    "removePathAccents": True,
    "enableRobotsTXT": True,
    "disableKinds": ["taxonomy"],
    "taxonomies": {"tag": "tags"},
    "pagination": {"pagerSize": 20, "path": "trang", "disableAliases": True},
    "markup": {"goldmark": {"renderHooks": {"link": {"useEmbedded": "always"}}}},
    "related": {
        "includeNewer": True,
        "threshold": 10,
        # Keywords repeat the tags here and would only cost time.
        "indices": [{"name": "tags", "weight": 100}],
    },
    "outputs": {
        "home": ["html", "rss", "jsonfeed", "search", "newssitemap"],
        "section": ["html", "rss"],
        "term": ["html"],
    },
    "outputFormats": {
        "rss": {"mediaType": "application/rss+xml", "baseName": "rss"},
        "jsonfeed": {"mediaType": "application/json", "baseName": "feed", "isPlainText": True},
        "search": {"mediaType": "application/json", "baseName": "tim-kiem", "isPlainText": True},
        "newssitemap": {
            "mediaType": "application/xml",
            "baseName": "news-sitemap",
            "noUgly": True,
        },
    },
}


def write(network: Invented, root: Path) -> None:
    """Write the theme, a Hugo site for each portal, and one site with all articles."""
    _write_theme(root / "themes" / "portal")
    by_site: dict[str, list[Text]] = {portal.slug: [] for portal in network.portals}
    for text in network.texts:
        by_site[text.site].append(text)
    for portal in network.portals:
        _write_site(root / SITES / portal.slug, portal, by_site[portal.slug], network.portals)
    _write_site(root / ONE, network.portals[0], network.texts, network.portals)


def _write_theme(theme: Path) -> None:
    shutil.copytree(_HERE / "hugo_theme", theme, dirs_exist_ok=True)
    shutil.copytree(_ASSETS, theme / "assets", dirs_exist_ok=True)
    (theme / "assets" / "tokens.css").write_text(TOKENS, "utf-8")


def _write_site(
    folder: Path, portal: Portal, texts: Iterable[Text], portals: tuple[Portal, ...]
) -> None:
    texts = list(texts)
    content = folder / "content"
    for weight, (slug, title) in enumerate(section_slugs().items(), 1):
        _write_page(content / slug / "_index.md", {"title": title, "weight": weight})
    for name, title, layout in _plain_pages(portal):
        hidden = {"list": "never"}
        front = {"title": title, "layout": layout, "noindex": layout == "search", "build": hidden}
        _write_page(content / f"{name}.md", front)
    uses = Counter(tag for text in texts for tag in text.tags)
    for text in texts:
        file = content / text.section / f"{text.name}.md"
        file.write_text(source(text, uses), "utf-8")
    config = _CONFIG | {
        "baseURL": portal.base_url,
        "title": portal.title,
        "params": _params(portal, portals),
    }
    (folder / "hugo.json").write_text(json.dumps(config, ensure_ascii=False, indent=1), "utf-8")


def _plain_pages(portal: Portal) -> list[tuple[str, str, str]]:
    pages = [("tim-kiem", "Tìm kiếm", "search"), ("so-do-cong", "Sơ đồ cổng", "site-map")]
    if portal.slug == MAIN:
        pages.append(("thanh-vien", "Cổng thành viên", "members"))
    return pages


def _params(portal: Portal, portals: tuple[Portal, ...]) -> dict[str, object]:
    members = [{"title": other.title, "url": other.base_url} for other in portals[1:]]
    return {
        "description": portal.description,
        "address": portal.address,
        "main": {"title": portals[0].title, "url": portals[0].base_url},
        "members": members if portal.slug == MAIN else [],
    }


def source(text: Text, uses: Mapping[str, int]) -> str:
    """The Markdown file of an article; as in portalgen, a tag used once gets no page."""
    return _page(
        {
            "title": text.title,
            "date": text.date.isoformat(),
            "id": f"{text.site}/{text.section}/{text.name}",
            "lead": text.lead,
            "author": text.author,
            "keywords": text.tags,
            "tags": [tag for tag in text.tags if uses[tag] > 1],
            "single_tags": [tag for tag in text.tags if uses[tag] < 2],
        },
        text.body,
    )


def _page(front: Mapping[str, object], body: str = "") -> str:
    lines = [f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in front.items()]
    return "\n".join(["---", *lines, "---", body, ""])


def _write_page(file: Path, front: Mapping[str, object]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(_page(front), "utf-8")


def main() -> None:
    """Write the sites given on the command line."""
    options = arguments("Write the synthetic network as Hugo sites.").parse_args()
    write(generate(options.sites, options.articles, options.seed, options.body), options.folder)


if __name__ == "__main__":
    main()
