from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portalgen.search.layout import Layout, lay_out
from portalgen.search.records import Record, read_block
from portalgen.search.update import update_blocks, update_tier
from portalgen.search.writer import build_tier
from tests.search.stock import FIXTURE, days, index_files, reader, records

pytestmark = pytest.mark.usefixtures("small_tiers")


def of_tier(layout: Layout, by_number: dict[int, Record], tier: int) -> dict[int, Record]:
    """The articles of one tier."""
    return {n: r for at, (n, r) in enumerate(by_number.items()) if layout.tier_of(at) == tier}


@settings(max_examples=60, deadline=None, suppress_health_check=FIXTURE)
@given(days, st.data())
def test_an_updated_tier_is_the_tier_made_anew(days: list[int], data: st.DataObject) -> None:
    layout, numbers = lay_out(days)
    before = {number: data.draw(records) for number in numbers}
    changed = {n: data.draw(records) for n in data.draw(st.sets(st.sampled_from(numbers)))}
    after = before | changed
    files = index_files(layout, before)
    for tier in range(len(layout.tiers)):
        edited = {n: changed[n] for n in of_tier(layout, before, tier) if n in changed}
        gone = {n: before[n] for n in edited}
        files |= update_tier(layout, tier, reader(files), gone, edited)
        whole = dict(build_tier(layout, tier, of_tier(layout, after, tier).items()))
        assert whole.items() <= index_files(layout, after).items()
    files |= update_blocks(layout, partial(read_block, reader(files)), changed, changed)
    assert files == index_files(layout, after)
