"""Update files of an index of which few articles changed."""

from collections.abc import Callable, Iterable, Iterator, Mapping

import numpy as np
from msgspec import json

from portalgen.search.layout import Layout, shard_name
from portalgen.search.records import Record, block_files, decode, dump, encode, shard_of, terms

ReadFile = Callable[[str], bytes]


def update_tier(
    layout: Layout,
    tier: int,
    read: ReadFile,
    removed: Mapping[int, Record],
    added: Mapping[int, Record],
) -> Iterator[tuple[str, bytes]]:
    """Yield the changed files of a tier; edited articles are both removed and added.

    `read` returns the content of a published file. The result is the same as from `build`.
    """
    files = layout.tiers[tier][1]
    changes: dict[int, dict[str, list[tuple[int, bool, bool]]]] = {}  # (number, title, add)
    for number in sorted({*removed, *added}):
        before, after = terms(removed.get(number)), terms(added.get(number))
        for title in (False, True):
            for add, changed in ((False, before[title] - after[title]),
                                 (True, after[title] - before[title])):  # fmt: skip
                for term in changed:
                    shard = shard_of(term, files)
                    changes.setdefault(shard, {}).setdefault(term, []).append((number, title, add))
    for shard, by_term in changes.items():
        name = shard_name(tier, shard)
        lists = json.decode(read(name))
        for term, edits in by_term.items():
            number_sets = [set(decode(part)) for part in (lists.get(term, "") + "|").split("|")[:2]]
            for number, title, add in edits:
                (number_sets[title].add if add else number_sets[title].discard)(number)
            encoded = "|".join(
                encode(np.array(sorted(numbers), np.int64)) for numbers in number_sets if numbers
            )
            if encoded:
                lists[term] = encoded
            else:
                lists.pop(term, None)
        yield name, dump(lists)


def update_blocks(
    layout: Layout, published: Callable[[int], dict[int, Record]], removed: Iterable[int],
    added: Mapping[int, Record],
) -> Iterator[tuple[str, bytes]]:  # fmt: skip
    """Yield the changed files of texts, but none for blocks that become empty.

    `published` returns the records of a published block.
    """
    blocks: dict[int, dict[int, Record]] = {}
    for number in [*removed, *added]:
        block = number // layout.block
        if block not in blocks:
            blocks[block] = dict(published(block))
        blocks[block].pop(number, None)
        if number in added:
            blocks[block][number] = added[number]
    for block, records in blocks.items():
        if records:
            yield from block_files(block, dict(sorted(records.items())))
