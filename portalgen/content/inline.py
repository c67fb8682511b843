"""What is within a line as people type it: addresses, tags of HTML, breaks, struck out text.

Python-Markdown reads lines; here are the patterns that it lacks or has otherwise than CommonMark
and GFM.
"""

import re
from collections.abc import Callable, Iterator
from html import unescape
from xml.etree.ElementTree import Element

from markdown import Markdown
from markdown.inlinepatterns import (
    REFERENCE_RE,
    AutolinkInlineProcessor,
    HtmlInlineProcessor,
    InlineProcessor,
    LinkInlineProcessor,
    ReferenceInlineProcessor,
    SubstituteTagInlineProcessor,
)  # fmt: skip
from markdown.treeprocessors import InlineProcessor as TreeOfLines
from markdown.treeprocessors import UnescapeTreeprocessor
from markdown.util import (
    HTML_PLACEHOLDER_RE,
    INLINE_PLACEHOLDER_PREFIX,
    INLINE_PLACEHOLDER_RE,
    AtomicString,
    code_escape,
)  # fmt: skip

from portalgen.content import emphasis
from portalgen.content.clean_html import place_name

# https://html.spec.whatwg.org/multipage/indices.html, and what older pages have.
_ELEMENT = re.compile(
    r"a|abbr|acronym|address|applet|area|article|aside|audio|b|base|basefont|bdi|bdo|"
    r"big|blink|blockquote|body|br|button|canvas|caption|center|cite|code|col|"
    r"colgroup|data|datalist|dd|del|details|dfn|dialog|dir|div|dl|dt|em|embed|"
    r"fieldset|figcaption|figure|font|footer|form|frame|frameset|h1|h2|h3|h4|h5|h6|"
    r"head|header|hgroup|hr|html|i|iframe|img|input|ins|kbd|label|legend|li|link|"
    r"main|map|mark|marquee|math|menu|meta|meter|nav|nobr|noframes|noscript|object|"
    r"ol|optgroup|option|output|p|param|path|picture|pre|progress|q|rp|rt|ruby|s|"
    r"samp|script|search|section|select|slot|small|source|span|strike|strong|style|"
    r"sub|summary|sup|svg|table|tbody|td|template|textarea|tfoot|th|thead|time|title|"
    r"tr|track|tt|u|ul|var|video|wbr",
    re.IGNORECASE,
)
_VALUE = r"""(?:"[^"]*"|'[^']*'|[^\s"'=<>`]+)"""
_ATTRIBUTE = rf"\s+[A-Za-z_:][A-Za-z0-9_.:-]*(?:\s*=\s*{_VALUE})?"
# `<o:p>` and the like are what a word processor leaves; CommonMark knows no such names.
_NAME = r"[A-Za-z][A-Za-z0-9-]*(?::[A-Za-z][A-Za-z0-9]*)?"
_TAG = rf"(<({_NAME})((?:{_ATTRIBUTE})*\s*/?)>|</({_NAME})\s*>|<!--|<\?|<!\[CDATA\[|<!(?=[A-Za-z]))"
_VALUES = re.compile(rf"\s*=\s*{_VALUE}")
# Attributes that stand without a value; other words in a tag say that it is none: `a<b va c>d`.
_FLAG = re.compile(
    r"allowfullscreen|alt|async|autofocus|autoplay|border|checked|class|compact|controls|"
    r"crossorigin|default|defer|disabled|download|hidden|id|inert|ismap|itemscope|loop|"
    r"mozallowfullscreen|multiple|muted|nofollow|noresize|noshade|novalidate|nowrap|open|"
    r"playsinline|preload|readonly|required|reversed|sandbox|selected|style|title|value|"
    r"webkitallowfullscreen",
    re.IGNORECASE,
)
_NEAR = 10_000  # characters in which the other tag is looked for
_ENDS = {"<!--": "-->", "<?": "?>", "<![CDATA[": "]]>", "<!": ">"}
_BEGIN = re.compile(rf"\s*<(?:({_NAME})((?:{_ATTRIBUTE})*\s*/?)|/({_NAME})|[!?])")
_LINK_TAG = re.compile(r"</?a[\s>]", re.IGNORECASE)
_AUTOLINK = (
    r"<((?:[A-Za-z][A-Za-z0-9.+-]{1,31}://"
    r"|(?i:callto|data|javascript|mailto|portal|skype|sms|tel|viber|zalo):)[^\s<>]*)>"
)
_DOMAIN = r"[\w-]+(?:\.[\w-]+)*"
_BARE = (
    rf"(?:(?<!\w)(?i:https?)://{_DOMAIN}|(?<![^\s*_~(\x03])www\.[\w-]+\.{_DOMAIN})"
    rf"(?::\d+)?(?:[/?#](?:[^\s<\x02]|{INLINE_PLACEHOLDER_RE.pattern})*)?"
    r"|(?<![\w.+\-/:@])[A-Za-z0-9][\w.+-]*@[A-Za-z0-9][\w-]*(?:\.[\w-]*\w)+(?![\w@/-])"
)
_PARTS = re.compile(rf"{INLINE_PLACEHOLDER_RE.pattern}|.", re.DOTALL)
_ESCAPED_SIGN = re.compile(r"\x02(\d+)\x03")
_Make = Callable[[str, str, str], Element]
_NEVER_AT_END = "?!.,:*_~'\"”’»"
_ENTITY_AT_END = re.compile(r"&[A-Za-z0-9]{1,31};\Z")
_ESCAPED = "!\"#$%'()*+,-./:;<=>?@[\\]^_`{|}~"


def begins_html(text: str) -> bool:
    """Whether a text begins with a tag or comment of HTML; `<tên>` is text, and so is `a < b`."""
    match = _BEGIN.match(text)
    if match is None:
        return False
    name = match[1] or match[3]
    return name is None or _is_tag(name, match[2] or "", text[:_NEAR])


def _is_tag(name: str, attributes: str, text: str) -> bool:
    """Whether a tag is one: HTML has its name, or it is used as a tag of another program is."""
    if ":" in name or _ELEMENT.fullmatch(name):
        return True
    return "=" in attributes or attributes[-1:] == "/" or f"</{name.lower()}" in text.lower()


def _are_attributes(text: str) -> bool:
    alone = [name for name in _VALUES.sub("=", text).rstrip("/").split() if name[-1] != "="]
    return all(not name.isalpha() or _FLAG.fullmatch(name) for name in alone)


def label(text: str) -> str:
    """The label of a reference as it is compared: its case, code and line ends do not count."""
    return " ".join(text.replace("`", "").replace("\\", "").split()).lower()


class _Code(InlineProcessor):
    """`code`, between as many signs; https://spec.commonmark.org/0.31.2/#code-spans."""

    def __init__(self, md: Markdown):
        super().__init__("`+", md)
        self._never: set[int] = set()  # sizes of runs that are looked for in vain

    def handleMatch(self, m, data):  # type: ignore[no-untyped-def, override]
        start = m.start()
        if data.rfind("`", 0, start) < 0:
            self._never.clear()  # a text may begin here
        if _is_escaped(data, start):
            start += 1
        size = m.end() - start
        if not size or size in self._never:
            return None, None, None
        end = re.compile(f"(?<!`){m[0][:size]}(?!`)").search(data, m.end())
        if end is None:
            self._never.add(size)
            return None, None, None
        text = data[m.end() : end.start()].replace("\n", " ")
        if text[0] == text[-1] == " " and text.strip(" "):
            text = text[1:-1]
        code = Element("code")
        code.text = AtomicString(code_escape(text))
        return code, start, end.end()


def _is_escaped(data: str, at: int) -> bool:
    """Whether an odd number of backslashes is before a place."""
    before = at
    while before and data[before - 1] == "\\":
        before -= 1
    return (at - before) % 2 == 1


class _Ampersand(InlineProcessor):
    """Keeps an escaped `&` from beginning an entity with what is behind it."""

    def handleMatch(self, m, data):  # type: ignore[no-untyped-def, override]
        return self.md.htmlStash.store("&amp;"), m.start(), m.end()


class _Html(HtmlInlineProcessor):
    """Keeps what is a tag or comment; any other `<` is text."""

    def __init__(self, md: Markdown):
        super().__init__(_TAG, md)
        self._missing: tuple[str, str] = "", ""  # an end looked for in vain, and in which text

    def handleMatch(self, m, data):  # type: ignore[no-untyped-def, override]
        name = m[2] or m[4]
        if name:
            near = data[max(0, m.start() - _NEAR) : m.end() + _NEAR]
            is_tag = _is_tag(name, m[3] or "", near) and (not m[3] or _are_attributes(m[3]))
            return super().handleMatch(m, data) if is_tag else (None, None, None)
        end = _ENDS[m[1]]
        if self._missing[0] == end and self._missing[1] is data:
            return None, None, None
        at = data.find(end, m.start() + 2)
        if at < 0:
            self._missing = end, data
            return None, None, None
        behind = at + len(end)
        html = self.backslash_unescape(self.unescape(data[m.start() : behind]))
        return self.md.htmlStash.store(html), m.start(), behind


class _Bare(InlineProcessor):
    """Links addresses as they stand; https://github.github.com/gfm/#autolinks-extension-."""

    ANCESTOR_EXCLUDES = ("a",)

    def handleMatch(self, m, data):  # type: ignore[no-untyped-def, override]
        parts = list(self._typed(m[0]))
        address = _without_end("".join(character for _, character in parts))
        if address.endswith(("//", "www")) or self._is_in_link(data, m.start()):
            return None, None, None
        link = Element("a")
        scheme = "" if "://" in address else "http://" if address[:4] == "www." else "mailto:"
        link.set("href", scheme + address)
        link.text = AtomicString(address)
        return link, m.start(), m.start() + sum(size for size, _ in parts[: len(address)])

    def _typed(self, text: str) -> Iterator[tuple[int, str]]:
        """The characters of an address with their sizes; one behind a backslash was put away."""
        for part in _PARTS.finditer(text):
            if len(part[0]) == 1:
                yield 1, part[0]
                continue
            escaped = _ESCAPED_SIGN.fullmatch(str(self._put_away().get(part[1])))
            if not escaped:
                return  # other than a sign with a backslash
            yield len(part[0]), chr(int(escaped[1]))

    def _put_away(self) -> dict[str, Element | str]:
        lines = self.md.treeprocessors["inline"]
        assert isinstance(lines, TreeOfLines)
        return lines.stashed_nodes

    def _is_in_link(self, data: str, before: int) -> bool:
        """Whether a tag `<a>` is open at a place; tags have been put away by now."""
        if not self.md.htmlStash.rawHtmlBlocks:
            return False
        put_away = self._put_away()
        while (before := data.rfind(INLINE_PLACEHOLDER_PREFIX, 0, before)) >= 0:
            place = INLINE_PLACEHOLDER_RE.match(data, before)
            number = HTML_PLACEHOLDER_RE.match(str(put_away.get(place[1]))) if place else None
            tag = self.md.htmlStash.rawHtmlBlocks[int(number[1])] if number else ""
            if isinstance(tag, str) and _LINK_TAG.match(tag):
                return tag[1] != "/"
        return False


def _without_end(address: str) -> str:
    """An address without the signs behind it that belong to the sentence."""
    end = len(address)
    to_close = address.count(")") - address.count("(")
    while end:
        last = address[end - 1]
        if last == ")" and to_close > 0:
            to_close -= 1
        elif last == ";" and (entity := _ENTITY_AT_END.search(address[max(0, end - 33) : end])):
            end -= len(entity[0]) - 1
        elif last not in _NEVER_AT_END:
            break
        end -= 1
    return address[:end]


class _Reference(ReferenceInlineProcessor):
    """`[words][label]`, or `[label]` if it is short; `make` makes another element than a link.

    Python-Markdown itself looks up no label with code in it.
    """

    RE_LINK = re.compile(r"\[([^\]]*)\]")

    def __init__(self, pattern: str, md: Markdown, is_short: bool, make: _Make | None = None):
        super().__init__(pattern, md)
        self._is_short = is_short
        self._make = make or super().makeTag

    def handleMatch(self, m, data):  # type: ignore[no-untyped-def, override]
        element, start, end = super().handleMatch(m, data)
        # Else brackets within those of a label that is none would not be looked at.
        return (element, start, end) if element is not None else (None, None, None)

    def evalId(self, data, index, text):  # type: ignore[no-untyped-def]
        if self._is_short:
            return label(unescape(self.unescape(text))), index, True
        name, end, is_reference = super().evalId(data, index, text)
        return label(unescape(self.unescape(name or ""))), end, is_reference

    def makeTag(self, href: str, title: str, text: str) -> Element:
        return self._make(href, title, text)


class Images(LinkInlineProcessor):
    """`![alt](file "caption")` becomes a numbered place, filled in after cleaning.

    `images` are those of the last text as (source, alt, caption).
    """

    def __init__(self, md: Markdown):
        super().__init__(r"\!\[", md)
        self.images: list[tuple[str, str, str]] = []
        self._with_escaped = UnescapeTreeprocessor(md).unescape
        md.inlinePatterns.register(self, "image_link", 150)
        for name, is_short, priority in (
            ("image_reference", False, 140),
            ("short_image_ref", True, 125),
        ):
            reference = _Reference(r"\!\[", md, is_short, self.place)
            md.inlinePatterns.register(reference, name, priority)

    def handleMatch(self, m, data):  # type: ignore[no-untyped-def, override]  # noqa: D102
        alt, index, is_closed = self.getText(data, m.end(0))
        if not is_closed:
            return None, None, None
        source, title, index, is_link = self.getLink(data, index)
        if not is_link:
            return None, None, None
        return self.place(source, title, alt), m.start(0), index

    def place(self, source: str, title: str | None, alt: str) -> Element:
        """The place of a picture, which is noted."""
        texts = source, self.unescape(alt), title or ""
        source, alt, caption = (unescape(self._with_escaped(text)) for text in texts)
        self.images.append((source, alt, caption))
        place = Element("span", {"data-image": place_name(len(self.images) - 1)})
        place.text = AtomicString("\u00a0")
        return place


def register(md: Markdown) -> None:
    """Make Python-Markdown read lines as people type them."""
    patterns = md.inlinePatterns
    md.ESCAPED_CHARS = list(_ESCAPED)
    patterns.register(_Code(md), "backtick", 190)
    patterns.register(_Ampersand(r"\\&", md), "ampersand", 181)
    patterns.register(SubstituteTagInlineProcessor(r"\\\n", "br"), "backslash_break", 179)
    patterns.register(_Reference(REFERENCE_RE, md, False), "reference", 170)
    patterns.register(_Reference(REFERENCE_RE, md, True), "short_reference", 130)
    patterns.register(AutolinkInlineProcessor(_AUTOLINK, md), "autolink", 120)
    patterns.register(_Html(md), "html", 90)
    patterns.register(_Bare(_BARE, md), "bare", 85)
    emphasis.register(md)
