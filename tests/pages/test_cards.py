"""What sites show of articles, their own and others'."""

import json
from pathlib import Path

import pytest
from msgspec.structs import replace

from portalgen.content.model import Reference
from portalgen.pages.cards import Cards, plan_search, search_record
from portalgen.settings.site import Site
from tests.helpers import NOW, article, network
from tests.quick import look_up

AT = "content/tin-tuc/"
SAPA = "members/sapa/content/tin-tuc/"
FILES = {
    f"{AT}a.md": article("Bài A", body="Câu đầu.\n\n[c](portal:sapa/tin-tuc/c.md) [b](b.md) "
                         "[d](d.md)"),
    f"{AT}b.md": article("Bài B"),
    f"{AT}d.md": article("Nháp", draft="true"),
    f"{SAPA}c.md": article("Bài C", tags="[lúa]"),
    "members/bacha/site.yaml": "title: Bac Ha\nlanguage: en\n",
    "content/gioi-thieu.md": article("Giới thiệu", ""),
}  # fmt: skip


def cards_of(folder: Path, now: int = NOW) -> tuple[Cards, Site, Site]:
    """The cards of a network, and the sites `main` and `sapa`."""
    cards, _ = look_up(network(folder, FILES), now=now)
    return cards, cards.sites["main"], cards.sites["sapa"]


def test_a_card_names_the_member_and_its_host_on_other_sites_only(tmp_path: Path) -> None:
    cards, main, sapa = cards_of(tmp_path)
    own, elsewhere = (cards.card(cards.articles[f"{SAPA}c.md"], site) for site in (sapa, main))
    assert (own.href, own.member, own.section) == ("/tin-tuc/c.html", "", "Tin tức")
    assert (elsewhere.href, elsewhere.member, elsewhere.section) == (
        "https://sapa.tinh.example/tin-tuc/c.html", "Sa Pa", "Tin tức",
    )  # fmt: skip
    assert (elsewhere.title, elsewhere.summary) == ("Bài C", "Bài C")


def test_a_label_is_in_the_language_of_the_site_that_shows_it(tmp_path: Path) -> None:
    cards, main, _ = cards_of(tmp_path)
    bacha, shown = cards.sites["bacha"], cards.articles[f"{AT}a.md"]
    draft = replace(shown, draft=True)
    waiting = replace(shown, date=NOW + 1)
    assert [cards.status(each) for each in (shown, draft, waiting)] == ["", "draft", "scheduled"]
    assert cards.status(replace(shown, date=NOW)) == ""
    assert [cards.label(each, main) for each in (shown, draft, waiting)] == [
        "", "Bản nháp", "Hẹn giờ đăng",
    ]  # fmt: skip
    assert [cards.label(each, bacha) for each in (draft, waiting)] == ["Draft", "Scheduled"]
    assert [cards.card(draft, site).status for site in (main, bacha)] == ["Bản nháp", "Draft"]


@pytest.mark.parametrize(
    ("target", "path", "on_main", "on_sapa"),
    [
        ("portal:sapa/tin-tuc/c.md", f"{SAPA}c.md", True, True),
        ("https://sapa.tinh.example/tin-tuc/c.html", f"{SAPA}c.md", True, True),
        ("https://tinh.example/tin-tuc/a.html", f"{AT}a.md", True, True),
        ("/tin-tuc/a.html", f"{AT}a.md", True, False),
        ("/tin-tuc/c.html", f"{SAPA}c.md", False, True),
        ("portal:main/tin-tuc/d.md", "", False, False),
        ("https://tinh.example/khac.html", "", False, False),
    ],
)
def test_a_reference_is_found_by_name_by_address_and_by_path_on_its_site(
    tmp_path: Path, target: str, path: str, on_main: bool, on_sapa: bool
) -> None:
    cards, main, sapa = cards_of(tmp_path)
    for site, expected in ((main, on_main), (sapa, on_sapa)):
        target_article = cards.find_on(site, Reference(target, 1, 1))
        assert (target_article.path if target_article else "") == (path if expected else "")
    plain = cards.find(Reference(target, 1, 1))
    assert (plain is not None) == (bool(path) and not target.startswith("/"))


def test_links_are_paths_on_the_own_site_and_addresses_elsewhere(tmp_path: Path) -> None:
    cards, main, sapa = cards_of(tmp_path)
    linking = cards.articles[f"{AT}a.md"]
    there = "https://sapa.tinh.example/tin-tuc/c.html"
    here = "https://tinh.example/tin-tuc/b.html"
    names = [f"portal:{name}.md" for name in ("sapa/tin-tuc/c", "main/tin-tuc/b", "main/tin-tuc/d")]
    for site, absolute, addresses in (
        (main, False, [there, "/tin-tuc/b.html", ""]),
        (main, True, [there, here, ""]),
        (sapa, False, ["/tin-tuc/c.html", here, ""]),
    ):
        assert cards.links(linking, site, absolute) == tuple(zip(names, addresses))


def test_a_new_version_of_an_article_takes_its_place_everywhere(tmp_path: Path) -> None:
    cards, main, sapa = cards_of(tmp_path)
    before = cards.articles[f"{AT}a.md"]
    digest = cards.card_digests[before.path]
    ids = cards.card_digests_by_id
    assert [cards.card(before, site).title for site in (main, sapa)] == ["Bài A", "Bài A"]
    assert cards.folded(before) == "bai a"
    after = replace(before, title="Tựa mới")
    cards.replace(before, after)
    assert [cards.card(after, site).title for site in (main, sapa)] == ["Tựa mới", "Tựa mới"]
    assert cards.folded(after) == "tua moi"
    assert cards.card_digests[before.path] != digest
    assert cards.card_digests_by_id != ids
    assert cards.find(Reference("https://tinh.example/tin-tuc/a.html", 1, 1)) is after
    assert cards.articles[before.path] is after


def test_the_main_portal_searches_all_articles_and_no_plain_page(tmp_path: Path) -> None:
    cards, main, sapa = cards_of(tmp_path)
    whole, own = (plan_search(cards, site) for site in (main, sapa))
    assert sorted(whole.articles) == [
        f"{AT}a.md", f"{AT}b.md", f"{SAPA}c.md",
    ]  # fmt: skip
    assert list(own.articles) == [f"{SAPA}c.md"]


def test_a_section_in_the_search_has_the_title_of_the_site_itself(tmp_path: Path) -> None:
    own = "sections: [{slug: tin-tuc, title: Tin Sa Pa}]\n"
    files = {**FILES, "members/sapa/site.yaml": f"title: Sa Pa\n{own}"}
    cards, _ = look_up(network(tmp_path, files))
    facets = [json.loads(plan_search(cards, cards.sites[slug]).facets) for slug in ("main", "sapa")]
    assert [values["sections"] for values in facets] == [
        [["tin-tuc", "Tin tức"]], [["tin-tuc", "Tin Sa Pa"]],
    ]  # fmt: skip
    assert [values["sites"] for values in facets] == [
        [["main", "Tỉnh"], ["sapa", "Sa Pa"]], [["sapa", "Sa Pa"]],
    ]  # fmt: skip


def test_a_search_shows_where_an_article_is_and_its_first_words(tmp_path: Path) -> None:
    cards, main, sapa = cards_of(tmp_path)
    record = search_record(cards, main, f"{SAPA}c.md", "chữ " * 100_000)
    assert (record.title, record.href, record.member, record.site, record.tags) == (
        "Bài C", "https://sapa.tinh.example/tin-tuc/c.html", "Sa Pa", "sapa", ("lúa",),
    )  # fmt: skip
    assert len(record.text) < 100_000
    assert search_record(cards, sapa, f"{SAPA}c.md", "").href == "/tin-tuc/c.html"
