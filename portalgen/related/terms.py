"""Extract weighted terms of articles, and sketches that reveal near-copies.

Most Vietnamese words have two syllables, so terms are pairs of neighbouring syllables; and, as a
pair across the border of two words is an accident, the syllables themselves, which weigh more.
Weights depend on one article alone; rarity of terms, on the network, is applied in `similarity`.
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

from portalgen.text import spelling_key

MAX_TERMS = 256
MAX_WORDS = 20_000  # of a text; later ones add little
SKETCH_SIZE = 32
NAME_FACTOR = 13  # tenths of the strength of a pair: names distinguish stories better
WORD_FACTOR = 20  # the same, for a syllable or another word by itself
UNIT = 1000  # length of every article's vector
_LOW = 0xFFFFFFFF  # mask of a hash
_EVEN = 0xFFFFFFFE  # mask of a pair's; the middle bits of a product are mixed best
_NONE = (1 << 64) - 1
_MAX_STRENGTH = 1 << 19  # above all strengths
_PLACE = (1 << 24) - 1  # above the number of words in a batch
_ZERO = np.uint64(0)
_CACHE_SIZE = 100_000  # words
_AROUND = ".,;:!?…()[]{}\"'“”‘’«»|"  # signs around a word
_BATCH = 32  # texts; their numbers have five bits
# Strength of a term by its number of occurrences: whole numbers, the same on every machine.
_STRENGTH = np.array([0, *(round(1000 * (1 + log2(count))) for count in range(1, 1000))])
_WORD = re.compile(r"(\W*)(.*?)(\W*)", re.DOTALL)
# What words are written with besides letters and digits; a spelling key has its marks apart.
_NOT_WORD = re.compile("(?:[^\\w\u0300-\u036f]|_)+")
_TAG = 1  # weight of a tag: editors set too general ones, and all of a campaign
# Function words, with their marks: otherwise `đề` would be dropped with `để`.
STOP_WORDS = frozenset((  # noqa: SIM905 - a list would have a line for each word
    "và của là các những được trong cho với một có không này khi để từ đã đến tại theo về ra "
    "vào như trên dưới sau trước cũng sẽ đang bị do vì nên mà thì nếu hay hoặc cùng còn chỉ "
    "rất nhiều hơn nhất lại đó đây kia ấy gì nào ai sao bao mỗi mọi từng bởi qua lên xuống "
    "tới ở rằng việc cách nhằm gồm cả vẫn đều ngay chưa hiện nay vừa mới phải cần thể ông bà "
    "anh chị em họ chúng tôi ta bằng giữa ngoài thêm luôn khá quá lúc hết tuy nhưng song dù "
    "thế vậy cứ đi nhau người ngày tháng năm giờ hôm biết nói "
).split())  # fmt: skip


Numbers = NDArray[np.integer[Any]]  # uint64; numpy's types lose that


class _Words(dict[str, int]):
    """Assigns numbers to words as written; its arrays hold properties by number.

    `first` and `second` are hashes of the word as first and second of a pair, 0 if it cannot be:
    for function words, or next to punctuation. Their product gives the hash of the pair. Hashes of
    words are odd, those of pairs and tags even.
    """

    def __init__(self) -> None:
        super().__init__()
        self.first = np.zeros(_CACHE_SIZE, dtype=np.uint64)
        self.second = np.zeros(_CACHE_SIZE, dtype=np.uint64)
        self.alone = np.zeros(_CACHE_SIZE, dtype=np.uint64)  # the hash of the word itself
        self.name = np.zeros(_CACHE_SIZE, dtype=np.uint64)

    def __missing__(self, written: str) -> int:
        if len(self) == len(self.first):
            for name in ("first", "second", "alone", "name"):
                values = getattr(self, name)
                setattr(self, name, np.concatenate([values, np.zeros_like(values)]))
        number = self[written] = len(self)
        match = _WORD.fullmatch(written)
        before, word, after = match.groups() if match else ("", "", "")
        lower = word.lower()
        key = "" if lower in STOP_WORDS else _NOT_WORD.sub("", spelling_key(word))
        if key:
            value = crc32(key.encode())
            self.first[number] = 0 if after else value | 1
            self.second[number] = 0 if before else (value * 0x9E3779B1 & _LOW) | 1
            self.alone[number] = crc32(key.encode(), 1) | 1
        self.name[number] = word != lower
        return number


_words = _Words()


class Text(NamedTuple):
    """The texts of an article; `body` is plain text."""

    title: str
    lead: str
    tags: Sequence[str]
    body: str


def tag_hash(tag: str) -> int:
    """The hash of a tag as a whole."""
    return crc32(f"#{spelling_key(tag)}".encode()) & _EVEN


def extract(texts: Sequence[Text]) -> list[tuple[bytes, bytes]]:
    """Return the terms and the sketch of each text, as bytes of unsigned numbers.

    Terms are at most `MAX_TERMS` hashes of 32 bits, strongest first, ties by position, and then
    their weights of 16 bits, whose squares sum to about `UNIT`². The sketch has 32-bit numbers,
    sorted. Fastest for many texts at once.
    """
    global _words  # noqa: PLW0603 - a cache
    if len(_words) > _CACHE_SIZE:
        _words = _Words()
    extracted = []
    for start in range(0, len(texts), _BATCH):
        extracted += _extract(texts[start : start + _BATCH], _words)
    return extracted


def written(text: Text) -> dict[int, str]:
    """The terms of a text as they are written in it, by hash."""
    places: dict[int, str] = {}
    for field in (text.title, text.lead, *text.tags, text.body):
        words = [*field.replace("\n", " | ").split(maxsplit=MAX_WORDS)[:MAX_WORDS], "|"]
        numbers = [_words[word] for word in words]
        for (number, word), (next_number, next_word) in pairwise(zip(numbers, words)):
            bare = word.strip(_AROUND)
            places.setdefault(int(_words.alone[number]), bare)
            pair = int(_words.first[number] * _words.second[next_number] >> 16 & _EVEN)
            places.setdefault(pair, f"{bare} {next_word.strip(_AROUND)}")
    places |= {tag_hash(tag): f"#{tag}" for tag in text.tags}
    places.pop(0, None)
    return places


def _extract(texts: Sequence[Text], words: _Words) -> list[tuple[bytes, bytes]]:
    numbers: list[int] = []
    parts: list[tuple[int, int, int, bool]] = []  # words, owner, weight, in the sketch
    tags: list[tuple[int, int]] = []
    for owner, text in enumerate(texts):
        fields = [(text.title, 3, False), *((tag, _TAG, False) for tag in text.tags)]
        for field, weight, sketched in (*fields, (text.lead, 2, True), (text.body, 1, True)):
            field_words = field.replace("\n", " | ").split(maxsplit=MAX_WORDS)[:MAX_WORDS]
            numbers += map(words.__getitem__, field_words)
            numbers.append(words["|"])
            parts.append((len(field_words) + 1, owner, weight, sketched))
        tags += [(owner, tag_hash(tag)) for tag in text.tags]
    lengths, *columns = np.array(parts, np.uint64).T
    owners, weights, in_sketch = (np.repeat(column, lengths.astype(int)) for column in columns)
    word = np.array(numbers)
    pairs = np.append((words.first[word[:-1]] * words.second[word[1:]]) >> 16 & _EVEN, _ZERO)
    names = np.append(words.name[word[:-1]] & words.name[word[1:]], _ZERO)
    tag_terms = np.array(tags, np.uint64).reshape(-1, 2)
    best = _strongest(
        np.append(tag_terms[:, 1], np.stack([pairs, words.alone[word]], axis=1)),
        np.append(tag_terms[:, 0], np.repeat(owners, 2)),
        np.append(np.full(len(tag_terms), _TAG, np.uint64), np.repeat(weights, 2)),
        np.append(np.zeros(len(tag_terms), np.uint64), np.stack([names, names & _ZERO], axis=1)),
        len(texts),
    )
    sketched_pairs = (in_sketch > 0) & (pairs > 0)
    sketches = _sketches(pairs[sketched_pairs], owners[sketched_pairs], len(texts))
    return list(zip(best, sketches, strict=True))


def _strongest(
    terms: Numbers, owners: Numbers, weights: Numbers, names: Numbers, count: int
) -> list[bytes]:
    """The vector of the strongest terms of each owner, ties by position."""
    places = np.flatnonzero(terms)
    order = places.astype(np.uint64)
    packed = owners[places] << 59 | terms[places] << 27 | order << 3 | weights[places] << 1
    packed |= names[places]
    packed.sort()
    keys = packed >> 27
    begins = np.flatnonzero(np.diff(keys, prepend=np.uint64(_NONE)))
    if not len(begins):
        return [b""] * count
    total = np.add.reduceat(packed >> 1 & 3, begins).astype(np.int64)
    is_name = np.bitwise_or.reduceat(packed & 1, begins) > 0
    first = packed[begins]
    factor = np.where(first >> 27 & 1, WORD_FACTOR, np.where(is_name, NAME_FACTOR, 10))
    strength = _STRENGTH[np.minimum(total, len(_STRENGTH) - 1)] * factor
    weakness = (_MAX_STRENGTH - strength).astype(np.uint64)
    ranked = np.sort(first >> 59 << 59 | weakness << 24 | first >> 3 & _PLACE)
    vectors = []
    for best in _by_owner(ranked, 59, count, MAX_TERMS):
        strengths = (_MAX_STRENGTH - (best >> 24 & _MAX_STRENGTH - 1)).astype(np.int64)
        length = sqrt(int((strengths * strengths).sum())) or 1.0
        weights_of_best = np.maximum(1, np.rint(strengths * (UNIT / length))).astype(np.uint16)
        vectors.append(terms[best & _PLACE].astype(np.uint32).tobytes() + weights_of_best.tobytes())
    return vectors


def _sketches(pairs: Numbers, owners: Numbers, count: int) -> list[bytes]:
    """The smallest distinct pairs of each owner, sorted."""
    packed: Numbers = np.sort(owners << 32 | pairs)
    packed = packed[np.flatnonzero(np.diff(packed, prepend=np.uint64(_NONE)))]
    return [own.astype(np.uint32).tobytes() for own in _by_owner(packed, 32, count, SKETCH_SIZE)]


def _by_owner(packed: Numbers, shift: int, count: int, limit: int) -> list[Numbers]:
    """Split sorted numbers by owner, at most `limit` for each."""
    cuts = np.searchsorted(packed >> shift, np.arange(count + 1))
    return [packed[start : min(start + limit, end)] for start, end in pairwise(cuts.tolist())]


def near_copy(sketch: frozenset[int], other: "array[int]") -> bool:
    """Whether two sketches are of nearly the same text: they share four fifths of their hashes.

    Source: A. Broder, "On the resemblance and containment of documents" (1997); the share of two
    bottom-k samples estimates Dice's coefficient.
    """
    size = max(len(sketch), len(other))
    return size > 0 and len(sketch.intersection(other)) * 5 >= size * 4
