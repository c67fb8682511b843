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
    assert len(vector) == 2 * 4 * MAX_TERMS
    assert len(sketch) == 4 * SKETCH_SIZE


def test_an_article_without_words_has_no_terms() -> None:
    assert extract([Text("", "", (), ""), Text("…", "", (), "...")]) == [(b"", b"")] * 2


def test_of_many_texts_each_has_its_own_terms() -> None:
    texts = [Text(f"Cầu số {number} {'Lào Cai ' * number}", "", (), "") for number in range(100)]
    assert extract(texts) == [extract([text])[0] for text in texts]


def test_of_terms_that_occur_equally_often_the_earliest_are_kept() -> None:
    words = [f"{a}{b}" for a in ("b", "c", "d", "l", "m", "n", "t") for b in ("an", "eo", "inh")]
    pairs = [f"{one} {other}" for one in words for other in words if one < other]
    assert len(pairs) > 2 * MAX_TERMS
    ((early, _),) = extract([Text("", "", (), "\n".join(pairs[:MAX_TERMS]))])
    ((whole, _),) = extract([Text("", "", (), "\n".join(pairs))])
    assert early == whole
