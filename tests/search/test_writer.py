import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portalgen.search import writer
from portalgen.search.layout import Layout, file_names, lay_out
from portalgen.search.records import decode, shard_of, terms
from tests.search.stock import DAY, FIXTURE, WORDS, days, index_files, record, records

pytestmark = pytest.mark.usefixtures("small_tiers")


@settings(max_examples=40, deadline=None, suppress_health_check=FIXTURE)
@given(days, st.data())
def test_the_index_holds_every_term_of_every_article_and_no_other(
    days: list[int], data: st.DataObject
) -> None:
    layout, numbers = lay_out(days)
    by_number = {number: data.draw(records) for number in numbers}
    files = index_files(layout, by_number)
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
    for number, item in by_number.items():
        for title, item_terms in enumerate(terms(item)):
            for term in item_terms:
                wanted.setdefault(term, [[], []])[title].append(number)
    assert lists == wanted


def test_an_index_of_nothing_has_no_files() -> None:
    assert index_files(Layout(), {}) == {}


def test_files_are_the_same_however_little_is_kept_in_memory(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    layout, numbers = lay_out([DAY] * 40)
    by_number = {
        number: record(WORDS[place % 9], " ".join(WORDS[place % 7 :]), ("y tế",), "Sa Pa")
        for place, number in enumerate(numbers)
    }
    files = index_files(layout, by_number)
    monkeypatch.setattr(writer, "_CHUNK", 5)  # texts, so that each article is flushed alone
    monkeypatch.setattr(writer, "_PASS", 2)  # articles, so that terms are written in parts
    monkeypatch.setattr(writer, "_SPOOL", 16)  # bytes, so that terms go to a file
    assert index_files(layout, by_number) == files


def test_words_are_numbered_anew_when_there_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    layout, [number] = lay_out([DAY])
    by_number = {number: record("Lào Cai", "điện tử")}
    files = index_files(layout, by_number)
    monkeypatch.setattr(writer, "_CACHE_SIZE", 1)
    index_files(layout, {number: record("Sạt lở", "ruộng bậc thang")})
    assert index_files(layout, by_number) == files
