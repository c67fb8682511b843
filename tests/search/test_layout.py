import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portalgen.search.layout import Layout, file_names, index_file, lay_out, power_of_two
from tests.search.stock import DAY, FIXTURE

pytestmark = pytest.mark.usefixtures("small_tiers")


@settings(max_examples=40, deadline=None, suppress_health_check=FIXTURE)
@given(st.integers(0, 100))
def test_a_new_article_moves_others_seldom(count: int) -> None:
    """Tiers by size: 16 at a time move to the first, 4 to the second, the rest is the third."""
    layout, _ = lay_out([DAY] * count)
    sizes = [size for size, _ in layout.tiers]
    assert sum(sizes) == count
    if count:
        assert sizes == [count // 16 * 16, count % 16 // 4 * 4, count % 4]
    assert all(bool(size) == bool(files) for size, files in layout.tiers)


def test_a_new_article_moves_no_other() -> None:
    layout, numbers = lay_out([DAY, DAY, DAY + 3])
    later, more = lay_out([DAY, DAY, DAY + 1, DAY + 3])
    assert (later.base, later.day) == (layout.base, layout.day)
    assert set(numbers) < set(more)


def test_numbers_ascend_with_the_days_and_are_told_apart() -> None:
    for days in ([DAY] * 9, [DAY, DAY + 400, DAY + 400], [1, 2_000_000]):
        _, numbers = lay_out(days)
        assert numbers == sorted(set(numbers))
    assert lay_out([]) == (Layout(), [])


def test_each_place_is_in_one_tier_oldest_first() -> None:
    layout, _ = lay_out([DAY] * 23)  # 16, 4 and 3 articles
    tiers = [layout.tier_of(place) for place in range(23)]
    assert tiers == [0] * 16 + [1] * 4 + [2] * 3
    with pytest.raises(IndexError):
        layout.tier_of(23)


def test_a_block_holds_about_six_articles_however_far_apart_they_are() -> None:
    for distance in (1, 40, 500):
        layout, numbers = lay_out([DAY + distance * n for n in range(60)])
        blocks = {number // layout.block for number in numbers}
        assert 4 <= len(blocks) <= 11
    assert lay_out([DAY])[0].block == 1


def test_what_is_listed_are_the_terms_of_each_tier_and_the_texts_of_each_block() -> None:
    layout = Layout(block=8, tiers=((4, 2), (0, 0), (1, 1)))
    assert list(file_names(layout, [1, 7, 9])) == [
        "s-0-0.json", "s-0-1.json", "s-2-0.json", "r-0.json", "t-0.json", "r-1.json", "t-1.json",
    ]  # fmt: skip


def test_a_browser_learns_what_it_needs_to_find_files() -> None:
    layout = Layout(base=5, day=2, block=8, tiers=((4, 2), (1, 1)))
    index = json.loads(index_file(layout, [("sapa", "Sa Pa")], [("y-te", "Y tế")]))
    assert index == {
        "block": 8, "tiers": [2, 1], "sites": [["sapa", "Sa Pa"]], "sections": [["y-te", "Y tế"]],
    }  # fmt: skip


def test_counts_of_files_are_powers_of_two() -> None:
    assert [power_of_two(least) for least in (0, 1, 1.5, 2, 2.1, 64, 65)] == [
        1, 1, 2, 2, 4, 64, 128,
    ]  # fmt: skip
