"""Code of other generators, which readers would see as it stands."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from portalgen.content.lint.typed import without_comments
from portalgen.problems import Problem, problem
from portalgen.text import shortened

_EACH = 3  # places of a kind that are told one by one
_LINES_SHOWN = 8
_NOTICES = (
    "note|abstract|summary|tldr|info|todo|tip|hint|important|success|check|done|question|help|faq"
    "|warning|caution|attention|failure|fail|missing|danger|error|bug|example|quote|cite|seealso"
    "|admonition|details"
)
_WORDPRESS = (
    r"(?:gallery|caption|embed|playlist|audio|video|youtube|vimeo|wpvideo|wp_caption|slideshow"
    r"|contact-form(?:-7)?|(?:et_pb|vc|su|fusion|tdb?|ux|sc|mk)_\w+|soundcloud|googlemaps?|toggle"
    r"|tabs?|accordion|button|column|row|one_half|one_third|two_third|dropcap|pullquote|ngg\w*"
    r"|rev_slider|table|flickr|twitter|tweet|facebook|instagram|slideshare|scribd|gist|sourcecode)"
)
_BBCODE = "b|i|u|s|url|img|quote|code|size|color|colour|center|left|right|list|font|spoiler|email"
_EMOJI = (
    r"smile|smiley|grin|laughing|joy|heart|thumbsup|thumbsdown|warning|rocket|tada|fire|star|bulb"
    r"|memo|bug|eyes|pray|clap|wave|zap|sparkles|question|exclamation|construction|calendar|phone"
    r"|email|lock|key|link|pushpin|book|books|computer|x|[a-z0-9]+_[a-z0-9_]+"
)
_NO_LINK = r"(?![(\[:])"
# The message, and the pattern of such code from its first sign on, which is in `_SIGNS`.
_IN_LINE = (
    # Hugo, Zola, Jekyll, Eleventy, Hexo, Vue, Handlebars, EJS
    ("code-shortcode", r"\{\{<(?s:.){0,2000}?>\}\}"),
    ("code-shortcode", r"\{\{%(?s:.){0,2000}?%\}\}"),
    ("code-shortcode", r"(?<!\{)\{%(?:(?!%\}|\n\n)(?s:.)){0,2000}%\}"),
    ("code-shortcode",
     r"(?<![\\^_}\w${])\{\{\{?[-~!#/>&^]?[ \t]*(?:[^\W\d]|[\"'(])[^{}\\\n]{0,300}\}\}\}?"),
    ("code-shortcode", r"\{\{[ \t]*[.$][^{}\n]{0,300}\}\}"),
    ("code-shortcode", r"\{#[ \t][^\n]{0,300}?#\}"),
    ("code-shortcode", r"<%[=#-]?[^\n]{0,300}?%>"),
    # Attributes of kramdown, Pandoc, Python-Markdown, markdown-it
    ("code-attribute", r"(?<![{$\\^_])\{#[A-Za-z][\w:.-]*\}"),
    ("code-attribute", r"\{:{1,2}[ ]*[/.#A-Za-z][^{}\n]{0,300}\}"),
    ("code-attribute", r"(?<![$\\^_{])\{[ ]*[.#][A-Za-z][\w-]*(?:[ ]+[^{}\n]{0,300})?\}"),
    ("code-attribute", r"(?<=[)\]])\{[A-Za-z][\w:-]*=[^{}\n]{0,300}\}"),
    # WordPress
    ("code-wordpress", rf"(?<!\\)\[{_WORDPRESS}[ =][^\[\]\n]{{0,500}}=[^\[\]\n]*\]{_NO_LINK}"),
    ("code-wordpress", rf"(?<!\\)\[{_WORDPRESS}=[^\[\]\n]{{1,500}}\]{_NO_LINK}"),
    ("code-wordpress", rf"\[{_WORDPRESS}\]{_NO_LINK}(?=[^\n]{{0,2000}}\[/)"),
    ("code-wordpress", rf"\[/{_WORDPRESS}\](?!\()"),
    ("code-wordpress", rf"(?<!\\)\[gallery[^\[\]\n]{{0,900}}\]{_NO_LINK}"),
    ("code-wordpress", rf"(?<!\\)\[embed\]{_NO_LINK}"),
    ("code-wiki", r"\[\[(?!_?(?i:toc)_?\]\])(?=[^\[\]\n]*[^\W\d_])[^\[\]\n]{1,300}\]\](?!\()"),
    # reStructuredText, AsciiDoc
    ("code-markup", r"(?<![\w:]):(?:ref|doc|term|class|func|meth|numref|any):(?=[ ]{3})"),
    ("code-markup",
     r"(?:(?<=\bimage)|(?<=\blink)|(?<=\bxref)|(?<=\bkbd)|(?<=\bbtn)):(?!/|[:\s])[^\s\[\]]{1,300}"
     r"\[[^\]\n]*\]"),
    # Forums
    ("code-bbcode",
     rf"\[(?i:({_BBCODE}))(?:=[^\]\n]{{1,300}})?\]{_NO_LINK}(?=[^\n]{{0,2000}}\[/(?i:\1)\])"),
    ("code-bbcode", rf"\[/(?i:{_BBCODE})\](?!\()"),
    ("code-emoji", rf"(?<![\w:/.]):(?:{_EMOJI}):(?![\w:/])"),
    ("note-missing", r"(?<![\\!])\[\^[\w.-]{1,40}\](?![:(])"),
)  # fmt: skip
# From the begin of the line on that has such a sign.
_LINES = (
    # Pandoc, VitePress, Docusaurus; MkDocs; GitHub, Obsidian; docsify
    ("code-container", r"[ \t>]*:{3,}[ \t]*(?:\{[^{}\n]*\}|[A-Za-z][\w-]*\b.*)$"),
    ("code-container", rf"[ \t>]*!!![ \t]+(?:{_NOTICES})\b.*$"),
    ("code-container", rf"[ \t>]*\?\?\?\+?[ \t]+(?:{_NOTICES})\b.*$"),
    ("code-container", r"[ \t]*===[+!]?[ \t]+\"[^\"\n]+\"[ \t]*$"),
    ("code-container", r"[ \t]*(?:>[ \t]*)+\[![A-Za-z]{3,20}\][+-]?(?=[ \t]|$)"),
    ("code-container", r"!>[ \t]\S"),
    ("code-container", r"\?>[ \t]\S"),
    ("code-contents", r"[ \t]*\[\[?_?TOC_?\]?\][ \t]*$"),
    ("code-contents", r"[ \t]*(?:\[\[?_?toc_?\]?\][ \t]*|@\[toc\].*)$"),
    ("code-import", r"import[ ]+(?:[\w*{}, \t]+[ ]+from[ ]+)?[\"'][^\"'\n]+[\"'];?[ \t]*$"),
    ("code-import", r"export[ ]+(?:const|default|function|let)\b.*$"),
    # Org mode; reStructuredText; AsciiDoc
    ("code-markup", r"[ \t]*#\+[A-Za-z_]{3,20}:?(?:[ \t].*)?$"),
    ("code-markup", r"[ \t]*\.\.[ ]+[a-z][a-z-]*::(?:[ \t].*)?$"),
    ("code-markup", r"(?:image|video|audio|include|ifn?def|endif|toc)::[^\s\[]*\[[^\]\n]*\]"),
    ("code-markup", r"\[(?:source|quote|verse|cols|options)[,=%][^\]\n]*\]$"),
)  # fmt: skip
_PATTERNS = [(kind, re.compile(text, re.MULTILINE)) for kind, text in _IN_LINE]
_LINE_PATTERNS = [(kind, re.compile(text, re.MULTILINE)) for kind, text in _LINES]
# Nearly all texts have none of these, and are not looked at again. Each begins with such a sign.
_SIGNS = "{<[:!?=#"
_ANY = re.compile(
    r"\{[{%#:. ]|(?<=[)\]])\{|<%|:::|!!!|\?\?\?|===[+!]?[ \t]+\"|!>|\?>|#\+|::|:[a-z]"
    rf"|\[(?:[\[/^!]|_?(?i:toc)|{_WORDPRESS}[\s=\]]|(?i:{_BBCODE})[=\]]|(?:source|quote|verse|cols|options)[,=%])"
)
_IMPORT = re.compile(r"^(?:im|ex)port ", re.MULTILINE)
_NAME = re.compile(r"[a-z]+$")
_MORE = re.compile(r"<!--\s*more\b[^>\n]{0,200}-->")
_LEAD = re.compile(r"^(?:lead|summary)[ \t]*:", re.MULTILINE)
_CONTAINER_END = re.compile(r"^[ \t>]*:{3,}[ \t]*$", re.MULTILINE)
# What may hold indented text: items, notes, definitions, HTML.
_HOLDS_MORE = re.compile(r"[ \t]*(?:(?:[-*+]|\d{1,9}[.)]|:)[ \t]|\[\^[^\]]+\]:|</?[A-Za-z])")
_INDENTED = re.compile(r"(?: {4}| {0,3}\t)")


class _Code(NamedTuple):
    at: int
    text: str
    kind: str


def of_foreign_code(
    path: str, front: str, body: str, no_code: str, first_line: int
) -> list[Problem]:
    """Warn of each place with such code; of many of a kind, of all at the first one.

    `no_code` is the body with fenced code and code in lines blanked out.
    """
    items: list[_Code] = []
    if "<!--" in no_code and not _LEAD.search(front):
        items += _all("code-more", _MORE, no_code)
    places = _places(no_code)
    text = without_indented(without_comments(no_code)) if places else ""
    for at in places:
        items += _at(at, text)
    if not items:
        return []
    if any(item.text.startswith(":::") for item in items):
        items += _all("code-container", _CONTAINER_END, text)
    kinds: dict[str, list[_Code]] = {}
    for item in _apart(items):
        if not _is_defined(item, text):
            kinds.setdefault(item.kind, []).append(item)
    return [
        problem for same in kinds.values() for problem in _problems(same, path, body, first_line)
    ]


def _places(text: str) -> list[int]:
    """Where such code may be; single characters are found fastest."""
    places = []
    for sign in _SIGNS:
        at = text.find(sign)
        while at >= 0:
            if _ANY.match(text, at):
                places.append(at)
            at = text.find(sign, at + 1)
    if "import " in text or "export " in text:
        places += [match.start() for match in _IMPORT.finditer(text)]
    return places


def _at(at: int, text: str) -> Iterator[_Code]:
    """The code that is, or whose line is, at such a place."""
    for kind, pattern in _PATTERNS:
        if match := pattern.match(text, at):
            name = _NAME.search(text, max(at - 5, 0), at) if kind == "code-markup" else None
            start = name.start() if name else at
            yield _Code(start, text[start : match.end()], kind)
    start = text.rfind("\n", 0, at) + 1
    for kind, pattern in _LINE_PATTERNS:
        if match := pattern.match(text, start):
            written = match[0].lstrip(" \t>")
            yield _Code(match.end() - len(written), written, kind)


def _is_defined(item: _Code, text: str) -> bool:
    """Whether what looks like code names something of the text: a footnote, a link's address."""
    if item.kind == "note-missing":
        return f"{item.text}:" in text
    return item.kind == "code-wiki" and f"\n{item.text[1:-1]}:" in text


def _all(kind: str, pattern: re.Pattern[str], text: str) -> Iterator[_Code]:
    for match in pattern.finditer(text):
        written = match[0].lstrip(" \t>")
        yield _Code(match.end() - len(written), written, kind)


def _apart(items: list[_Code]) -> Iterator[_Code]:
    """In their order, without those within others."""
    end = 0
    for item in sorted(items, key=lambda item: (item.at, -len(item.text))):
        if item.at >= end:
            yield item
            end = item.at + len(item.text)


def _problems(items: list[_Code], path: str, body: str, first_line: int) -> Iterator[Problem]:
    """Of codes of one kind."""
    kind = items[0].kind
    places = [
        (first_line + body.count("\n", 0, item.at), item.at - body.rfind("\n", 0, item.at))
        for item in items
    ]
    if len(items) <= _EACH:
        for item, (line, column) in zip(items, places, strict=True):
            yield problem(kind, path, line, column, text=_short(item.text))
        return
    lines = list(dict.fromkeys(str(line) for line, _ in places))
    named = ", ".join(lines[:_LINES_SHOWN]) + ("…" if len(lines) > _LINES_SHOWN else "")
    values = {"text": _short(items[0].text), "count": str(len(items)), "lines": named}
    line, column = places[0]
    yield problem(f"{kind}-many", path, line, column, **values)


def _short(text: str) -> str:
    return shortened(" ".join(text.split()), 60)


def without_indented(text: str) -> str:
    """The text without indented code, which is behind a blank line and in nothing that holds it."""
    if "\n    " not in f"\n{text}" and "\t" not in text:
        return text
    lines = text.split("\n")
    is_blank, is_code, within = True, False, False
    for number, line in enumerate(lines):
        if not line.strip():
            is_blank = True
            continue
        is_code = bool(_INDENTED.match(line)) and not within and (is_blank or is_code)
        if is_code:
            lines[number] = " " * len(line)
        elif _HOLDS_MORE.match(line):
            within = True
        elif is_blank and not line[0].isspace():
            within = False
        is_blank = False
    return "\n".join(lines)
