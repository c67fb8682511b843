"""The blocks of an article (paragraphs, lists, tables …), as CommonMark and GFM have them.

A library that knows CommonMark divides the text into blocks. What is within their lines is read
by Python-Markdown.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple
from xml.etree.ElementTree import Element, SubElement

from markdown import Markdown
from markdown.blockprocessors import BlockProcessor
from markdown.extensions.footnotes import FootnoteExtension
from markdown.util import AtomicString, code_escape
from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.deflist import deflist_plugin
from mdit_py_plugins.footnote import footnote_plugin

from portalgen.content import inline, plain
from portalgen.content.simple_blocks import Block

MAX_LEVELS = 30  # lists and quotes within each other
_MAX_NESTING = 2 * MAX_LEVELS + 1  # a list and its item are two
_INDENT = re.compile(r"\n[ \t]+")
_BOX = re.compile(r"\A\[([ xX])\][ \t]+(?=\S)")
_ALIGNED = re.compile(r"text-align:(left|center|right)")
_CELL_END = re.compile(r"(?<!\\)\|")
_FIRST_WORD = re.compile(r"[^\s{},]+")
_LETTERED = re.compile(r"^([a-zđ])\)[ \t]+(?=\S)", re.MULTILINE)
_ORDER = "aăâbcdđeêghiklmnoôơpqrstuưvxy"
_SIGNS = {  # what a text has if a rule of the parser finds anything in it
    rule: re.compile(sign, re.MULTILINE)
    for rule, sign in {
        "table": r"\|", "code": "    |\t", "fence": "```|~~~", "blockquote": ">", "html_block": "<",
        "footnote_def": r"\]:", "reference": r"\]:", "heading": "#", "lheading": r"[=-][ \t]*$",
        "deflist": r"^[ \t>]*[:~][ \t]",
    }.items()
}  # fmt: skip
_VERBATIM = re.compile(r"\s*<(?:pre|script|style|textarea|!|\?)", re.IGNORECASE)
_TAG_OR_CODE = re.compile(r"<(code|pre)\b.*?</\1>|<!--.*?-->|<[^>]*>", re.DOTALL | re.IGNORECASE)
_MARKED = re.compile(
    r"\*\*[^\s*][^*\n]*\*\*|\[[^\[\]\n]+\]\([^()\s]+\)|^ {0,3}#{1,6} \S.*$", re.MULTILINE
)
_NAMED_NOTE = re.compile(r"\[\^([^\]]+)\]")
_NOTE = "\x02footnote {}\x03"  # no text has these characters


class Fault(NamedTuple):
    """Something typed that readers do not get as it was meant; `line` counts from 0."""

    code: str
    line: int
    values: dict[str, str]


class TooDeep(Exception):
    """Lists or quotes go deeper than anyone means, from this line on, counted from 0."""

    def __init__(self, line: int):
        super().__init__(line)
        self.line = line


class _Parser(MarkdownIt):
    """Takes any address: the cleaner decides, and what it takes away is told."""

    def validateLink(self, url: str) -> bool:
        return True

    def normalizeLink(self, url: str) -> str:
        return url


def _parse(text: str, env: dict[str, dict[str, dict[str, str]]]) -> list[Token]:
    """The blocks of a text as tokens; definitions of references go into `env`."""
    never = [rule for rule, sign in _SIGNS.items() if not sign.search(text)]
    return _parser(tuple(never)).parse(text, env)


@lru_cache(maxsize=256)
def _parser(never: tuple[str, ...]) -> MarkdownIt:
    """A parser without the rules that have nothing to find: each is asked of each line."""
    parser = _Parser("commonmark", {"maxNesting": _MAX_NESTING}).enable("table")
    parser.use(deflist_plugin).use(footnote_plugin)
    parser.core.ruler.enableOnly(["normalize", "block"])
    return parser.disable(list(never))


class Blocks(BlockProcessor):
    """Takes the whole text, and builds its tree; `faults` are those of the last text."""

    def __init__(self, md: Markdown, footnotes: FootnoteExtension):
        super().__init__(md.parser)
        self.faults: list[Fault] = []
        self._markdown = md
        self._footnotes = footnotes
        self._notes: dict[str, Element] = {}
        self._simple: Sequence[tuple[Block, list[str | None]]] = ()
        md.parser.blockprocessors.register(self, "blocks", 1000)

    def begin(self, simple: Sequence[tuple[Block, list[str | None]]]) -> None:
        """Forget the last text; of the next one these are the blocks and their HTML, if any."""
        self.faults = []
        self._notes = {}
        self._simple = simple

    def test(self, parent: Element, block: str) -> bool:
        """Whether it takes this block: it takes any."""
        return True

    def run(self, parent: Element, blocks: list[str]) -> None:
        """Add the elements of a whole text, which comes in its parts between blank lines."""
        text = "\n\n".join(blocks)
        blocks.clear()
        if text in self._notes:  # asked for by the extension for footnotes
            parent.extend(self._notes[text])
            if not len(parent):
                SubElement(parent, "p").text = ""  # beside the way back, which follows
            return
        if self._simple:
            self._build_simple(parent)
            return
        env: dict[str, dict[str, dict[str, str]]] = {}
        tokens = _parse(text, env)
        for label, target in env.get("references", {}).items():
            self._markdown.references[inline.label(label)] = target["href"], target["title"]
        self._build(parent, tokens, text.split("\n"))

    def _build_simple(self, root: Element) -> None:
        for block, htmls in self._simple:
            element = SubElement(root, block.tag)
            if block.start != 1:
                element.set("start", str(block.start))
            for text, html in zip(block.texts, htmls):
                parent = SubElement(element, "li") if block.tag in ("ul", "ol") else element
                self._fill(parent, text, html)

    def _build(self, root: Element, tokens: list[Token], lines: list[str]) -> None:
        stack = [root]
        columns = notes_open = 0
        named: list[str] = []
        for token in tokens:
            kind, parent = token.type, stack[-1]
            if kind == "inline":
                self._add_text(stack, token)
                if "[^" in token.content and not notes_open:
                    named += _NAMED_NOTE.findall(token.content)
            elif token.nesting < 0:
                stack.pop()
                notes_open -= kind == "footnote_reference_close"
            elif kind == "footnote_reference_open":
                stack.append(self._note(token.meta["label"]))
                notes_open += 1
            elif token.nesting > 0:
                if token.level >= _MAX_NESTING - 1 and kind != "paragraph_open":
                    raise TooDeep((token.map or [0])[0])
                if token.hidden:  # the paragraph of an item, which is nothing but its text
                    stack.append(parent)
                    continue
                element = SubElement(parent, token.tag)
                stack.append(element)
                if kind == "ordered_list_open" and token.attrs:
                    element.set("start", str(token.attrs["start"]))
                elif kind == "thead_open":
                    columns = 0
                elif kind == "th_open":
                    columns += 1
                elif kind == "tr_open" and token.map:
                    self._check_row(lines, token.map[0], columns)
                if kind in ("th_open", "td_open") and token.attrs:
                    aligned = _ALIGNED.search(str(token.attrs.get("style")))
                    if aligned:
                        element.set("class", f"align-{aligned[1]}")
            elif kind in ("fence", "code_block"):
                self._add_code(parent, token, lines)
            elif kind == "html_block":
                self._add_html(parent, token)
            elif kind == "hr":
                SubElement(parent, "hr")
        for label in named:  # in their order here; Python-Markdown comes to lists last
            if label in self._footnotes.footnotes:
                self._footnotes.addFootnoteRef(label)

    def _note(self, label: str) -> Element:
        """Where the blocks of a footnote go until the extension asks for them; the first counts."""
        element = Element("div")
        if label not in self._footnotes.footnotes:
            key = _NOTE.format(len(self._notes))
            self._notes[key] = element
            self._footnotes.setFootnote(label, key)
        return element

    def _add_text(self, stack: list[Element], token: Token) -> None:
        parent = stack[-1]
        text = _INDENT.sub("\n", token.content) if "\n" in token.content else token.content
        if (parent.tag == "li" and not len(parent)) or (
            stack[-2].tag == "li" and len(stack[-2]) == 1
        ):
            text = _BOX.sub(lambda box: "☐ " if box[1] == " " else "☑ ", text, count=1)
        before, *items = _lettered(text) if parent.tag in ("p", "li", "dd") else [text]
        if before:
            self._fill(parent, before, plain.inline(before))
        elif parent.tag == "p":
            stack[-2].remove(parent)
        if items:  # with their letters as typed: a browser that counts has no đ
            letters = SubElement(stack[-2], "ul", {"class": "letters"})
            for item in items:
                self._fill(SubElement(letters, "li"), item, plain.inline(item))

    def _fill(self, parent: Element, text: str, html: str | None) -> None:
        """Put a text behind what is in an element, as HTML if it is known."""
        if html is not None:
            text = AtomicString(self._markdown.htmlStash.store(html))
        self._put(parent, text)

    def _put(self, parent: Element, text: str) -> None:
        if len(parent):
            parent[-1].tail = type(text)(f"\n{text}")
        else:
            parent.text = text

    def _add_code(self, parent: Element, token: Token, lines: list[str]) -> None:
        first, behind = token.map or (0, 0)
        code = SubElement(SubElement(parent, "pre"), "code")
        code.text = AtomicString(code_escape(token.content))
        if token.type == "fence":
            language = _FIRST_WORD.match(token.info.strip())
            if language:
                code.set("class", f"language-{language[0]}")
            last = lines[behind - 1].strip(" \t>")
            if behind - first < 2 or last.strip(token.markup[0]) or len(last) < len(token.markup):
                self.faults.append(Fault("fence-open", first, {"sign": token.markup}))

    def _add_html(self, parent: Element, token: Token) -> None:
        text = token.content
        if not inline.begins_html(text):  # `<ten don vi>` alone in its line
            self._fill(SubElement(parent, "p"), text.strip(), None)
            return
        first = (token.map or [0])[0]
        marked = None if _VERBATIM.match(text) else _MARKED.search(_TAG_OR_CODE.sub("", text))
        if marked:
            self.faults.append(Fault("markdown-in-html", first, {"text": marked[0][:60]}))
        # Python-Markdown puts a paragraph around what does not begin with the tag of a block.
        place = AtomicString(self._markdown.htmlStash.store(text.lstrip(" ")))
        self._put(parent if parent.tag in ("li", "dd") else SubElement(parent, "p"), place)

    def _check_row(self, lines: list[str], number: int, columns: int) -> None:
        """Tell of cells for which the table has no column: nobody gets to read them."""
        row = lines[number].strip(" \t>").removeprefix("|").removesuffix("|")
        cells = len(_CELL_END.findall(row)) + 1
        if columns and cells > columns:
            values = {"cells": str(cells), "columns": str(columns)}
            self.faults.append(Fault("cells-lost", number, values))


def _lettered(text: str) -> Iterator[str]:
    """What is before `a) …`, `b) …` at the begins of lines, and each of these; else the text.

    The letters are those of the alphabet in their order: laws count a, b, c, d, đ, e.
    """
    items = list(_LETTERED.finditer(text)) if ")" in text else []
    places = [_ORDER.find(item[1]) for item in items]
    if len(places) < 2 or not all(0 < b - a <= 3 for a, b in pairwise(places)):
        yield text
        return
    begins = [item.start() for item in items]
    yield text[: begins[0]].rstrip()
    for begin, behind in zip(begins, [*begins[1:], len(text)]):
        yield text[begin:behind].rstrip()
