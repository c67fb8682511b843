"""Import Word documents: text, lists, tables, footnotes, and pictures beside them."""

import os
import re
import shutil
import zipfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from tempfile import mkdtemp
from typing import Any
from xml.etree.ElementTree import Element, ParseError, fromstring
from xml.parsers.expat import ExpatError

from msgspec import Struct, field

from portalgen.authoring.importers.markdown_writer import inline, write_blocks
from portalgen.authoring.new import article_slug, checked_title, find_same_slug, yaml_text
from portalgen.content.legacy_vietnamese import convert
from portalgen.problems import PortalError, problem
from portalgen.settings.network import Network
from portalgen.settings.site import Section, Site
from portalgen.text import nfc

MAX_UNPACKED = 300_000_000
MAX_LEAD = 700
_KINDS = {"image/png": "png", "image/jpeg": "jpg", "image/gif": "gif", "image/webp": "webp"}
_STYLES = """
p[style-name='Title'] => h1.title:fresh
p[style-name='Subtitle'] => p.lead:fresh
p[style-name='Caption'] => p.caption:fresh
p[style-name='caption'] => p.caption:fresh
p[style-name='Quote'] => blockquote > p:fresh
p[style-name='Intense Quote'] => blockquote > p:fresh
"""


class Imported(Struct):
    """The path of the new article below the root; `notes` are codes of what to review."""

    path: str
    notes: list[str] = field(default_factory=list)


class _Document(Struct):
    title: str = ""
    lead: str = ""
    body: list[Element] = field(default_factory=list)
    notes: dict[str, Element] = field(default_factory=dict)
    pictures: dict[str, bytes] = field(default_factory=dict)
    skipped_pictures: int = 0


def import_word(
    file: Path, network: Network, site: Site, section: Section, date: datetime | None, now: datetime
) -> Imported:
    """Make an article from a Word document, completely or not at all; raises `PortalError`."""
    document = _read(file)
    title = checked_title(document.title or file.stem)
    slug = article_slug(title)
    section_folder = network.folder(site) / "content" / section.slug
    path = "/".join(part for part in (site.folder, "content", section.slug, slug) if part)
    if section_folder.is_dir() and find_same_slug(section_folder, slug):
        raise PortalError([problem("already-there", path)])
    moment = (date or now).astimezone(site.zone)
    front = [f"title: {yaml_text(title)}", f"date: {moment:%Y-%m-%d %H:%M}"]
    front += [] if date else ["draft: true"]
    front += [f"lead: {yaml_text(document.lead)}"] if document.lead else []
    text = "---\n" + "\n".join(front) + f"\n---\n{_body(document)}\n"
    section_folder.mkdir(parents=True, exist_ok=True)
    scratch = Path(mkdtemp(prefix=".", dir=section_folder))
    try:
        (scratch / "index.md").write_text(text, encoding="utf-8", newline="\n")
        for name, data in document.pictures.items():
            (scratch / name).write_bytes(data)
        scratch.chmod(0o755)
        os.rename(scratch, section_folder / slug)
    except OSError:
        shutil.rmtree(scratch, ignore_errors=True)
        raise
    conditions = {
        "word-draft": not date,
        "word-no-lead": not document.lead,
        "word-no-alt": "![](" in text,
        "word-left-out": bool(document.skipped_pictures),
    }
    return Imported(f"{path}/index.md", [note for note, holds in conditions.items() if holds])


def _read(file: Path) -> _Document:
    try:
        import mammoth
    except ImportError as error:
        raise PortalError([problem("extra-missing", extra="word")]) from error
    _check(file)
    document = _Document()
    read_picture = mammoth.images.img_element(_pictures(document))
    try:
        with open(file, "rb") as opened:
            html = mammoth.convert_to_html(
                opened, style_map=_STYLES, convert_image=read_picture,
                transform_document=mammoth.transforms.run(_to_unicode),
                ignore_empty_paragraphs=True,
            ).value  # fmt: skip
        elements = list(fromstring(f"<x>{html}</x>"))
    except (KeyError, ValueError, ParseError, zipfile.BadZipFile, AttributeError, IndexError,
            TypeError, RecursionError, NotImplementedError, ExpatError) as error:  # fmt: skip
        raise PortalError([problem("word-damaged", file.name)]) from error
    _sort(elements, document)
    return document


def _check(file: Path) -> None:
    """Refuse files that are no .docx or unpack to too much."""
    try:
        with open(file, "rb") as opened:
            begin = opened.read(8)
        if begin.startswith(b"\xd0\xcf\x11\xe0"):
            raise PortalError([problem("word-old", file.name)])
        with zipfile.ZipFile(file) as packed:
            if sum(info.file_size for info in packed.infolist()) > MAX_UNPACKED:
                raise PortalError([problem("word-too-large", file.name)])
            if "word/document.xml" not in packed.namelist():
                raise PortalError([problem("word-damaged", file.name)])
    except zipfile.BadZipFile as error:
        raise PortalError([problem("word-damaged", file.name)]) from error


def _to_unicode(run: Any) -> Any:
    """A run of text converted to Unicode."""
    font = run.font or ""
    children = [
        child.copy(value=nfc(convert(child.value, font).replace("\xa0", " ")))
        if hasattr(child, "value") else child
        for child in run.children
    ]  # fmt: skip
    return run.copy(children=children)


def _pictures(document: _Document) -> Callable[[Any], dict[str, str]]:
    def save(picture: Any) -> dict[str, str]:
        kind = _KINDS.get(picture.content_type)
        if kind is None:
            document.skipped_pictures += 1
            return {"src": "", "alt": ""}
        with picture.open() as opened:
            data = opened.read()
        name = f"hinh-{len(document.pictures) + 1}.{kind}"
        document.pictures[name] = data
        return {"src": name, "alt": " ".join((picture.alt_text or "").split())}

    return save


def _sort(elements: list[Element], document: _Document) -> None:
    """Separate title, lead, footnotes and body."""
    notes = [element for element in elements if element.tag == "ol" and all(map(_is_note, element))]
    for item in (item for element in notes for item in element):
        for link in item.iter("a"):
            if link.get("href", "").startswith(("#footnote-ref", "#endnote-ref")):
                link.clear()
        document.notes[item.get("id", "").rpartition("-")[2]] = item
    body = [element for element in elements if element not in notes]
    body = _without_skipped_pictures(_with_captions(body))
    at = _title_of(body)
    if at is not None:
        document.title = _plain(body.pop(at))
    if body and _is_lead(body[0]):
        document.lead = _plain(body.pop(0))
    document.body = body


def _is_note(item: Element) -> bool:
    return bool(re.match("(foot|end)note-", item.get("id", "")))


def _title_of(body: list[Element]) -> int | None:
    for key, value in (("class", "title"), ("tag", "h1")):
        for at, element in enumerate(body[:10]):
            actual = element.tag if key == "tag" else element.get(key)
            if actual == value and _plain(element):
                return at
    for at, element in enumerate(body[:3]):
        if element.tag == "p" and _is_strong(element) and len(_plain(element)) <= 200:
            return at
    return None


def _is_lead(element: Element) -> bool:
    if element.tag != "p" or len(_plain(element)) > MAX_LEAD or element.find(".//img") is not None:
        return False
    return element.get("class") == "lead" or _is_strong(element)


def _is_strong(element: Element) -> bool:
    """Whether all its text is bold."""
    bold = "".join("".join(part.itertext()) for part in element.findall("strong"))
    return bool(bold.strip()) and bold.split() == "".join(element.itertext()).split()


def _with_captions(body: list[Element]) -> list[Element]:
    """The body with captions made part of the pictures above them."""
    kept: list[Element] = []
    for element in body:
        picture = kept[-1].find(".//img") if kept else None
        alone = kept and not _plain(kept[-1])
        if element.get("class") == "caption" and picture is not None and alone:
            picture.set("title", _plain(element))
        else:
            kept.append(element)
    return kept


def _without_skipped_pictures(body: list[Element]) -> list[Element]:
    for element in body:
        for parent in element.iter():
            for child in list(parent):
                if child.tag == "img" and not child.get("src"):
                    parent.remove(child)
    return body


def _plain(element: Element) -> str:
    return " ".join("".join(element.itertext()).split())


def _body(document: _Document) -> str:
    levels = [int(e.tag[1]) for e in document.body if re.fullmatch("h[1-6]", e.tag)]
    text = write_blocks(document.body, min(levels, default=2))
    notes = [
        f"[^{number}]: " + " ".join(inline(part).strip() for part in (list(item) or [item])).strip()
        for number, item in document.notes.items()
    ]
    return "\n\n".join(part for part in (text, "\n".join(notes)) if part)
