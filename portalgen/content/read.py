"""Read one Markdown file into an article: front matter, body, pictures and links."""

import html
import os
import re
import time
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any
from unicodedata import normalize
from urllib.parse import unquote

from msgspec import Struct, field
from msgspec.structs import replace

from portalgen import sources
from portalgen.content import front_matter, images
from portalgen.content.lint import article as warnings
from portalgen.content.markdown import Converter, fill_images, map_links, too_deep
from portalgen.content.model import Article, Picture, Reference, to_json
from portalgen.digests import digest_parts
from portalgen.problems import Problem, problem
from portalgen.settings.network import Network
from portalgen.settings.schema import RESERVED_NAMES
from portalgen.settings.site import Site
from portalgen.text import format_moment, slugify

_INLINE = re.compile(
    r"</?(?:a|abbr|b|cite|code|del|em|i|ins|kbd|mark|q|s|small|strong|sub|sup|u)\b[^>]*>"
)
_TAG = re.compile(r"<[^>]*>")
_MAX_EXCERPT = 220  # characters of the text that replace a missing lead
_FIRST_PARAGRAPH = re.compile(r"\s*<p>(.*?)</p>\s*", re.DOTALL)


class Source(Struct, frozen=True):
    """A Markdown file on disk; `name` is relative to the content folder of its site."""

    site: Site
    path: str
    name: str
    section: str


class Read(Struct):
    """What reading source number `source` gave: its record and body, or problems.

    `words` is the text of lead and body on one line; `notes` is what `check` reports either way.
    """

    source: int
    signature: str = ""
    record: bytes = b""
    body: str = ""
    words: str = ""
    problems: list[Problem] = field(default_factory=list)
    notes: str = ""


def file_signature(file: str | Path) -> tuple[str, int]:
    """A file's size, times and inode as text; and the later of its times."""
    try:
        stat = os.stat(file)
    except (OSError, ValueError):
        return "absent", 0
    text = f"{stat.st_size}.{stat.st_mtime_ns}.{stat.st_ctime_ns}.{stat.st_ino}"
    return text, max(stat.st_mtime_ns, stat.st_ctime_ns)


_converter: Converter | None = None


def read_batch(
    shared: tuple[Network, list[Source], dict[str, str], Path], batch: Sequence[int]
) -> list[Read]:
    """Read the sources with these numbers; a problem refuses its own article only."""
    global _converter  # noqa: PLW0603 - a converter costs more than an article
    network, all_sources, keys, media = shared
    root = str(network.root)
    _converter = _converter or Converter()
    results = []
    for index in batch:
        source = all_sources[index]
        read_at = time.time_ns()
        signature, _ = file_signature(f"{root}/{source.path}")
        reader = _ArticleReader(network, source, media, _converter)
        try:
            result = reader.read()
        except RecursionError:
            result = Read(0, problems=[problem("body-too-deep", source.path)])
        result.source = index
        parts = [keys[source.site.slug], str(read_at), signature]
        for file in dict.fromkeys(reader.files):
            parts += [file, file_signature(f"{root}/{file}")[0]]
        result.signature = "\n".join(parts)
        results.append(result)
    return results


class _ArticleReader:
    """Reads one file; holds the state that its steps share."""

    def __init__(self, network: Network, source: Source, media: Path, converter: Converter):
        self.network = network
        self.source = source
        self.site = source.site
        self.media = media
        self.converter = converter
        self.files: list[str] = []
        self.problems: list[Problem] = []
        self.used_media: list[str] = []
        self.links: list[Reference] = []
        self.addresses: list[str] = []
        self.notes = warnings.Notes()
        self.folder = source.path.rpartition("/")[0]
        self.text = ""

    def read(self) -> Read:
        source = self.source
        text = sources.read(f"{self.network.root}/{source.path}", source.path)
        if isinstance(text, Problem):
            return Read(0, problems=[text])
        parts = front_matter.split(text, source.path)
        if isinstance(parts, Problem):
            return Read(0, problems=[parts])
        front, body, body_line = parts
        values, places, problems = front_matter.read(
            front, source.path, self.site.zone, not source.section
        )
        self.problems += problems
        self.text, self.body_line = body, body_line
        lint_text = warnings.Text(source.path, text, len(text) - len(body))
        self.notes.title = places.get("title", (1, 1))
        self.notes.tags = places.get("tags", (1, 1))
        self.notes.warnings += lint_text.hidden()
        self.notes.warnings += warnings.of_hashtags(source.path, front, places)
        if front_matter.second_front_matter(body):
            self._add("front-matter-twice", (body_line, 1))
        line = too_deep(body)
        if line >= 0:
            self._add("body-too-deep", (body_line + line, 1))
        if self.problems:
            self._note_lengths(values, places, values.get("lead", ""))
            self.notes.hosts = lint_text.hosts(())
            return Read(0, problems=self.problems, notes=self.notes.as_json())
        content, body_images = self.converter.convert(body)
        content = fill_images(content, lambda i, alone: self._body_image(body_images[i], alone)
                              if i < len(body_images) else "")  # fmt: skip
        content = map_links(content, self._link)
        slug = values.get("slug") or self._slug_from_name()
        picture = self._head_picture(values, places)
        lead, content = _lead(values.get("lead", ""), content)
        if len(values["title"]) > front_matter.MAX_TITLE:
            self._add("title-too-long", places["title"], limit=front_matter.MAX_TITLE)
        self._note_lengths(values, places, lead)
        self.notes.hosts = warnings.of_references(values.get("related", ()))
        self.notes.hosts += lint_text.hosts(self.addresses)
        notes = self.notes.as_json()
        if self.problems:
            return Read(0, problems=self.problems, notes=notes)
        words = " ".join(f"{lead} {plain_text(content)}".split())
        article = self._article(values, slug, lead, picture, content, words)
        return Read(0, record=to_json(article), body=content, words=words, notes=notes)

    def _article(
        self, values: dict[str, Any], slug: str, lead: str, picture: Picture | None,
        content: str, words: str,
    ) -> Article:  # fmt: skip
        def text(key: str) -> str:
            return str(values.get(key, ""))

        def moment(key: str) -> tuple[int, str, str]:
            value = values.get(key)
            if not isinstance(value, datetime):
                return 0, "", ""
            return int(value.timestamp()), value.isoformat(), format_moment(value)

        def references(key: str) -> tuple[Reference, ...]:
            return tuple(self._reference(ref) for ref in values.get(key, ()))

        source = self.source
        date, date_iso, date_text = moment("date")
        updated, updated_iso, updated_text = moment("updated")
        summary = _shorten(text("summary") or lead, warnings.MAX_LEAD)
        return Article(
            site=self.site.slug, path=source.path, name=source.name, section=source.section,
            slug=slug, title=text("title"), lead=lead,
            summary=summary or _shorten(words, _MAX_EXCERPT),
            author=text("author"), source=text("source"), caption=text("caption"),
            identity=text("id") or f"{self.site.slug}/{source.name}",
            tags=values.get("tags", ()), topics=values.get("topics", ()),
            aliases=values.get("aliases", ()),
            date=date, date_iso=date_iso, date_text=date_text,
            updated=updated, updated_iso=updated_iso, updated_text=updated_text,
            expires=moment("expires")[0],
            draft=bool(values.get("draft")), featured=bool(values.get("featured")),
            syndicate=bool(values.get("syndicate")),
            picture=picture, media=tuple(dict.fromkeys(self.used_media)),
            related=references("related"), unrelated=references("unrelated"),
            links=tuple(dict.fromkeys(self.links)), body_digest=digest_parts([content]),
        )  # fmt: skip

    def _add(self, code: str, place: tuple[int, int], **values: Any) -> None:
        self.problems.append(problem(code, self.source.path, *place, **values))

    def _note_lengths(
        self, values: dict[str, Any], places: dict[str, tuple[int, int]], lead: str
    ) -> None:
        self.notes.warnings += warnings.of_lengths(
            self.source.path, values.get("title", ""), lead, places, self.body_line
        )

    def _slug_from_name(self) -> str:
        folder, _, name = self.source.name.rpartition("/")
        stem = folder.rpartition("/")[2] if name == "index.md" else name.removesuffix(".md")
        slug = slugify(stem)[:120].strip("-")
        if not slug or slug in RESERVED_NAMES:
            self._add("no-slug", (1, 1), name=stem)
        return slug

    def _place_of(self, target: str) -> tuple[int, int]:
        """Line and column at which the body names `target`, as a link or picture."""
        for prefix in ("](", "](<", '="', "]: "):
            at = self.text.find(prefix + target)
            if at >= 0:
                line_start = self.text.rfind("\n", 0, at) + 1
                line = self.body_line + self.text.count("\n", 0, at)
                return line, at + len(prefix) - line_start + 1
        return self.body_line, 1

    def _beside(self, name: str, place: tuple[int, int]) -> Path | None:
        """A file that the article names, beside it; never outside the site's content."""
        plain = unquote(name)
        path = os.path.normpath(f"{self.folder}/{plain}").replace(os.sep, "/")
        nfd = normalize("NFD", path)  # as macOS may have stored the name
        root = self.network.root
        if nfd != path and os.path.lexists(root / nfd) and not os.path.lexists(root / path):
            path = nfd
        site_folder = str(self.network.folder(self.site))
        content = f"{self.site.folder}/content/".lstrip("/")
        file = root / path
        malformed = "\\" in plain or "\0" in plain
        if malformed or not path.startswith(content) or sources.leaves(str(file), site_folder):
            self._add("file-outside", place, name=name[:120])
            return None
        self.files.append(path)
        return file

    def _picture(self, name: str, alt: str, place: tuple[int, int]) -> Picture | None:
        if re.match(r"[a-zA-Z][\w+.-]*:|//", name):
            self._add("image-not-local", place, name=name[:120])
            return None
        file = self._beside(name, place)
        if file is None:
            return None
        picture = images.prepare(
            file, self.media, path=self.source.path, line=place[0], column=place[1]
        )
        if isinstance(picture, Problem):
            self.problems.append(picture)
            return None
        return replace(picture, alt=alt)

    def _head_picture(
        self, values: dict[str, object], places: dict[str, tuple[int, int]]
    ) -> Picture | None:
        if "image" not in values:
            return None
        name, place = str(values["image"]), places["image"]
        alt = str(values.get("image_alt") or values.get("caption") or "")
        picture = self._picture(name, alt, place)
        if picture:
            self.notes.warnings += warnings.of_picture(
                self.source.path, place, name, picture, "alt-missing-head"
            )
        return picture

    def _body_image(self, image: tuple[str, str, str], alone: bool) -> str:
        source, alt, caption = image
        place = self._place_of(source)
        picture = self._picture(source, alt, place)
        if picture is None:
            return ""
        self.notes.warnings += warnings.of_picture(
            self.source.path, place, source, picture, "alt-missing", fills=alone
        )
        self.used_media += picture.files()
        markup = images.picture_html(picture, self.site.root_path)
        if not alone:
            return markup
        figcaption = f"<figcaption>{html.escape(caption)}</figcaption>" if caption else ""
        return f"<figure>{markup}{figcaption}</figure>"

    def _reference(self, ref: Reference) -> Reference:
        if re.match(r"https?://", ref.target):
            return ref
        return replace(ref, target=self._canonical(ref.target) or ref.target)

    def _canonical(self, target: str) -> str:
        """`portal:<site>/<path>.md` for a relative or a portal reference; empty if neither."""
        plain = unquote(target)
        if plain.startswith("portal:"):
            return "portal:" + os.path.normpath(plain.removeprefix("portal:")).replace(os.sep, "/")
        if not plain.endswith(".md") or plain.startswith("/") or ":" in plain:
            return ""
        folder = PurePosixPath(self.source.name).parent
        path = os.path.normpath(f"/{self.site.slug}/{folder}/{plain}").replace(os.sep, "/")
        inside = os.path.normpath(f"{folder}/{plain}").replace(os.sep, "/")
        return (
            f"portal:{self.site.slug}/{inside}" if not inside.startswith("..") else f"portal:{path}"
        )

    def _link(self, href: str) -> str:
        target = html.unescape(href)
        address, mark, fragment = target.partition("#")
        if address[:7].lower() == "portal:":
            address = f"portal:{address[7:]}"
        if not target:
            self._add("link-nowhere", self._place_of(")"), target="")
            return ""
        if not address or re.match(r"(?!portal:)[a-zA-Z][\w+.-]*:", address):
            self.addresses.append(address)
            return href
        place = self._place_of(target.split("#")[0])
        canonical = self._canonical(address)
        if canonical:
            self.links.append(Reference(canonical, *place))
            return html.escape(canonical + mark + fragment)
        if address.startswith("//"):
            self._add("link-nowhere", place, target=target[:120])
            return ""
        if address.lower().startswith("www."):
            self._add("link-without-scheme", place, target=target[:120])
            return ""
        if address.startswith("/"):
            self.links.append(Reference(address, *place))
            return html.escape(self.site.root_path.rstrip("/") + target)
        file = self._beside(address, place)
        if file is None or not file.is_file() or file.suffix.lower() not in images.ATTACHMENTS:
            if file is not None:
                self._add("link-nowhere", place, target=target[:120])
            return ""
        name = images.attach(
            file, self.media, path=self.source.path, line=place[0], column=place[1]
        )
        if isinstance(name, Problem):
            self.problems.append(name)
            return ""
        self.used_media.append(name)
        return f"{self.site.root_path}media/{name}{html.escape(mark + fragment)}"


def plain_text(content: str) -> str:
    """The text of HTML; tags separate words, except inline ones."""
    return html.unescape(_TAG.sub(" ", _INLINE.sub("", content)))


def _lead(lead: str, content: str) -> tuple[str, str]:
    """The lead, and the body without it; a plain first paragraph serves if there is none."""
    if lead:
        return lead, content
    first = _FIRST_PARAGRAPH.match(content)
    if not first or "<" in first[1]:
        return "", content
    return html.unescape(" ".join(first[1].split())), content[first.end() :]


def _shorten(words: str, limit: int) -> str:
    return words if len(words) <= limit else words[:limit].rsplit(" ", 1)[0] + "…"
