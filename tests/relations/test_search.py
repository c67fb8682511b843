import json
import re
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portalgen.relations.search import (
    Record,
    build,
    decode,
    read_block,
    shard_of,
    spelling,
    terms,
    update,
)
from portalgen.relations.search_layout import Layout, lay_out

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
    return {name: data for name, data in build(layout, found.items()) if data is not None}


def reader(files: dict[str, bytes]) -> Callable[[str], bytes]:
    def read(name: str) -> bytes:
        if name not in files:
            raise FileNotFoundError(name)
        return files[name]

    return read


@settings(max_examples=40, deadline=None)
@given(days, st.data())
def test_the_index_holds_every_term_of_every_article_and_no_other(
    days: list[int], data: st.DataObject
) -> None:
    layout, numbers = lay_out(days)
    found = {number: data.draw(records) for number in numbers}
    lists = {}
    for name, content in made(layout, found).items():
        if name.startswith("s-"):
            for term, text in json.loads(content).items():
                assert shard_of(term, layout.shards) == int(name[2:-5])
                lists[term] = [decode(part) for part in [*text.split("|"), ""][:2]]
    wanted: dict[str, list[list[int]]] = {}
    for number, item in found.items():
        for title, some in enumerate(terms(item)):
            for term in some:
                wanted.setdefault(term, [[], []])[title].append(number)
    assert lists == wanted


@settings(max_examples=40, deadline=None)
@given(days, st.data())
def test_an_updated_index_is_the_index_made_anew(days: list[int], data: st.DataObject) -> None:
    layout, numbers = lay_out(days)
    before = {number: data.draw(records) for number in numbers}
    changed = {
        number: data.draw(records) for number in data.draw(st.sets(st.sampled_from(numbers)))
    }
    removed = data.draw(st.sets(st.sampled_from(numbers))) - changed.keys()
    added = {
        number: data.draw(records)
        for number in data.draw(st.sets(st.integers(numbers[0], numbers[-1]), max_size=5))
        if number not in before
    }
    after = {n: r for n, r in {**before, **changed, **added}.items() if n not in removed}
    files = made(layout, before)
    gone = {n: before[n] for n in [*changed, *removed]}
    for name, content in update(layout, reader(files), gone, {**changed, **added}):
        if content is None:
            files.pop(name, None)
        else:
            files[name] = content
    assert files == made(layout, dict(sorted(after.items())))


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


def test_an_index_of_nothing_has_one_empty_file_of_terms() -> None:
    assert made(Layout(), {}) == {"s-0.json": b"{}"}


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
