"""Words of many texts as numbers."""

from array import array
from zlib import crc32

import numpy as np

from portalgen.search.numbers import Ints
from portalgen.search.records import WORD, spelling
from portalgen.text import fold

_MEMORY = 500_000  # texts remembered at a time


class Words(dict[str, int]):
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
        words = [text[1:]] if text[0] == " " else WORD.findall(text.lower())
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


_words = Words()


def known_words() -> Words:
    """The words known so far; forgotten now and then, but not while an index is made."""
    global _words  # noqa: PLW0603
    if len(_words) > _MEMORY:
        _words = Words()
    return _words
