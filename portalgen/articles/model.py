"""What the rest of the program knows of an article once its file has been read."""

import json
from dataclasses import dataclass
from operator import attrgetter

from portalgen.digests import digest_parts


@dataclass(frozen=True, slots=True)
class Picture:
    """An image as made for the web: `media/{stem}-{width}.webp` and `.jpg` for each width."""

    stem: str
    width: int
    height: int
    widths: tuple[int, ...]
    alt: str = ""

    def files(self) -> list[str]:
        """Names under `media/`."""
        return [f"{self.stem}-{width}.{kind}" for width in self.widths for kind in ("webp", "jpg")]


@dataclass(frozen=True, slots=True)
class Reference:
    """A link to another article as written, and where: `portal:<site>/<path>.md` or a URL."""

    target: str
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Article:
    """One Markdown file, read and typed. Moments are seconds since 1970 UTC; 0 = not given.

    `path` is the source relative to the network's root; `name` relative to the site's content
    folder; `section` is empty for a plain page. The body stays in the cache, under `body_digest`.
    """

    site: str
    path: str
    name: str
    section: str
    slug: str
    title: str
    lead: str
    summary: str
    author: str
    source: str
    caption: str
    identity: str
    tags: tuple[str, ...]
    topics: tuple[str, ...]
    aliases: tuple[str, ...]
    date: int
    date_iso: str
    date_text: str
    updated: int
    updated_iso: str
    updated_text: str
    expires: int
    draft: bool
    featured: bool
    syndicate: bool
    picture: Picture | None
    media: tuple[str, ...]
    related: tuple[Reference, ...]
    unrelated: tuple[Reference, ...]
    links: tuple[Reference, ...]
    body_digest: str
    digest: str = ""

    @property
    def is_page(self) -> bool:
        """A plain page outside sections."""
        return not self.section

    def is_published(self, now: int, drafts: bool = False) -> bool:
        """Whether readers may see it at `now`; with `drafts`, also what is not yet for them."""
        shown = drafts or (not self.draft and self.date <= now)
        return shown and not 0 < self.expires <= now

    def next_change(self, now: int) -> int:
        """The next moment after `now` at which this article appears or goes; 0 = never."""
        if self.draft:
            return 0
        coming = [moment for moment in (self.date, self.expires) if moment > now]
        return min(coming, default=0)


_FIELDS = [name for name in Article.__slots__ if name != "digest"]
_values = attrgetter(*_FIELDS)
_PICTURE, _REFERENCES = (
    _FIELDS.index("picture"),
    [_FIELDS.index(name) for name in ("related", "unrelated", "links")],
)
_TUPLES = [_FIELDS.index(name) for name in ("tags", "topics", "aliases", "media")]


def to_json(article: Article) -> str:
    """The article as a JSON list, for the cache."""
    values = list(_values(article))
    picture = values[_PICTURE]
    if picture:
        values[_PICTURE] = [getattr(picture, name) for name in Picture.__slots__]
    for index in _REFERENCES:
        values[index] = [[ref.target, ref.line, ref.column] for ref in values[index]]
    return json.dumps(values, ensure_ascii=False, separators=(",", ":"))


def from_values(values: list, digest: str) -> Article:  # type: ignore[type-arg]
    """The article from its parsed JSON list and the digest of that JSON text."""
    picture = values[_PICTURE]
    if picture:
        stem, width, height, widths, alt = picture
        values[_PICTURE] = Picture(stem, width, height, tuple(widths), alt)
    for index in _TUPLES:
        values[index] = tuple(values[index])
    for index in _REFERENCES:
        values[index] = tuple([Reference(*ref) for ref in values[index]])
    return Article(*values, digest)  # type: ignore[call-arg]


def record_digest(record: str) -> str:
    """The digest of an article's JSON text."""
    return digest_parts([record])
