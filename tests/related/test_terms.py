from array import array

from hypothesis import given, settings
from hypothesis import strategies as st

from portalgen.related.terms import MAX_TERMS, SKETCH_SIZE, Text, extract

WORDS = [
    "Lào",
    "Cai",
    "và",
    "của,",
    "điện",
    "lưới",
    "mưa.",
    "ASEAN",
    "covid-19",
    "\n",
    "Sa",
    "Pa",
    "2020",
]
PROSE = st.lists(st.sampled_from(WORDS), max_size=60).map(" ".join)
TEXTS = st.lists(
    st.builds(Text, PROSE, PROSE, st.lists(PROSE, max_size=3), PROSE), min_size=1, max_size=6
)


@settings(max_examples=60, deadline=None)
@given(TEXTS)
def test_the_terms_of_an_article_do_not_depend_on_those_read_beside_it(texts: list[Text]) -> None:
    assert extract(texts) == [extract([text])[0] for text in texts]


def test_terms_and_sketch_are_bounded() -> None:
    body = " ".join(f"Tên{number} Tên{number}" for number in range(3000))
    ((vector, sketch),) = extract([Text("Tiêu đề", "", (), body)])
    assert len(vector) == 6 * MAX_TERMS
    assert len(sketch) == 4 * SKETCH_SIZE


def test_an_article_without_words_has_no_terms() -> None:
    assert extract([Text("", "", (), ""), Text("…", "", (), "...")]) == [(b"", b"")] * 2


def test_of_many_texts_each_has_its_own_terms() -> None:
    texts = [Text(f"Cầu số {number} {'Lào Cai ' * number}", "", (), "") for number in range(100)]
    assert extract(texts) == [extract([text])[0] for text in texts]


def hashes(vector: bytes) -> set[int]:
    return set(array("I", vector[: len(vector) // 6 * 4]))


def weights(vector: bytes) -> list[int]:
    return list(array("H", vector[len(vector) // 6 * 4 :]))


def test_of_terms_that_occur_equally_often_the_earliest_are_kept() -> None:
    words = [f"{a}{b}{c}" for a in ("b", "c", "d", "l", "m", "n", "t")
             for b in ("an", "eo", "inh", "uoc", "ia") for c in range(20)]  # fmt: skip
    assert len(words) > 2 * MAX_TERMS
    ((early, _),) = extract([Text("", "", (), "\n".join(words[:MAX_TERMS]))])
    ((whole, _),) = extract([Text("", "", (), "\n".join(words))])
    assert early == whole


def test_a_word_weighs_twice_a_pair_and_a_pair_of_a_name_more_than_another() -> None:
    ((vector, _),) = extract([Text("", "", (), "sương muối. Lào Cai")])
    # Four syllables, the name, the pair: the squares sum to 1,000,000.
    assert weights(vector) == [463, 463, 463, 463, 301, 231]


def test_marks_tell_words_apart_but_not_where_a_tone_is_written() -> None:
    new, old, unmarked = (
        hashes(vector)
        for vector, _ in extract([Text("", "", (), text) for text in ("hòa", "Hoà", "hoa")])
    )
    assert new == old
    assert not new & unmarked


def test_a_tag_counts_once() -> None:
    ((tagged, _), (said, _)) = extract(
        [Text("", "", ["lũ quét"], "gạo gạo"), Text("", "", (), "lũ quét. gạo gạo")]
    )
    assert hashes(said) < hashes(tagged)
    assert len(hashes(tagged)) == len(hashes(said)) + 1
