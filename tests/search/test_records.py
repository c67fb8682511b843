import json
import re
from collections.abc import Callable
from functools import partial

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portalgen.search import layout as search_layout
from portalgen.search.layout import Layout, file_names, lay_out
from portalgen.search.records import Record, decode, read_block, shard_of, spelling, terms
from portalgen.search.update import update_blocks, update_tier
from portalgen.search.writer import build, build_tier

WORDS = [
    "lào",
    "lao",
    "cai",
    "điện",
    "diện",
    "tử",
    "từ",
    "hòa",
    "hoà",
    "thuỷ",
    "thủy",
    "y",
    "tế",
    "2020",
    "KT-XH",
    "của,",
    "và.",
    "đồng",
]
DAY = 737_433  # 10/01/2020
FIXTURE = [HealthCheck.function_scoped_fixture]
records = st.builds(
    Record,
    title=st.lists(st.sampled_from(WORDS), max_size=5).map(" ".join),
    href=st.just("/x.html"),
    date=st.just("16:46, 10/01/2020"),
    member=st.sampled_from(["", "Sa Pa"]),
    site=st.sampled_from(["main", "sapa"]),
    section=st.just("tin-tuc"),
    tags=st.sampled_from([(), ("Lào Cai",), ("y tế", "điện tử")]),
    text=st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join),
)
days = st.lists(st.integers(DAY, DAY + 30), min_size=1, max_size=60).map(sorted)


def record(title: str, text: str, tags: tuple[str, ...] = (), member: str = "") -> Record:
    return Record(title, "/x.html", "", member, "main", "tin-tuc", tags, text)


def made(layout: Layout, found: dict[int, Record]) -> dict[str, bytes]:
    return dict(build(layout, found.items()))


def reader(files: dict[str, bytes]) -> Callable[[str], bytes]:
    def read(name: str) -> bytes:
        if name not in files:
            raise FileNotFoundError(name)
        return files[name]

    return read


@pytest.fixture(autouse=True)
def small_tiers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search_layout, "SIZES", (16, 4, 1))


@settings(max_examples=40, deadline=None, suppress_health_check=FIXTURE)
@given(days, st.data())
def test_the_index_holds_every_term_of_every_article_and_no_other(
    days: list[int], data: st.DataObject
) -> None:
    layout, numbers = lay_out(days)
    found = {number: data.draw(records) for number in numbers}
    files = made(layout, found)
    assert sorted(files) == sorted(file_names(layout, numbers))
    lists: dict[str, list[list[int]]] = {}
    for name, content in files.items():
        if name.startswith("s-"):
            tier, shard = (int(part) for part in name[2:-5].split("-"))
            for term, text in json.loads(content).items():
                assert shard_of(term, layout.tiers[tier][1]) == shard
                for kind, part in enumerate([*text.split("|"), ""][:2]):
                    places = [numbers.index(number) for number in decode(part)]
                    assert {layout.tier_of(place) for place in places} <= {tier}
                    lists.setdefault(term, [[], []])[kind] += decode(part)
    wanted: dict[str, list[list[int]]] = {}
    for number, item in found.items():
        for title, some in enumerate(terms(item)):
            for term in some:
                wanted.setdefault(term, [[], []])[title].append(number)
    assert lists == wanted


def of_tier(layout: Layout, found: dict[int, Record], tier: int) -> dict[int, Record]:
    """The articles of one tier."""
    return {n: r for at, (n, r) in enumerate(found.items()) if layout.tier_of(at) == tier}


@settings(max_examples=60, deadline=None, suppress_health_check=FIXTURE)
@given(days, st.data())
def test_an_updated_tier_is_the_tier_made_anew(days: list[int], data: st.DataObject) -> None:
    layout, numbers = lay_out(days)
    before = {number: data.draw(records) for number in numbers}
    changed = {n: data.draw(records) for n in data.draw(st.sets(st.sampled_from(numbers)))}
    after = before | changed
    files = made(layout, before)
    for tier in range(len(layout.tiers)):
        some = {n: changed[n] for n in of_tier(layout, before, tier) if n in changed}
        gone = {n: before[n] for n in some}
        files |= update_tier(layout, tier, reader(files), gone, some)
        whole = dict(build_tier(layout, tier, of_tier(layout, after, tier).items()))
        assert whole.items() <= made(layout, after).items()
    files |= update_blocks(layout, partial(read_block, reader(files)), changed, changed)
    assert files == made(layout, after)


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


def test_an_index_of_nothing_has_no_files() -> None:
    assert made(Layout(), {}) == {}


def test_a_block_gives_back_what_went_in() -> None:
    layout, [number] = lay_out([DAY])
    item = record("Lào Cai", "Điện tử " * 100, tags=("y tế",), member="Sa Pa")
    files = made(layout, {number: item})
    assert read_block(reader(files), number // layout.block) == {number: item}
    assert read_block(reader(files), 0) == {}
    [shown] = json.loads(files[f"r-{number // layout.block}.json"])
    assert 180 < len(shown[5]) <= 220
    assert not shown[5].endswith(" ")


@pytest.mark.parametrize(
    ("one", "other"),
    [("hòa", "hoà"), ("thủy", "thuỷ"), ("lóe", "loé"), ("tùy", "tuỳ"), ("họa", "hoạ")],
)
def test_a_tone_may_stand_on_either_vowel(one: str, other: str) -> None:
    assert spelling(one) == spelling(other) == other


@pytest.mark.parametrize("word", ["hoàn", "toán", "quý", "hoa", "của", "điện", "oai"])
def test_other_words_are_spelled_one_way(word: str) -> None:
    assert spelling(word) == word


def test_all_spellings_of_a_term_stand_in_one_file() -> None:
    for shards in (2, 64, 4096):
        assert len({shard_of(t, shards) for t in ("điện tử", "dien tu", "diện từ")}) == 1


def test_title_and_text_are_told_apart_and_terms_do_not_join_fields() -> None:
    whole, title = terms(record("Lào Cai", "điện tử", tags=("y tế",)))
    assert title == {"lào", "cai", "lào cai"}
    assert {"cai điện", "cai y", "tế điện"}.isdisjoint(whole)
    assert {"điện tử", "y tế", "@main", "#tin-tuc"} <= whole
    assert all(re.fullmatch(r"\S+( \S+)?", term) for term in whole)
