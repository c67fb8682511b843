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
_WORD = re.compile(r"[^\W_]+")
# A folded Vietnamese syllable; what does not fit (zalo, covid, asean) means something alone.
_SYLLABLE = re.compile(
    r"(?:ngh|ng|nh|ch|gh|gi|kh|ph|qu|th|tr|[bcdghklmnprstvx])?[aeiouy]{1,3}(?:ch|ng|nh|[cmnpt])?"
)
_NAME = re.compile(r"(?:[^\W\d_a-zà-ỹ][\w-]*[ -]+){1,5}[^\W\d_a-zà-ỹ]\w*")
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
    """Lower-case words folded; function words become empty."""

    def __missing__(self, word: str) -> str:
        value = self[word] = "" if word in STOP_WORDS else fold(word)
        return value


class _Hashes(dict[str, int]):
    def __missing__(self, word: str) -> int:
        value = self[word] = crc32(word.encode())
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


def _words(text: str) -> list[str]:
    return [_folded[word] for word in _WORD.findall(text.lower())]


def _pairs(words: list[str]) -> Iterable[tuple[str, str]]:
    return ((a, b) for a, b in pairwise(words) if a and b)


def _hash(pair: tuple[str, str]) -> int:
    return (_hashes[pair[0]] * 0x9E3779B1 + _hashes[pair[1]]) & 0xFFFFFFFF


def extract(
    title: str, lead: str, tags: Iterable[str], body: str
) -> tuple["array[int]", "array[int]"]:
    """Terms as (hash, weight) pairs in one array, strongest first; and the sketch, sorted.

    `body` is plain text. At most `MAX_TERMS` terms; the squares of weights sum to about `UNIT`².
    """
    title_words, lead_words, body_words = _words(title), _words(lead), _words(body)
    all_pairs = Counter(pairwise(body_words))
    names: set[tuple[str, str]] = set()
    for name in set(_NAME.findall(f"{title}\n{lead}\n{body}")):
        names.update(_pairs(_words(name)))
    counts: Counter[tuple[str, str]] = Counter()
    for pair, count in all_pairs.items():
        if (count > 1 or pair in names) and pair[0] and pair[1]:
            counts[pair] = count
    for words, weight in ((title_words, 3), (lead_words, 2)):
        for pair in _pairs(words):
            counts[pair] += weight
    for tag in tags:
        words = _words(tag)
        for pair in _pairs(words):
            counts[pair] += 3
        counts[("#", " ".join(words))] += 3
    for words, weight in ((title_words, 3), (lead_words, 2), (body_words, 1)):
        for word in words:
            if _alone[word]:
                counts[("", word)] += weight
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
    sample = {_hash(pair) for pair in all_pairs if not _hashes[pair[0]] & 3}
    return vector, array("I", sorted(sample)[:SKETCH_SIZE])


def near_copy(one: frozenset[int], other: frozenset[int]) -> bool:
    """Whether two sketches show (nearly) the same text: four fifths of the smallest hashes shared.

    Source: A. Broder, "On the resemblance and containment of documents" (1997); the share of two
    bottom-k samples estimates Dice's coefficient.
    """
    size = max(len(one), len(other))
    return size > 0 and len(one & other) * 5 >= size * 4
