"""Articles as they are read from their files."""

from collections.abc import Sequence

from msgspec import Struct, json
from msgspec.structs import replace

from portalgen.digests import digest_bytes


class Picture(Struct, frozen=True, array_like=True, gc=False):
    """A picture for the web: `media/{stem}-{width}.webp` and `.jpg` for each width.

    Of an animation it is the first frame; `media/{original}` is the file as it was written.
    """

    stem: str
    width: int
    height: int
    widths: tuple[int, ...]
    alt: str = ""
    original: str = ""

    def files(self) -> list[str]:
        """Names under `media/`."""
        names = [f"{self.stem}-{width}.{kind}" for width in self.widths for kind in ("webp", "jpg")]
        return [*names, self.original] if self.original else names


class MediaFile(Struct, frozen=True, array_like=True, gc=False):
    """A file beside an article, and what was made of it: a picture, or an attachment's `name`.

    `path` is relative to the network's root, `name` one under `media/`; the alt text is empty.
    """

    path: str
    picture: Picture | None
    name: str

    def names(self) -> list[str]:
        """Names under `media/`."""
        return self.picture.files() if self.picture else [self.name]


class Reference(Struct, frozen=True, array_like=True, gc=False):
    """A link to another article and its place: `portal:<site>/<path>.md` or a URL.

    Of an old address, what was written; else that is `typed`.
    """

    target: str
    line: int
    column: int
    typed: str = ""


class Article(Struct, frozen=True, array_like=True, gc=False, kw_only=True):
    """One Markdown file, read and typed. Times are seconds since 1970 UTC; 0: none.

    `path` is the source relative to the network's root, `name` relative to the site's content
    folder; `section` is empty for a plain page. The body stays in the cache, under `body_digest`.
    `files` are all that it shows or links to beside it, also those that are as last published.
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
    aliases: tuple[Reference, ...]
    date: int
    date_iso: str
    date_text: str
    updated: int
    updated_iso: str
    updated_text: str
    expires: int
    draft: bool
    featured: bool
    featured_until: int = 0
    syndicate: bool
    picture: Picture | None
    media: tuple[str, ...]
    related: tuple[Reference, ...]
    unrelated: tuple[Reference, ...]
    links: tuple[Reference, ...]
    files: tuple[MediaFile, ...] = ()
    body_digest: str
    digest: str = ""

    @property
    def is_page(self) -> bool:
        """A plain page outside sections."""
        return not self.section

    def is_published(self, now: int, drafts: bool = False) -> bool:
        """Whether readers see the article at `now`; `drafts` adds drafts and scheduled ones."""
        due = drafts or (not self.draft and self.date <= now)
        return due and not self.has_expired(now)

    def has_expired(self, now: int) -> bool:
        """Whether the article's time is over at `now`."""
        return 0 < self.expires <= now

    def is_featured(self, now: int) -> bool:
        """Whether the article may lead a home page at `now`."""
        return self.featured and not 0 < self.featured_until <= now

    def next_change(self, now: int, drafts: bool = False) -> int:
        """The next time after `now` at which it appears, expires or leads no more; 0: never."""
        if self.draft and not drafts:
            return 0
        moments = [self.expires, self.featured_until, *([] if self.draft else [self.date])]
        return min((moment for moment in moments if moment > now), default=0)


_articles = json.Decoder(list[Article])


def to_json(article: Article) -> bytes:
    """The article as a JSON list, for the cache, with a digest of its other fields."""
    return json.encode(replace(article, digest=digest_bytes(json.encode(article))))


def from_json(records: Sequence[bytes]) -> list[Article]:
    """Articles from their JSON lists; raises `ValueError`."""
    return _articles.decode(b"[%b]" % b",".join(records))
