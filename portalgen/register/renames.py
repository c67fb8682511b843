"""Renamed sources: which new one is what a missing one was."""

from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

from portalgen.content.claims import has_own_id
from portalgen.content.model import Article
from portalgen.digests import digest_parts
from portalgen.register.entries import ARTICLE, Entry, Register

Missing = Mapping[tuple[str, str], Entry]  # by site and id
Pairs = dict[tuple[str, str], Article]
REMEMBERED = 30 * 86400  # seconds for which a missing source may come back under another name
_EMPTY = digest_parts([""])
_SIZE = 5  # words of a piece of text
_ALIKE = 0.6  # part of all pieces that two texts share
_Key = TypeVar("_Key")


def title_digest(register: Register, article: Article) -> str:
    """The keyed digest of title and date."""
    return register.digest(" ".join(article.title.casefold().split()), article.date_iso)


def body_digest(register: Register, article: Article) -> str:
    """The keyed digest of lead and text; empty for an article without."""
    if not article.lead and article.body_digest == _EMPTY:
        return ""
    return register.digest(article.lead, article.body_digest)


def find_renames(register: Register, missing: Missing, new: Iterable[Article]) -> Pairs:
    """Pairs of which each side fits no other: same `id`, or title and date, or text.

    Between sites only with the same title, date and text.
    """
    pairs: Pairs = {}
    articles = {article.path: article for article in new}
    entries = dict(missing)
    standing = [
        (slug, entry)
        for slug, site in (register.sites.items() if missing and articles else ())
        for entry in site.standing(ARTICLE)
        if (slug, entry.id) not in missing
    ]

    def pair(of_entry: Callable[[str, Entry], _Key], of_article: Callable[[Article], _Key]) -> None:
        groups: dict[_Key, tuple[list[tuple[str, str]], list[Article]]] = {}
        for (slug, name), entry in entries.items():
            if key := of_entry(slug, entry):
                groups.setdefault(key, ([], []))[0].append((slug, name))
        for article in articles.values():
            if key := of_article(article):
                groups.setdefault(key, ([], []))[1].append(article)
        taken = {of_entry(slug, entry) for slug, entry in standing}  # else the next build pairs
        for key, (olds, news) in groups.items():
            if len(olds) == len(news) == 1 and key not in taken:
                pairs[olds[0]] = news[0]
                del entries[olds[0]], articles[news[0].path]

    def of(slug: str, digest: str) -> tuple[str, str] | None:
        return (slug, digest) if digest else None

    pair(
        lambda slug, entry: of(slug, entry.identity),
        lambda article: of(article.site, article.identity if has_own_id(article) else ""),
    )
    pair(
        lambda slug, entry: of(f"{slug} {entry.title}", entry.body),
        lambda article: of(
            f"{article.site} {title_digest(register, article)}", body_digest(register, article)
        ),
    )
    pair(
        lambda slug, entry: of(entry.title, entry.body),
        lambda article: of(title_digest(register, article), body_digest(register, article)),
    )
    pair(
        lambda slug, entry: of(slug, entry.title),
        lambda article: of(article.site, title_digest(register, article)),
    )
    pair(
        lambda slug, entry: of(slug, entry.body),
        lambda article: of(article.site, body_digest(register, article)),
    )
    return pairs


def pieces(words: str) -> frozenset[tuple[str, ...]]:
    """The pieces of a text: some words in a row, from each word on."""
    parts = words.casefold().split()
    return frozenset(tuple(parts[at : at + _SIZE]) for at in range(max(1, len(parts) - _SIZE + 1)))


def most_alike(words: str, texts: Mapping[str, str]) -> str:
    """The path of the text that shares most with `words`; empty if none shares enough."""
    own = pieces(words)
    best, most = "", _ALIKE
    for path, text in sorted(texts.items()):
        other = pieces(text)
        share = len(own & other) / len(own | other)
        if share > most:
            best, most = path, share
    return best
