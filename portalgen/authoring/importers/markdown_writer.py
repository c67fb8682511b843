"""Write the HTML that mammoth makes of Word documents as our dialect of Markdown."""

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

_SPECIAL = re.compile(r"[\\`*\[\]]|(?<!\w)_|_(?!\w)")
_ENTITY = re.compile(r"&(?=#?\w+;)")
_AT_START = re.compile(r"^(#{1,6} |[-+] |>|\d+[.)] |={3,}|-{3,}|\|)")
_BLOCKS = {"p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "table", "blockquote"}


def write_blocks(elements: list[Element], top: int) -> str:
    """Markdown for block elements; the highest heading among them, `h{top}`, becomes `##`."""
    return "\n\n".join(part for element in elements for part in _block(element, top) if part)


def _block(element: Element, top: int) -> Iterator[str]:
    name = element.tag
    if name in ("ul", "ol"):
        yield "\n".join(_list(element, 0))
    elif name == "table":
        yield _table(element)
    elif name == "blockquote":
        inner = write_blocks(list(element), top)
        yield "\n".join(f"> {line}".rstrip() for line in inner.split("\n"))
    elif re.fullmatch("h[1-6]", name):
        text = inline(element).replace("\n", " ").replace("**", "").strip()
        yield f"{'#' * min(int(name[1]) - top + 2, 6)} {text}" if text else ""
    elif name == "p":
        yield _at_start(inline(element).strip())


def _at_start(text: str) -> str:
    return "\n".join(
        re.sub(_AT_START, lambda match: _escape_mark(match[0]), line) for line in text.split("\n")
    )


def _escape_mark(mark: str) -> str:
    if mark[0].isdigit():
        return re.sub(r"([.)])", r"\\\1", mark)
    return "\\" + mark


def _list(element: Element, depth: int) -> Iterator[str]:
    for number, item in enumerate(element, 1):
        mark = f"{number}. " if element.tag == "ol" else "- "
        inner = [child for child in item if child.tag in ("ul", "ol")]
        text = Element("p")
        text.text = item.text
        text.extend(child for child in item if child.tag not in ("ul", "ol"))
        line = inline(text).strip().replace("\n", " ")
        yield " " * 4 * depth + mark + line
        for sublist in inner:
            yield from _list(sublist, depth + 1)


def _table(element: Element) -> str:
    rows = [list(row) for row in element.iter("tr")]
    cells = [cell for row in rows for cell in row]
    merged = any(cell.get("colspan") or cell.get("rowspan") for cell in cells)
    if merged or len({len(row) for row in rows}) != 1:
        return _html_table(rows)
    lines = [
        "| " + " | ".join(_cell(cell).replace("|", "\\|") for cell in row) + " |" for row in rows
    ]
    rule = "|" + "---|" * len(rows[0])
    return "\n".join([lines[0], rule, *lines[1:]])


def _cell(cell: Element) -> str:
    text = " ".join(inline(part).strip() for part in _paragraphs(cell)).strip()
    return text.replace("\n", " ")


def _paragraphs(cell: Element) -> list[Element]:
    return [child for child in cell if child.tag in _BLOCKS] or [cell]


def _html_table(rows: list[list[Element]]) -> str:
    """An HTML table, as Markdown has no merged cells."""
    lines = ["<table>"]
    for row in rows:
        lines.append("<tr>")
        for cell in row:
            spans = "".join(
                f' {name}="{value}"' for name in ("colspan", "rowspan") if (value := cell.get(name))
            )
            text = " ".join("".join(part.itertext()).strip() for part in _paragraphs(cell))
            text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
            lines.append(f"<{cell.tag}{spans}>{text}</{cell.tag}>")
        lines.append("</tr>")
    return "\n".join([*lines, "</table>"])


def inline(element: Element) -> str:
    """The text of an element with its inline marks."""
    parts = [_escaped(element.text)]
    for child in element:
        parts += (_mark(child), _escaped(child.tail))
    return re.sub(r"\*\*( *)\*\*", r"\1", "".join(parts))


def _mark(child: Element) -> str:
    name, inner = child.tag, inline(child)
    if name == "br":
        return "  \n"
    if name == "img":
        alt = (child.get("alt") or "").replace("]", "").replace("[", "")
        title = child.get("title") or ""
        caption = f' "{title.replace(chr(34), "”")}"' if title else ""
        return f"![{alt}]({child.get('src', '')}{caption})"
    if name == "sup":
        note = child.find("a")
        if note is not None and re.fullmatch(r"#(foot|end)note-\d+", note.get("href", "")):
            return f"[^{note.get('href', '').rpartition('-')[2]}]"
        return inner
    if name == "a":
        target = child.get("href", "")
        allowed = re.match(r"(https?|mailto|tel):", target)
        return f"[{inner}]({target.replace(' ', '%20')})" if allowed and inner.strip() else inner
    if name in ("strong", "em"):
        return _wrapped(inner, "**" if name == "strong" else "*")
    return inner


def _wrapped(text: str, mark: str) -> str:
    """Text between marks, which must touch letters and not blanks."""
    core = text.strip()
    if not core or core.startswith("!["):
        return text
    before, after = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
    return f"{before}{mark}{core}{mark}{after}"


def _escaped(text: str | None) -> str:
    plain = _SPECIAL.sub(lambda match: "\\" + match[0], re.sub(r"\s+", " ", text or ""))
    return _ENTITY.sub("&amp;", plain).replace("<", "&lt;")
