"""A lower bound for the quality of related news, on the judged set in `benchmarks/`."""

import pytest

from benchmarks.related import MARKED, grades, measured, ndcg, precision, shown_to_lonely


def test_related_news_stays_as_good_as_it_is_and_ahead_of_what_it_is_compared_with() -> None:
    figures = measured()
    own_precision, own_ndcg, without = figures["portalgen"]
    assert own_precision >= 0.88
    assert own_ndcg >= 0.9
    assert without <= 0.15
    for ranker in ("TF-IDF", "BM25", "tag overlap"):
        assert own_precision >= figures[ranker][0] + 0.02
        assert own_ndcg >= figures[ranker][1] + 0.02


def test_a_list_is_short_where_nothing_is_related() -> None:
    counts = shown_to_lonely()
    assert counts["portalgen"] <= 3.5
    assert counts["TF-IDF"] == counts["BM25"] == 5


def test_precision_counts_the_relevant_among_the_first_five() -> None:
    relevant = {"a": 2, "b": 1, "c": 1}
    assert precision(["a", "x", "b", "y", "z", "c"], relevant) == pytest.approx(2 / 3)
    assert precision(["x"], relevant) == 0
    many = dict.fromkeys("abcdefgh", 1)
    assert precision(["a", "b", "c", "d", "x", "e"], many) == pytest.approx(4 / 5)


def test_ndcg_is_the_gain_by_place_over_the_best_possible() -> None:
    relevant = {"a": 2, "b": 1}
    assert ndcg(["a", "b"], relevant) == pytest.approx(1)
    # 1/log2(2) + 2/log2(4) = 2 over 2/log2(2) + 1/log2(3) = 2.6309
    assert ndcg(["b", "x", "a"], relevant) == pytest.approx(2 / 2.6309298)
    assert ndcg(["x", "y"], relevant) == 0


def test_judgements_are_about_the_set_and_mutual() -> None:
    judged = grades()
    names = {file.stem for file in MARKED.glob("*-*.md")}
    assert len(names) >= 200
    assert judged.keys() <= names
    for one, others in judged.items():
        assert one not in others
        assert all(judged[other][one] == grade for other, grade in others.items())
