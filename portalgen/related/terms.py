"""What an article is about, as numbers: weighted terms, and a sketch that betrays near-copies.

Vietnamese words are mostly two syllables, so pairs of neighbouring syllables stand in for words.
Weights depend on this article alone; how rare a term is belongs to the whole network.
"""

import re
from array import array
from collections.abc import Sequence
from itertools import pairwise
from math import log2, sqrt
from typing import Any, NamedTuple
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from portalgen.text import fold

MAX_TERMS = 96
MAX_WORDS = 20_000  # of a text; what stands further down tells little
SKETCH_SIZE = 32
NAME_FACTOR = 13  # tenths: names tell stories apart better than other words
UNIT = 1000  # the length to which every article's vector is scaled
_LOW = 0xFFFFFFFF  # what is kept of a number: the middle of the product is mixed best
_NONE = (1 << 64) - 1
_STRONGEST = 1 << 19  # above all strengths
_PLACE = (1 << 24) - 1  # above all numbers of words in the texts looked at together
_ZERO = np.uint64(0)
_MEMORY = 100_000  # words remembered at a time
_AT_ONCE = 32  # texts looked at together; what numbers them has five bits
# How much a term counts that occurs so often, in whole numbers: the same on every machine.
_STRENGTH = np.array([0, *(round(1000 * (1 + log2(count))) for count in range(1, 1000))])
_WORD = re.compile(r"(\W*)(.*?)(\W*)", re.DOTALL)
_NOT_WORD = re.compile("[^a-z0-9]+")
# A folded Vietnamese syllable; what does not fit (zalo, covid, asean) means something alone.
_SYLLABLE = re.compile(
    r"(?:ngh|ng|nh|ch|gh|gi|kh|ph|qu|th|tr|[bcdghklmnprstvx])?[aeiouy]{1,3}(?:ch|ng|nh|[cmnpt])?"
)
# Function words, as written: folding first would drop `đề` with `để`.
STOP_WORDS = frozenset((  # noqa: SIM905 - a list would be one word a line
    "và của là các những được trong cho với một có không này khi để từ đã đến tại theo về ra "
    "vào như trên dưới sau trước cũng sẽ đang bị do vì nên mà thì nếu hay hoặc cùng còn chỉ "
    "rất nhiều hơn nhất lại đó đây kia ấy gì nào ai sao bao mỗi mọi từng bởi qua lên xuống "
    "tới ở rằng việc cách nhằm gồm cả vẫn đều ngay chưa hiện nay vừa mới phải cần thể ông bà "
    "anh chị em họ chúng tôi ta bằng giữa ngoài thêm luôn khá quá lúc hết tuy nhưng song dù "
    "thế vậy cứ đi nhau người ngày tháng năm giờ hôm biết nói "
).split())  # fmt: skip


Whole = NDArray[np.integer[Any]]  # unsigned, 64 bits; numpy loses that in its types


class _Words(dict[str, int]):
    """Numbers words as written; of each number, what the arrays below hold.

    `first` and `second` stand for the word as first and as second of a pair, zero where it cannot
    stand there: a function word, or a mark between the two. Their product stands for the pair.
    """

    def __init__(self) -> None:
        super().__init__()
        self.first = np.zeros(_MEMORY, dtype=np.uint64)
        self.second = np.zeros(_MEMORY, dtype=np.uint64)
        self.alone = np.zeros(_MEMORY, dtype=np.uint64)  # for what means something by itself
        self.name = np.zeros(_MEMORY, dtype=np.uint64)

    def __missing__(self, written: str) -> int:
        if len(self) == len(self.first):
            for name in ("first", "second", "alone", "name"):
                known = getattr(self, name)
                setattr(self, name, np.concatenate([known, np.zeros_like(known)]))
        number = self[written] = len(self)
        found = _WORD.fullmatch(written)
        before, word, after = found.groups() if found else ("", "", "")
        lower = word.lower()
        folded = "" if lower in STOP_WORDS else _NOT_WORD.sub("", fold(word))
        if folded:
            value = crc32(folded.encode())
            self.first[number] = 0 if after else value | 1
            self.second[number] = 0 if before else (value * 0x9E3779B1 & _LOW) | 1
            if len(folded) > 2 and not folded.isdigit() and not _SYLLABLE.fullmatch(folded):
                self.alone[number] = crc32(folded.encode(), 1)
        self.name[number] = word != lower
        return number


_words = _Words()


class Text(NamedTuple):
    """What an article says; `body` is plain text."""

    title: str
    lead: str
    tags: Sequence[str]
    body: str


def extract(texts: Sequence[Text]) -> list[tuple[bytes, bytes]]:
    """Of each text its terms and its sketch, as bytes of unsigned 32-bit numbers.

    Terms are pairs of hash and weight, strongest first, of equal ones the earliest first, at most
    `MAX_TERMS`; the squares of their weights sum to about `UNIT`². The sketch is sorted. Many texts
    at a time take the least time.
    """
    global _words  # noqa: PLW0603 - words known so far
    if len(_words) > _MEMORY:
        _words = _Words()
    found = []
    for start in range(0, len(texts), _AT_ONCE):
        found += _extract(texts[start : start + _AT_ONCE], _words)
    return found


def _extract(texts: Sequence[Text], words: _Words) -> list[tuple[bytes, bytes]]:
    numbers: list[int] = []
    parts: list[tuple[int, int, int, bool]] = []  # words, owner, weight, in the sketch or not
    tags: list[tuple[int, int]] = []
    for owner, text in enumerate(texts):
        fields = [(text.title, 3, False), *((tag, 3, False) for tag in text.tags)]
        for field, weight, told in (*fields, (text.lead, 2, True), (text.body, 1, True)):
            some = field.replace("\n", " | ").split(maxsplit=MAX_WORDS)[:MAX_WORDS]
            numbers += map(words.__getitem__, some)
            numbers.append(words["|"])
            parts.append((len(some) + 1, owner, weight, told))
        tags += [(owner, crc32(f"#{fold(tag)}".encode())) for tag in text.tags]
    lengths, *columns = np.array(parts, np.uint64).T
    owners, weights, in_sketch = (np.repeat(column, lengths.astype(int)) for column in columns)
    at = np.array(numbers)
    pairs = np.append((words.first[at[:-1]] * words.second[at[1:]]) >> 16 & _LOW, _ZERO)
    named = np.append(words.name[at[:-1]] & words.name[at[1:]], _ZERO)
    whole = np.array(tags, np.uint64).reshape(-1, 2)
    best = _strongest(
        np.append(whole[:, 1], np.stack([pairs, words.alone[at]], axis=1)),
        np.append(whole[:, 0], np.repeat(owners, 2)),
        np.append(np.full(len(whole), 3, np.uint64), np.repeat(weights, 2)),
        np.append(np.zeros(len(whole), np.uint64), np.stack([named, named & _ZERO], axis=1)),
        len(texts),
    )
    there = (in_sketch > 0) & (pairs > 0)
    sketches = _sketches(pairs[there], owners[there], len(texts))
    return list(zip(best, sketches, strict=True))


def _strongest(
    terms: Whole, owners: Whole, weights: Whole, named: Whole, number: int
) -> list[bytes]:
    """Of each owner the vector of its strongest terms; of equal ones those that come first."""
    there = np.flatnonzero(terms)
    order = there.astype(np.uint64)
    packed = owners[there] << 59 | terms[there] << 27 | order << 3 | weights[there] << 1
    packed |= named[there]
    packed.sort()
    keys = packed >> 27
    begins = np.flatnonzero(np.diff(keys, prepend=np.uint64(_NONE)))
    if not len(begins):
        return [b""] * number
    count = np.add.reduceat(packed >> 1 & 3, begins).astype(np.int64)
    is_name = np.bitwise_or.reduceat(packed & 1, begins) > 0
    strength = _STRENGTH[np.minimum(count, len(_STRENGTH) - 1)] * np.where(is_name, NAME_FACTOR, 10)
    far = (_STRONGEST - strength).astype(np.uint64)
    first = packed[begins]
    ranked = np.sort(first >> 59 << 59 | far << 24 | first >> 3 & _PLACE)
    found = []
    for some in _of_each(ranked, 59, number, MAX_TERMS):
        kept = (_STRONGEST - (some >> 24 & _STRONGEST - 1)).astype(np.int64)
        length = sqrt(int((kept * kept).sum())) or 1.0
        vector = np.empty(2 * len(some), np.uint32)
        vector[::2] = terms[some & _PLACE]
        vector[1::2] = np.maximum(1, np.rint(kept * (UNIT / length)))
        found.append(vector.tobytes())
    return found


def _sketches(pairs: Whole, owners: Whole, number: int) -> list[bytes]:
    """Of each owner its smallest different pairs, in order."""
    packed: Whole = np.sort(owners << 32 | pairs)
    packed = packed[np.flatnonzero(np.diff(packed, prepend=np.uint64(_NONE)))]
    return [some.astype(np.uint32).tobytes() for some in _of_each(packed, 32, number, SKETCH_SIZE)]


def _of_each(packed: Whole, shift: int, number: int, limit: int) -> list[Whole]:
    """What begins with each owner, at most so many."""
    cuts = np.searchsorted(packed >> shift, np.arange(number + 1))
    return [packed[start : min(start + limit, end)] for start, end in pairwise(cuts.tolist())]


def near_copy(one: frozenset[int], other: "array[int]") -> bool:
    """Whether two sketches show (nearly) the same text: four fifths of the smallest hashes shared.

    Source: A. Broder, "On the resemblance and containment of documents" (1997); the share of two
    bottom-k samples estimates Dice's coefficient.
    """
    size = max(len(one), len(other))
    return size > 0 and len(one.intersection(other)) * 5 >= size * 4
