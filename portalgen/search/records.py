"""Records and terms of a search index, which maps terms to articles in many small files.

Terms are words and pairs of neighbouring words in lower case. Queries without diacritics are
matched by `assets/search.js` in the browser: all spellings of a term are in the same file, which is
chosen by the folded term. An article's number is its day and its place on that day, so that a new
article does not renumber others, and order by number is order by date. Terms are in tiers, those of
the newest articles in a small one, so that a new article changes few files. Texts are in blocks by
number.

    index.json        the layout, and filters of results
    s-<tier>-<n>.json {term: "numbers" or "numbers|numbers of articles with it in the title"}
    r-<n>.json        [[number, title, href, date, member, beginning of the text], …], for results
    t-<n>.json        [[number, site, section, tags, text], …], for excerpts
"""

import re
from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise
from typing import NamedTuple
from unicodedata import normalize
from zlib import crc32

import numpy as np
from msgspec import json
from numpy.typing import NDArray

from portalgen.text import fold

MAX_TEXT = 8000  # indexed characters of a text
BEGINNING = 220  # characters shown in results
WORD = re.compile(r"[^\W_]+")
# The tone may be on either vowel: hòa or hoà, thủy or thuỷ.
_TONE = re.compile("[òóỏõọ][ae]$|[ùúủũụ]y$")

Read = Callable[[str], bytes]
_CHARS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_CODES = np.frombuffer(_CHARS.encode(), np.uint8)  # 32 end a number, 32 continue it
_VALUES = np.zeros(128, np.int64)
_VALUES[_CODES] = np.arange(64)

Ints = NDArray[np.int64]


class Record(NamedTuple):
    """An article in the index; `site` and `section` are slugs, `member` is a name."""

    title: str
    href: str
    date: str
    member: str
    site: str
    section: str
    tags: tuple[str, ...]
    text: str


def spelling(word: str) -> str:
    """Move the tone of a lower-case word to its place in new spelling: hòa → hoà."""

    def move(match: re.Match[str]) -> str:
        vowel, tone, last = list(normalize("NFD", match[0]))
        return normalize("NFC", vowel + last + tone)

    return word if word.isascii() else _TONE.sub(move, word)


def read_block(read: Read, block: int) -> dict[int, Record]:
    """The records of a block by number; empty if there is no such block."""
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
    """Return all terms of an article, and those of its title."""
    if record is None:
        return set(), set()
    title = _terms(record.title)
    others = [_terms(text) for text in (*record.tags, record.text)]
    return title.union(facets(record), *others), title


def _terms(text: str) -> set[str]:
    words = [spelling(word) for word in WORD.findall(text.lower())]
    return {*words, *map(" ".join, pairwise(words))}


def shard_of(term: str, shards: int) -> int:
    """The number of a term's file, by the folded term."""
    first, _, second = term.partition(" ")
    value = crc32(fold(first).encode())
    if second:
        value = value * 31 + crc32(fold(second).encode())
    return value & (shards - 1)


def facets(record: Record) -> tuple[str, str]:
    """Terms for the filters of results."""
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
    """Encode the content of an index file."""
    return json.encode(value, order="deterministic")


def decode(text: str) -> list[int]:
    """Decode a list of numbers."""
    values = _VALUES[np.frombuffer(text.encode(), np.uint8)]
    ends = np.flatnonzero(values < 32)
    if not len(ends):
        return []
    starts = np.concatenate([[0], ends[:-1] + 1])
    places = np.arange(len(values)) - np.repeat(starts, ends - starts + 1)
    gaps = np.add.reduceat((values & 31) << (5 * places), starts)
    numbers: list[int] = np.cumsum(gaps).tolist()
    return numbers


def encode(numbers: Ints) -> str:
    """Encode a list of ascending numbers."""
    gaps = np.diff(numbers, prepend=0)
    return digits(gaps)[0].tobytes().decode()


def digits(gaps: Ints) -> tuple[NDArray[np.uint8], Ints]:
    """Return the characters of gaps, lowest bits first, and where each gap begins."""
    lengths = np.ones(len(gaps), np.int64)
    rest = gaps >> 5
    while rest.any():
        lengths += rest > 0
        rest >>= 5
    starts = np.cumsum(lengths) - lengths
    text = np.empty(int(lengths.sum()), np.uint8)
    for place in range(int(lengths.max(initial=0))):
        long = lengths > place
        continued = np.where(lengths[long] > place + 1, 32, 0)
        text[starts[long] + place] = _CODES[(gaps[long] >> (5 * place) & 31) + continued]
    return text, starts
