"""What an article is about, as numbers: weighted terms, and a sketch that betrays near-copies.

Vietnamese words are mostly two syllables, so pairs of neighbouring syllables stand in for words.
Weights depend on this article alone; how rare a term is belongs to the whole network.
"""

import re
from array import array
from collections import Counter
from collections.abc import Iterable
from math import log2, sqrt
from operator import mul
from zlib import crc32

from portalgen.text import fold

MAX_TERMS = 64
SKETCH_SIZE = 32
NAME_FACTOR = 1.3  # names tell stories apart better than other words
UNIT = 1000  # the length to which every article's vector is scaled
_LOW = 0xFFFFFFFF  # what is kept of a number: the middle of the product is mixed best
_MEMORY = 100_000  # words remembered at a time
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


class _Codes(dict[str, tuple[int, int, int, int]]):
    """For a word as written: its number as first and as second of a pair, and both as a name.

    Zero where it cannot stand there: a function word, a mark between the two, no capital letter.
    The number of a pair is the product, so pairs are made without a loop in Python.
    """

    def __init__(self) -> None:
        super().__init__()
        self.alone: dict[str, int] = {}  # words that mean something without a neighbour

    def __missing__(self, written: str) -> tuple[int, int, int, int]:
        found = _WORD.fullmatch(written)
        before, word, after = found.groups() if found else ("", "", "")
        lower = word.lower()
        folded = "" if lower in STOP_WORDS else _NOT_WORD.sub("", fold(word))
        first = second = 0
        if folded:
            number = crc32(folded.encode())
            first = 0 if after else number | 1
            second = 0 if before else (number * 0x9E3779B1 & 0xFFFFFFFF) | 1
            if len(folded) > 2 and not folded.isdigit() and not _SYLLABLE.fullmatch(folded):
                self.alone[written] = crc32(folded.encode(), 1) << 16
        name = word != lower
        value = first, second, first if name else 0, second if name else 0
        self[written] = value
        return value


_codes = _Codes()


def _words(text: str) -> list[str]:
    return text.replace("\n", " | ").split()


def _pairs(words: list[str]) -> tuple[Iterable[int], Iterable[int]]:
    """Numbers of the pairs of neighbouring words, and of those that look like names; 0 for none."""
    if len(words) < 2:
        return (), ()
    firsts, seconds, name_firsts, name_seconds = zip(*map(_codes.__getitem__, words), strict=True)
    return map(mul, firsts, seconds[1:]), map(mul, name_firsts, name_seconds[1:])


def extract(
    title: str, lead: str, tags: Iterable[str], body: str
) -> tuple["array[int]", "array[int]"]:
    """Terms as (hash, weight) pairs in one array, strongest first; and the sketch, sorted.

    `body` is plain text. At most `MAX_TERMS` terms; the squares of weights sum to about `UNIT`².
    """
    if len(_codes) > _MEMORY:
        _codes.clear()
        _codes.alone.clear()
    texts = [(3, _words(title)), (2, _words(lead)), (1, _words(body))]
    pairs, names = zip(*(_pairs(words) for _, words in texts), strict=True)
    title_pairs, lead_pairs, body_pairs = map(list, pairs)
    named = set().union(*names)
    counted = Counter(body_pairs)
    counts = Counter({
        pair: count for pair, count in counted.items() if count > 1 or pair in named
    })  # fmt: skip
    for weight, some in ((3, title_pairs), (2, lead_pairs)):
        for pair in some:
            counts[pair] += weight
    for tag in tags:
        for pair in _pairs(_words(tag))[0]:
            counts[pair] += 3
        counts[crc32(f"#{fold(tag)}".encode()) << 16] += 3
    alone = _codes.alone
    for weight, words in texts:
        for word in alone.keys() & set(words):
            counts[alone[word]] += weight * words.count(word)
    del counts[0]
    strength = [
        (-(1 + log2(count)) * (NAME_FACTOR if term in named else 1), term)
        for term, count in counts.items()
    ]
    ranked = sorted(strength)[:MAX_TERMS]
    length = sqrt(sum(value * value for value, _ in ranked)) or 1.0
    merged: dict[int, int] = {}
    for value, term in ranked:
        merged.setdefault(term >> 16 & _LOW, max(1, round(-value / length * UNIT)))
    vector = array("I", [number for item in merged.items() for number in item])
    sketch = sorted({pair >> 16 & _LOW for pair in (*counted, *lead_pairs) if pair})[:SKETCH_SIZE]
    return vector, array("I", sketch)


def near_copy(one: frozenset[int], other: "array[int]") -> bool:
    """Whether two sketches show (nearly) the same text: four fifths of the smallest hashes shared.

    Source: A. Broder, "On the resemblance and containment of documents" (1997); the share of two
    bottom-k samples estimates Dice's coefficient.
    """
    size = max(len(one), len(other))
    return size > 0 and len(one.intersection(other)) * 5 >= size * 4
