"""What an article cannot show of another site, and the link that may stand for it."""

import re
from posixpath import basename, splitext
from urllib.parse import parse_qs, quote, urlsplit

from portalgen.content.html_tags import Tag
from portalgen.content.images import ATTACHMENTS

EMBEDS = frozenset(["iframe", "video", "audio", "embed", "object", "frame"])
_SOURCE = re.compile(r"<source\b[^<>]*?\ssrc\s*=\s*[\"']?([^\"'\s>]+)", re.IGNORECASE)
_YOUTUBE = re.compile(r"(?:www\.|m\.)?youtube(?:-nocookie)?\.com|youtu\.be")


def address_of(tag: Tag, inside: str) -> str:
    """The address that an element shows; `inside` is what it holds."""
    for name in ("src", "data", "data-src", "href"):
        if tag.value(name):
            return tag.value(name)
    source = _SOURCE.search(inside)
    return source[1] if source else ""


def link_for(address: str) -> str:
    """The address of a page that shows the same; empty if no link can lead there."""
    if address.startswith("//"):
        address = f"https:{address}"
    try:
        parts = urlsplit(address)
        queries = parse_qs(parts.query)
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https"):
        is_file = not parts.scheme and splitext(parts.path)[1].lower() in ATTACHMENTS
        return address if is_file else ""
    host, last = parts.netloc.lower(), basename(parts.path.rstrip("/"))
    if _YOUTUBE.fullmatch(host) and "/embed/" in parts.path:
        if last == "videoseries":
            return f"https://www.youtube.com/playlist?list={queries.get('list', [''])[0]}"
        return f"https://www.youtube.com/watch?v={last}"
    if host == "player.vimeo.com":
        return f"https://vimeo.com/{last}"
    if host.endswith("facebook.com") and parts.path.startswith("/plugins/"):
        return queries.get("href", [address])[0]
    if "/maps/embed" in parts.path:
        return ""
    return address


def link_to_write(address: str) -> str:
    """The address as it is written in a link of Markdown."""
    return quote(address, safe="%/:=&?~#+!$,;'@[]*-._")
