"""Markdown → clean HTML: our heading ids, figures, and links by their sources."""

import re
from collections.abc import Callable
from html import unescape
from itertools import starmap
from typing import NamedTuple

import markdown
from markdown.extensions.footnotes import FootnoteExtension

from portalgen.content import inline, plain
from portalgen.content.blocks import Blocks, Fault, TooDeep
from portalgen.content.clean_html import body_cleaner
from portalgen.content.raw_html import Loss, rewritten
from portalgen.content.simple_blocks import Block, simple_blocks
from portalgen.text import slugify

_MAX_OPEN_BRACKETS = 60
_MAX_LINKS = 400  # in one paragraph: from each, a pattern may look to the end
_H1 = re.compile(r"<(/?)h1(?=[\s>])", re.IGNORECASE)
_LINE_END = re.compile(r"\r\n?")
_NEVER_TEXT = re.compile("[\x02\x03]")  # Python-Markdown puts its own places between them
_NO_TARGET = re.compile("<a (?!href=)")
_HEADING = re.compile(r'<h([1-6])((?: class="[^"]*")?)>(.*?)</h\1>', re.DOTALL)
_TAG = re.compile("<[^>]*>")


class Converted(NamedTuple):
    """A text as clean HTML, with its pictures as (source, alt, caption), and what went wrong.

    `faults` are of Markdown, `losses` of HTML and of links.
    """

    html: str
    images: list[tuple[str, str, str]]
    faults: list[Fault]
    losses: list[Loss]


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
        self._images = inline.Images(self._markdown)
        self._blocks = Blocks(self._markdown, footnotes)
        self._cleaner = body_cleaner()

    def convert(self, text: str) -> Converted:
        """Clean HTML; its images as (source, alt, caption), the i-th at `data-image="i"`.

        Raises:
            TooDeep: with the line from which brackets, lists or quotes go deeper than anyone means.
        """
        text = _LINE_END.sub("\n", text)
        simple = [
            (block, list(map(plain.inline, block.texts))) for block in simple_blocks(text) or ()
        ]
        if simple and all(None not in htmls for _, htmls in simple):
            return Converted(_with_ids("\n".join(starmap(_element, simple))), [], [], [])
        _check_brackets(text)
        self._markdown.reset()
        self._blocks.begin(simple)
        images = self._images.images = []
        html = _H1.sub(r"<\1h2", self._markdown.convert(_NEVER_TEXT.sub("", text)))
        losses: list[Loss] = []
        clean = "" if "<" in text else self._cleaner.clean(html)
        if not clean or _NO_TARGET.search(clean):  # there is HTML, or a link that is none
            html, losses = rewritten(html, images)
            clean = self._cleaner.clean(html)
        return Converted(_with_ids(clean), images, self._blocks.faults, losses)


def _element(block: Block, htmls: list[str]) -> str:
    tag, start = block.tag, f' start="{block.start}"' if block.start != 1 else ""
    if tag not in ("ul", "ol"):
        return f"<{tag}>{htmls[0]}</{tag}>"
    return "\n".join((f"<{tag}{start}>", *(f"<li>{html}</li>" for html in htmls), f"</{tag}>"))


def _with_ids(html: str) -> str:
    """Headings with ids from our slugs, unique in the article."""
    seen: dict[str, int] = {}

    def with_id(heading: re.Match[str]) -> str:
        level, looks, words = heading.groups()
        base = (slugify(unescape(_TAG.sub("", words))) or "muc")[:120]
        count = seen.get(base, 0)
        seen[base] = count + 1
        name = f"{base}-{count + 1}" if count else base
        while count and name in seen:
            count += 1
            name = f"{base}-{count + 1}"
        seen.setdefault(name, 1)
        return f'<h{level}{looks} id="{name}">{words}</h{level}>'

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
