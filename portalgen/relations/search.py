"""The search index of a site: which articles hold a word, in many small files.

Words and pairs of neighbouring words are terms, as written but in lower case; what is typed without
marks is matched by the reader's browser (`assets/search.js`), which finds all spellings of a term
in one file, because a term's file is chosen by its letters without marks. An article's number is
its day and its place on that day, so a new article moves no other, and lists by number are lists
by date. Texts stand in blocks by number, for titles and excerpts.

    index.json   the layout, and what results can be narrowed to
    s-<n>.json   {term: "numbers" or "numbers|numbers of those with it in the title"}
    r-<n>.json   [[number, title, href, date, member, beginning of the text], …], for results
    t-<n>.json   [[number, site, section, tags, text], …], for excerpts
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import groupby, pairwise
from typing import NamedTuple
from unicodedata import normalize
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from portalgen.relations.search_layout import Layout, power_of_two
from portalgen.text import fold

MAX_TEXT = 8000  # characters of a text that are searched and kept for excerpts
BEGINNING = 220  # characters that results show at once
_CHUNK = 300_000  # words looked at in one go
_PASS = 1_000_000  # words for each pass over all of them, which bounds memory
_CHARS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_CODES = np.frombuffer(_CHARS.encode(), np.uint8)  # 32 that end a number, 32 that continue it
_VALUES = np.zeros(128, np.int64)
_VALUES[_CODES] = np.arange(64)
_WORD = re.compile(r"[^\W_]+")
# A tone may be written on either vowel: hòa and hoà, thủy and thuỷ are one word.
_TONE = re.compile("[òóỏõọ][ae]$|[ùúủũụ]y$")

Ints = NDArray[np.int64]
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


def build(
    layout: Layout, records: Iterable[tuple[int, Record]]
) -> Iterator[tuple[str, bytes | None]]:
    """Every file of the index but `index.json`, by name; `records` come by number, ascending."""
    words = _Words()
    numbers: list[int] = []
    titles, whole = _Column(words), _Column(words)
    for block, group in groupby(records, key=lambda item: item[0] // layout.block):
        some = dict(group)
        for number, record in some.items():
            title, rest = _fields(record)
            titles.add(title)
            whole.add([*title, *rest])
            numbers.append(number)
        yield from _block(block, some)
    columns = _Columns(words, np.array(numbers, np.int64), layout)
    parts = min(layout.shards, power_of_two(whole.size / _PASS))
    for part in range(parts):
        shards: dict[int, dict[str, str]] = {n: {} for n in range(part, layout.shards, parts)}
        for term, shard, found in columns.lists(whole, parts, part):
            shards[shard][term] = found
        for term, shard, found in columns.lists(titles, parts, part):
            shards[shard][term] += f"|{found}"
        for shard, lists in shards.items():
            yield f"s-{shard}.json", _dump(lists)


def update(
    layout: Layout, read: Read, gone: Mapping[int, Record], come: Mapping[int, Record]
) -> Iterator[tuple[str, bytes | None]]:
    """The files that change when articles go and come, an edited one doing both; None: it goes.

    `read` gives what a file holds now. What comes out is what `build` would make.
    """
    blocks: dict[int, dict[int, Record]] = {}
    for number in [*gone, *come]:
        block = number // layout.block
        if block not in blocks:
            blocks[block] = read_block(read, block)
        blocks[block].pop(number, None)
        if number in come:
            blocks[block][number] = come[number]
    for block, records in blocks.items():
        yield from _block(block, dict(sorted(records.items())))

    changes: dict[int, dict[str, list[tuple[int, bool, bool]]]] = {}  # (number, title, add)
    for number in sorted({*gone, *come}):
        before, after = terms(gone.get(number)), terms(come.get(number))
        for title in (False, True):
            for add, some in ((False, before[title] - after[title]),
                              (True, after[title] - before[title])):  # fmt: skip
                for term in some:
                    shard = shard_of(term, layout.shards)
                    changes.setdefault(shard, {}).setdefault(term, []).append((number, title, add))
    for shard, by_term in changes.items():
        name = f"s-{shard}.json"
        lists = json.loads(read(name))
        for term, edits in by_term.items():
            both = [set(decode(part)) for part in (lists.get(term, "") + "|").split("|")[:2]]
            for number, title, add in edits:
                (both[title].add if add else both[title].discard)(number)
            made = "|".join(_encode(np.array(sorted(some), np.int64)) for some in both if some)
            if made:
                lists[term] = made
            else:
                lists.pop(term, None)
        yield name, _dump(lists)


def read_block(read: Read, block: int) -> dict[int, Record]:
    """The records of one block by number; none if there is no such block."""
    try:
        heads, texts = (json.loads(read(f"{kind}-{block}.json")) for kind in "rt")
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
    title, rest = _fields(record)
    found = [set(), set()]  # type: list[set[str]]
    for fields, into in (([*title, *rest], found[0]), (title, found[1])):
        for field in fields:
            words = [spelling(word) for word in field]
            into.update(words)
            into.update(f"{one} {other}" for one, other in pairwise(words))
    return found[0], found[1]


def shard_of(term: str, shards: int) -> int:
    """The file a term stands in, by its letters without marks."""
    first, _, second = term.partition(" ")
    value = crc32(fold(first).encode())
    if second:
        value = value * 31 + crc32(fold(second).encode())
    return value & (shards - 1)


def decode(text: str) -> list[int]:
    """The numbers of a list."""
    values = _VALUES[np.frombuffer(text.encode(), np.uint8)]
    ends = np.flatnonzero(values < 32)
    if not len(ends):
        return []
    starts = np.concatenate([[0], ends[:-1] + 1])
    places = np.arange(len(values)) - np.repeat(starts, ends - starts + 1)
    gaps = np.add.reduceat((values & 31) << (5 * places), starts)
    found: list[int] = np.cumsum(gaps).tolist()
    return found


def _encode(numbers: Ints) -> str:
    gaps = np.diff(numbers, prepend=0)
    return _digits(gaps)[0].decode()


def _digits(gaps: Ints) -> tuple[bytes, Ints]:
    """Gaps written with five bits a character, lowest first; and where each one begins."""
    lengths = np.ones(len(gaps), np.int64)
    rest = gaps >> 5
    while rest.any():
        lengths += rest > 0
        rest >>= 5
    starts = np.cumsum(lengths) - lengths
    out = np.empty(int(lengths.sum()), np.uint8)
    for place in range(int(lengths.max(initial=0))):
        here = lengths > place
        more = np.where(lengths[here] > place + 1, 32, 0)
        out[starts[here] + place] = _CODES[(gaps[here] >> (5 * place) & 31) + more]
    return out.tobytes(), starts


def _fields(record: Record) -> tuple[list[list[str]], list[list[str]]]:
    """The words of the title, and of everything else, field by field."""
    texts = (*record.tags, record.text)
    title = [_WORD.findall(record.title.lower())]
    rest = [_WORD.findall(text.lower()) for text in texts]
    return title, [*rest, [f"@{record.site}"], [f"#{record.section}"]]


class _Words(dict[str, int]):
    """Numbers words from 1; different spellings of one word share a number."""

    def __init__(self) -> None:
        super().__init__()
        self.written = [""]

    def __missing__(self, word: str) -> int:
        one = spelling(word)
        if one != word:
            number = self[word] = self[one]
            return number
        number = self[word] = len(self.written)
        self.written.append(word)
        return number


class _Column:
    """The words of all articles one after another, a zero after each field."""

    def __init__(self, words: _Words) -> None:
        self.known = words
        self.known.setdefault("", 0)
        self.size = 0
        self.chunks: list[tuple[NDArray[np.int32], NDArray[np.int32]]] = []  # words, articles
        self._parts: list[NDArray[np.int32]] = []
        self._begin = 0

    def add(self, fields: list[list[str]]) -> None:
        """The fields of the next article."""
        flat = [word for field in fields for word in (*field, "")]
        self._parts.append(np.fromiter(map(self.known.__getitem__, flat), np.int32, len(flat)))
        self.size += len(flat)
        if self.size >= (len(self.chunks) + 1) * _CHUNK:
            self.flush()

    def flush(self) -> None:
        """Put what was added into a chunk of its own."""
        if self._parts:
            end = self._begin + len(self._parts)
            articles = np.arange(self._begin, end, dtype=np.int32)
            lengths = [len(part) for part in self._parts]
            self.chunks.append((np.concatenate(self._parts), np.repeat(articles, lengths)))
            self._begin, self._parts = end, []


class _Columns:
    """Turns columns into lists: for each term the numbers of the articles that have it."""

    def __init__(self, words: _Words, numbers: Ints, layout: Layout):
        self.written = words.written
        self.numbers = numbers
        self.shards = layout.shards
        self.hashes = np.array([crc32(fold(word).encode()) for word in self.written], np.int64)

    def lists(self, column: _Column, parts: int, part: int) -> Iterator[tuple[str, int, str]]:
        """Term, shard and encoded list of every term whose shard falls to this part."""
        column.flush()
        bits = max(1, len(self.numbers).bit_length())
        packed = [np.zeros(0, np.int64)]
        for words, articles in column.chunks:
            following = np.append(words[1:], np.int32(0))
            for second in (np.zeros_like(words), following):
                there = words > 0
                if second is following:
                    there &= following > 0
                a, b = words[there].astype(np.int64), second[there]
                here = self._value(a, b) & (parts - 1) == part
                code = a[here] * len(self.written) + b[here]
                packed.append(_distinct(code << bits | articles[there][here]))
        both = _distinct(np.concatenate(packed))
        code, found = both >> bits, self.numbers[both & ((1 << bits) - 1)]
        begins = np.flatnonzero(np.diff(code, prepend=-1))
        gaps = np.diff(found, prepend=0)
        gaps[begins] = found[begins]
        text, starts = _digits(gaps)
        chars = text.decode()
        cuts = [*starts[begins].tolist(), len(chars)]
        a, b = np.divmod(code[begins], len(self.written))
        shards = self._value(a, b) & (self.shards - 1)
        for at, (one, other, shard) in enumerate(zip(a.tolist(), b.tolist(), shards.tolist())):
            term = f"{self.written[one]} {self.written[other]}" if other else self.written[one]
            yield term, shard, chars[cuts[at] : cuts[at + 1]]

    def _value(self, first: Ints, second: NDArray[np.signedinteger]) -> Ints:
        """What `shard_of` computes."""
        alone = self.hashes[first]
        return np.where(second > 0, alone * 31 + self.hashes[second], alone)


def _distinct(numbers: Ints) -> Ints:
    """Each number once, ascending; `np.unique` takes ten times as long by way of a hash table."""
    numbers.sort()
    return numbers[np.flatnonzero(np.diff(numbers, prepend=-1))]


def _block(block: int, records: Mapping[int, Record]) -> Iterator[tuple[str, bytes | None]]:
    """The two files of a block; None where nothing is left to put into them."""
    if not records:
        yield f"r-{block}.json", None
        yield f"t-{block}.json", None
        return
    yield f"r-{block}.json", _dump([
        [number, r.title, r.href, r.date, r.member, _beginning(r.text)]
        for number, r in records.items()
    ])  # fmt: skip
    yield f"t-{block}.json", _dump([
        [number, r.site, r.section, r.tags, r.text] for number, r in records.items()
    ])  # fmt: skip


def _beginning(text: str) -> str:
    return text if len(text) <= BEGINNING else text[:BEGINNING].rsplit(" ", 1)[0]


def _dump(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()
