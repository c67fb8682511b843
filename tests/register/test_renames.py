"""Which new source is what a missing one was: only where each side fits no other."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from portalgen.content.model import Article
from portalgen.digests import digest_parts
from portalgen.register.entries import ARTICLE, Entry, Register
from portalgen.register.renames import (
    body_digest,
    find_renames,
    most_alike,
    pieces,
    title_digest,
)
from tests.helpers import article, network, page, run, write
from tests.register.test_good import made

REGISTER = Register("k" * 32)


def new(name: str, site: str = "main", **values: object) -> Article:
    """An article whose title, date and text are its own unless told otherwise."""
    base = {
        "site": site, "path": f"{site}/{name}", "name": name, "title": name,
        "date_iso": "2020-01-10T08:00:00+07:00", "identity": f"{site}/{name}",
        "body_digest": digest_parts([name]),
    }  # fmt: skip
    return made(**{**base, **values})


def old(article: Article, identity: str = "") -> tuple[tuple[str, str], Entry]:
    """What the register has of an article."""
    return (article.site, article.path), Entry(
        id=article.path, kind=ARTICLE, source=article.path, identity=identity,
        title=title_digest(REGISTER, article), body=body_digest(REGISTER, article),
    )  # fmt: skip


def pairs(missing: list[tuple[tuple[str, str], Entry]], *articles: Article) -> dict[str, str]:
    found = find_renames(REGISTER, dict(missing), articles)
    return {name: article.path for (_, name), article in found.items()}


def same_title(name: str, site: str = "main") -> Article:
    return new(name, site, title="chung")


def same_text(name: str, site: str = "main") -> Article:
    return new(name, site, body_digest=digest_parts(["chung"]))


def same_both(name: str, site: str = "main") -> Article:
    return new(name, site, title="chung", body_digest=digest_parts(["chung"]))


@pytest.mark.parametrize("alike", [same_title, same_text, same_both])
def test_one_rule_is_enough(alike: object) -> None:
    assert callable(alike)
    assert pairs([old(alike("a"))], alike("b")) == {"main/a": "main/b"}
    assert pairs([old(alike("a"))], new("b")) == {}


def test_the_same_id_is_enough_and_comes_first() -> None:
    a = same_both("a")
    b, c = new("b", identity="urn:1"), same_both("c")
    assert pairs([old(a, "urn:1")], b, c) == {"main/a": "main/b"}
    assert pairs([old(a)], new("b")) == {}


@pytest.mark.parametrize("alike", [same_title, same_text, same_both])
def test_what_fits_two_fits_none(alike: object) -> None:
    assert callable(alike)
    assert pairs([old(alike("a"))], alike("b"), alike("c")) == {}
    assert pairs([old(alike("a")), old(alike("b"))], alike("c")) == {}
    assert pairs([old(alike("a")), old(alike("b"))], alike("c"), alike("d")) == {}


def test_a_rule_that_fits_two_leaves_it_to_the_next() -> None:
    text, other = digest_parts(["x"]), digest_parts(["y"])
    a = new("a", title="chung", body_digest=text)
    b = new("b", title="chung", body_digest=text)
    c = new("c", title="chung", body_digest=other)
    assert pairs([old(a)], b, c) == {"main/a": "main/b"}


def test_title_and_date_count_together_and_case_and_spaces_do_not() -> None:
    a = new("a", title="Mùa  Lúa")
    assert pairs([old(a)], new("b", title="mùa lúa")) == {"main/a": "main/b"}
    assert pairs([old(a)], new("b", title="mùa lúa", date_iso="2020-01-11T08:00:00+07:00")) == {}


def test_an_empty_text_is_that_of_no_other() -> None:
    empty = digest_parts([""])
    a, b = new("a", body_digest=empty, lead=""), new("b", body_digest=empty, lead="")
    assert pairs([old(a)], b) == {}


def test_lead_and_text_are_the_text() -> None:
    empty = digest_parts([""])
    a, b = new("a", body_digest=empty, lead="Chỉ có thế"), new("b", body_digest=empty, lead="Khác")
    assert pairs([old(a)], b) == {}
    assert pairs([old(a)], replace(b, lead="Chỉ có thế")) == {"main/a": "main/b"}


def test_between_sites_title_date_and_text_must_be_the_same() -> None:
    for alike, expected in (
        (same_title, {}), (same_text, {}), (same_both, {"main/a": "sapa/b"}),
    ):  # fmt: skip
        assert pairs([old(alike("a"))], alike("b", "sapa")) == expected
    a, b = new("a"), new("b", "sapa", identity="urn:1")
    assert pairs([old(a, "urn:1")], b) == {}
    two = same_both("b", "sapa"), same_both("c", "bacha")
    assert pairs([old(same_both("a"))], *two) == {}
    assert pairs([old(same_both("a"))], same_both("b"), two[0]) == {"main/a": "main/b"}


def test_a_pair_is_found_beside_others() -> None:
    olds = [old(new(name, title=name * 2)) for name in "abc"]
    news = [new(f"{name}-moi", title=name * 2) for name in "abd"]
    assert pairs(olds, *news) == {"main/a": "main/a-moi", "main/b": "main/b-moi"}


def test_pieces_are_words_in_a_row() -> None:
    assert pieces("A b c d e f") == {("a", "b", "c", "d", "e"), ("b", "c", "d", "e", "f")}
    assert pieces("a b") == {("a", "b")}


def test_the_text_that_shares_most_is_proposed_if_it_shares_enough() -> None:
    words = " ".join(f"w{n}" for n in range(40))
    near, far = words.replace("w39", "x"), words.replace("w20", "x")
    assert most_alike(words, {"far": far, "near": near}) == "near"
    assert most_alike(words, {"other": "something else", "half": words[:60]}) == ""
    assert most_alike(words, {}) == ""
    assert most_alike(words, {"b": near, "a": near}) == "a"


def test_a_move_to_another_site_comes_before_a_draft_of_the_same_title(tmp_path: Path) -> None:
    at, there = "content/tin-tuc/a.md", "members/sapa/content/tin-tuc/a.md"
    root = network(tmp_path, {at: article("Bài", body="Một đoạn văn."), there[:-4] + "b.md": "x"})
    run(root)
    (root / at).rename(root / there)
    write(root, {"content/tin-tuc/c.md": article("Bài", body="Đoạn khác hẳn.", draft="true")})
    run(root)
    assert "https://sapa.tinh.example/tin-tuc/a.html" in page(root, "main/tin-tuc/a.html")
