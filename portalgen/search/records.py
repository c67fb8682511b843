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
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import groupby, pairwise
from tempfile import SpooledTemporaryFile
from typing import NamedTuple
from unicodedata import normalize
from zlib import crc32

import numpy as np
from msgspec import json
from numpy.typing import NDArray

from portalgen.search.layout import Layout, power_of_two, shard_name
from portalgen.text import fold

MAX_TEXT = 8000  # characters of a text that are searched and kept for excerpts
BEGINNING = 220  # characters that results show at once
_BITS = 21  # of a number for a word, and for an article's place in the index
_MASK = (1 << _BITS) - 1
_MEMORY = 500_000  # texts remembered at a time
_CHUNK = 300_000  # words looked at in one go
_PASS = 256  # articles whose terms are written at a time: so many stay near the processor
_SPOOL = 1 << 24  # bytes of terms gathered in memory; more wait in a file
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


def build(layout: Layout, records: Iterable[tuple[int, Record]]) -> Iterator[tuple[str, bytes]]:
    """Every file of the index but `index.json`, by name; `records` come by number, ascending."""
    words = _known_words()
    tiers = [_Tier(words, *tier) for tier in layout.tiers]
    place = 0
    for block, group in groupby(records, key=lambda item: item[0] // layout.block):
        some = dict(group)
        for number, record in some.items():
            tiers[layout.tier_of(place)].add(number, record)
            place += 1
        yield from _block(block, some)
    for number, tier in enumerate(tiers):
        yield from tier.files(number)


def build_tier(
    layout: Layout, tier: int, records: Iterable[tuple[int, Record]]
) -> Iterator[tuple[str, bytes]]:
    """The files of terms of one tier."""
    made = _Tier(_known_words(), *layout.tiers[tier])
    for number, record in records:
        made.add(number, record)
    yield from made.files(tier)


def update_tier(
    layout: Layout, tier: int, read: Read, gone: Mapping[int, Record], come: Mapping[int, Record]
) -> Iterator[tuple[str, bytes]]:
    """The files of a tier that change when articles go and come, an edited one doing both.

    `read` gives what a file holds now. What comes out is what `build` would make.
    """
    files = layout.tiers[tier][1]
    changes: dict[int, dict[str, list[tuple[int, bool, bool]]]] = {}  # (number, title, add)
    for number in sorted({*gone, *come}):
        before, after = terms(gone.get(number)), terms(come.get(number))
        for title in (False, True):
            for add, some in ((False, before[title] - after[title]),
                              (True, after[title] - before[title])):  # fmt: skip
                for term in some:
                    shard = shard_of(term, files)
                    changes.setdefault(shard, {}).setdefault(term, []).append((number, title, add))
    for shard, by_term in changes.items():
        name = shard_name(tier, shard)
        lists = json.decode(read(name))
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


def update_blocks(
    layout: Layout, published: Callable[[int], dict[int, Record]], gone: Iterable[int],
    come: Mapping[int, Record],
) -> Iterator[tuple[str, bytes]]:  # fmt: skip
    """The files of texts that change, from the blocks as they are `published`.

    There are none for a block in which nothing is left.
    """
    blocks: dict[int, dict[int, Record]] = {}
    for number in [*gone, *come]:
        block = number // layout.block
        if block not in blocks:
            blocks[block] = dict(published(block))
        blocks[block].pop(number, None)
        if number in come:
            blocks[block][number] = come[number]
    for block, records in blocks.items():
        if records:
            yield from _block(block, dict(sorted(records.items())))


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
    return title.union(_facets(record), *rest), title


def _terms(text: str) -> set[str]:
    words = [spelling(word) for word in _WORD.findall(text.lower())]
    return {*words, *(f"{one} {other}" for one, other in pairwise(words))}


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
    return _digits(gaps)[0].tobytes().decode()


def _digits(gaps: Ints) -> tuple[NDArray[np.uint8], Ints]:
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
    return out, starts


def _facets(record: Record) -> tuple[str, str]:
    """What results are narrowed by, as words."""
    return f"@{record.site}", f"#{record.section}"


class _Words(dict[str, int]):
    """Numbers texts between blanks, and the words in them: `Lào-Cai,` stands for two.

    Words count from 1, different spellings of one word share a number, and 0 ends a field.
    """

    def __init__(self) -> None:
        super().__init__()
        self.written = [""]
        self.hashes = array("q", [0])
        self._numbers: dict[str, int] = {}
        # Of each text: how many words it has, and from where they stand in `_flat`.
        self._counts, self._starts, self._flat = array("i"), array("i"), array("i")
        self._put([0])

    def __missing__(self, text: str) -> int:
        words = [text[1:]] if text[0] == " " else _WORD.findall(text.lower())
        found = self[text] = self._put([self._number(word) for word in words])
        return found

    def _put(self, numbers: list[int]) -> int:
        self._starts.append(len(self._flat))
        self._counts.append(len(numbers))
        self._flat.extend(numbers)
        return len(self._counts) - 1

    def _number(self, word: str) -> int:
        number = self._numbers.get(word)
        if number is None:
            one = spelling(word)
            number = self._numbers.get(one)
            if number is None:
                number = self._numbers[one] = len(self.written)
                self.written.append(one)
                self.hashes.append(crc32(fold(one).encode()))
            self._numbers[word] = number
        return number

    def expand(self, texts: list[int], lengths: list[int]) -> tuple[Ints, Ints]:
        """The words of these texts, and how many each run of `lengths` texts has."""
        some = np.array(texts, np.int32)
        counts = np.frombuffer(self._counts, np.int32)[some]
        starts = np.frombuffer(self._starts, np.int32)[some]
        ends = np.cumsum(counts, dtype=np.int64)
        at = np.repeat(starts - ends + counts, counts) + np.arange(ends[-1])
        runs = np.diff(ends[np.cumsum(lengths) - 1], prepend=0)
        return np.frombuffer(self._flat, np.int32)[at].astype(np.int64), runs


_words = _Words()


def _known_words() -> _Words:
    """The words known so far; forgotten now and then, but not while an index is made."""
    global _words  # noqa: PLW0603
    if len(_words) > _MEMORY:
        _words = _Words()
    return _words


class _Tier:
    """The terms of the articles of one tier, gathered to be written."""

    def __init__(self, words: _Words, articles: int, shards: int) -> None:
        self.words = words
        self.shards = shards
        self.parts = min(shards, power_of_two(articles / _PASS))
        self.numbers: list[int] = []
        self.titles, self.whole = _Column(words, self.parts), _Column(words, self.parts)

    def add(self, number: int, record: Record) -> None:
        self.titles.add([record.title])
        self.whole.add([record.title, *record.tags, record.text], _facets(record))
        self.numbers.append(number)

    def files(self, tier: int) -> Iterator[tuple[str, bytes]]:
        if not self.numbers:
            return
        writer = _Writer(self.words, self.whole.used(), self.shards, self.numbers)
        for part, (whole, titles) in enumerate(zip(self.whole.parts(), self.titles.parts())):
            for shard, data in writer.files(whole, titles, self.parts, part):
                yield shard_name(tier, shard), data


class _Column:
    """The terms of articles: (first word, second or none, place of the article) in one number.

    Each belongs to the part that its shard modulo `parts` tells.
    """

    def __init__(self, words: _Words, parts: int) -> None:
        self.words = words
        self._parts = parts
        self._spool = SpooledTemporaryFile[bytes](_SPOOL)  # by part within each flush
        self._counts: list[Ints] = []  # of the parts, for each flush
        self._texts: list[int] = []
        self._lengths: list[int] = []
        self._articles = 0
        self._used = np.zeros(0, bool)

    def add(self, fields: Iterable[str], facets: Iterable[str] = ()) -> None:
        """The fields of the next article, and the words that stand alone as they are."""
        before = len(self._texts)
        number = self.words.__getitem__
        for field in fields:
            self._texts += map(number, field.split())
            self._texts.append(0)
        for facet in facets:
            self._texts += (number(f" {facet}"), 0)
        self._lengths.append(len(self._texts) - before)
        if len(self._texts) > _CHUNK:
            self._flush()

    def _flush(self) -> None:
        words, lengths = self.words.expand(self._texts, self._lengths)
        articles = np.arange(self._articles, self._articles + len(lengths))
        first = words << 2 * _BITS | np.repeat(articles, lengths)
        there = words > 0
        pairs = there[:-1] & there[1:]
        codes = _distinct(np.concatenate([first[there], (first[:-1] | words[1:] << _BITS)[pairs]]))
        hashes = np.array(self.words.hashes)
        self._used = np.append(self._used, np.zeros(len(hashes) - len(self._used), bool))
        self._used[words] = True
        parts = (_values(codes >> _BITS, hashes) & (self._parts - 1)).astype(np.uint16)
        self._spool.write(codes[np.argsort(parts, kind="stable")].tobytes())
        self._counts.append(np.bincount(parts, minlength=self._parts))
        self._articles += len(lengths)
        self._texts, self._lengths = [], []

    def used(self) -> list[int]:
        """All words of the articles, and 0."""
        if self._texts:
            self._flush()
        self._used[:1] = True
        return np.flatnonzero(self._used).tolist()

    def parts(self) -> Iterator[Ints]:
        """All terms of one part after the other; nothing can be added any more."""
        if self._texts:
            self._flush()
        counts = np.stack(self._counts)
        begins = (np.cumsum(counts) - counts.ravel()).reshape(counts.shape)
        with self._spool as spool:
            for part in range(self._parts):
                found = []
                for begin, count in zip(begins[:, part].tolist(), counts[:, part].tolist()):
                    spool.seek(8 * begin)
                    found.append(np.frombuffer(spool.read(8 * count), np.int64))
                yield np.concatenate(found)


class _Writer:
    """Writes files of terms: in each the terms in order, with the articles that have them."""

    def __init__(self, words: _Words, used: list[int], shards: int, numbers: list[int]):
        order = sorted(used, key=words.written.__getitem__)
        first = [words.written[number].encode() for number in order]
        second = [b'":"', *(b' %b":"' % word for word in first[1:])]
        texts = [b'{"', b'","', *first, *second]
        self.texts = np.frombuffer(b"".join(texts), np.uint8)
        self.lengths = np.array([len(text) for text in texts])
        self.begins = np.cumsum(self.lengths) - self.lengths
        self.hashes = np.array(words.hashes)[order]
        self.ranks = np.empty(len(words.written), np.int64)
        self.ranks[order] = np.arange(len(order))
        self.numbers = np.array(numbers, np.int64)
        self.shards = shards

    def files(
        self, whole: Ints, titles: Ints, parts: int, part: int
    ) -> Iterator[tuple[int, bytes]]:
        """The files of this part by number, from terms of whole articles and of their titles."""
        terms, lists, begins = self._lists(whole, b"")
        in_titles, more, more_begins = self._lists(titles, b"|")
        shards = _values(terms, self.hashes) & (self.shards - 1)
        order = np.argsort(shards, kind="stable")
        shards = shards[order]
        # Each entry is put together from five pieces of one text: what comes before it, its words,
        # its lists. Strings of Python would take three times as long.
        pieces = np.empty((len(terms), 5), np.int32)
        lengths = np.zeros_like(pieces)
        again = np.diff(shards, prepend=-1) == 0
        words = np.stack([again, (terms >> _BITS) + 2, (terms & _MASK) + 2 + len(self.hashes)], 1)
        words[:, 1:] = words[order, 1:]
        pieces[:, :3], lengths[:, :3] = self.begins[words], self.lengths[words]
        pieces[:, 3] = (begins[:-1] + len(self.texts))[order]
        lengths[:, 3] = np.diff(begins)[order]
        places = np.empty_like(order)
        places[order] = np.arange(len(order))
        places = places[np.searchsorted(terms, in_titles)]
        pieces[places, 4] = more_begins[:-1] + len(self.texts) + len(lists)
        lengths[places, 4] = np.diff(more_begins)
        text = np.concatenate([self.texts, lists, more])
        numbers = range(part, self.shards, parts)
        cuts = [0, *np.searchsorted(shards, numbers, "right").tolist()]
        for shard, (start, end) in zip(numbers, pairwise(cuts), strict=True):
            made = _put_together(text, pieces[start:end].ravel(), lengths[start:end].ravel())
            yield shard, made + b'"}' if made else b"{}"

    def _lists(self, codes: Ints, before: bytes) -> tuple[Ints, NDArray[np.uint8], Ints]:
        """Terms in alphabetical order; their lists, each with `before`; and where they begin."""
        first, second = self.ranks[codes >> 2 * _BITS], self.ranks[codes >> _BITS & _MASK]
        codes = first << 2 * _BITS | second << _BITS | codes & _MASK
        codes.sort()
        terms, found = codes >> _BITS, self.numbers[codes & _MASK]
        at = np.flatnonzero(np.diff(terms, prepend=-1))
        gaps = np.diff(found, prepend=0)
        gaps[at] = found[at]
        text, starts = _digits(gaps)
        begins = np.append(starts[at], len(text))
        if before:
            text = np.insert(text, begins[:-1], before[0])
            begins += np.arange(len(begins))
        return terms[at], text, begins


def _put_together(
    text: NDArray[np.uint8], begins: NDArray[np.int32], lengths: NDArray[np.int32]
) -> bytes:
    """Pieces of a text, one after the other."""
    ends = np.cumsum(lengths, dtype=np.int32)
    at = np.repeat(begins - ends + lengths, lengths)
    at += np.arange(len(at), dtype=np.int32)
    return text[at].tobytes()


def _values(terms: Ints, hashes: Ints) -> Ints:
    """What `shard_of` computes of (first word, second or none) in one number."""
    alone, second = hashes[terms >> _BITS], terms & _MASK
    values: Ints = np.where(second > 0, alone * 31 + hashes[second], alone)
    return values


def _distinct(numbers: Ints) -> Ints:
    """Each number once, ascending; `np.unique` takes ten times as long by way of a hash table."""
    numbers.sort()
    return numbers[np.flatnonzero(np.diff(numbers, prepend=-1))]


def _block(block: int, records: Mapping[int, Record]) -> Iterator[tuple[str, bytes]]:
    """The two files of a block."""
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
    return json.encode(value, order="deterministic")
