"""The structure of HTML, and what a reference implementation of CommonMark and GFM makes of a text.

What portalgen changes on purpose is not compared: pictures are places, headings have ids and begin
at the second level, HTML is cleaned, footnotes and task boxes have markup of their own, cells of
tables have classes.
"""

import re
from functools import cache
from html.parser import HTMLParser

from markdown_it import MarkdownIt
from mdit_py_plugins.deflist import deflist_plugin
from mdit_py_plugins.footnote import footnote_plugin
from mdit_py_plugins.tasklists import tasklists_plugin

from portalgen.content.clean_html import clean_published

_INLINE = {
    *str.split("a abbr b br cite code del em i ins kbd mark q s samp small span strong sub sup u"),
    "var", "img", "box", "note",
}  # fmt: skip
_SAME = {"h1": "h2", "s": "del"}
_ALONE = {"img", "br", "hr", "box", "note"}
_LOOSE = {"blockquote", "details"}  # and beside all blocks
_TRANSPARENT = {"span", "div", "figure", "picture", "source"}
_SPACES = re.compile(r"[ \t\n\r\f\xa0\u3000]+")  # the reference drops those of any kind
_H1 = re.compile(r"<(/?)h1(?=[\s>])", re.IGNORECASE)
_BOX = re.compile(r'<input\b(?=[^>]*type="checkbox")([^>]*)>')
_PLACE = re.compile(r'<span data-image="\d+">[^<]*</span>')
_FOOTNOTE = re.compile(r'<sup [^>]*>\s*<a [^>]*href="#fn[^>]*>[^<]*</a>\s*</sup>')
_BACK = re.compile(r'(?:&nbsp;|\s)*<a [^>]*href="#fnref[^>]*>[^<]*</a>')
_FOOTNOTES = re.compile(r'<div class="footnote">\s*(?:<hr\s*/?>)?|<section class="footnotes">')
_LINE_BEFORE_NOTES = re.compile(r'<hr class="footnotes-sep"\s*/?>')
_FIGURE = re.compile(r"<figure\b[^>]*>(?:(?!</figure).)*<img\b.*?</figure>", re.DOTALL)
_EMPTY = re.compile(r"<p>\0</p>(?:\0|\Z)")  # the cleaner left nothing of it
_HOST = re.compile(r"(?://)?[\w-]+(?:\.[\w-]+)*(?::\d+)?(?:[/?#](?:[^\s<]*[^\s<?!.,:;*_~\"')])?)?")


class _Events(HTMLParser):
    """Tags as `<p>`, and texts behind a quotation mark."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.events: list[str] = []
        self._open: list[tuple[str, bool]] = []  # and whether it is an event

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        tag = _SAME.get(tag, tag)
        named = dict(attrs)
        name = f"{tag} {named['start']}" if tag == "ol" and named.get("start") else tag
        if tag in _TRANSPARENT or (tag == "a" and not named.get("href")):  # an anchor
            name = ""
        if name:
            self.events.append(f"<{name}>")
        if tag not in _ALONE:
            self._open.append((tag, bool(name)))

    def handle_endtag(self, tag: str) -> None:
        tag = _SAME.get(tag, tag)
        for number in range(len(self._open) - 1, -1, -1):
            if self._open[number][0] == tag:
                if self._open.pop(number)[1]:
                    self.events.append(f"</{tag}>")
                break

    def handle_data(self, data: str) -> None:
        text = data if ("pre", True) in self._open else _SPACES.sub(" ", data)
        if self.events and self.events[-1][0] == '"':
            self.events[-1] = _SPACES.sub(" ", self.events[-1] + text)
        else:
            self.events.append('"' + text)


def structure(html: str) -> list[str]:
    """Tags and texts of HTML in their order; white space only where readers see it.

    A text begins with a quotation mark, a tag is as `<p>`.
    """
    html = _PLACE.sub("<img>", _BACK.sub("", _FOOTNOTE.sub("<note>", html)))
    html = _LINE_BEFORE_NOTES.sub("", _FOOTNOTES.sub("<div>", html)).replace("</section>", "</div>")
    html = _BOX.sub(lambda box: "☑ " if "checked" in box[1] else "☐ ", html)
    parser = _Events()
    parser.feed(_FIGURE.sub("<p><img></p>", html))
    parser.close()
    text = "\0".join(_in_paragraphs(_trimmed(parser.events)))
    text = _EMPTY.sub("", text.replace("<p>\0<img>\0</p>", "<img>"))
    for outer, inner in (
        ("<strong>\0<em>", "<em>\0<strong>"),
        ("</em>\0</strong>", "</strong>\0</em>"),
    ):
        text = text.replace(outer, inner)  # of `***a***` either may be outside
    return [event for event in text.split("\0") if event]


def _in_paragraphs(events: list[str]) -> list[str]:
    """With paragraphs around text that stands loose beside blocks."""
    wrapped: list[str] = []
    blocks: list[str] = []
    is_open = False
    for event in events:
        is_loose = not _is_block(event) and (not blocks or blocks[-1] in _LOOSE)
        if is_loose != is_open and (is_loose or is_open):
            wrapped.append("<p>" if is_loose else "</p>")
            is_open = is_loose
        if _is_block(event) and event.strip("</>") not in _ALONE:
            if event[1] != "/":
                blocks.append(event.strip("<>"))
            elif blocks:
                blocks.pop()
        wrapped.append(event)
    return [*wrapped, "</p>"] if is_open else wrapped


def _is_block(event: str) -> bool:
    return event[0] == "<" and event.strip("</>").split()[0] not in _INLINE


def _trimmed(events: list[str]) -> list[str]:
    """Without white space beside blocks and line breaks."""
    trimmed: list[str] = []
    is_code = False
    for number, event in enumerate(events):
        is_code = event == "<pre>" or (is_code and event != "</pre>")
        text = event[1:]
        if event[0] == "<":
            trimmed.append(event)
            continue
        if is_code:
            lines = text.expandtabs(4).split("\n")  # tabs are blanks in portalgen
            text = "\n".join(map(str.rstrip, lines)).strip("\n")
        else:
            before = events[number - 1] if number else "<p>"
            if _is_block(before) or before in ("<br>", "<code>"):
                text = text.lstrip(" ")
            behind = events[number + 1] if number + 1 < len(events) else "</p>"
            if _is_block(behind) or behind in ("<br>", "</code>"):
                text = text.rstrip(" ")
        if text:
            trimmed.append('"' + text)
    return trimmed


def loose(events: list[str]) -> list[str]:
    """A structure in which no item of a list has paragraphs, to see whether only these differ."""
    depth: list[str] = []
    kept = []
    for event in events:
        if event in ("<li>", "<blockquote>", "<td>", "<dd>", "<div>"):
            depth.append(event)
        elif depth and event == depth[-1].replace("<", "</"):
            depth.pop()
        if not (event in ("<p>", "</p>") and depth and depth[-1] == "<li>"):
            kept.append(event)
    return kept


def _bare(text: str, position: int, prefix: str) -> int:
    """The length of a bare address behind `prefix`, as GFM takes it."""
    begin = position - len(prefix)
    if begin > 0 and not (text[begin - 1].isspace() or text[begin - 1] in "*_~("):
        return 0
    match = _HOST.match(text, position)
    return match.end() - position if match else 0


@cache
def _reference() -> MarkdownIt:
    md = MarkdownIt("gfm-like", {"maxNesting": 100})
    md.use(footnote_plugin, inline=False).use(tasklists_plugin).use(deflist_plugin)
    md.validateLink = lambda url: True  # type: ignore[method-assign]  # the cleaner decides
    assert md.linkify is not None
    md.linkify.set({"fuzzy_link": False, "fuzzy_email": True})
    md.linkify.tlds("example", True)
    md.linkify.add("//", None).add("ftp:", None)
    for prefix, before in ("http:", ""), ("https:", ""), ("www.", "http://"):
        rule = {
            "validate": lambda _, text, at, prefix=prefix: _bare(text, at, prefix),
            "normalize": lambda _, match, before=before: setattr(match, "url", before + match.url),
        }
        md.linkify.add(prefix, rule)
    return md


def reference_html(text: str) -> str:
    """What CommonMark with the extensions of GFM, footnotes and definition lists makes of a text.

    Nothing is cleaned.
    """
    return str(_reference().render(text))


def reference(text: str) -> list[str]:
    """The structure of what the reference implementation makes of a text."""
    return expected(reference_html(text))


def expected(html: str) -> list[str]:
    """The structure of HTML that another program made, cleaned as ours is."""
    html = _FOOTNOTE.sub("\ue001", _BACK.sub("", html.rstrip()))
    html = _LINE_BEFORE_NOTES.sub("", html).replace("<section ", "<div ")
    html = html.replace("</section>", "</div>")
    html = _BOX.sub(lambda box: "☑ " if "checked" in box[1] else "☐ ", html)
    return structure(clean_published(_H1.sub(r"<\1h2", html)).replace("\ue001", "<note>"))
