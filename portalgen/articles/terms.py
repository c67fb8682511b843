"""What an article is about, as numbers: weighted terms, and a sketch that betrays near-copies.

Vietnamese words are mostly two syllables, so pairs of neighbouring syllables stand in for words.
Weights depend on this article alone; how rare a term is belongs to the whole network.
"""

import re
from array import array
from collections import Counter
from collections.abc import Iterable
from itertools import pairwise
from math import log2, sqrt
from zlib import crc32

from portalgen.text import fold

MAX_TERMS = 64
SKETCH_SIZE = 32
NAME_FACTOR = 1.3  # names tell stories apart better than other words
UNIT = 1000  # the length to which every article's vector is scaled
_NOT_WORD = re.compile("[^a-z0-9]+")
_MARKS = (*'.,;:!?()[]{}"“”‘’«»…–—/|', " - ", "\n")
# A folded Vietnamese syllable; what does not fit (zalo, covid, asean) means something alone.
_SYLLABLE = re.compile(
    r"(?:ngh|ng|nh|ch|gh|gi|kh|ph|qu|th|tr|[bcdghklmnprstvx])?[aeiouy]{1,3}(?:ch|ng|nh|[cmnpt])?"
)
# Function words, as written: folding first would drop `đề` with `để`.
STOP_WORDS = frozenset(
    [
        "và",
        "của",
        "là",
        "các",
        "những",
        "được",
        "trong",
        "cho",
        "với",
        "một",
        "có",
        "không",
        "này",
        "khi",
        "để",
        "từ",
        "đã",
        "đến",
        "tại",
        "theo",
        "về",
        "ra",
        "vào",
        "như",
        "trên",
        "dưới",
        "sau",
        "trước",
        "cũng",
        "sẽ",
        "đang",
        "bị",
        "do",
        "vì",
        "nên",
        "mà",
        "thì",
        "nếu",
        "hay",
        "hoặc",
        "cùng",
        "còn",
        "chỉ",
        "rất",
        "nhiều",
        "hơn",
        "nhất",
        "lại",
        "đó",
        "đây",
        "kia",
        "ấy",
        "gì",
        "nào",
        "ai",
        "sao",
        "bao",
        "mỗi",
        "mọi",
        "từng",
        "bởi",
        "qua",
        "lên",
        "xuống",
        "tới",
        "ở",
        "rằng",
        "việc",
        "cách",
        "nhằm",
        "gồm",
        "cả",
        "vẫn",
        "đều",
        "ngay",
        "chưa",
        "hiện",
        "nay",
        "vừa",
        "mới",
        "phải",
        "cần",
        "thể",
        "ông",
        "bà",
        "anh",
        "chị",
        "em",
        "họ",
        "chúng",
        "tôi",
        "ta",
        "bằng",
        "giữa",
        "ngoài",
        "thêm",
        "luôn",
        "khá",
        "quá",
        "lúc",
        "hết",
        "tuy",
        "nhưng",
        "song",
        "dù",
        "thế",
        "vậy",
        "cứ",
        "đi",
        "được",
        "nhau",
        "người",
        "ngày",
        "tháng",
        "năm",
        "giờ",
        "hôm",
        "biết",
        "nói",
    ]
)


class _Folded(dict[str, str]):
    """Lower-case words folded; function words and what is no word become empty."""

    def __missing__(self, word: str) -> str:
        value = "" if word in STOP_WORDS else _NOT_WORD.sub("", fold(word))
        self[word] = value
        return value


class _Hashes(dict[str, int]):
    """The hash of a word; words whose pairs belong into sketches are put into `sampled`."""

    def __init__(self) -> None:
        super().__init__()
        self.sampled: set[str] = set()

    def __missing__(self, word: str) -> int:
        value = self[word] = crc32(word.encode())
        if not value & 3:
            self.sampled.add(word)
        return value


class _Alone(dict[str, bool]):
    """Whether a folded word means something without a neighbour: a foreign word or a name."""

    def __missing__(self, word: str) -> bool:
        value = len(word) > 2 and not word.isdigit() and not _SYLLABLE.fullmatch(word)
        self[word] = value
        return value


_folded = _Folded()
_hashes = _Hashes()
_alone = _Alone()


def _spaced(text: str) -> str:
    """The text with a mark, which folds to nothing, where punctuation parts words."""
    for mark in _MARKS:
        if mark in text:
            text = text.replace(mark, " | ")
    return text


def _words(spaced: str) -> list[str]:
    return [_folded[word] for word in spaced.lower().split()]


def _pairs(words: list[str]) -> Iterable[tuple[str, str]]:
    return ((a, b) for a, b in pairwise(words) if a and b)


def _names(spaced: str, words: list[str]) -> set[tuple[str, str]]:
    """Pairs of neighbouring words that both begin with a capital letter, folded."""
    written = zip(spaced.split(), spaced.lower().split(), strict=True)
    capital = [word != lower for word, lower in written]
    return {
        (words[at], words[at + 1])
        for at, (one, other) in enumerate(pairwise(capital))
        if one and other
    }


def _hash(pair: tuple[str, str]) -> int:
    return (_hashes[pair[0]] * 0x9E3779B1 + _hashes[pair[1]]) & 0xFFFFFFFF


def extract(
    title: str, lead: str, tags: Iterable[str], body: str
) -> tuple["array[int]", "array[int]"]:
    """Terms as (hash, weight) pairs in one array, strongest first; and the sketch.

    `body` is plain text. At most `MAX_TERMS` terms; the squares of weights sum to about `UNIT`².
    """
    spaced = [_spaced(text) for text in (title, lead, body)]
    title_words, lead_words, body_words = words = [_words(text) for text in spaced]
    all_pairs = Counter(pairwise(body_words))
    names = set().union(*map(_names, spaced, words))
    counts: Counter[tuple[str, str]] = Counter()
    for pair, count in all_pairs.items():
        if (count > 1 or pair in names) and pair[0] and pair[1]:
            counts[pair] = count
    for weight, some in ((3, title_words), (2, lead_words)):
        for pair in _pairs(some):
            counts[pair] += weight
    for tag in tags:
        tag_words = _words(_spaced(tag))
        for pair in _pairs(tag_words):
            counts[pair] += 3
        counts[("#", " ".join(tag_words))] += 3
    for weight, some in ((3, title_words), (2, lead_words), (1, body_words)):
        for word in set(some):
            if _alone[word]:
                counts["", word] += weight * some.count(word)
    strength = {
        pair: (1 + log2(count)) * (NAME_FACTOR if pair in names else 1)
        for pair, count in counts.items()
    }
    ranked = sorted(strength.items(), key=lambda item: (-item[1], item[0]))[:MAX_TERMS]
    length = sqrt(sum(value * value for _, value in ranked)) or 1.0
    merged: dict[int, int] = {}
    for pair, value in ranked:
        merged.setdefault(_hash(pair), max(1, round(value / length * UNIT)))
    vector = array("I", [number for item in merged.items() for number in item])
    text_pairs = {*all_pairs, *pairwise(lead_words)}
    for word in {*body_words, *lead_words} - _hashes.keys():
        _hash((word, word))  # decides whether it is sampled
    sampled = _hashes.sampled
    sample = sorted({_hash(pair) for pair in text_pairs if pair[0] in sampled})[:SKETCH_SIZE]
    if len(sample) < SKETCH_SIZE:  # a short text: the rest of its pairs stand behind these
        rest = sorted({_hash(pair) for pair in text_pairs if pair[0] not in sampled})
        sample += rest[: SKETCH_SIZE - len(sample)]
    return vector, array("I", sample)


def near_copy(one: frozenset[int], other: frozenset[int]) -> bool:
    """Whether two sketches show (nearly) the same text: four fifths of the smallest hashes shared.

    Source: A. Broder, "On the resemblance and containment of documents" (1997); the share of two
    bottom-k samples estimates Dice's coefficient.
    """
    size = max(len(one), len(other))
    return size > 0 and len(one & other) * 5 >= size * 4
