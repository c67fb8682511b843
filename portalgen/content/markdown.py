"""Markdown → clean HTML: our heading ids, figures, and links by their sources."""

import re
import secrets
from collections.abc import Callable
from functools import cache
from html import unescape
from typing import NamedTuple

import markdown
import nh3
from markdown.extensions.footnotes import FootnoteExtension

from portalgen.content import inline, plain
from portalgen.content.blocks import Blocks, Fault, TooDeep
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
    "td": {"class", "colspan", "rowspan"},
    "th": {"class", "colspan", "rowspan", "scope"},
    "ul": {"class"},
}
_CLASSES = re.compile(
    r"align-(?:left|center|right)|footnote|language-[A-Za-z0-9_+#.-]{1,40}|letters"
)
_IDS = re.compile(r"[a-z0-9][a-z0-9:-]{0,160}|fn(?:ref[0-9]*)?:[^\s\"'<>&]{1,80}")
_MAX_OPEN_BRACKETS = 60
_MAX_LINKS = 400  # in one paragraph: from each, a pattern may look to the end
_MEDIA = re.compile(r"(?:/(?!/)[A-Za-z0-9._/-]*)?/media/[0-9a-f]{16}-\d+\.(?:webp|jpg)(?: \d+w)?")
_H1 = re.compile(r"<(/?)h1(?=[\s>])", re.IGNORECASE)
_OURS = secrets.token_hex(8) + "-"  # no article can write a place for a picture
_NEVER_TEXT = re.compile("[\x02\x03]")  # Python-Markdown puts its own places between them
_HEADING = re.compile(r"<h([1-6])>(.*?)</h\1>", re.DOTALL)
_TAG = re.compile("<[^>]*>")


class Converted(NamedTuple):
    """A text as clean HTML, with its pictures as (source, alt, caption), and what went wrong."""

    html: str
    images: list[tuple[str, str, str]]
    faults: list[Fault]


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
        footnotes = FootnoteExtension(
            BACKLINK_TITLE="↑ {}", UNIQUE_IDS=False, USE_DEFINITION_ORDER=False
        )
        self._markdown = markdown.Markdown(extensions=[footnotes], output_format="html")
        for name in ("normalize_whitespace", "html_block"):
            self._markdown.preprocessors.deregister(name)
        inline.register(self._markdown)
        self._images = inline.Images(self._markdown, _OURS)
        self._blocks = Blocks(self._markdown, footnotes)
        self._cleaner = _cleaner(_TAGS, _ATTRIBUTES)

    def convert(self, text: str) -> Converted:
        """Clean HTML; its images as (source, alt, caption), the i-th at `data-image="i"`.

        Raises:
            TooDeep: with the line from which brackets, lists or quotes go deeper than anyone means.
        """
        html = plain.document(text)
        if html is not None:
            return Converted(_with_ids(html), [], [])
        _check_brackets(text)
        self._markdown.reset()
        self._blocks.reset()
        images = self._images.images = []
        html = _H1.sub(r"<\1h2", self._markdown.convert(_NEVER_TEXT.sub("", text)))
        return Converted(_with_ids(self._cleaner.clean(html)), images, self._blocks.faults)


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


def _check_brackets(text: str) -> None:
    if text.count("[") < _MAX_OPEN_BRACKETS:
        return
    depth = near = 0
    for number, line in enumerate(text.split("\n")):
        opened = line.count("[")
        depth = depth + opened - line.count("]") if line.strip() else 0
        links = line.count("](") + line.count("[^")
        near = near + links if line.strip() and "|" not in line else links
        if (
            near > _MAX_LINKS
            or max(depth, line.count("[[[[[[[[")) > _MAX_OPEN_BRACKETS
            or "[" * _MAX_OPEN_BRACKETS in line
        ):
            raise TooDeep(number)


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
