import json
import re

import pytest

from portalgen.search.layout import lay_out
from portalgen.search.records import read_block, shard_of, spelling, terms
from tests.search.stock import DAY, index_files, reader, record


def test_a_block_gives_back_what_went_in() -> None:
    layout, [number] = lay_out([DAY])
    item = record("Lào Cai", "Điện tử " * 100, tags=("y tế",), member="Sa Pa")
    files = index_files(layout, {number: item})
    assert read_block(reader(files), number // layout.block) == {number: item}
    assert read_block(reader(files), 0) == {}
    [row] = json.loads(files[f"r-{number // layout.block}.json"])
    assert 180 < len(row[5]) <= 220
    assert not row[5].endswith(" ")


@pytest.mark.parametrize(
    ("first", "second"),
    [("hòa", "hoà"), ("thủy", "thuỷ"), ("lóe", "loé"), ("tùy", "tuỳ"), ("họa", "hoạ")],
)
def test_a_tone_may_stand_on_either_vowel(first: str, second: str) -> None:
    assert spelling(first) == spelling(second) == second


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
