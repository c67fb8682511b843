"""The search index of a site: which articles hold a word, in many small files.

Words and pairs of neighbouring words are terms, as written but in lower case; what is typed without
marks is matched by the reader's browser (`assets/search.js`), which finds all spellings of a term
in one file, because a term's file is chosen by its letters without marks. An article's number is
its day and its place on that day, so a new article moves no other, and lists by number are lists
by date. Terms stand in tiers, the newest articles in a small one, so that a new article changes few
files. Texts stand in blocks by number, for titles and excerpts.

    index.json        the layout, and what results can be narrowed to
    s-<tier>-<n>.json {term: "numbers" or "numbers|numbers of those with it in the title"}
    r-<n>.json        [[number, title, href, date, member, beginning of the text], …], for results
    t-<n>.json        [[number, site, section, tags, text], …], for excerpts
"""

import re
from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise
from typing import NamedTuple
from unicodedata import normalize
from zlib import crc32

from msgspec import json

from portalgen.text import fold

MAX_TEXT = 8000  # characters of a text that are searched and kept for excerpts
BEGINNING = 220  # characters that results show at once
WORD = re.compile(r"[^\W_]+")
# A tone may be written on either vowel: hòa and hoà, thủy and thuỷ are one word.
_TONE = re.compile("[òóỏõọ][ae]$|[ùúủũụ]y$")

Read = Callable[[str], bytes]


class Record(NamedTuple):
    """What the index keeps of an article; `site` and `section` are slugs, `member` a name."""

    title: str
    href: str
    date: str
    member: str
    site: str
    section: str
    tags: tuple[str, ...]
    text: str


def spelling(word: str) -> str:
    """A lower-case word with its tone on the vowel where new spelling puts it: hòa → hoà."""

    def move(found: re.Match[str]) -> str:
        vowel, tone, last = list(normalize("NFD", found[0]))
        return normalize("NFC", vowel + last + tone)

    return word if word.isascii() else _TONE.sub(move, word)


def read_block(read: Read, block: int) -> dict[int, Record]:
    """The records of one block by number; none if there is no such block."""
    try:
        heads, texts = (json.decode(read(f"{kind}-{block}.json")) for kind in "rt")
    except FileNotFoundError:
        return {}
    return {
        number: Record(title, href, date, member, site, section, tuple(tags), text)
        for (number, title, href, date, member, _), (_, site, section, tags, text) in zip(
            heads, texts, strict=True
        )
    }


def terms(record: Record | None) -> tuple[set[str], set[str]]:
    """All terms of an article, and those of its title."""
    if record is None:
        return set(), set()
    title = _terms(record.title)
    rest = [_terms(text) for text in (*record.tags, record.text)]
    return title.union(facets(record), *rest), title


def _terms(text: str) -> set[str]:
    words = [spelling(word) for word in WORD.findall(text.lower())]
    return {*words, *(f"{one} {other}" for one, other in pairwise(words))}


def shard_of(term: str, shards: int) -> int:
    """The file a term stands in, by its letters without marks."""
    first, _, second = term.partition(" ")
    value = crc32(fold(first).encode())
    if second:
        value = value * 31 + crc32(fold(second).encode())
    return value & (shards - 1)


def facets(record: Record) -> tuple[str, str]:
    """What results are narrowed by, as words."""
    return f"@{record.site}", f"#{record.section}"


def block_files(block: int, records: Mapping[int, Record]) -> Iterator[tuple[str, bytes]]:
    """The two files of a block."""
    yield f"r-{block}.json", dump([
        [number, r.title, r.href, r.date, r.member, _beginning(r.text)]
        for number, r in records.items()
    ])  # fmt: skip
    yield f"t-{block}.json", dump([
        [number, r.site, r.section, r.tags, r.text] for number, r in records.items()
    ])  # fmt: skip


def _beginning(text: str) -> str:
    return text if len(text) <= BEGINNING else text[:BEGINNING].rsplit(" ", 1)[0]


def dump(value: object) -> bytes:
    """A value as it stands in a file."""
    return json.encode(value, order="deterministic")
