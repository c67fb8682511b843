"""Related news: what was picked by hand, what is similar, what stands near in the section."""

from pathlib import Path

import pytest

from portalgen.pages import contexts as c
from tests.helpers import MAIN_SETTINGS, article, network
from tests.quick import plan

SIMILAR = "{title: Giống, by: similarity, scope: network, limit: 3}"
SIMILAR_HERE = "{title: Giống ở đây, by: similarity, scope: site, limit: 3}"
SECTION = "{title: Cùng mục, by: section, limit: 6}"
FILES = {
    **{f"content/tin-tuc/{n}.md": article(f"Tin {n}", f"2020-01-0{n} 08:00") for n in range(1, 10)},
    **{f"members/sapa/content/tin-tuc/s{n}.md": article(f"Sa Pa {n}") for n in range(1, 4)},
}


def settings(*blocks: str) -> str:
    before, _, after = MAIN_SETTINGS.partition("related:\n")
    return f"{before}related: [{', '.join(blocks)}]\nmembers:{after.partition('members:')[2]}"


def blocks(
    folder: Path, number: int, near: list[str], *wanted: str, **front: object
) -> dict[str, list[str]]:
    """The titles in each block under article `number`; `near`: what it resembles, best first."""
    return {block.title: [card.title for card in block.cards]
            for block in made(folder, number, near, *wanted, **front)}  # fmt: skip


def made(
    folder: Path, number: int, near: list[str], *wanted: str, **front: object
) -> tuple[c.Block, ...]:
    own = f"content/tin-tuc/{number}.md"
    date = f"2020-01-0{number} 08:00"
    root = network(folder, {
        **FILES, own: article(f"Tin {number}", date, "", **front), "site.yaml": settings(*wanted),
        "content/tin-tuc/nhap.md": article("Nháp", draft="true"),
    })  # fmt: skip
    paths = [f"members/sapa/content/tin-tuc/{name}.md" if name[0] == "s"
             else f"content/tin-tuc/{name}.md" for name in near]  # fmt: skip
    context = plan(root, near={own: paths})[f"tin-tuc/{number}.html"].context
    assert isinstance(context, c.ArticleContext)
    return context.related


def test_older_ones_of_the_section_come_first_then_newer_ones_the_nearest_first(
    tmp_path: Path,
) -> None:
    titles = blocks(tmp_path, 4, [], SECTION)["Cùng mục"]
    assert titles == ["Tin 3", "Tin 2", "Tin 1", "Tin 5", "Tin 6", "Tin 7"]


@pytest.mark.parametrize(
    ("number", "titles"),
    [(9, ["Tin 8", "Tin 7"]), (5, ["Tin 4", "Tin 3", "Tin 6", "Tin 7", "Tin 8"])],
)
def test_a_block_looks_only_so_far(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, titles: list[str]
) -> None:
    monkeypatch.setattr("portalgen.pages.related_blocks.SECTION_RANGE", 3)
    assert blocks(tmp_path, number, [], SECTION) == {"Cùng mục": titles}


def test_what_is_similar_comes_best_first_from_all_sites_up_to_the_limit(tmp_path: Path) -> None:
    near = ["s2", "3", "s1", "4"]
    assert blocks(tmp_path, 5, near, SIMILAR) == {"Giống": ["Sa Pa 2", "Tin 3", "Sa Pa 1"]}


def test_a_block_of_the_site_shows_no_other_site(tmp_path: Path) -> None:
    near = ["s2", "3", "s1", "4"]
    assert blocks(tmp_path, 5, near, SIMILAR_HERE) == {"Giống ở đây": ["Tin 3", "Tin 4"]}


def test_what_stands_above_is_not_shown_again(tmp_path: Path) -> None:
    titles = blocks(tmp_path, 5, ["4", "6"], SIMILAR, SECTION)
    assert titles["Giống"] == ["Tin 4", "Tin 6"]
    assert titles["Cùng mục"] == ["Tin 3", "Tin 2", "Tin 1", "Tin 7", "Tin 8", "Tin 9"]


def test_a_block_without_cards_is_left_out(tmp_path: Path) -> None:
    assert list(blocks(tmp_path, 5, [], SIMILAR, SECTION)) == ["Cùng mục"]


def test_only_a_block_of_the_section_leads_to_all_of_it(tmp_path: Path) -> None:
    hrefs = [(block.title, block.href) for block in made(tmp_path, 5, ["3"], SIMILAR, SECTION)]
    assert hrefs == [("Giống", ""), ("Cùng mục", "/tin-tuc/")]


@pytest.mark.parametrize(
    ("wanted", "leading"),
    [((SECTION, SIMILAR, SIMILAR_HERE), "Giống"), ((SECTION,), "Cùng mục")],
)
def test_what_was_picked_leads_the_block_of_what_is_similar_else_the_first(
    tmp_path: Path, wanted: tuple[str, ...], leading: str
) -> None:
    titles = blocks(tmp_path, 5, ["3", "2", "8"], *wanted, related="[portal:sapa/tin-tuc/s3.md]")
    first = [each[0] for each in titles.values()]
    assert first.count("Sa Pa 3") == 1
    assert titles[leading][0] == "Sa Pa 3"


def test_what_was_picked_counts_to_the_limit_and_is_not_shown_again(tmp_path: Path) -> None:
    titles = blocks(tmp_path, 5, ["s3", "s1", "4", "3"], SIMILAR, related="[/tin-tuc/7.html, "
                    "portal:sapa/tin-tuc/s3.md, portal:sapa/tin-tuc/s3.md]")  # fmt: skip
    assert titles == {"Giống": ["Tin 7", "Sa Pa 3", "Sa Pa 1"]}


def test_the_article_itself_is_never_picked_nor_what_was_banned(tmp_path: Path) -> None:
    titles = blocks(tmp_path, 5, ["3"], SIMILAR, related="[5.md, 6.md, 7.md]", unrelated="[6.md]")
    assert titles == {"Giống": ["Tin 7", "Tin 3"]}


def test_a_picked_address_elsewhere_is_shown_as_it_is(tmp_path: Path) -> None:
    away = "https://khac.example/tin.html"
    [block] = made(tmp_path, 5, [], SIMILAR, related=f"['{away}', nhap.md]")
    assert block.cards == (c.Card(away, away, "", "", "", "", "", None, ""),)


@pytest.mark.parametrize(
    "banned", ["4.md", "/tin-tuc/4.html", "https://tinh.example/tin-tuc/4.html"]
)
def test_what_was_banned_is_never_shown(tmp_path: Path, banned: str) -> None:
    titles = blocks(tmp_path, 5, ["4", "3"], SIMILAR, SECTION, unrelated=f"['{banned}', nhap.md]")
    assert titles["Giống"] == ["Tin 3"]
    assert "Tin 4" not in titles["Cùng mục"]


def test_the_same_title_is_not_shown_twice_as_similar(tmp_path: Path) -> None:
    twice = {
        "content/tin-tuc/4.md": article("TIN 5", "2020-01-04 08:00"),
        "members/sapa/content/tin-tuc/s1.md": article("Tin 3"),
    }
    root = network(tmp_path, {**FILES, **twice, "site.yaml": settings(SIMILAR, SECTION)})
    own = "content/tin-tuc/5.md"
    near = [*twice, "content/tin-tuc/3.md", "content/tin-tuc/2.md"]
    context = plan(root, near={own: near})["tin-tuc/5.html"].context
    assert [[card.title for card in block.cards] for block in context.related] == [
        ["Tin 3", "Tin 2"], ["TIN 5", "Tin 3", "Tin 1", "Tin 6", "Tin 7", "Tin 8"],
    ]  # fmt: skip


def test_a_site_without_blocks_has_none(tmp_path: Path) -> None:
    assert blocks(tmp_path, 5, ["3"], related="[4.md]") == {}
