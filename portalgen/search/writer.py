"""Writes an index, or a tier of it, from all its articles at once."""

from collections.abc import Iterable, Iterator
from itertools import groupby, pairwise
from tempfile import SpooledTemporaryFile

import numpy as np
from numpy.typing import NDArray

from portalgen.search.layout import Layout, power_of_two, shard_name
from portalgen.search.numbers import Ints, digits
from portalgen.search.records import Record, block_files, facets
from portalgen.search.words import Words, known_words

_BITS = 21  # of a number for a word, and for an article's place in the index
_MASK = (1 << _BITS) - 1
_CHUNK = 300_000  # words looked at in one go
_PASS = 256  # articles whose terms are written at a time: so many stay near the processor
_SPOOL = 1 << 24  # bytes of terms gathered in memory; more wait in a file


def build(layout: Layout, records: Iterable[tuple[int, Record]]) -> Iterator[tuple[str, bytes]]:
    """Every file of the index but `index.json`, by name; `records` come by number, ascending."""
    words = known_words()
    tiers = [_Tier(words, *tier) for tier in layout.tiers]
    place = 0
    for block, group in groupby(records, key=lambda item: item[0] // layout.block):
        some = dict(group)
        for number, record in some.items():
            tiers[layout.tier_of(place)].add(number, record)
            place += 1
        yield from block_files(block, some)
    for number, tier in enumerate(tiers):
        yield from tier.files(number)


def build_tier(
    layout: Layout, tier: int, records: Iterable[tuple[int, Record]]
) -> Iterator[tuple[str, bytes]]:
    """The files of terms of one tier."""
    made = _Tier(known_words(), *layout.tiers[tier])
    for number, record in records:
        made.add(number, record)
    yield from made.files(tier)


class _Tier:
    """The terms of the articles of one tier, gathered to be written."""

    def __init__(self, words: Words, articles: int, shards: int) -> None:
        self.words = words
        self.shards = shards
        self.parts = min(shards, power_of_two(articles / _PASS))
        self.numbers: list[int] = []
        self.titles, self.whole = _Column(words, self.parts), _Column(words, self.parts)

    def add(self, number: int, record: Record) -> None:
        self.titles.add([record.title])
        self.whole.add([record.title, *record.tags, record.text], facets(record))
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

    def __init__(self, words: Words, parts: int) -> None:
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

    def __init__(self, words: Words, used: list[int], shards: int, numbers: list[int]):
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
        text, starts = digits(gaps)
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
