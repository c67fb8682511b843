"""Number the words of many texts."""

from array import array
from zlib import crc32

import numpy as np

from portalgen.search.numbers import Ints
from portalgen.search.records import WORD, spelling
from portalgen.text import fold

_CACHE_SIZE = 500_000  # texts


class Words(dict[str, int]):
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


_words = Words()


def cached_words() -> Words:
    """The words so far; call once for each index, as a full cache is replaced."""
    global _words  # noqa: PLW0603
    if len(_words) > _CACHE_SIZE:
        _words = Words()
    return _words
