"""How a search index is laid out: numbers of articles, and how many files there are."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from msgspec import Struct, json

SIZES = (1024, 64, 8, 1)  # articles come into the first tier in so many at a time, and so on
_PER_SHARD = (4, 2, 2, 2)  # articles for each file of terms: few articles share few terms
_PER_BLOCK = 6  # articles for each file of texts
_EPOCH = 1024  # days; the first number need not move with the oldest article


class Layout(Struct, frozen=True, array_like=True):
    """How numbers and files are laid out, so that it seldom changes when articles come.

    `base` is the proleptic day of number 0, `day` the numbers of one day, `block` those of one
    file of texts. `tiers` tells of each tier, oldest first, how many articles and how many files
    of terms it has: a new article changes files of the last one alone, which is small, and when
    that is full, its articles move into the one before.
    """

    base: int = 0
    day: int = 1
    block: int = 1
    tiers: tuple[tuple[int, int], ...] = ()

    def tier_of(self, place: int) -> int:
        """The tier of the article at this place, counted from the oldest."""
        for tier, (articles, _) in enumerate(self.tiers):
            place -= articles
            if place < 0:
                return tier
        raise IndexError(place)


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
    return Layout(base, day, block, tuple(_tiers(len(days)))), numbers


def _tiers(articles: int) -> Iterator[tuple[int, int]]:
    for size, per_shard in zip(SIZES, _PER_SHARD):
        some = articles - articles % size
        yield some, power_of_two(some / per_shard) if some else 0
        articles -= some


def shard_name(tier: int, shard: int) -> str:
    """The file with these terms."""
    return f"s-{tier}-{shard}.json"


def file_names(layout: Layout, numbers: Iterable[int]) -> Iterator[str]:
    """Every file of an index of articles with these numbers, but `index.json`."""
    for tier, (_, files) in enumerate(layout.tiers):
        yield from (shard_name(tier, shard) for shard in range(files))
    for block in {number // layout.block for number in numbers}:
        yield f"r-{block}.json"
        yield f"t-{block}.json"


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
    value = {
        "block": layout.block, "tiers": [files for _, files in layout.tiers],
        "sites": list(sites), "sections": list(sections),
    }  # fmt: skip
    return json.encode(value)
