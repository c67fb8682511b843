"""Good versions: an article as it was published, without what can be worked out from it."""

import re
from collections.abc import Collection
from datetime import datetime

import msgspec
from msgspec.structs import fields, replace

from portalgen.content.clean_html import clean_published
from portalgen.content.model import Article
from portalgen.content.read import plain_text
from portalgen.digests import digest_parts
from portalgen.register.entries import Entry
from portalgen.text import format_moment

# The entry says where it stands; the rest is worked out.
_LEFT_OUT = {
    "site", "path", "name", "section", "date", "date_text", "updated", "updated_text",
    "body_digest", "digest",
}  # fmt: skip
_FIELDS = {field.name: field.type for field in fields(Article) if field.name not in _LEFT_OUT}
_MEDIA = re.compile(r"[0-9a-f]{16}[A-Za-z0-9._-]*")
_SHOWN = re.compile(r"<figure>.*?</figure>|<picture>.*?</picture>", re.DOTALL)
_ATTACHED = re.compile(r'<a href="[^"]*/media/([^"#]+)[^"]*"[^>]*>(.*?)</a>', re.DOTALL)


class Good(msgspec.Struct, frozen=True):
    """A good version: the article, its body, and the title of the section that it was in."""

    article: Article
    body: str
    section_title: str

    @property
    def words(self) -> str:
        """The words of lead and body on one line."""
        return " ".join(f"{self.article.lead} {plain_text(self.body)}".split())

    def until(self, expires: int) -> "Good":
        """The version with an end, in seconds since 1970."""
        digest = digest_parts([self.article.digest, str(expires)])
        article = replace(self.article, expires=expires, digest=digest)
        return Good(article, self.body, self.section_title)


def to_bytes(article: Article, body: str, section_title: str) -> bytes:
    """A version as JSON by names, which later programs can read."""
    values = {name: getattr(article, name) for name in _FIELDS}
    return msgspec.json.encode({**values, "body": body, "section_title": section_title})


def from_bytes(data: bytes, entry: Entry, slug: str, folder: str) -> Good | None:
    """The version that an entry of the site in `folder` had, made by today's rules.

    None if it cannot be read any more.
    """
    name = entry.source.removeprefix(f"{folder}/content/".lstrip("/"))
    try:
        texts = msgspec.json.decode(data, type=dict[str, msgspec.Raw])
        values = {
            key: msgspec.json.decode(texts[key], type=kind)
            for key, kind in _FIELDS.items()
            if key in texts
        }
        body = clean_published(msgspec.json.decode(texts["body"], type=str))
        section_title = msgspec.json.decode(texts["section_title"], type=str)
        date, date_text = _moment(values["date_iso"])
        updated, updated_text = _moment(values["updated_iso"])
        article = Article(
            site=slug, path=entry.source, name=name,
            section=name.partition("/")[0] if "/" in name else "",
            date=date, date_text=date_text, updated=updated, updated_text=updated_text,
            body_digest=digest_parts([body]), digest=entry.good, **values,
        )  # fmt: skip
    except (msgspec.MsgspecError, ValueError, KeyError, TypeError, RecursionError):
        return None
    head = article.picture.files() if article.picture else []
    if not all(map(_MEDIA.fullmatch, (*article.media, *head))):
        return None
    return Good(article, body, section_title)


def _moment(iso: str) -> tuple[int, str]:
    """Seconds and text of a moment; raises `ValueError`."""
    if not iso:
        return 0, ""
    moment = datetime.fromisoformat(iso)
    return int(moment.timestamp()), format_moment(moment)


def without(good: Good, missing: Collection[str]) -> Good:
    """The version without these files of `media/`, which are nowhere any more."""
    article = good.article

    def keep_shown(match: re.Match[str]) -> str:
        return "" if any(f"media/{name}" in match[0] for name in missing) else match[0]

    def keep_attached(match: re.Match[str]) -> str:
        return match[2] if match[1] in missing else match[0]

    body = _ATTACHED.sub(keep_attached, _SHOWN.sub(keep_shown, good.body))
    lost_head = article.picture and not set(missing).isdisjoint(article.picture.files())
    article = replace(
        article, picture=None if lost_head else article.picture,
        media=tuple(name for name in article.media if name in body),
        body_digest=digest_parts([body]), digest=digest_parts([article.digest, *sorted(missing)]),
    )  # fmt: skip
    return Good(article, body, good.section_title)
