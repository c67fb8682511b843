"""Build an index, or a tier of it, from all its articles."""

from array import array
from collections.abc import Iterable, Iterator
from itertools import groupby, pairwise
from tempfile import SpooledTemporaryFile
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from portalgen.search.layout import Layout, power_of_two, shard_name
from portalgen.search.records import WORD, Ints, Record, block_files, digits, facets, spelling
from portalgen.text import fold

_CACHE_SIZE = 500_000  # texts
_BITS = 21  # of a number for a word, and for an article's place in the index
_MASK = (1 << _BITS) - 1
_CHUNK = 300_000  # texts between blanks, processed at once
_PASS = 256  # articles whose terms are written at once, to fit the processor's cache
_SPOOL = 1 << 24  # bytes of terms kept in memory; more go to a file


def build(layout: Layout, records: Iterable[tuple[int, Record]]) -> Iterator[tuple[str, bytes]]:
    """Yield all files of an index but `index.json`; `records` are in ascending order."""
    words = _cached_words()
    tiers = [_Tier(words, *tier) for tier in layout.tiers]
    place = 0
    for block, group in groupby(records, key=lambda item: item[0] // layout.block):
        block_records = dict(group)
        for number, record in block_records.items():
            tiers[layout.tier_of(place)].add(number, record)
            place += 1
        yield from block_files(block, block_records)
    for number, tier in enumerate(tiers):
        yield from tier.files(number)


def build_tier(
    layout: Layout, tier: int, records: Iterable[tuple[int, Record]]
) -> Iterator[tuple[str, bytes]]:
    """Yield the files of terms of a tier."""
    terms = _Tier(_cached_words(), *layout.tiers[tier])
    for number, record in records:
        terms.add(number, record)
    yield from terms.files(tier)


class _Words(dict[str, int]):
    """Assigns numbers to texts between blanks, and to their words: `Lào-Cai,` has two.

    Numbers of words start at 1; spellings of the same word share one; 0 ends a field.
    """

    def __init__(self) -> None:
        super().__init__()
        self.spellings = [""]
        self.hashes = array("q", [0])
        self._numbers: dict[str, int] = {}
        # By text: its count of words, and the start of their numbers in `_flat`.
        self._counts, self._starts, self._flat = array("i"), array("i"), array("i")
        self._put([0])

    def __missing__(self, text: str) -> int:
        words = [text[1:]] if text[0] == " " else WORD.findall(text.lower())
        number = self[text] = self._put([self._number(word) for word in words])
        return number

    def _put(self, numbers: list[int]) -> int:
        self._starts.append(len(self._flat))
        self._counts.append(len(numbers))
        self._flat.extend(numbers)
        return len(self._counts) - 1

    def _number(self, word: str) -> int:
        number = self._numbers.get(word)
        if number is None:
            spelled = spelling(word)
            number = self._numbers.get(spelled)
            if number is None:
                number = self._numbers[spelled] = len(self.spellings)
                self.spellings.append(spelled)
                self.hashes.append(crc32(fold(spelled).encode()))
            self._numbers[word] = number
        return number

    def expand(self, texts: list[int], lengths: list[int]) -> tuple[Ints, Ints]:
        """Return the words of texts, and the count of words in each run of `lengths` texts."""
        numbers = np.array(texts, np.int32)
        counts = np.frombuffer(self._counts, np.int32)[numbers]
        starts = np.frombuffer(self._starts, np.int32)[numbers]
        ends = np.cumsum(counts, dtype=np.int64)
        places = np.repeat(starts - ends + counts, counts) + np.arange(ends[-1])
        runs = np.diff(ends[np.cumsum(lengths) - 1], prepend=0)
        return np.frombuffer(self._flat, np.int32)[places].astype(np.int64), runs


_words = _Words()


def _cached_words() -> _Words:
    """The words so far; call once for each index, as a full cache is replaced."""
    global _words  # noqa: PLW0603
    if len(_words) > _CACHE_SIZE:
        _words = _Words()
    return _words


class _Tier:
    """Collects the terms of a tier's articles."""

    def __init__(self, words: _Words, articles: int, shards: int) -> None:
        self.words = words
        self.shards = shards
        self.parts = min(shards, power_of_two(articles / _PASS))
        self.numbers: list[int] = []
        self.titles, self.articles = _Column(words, self.parts), _Column(words, self.parts)

    def add(self, number: int, record: Record) -> None:
        self.titles.add([record.title])
        self.articles.add([record.title, *record.tags, record.text], facets(record))
        self.numbers.append(number)

    def files(self, tier: int) -> Iterator[tuple[str, bytes]]:
        if not self.numbers:
            return
        writer = _Writer(self.words, self.articles.used(), self.shards, self.numbers)
        for part, (articles, titles) in enumerate(zip(self.articles.parts(), self.titles.parts())):
            for shard, data in writer.files(articles, titles, self.parts, part):
                yield shard_name(tier, shard), data


class _Column:
    """Terms of articles: first word, second or 0, and place of the article in one number.

    The part of a term is its shard modulo `parts`.
    """

    def __init__(self, words: _Words, parts: int) -> None:
        self.words = words
        self._parts = parts
        self._spool = SpooledTemporaryFile[bytes](_SPOOL)  # sorted by part within each flush
        self._counts: list[Ints] = []  # by part, for each flush
        self._texts: list[int] = []
        self._lengths: list[int] = []
        self._articles = 0
        self._used = np.zeros(0, bool)

    def add(self, fields: Iterable[str], facets: Iterable[str] = ()) -> None:
        """Add the fields of the next article, and its facets as words."""
        start = len(self._texts)
        number = self.words.__getitem__
        for field in fields:
            self._texts += map(number, field.split())
            self._texts.append(0)
        for facet in facets:
            self._texts += (number(f" {facet}"), 0)
        self._lengths.append(len(self._texts) - start)
        if len(self._texts) > _CHUNK:
            self._flush()

    def _flush(self) -> None:
        words, lengths = self.words.expand(self._texts, self._lengths)
        articles = np.arange(self._articles, self._articles + len(lengths))
        first = words << 2 * _BITS | np.repeat(articles, lengths)
        present = words > 0
        pairs = present[:-1] & present[1:]
        codes = _distinct(
            np.concatenate([first[present], (first[:-1] | words[1:] << _BITS)[pairs]])
        )
        hashes = np.array(self.words.hashes)
        self._used = np.append(self._used, np.zeros(len(hashes) - len(self._used), bool))
        self._used[words] = True
        parts = (_values(codes >> _BITS, hashes) & (self._parts - 1)).astype(np.uint16)
        self._spool.write(codes[np.argsort(parts, kind="stable")].tobytes())
        self._counts.append(np.bincount(parts, minlength=self._parts))
        self._articles += len(lengths)
        self._texts, self._lengths = [], []

    def used(self) -> list[int]:
        """The words of all articles, and 0."""
        if self._texts:
            self._flush()
        self._used[:1] = True
        return np.flatnonzero(self._used).tolist()

    def parts(self) -> Iterator[Ints]:
        """Yield the terms of each part; nothing can be added after that."""
        if self._texts:
            self._flush()
        counts = np.stack(self._counts)
        begins = (np.cumsum(counts) - counts.ravel()).reshape(counts.shape)
        with self._spool as spool:
            for part in range(self._parts):
                chunks = []
                for begin, count in zip(begins[:, part].tolist(), counts[:, part].tolist()):
                    spool.seek(8 * begin)
                    chunks.append(np.frombuffer(spool.read(8 * count), np.int64))
                yield np.concatenate(chunks)


class _Writer:
    """Writes files of sorted terms, each with its articles."""

    def __init__(self, words: _Words, used: list[int], shards: int, numbers: list[int]):
        order = sorted(used, key=words.spellings.__getitem__)
        first = [words.spellings[number].encode() for number in order]
        second = [b'":"', *(b' %b":"' % word for word in first[1:])]
        texts = [b'{"', b'","', *first, *second]
        self.texts = np.frombuffer(b"".join(texts), np.uint8)
        self.lengths = np.array([len(text) for text in texts])
        self.begins = np.cumsum(self.lengths) - self.lengths
        self.hashes = np.array(words.hashes)[order]
        self.ranks = np.empty(len(words.spellings), np.int64)
        self.ranks[order] = np.arange(len(order))
        self.numbers = np.array(numbers, np.int64)
        self.shards = shards

    def files(
        self, articles: Ints, titles: Ints, parts: int, part: int
    ) -> Iterator[tuple[int, bytes]]:
        """Yield the files of a part by number, from the terms of articles and of titles."""
        terms, lists, begins = self._lists(articles, b"")
        title_terms, title_lists, title_begins = self._lists(titles, b"|")
        shards = _values(terms, self.hashes) & (self.shards - 1)
        order = np.argsort(shards, kind="stable")
        shards = shards[order]
        # Each entry is joined from five pieces of one text: separator, two words, two lists. With
        # Python strings that would take three times as long.
        pieces = np.empty((len(terms), 5), np.int32)
        lengths = np.zeros_like(pieces)
        continued = np.diff(shards, prepend=-1) == 0
        words = np.stack(
            [continued, (terms >> _BITS) + 2, (terms & _MASK) + 2 + len(self.hashes)], 1
        )
        words[:, 1:] = words[order, 1:]
        pieces[:, :3], lengths[:, :3] = self.begins[words], self.lengths[words]
        pieces[:, 3] = (begins[:-1] + len(self.texts))[order]
        lengths[:, 3] = np.diff(begins)[order]
        places = np.empty_like(order)
        places[order] = np.arange(len(order))
        places = places[np.searchsorted(terms, title_terms)]
        pieces[places, 4] = title_begins[:-1] + len(self.texts) + len(lists)
        lengths[places, 4] = np.diff(title_begins)
        text = np.concatenate([self.texts, lists, title_lists])
        numbers = range(part, self.shards, parts)
        cuts = [0, *np.searchsorted(shards, numbers, "right").tolist()]
        for shard, (start, end) in zip(numbers, pairwise(cuts), strict=True):
            entries = _join(text, pieces[start:end].ravel(), lengths[start:end].ravel())
            yield shard, entries + b'"}' if entries else b"{}"

    def _lists(self, codes: Ints, prefix: bytes) -> tuple[Ints, NDArray[np.uint8], Ints]:
        """Return sorted terms, their lists, each with a prefix, and where these begin."""
        first, second = self.ranks[codes >> 2 * _BITS], self.ranks[codes >> _BITS & _MASK]
        codes = first << 2 * _BITS | second << _BITS | codes & _MASK
        codes.sort()
        terms, numbers = codes >> _BITS, self.numbers[codes & _MASK]
        firsts = np.flatnonzero(np.diff(terms, prepend=-1))
        gaps = np.diff(numbers, prepend=0)
        gaps[firsts] = numbers[firsts]
        text, starts = digits(gaps)
        begins = np.append(starts[firsts], len(text))
        if prefix:
            text = np.insert(text, begins[:-1], prefix[0])
            begins += np.arange(len(begins))
        return terms[firsts], text, begins


def _join(text: NDArray[np.uint8], begins: NDArray[np.int32], lengths: NDArray[np.int32]) -> bytes:
    """Join pieces of a text."""
    ends = np.cumsum(lengths, dtype=np.int32)
    places = np.repeat(begins - ends + lengths, lengths)
    places += np.arange(len(places), dtype=np.int32)
    return text[places].tobytes()


def _values(terms: Ints, hashes: Ints) -> Ints:
    """The value that `shard_of` computes, for terms as packed numbers."""
    first, second = hashes[terms >> _BITS], terms & _MASK
    values: Ints = np.where(second > 0, first * 31 + hashes[second], first)
    return values


def _distinct(numbers: Ints) -> Ints:
    """Sort distinct numbers, in place; ten times as fast as `np.unique`, which hashes."""
    numbers.sort()
    return numbers[np.flatnonzero(np.diff(numbers, prepend=-1))]
