"""Brings files of an index up to date where few of its articles changed."""

from collections.abc import Callable, Iterable, Iterator, Mapping

import numpy as np
from msgspec import json

from portalgen.search.layout import Layout, shard_name
from portalgen.search.numbers import decode, encode
from portalgen.search.records import Record, block_files, dump, shard_of, terms

ReadFile = Callable[[str], bytes]


def update_tier(
    layout: Layout,
    tier: int,
    read: ReadFile,
    gone: Mapping[int, Record],
    come: Mapping[int, Record],
) -> Iterator[tuple[str, bytes]]:
    """The files of a tier that change when articles go and come, an edited one doing both.

    `read` gives what a file holds now. What comes out is what `build` would make.
    """
    files = layout.tiers[tier][1]
    changes: dict[int, dict[str, list[tuple[int, bool, bool]]]] = {}  # (number, title, add)
    for number in sorted({*gone, *come}):
        before, after = terms(gone.get(number)), terms(come.get(number))
        for title in (False, True):
            for add, some in ((False, before[title] - after[title]),
                              (True, after[title] - before[title])):  # fmt: skip
                for term in some:
                    shard = shard_of(term, files)
                    changes.setdefault(shard, {}).setdefault(term, []).append((number, title, add))
    for shard, by_term in changes.items():
        name = shard_name(tier, shard)
        lists = json.decode(read(name))
        for term, edits in by_term.items():
            both = [set(decode(part)) for part in (lists.get(term, "") + "|").split("|")[:2]]
            for number, title, add in edits:
                (both[title].add if add else both[title].discard)(number)
            made = "|".join(encode(np.array(sorted(some), np.int64)) for some in both if some)
            if made:
                lists[term] = made
            else:
                lists.pop(term, None)
        yield name, dump(lists)


def update_blocks(
    layout: Layout, published: Callable[[int], dict[int, Record]], gone: Iterable[int],
    come: Mapping[int, Record],
) -> Iterator[tuple[str, bytes]]:  # fmt: skip
    """The files of texts that change, from the blocks as they are `published`.

    There are none for a block in which nothing is left.
    """
    blocks: dict[int, dict[int, Record]] = {}
    for number in [*gone, *come]:
        block = number // layout.block
        if block not in blocks:
            blocks[block] = dict(published(block))
        blocks[block].pop(number, None)
        if number in come:
            blocks[block][number] = come[number]
    for block, records in blocks.items():
        if records:
            yield from block_files(block, dict(sorted(records.items())))
