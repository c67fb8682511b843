"""Markdown → clean HTML: our heading ids, figures, and links by their sources."""

import re
import secrets
from collections.abc import Callable
from functools import cache
from html import unescape
from xml.etree.ElementTree import Element

import markdown
import nh3
from markdown.extensions.fenced_code import FencedCodeExtension
from markdown.extensions.footnotes import FootnoteExtension
from markdown.extensions.sane_lists import SaneListExtension
from markdown.extensions.tables import TableExtension
from markdown.inlinepatterns import LinkInlineProcessor
from markdown.treeprocessors import UnescapeTreeprocessor
from markdown.util import AtomicString

from portalgen.content import plain
from portalgen.text import slugify

_TAGS = {
    *[
        "a",
        "abbr",
        "b",
        "blockquote",
        "br",
        "caption",
        "cite",
        "code",
        "col",
        "colgroup",
        "dd",
        "del",
        "details",
        "div",
        "dl",
        "dt",
        "em",
        "h2",
        "h3",
        "h4",
        "h5",
    ],
    *[
        "h6",
        "hr",
        "i",
        "ins",
        "kbd",
        "li",
        "mark",
        "ol",
        "p",
        "pre",
        "q",
        "s",
        "samp",
        "small",
        "span",
        "strong",
        "sub",
        "summary",
        "sup",
        "table",
        "tbody",
        "td",
    ],
    *["tfoot", "th", "thead", "tr", "u", "ul", "var"],
}
_ATTRIBUTES = {
    "a": {"href", "title"},
    "abbr": {"title"},
    "code": {"class"},
    "div": {"class"},
    "li": {"id"},
    "ol": {"start"},
    "span": {"data-image"},
    "sup": {"id"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
}
_CLASSES = re.compile(r"footnote|language-[A-Za-z0-9_+-]{1,40}")
_IDS = re.compile(r"[a-z0-9][a-z0-9:-]{0,160}")
_MAX_OPEN_BRACKETS = 60
_MAX_LINKS = 400  # in one paragraph: from each, a pattern may look to the end
_MEDIA = re.compile(r"(?:/(?!/)[A-Za-z0-9._/-]*)?/media/[0-9a-f]{16}-\d+\.(?:webp|jpg)(?: \d+w)?")
_H1 = re.compile(r"<(/?)h1(?=[\s>])", re.IGNORECASE)
_OURS = secrets.token_hex(8) + "-"  # no article can write a place for a picture
_MAX_LEVELS = 30
_LEVEL = re.compile(r"^(?:[ \t]*(?:>|[-*+][ \t]|\d+[.)][ \t]))+", re.MULTILINE)
_MARKERS = re.compile(r">|[-*+](?=[ \t])|\d+[.)](?=[ \t])")
_LONG_BEGIN = re.compile(
    rf"\n[ \t>*+\-\d.)]{{{_MAX_LEVELS + 1}}}"
)  # no line can be deep without it
_LEADING_BLANK_LINES = re.compile(r"\A(?:[ \t]*\n)+")
_HEADING = re.compile(r"<h([1-6])>(.*?)</h\1>", re.DOTALL)
_TAG = re.compile("<[^>]*>")


class _Images(LinkInlineProcessor):
    """`![alt](file "caption")` becomes a numbered place, filled in after cleaning."""

    def __init__(self, md: markdown.Markdown):
        super().__init__(r"\!\[", md)
        self.images: list[tuple[str, str, str]] = []
        self._with_escaped = UnescapeTreeprocessor(md).unescape
        md.inlinePatterns.register(self, "image_link", 150)
        md.inlinePatterns.deregister("image_reference")
        md.inlinePatterns.deregister("short_image_ref")

    def handleMatch(self, m, data):  # type: ignore[no-untyped-def, override]
        alt, index, handled = self.getText(data, m.end(0))
        if not handled:
            return None, None, None
        src, title, index, handled = self.getLink(data, index)
        if not handled:
            return None, None, None
        texts = src, self.unescape(alt), title or ""
        src, alt, caption = (unescape(self._with_escaped(text)) for text in texts)
        self.images.append((src, alt, caption))
        place = Element("span", {"data-image": f"{_OURS}{len(self.images) - 1}"})
        place.text = AtomicString("\u00a0")
        return place, m.start(0), index


def _filter(tag: str, name: str, value: str) -> str | None:
    if name == "class":
        kept = [word for word in value.split() if _CLASSES.fullmatch(word)]
        return " ".join(kept) or None
    if name == "id":
        return value if _IDS.fullmatch(value) else None
    if name == "data-image":
        return value.removeprefix(_OURS) if value.startswith(_OURS) else None
    if name in ("colspan", "rowspan", "start"):
        return value if re.fullmatch(r"\d{1,4}", value) else None
    if name in ("src", "srcset"):
        return value if all(map(_MEDIA.fullmatch, value.split(", "))) else None
    return value


def _cleaner(tags: set[str], attributes: dict[str, set[str]]) -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=tags, attributes=attributes, attribute_filter=_filter,
        url_schemes={"http", "https", "mailto", "tel", "portal"}, link_rel="noopener noreferrer",
    )  # fmt: skip


@cache
def _published_cleaner() -> nh3.Cleaner:
    """Allows what is added after cleaning, too: pictures, and ids of headings."""
    headings = {f"h{level}": {"id"} for level in range(2, 7)}
    shared = {"srcset", "sizes"}
    pictures = {
        "img": {"src", "width", "height", "alt", "loading", "decoding", *shared},
        "source": {"type", *shared},
    }
    tags = {"figure", "figcaption", "picture", "source", "img"}
    return _cleaner(_TAGS | tags, _ATTRIBUTES | headings | pictures)


def clean_published(html: str) -> str:
    """A body as an article had it, cleaned again: it may come from anywhere."""
    return _published_cleaner().clean(html)


class Converter:
    """Turns Markdown into clean HTML; one is kept per process, since making it is slow."""

    def __init__(self) -> None:
        self._markdown = markdown.Markdown(
            extensions=[
                # Themselves: for a name, all installed packages would be looked through.
                TableExtension(), FencedCodeExtension(), SaneListExtension(),
                FootnoteExtension(BACKLINK_TITLE="↑ {}", UNIQUE_IDS=False),
            ],
            output_format="html",
        )  # fmt: skip
        self._images = _Images(self._markdown)
        self._cleaner = _cleaner(_TAGS, _ATTRIBUTES)

    def convert(self, text: str) -> tuple[str, list[tuple[str, str, str]]]:
        """Clean HTML and its images as (source, alt, caption), the i-th at `data-image="i"`."""
        text = _LEADING_BLANK_LINES.sub("", text)  # else no plain run begins with the text
        rest, runs = plain.set_aside(text)
        if runs and rest.strip(" \t\n") == plain.place(0):
            return _with_ids("\n".join(runs[0])), []
        html, images = self._long_way(rest)
        whole = plain.put_back(html, runs)
        if whole is None:
            whole, images = self._long_way(text)
        return _with_ids(whole), images

    def _long_way(self, text: str) -> tuple[str, list[tuple[str, str, str]]]:
        self._markdown.reset()
        images = self._images.images = []
        html = _H1.sub(r"<\1h2", self._markdown.convert(text))
        return self._cleaner.clean(html), images


def _with_ids(html: str) -> str:
    """Headings with ids from our slugs, unique in the article."""
    seen: dict[str, int] = {}

    def with_id(heading: re.Match[str]) -> str:
        level, words = heading.groups()
        base = (slugify(unescape(_TAG.sub("", words))) or "muc")[:120]
        count = seen.get(base, 0)
        seen[base] = count + 1
        name = f"{base}-{count + 1}" if count else base
        while count and name in seen:
            count += 1
            name = f"{base}-{count + 1}"
        seen.setdefault(name, 1)
        return f'<h{level} id="{name}">{words}</h{level}>'

    return _HEADING.sub(with_id, html) if "<h" in html else html


def too_deep(body: str) -> int:
    """The line (from 0) at which brackets or nested lists go deeper than anyone means; else -1."""
    if body.count("[") >= _MAX_OPEN_BRACKETS:
        depth = near = 0
        for number, line in enumerate(body.split("\n")):
            opened = line.count("[")
            depth = depth + opened - line.count("]") if line.strip() else 0
            links = line.count("](") + line.count("[^")
            near = near + links if line.strip() and "|" not in line else links
            if (
                near > _MAX_LINKS
                or max(depth, line.count("[[[[[[[[")) > _MAX_OPEN_BRACKETS
                or "[" * _MAX_OPEN_BRACKETS in line
            ):
                return number
    for begin in _LEVEL.finditer(body) if _LONG_BEGIN.search("\n" + body) else ():
        line = begin[0] + body[begin.end() :].split("\n", 1)[0]
        ruled = set(line) <= set("* ") or set(line) <= set("- ")
        if len(_MARKERS.findall(begin[0])) > _MAX_LEVELS and not ruled:
            return body.count("\n", 0, begin.start())
    if "\n" + "    " * _MAX_LEVELS in body or "\n" + "\t" * _MAX_LEVELS in body:
        for number, line in enumerate(body.split("\n")):
            indent = len(line.expandtabs(4)) - len(line.expandtabs(4).lstrip())
            if indent >= 4 * _MAX_LEVELS and _LEVEL.match(line):
                return number
    return -1


_IMAGE_PLACE = re.compile(
    r'(<p>)?<span data-image="(\d+)">\s*(?:&nbsp;)?\s*</span>(</p>)?|<a |</a>'
)
_ATTRIBUTES_OF_LINK = r"""(?:[^">]|"[^"]*")*"""
_LINK = re.compile(
    rf"""(<a\b{_ATTRIBUTES_OF_LINK}?\bhref=")([^"]*)("{_ATTRIBUTES_OF_LINK}>)(.*?)(</a>)""",
    re.DOTALL,
)
_EMPTY_LINK = re.compile(rf"<a\b{_ATTRIBUTES_OF_LINK}>\s*</a>")


def fill_images(html: str, render: Callable[[int, bool, bool], str]) -> str:
    """Replace image places.

    `render(i, alone, linked)` is told whether it stands alone in a paragraph, or within a link.
    """
    is_linked = False

    def replace(place: re.Match[str]) -> str:
        nonlocal is_linked
        before, number, after = place.groups()
        if number is None:
            is_linked = place[0] == "<a "
            return place[0]
        alone = bool(before and after)
        picture = render(int(number), alone, is_linked)
        return picture if alone else (before or "") + picture + (after or "")

    return _IMAGE_PLACE.sub(replace, html) if "data-image" in html else html


def map_links(html: str, change: Callable[[str], str | None]) -> str:
    """Replace the (escaped) target of every link; of None only the words remain."""

    def replace(link: re.Match[str]) -> str:
        before, target, after, words, end = link.groups()
        changed = change(target)
        return words if changed is None else before + changed + after + words + end

    return _LINK.sub(replace, html) if "<a " in html else html


def drop_empty_links(html: str) -> str:
    """Leave out links around nothing."""
    return _EMPTY_LINK.sub("", html)
