"""What a site shows: its articles in their lists, its files, its old addresses; what is refused."""

import os
import re
from pathlib import Path

import pytest
from msgspec.structs import replace

from portalgen import sources
from portalgen.content.classify import Library
from portalgen.content.lists import newest_first
from portalgen.problems import Problem, Problems, problem
from tests.helpers import MAIN_SETTINGS, MEMBER_SETTINGS, NOW, article, network
from tests.quick import look_up

Files = dict[str, str | bytes | None]
SAPA = "members/sapa/content/tin-tuc"
DAY = 86_400


def library(folder: Path, files: Files, problems: Problems | None = None) -> Library:
    return look_up(network(folder, files), problems=problems)[0].library


def refused(folder: Path, files: Files) -> list[Problem]:
    found = Problems()
    library(folder, files, found)
    return sorted(found.items)


def names(articles: list[object]) -> list[str]:
    return [str(getattr(article, "name", "")).rpartition("/")[2] for article in articles]


def day(title: str, number: int, **front: object) -> str:
    return article(title, f"2020-01-{number:02} 08:00", "", **front)


def test_lists_are_newest_first_and_ties_by_path(tmp_path: Path) -> None:
    made = library(tmp_path, {
        "content/tin-tuc/a.md": day("A", 3), "content/tin-tuc/b.md": day("B", 9),
        "content/y-te/c.md": day("C", 3), f"{SAPA}/d.md": day("D", 5, syndicate="true"),
        f"{SAPA}/e.md": day("E", 5), f"{SAPA}/f.md": day("F", 14, draft="true"),
        "content/z.md": article("Z", ""), "content/gioi-thieu.md": article("G", ""),
    })  # fmt: skip
    main, sapa = made.sites["main"], made.sites["sapa"]
    assert names([*main.own]) == ["b.md", "a.md", "c.md"]
    assert names([*main.listed]) == ["b.md", "d.md", "a.md", "c.md"]
    assert names([*sapa.own]) == names([*sapa.listed]) == ["d.md", "e.md"]
    assert names([*main.pages]) == ["gioi-thieu.md", "z.md"]
    assert names([*main.sections["tin-tuc"].articles]) == ["b.md", "d.md", "a.md"]
    assert names([*main.sections["y-te"].articles]) == ["c.md"]
    assert list(main.sections) == ["tin-tuc", "y-te"]
    assert newest_first(reversed(main.listed)) == main.listed


def test_a_section_that_only_a_member_has_costs_the_main_portal_nothing(tmp_path: Path) -> None:
    made = library(tmp_path, {
        "site.yaml": MAIN_SETTINGS.replace("- {slug: y-te, title: Y tế}",
                                           "- {slug: y-te, title: Y tế, description: Khỏe}"),
        "members/sapa/site.yaml": MEMBER_SETTINGS + "sections: [{slug: le, title: Lễ hội}]\n",
        "members/sapa/content/le/a.md": day("A", 3, syndicate="true"),
    })  # fmt: skip
    section = made.sites["main"].sections["y-te"]
    assert (section.slug, section.title, section.description) == ("y-te", "Y tế", "Khỏe")
    assert names([*made.sites["main"].listed]) == ["a.md"]
    assert names([*made.sites["sapa"].sections["le"].articles]) == ["a.md"]


def test_a_tag_of_two_has_a_list_under_its_most_frequent_spelling(tmp_path: Path) -> None:
    index = library(tmp_path, {
        "content/tin-tuc/a.md": day("A", 1, tags="[hòa bình, Du lịch, một]"),
        "content/tin-tuc/b.md": day("B", 2, tags="[hoà bình, du lịch]"),
        "content/tin-tuc/c.md": day("C", 3, tags="[hoà bình, du lịch, '!!!', hòa bình]"),
        "content/tin-tuc/d.md": day("D", 4, tags="['!!!', Ánh, ánh, zeta]"),
        "content/tin-tuc/e.md": day("E", 5, tags="[ánh, Ánh, zeta]"),
    }).sites["main"]  # fmt: skip
    assert {slug: (tag.title, names([*tag.articles])) for slug, tag in index.tags.items()} == {
        "hoa-binh": ("hoà bình", ["c.md", "b.md", "a.md"]),
        "du-lich": ("du lịch", ["c.md", "b.md", "a.md"]),
        "anh": ("Ánh", ["e.md", "d.md"]), "zeta": ("zeta", ["e.md", "d.md"]),
    }  # fmt: skip
    assert list(index.tags) == ["anh", "hoa-binh", "du-lich", "zeta"]
    assert all(slug == tag.slug for slug, tag in index.tags.items())
    assert index.tag_slugs == {
        "hòa bình": "hoa-binh", "hoà bình": "hoa-binh", "du lịch": "du-lich",
        "Du lịch": "du-lich", "ánh": "anh", "Ánh": "anh", "zeta": "zeta",
    }  # fmt: skip


def test_of_two_tags_that_fold_alike_the_more_frequent_has_the_plain_address(
    tmp_path: Path,
) -> None:
    files: Files = {
        "content/tin-tuc/a.md": day("A", 1, tags="[Sa Pa, sà pả, zeta]"),
        "content/tin-tuc/b.md": day("B", 2, tags="[Sa Pa, sà pả, zeta]"),
        "content/tin-tuc/c.md": day("C", 3, tags="[Sa Pa]"),
    }
    found = Problems()
    index = library(tmp_path, files, found).sites["main"]
    assert found.items == []
    assert names([*index.tags["sa-pa"].articles]) == ["c.md", "b.md", "a.md"]
    other = index.tag_slugs.pop("sà pả")
    assert re.fullmatch("sa-pa-[0-9a-f]{4}", other)
    assert names([*index.tags[other].articles]) == ["b.md", "a.md"]
    assert index.tag_slugs == {"Sa Pa": "sa-pa", "zeta": "zeta"}


def test_topics_are_those_of_the_settings_and_those_that_articles_name(tmp_path: Path) -> None:
    topics = "topics: [{slug: mua, title: Mùa vụ, description: Gieo, banner: [x]}]\n"
    index = library(tmp_path, {
        "site.yaml": MAIN_SETTINGS + topics,
        "content/tin-tuc/a.md": day("A", 1, topics="[mùa vụ, Mùa Vụ, Chợ phiên, '!!!']"),
        "content/tin-tuc/b.md": day("B", 2, topics="[Chợ phiên]"),
    }).sites["main"]  # fmt: skip
    assert [(t.slug, t.title, t.description, names([*t.articles])) for t in index.topics.values()
    ] == [
        ("mua", "Mùa vụ", "Gieo", ["a.md"]), ("cho-phien", "Chợ phiên", "", ["b.md", "a.md"]),
    ]  # fmt: skip
    assert index.topics_of(index.own[1]) == ["mua", "cho-phien"]
    assert index.topic_slugs == {"mùa vụ": "mua", "Mùa Vụ": "mua", "Chợ phiên": "cho-phien"}


@pytest.mark.parametrize(
    ("alias", "route"),
    [("/cu.html", "cu.html"), ("/cu", "cu/index.html"), ("/cu/", "cu/index.html"),
     ("/a.b/cu", "a.b/cu/index.html"), ("/a/cu.php", "a/cu.php"), ("/Cu.html", "Cu.html")],
)  # fmt: skip
def test_an_old_address_leads_to_its_article(tmp_path: Path, alias: str, route: str) -> None:
    index = library(tmp_path, {
        "content/tin-tuc/a.md": day("A", 1), "content/gioi-thieu.md": article("G", "", id="g"),
        "content/tin-tuc/b.md": day("B", 2, aliases=f"['{alias}']"),
        "content/lien-he.md": article("L", "", aliases="[/lh.html]"),
    }).sites["main"]  # fmt: skip
    assert {at: article.name for at, article in index.aliases.items()} == {
        route: "tin-tuc/b.md", "lh.html": "lien-he.md",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("alias", "other"),
    [("/tin-tuc/", "site.yaml"), ("/tin-tuc/a.html", "content/tin-tuc/a.md"),
     ("/RSS.xml", "site.yaml"), ("/tag/ruong.html", "site.yaml"), ("/t.txt", "static/T.txt"),
     ("/chuyen-de/le.html", "site.yaml"), ("/cu.html", "content/tin-tuc/a.md"),
     ("/manifest.json", "portalgen deploy"), ("/thanh-vien.html", "site.yaml")],
)  # fmt: skip
def test_an_old_address_never_takes_what_another_has(
    tmp_path: Path, alias: str, other: str
) -> None:
    front = {"tags": "[ruộng]", "topics": "[Lễ]"}
    said = problem("alias-taken", "content/tin-tuc/b.md", 1, 0, alias=alias, other=other)
    assert refused(tmp_path, {
        "content/tin-tuc/a.md": day("A", 1, aliases="[/CU.html]", **front), "static/T.txt": "x",
        "content/tin-tuc/b.md": day("B", 2, aliases=f"['{alias}']", **front),
    }) == [said._replace(site="main")]  # fmt: skip


def test_an_old_address_that_no_file_can_have_is_told(tmp_path: Path) -> None:
    alias = "/" + "a" * 300 + ".html"
    said = problem("alias-too-long", "content/tin-tuc/a.md", 1, 0, alias=f"/{'a' * 59}…",
                   limit=252, whole=900)  # fmt: skip
    files: Files = {"content/tin-tuc/a.md": day("A", 1, aliases=f"[{alias}]")}
    assert refused(tmp_path, files) == [said._replace(site="main")]


def test_a_list_where_an_article_stands_is_told_at_the_article(tmp_path: Path) -> None:
    at = "members/sapa/content/tin-tuc"
    for folder, title, front in (("tag", "ruộng", "tags"), ("chuyen-de", "ruộng", "topics")):
        said = problem("same-url", f"{at}/ruong.md", 1, 0, url=f"/{folder}/ruong.html", other=title)
        found = refused(tmp_path / folder, {
            "members/sapa/site.yaml": MEMBER_SETTINGS + f"permalink: /{folder}/{{slug}}.html\n",
            f"{at}/ruong.md": day("Ruộng", 1, **{front: "[ruộng]"}),
            f"{at}/b.md": day("Khác", 2, **{front: "[ruộng]"}),
        })  # fmt: skip
        assert found == [said._replace(site="sapa")]


LINKS = {
    "portal:sapa/tin-tuc/s.md": True, "portal:sapa/tin-tuc/nhap.md": True,
    "portal:sapa/tin-tuc/khong.md": False, "portal:khong/tin-tuc/s.md": False,
    "/": True, "/tin-tuc/": True, "/tin-tuc/rss.xml": True, "/tin-tuc/b.html": True,
    "/tin-tuc/b.html?x=1": True, "/tin-tuc/khong.html": False, "/tin-tuc/trang-3.html": True,
    "/trang-3.html": True, "/tin-tuc/trang-x.html": False, "/tag/ruong.html": True,
    "/tag/khong.html": False, "/chuyen-de/le.html": True, "/chuyen-de/mua.html": True,
    "/chuyen-de/khong.html": False, "/cu.html": True, "/t.txt": True, "/T.txt": False,
    "/rss.xml": True, "/news-sitemap.xml": True, "/thanh-vien.html": True, "/index.html": True,
    "/tin-tuc/s.html": False, "/nhap.html": True, "https://khac.example/": True,
    "http://khac.example/": True, "/le-hoi/": False,
}  # fmt: skip


def test_what_is_picked_by_hand_leads_somewhere(tmp_path: Path) -> None:
    files: Files = {
        "site.yaml": MAIN_SETTINGS + "topics: [{slug: mua, title: Mùa vụ, banner: [x]}]\n",
        f"{SAPA}/s.md": day("S", 1), f"{SAPA}/nhap.md": day("N", 1, draft="true"),
        "content/tin-tuc/b.md": day("B", 1, tags="[ruộng]", topics="[Lễ]", aliases="[/cu.html]"),
        "content/nhap.md": article("N", "", draft="true"), "static/t.txt": "x",
    }  # fmt: skip
    for number, target in enumerate(LINKS):
        files[f"content/y-te/a{number}.md"] = day("A", 1, related=f"['{target}']")
    problems = Problems()
    warnings = library(tmp_path, files, problems).warnings
    assert problems.items == []
    assert {(p.code, p.line, dict(p.values)["target"]) for p in warnings} == {
        ("link-near" if target == "/T.txt" else "link-nowhere", 4, target)
        for target, is_good in LINKS.items() if not is_good
    }  # fmt: skip


def test_each_link_that_leads_nowhere_is_told_where_it_is(tmp_path: Path) -> None:
    problems = Problems()
    warnings = library(tmp_path, {"content/tin-tuc/a.md": article(
        "A", "2020-01-01", "Chữ [a](portal:sapa/a.md)", related="[/b.html]", unrelated="[/c.html]"
    )}, problems).warnings  # fmt: skip
    assert problems.items == []
    assert sorted((p.line, p.column, dict(p.values)["target"], p.site) for p in warnings) == [
        (4, 11, "/b.html", "main"), (5, 13, "/c.html", "main"), (7, 9, "portal:sapa/a.md", "main"),
    ]  # fmt: skip


def test_an_article_at_the_address_of_an_older_page_is_refused(tmp_path: Path) -> None:
    said = problem("same-url", "content/tin-tuc/trang-2.md", 1, 0, url="/tin-tuc/trang-2.html",
                   other="site.yaml")  # fmt: skip
    assert refused(tmp_path, {"content/tin-tuc/trang-2.md": day("A", 1)}) == [
        said._replace(site="main")
    ]


def test_an_address_may_name_the_day(tmp_path: Path) -> None:
    made = library(tmp_path, {
        "members/sapa/site.yaml": MEMBER_SETTINGS + "permalink: /{year}/{month}{day}/{slug}.html\n",
        f"{SAPA}/a.md": day("A", 3),
    })  # fmt: skip
    assert made.routes == {f"{SAPA}/a.md": "2020/0103/a.html"}


def test_an_article_whose_address_no_file_can_have_is_refused(tmp_path: Path) -> None:
    slug = "a" * 80
    name = f"{SAPA}/a.md"
    permalink = "/" + "x" * 180 + "{slug}.html"
    said = problem("address-too-long", name, 1, 0, limit=252, whole=900)
    assert refused(tmp_path, {
        "members/sapa/site.yaml": MEMBER_SETTINGS + f"permalink: {permalink}\n",
        name: day("A", 1, slug=slug),
    }) == [said._replace(site="sapa")]  # fmt: skip


def test_of_two_with_one_address_or_id_the_second_is_told_of_the_first(tmp_path: Path) -> None:
    a, b = "content/tin-tuc/a.md", "content/tin-tuc/b.md"
    for front in ({"slug": "bai"}, {"id": "k"}):
        said = (
            problem("same-url", b, 1, 0, other=a, url="/tin-tuc/bai.html") if "slug" in front
            else problem("same-id", b, 1, 0, other=a, id="k")
        )  # fmt: skip
        files: Files = {a: day("A", 1, **front), b: day("B", 2, **front)}
        assert refused(tmp_path / min(front), files) == [said._replace(site="main")]


def test_the_next_change_is_the_first_that_waits_or_expires(tmp_path: Path) -> None:
    root = network(tmp_path, {"content/tin-tuc/a.md": day("A", 20)})
    assert look_up(root)[0].library.next_change == NOW + 5 * DAY
    assert look_up(root, now=NOW + 6 * DAY)[0].library.next_change == 0


def test_an_article_takes_the_place_of_another_in_every_list(tmp_path: Path) -> None:
    front = {"tags": "[ruộng]", "topics": "[Lễ]", "syndicate": "true"}
    made = library(tmp_path, {
        f"{SAPA}/a.md": day("A", 1, **front), f"{SAPA}/b.md": day("B", 2, **front),
        "content/gioi-thieu.md": article("G", ""), "content/tin-tuc/c.md": day("C", 3),
    })  # fmt: skip
    for old in (made.by_name["sapa", "tin-tuc/a.md"], made.by_name["main", "gioi-thieu.md"]):
        new = replace(old, title="Mới")
        made.replace(old, new)
        assert made.by_name[old.site, old.name] is new
    lists = [
        (slug, name, [article.title for article in articles])
        for slug, index in made.sites.items()
        for name, articles in [
            ("own", index.own), ("listed", index.listed), ("pages", index.pages),
            *((f"{kind}/{slug}", listing.articles)
              for kind in ("sections", "tags", "topics")
              for slug, listing in getattr(index, kind).items()),
        ]
        if articles
    ]  # fmt: skip
    both = ["B", "Mới"]
    assert lists == [
        ("main", "own", ["C"]), ("main", "listed", ["C", *both]), ("main", "pages", ["Mới"]),
        ("main", "sections/tin-tuc", ["C", *both]), ("main", "tags/ruong", both),
        ("main", "topics/le", both), ("sapa", "own", both), ("sapa", "listed", both),
        ("sapa", "sections/tin-tuc", both), ("sapa", "tags/ruong", both),
        ("sapa", "topics/le", both),
    ]  # fmt: skip


def test_files_are_those_that_can_be_published_in_order(tmp_path: Path) -> None:
    there = ["b.txt", "a/z.txt", "a.txt", "b/c/d.txt", ".well-known/security.txt",
             ".well-known/.an", ".an", "a/.an", "B.txt"]  # fmt: skip
    made = library(tmp_path, {f"static/{name}": "x" for name in there})
    assert made.sites["main"].static == [
        "B.txt", "a.txt", "b.txt", ".well-known/.an", ".well-known/security.txt", "a/z.txt",
        "b/c/d.txt",
    ]  # fmt: skip
    assert made.sites["sapa"].static == []


ODD: dict[str, tuple[str, Problem]] = {
    "a record of deploy": (
        "Manifest.json/x.txt",
        problem("reserved-file", "{}/Manifest.json/x.txt", name="Manifest.json"),
    ),
    "a backslash": ("a\\b.txt", problem("odd-file-name", "{}/a\\b.txt")),
    "a whole address too long": (
        "/".join(["a" * 200] * 5), problem("address-too-long", "{}/" + "/".join(["a" * 200] * 5),
                                           limit=255, whole=900),
    ),
}  # fmt: skip


@pytest.mark.parametrize("site", ["main", "sapa"])
@pytest.mark.parametrize("odd", ODD)
def test_a_file_that_cannot_be_published_is_told(tmp_path: Path, odd: str, site: str) -> None:
    folder = "static" if site == "main" else "members/sapa/static"
    name, said = ODD[odd]
    found = Problems()
    made = library(tmp_path, {f"{folder}/{name}": "x", f"{folder}/{'b' * 255}": "x"}, found)
    assert found.items == [said._replace(site=site, path=said.path.format(folder))]
    assert made.sites[site].static == ["b" * 255]


@pytest.mark.parametrize("site", ["main", "sapa"])
def test_what_is_no_file_or_too_large_is_told(
    tmp_path: Path, site: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "MAX_FILE_BYTES", 2_000_000)
    folder = "static" if site == "main" else "members/sapa/static"
    root = network(tmp_path, {f"{folder}/lon.bin": b"x" * 2_000_001, f"{folder}/vua.bin":
                              b"x" * 2_000_000})  # fmt: skip
    os.mkfifo(root / folder / "ong")
    os.symlink("khong-co", root / folder / "mat")
    os.symlink("vua.bin", root / folder / "noi.bin")
    os.symlink(tmp_path, root / folder / "ra-ngoai")
    (tmp_path / "ngoai.txt").write_text("x")
    os.symlink(tmp_path / "ngoai.txt", root / folder / "ngoai.txt")
    (root / folder / os.fsdecode(b"\xff.txt")).write_text("x")
    found = Problems()
    made = look_up(root, problems=found)[0].library
    assert made.sites[site].static == ["noi.bin", "vua.bin"]
    assert {(item.code, item.path, item.values) for item in found.items} >= {
        ("large-file", f"{folder}/lon.bin", (("megabytes", "2"),)),
        ("not-a-file", f"{folder}/ong", ()),
        ("symlink-outside", f"{folder}/ngoai.txt", ()),
        ("file-name", f"{folder}/\\udcff.txt", ()),
    }  # fmt: skip
    assert {item.path for item in found.items} == {
        f"{folder}/{name}" for name in ("lon.bin", "ong", "mat", "ngoai.txt", "\\udcff.txt")
    }
    assert {item.site for item in found.items} == {site}


def test_a_members_folder_of_files_that_leads_out_of_its_house_is_told(tmp_path: Path) -> None:
    root = network(tmp_path, {})
    (tmp_path / "khac").mkdir()
    (tmp_path / "khac/a.txt").write_text("x")
    os.symlink(tmp_path / "khac", root / "members/sapa/static")
    os.symlink(tmp_path / "khac", root / "static")
    found = Problems()
    made = look_up(root, problems=found)[0].library
    assert found.items == [problem("symlink-outside", "members/sapa/static")._replace(site="sapa")]
    assert made.sites["sapa"].static == []
    assert made.sites["main"].static == ["a.txt"]
