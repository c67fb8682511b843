"""HTML that is typed in an article: what can be published of it, and what is lost.

Pictures become places like those of Markdown, other elements what comes next to them. The cleaner
decides after this; what it would drop is left out here, so that it is known.
"""

import re
from collections import Counter
from functools import cache
from html import unescape
from posixpath import basename, splitext
from typing import NamedTuple
from urllib.parse import unquote

from portalgen.content.clean_html import SCHEMES, TAGS, is_allowed, is_link, place_name
from portalgen.content.embeds import EMBEDS, address_of, link_for, link_to_write
from portalgen.content.html_tags import Tag, tag_at

MOST = 100  # losses of a kind whose places are looked for
_RENAMED = {
    **dict.fromkeys(str.split(
        "section article header footer main nav aside center hgroup fieldset legend form address"
        " search dialog"
    ), "div"),
    "menu": "ul", "dir": "ul", "strike": "s", "tt": "code", "acronym": "abbr", "h1": "h2",
}  # fmt: skip
_WITHOUT_MEANING = frozenset(str.split(
    "html head body meta link base title font big nobr basefont bgsound label output data picture"
    " source track param noscript spacer blink marquee template noembed noframes xmp listing"
    " plaintext rb rtc slot optgroup option datalist o:p"
))  # fmt: skip
_MEANINGS = {*TAGS, *_RENAMED, *_WITHOUT_MEANING}
_HARMLESS = frozenset(str.split(
    "href title src alt class id name rel target width height loading srcset sizes"
))  # fmt: skip
_CONTROLS = frozenset(str.split("form input button select textarea progress meter"))
_DRAWINGS = frozenset(["svg", "canvas", "math"])
_HELD = frozenset(["script", "style", "svg", "iframe"])  # their content is left out with them
_VOID = frozenset(["br", "col", "hr", "wbr"])
_ENDS_ITSELF = frozenset(str.split(
    "p li td th tr dt dd thead tbody tfoot colgroup caption rt rp rb rtc option optgroup"
))  # fmt: skip
_MEANT_BY_STYLE = re.compile(
    r"(?<![-\w])(?:color:(?!#0{3,6}(?!\w)|black|windowtext|inherit|initial|#333)"
    r"|background(?:-color)?:(?!#f{3,6}(?!\w)|white|none|transparent|initial|inherit)"
    r"|text-decoration[\w-]*:(?!none)|font-weight:(?:bold|[6-9]00)"
    r"|font-style:italic|white-space:pre|float:)"
)
# Tags that Markdown makes. Those that end themselves, and those of which as many end as begin, are
# as they are, wherever they come from.
_PLAIN = "p|li|td|th|tr|thead|tbody|br|hr"
_ALL_PAIRS = frozenset(str.split(
    "em strong code h2 h3 h4 h5 h6 ul ol pre blockquote table sup"
))  # fmt: skip
_PAIRS = re.compile(rf"<(/?)({'|'.join(sorted(_ALL_PAIRS))})\b", re.IGNORECASE)
_ALIGNED = frozenset(["p", "div", "h2", "h3", "h4", "h5", "h6", "td", "th"])
_ALIGN = re.compile(r"(?<![-\w])text-align:([a-z]+)")
# Links of which none is within another, and whose targets are kept whatever they are.
_LINK_TAG = re.compile(r"<a\b[^>]*>|</a\b", re.IGNORECASE)
_SURE_LINK_TAG = r'a href="(?:https?://[A-Za-z0-9.-]*[A-Za-z](?:[/?#][^"<>]*)?|[^":<>]*)"'
_LATE = ("data-src", "data-lazy-src", "data-original")
_DOCTYPE = re.compile(r"<!doctype\b", re.IGNORECASE)
_COMMENT_END = re.compile(r"--!?>")
_FRAGMENT = re.compile(r"href=[\"']?#([^\"'\s>]+)")
_SURE_LINK = re.compile(r"https?://[A-Za-z0-9.-]*[A-Za-z](?:[/?#].*)?|[^:]*|#.*", re.DOTALL)
_SCHEME = re.compile(r"[\x00-\x20]*([A-Za-z][\w+.-]*):")
_PLACE = r'<span data-image="[0-9a-f]+-[0-9]+">[^<]*</span>'
_PLACES_ALONE = re.compile(
    rf"((?:\A|</?(?:div|blockquote|details|p|summary|table|ul|ol|figure|h[2-6])\b[^<>]*>)\s*)"
    rf"((?:{_PLACE}\s*)+)(?=\Z|</?(?:div|blockquote|details|p|table|ul|ol|figure|h[2-6])\b)"
)
_ONE_PLACE = re.compile(_PLACE)
_PARAGRAPH_OF_PLACE = re.compile(rf"<p>\s*({_PLACE})\s*</p>")
_FIGURE = re.compile(r"<figure>((?:(?!</?figure>).)*)</figure>", re.DOTALL)


def _side(tag: Tag, name: str = "p") -> str:
    """`center` or `right`, if an element of this name is to be aligned like that; else empty."""
    if name not in _ALIGNED:
        return ""
    align = _ALIGN.search("".join(tag.value("style").lower().split()))
    side = align[1] if align else tag.value("align").lower()
    side = "center" if tag.name == "center" else side
    return {"center": "center", "right": "right", "end": "right"}.get(side, "")


class Loss(NamedTuple):
    """What is not published: code and values of its message, its tag as typed, its number.

    `before` counts the tags like it that stand before it, those in code included.
    """

    code: str
    tag: str
    before: int
    values: tuple[tuple[str, str], ...] = ()


def rewritten(html: str, images: list[tuple[str, str, str]]) -> tuple[str, list[Loss]]:
    """The HTML as it can be cleaned without loss, and what is lost.

    Its pictures are added to `images` as (source, alt, caption).
    """
    rewriter = _Rewriter(html, images)
    text = _PLACES_ALONE.sub(_in_paragraphs, rewriter.rewrite())
    text = _PARAGRAPH_OF_PLACE.sub(r"<p>\1</p>", text)
    return _FIGURE.sub(_figure, text), rewriter.losses


def _in_paragraphs(places: re.Match[str]) -> str:
    if places[1].lstrip().startswith(("<p>", "<p ", "<summary", "<h")):
        return places[0]
    return places[1] + _ONE_PLACE.sub(r"<p>\g<0></p>", places[2])


def _figure(figure: re.Match[str]) -> str:
    """A figure with a caption; without one, its pictures have their own."""
    if "<figcaption>" not in figure[1]:
        return f"<div>{figure[1]}</div>"
    inside = _PARAGRAPH_OF_PLACE.sub(r"\1", figure[1])
    return f"<figure>{inside}</figure>"


def like(tag: str, blank: str = r"\s+") -> re.Pattern[str]:
    """What is like a tag: with other blanks between its parts, or escaped as in code."""
    text = blank.join(map(re.escape, tag.split()))
    for sign, escaped in (("&", "&(?:amp;)?"), ("<", "(?:<|&lt;)"), ('"', '(?:"|&quot;)')):
        text = text.replace(re.escape(sign), escaped)
    return re.compile(text.replace(">", "(?:>|&gt;)"))


@cache
def _plain_tags(pairs: frozenset[str]) -> re.Pattern[str]:
    """A run of tags that stay, and of text."""
    return re.compile(rf"(?:</?(?:{'|'.join((_PLAIN, *pairs))})>[^<]*)+")


def _are_sure(links: list[str]) -> bool:
    """Whether tags begin and end links in turns, with targets that are kept."""
    return len(links) % 2 == 0 and all(
        re.fullmatch(f"<{_SURE_LINK_TAG}>" if number % 2 == 0 else "</a", tag)
        for number, tag in enumerate(links)
    )


class _Rewriter:
    def __init__(self, html: str, images: list[tuple[str, str, str]]):
        self.html = html
        self.images = images
        self.losses: list[Loss] = []
        self._out: list[str] = []
        self._open: dict[str, list[tuple[str, int]]] = {}  # what closes each, and its begin
        self._named = {unquote(unescape(name)) for name in _FRAGMENT.findall(html)}
        self._counts: dict[str, int] = {}
        tags = Counter((end, name.lower()) for end, name in _PAIRS.findall(html))
        self._paired = _ALL_PAIRS - {name for _, name in tags if tags["", name] != tags["/", name]}
        links = _LINK_TAG.findall(html)
        if links and _are_sure(links):
            self._plain = _plain_tags(self._paired | {_SURE_LINK_TAG, "a"})
        else:
            self._plain = _plain_tags(self._paired)

    def rewrite(self) -> str:
        html, at = self.html, 0
        while (start := html.find("<", at)) >= 0:
            run = self._plain.match(html, start)
            if run:
                start = run.end()
            self._out.append(html[at:start])
            at = self._markup(start) if start < len(html) else start
        self._out.append(html[at:])
        for name, tags in self._open.items():
            for _, start in tags if name not in _ENDS_ITSELF else ():
                self._lose("html-unclosed", start, tag=f"<{name}>", end=f"</{name}>")
        return "".join(self._out)

    def _lose(self, code: str, start: int, **values: str) -> None:
        count = self._counts[code] = self._counts.get(code, 0) + 1
        if count > MOST:
            return
        tag = tag_at(self.html, start)
        text = self.html[start : tag.end if tag else start + 4]
        before = sum(1 for _ in like(text).finditer(self.html, 0, start))
        texts = tuple((key, value[:120]) for key, value in values.items())
        self.losses.append(Loss(code, text, before, texts))

    def _markup(self, start: int) -> int:
        """Write what stands for the markup at `start`; return where it ends."""
        html = self.html
        if html.startswith("<!--", start):
            end = _COMMENT_END.search(html, start + 2)
            if end:
                return end.end()
            self._lose("html-open-comment", start)
        elif html[start + 1 : start + 2] in ("!", "?"):
            close = html.find(">", start)
            if close >= 0:
                if not _DOCTYPE.match(html, start):
                    self._lose("lost-code", start, tag=html[start : min(close, start + 60) + 1])
                return close + 1
        else:
            tag = tag_at(html, start)
            if tag:
                return self._end(tag) if tag.is_end else self._begin(tag, start)
        self._out.append("&lt;")
        return start + 1

    def _end(self, tag: Tag) -> int:
        opened = self._open.get(tag.name)
        if opened:
            self._out.append(opened.pop()[0])
        elif tag.name in self._paired:
            self._out.append(f"</{tag.name}>")
        return tag.end

    def _begin(self, tag: Tag, start: int) -> int:
        name = tag.name
        self._note_attributes(tag, start)
        if name == "img":
            self._picture(tag, start)
            return tag.end
        if name in _HELD or name in EMBEDS:
            return self._held(tag, start)
        if name == "input" and tag.value("type").lower() in ("checkbox", "radio"):
            self._out.append("☑" if "checked" in tag.attributes else "☐")
            return tag.end
        self._note_element(tag, start)
        if name == "a" and "href" in tag.attributes:
            self._end_links()
        if name == "a":
            opens, closes = self._link(tag, start)
        else:
            new = _RENAMED.get(name, name)
            opens, closes = ("", "") if new not in TAGS else (self._tag(new, tag), f"</{new}>")
        if name == "figcaption" and not self._open.get("figure"):
            opens, closes = "<p>", "</p>"
        if not opens and name == "option":
            opens = " "
        self._out.append(opens)
        if name in _VOID:
            return tag.end
        if tag.is_closed:
            self._out.append(closes)
        elif (closes or name in ("a", "noscript", "math")) and name not in self._paired:
            self._open.setdefault(name, []).append((closes, start))
        return tag.end

    def _end_links(self) -> None:
        """No link is within another: as in browsers, one that begins ends the one before."""
        for closes, start in self._open.pop("a", ()):
            self._out.append(closes)
            if closes:
                self._lose("html-unclosed", start, tag="<a>", end="</a>")

    def _tag(self, name: str, tag: Tag) -> str:
        """The tag with the attributes that are kept."""
        parts = [name]
        attributes = tag.attributes
        if side := _side(tag, name):
            attributes = {**attributes, "class": f"align-{side}"}
        for key, value in attributes.items():
            is_named = name[0] == "h" or name in ("li", "sup") or unescape(value) in self._named
            if key == "id" and not is_named:  # those of footnotes may be named by nothing
                continue
            if (name == "a" and key == "href") or is_allowed(name, key, unescape(value)):
                parts.append(f'{key}="{value.replace(chr(34), "&quot;")}"')
        return f"<{' '.join(parts)}>"

    def _note_attributes(self, tag: Tag, start: int) -> None:
        if tag.attributes.keys() <= _HARMLESS:
            return
        scripts = [name for name in tag.attributes if re.fullmatch("on[a-z]{3,}", name)]
        if scripts:
            self._lose("lost-script", start, tag=scripts[0])
        look = self._look(tag)
        if look:
            self._lose("lost-look", start, what=look)
        name = _RENAMED.get(tag.name, tag.name)
        if name not in TAGS:
            return
        for key in ("lang", "dir", "datetime", "start", "value", "span", "colspan", "rowspan"):
            value = tag.value(key)
            meant = key in ("lang", "dir") or is_allowed(name, key, "1")
            if value and meant and not is_allowed(name, key, value):
                self._lose("lost-attribute", start, name=key, value=value)

    def _look(self, tag: Tag) -> str:
        """The first attribute that says how text looks, if that may mean anything."""
        if tag.name in ("img", "hr", "table", "iframe", "a"):
            return ""
        if _side(tag) and not _side(tag, _RENAMED.get(tag.name, tag.name)):
            return f'align="{_side(tag)}"'
        for name in ("bgcolor", "color"):
            if tag.value(name):
                return f'{name}="{tag.value(name)[:40]}"'
        style = _MEANT_BY_STYLE.search("".join(tag.value("style").lower().split()))
        return f'style="{tag.value("style")[:60]}"' if style else ""

    def _note_element(self, tag: Tag, start: int) -> None:
        name = tag.name
        if name in _DRAWINGS:
            self._lose("lost-drawing", start, tag=f"<{name}>")
        elif name in _CONTROLS:
            if tag.value("type").lower() != "hidden" and not self._open.get("form"):
                self._lose("lost-form", start, tag=f"<{name}>")
        elif name not in _MEANINGS and not self._open.get("math"):
            self._lose("lost-element", start, tag=self.html[start : tag.end][:60])

    def _held(self, tag: Tag, start: int) -> int:
        """Leave out an element that is not published, and tell it."""
        name = tag.name
        pattern = re.compile(rf"</{name}\s*>|<{name}\b", re.IGNORECASE)
        close = pattern.search(self.html, tag.end)
        is_closed = bool(close and close[0][1] == "/")
        end = close.end() if close and is_closed else tag.end
        if name in ("script", "style"):
            self._lose(f"lost-{name}", start, tag=f"<{name}>")
        elif name in _DRAWINGS:
            self._lose("lost-drawing", start, tag=f"<{name}>")
        elif not (name == "embed" and self._open.get("object")):
            self._embed(tag, start, self.html[tag.end : end if is_closed else tag.end + 1000])
        if name == "object" and not tag.is_closed:
            self._open.setdefault(name, []).append(("", start))
        return end if name in _HELD else tag.end

    def _embed(self, tag: Tag, start: int, inside: str) -> None:
        address = address_of(tag, inside)
        link = link_for(address)
        if link:
            self._lose("lost-embed", start, tag=f"<{tag.name}>", wanted=link_to_write(link))
        elif "/maps/" in address:
            self._lose("lost-map", start)
        else:
            self._lose("lost-media", start, tag=f"<{tag.name}>", address=address)

    def _picture(self, tag: Tag, start: int) -> None:
        """A place for a picture; pages that load pictures late have its address elsewhere."""
        source = tag.value("src")
        late = next(filter(None, map(tag.value, _LATE)), "")
        if late and (not source or source.startswith("data:")):
            source = late
        source = source or tag.value("srcset").partition(" ")[0]
        if not source:
            self._lose("lost-element", start, tag=self.html[start : tag.end][:60])
            return
        if self._open.get("noscript") and any(image[0] == source for image in self.images):
            return
        caption = tag.value("title")
        if caption == splitext(basename(unquote(source)))[0]:
            caption = ""  # as programs name what nobody named
        self.images.append((source, tag.value("alt"), caption))
        self._out.append(f'<span data-image="{place_name(len(self.images) - 1)}">&nbsp;</span>')

    def _link(self, tag: Tag, start: int) -> tuple[str, str]:
        """What opens and closes a link; of one that leads nowhere its words are left."""
        anchor = tag.attributes.get("id") or tag.attributes.get("name", "")
        span = ""
        if is_allowed("span", "id", unescape(anchor)):
            span = f'<span id="{anchor}">'
        if "href" not in tag.attributes:
            return (span, "</span>") if span else ("", "")
        target = tag.value("href")
        if _SURE_LINK.fullmatch(target) or is_link(target):
            link = self._tag("a", tag)
            return (span + link, "</a></span>") if span else (link, "</a>")
        scheme = _SCHEME.match(target)
        name = scheme[1].lower() if scheme else ""
        if len(name) == 1 or name == "file":
            code = "lost-link-file"
        elif name in ("javascript", "vbscript"):
            code = "lost-link-script"
        elif name == "data":
            code = "lost-link-data"
        else:
            code = "lost-link" if name and name not in SCHEMES else "link-nowhere"
        self._lose(code, start, target=target, scheme=name)
        return (span, "</span>") if span else ("", "")
