import pytest

from portalgen.pages import contexts as c


class OtherContext(c.TextContext, frozen=True):
    """Another kind with the same values."""


def test_a_digest_tells_of_the_kind_of_context_its_values_and_more() -> None:
    digests = [
        c.context_digest(c.TextContext("a")),
        c.context_digest(c.TextContext("b")),
        c.context_digest(c.TextContext("a"), "x"),
        c.context_digest(c.TextContext("a"), "x", "y"),
        c.context_digest(OtherContext("a")),
    ]
    assert len(set(digests)) == len(digests)
    assert c.context_digest(c.TextContext("a")) == digests[0]


def test_a_copied_file_is_known_by_its_state_wherever_it_is() -> None:
    first, moved = c.FileContext("/a/x.txt", "1.2"), c.FileContext("/b/x.txt", "1.2")
    assert c.context_digest(first) == c.context_digest(moved)
    assert c.context_digest(first) != c.context_digest(c.FileContext("/a/x.txt", "1.3"))


def test_another_program_makes_another_digest(monkeypatch: pytest.MonkeyPatch) -> None:
    before = c.context_digest(c.TextContext("a"))
    monkeypatch.setattr(c, "program_digest", lambda: "other")
    assert c.context_digest(c.TextContext("a")) != before


def test_moments_are_written_as_rss_wants_and_months_as_people_do() -> None:
    assert c.rfc822(1_579_050_000) == "Wed, 15 Jan 2020 01:00:00 GMT"
    card = c.Card("A", "/a.html", "", "2020-01-05T08:00:00+07:00", "", "", "", None, "")
    assert c.month_of(card) == "1/2020"
