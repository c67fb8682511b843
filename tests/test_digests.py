from hypothesis import given
from hypothesis import strategies as st

from portalgen.digests import digest_bytes, digest_of, digest_parts

parts = st.lists(st.text("ab\x1f,0123456789", max_size=6), max_size=5)


@given(parts, parts)
def test_sequences_of_texts_have_one_digest_only_if_they_are_equal(
    first: list[str], second: list[str]
) -> None:
    assert (digest_parts(first) == digest_parts(second)) == (first == second)


def test_half_of_a_surrogate_pair_can_be_part_of_a_digest() -> None:
    assert digest_parts(["\ud800"]) != digest_parts(["\ud801"])


def test_digests_have_32_hexadecimal_digits() -> None:
    for digest in (digest_bytes(b""), digest_of(("a", 1, None)), digest_parts([])):
        assert len(digest) == 32
        assert int(digest, 16)


def test_values_of_other_kinds_have_other_digests() -> None:
    values = ["1", 1, b"1", True, None, ("1",), ["1", "1"], {"1": 1}]
    assert len({digest_of(value) for value in values}) == len(values)
