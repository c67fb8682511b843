"""How a search index is laid out: numbers of articles, and how many files there are."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from itertools import groupby

_PER_SHARD = 4  # articles for each file of terms
_PER_BLOCK = 6  # articles for each file of texts
_EPOCH = 1024  # days; the first number need not move with the oldest article


@dataclass(frozen=True, slots=True)
class Layout:
    """How numbers and files are laid out; all but `docs` are powers of two, so they seldom change.

    `base` is the proleptic day of number 0, `day` the numbers of one day, `block` those of one
    file of texts, `shards` the number of files of terms.
    """

    base: int = 0
    day: int = 1
    block: int = 1
    shards: int = 1
    docs: int = 0


def lay_out(days: Sequence[int]) -> tuple[Layout, list[int]]:
    """The layout for articles on these days (ascending), and the number of each."""
    if not days:
        return Layout(), []
    places = [place for _, group in groupby(days) for place, _ in enumerate(group)]
    day = power_of_two(max(places) + 1)
    base = days[0] // _EPOCH * _EPOCH
    numbers = [(d - base) * day + place for d, place in zip(days, places)]
    block = 1
    while len({number // block for number in numbers}) * _PER_BLOCK > len(days) + _PER_BLOCK:
        block *= 2
    return Layout(base, day, block, power_of_two(len(days) / _PER_SHARD), len(days)), numbers


def power_of_two(least: float) -> int:
    """The smallest power of two that is not less."""
    power = 1
    while power < least:
        power *= 2
    return power


def index_file(
    layout: Layout, sites: Iterable[tuple[str, str]], sections: Iterable[tuple[str, str]]
) -> bytes:
    """`index.json`: the layout, and sites and sections (slug, title) to narrow results to."""
    value = {**asdict(layout), "sites": list(sites), "sections": list(sections)}
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
