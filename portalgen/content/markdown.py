"""Markdown → clean HTML: our heading ids, figures, and links by their sources."""

import re
from collections.abc import Callable
from html import unescape
from xml.etree.ElementTree import Element

import markdown
from markdown.extensions.fenced_code import FencedCodeExtension
from markdown.extensions.footnotes import FootnoteExtension
from markdown.extensions.sane_lists import SaneListExtension
from markdown.extensions.tables import TableExtension
from markdown.inlinepatterns import LinkInlineProcessor
from markdown.treeprocessors import UnescapeTreeprocessor
from markdown.util import AtomicString

from portalgen.content import plain
from portalgen.content.clean_html import body_cleaner, place_name
from portalgen.content.raw_html import Loss, rewritten
from portalgen.text import slugify

_MAX_OPEN_BRACKETS = 60
_MAX_LINKS = 400  # in one paragraph: from each, a pattern may look to the end
_H1 = re.compile(r"<(/?)h1(?=[\s>])", re.IGNORECASE)
_MAX_LEVELS = 30
_LEVEL = re.compile(r"^(?:[ \t]*(?:>|[-*+][ \t]|\d+[.)][ \t]))+", re.MULTILINE)
_MARKERS = re.compile(r">|[-*+](?=[ \t])|\d+[.)](?=[ \t])")
_LONG_BEGIN = re.compile(
    rf"\n[ \t>*+\-\d.)]{{{_MAX_LEVELS + 1}}}"
)  # no line can be deep without it
_LEADING_BLANK_LINES = re.compile(r"\A(?:[ \t]*\n)+")
_NO_TARGET = re.compile("<a (?!href=)")
_HEADING = re.compile(r'<h([1-6])((?: class="[^"]*")?)>(.*?)</h\1>', re.DOTALL)
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
        place = Element("span", {"data-image": place_name(len(self.images) - 1)})
        place.text = AtomicString("\u00a0")
        return place, m.start(0), index


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
        self._cleaner = body_cleaner()
        self.losses: list[Loss] = []  # of the last text

    def convert(self, text: str) -> tuple[str, list[tuple[str, str, str]]]:
        """Clean HTML and its images as (source, alt, caption), the i-th at `data-image="i"`."""
        text = _LEADING_BLANK_LINES.sub("", text)  # else no plain run begins with the text
        rest, runs = plain.set_aside(text)
        if runs and rest.strip(" \t\n") == plain.place(0):
            self.losses = []
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
        self.losses = []
        clean = "" if "<" in text else self._cleaner.clean(html)
        if not clean or _NO_TARGET.search(clean):  # there is HTML, or a link that is none
            html, self.losses = rewritten(html, images)
            clean = self._cleaner.clean(html)
        return clean, images


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
