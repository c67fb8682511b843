"""What an article is about, as numbers: weighted terms, and a sketch that betrays near-copies.

Vietnamese words are mostly two syllables, so pairs of neighbouring syllables stand in for words.
Weights depend on this article alone; how rare a term is belongs to the whole network.
"""

import itertools
import re
from array import array
from collections import Counter
from collections.abc import Iterable
from math import log2, sqrt
from zlib import crc32

from portalgen.text import fold

MAX_TERMS = 64
SKETCH_SIZE = 32
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
    def __missing__(self, word: str) -> str:
        value = self[word] = "" if word in STOP_WORDS else fold(word)
        return value


class _Hashes(dict[str, int]):
    def __missing__(self, word: str) -> int:
        value = self[word] = crc32(word.encode())
        return value


_folded = _Folded()
_hashes = _Hashes()


def _words(text: str) -> list[str]:
    return [_folded[word] for word in _WORD.findall(text.lower())]


def _pairs(words: list[str]) -> Iterable[tuple[str, str]]:
    return ((a, b) for a, b in itertools.pairwise(words) if a and b)


def _hash(pair: tuple[str, str]) -> int:
    return (_hashes[pair[0]] * 0x9E3779B1 + _hashes[pair[1]]) & 0xFFFFFFFF


def extract(
    title: str, lead: str, tags: Iterable[str], body: str
) -> tuple["array[int]", "array[int]"]:
    """Terms as (hash, weight) pairs in one array, strongest first; and the sketch, sorted.

    `body` is plain text. At most `MAX_TERMS` terms; the squares of weights sum to about `UNIT`².
    """
    counts: Counter[tuple[str, str]] = Counter()
    body_words = _words(body)
    all_pairs = Counter(itertools.pairwise(body_words))
    names = {
        pair
        for text in (title, lead, body)
        for name in _NAME.findall(text)
        for pair in _pairs(_words(name))
    }
    for pair, count in all_pairs.items():
        if pair[0] and pair[1] and (count > 1 or pair in names):
            counts[pair] = count
    strength: dict[tuple[str, str], float] = {}
    title_words, lead_words = _words(title), _words(lead)
    for weight, words in ((3, title_words), (2, lead_words)):
        for pair in _pairs(words):
            counts[pair] += weight
    for tag in tags:
        words = _words(tag)
        for pair in _pairs(words):
            counts[pair] += 3
        counts[("#", " ".join(words))] += 3
    for words, weight in ((title_words, 3), (lead_words, 2), (body_words, 1)):
        for word in words:
            if len(word) > 2 and not word.isdigit() and not _SYLLABLE.fullmatch(word):
                counts[("", word)] += weight
    for pair, count in counts.items():
        value = 1 + log2(count)
        strength[pair] = value * 1.3 if pair in names else value
    ranked = sorted(strength.items(), key=lambda item: (-item[1], item[0]))[:MAX_TERMS]
    length = sqrt(sum(value * value for _, value in ranked)) or 1.0
    vector = array("I")
    merged: dict[int, int] = {}
    for pair, value in ranked:
        merged.setdefault(_hash(pair), max(1, round(value / length * UNIT)))
    for term, weight in merged.items():
        vector.append(term)
        vector.append(weight)
    sketch = sorted({_hash(pair) for pair in all_pairs})[:SKETCH_SIZE]
    return vector, array("I", sketch)


def near_copy(one: "array[int]", other: "array[int]") -> bool:
    """Whether two sketches show (nearly) the same text: Jaccard of bottom-k samples ≥ 0.7.

    Source: A. Broder, "On the resemblance and containment of documents" (1997).
    """
    if not one or not other:
        return False
    size = min(len(one), len(other), SKETCH_SIZE)
    union = sorted({*one, *other})[:size] if len(one) == len(other) else sorted({*one, *other})
    union = union[:SKETCH_SIZE]
    common = set(one).intersection(other).intersection(union)
    return len(common) * 10 >= len(union) * 7
