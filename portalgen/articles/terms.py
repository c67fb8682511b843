"""What an article is about, as numbers: weighted terms, and a sketch that betrays near-copies.

Vietnamese words are mostly two syllables, so pairs of neighbouring syllables stand in for words.
Weights depend on this article alone; how rare a term is belongs to the whole network.
"""

import re
from array import array
from collections.abc import Iterable
from math import log2, sqrt
from zlib import crc32

import numpy as np

from portalgen.text import fold

MAX_TERMS = 64
MAX_WORDS = 20_000  # of a text; what stands further down tells little
SKETCH_SIZE = 32
NAME_FACTOR = 13  # tenths: names tell stories apart better than other words
UNIT = 1000  # the length to which every article's vector is scaled
_LOW = 0xFFFFFFFF  # what is kept of a number: the middle of the product is mixed best
_MEMORY = 100_000  # words remembered at a time
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
        self.name = np.zeros(_MEMORY, dtype=bool)

    def __missing__(self, written: str) -> int:
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
                self.alone[number] = crc32(folded.encode(), 1) << 16
        self.name[number] = word != lower
        return number


_words = _Words()


def extract(
    title: str, lead: str, tags: Iterable[str], body: str
) -> tuple["array[int]", "array[int]"]:
    """Terms as (hash, weight) pairs in one array, strongest first; and the sketch, sorted.

    `body` is plain text. At most `MAX_TERMS` terms; the squares of weights sum to about `UNIT`².
    """
    global _words  # noqa: PLW0603 - words known so far
    parts = [(title, 3), *((tag, 3) for tag in tags), (lead, 2), (body, 1)]
    written: list[str] = []
    lengths = []
    for text, _ in parts:
        some = [*text.replace("\n", " | ").split()[:MAX_WORDS], "|"]
        written += some
        lengths.append(len(some))
    if len(_words) + len(written) > _MEMORY:
        _words = _Words()
    numbers = np.fromiter(map(_words.__getitem__, written), np.int64, len(written))
    weights = np.repeat([weight for _, weight in parts], lengths)
    names = _words.name[numbers]
    pairs = _words.first[numbers[:-1]] * _words.second[numbers[1:]]
    alone = _words.alone[numbers]
    whole = np.array([crc32(f"#{fold(tag)}".encode()) << 16 for tag in tags], dtype=np.uint64)
    all_terms = np.concatenate([pairs, alone, whole])
    all_weights = np.concatenate([weights[:-1], weights, np.full(len(whole), 3)])
    none = np.zeros(len(alone) + len(whole), dtype=bool)
    all_names = np.concatenate([names[:-1] & names[1:], none])
    terms, places = np.unique(all_terms, return_inverse=True)
    count = np.bincount(places, all_weights).astype(np.int64)
    named = np.bincount(places, all_names) > 0
    strength = _STRENGTH[np.minimum(count, len(_STRENGTH) - 1)] * np.where(named, NAME_FACTOR, 10)
    telling = (terms > 0) & ((count > 1) | named)
    terms, strength = terms[telling], strength[telling]
    best = np.lexsort((terms, -strength))[:MAX_TERMS]
    terms, strength = terms[best] >> 16 & _LOW, strength[best]
    length = sqrt(int((strength * strength).sum())) or 1.0
    scaled = np.maximum(1, np.rint(strength * (UNIT / length))).astype(np.uint32)
    merged = dict(zip(terms.tolist()[::-1], scaled.tolist()[::-1], strict=True))
    vector = array("I", [number for item in reversed(merged.items()) for number in item])
    told = pairs[sum(lengths[:-2]) :]  # of lead and body
    sketch = np.unique(told[told > 0] >> 16 & _LOW)[:SKETCH_SIZE]
    return vector, array("I", sketch.tolist())


def near_copy(one: frozenset[int], other: "array[int]") -> bool:
    """Whether two sketches show (nearly) the same text: four fifths of the smallest hashes shared.

    Source: A. Broder, "On the resemblance and containment of documents" (1997); the share of two
    bottom-k samples estimates Dice's coefficient.
    """
    size = max(len(one), len(other))
    return size > 0 and len(one.intersection(other)) * 5 >= size * 4
