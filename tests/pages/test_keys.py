"""The key of a site: each thing that its pages show of others, edited alone, makes them anew."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from portalgen.changes.manifest import Manifest
from portalgen.pages import make
from tests.helpers import (
    MAIN_SETTINGS,
    MEMBER_SETTINGS,
    NOW,
    article,
    network,
    page,
    picture,
    run,
    tree,
    write,
)

pytestmark = pytest.mark.usefixtures("quick_themes")

DAY = 86_400
DATE = "2020-01-10 16:46"
Files = Mapping[str, str | bytes | None]

WORDS = "Mùa vàng trên ruộng bậc thang Mường Hum đón khách du lịch"
NEAR = WORDS + ". Một câu khác hẳn cho bài này thôi nhé."
THERE = "members/sapa/content/tin-tuc/b.md"
SETTINGS = "members/sapa/site.yaml"
# `a` of the main portal and `b` of a member resemble each other, and nothing else does.
BASE: Files = {
    "members/bacha/site.yaml": "title: Bắc Hà\n",
    "content/tin-tuc/a.md": article("Mùa vàng Mường Hum", body=WORDS, tags="[Mường Hum]"),
    THERE: article("Lúa chín Mường Hum", body=NEAR, tags="[Mường Hum]"),
    "members/bacha/content/tin-tuc/c.md": article("Chợ phiên"),
}


def neighbour(title: str = "Lúa chín Mường Hum", body: str = NEAR, **front: object) -> str:
    return article(title, DATE, body, tags="[Mường Hum]", **front)


def linking(**front: object) -> str:
    return article("Đường lên chợ", DATE, "[Chợ](portal:bacha/tin-tuc/c.md)", **front)


def moved(old: str, new: str) -> Files:
    return {old: None, new: neighbour()}


def member(old: str, new: str) -> Files:
    return {SETTINGS: MEMBER_SETTINGS.replace(old, new)}


SIMILAR = "  - {title: Tin liên quan, by: similarity, scope: network, limit: 5}\n"
# What is similar comes after the others of the section: only there do cards have a summary.
LAST = MAIN_SETTINGS.replace(SIMILAR, "").replace("members:", SIMILAR + "members:")
SHARED = {THERE: article("Hội xuân", syndicate="true")}
# What is there besides, what is edited, and a page of another site that shows it.
EDITS: dict[str, tuple[Files, Files, str]] = {
    "the title of a neighbour": ({}, {THERE: neighbour("Lúa chín")}, "main/tin-tuc/a.html"),
    "the summary of a neighbour": (
        {"site.yaml": LAST, "content/tin-tuc/e.md": article("Chợ đêm"),
         THERE: neighbour(lead="Vàng.")},
 {THERE: neighbour(lead="Chín.")}, "main/tin-tuc/a.html",
    ),
    "the date of a neighbour": (
        {}, {THERE: neighbour().replace("01-10", "01-09")}, "main/tin-tuc/a.html",
    ),
    "the address of a neighbour": ({}, {THERE: neighbour(slug="lua")}, "main/tin-tuc/a.html"),
    "the picture of a neighbour": (
        {THERE.replace(".md", ".png"): picture(40, 30, "PNG")}, {THERE: neighbour(image="b.png")},
        "main/tin-tuc/a.html",
    ),
    "the site of a neighbour": (
        {}, moved(THERE, THERE.replace("sapa", "bacha")), "main/tin-tuc/a.html",
    ),
    "a neighbour that goes": ({}, {THERE: None}, "main/tin-tuc/a.html"),
    "what one links to": (
        {"members/sapa/content/y-te/d.md": linking()},
        {"members/bacha/content/tin-tuc/c.md": article("Chợ phiên", draft="true")},
        "sapa/y-te/d.html",
    ),
    "where what one links to stands": (
        {"members/sapa/content/y-te/d.md": linking()},
        {"members/bacha/content/tin-tuc/c.md": article("Chợ phiên", slug="cho")},
        "sapa/y-te/d.html",
    ),
    "what a shared article links to": (
        {THERE: linking(syndicate="true"),
         "site.yaml": MAIN_SETTINGS + "feeds: {full_text: true}\n"},
        {"members/bacha/content/tin-tuc/c.md": article("Chợ phiên", draft="true")},
        "main/rss.xml",
    ),
    "what was picked by hand": (
        {"members/sapa/content/y-te/d.md": article(
            "Trạm", related="[portal:bacha/tin-tuc/c.md]")},
        {"members/bacha/content/tin-tuc/c.md": article("Chợ phiên mới")}, "sapa/y-te/d.html",
    ),
    "what was picked by its address": (
        {"members/sapa/content/y-te/d.md": article(
            "Trạm", related="['https://bacha.tinh.example/tin-tuc/c.html']")},
        {"members/bacha/content/tin-tuc/c.md": article("Chợ phiên mới")}, "sapa/y-te/d.html",
    ),
    "that what was picked by hand is published": (
        {"members/sapa/content/y-te/d.md": article("Trạm", related="[portal:bacha/tin-tuc/c.md]"),
         "members/bacha/content/tin-tuc/c.md": article("Chợ phiên", draft="true")},
        {"members/bacha/content/tin-tuc/c.md": article("Chợ phiên")}, "sapa/y-te/d.html",
    ),
    "what was picked by a path on the same site": (
        {"members/sapa/content/y-te/d.md": article("Trạm", related="[/tin-tuc/b.html]")},
        {THERE: neighbour("Lúa chín")}, "sapa/y-te/d.html",
    ),
    "a shared article": (SHARED, {THERE: article("Hội xuân Sa Pa", syndicate="true")},
                         "main/index.html"),
    "that an article is shared": ({THERE: article("Hội xuân")}, SHARED, "main/index.html"),
    "an article of its own": ({}, {THERE: neighbour("Lúa chín")}, "sapa/tin-tuc/b.html"),
    "a plain page of its own": (
        {"members/sapa/content/gioi-thieu.md": article("Giới thiệu", "")},
        {"members/sapa/content/gioi-thieu.md": article("Giới thiệu", "", body="Khác.")},
        "sapa/gioi-thieu.html",
    ),
    "a setting of its own": ({}, {SETTINGS: MEMBER_SETTINGS + "notice: Bảo trì\n"},
                             "sapa/index.html"),
    "the title of a member": ({}, member("Thị xã", "Phường"), "main/thanh-vien.html"),
    "the short title of a member": (
        {}, member("short_title: Sa Pa", "short_title: Sa Pả"), "main/tin-tuc/a.html",
    ),
    "the address of a member": (
        {}, {SETTINGS: MEMBER_SETTINGS + "base_url: https://sapa.example/\n"},
        "main/thanh-vien.html",
    ),
    "the kind of a member": ({}, member("kind: thi-xa", "kind: phuong"), "main/thanh-vien.html"),
    "the addresses of a member's articles": (
        SHARED, {SETTINGS: MEMBER_SETTINGS + "permalink: /{year}/{slug}.html\n"}, "main/index.html",
    ),
    "a campaign of the main portal": (
        {},
        {"site.yaml": MAIN_SETTINGS + "topics: [{slug: ruong, title: Ruộng, banner: [Ruộng]}]\n"},
        "sapa/index.html",
    ),
    "the title of the main portal": (
        {}, {"site.yaml": MAIN_SETTINGS.replace("Cổng tỉnh", "Cổng")}, "sapa/index.html",
    ),
    "a new static file": ({}, {"members/sapa/static/t.txt": "một"}, "sapa/t.txt"),
    "a static file": (
        {"members/sapa/static/t.txt": "một"}, {"members/sapa/static/t.txt": "hai"}, "sapa/t.txt",
    ),
    "a static file that goes": (
        {"members/sapa/static/t.txt": "một"}, {"members/sapa/static/t.txt": None}, "sapa/t.txt",
    ),
}  # fmt: skip


def published(root: Path, name: str) -> bytes | None:
    file = root / "public" / name
    return file.read_bytes() if file.exists() else None


def assert_changed(folder: Path, root: Path, name: str, before: bytes | None, **now: Any) -> None:
    """The page differs from what it was, and all else from nothing of a build from nothing."""
    run(root, **now)
    assert published(root, name) != before
    run(root, folder / "clean", use_cache=False, **now)
    assert tree(root / "public") == tree(folder / "clean")


@pytest.mark.parametrize("edit", EDITS)
def test_what_a_site_shows_of_others_makes_its_pages_anew(tmp_path: Path, edit: str) -> None:
    besides, files, name = EDITS[edit]
    root = network(tmp_path, {**BASE, **besides})
    run(root)
    before = published(root, name)
    write(root, files)
    assert_changed(tmp_path, root, name, before)


@pytest.mark.parametrize("number", [1, 6])
def test_the_newest_of_the_main_portal_stand_on_the_home_pages_of_members(
    tmp_path: Path, number: int
) -> None:
    names = [f"content/y-te/tin-{n}.md" for n in range(1, 8)]
    root = network(tmp_path, {
        name: article(f"Tin {n}", f"2020-01-{10 - n:02} 08:00") for n, name in enumerate(names)
    })  # fmt: skip
    run(root)
    before = published(root, "sapa/index.html")
    day = 11 - number
    write(root, {names[number - 1]: article("Tin mới", f"2020-01-{day:02} 08:00")})
    assert_changed(tmp_path, root, "sapa/index.html", before)


@pytest.mark.parametrize("name", ["main/tin-tuc/a.html", "sapa/tin-tuc/b.html"])
def test_what_was_scheduled_says_so_only_until_its_moment(tmp_path: Path, name: str) -> None:
    root = network(tmp_path, {**BASE, THERE: neighbour().replace("01-10", "01-16")})
    run(root, drafts=True)
    assert "Hẹn giờ" in page(root, name)
    before = published(root, name)
    assert_changed(tmp_path, root, name, before, drafts=True, now=NOW + 2 * DAY)
    assert "Hẹn giờ" not in page(root, name)


def test_where_nothing_is_related_articles_still_make_their_pages_anew(tmp_path: Path) -> None:
    alone = MAIN_SETTINGS.partition("related:")[0] + "related: []\n"
    root = network(tmp_path, {
        "site.yaml": f"{alone}members:{MAIN_SETTINGS.partition('members:')[2]}",
        "content/tin-tuc/a.md": article("Bài A"),
    })  # fmt: skip
    run(root)
    before = published(root, "main/tin-tuc/a.html")
    write(root, {"content/tin-tuc/a.md": article("Bài B")})
    assert_changed(tmp_path, root, "main/tin-tuc/a.html", before)


def test_an_article_leaves_the_news_sitemap_after_two_days_to_the_second(tmp_path: Path) -> None:
    root = network(tmp_path, {"content/tin-tuc/a.md": article("Bài A", "2020-01-15 08:00")})
    run(root, now=NOW + 2 * DAY)
    name = "main/news-sitemap.xml"
    assert "Bài A" in page(root, name)
    assert_changed(tmp_path, root, name, published(root, name), now=NOW + 2 * DAY + 1)
    assert "Bài A" not in page(root, name)


def test_a_static_file_under_another_name_is_seen_where_that_leaves_no_trace_in_times(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portalgen.pages.keys.file_state", lambda file: "as it was")
    root = network(tmp_path, {"static/t.txt": "một"})
    run(root)
    (root / "static/t.txt").rename(root / "static/s.txt")
    assert_changed(tmp_path, root, "main/s.txt", None)


RELATED = (
    '{% extends "portal/article.html" %}{% block related %}{% for block in related %}'
    "{% for item in block.cards %}{{ item.section }}{% endfor %}{% endfor %}{% endblock %}"
)
TEMPLATES: dict[str, tuple[Files, Files]] = {
    "a template of the theme": (
        {"site.yaml": MAIN_SETTINGS + "theme: x\n",
         "themes/x/theme.yaml": "name: x\nextends: portal\n",
         "themes/x/templates/article.html": '{% extends "portal/article.html" %}'},
        {"themes/x/templates/article.html": RELATED},
    ),
    "a template of its own": ({}, {"templates/article.html": RELATED}),
    "the title of a section of a neighbour": (
        {"templates/article.html": RELATED},
        {SETTINGS: MEMBER_SETTINGS + "sections: [{slug: tin-tuc, title: Tin tức Sa Pa}]\n"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("edit", TEMPLATES)
def test_what_templates_make_of_it_counts_too(tmp_path: Path, edit: str) -> None:
    besides, files = TEMPLATES[edit]
    root = network(tmp_path, {**BASE, **besides})
    run(root)
    before = published(root, "main/tin-tuc/a.html")
    write(root, files)
    assert_changed(tmp_path, root, "main/tin-tuc/a.html", before)


def test_another_program_plans_every_site_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, planned: list[str]
) -> None:
    root = network(tmp_path, BASE)
    run(root)
    assert planned == ["main", "bacha", "sapa"]
    planned.clear()
    monkeypatch.setattr("portalgen.pages.keys.program_digest", lambda: "another")
    run(root)
    assert planned == ["main", "bacha", "sapa"]


@pytest.fixture
def planned(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The sites planned since."""
    slugs: list[str] = []
    make_sites = make.make_sites

    def note(cards: Any, theming: Any, plan: Any, *rest: Any) -> Any:
        slugs.extend(plan.pages)
        return make_sites(cards, theming, plan, *rest)

    monkeypatch.setattr("portalgen.build.make_sites", note)
    return slugs


# What is edited, and the sites that need not be planned for it.
APART: dict[str, tuple[Files, set[str]]] = {
    "nothing": ({}, {"main", "sapa", "bacha"}),
    "the place where a setting is written": (
        {SETTINGS: "# Sa Pa\n" + MEMBER_SETTINGS}, {"main", "sapa", "bacha"},
    ),
    "the seventh newest of the main portal": (
        {"content/y-te/tin-7.md": article("Tin mới", "2020-01-03 08:00")}, {"sapa", "bacha"},
    ),
    "the body of an article": (
        {THERE: neighbour(body=NEAR + "\n\nThêm.")}, {"main", "bacha"},
    ),
    "the title of what nobody shows": (
        {"members/bacha/content/tin-tuc/c.md": article("Chợ")}, {"main", "sapa"},
    ),
    "a static file": ({"members/sapa/static/t.txt": "một"}, {"main", "bacha"}),
}  # fmt: skip


@pytest.mark.parametrize("edit", APART)
def test_what_a_site_does_not_show_plans_nothing_of_it(
    tmp_path: Path, planned: list[str], edit: str
) -> None:
    files, apart = APART[edit]
    newest = {
        f"content/y-te/tin-{n}.md": article(f"Tin {n}", f"2020-01-{10 - n:02} 08:00")
        for n in range(1, 8)
    }
    root = network(tmp_path, {**BASE, **newest})
    run(root)
    planned.clear()
    write(root, files)
    run(root)
    assert not apart.intersection(planned)


def test_the_same_sources_have_the_same_key_on_another_machine(tmp_path: Path) -> None:
    keys = []
    for name in ("one", "other"):
        root = network(tmp_path / name, {**BASE, "static/t.txt": "một"})
        run(root)
        manifest = Manifest(root / "public")
        keys.append(manifest.site_keys["main"].partition("."))
        manifest.close()
    assert keys[0][0] == keys[1][0]
    assert keys[0][2] != keys[1][2]
