"""Encode ascending numbers as text: their gaps, with five bits in each character."""

import numpy as np
from numpy.typing import NDArray

_CHARS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_CODES = np.frombuffer(_CHARS.encode(), np.uint8)  # 32 end a number, 32 continue it
_VALUES = np.zeros(128, np.int64)
_VALUES[_CODES] = np.arange(64)

Ints = NDArray[np.int64]


def decode(text: str) -> list[int]:
    """Decode a list of numbers."""
    values = _VALUES[np.frombuffer(text.encode(), np.uint8)]
    ends = np.flatnonzero(values < 32)
    if not len(ends):
        return []
    starts = np.concatenate([[0], ends[:-1] + 1])
    places = np.arange(len(values)) - np.repeat(starts, ends - starts + 1)
    gaps = np.add.reduceat((values & 31) << (5 * places), starts)
    numbers: list[int] = np.cumsum(gaps).tolist()
    return numbers


def encode(numbers: Ints) -> str:
    """Encode a list of ascending numbers."""
    gaps = np.diff(numbers, prepend=0)
    return digits(gaps)[0].tobytes().decode()


def digits(gaps: Ints) -> tuple[NDArray[np.uint8], Ints]:
    """Return the characters of gaps, lowest bits first, and where each gap begins."""
    lengths = np.ones(len(gaps), np.int64)
    rest = gaps >> 5
    while rest.any():
        lengths += rest > 0
        rest >>= 5
    starts = np.cumsum(lengths) - lengths
    text = np.empty(int(lengths.sum()), np.uint8)
    for place in range(int(lengths.max(initial=0))):
        long = lengths > place
        continued = np.where(lengths[long] > place + 1, 32, 0)
        text[starts[long] + place] = _CODES[(gaps[long] >> (5 * place) & 31) + continued]
    return text, starts
