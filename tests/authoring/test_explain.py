"""Why articles are related news of each other: outcomes, and what counts."""

from pathlib import Path

import pytest

from portalgen.authoring.explain import Explanation, Pair, explain
from portalgen.problems import PortalError
from portalgen.report import Options
from tests.helpers import MAIN_SETTINGS, NOW, article, network

AT = "content/tin-tuc"
BRIDGE = "Cầu treo Nậm Tông đứt cáp, bốn thôn bị chia cắt."


def bridge(number: int, extra: str = "", **front: str) -> str:
    return article(f"Cầu treo Nậm Tông, tin {number}", body=f"{BRIDGE} {extra}", **front)


def files(**more: str) -> dict[str, str]:
    """Three articles of one story, one of them of a member, and one of nothing."""
    return {
        f"{AT}/cau.md": bridge(1, "Dân quân rào hai đầu."),
        f"{AT}/phao.md": bridge(2, "Công binh lắp phà phao đưa học sinh."),
        "members/sapa/content/tin-tuc/von.md": bridge(3, "Tỉnh bố trí vốn dự phòng."),
        f"{AT}/co-tuong.md": article("Kỳ thủ nhí", body="Ván cờ người kết thúc sớm."),
        **{f"{AT}/{name}.md": text for name, text in more.items()},
    }


def explained(root: Path, name: str, other: str = "") -> Explanation:
    return explain(Options(root, root / "public", NOW), name, other)


def pair_of(root: Path, name: str, other: str) -> Pair:
    (pair,) = explained(root, f"{AT}/{name}.md", f"{AT}/{other}.md").pairs
    return pair


def test_the_neighbours_are_listed_with_what_they_have_in_common(tmp_path: Path) -> None:
    root = network(tmp_path, files())
    explanation = explained(root, f"{AT}/cau.md")
    assert (explanation.article, explanation.title) == (f"{AT}/cau.md", "Cầu treo Nậm Tông, tin 1")
    assert explanation.least == 22
    assert {pair.path for pair in explanation.pairs} == {
        f"{AT}/phao.md", "members/sapa/content/tin-tuc/von.md",
    }  # fmt: skip
    for rank, pair in enumerate(explanation.pairs, start=1):
        assert (pair.outcome, pair.rank) == ("explain-shown", rank)
        assert pair.score >= explanation.least
        assert pair.nearness == 1.12
        assert {"Nậm Tông", "treo"} <= {term.term for term in pair.terms}
        assert {term.articles for term in pair.terms} == {3}
        assert [term.score for term in pair.terms] == sorted(
            (term.score for term in pair.terms), reverse=True
        )


def test_an_article_may_be_named_by_its_path_from_here_or_by_its_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = network(tmp_path, files())
    monkeypatch.chdir(root / AT)
    for name in ("cau.md", str(root / AT / "cau.md"), "https://tinh.example/tin-tuc/cau.html"):
        assert explained(root, name).article == f"{AT}/cau.md"


def test_an_article_in_a_folder_may_be_named_by_the_folder(tmp_path: Path) -> None:
    root = network(tmp_path, {**files(), f"{AT}/cau-khac/index.md": bridge(4)})
    assert explained(root, f"{AT}/cau-khac/").article == f"{AT}/cau-khac/index.md"
    assert explained(root, f"{AT}/cau-khac").article == f"{AT}/cau-khac/index.md"


@pytest.mark.parametrize(
    ("front", "outcome"),
    [
        ({}, "explain-shown"),
        ({"related": "[phao.md]"}, "explain-picked"),
        ({"unrelated": "[phao.md]"}, "explain-excluded"),
    ],
)
def test_what_the_editor_wrote_comes_first(
    tmp_path: Path, front: dict[str, str], outcome: str
) -> None:
    root = network(tmp_path, files(cau=bridge(1, "Dân quân rào hai đầu.", **front)))
    assert pair_of(root, "cau", "phao").outcome == outcome


def test_what_has_nothing_in_common_is_said_to_have_nothing(tmp_path: Path) -> None:
    root = network(tmp_path, files())
    pair = pair_of(root, "cau", "co-tuong")
    assert (pair.outcome, pair.rank, pair.score, pair.terms) == ("explain-below", 0, 0, [])
    assert explained(root, f"{AT}/co-tuong.md").pairs == []


def test_a_near_copy_is_said_to_be_one(tmp_path: Path) -> None:
    body = " ".join(f"Khối bê tông số{n} mố neo{n} dây cáp{n} dịch chuyển." for n in range(30))
    root = network(tmp_path, files(goc=article("Gốc", body=body), chep=article("Chép", body=body)))
    assert pair_of(root, "goc", "chep").outcome == "explain-copy"


def test_what_fills_the_block_or_has_a_title_that_is_there_is_beyond(tmp_path: Path) -> None:
    settings = MAIN_SETTINGS.replace("limit: 5", "limit: 1")
    root = network(tmp_path, {**files(), "site.yaml": settings})
    outcomes = [pair.outcome for pair in explained(root, f"{AT}/cau.md").pairs]
    assert outcomes == ["explain-shown", "explain-beyond"]


def test_a_site_that_shows_only_its_own_or_none_says_so(tmp_path: Path) -> None:
    own = MAIN_SETTINGS.replace("scope: network", "scope: site")
    none = MAIN_SETTINGS.replace(
        "  - {title: Tin liên quan, by: similarity, scope: network, limit: 5}\n", ""
    )
    for settings, outcome in ((own, "explain-elsewhere"), (none, "explain-no-block")):
        root = network(tmp_path / outcome, {**files(), "site.yaml": settings})
        (pair,) = explained(root, f"{AT}/cau.md", "members/sapa/content/tin-tuc/von.md").pairs
        assert pair.outcome == outcome


def test_more_than_a_list_holds_are_crowded_out(tmp_path: Path) -> None:
    many = {
        f"tin{n}": bridge(n, " ".join(f"việc{n}x{k}" for k in range(20))) for n in range(10, 36)
    }
    root = network(tmp_path, files(**many))
    explanation = explained(root, f"{AT}/tin10.md")
    assert len(explanation.pairs) == 24
    listed = {pair.path for pair in explanation.pairs}
    left_out = next(name for name in many if f"{AT}/{name}.md" not in listed and name != "tin10")
    assert pair_of(root, "tin10", left_out).outcome == "explain-crowded"


def test_what_to_write_in_related_names_the_article(tmp_path: Path) -> None:
    root = network(tmp_path, {**files(), "content/y-te/khac.md": bridge(4)})
    references = {pair.path: pair.reference for pair in explained(root, f"{AT}/cau.md").pairs}
    assert references == {
        f"{AT}/phao.md": "phao.md",
        "content/y-te/khac.md": "../y-te/khac.md",
        "members/sapa/content/tin-tuc/von.md": "portal:sapa/tin-tuc/von.md",
    }
    for reference in references.values():
        picked = bridge(1, "Dân quân rào hai đầu.", related=f'["{reference}"]')
        root = network(tmp_path / reference.replace("/", "-"), {
            **files(cau=picked), "content/y-te/khac.md": bridge(4),
        })  # fmt: skip
        picks = [p for p in explained(root, f"{AT}/cau.md").pairs if p.outcome == "explain-picked"]
        assert [pair.reference for pair in picks] == [reference]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        (f"{AT}/cua.md", "explain-unknown-near"),
        ("zzz", "explain-unknown"),
        ("", "explain-unknown"),
        ("\0", "explain-unknown"),
        ("https://tinh.example/khong-co.html", "explain-unknown"),
        ("../../etc/passwd", "explain-unknown"),
        (f"{AT}/nhap.md", "explain-unpublished"),
        (f"{AT}/sai.md", "explain-refused"),
        ("content/trang.md", "explain-page"),
    ],
)
def test_what_is_no_published_article_is_refused_with_a_remedy(
    tmp_path: Path, name: str, code: str
) -> None:
    root = network(tmp_path, {
        **files(nhap=bridge(9, draft="true"), sai="---\ntitle: Sai\ndate: hôm qua\n---\nSai.\n"),
        "content/trang.md": "---\ntitle: Giới thiệu\n---\nTrang.\n",
    })  # fmt: skip
    for arguments in ((name,), (f"{AT}/cau.md", name)) if name else ((name,),):
        with pytest.raises(PortalError) as stopped:
            explained(root, *arguments)
        assert [item.code for item in stopped.value.problems] == [code]


def test_an_article_is_not_compared_with_itself(tmp_path: Path) -> None:
    root = network(tmp_path, files())
    with pytest.raises(PortalError) as stopped:
        explained(root, f"{AT}/cau.md", "https://tinh.example/tin-tuc/cau.html")
    assert [item.code for item in stopped.value.problems] == ["explain-same"]
