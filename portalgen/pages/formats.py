"""Write RSS 2.0, JSON Feed 1.1, sitemaps and JSON-LD, with escaped texts."""

import json
import re
from collections.abc import Callable
from html import escape
from typing import Any

import msgspec

from portalgen.pages import contexts as c

# Forbidden in XML 1.0 even if escaped: www.w3.org/TR/xml/#charsets.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SCRIPT = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}


def xml(text: str) -> str:
    """Escape text for an XML element or attribute."""
    text = _NOT_XML.sub("", text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return text.replace('"', "&quot;").replace("'", "&apos;")


def script_json(value: object) -> str:
    """Encode JSON for use inside `<script>`."""
    text = msgspec.json.encode(value).decode()
    for char, escaped in _SCRIPT.items():
        text = text.replace(char, escaped)
    return text


def render(context: Any, body: Callable[[int], str]) -> bytes:
    """Render a feed, sitemap or other file; `body(i)` returns the full text of feed item `i`."""
    if isinstance(context, c.BytesContext):
        return context.data
    if isinstance(context, c.TextContext):
        return context.text.encode()
    if isinstance(context, c.SitemapContext):
        return _sitemap(context).encode()
    feed = _rss if context.format == "rss" else _json_feed
    return feed(context, body).encode()


def _rss(context: c.FeedContext, body: Callable[[int], str]) -> str:
    dates = [item.date for item in context.items]
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"'
        ' xmlns:content="http://purl.org/rss/1.0/modules/content/"'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/">',
        "<channel>",
        f"<title>{xml(context.title)}</title>",
        f"<link>{xml(context.home)}</link>",
        f"<description>{xml(context.description or context.title)}</description>",
        f"<language>{context.language}</language>",
        f'<atom:link href="{xml(context.address)}" rel="self" type="application/rss+xml"/>',
    ]
    if dates:
        lines.append(f"<lastBuildDate>{c.rfc822(max(dates))}</lastBuildDate>")
    for number, article in enumerate(context.items):
        lines += [
            "<item>",
            f"<title>{xml(article.title)}</title>",
            f"<link>{xml(article.url)}</link>",
            f'<guid isPermaLink="false">{xml(article.identity)}</guid>',
            f"<pubDate>{c.rfc822(article.date)}</pubDate>",
            f"<description>{xml(escape(article.summary, quote=False))}</description>",  # HTML
        ]
        if article.author:
            lines.append(f"<dc:creator>{xml(article.author)}</dc:creator>")
        lines += [f"<category>{xml(tag)}</category>" for tag in article.tags]
        if context.full_text:
            lines.append(f"<content:encoded>{xml(body(number))}</content:encoded>")
        lines.append("</item>")
    return "\n".join([*lines, "</channel>", "</rss>", ""])


def _json_feed(context: c.FeedContext, body: Callable[[int], str]) -> str:
    items = []
    for number, article in enumerate(context.items):
        item: dict[str, object] = {
            "id": article.identity,
            "url": article.url,
            "title": article.title,
            "summary": article.summary,
            "date_published": article.date_iso,
        }
        item |= (
            {"content_html": body(number)}
            if context.full_text
            else {"content_text": article.summary}
        )
        if article.updated_iso:
            item["date_modified"] = article.updated_iso
        if article.author:
            item["authors"] = [{"name": article.author}]
        if article.tags:
            item["tags"] = article.tags
        items.append(item)
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": context.title,
        "home_page_url": context.home,
        "feed_url": context.address,
        "language": context.language,
        "items": items,
    }
    return json.dumps(feed, ensure_ascii=False, indent=1) + "\n"


def _sitemap(context: c.SitemapContext) -> str:
    head = '<?xml version="1.0" encoding="UTF-8"?>\n'
    space = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
    if context.format == "news":
        news = 'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"'
        entries = [_news_entry(article, context) for article in context.news]
        return f"{head}<urlset {space} {news}>\n{''.join(entries)}</urlset>\n"
    outer, inner = ("sitemapindex", "sitemap") if context.format == "index" else ("urlset", "url")
    lines = []
    for address, lastmod in context.entries:
        date = f"<lastmod>{lastmod}</lastmod>" if lastmod else ""
        lines.append(f"<{inner}><loc>{xml(address)}</loc>{date}</{inner}>\n")
    return f"{head}<{outer} {space}>\n{''.join(lines)}</{outer}>\n"


def _news_entry(article: c.FeedItem, context: c.SitemapContext) -> str:
    return (
        f"<url><loc>{xml(article.url)}</loc><news:news><news:publication>"
        f"<news:name>{xml(context.name)}</news:name><news:language>{context.language}</news:language>"
        f"</news:publication><news:publication_date>{article.date_iso}</news:publication_date>"
        f"<news:title>{xml(article.title)}</news:title></news:news></url>\n"
    )


def json_ld(context: c.Common) -> str:
    """schema.org data of a page: breadcrumbs, and a NewsArticle for articles."""
    head, site = context.head, context.site
    graph: list[dict[str, object]] = []
    origin = site.url.removesuffix(site.root)
    if context.breadcrumbs:
        trail = [
            *((link.title, origin + link.url) for link in context.breadcrumbs),
            (head.title, head.canonical),
        ]
        graph.append({
            "@type": "BreadcrumbList",
            "itemListElement": [
                {"@type": "ListItem", "position": position, "name": name, "item": address}
                for position, (name, address) in enumerate(trail, 1)
            ],
        })  # fmt: skip
    if head.type == "article":
        article: dict[str, object] = {
            "@type": "NewsArticle",
            "headline": head.title,
            "description": head.description,
            "mainEntityOfPage": head.canonical,
            "datePublished": head.published,
            "dateModified": head.updated or head.published,
            "inLanguage": site.language,
            "publisher": {"@type": "GovernmentOrganization", "name": site.title, "url": site.url},
        }
        if head.author:
            article["author"] = {"@type": "Person", "name": head.author}
        if head.image:
            article["image"] = f"{site.url}media/{head.image.stem}-{head.image.widths[-1]}.jpg"
        if head.keywords:
            article["keywords"] = list(head.keywords)
        graph.append(article)
    if not graph:
        return ""
    return script_json({"@context": "https://schema.org", "@graph": graph})
