"""The layout of a search index: numbers of articles, and of files."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from msgspec import Struct, json

SIZES = (1024, 64, 8, 1)  # articles that enter each tier at a time
_PER_SHARD = (4, 2, 2, 2)  # articles for each file of terms; fewer share fewer terms
_PER_BLOCK = 6  # articles for each file of texts
_EPOCH = 1024  # days; so that numbers seldom depend on the oldest article


class Layout(Struct, frozen=True, array_like=True):
    """The layout of numbers and files, which new articles seldom change.

    `base` is the ordinal day of number 0, `day` the count of numbers for a day, `block` that for a
    file of texts. `tiers` are the counts of articles and files of terms, oldest tier first. A new
    article changes only files of the last, small tier; when that is full, its articles move into
    the previous one.
    """

    base: int = 0
    day: int = 1
    block: int = 1
    tiers: tuple[tuple[int, int], ...] = ()

    def tier_of(self, place: int) -> int:
        """The tier of the article at a place, counted from the oldest."""
        for tier, (articles, _) in enumerate(self.tiers):
            place -= articles
            if place < 0:
                return tier
        raise IndexError(place)


def lay_out(days: Sequence[int]) -> tuple[Layout, list[int]]:
    """Return the layout for articles of these ascending days, and their numbers."""
    if not days:
        return Layout(), []
    places = [place for _, group in groupby(days) for place, _ in enumerate(group)]
    day = power_of_two(max(places) + 1)
    base = days[0] // _EPOCH * _EPOCH
    numbers = [(d - base) * day + place for d, place in zip(days, places)]
    block = 1
    while len({number // block for number in numbers}) * _PER_BLOCK > len(days) + _PER_BLOCK:
        block *= 2
    return Layout(base, day, block, tuple(_tiers(len(days)))), numbers


def _tiers(articles: int) -> Iterator[tuple[int, int]]:
    for size, per_shard in zip(SIZES, _PER_SHARD):
        count = articles - articles % size
        yield count, power_of_two(count / per_shard) if count else 0
        articles -= count


def shard_name(tier: int, shard: int) -> str:
    """The name of a file of terms."""
    return f"s-{tier}-{shard}.json"


def file_names(layout: Layout, numbers: Iterable[int]) -> Iterator[str]:
    """Names of all files but `index.json` of an index of these articles."""
    for tier, (_, files) in enumerate(layout.tiers):
        yield from (shard_name(tier, shard) for shard in range(files))
    for block in {number // layout.block for number in numbers}:
        yield f"r-{block}.json"
        yield f"t-{block}.json"


def power_of_two(least: float) -> int:
    """The smallest power of two that is at least `least`."""
    power = 1
    while power < least:
        power *= 2
    return power


def index_file(
    layout: Layout, sites: Iterable[tuple[str, str]], sections: Iterable[tuple[str, str]]
) -> bytes:
    """The content of `index.json`: the layout; sites and sections as pairs of slug and title."""
    value = {
        "block": layout.block, "tiers": [files for _, files in layout.tiers],
        "sites": list(sites), "sections": list(sections),
    }  # fmt: skip
    return json.encode(value)
