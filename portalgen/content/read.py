"""Read Markdown files into articles."""

import html
import os
import re
import time
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from msgspec import Struct, field
from msgspec.structs import replace

from portalgen import sources
from portalgen.content import front_matter
from portalgen.content.beside import FilesBeside, Stores
from portalgen.content.blocks import TooDeep
from portalgen.content.body import Body, canonical
from portalgen.content.lint import article as lint
from portalgen.content.lint import keys
from portalgen.content.markdown import Converter
from portalgen.content.model import Article, MediaFile, Picture, Reference, to_json
from portalgen.content.withdrawn import withdrawn_since
from portalgen.digests import digest_parts
from portalgen.problems import Problem, problem
from portalgen.settings.moments import NEVER, end_of
from portalgen.settings.network import Network
from portalgen.settings.schema import RESERVED_NAMES
from portalgen.settings.site import Site
from portalgen.settings.suggestions import meant_slug
from portalgen.strays import without_strays
from portalgen.text import format_moment, slugify

_INLINE = re.compile(
    r"</?(?:a|abbr|b|cite|code|del|em|i|ins|kbd|mark|q|s|small|strong|sub|sup|u)\b[^>]*>"
)
_TAG = re.compile(r"<[^>]*>")
_MAX_EXCERPT = 220  # characters of the text that replace a missing lead
_ASIDE = re.compile(  # footnotes and their numbers, captions, code
    r'<sup id="fnref[^>]*>.*?</sup>|<div class="footnote">\s*<hr>.*</ol>\s*</div>'
    r"|<figcaption>.*?</figcaption>|(?:(?<=<p>)|(?<=</picture>) )<small>.*?</small>"
    r"|<pre>.*?</pre>",
    re.DOTALL,
)
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
    `warnings` say what readers do not get. A refused article is `withdrawn` from this moment on (0:
    a draft), if at all; `links` are what it refers to, which is looked at all the same.
    """

    source: int
    signature: str = ""
    record: bytes = b""
    body: str = ""
    words: str = ""
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    notes: str = ""
    places: dict[str, tuple[int, int]] = field(default_factory=dict)
    withdrawn: int | None = None
    links: list[Reference] = field(default_factory=list)


class Shared(NamedTuple):
    """What reading articles takes: a key for each site, and what was published of each article."""

    network: Network
    sources: list[Source]
    keys: dict[str, str]
    stores: Stores
    published: Mapping[str, tuple[MediaFile, ...]]


def file_signature(file: str | Path) -> tuple[str, int]:
    """A file's size, times and inode as text; and the later of its times."""
    try:
        stat = os.stat(file)
    except (OSError, ValueError):
        return "absent", 0
    text = f"{stat.st_size}.{stat.st_mtime_ns}.{stat.st_ctime_ns}.{stat.st_ino}"
    return text, max(stat.st_mtime_ns, stat.st_ctime_ns)


_converter: Converter | None = None


def read_article(shared: Shared, index: int) -> Read:
    """Read the source with this number; a problem refuses its own article only."""
    global _converter  # noqa: PLW0603 - a converter costs more than an article
    network, source = shared.network, shared.sources[index]
    if over_quota := network.over_quota.get(source.site.slug):
        return Read(index, problems=[over_quota], withdrawn=withdrawn(network, source))
    _converter = _converter or Converter()
    root = str(network.root)
    read_at = time.time_ns()
    signature, _ = file_signature(f"{root}/{source.path}")
    published = shared.published.get(source.path, ())
    files = FilesBeside(network, source.site, source.path, shared.stores, published)
    reader = _ArticleReader(network, source, files, _converter)
    try:
        result = reader.read()
    except RecursionError:
        result = Read(0, problems=[problem("body-too-deep", source.path)])
    result.source = index
    result.warnings = sorted({*files.warnings, *files.mistakes, *reader.strays, *reader.mistakes})
    result.places = reader.places
    if result.problems:
        result.withdrawn = withdrawn(network, source)
    elif files.is_settled:  # else it is read again each time: what was published may change
        parts = [shared.keys[source.site.slug], str(read_at), signature]
        for file in dict.fromkeys(files.looked_for):
            parts += [file, file_signature(f"{root}/{file}")[0]]
        result.signature = "\n".join(parts)
    return result


def withdrawn(network: Network, source: Source) -> int | None:
    """The moment from which a refused article is withdrawn; None: never, or nobody can tell."""
    text = sources.read(f"{network.root}/{source.path}", source.path, conflicts=True)
    return None if isinstance(text, Problem) else withdrawn_since(text, source.site.zone)


class _ArticleReader:
    """Reads one file; holds the state that its steps share."""

    def __init__(
        self, network: Network, source: Source, files: FilesBeside, converter: Converter
    ):  # fmt: skip
        self.network = network
        self.source = source
        self.site = source.site
        self.files = files
        self.converter = converter
        self.problems: list[Problem] = []
        self.notes = lint.Notes()
        self.body_line = 1
        self.strays: list[Problem] = []
        self.mistakes: list[Problem] = []
        self.places: dict[str, tuple[int, int]] = {}

    def read(self) -> Read:
        source = self.source
        text = sources.read(f"{self.network.root}/{source.path}", source.path)
        if isinstance(text, Problem):
            return Read(0, problems=[text])
        parts = front_matter.split(text, source.path)
        if isinstance(parts, Problem):
            return Read(0, problems=[parts])
        front, body_text, self.body_line = parts
        values, places, problems = front_matter.read(
            front, source.path, self.site.zone, not source.section
        )
        self.problems += problems
        self.places = places
        lint_text = lint.Text(source.path, text, len(text) - len(body_text))
        self._note_mistakes(front, body_text, lint_text, values, places)
        if self.strays:
            front, body_text = without_strays(front), without_strays(body_text)
        is_taken = not self.site.folder or self.network.main.takes(self.site.slug)
        if values.get("syndicate") and not is_taken:
            not_taken = problem("syndicate-not-taken", source.path, *places["syndicate"])
            self.files.warnings.append(not_taken)
        if front_matter.second_front_matter(body_text):
            self._add("front-matter-twice", (self.body_line, 1))
            body_text = ""  # nobody knows where the body begins
        body = Body(self.site, source.name, body_text, self.body_line, self.files)
        try:
            content = body.convert(self.converter)
        except TooDeep as error:
            self._add("body-too-deep", (self.body_line + error.line, 1))
            content = ""
        slug = values.get("slug", "")
        if not slug and not self.problems:
            slug = self._slug_from_name(values["title"])
        picture = self._head_picture(values, places)
        lead, content = _lead(values.get("lead", ""), content)
        if len(values.get("title", "")) > front_matter.MAX_TITLE:
            self._add("title-too-long", places["title"], limit=front_matter.MAX_TITLE)
        self._note_lengths(values, places, lead)
        self.notes.hosts = lint.of_references(values.get("related", ()))
        self.notes.hosts += lint_text.hosts(body.addresses)
        self.mistakes += (slips := list(lint_text.of_addresses(body.addresses)))
        self.notes.warnings += [*slips, *body.warnings, *self.files.warnings, *self.files.mistakes]
        self.problems += self.files.problems
        notes = self.notes.as_json()
        if self.problems:
            links = [self._reference(ref) for ref in values.get("related", ())]
            links += [self._reference(ref) for ref in values.get("unrelated", ())]
            return Read(0, problems=self.problems, notes=notes, links=[*body.links, *links])
        words = " ".join(f"{lead} {plain_text(content)}".split())
        article = self._article(values, slug, lead, picture, body, content, words)
        return Read(0, record=to_json(article), body=content, words=words, notes=notes)

    def _note_mistakes(
        self, front: str, body_text: str, lint_text: lint.Text, values: dict[str, Any],
        places: dict[str, tuple[int, int]],
    ) -> None:  # fmt: skip
        """Note what is typed wrongly, and where keys are that others are compared with."""
        path, notes = self.source.path, self.notes
        for name in ("title", "tags", "topics", "date", "updated"):
            setattr(notes, name, places.get(name, (1, 1)))
        self.mistakes = [*lint_text.mistakes(), *keys.of_keys(path, front, values, places)]
        self.mistakes += lint.of_hashtags(path, front, places)
        if not values.get("draft"):  # a draft is not finished
            self.mistakes += keys.of_archetype(path, body_text, self.body_line)
        self.strays = lint_text.strays()
        notes.warnings += [*self.mistakes, *self.strays, *lint_text.hidden()]

    def _article(
        self, values: dict[str, Any], slug: str, lead: str, picture: Picture | None,
        body: Body, content: str, words: str,
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
        summary = _shorten(text("summary") or lead, lint.MAX_LEAD)
        return Article(
            site=self.site.slug, path=source.path, name=source.name, section=source.section,
            slug=slug, title=text("title"), lead=lead,
            summary=summary or _shorten(excerpt(content), _MAX_EXCERPT),
            author=text("author"), source=text("source"), caption=text("caption"),
            identity=text("id") or f"{self.site.slug}/{source.name}",
            tags=values.get("tags", ()), topics=values.get("topics", ()),
            aliases=values.get("aliases", ()),
            date=date, date_iso=date_iso, date_text=date_text,
            updated=updated, updated_iso=updated_iso, updated_text=updated_text,
            expires=end_of(values.get("expires", NEVER)),
            draft=bool(values.get("draft")),
            featured=bool(values.get("featured", "featured_until" in values)),
            featured_until=end_of(values.get("featured_until", NEVER)),
            syndicate=bool(values.get("syndicate")),
            picture=picture, media=tuple(dict.fromkeys(body.media)),
            related=references("related"), unrelated=references("unrelated"),
            links=tuple(dict.fromkeys(body.links)), files=tuple(dict.fromkeys(self.files.used)),
            body_digest=digest_parts([content]),
        )  # fmt: skip

    def _add(self, code: str, place: tuple[int, int], **values: Any) -> None:
        self.problems.append(problem(code, self.source.path, *place, **values))

    def _note_lengths(
        self, values: dict[str, Any], places: dict[str, tuple[int, int]], lead: str
    ) -> None:
        self.notes.warnings += lint.of_lengths(
            self.source.path, values.get("title", ""), lead, places, self.body_line
        )

    def _slug_from_name(self, title: str) -> str:
        folder, _, name = self.source.name.rpartition("/")
        stem = folder.rpartition("/")[2] if name == "index.md" else name.removesuffix(".md")
        slug = slugify(stem)[:120].strip("-")
        if not slug or slug in RESERVED_NAMES:
            wanted = meant_slug(title or stem, RESERVED_NAMES)
            self._add("no-slug", (1, 1), name=stem, wanted=wanted)
        return slug

    def _head_picture(
        self, values: dict[str, object], places: dict[str, tuple[int, int]]
    ) -> Picture | None:
        if not values.get("image"):
            return None
        name, place = str(values["image"]), places["image"]
        alt = str(values.get("image_alt") or values.get("caption") or "")
        picture = self.files.picture(name, alt, place)
        if picture:
            self.notes.warnings += lint.of_picture(
                self.source.path, place, name, picture, "alt-missing-head"
            )
        return picture

    def _reference(self, ref: Reference) -> Reference:
        if re.match(r"https?://", ref.target):
            return ref
        target = canonical(ref.target, self.site.slug, self.source.name)
        return replace(ref, target=target or ref.target, typed=ref.target[:120])


def plain_text(content: str) -> str:
    """The text of HTML; tags separate words, except inline ones."""
    return html.unescape(_TAG.sub(" ", _INLINE.sub("", content)))


def excerpt(content: str) -> str:
    """The text of a body on one line, without footnotes, captions and code."""
    return " ".join(plain_text(_ASIDE.sub("", content)).split())


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
