"""The pages of a site: what each shows, and where it leads."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from shutil import rmtree
from typing import TypeVar

import pytest
from msgspec.structs import replace

from portalgen.content import site_index
from portalgen.content.model import Article, Picture
from portalgen.pages import contexts as c
from portalgen.pages import site_plan
from portalgen.pages.page import Page
from portalgen.pages.site_plan import SitePlan
from portalgen.settings.site import Contact, Link
from portalgen.themes.assets import Assets
from portalgen.themes.theming import Theming
from tests.helpers import article, network, picture
from tests.quick import look_up, plan

Context = TypeVar("Context")
Files = dict[str, str | bytes | None]
AT, SAPA_AT = "content/tin-tuc", "members/sapa/content/tin-tuc"
URL, SAPA = "https://tinh.example/", "https://vung.example/sapa/"
SETTINGS = """\
title: Cổng tỉnh
short_title: Tỉnh
description: Tin của tỉnh
base_url: https://tinh.example/
sections:
  - {slug: tin-tuc, title: Tin tức, description: Tin mới}
  - {slug: y-te, title: Y tế}
related: [{title: Cùng mục, by: section, limit: 6}]
kinds: [{slug: thi-xa, title: Thị xã}, {slug: phuong, title: Phường}]
members:
  defaults:
    base_url: "https://vung.example/{slug}/"
"""
MEMBER = "title: Thị xã Sa Pa\nshort_title: Sa Pa\nkind: thi-xa\ndescription: Tin của Sa Pa\n"
HOME = (Link("Trang chủ", "/"),)


def site(folder: Path, files: Files) -> Path:
    return network(folder, {"site.yaml": SETTINGS, "members/sapa/site.yaml": MEMBER, **files})


def day(title: str, number: int, body: str = "", **front: object) -> str:
    return article(title, f"2020-01-{number:02} 08:00", body, **front)


def numbered(count: int, folder: str = AT, **front: object) -> Files:
    """Articles by age: `1` is the newest."""
    return {f"{folder}/{n}.md": article(str(n), f"2019-{12 - n // 28:02}-{28 - n % 28:02} 08:00",
                                        "", **front) for n in range(1, count + 1)}  # fmt: skip


def context(pages: Mapping[str, Page], route: str, kind: type[Context]) -> Context:
    planned = pages[route].context
    assert isinstance(planned, kind)
    return planned


def home(folder: Path, files: Files, slug: str = "main") -> c.HomeContext:
    return context(plan(site(folder, files), slug), "index.html", c.HomeContext)


def titles(cards: Sequence[c.Card]) -> list[str]:
    return [card.title for card in cards]


def hrefs(cards: Sequence[c.Card]) -> list[str]:
    return [card.href for card in cards]


def test_a_site_has_these_files_each_by_its_template(tmp_path: Path) -> None:
    root = site(tmp_path, {
        f"{AT}/a.md": day("A", 3, tags="[ruộng]", topics="[Lễ]", aliases="[/cu.html, /be/cu/]"),
        f"{AT}/b.md": day("B", 2, tags="[ruộng]"), "content/gioi-thieu.md": article("G", ""),
        f"{SAPA_AT}/s.md": day("S", 1), "static/t.txt": "x",
    })  # fmt: skip
    templates: dict[str, dict[str, str]] = {}
    for slug in ("main", "sapa"):
        pages = plan(root, slug)
        assert {page.site for page in pages.values()} == {slug}
        templates[slug] = {
            route: page.template
            for route, page in pages.items()
            if not route.startswith(("assets/", ".moved/"))
        }
    assert templates["main"] == {
        "index.html": "home.html", "tin-tuc/a.html": "article.html",
        "tin-tuc/b.html": "article.html", "gioi-thieu.html": "page.html",
        "tin-tuc/index.html": "section.html", "y-te/index.html": "section.html",
        "tin-tuc/rss.xml": "", "y-te/rss.xml": "", "tag/ruong.html": "tag.html",
        "chuyen-de/le.html": "topic.html", "tim-kiem.html": "search.html",
        "so-do-cong.html": "site-map.html", "thanh-vien.html": "members.html",
        "404.html": "404.html", "cu.html": "redirect.html", "be/cu/index.html": "redirect.html",
        "rss.xml": "", "feed.json": "", "sitemap.xml": "", "sitemap-1.xml": "",
        "news-sitemap.xml": "", "robots.txt": "", "t.txt": "",
    }  # fmt: skip
    assert templates["sapa"] == {
        "index.html": "home.html", "tin-tuc/s.html": "article.html",
        "tin-tuc/index.html": "section.html", "y-te/index.html": "section.html",
        "tin-tuc/rss.xml": "", "y-te/rss.xml": "", "tim-kiem.html": "search.html",
        "so-do-cong.html": "site-map.html", "404.html": "404.html", "rss.xml": "",
        "feed.json": "", "sitemap.xml": "", "sitemap-1.xml": "", "news-sitemap.xml": "",
        "robots.txt": "",
    }  # fmt: skip


def test_feeds_are_of_the_whole_site_or_of_a_section(tmp_path: Path) -> None:
    pages = plan(site(tmp_path, {f"{AT}/a.md": day("A", 3), "content/y-te/b.md": day("B", 2)}))
    feeds = {route: context(pages, route, c.FeedContext)
             for route in ("rss.xml", "feed.json", "tin-tuc/rss.xml", "y-te/rss.xml")}  # fmt: skip
    assert {
        route: (feed.format, feed.title, [item.title for item in feed.items], feed.address)
        for route, feed in feeds.items()
    } == {
        "rss.xml": ("rss", "Cổng tỉnh", ["A", "B"], f"{URL}rss.xml"),
        "feed.json": ("json", "Cổng tỉnh", ["A", "B"], f"{URL}feed.json"),
        "tin-tuc/rss.xml": ("rss", "Tin tức - Cổng tỉnh", ["A"], f"{URL}tin-tuc/rss.xml"),
        "y-te/rss.xml": ("rss", "Y tế - Cổng tỉnh", ["B"], f"{URL}y-te/rss.xml"),
    }  # fmt: skip


def test_a_network_of_one_site_has_no_page_of_members(tmp_path: Path) -> None:
    root = site(tmp_path, {})
    rmtree(root / "members/sapa")
    pages = plan(root)
    assert "thanh-vien.html" not in pages
    assert context(pages, "index.html", c.HomeContext).groups == ()


def test_the_home_page_says_what_it_is_and_names_the_feeds(tmp_path: Path) -> None:
    root = site(tmp_path, {})
    pages = {slug: context(plan(root, slug), "index.html", c.HomeContext)
             for slug in ("main", "sapa")}  # fmt: skip
    assert [page.head for page in pages.values()] == [
        c.Head("Cổng tỉnh", "Tin của tỉnh", URL, feeds=(
            Link("Cổng tỉnh", "/rss.xml"), Link("Cổng tỉnh", "/feed.json"))),
        c.Head("Thị xã Sa Pa", "Tin của Sa Pa", SAPA, feeds=(
            Link("Thị xã Sa Pa", "/sapa/rss.xml"), Link("Thị xã Sa Pa", "/sapa/feed.json"))),
    ]  # fmt: skip
    for page in pages.values():
        assert (page.breadcrumbs, page.lead) == ((), None)
        assert (page.latest, page.blocks, page.network, page.topics) == ((), (), (), ())


def test_the_newest_featured_article_leads_and_else_the_newest(tmp_path: Path) -> None:
    files = numbered(4)
    plain = home(tmp_path / "a", files)
    assert plain.lead
    assert (plain.lead.title, titles(plain.latest)) == ("1", ["2", "3", "4"])
    front = {"featured": "true"}
    featured = home(tmp_path / "b", {
        **files, f"{AT}/a.md": day("A", 1, **front), f"{AT}/b.md": day("B", 2, **front),
        f"{AT}/c.md": day("C", 3),
    })  # fmt: skip
    assert featured.lead
    assert (featured.lead.title, featured.lead.href) == ("B", "/tin-tuc/b.html")
    assert titles(featured.latest) == ["C", "A", "1", "2", "3", "4"]


def test_the_latest_are_twelve_beside_the_lead(tmp_path: Path) -> None:
    files = numbered(16)
    first = home(tmp_path / "a", files)
    assert titles(first.latest) == [str(n) for n in range(2, 14)]
    old = files | {f"{AT}/16.md": article("16", "2019-01-01", "", featured="true")}
    later = home(tmp_path / "b", old)
    assert later.lead
    assert (later.lead.title, titles(later.latest)) == ("16", [str(n) for n in range(1, 13)])


@pytest.mark.parametrize(("number", "leads"), [(60, True), (61, False)])
def test_what_was_featured_long_ago_leads_no_more(tmp_path: Path, number: int, leads: bool) -> None:
    files = numbered(62)
    old = str(files[f"{AT}/{number}.md"]).replace("title:", "featured: true\ntitle:")
    page = home(tmp_path, files | {f"{AT}/{number}.md": old})
    assert page.lead
    assert page.lead.title == (str(number) if leads else "1")


def test_a_block_shows_the_newest_of_each_section_that_has_any(tmp_path: Path) -> None:
    blocks = home(tmp_path, numbered(7)).blocks
    assert [(block.title, block.href, titles(block.cards)) for block in blocks] == [
        ("Tin tức", "/tin-tuc/", ["1", "2", "3", "4", "5"])
    ]
    sapa = home(tmp_path, {"members/sapa/content/y-te/y.md": day("Y", 1)}, "sapa").blocks
    assert [(block.title, block.href, hrefs(block.cards)) for block in sapa] == [
        ("Y tế", "/sapa/y-te/", ["/sapa/y-te/y.html"])
    ]


def test_the_main_portal_shows_what_members_give_it(tmp_path: Path) -> None:
    given = numbered(12, SAPA_AT, syndicate="true")
    page = home(tmp_path, {**given, f"{SAPA_AT}/rieng.md": day("Riêng", 1),
                           f"{AT}/a.md": day("A", 2)})  # fmt: skip
    assert titles(page.network) == [str(n) for n in range(1, 11)]
    assert page.network[0].href == f"{SAPA}tin-tuc/1.html"


def test_a_member_shows_the_newest_of_the_main_portal(tmp_path: Path) -> None:
    root = site(tmp_path, {**numbered(8), f"{SAPA_AT}/s.md": day("S", 2, syndicate="true")})
    page = context(plan(root, "sapa"), "index.html", c.HomeContext)
    assert titles(page.network) == ["1", "2", "3", "4", "5", "6"]
    assert page.network[0].href == f"{URL}tin-tuc/1.html"
    assert page.groups == ()


TOPICS = """\
topics:
  - {slug: mua, title: Mùa vụ, description: Gieo trồng, banner: [Một, Hai]}
  - {slug: le, title: Lễ hội}
"""


def test_topics_lead_to_their_hubs(tmp_path: Path) -> None:
    page = home(tmp_path, {"members/sapa/site.yaml": MEMBER + TOPICS}, "sapa")
    assert page.topics == (
        c.Hub("Mùa vụ", "/sapa/chuyen-de/mua.html", "Gieo trồng"),
        c.Hub("Lễ hội", "/sapa/chuyen-de/le.html", ""),
    )


def test_members_stand_by_kind_in_the_order_of_names(tmp_path: Path) -> None:
    files: Files = {
        "site.yaml": SETTINGS.replace("title: Phường}", "title: Phường}, {slug: xa, title: Xã}"),
        **{f"members/{slug}/site.yaml": f"title: {title}\n" + (f"kind: {kind}\n" if kind else "")
           for slug, title, kind in [("a", "Đông", "phuong"), ("b", "Ý Tý", "phuong"),
                                     ("c", "Áng", "phuong"), ("d", "Du", "phuong"),
                                     ("bat-xat", "Bát Xát", "thi-xa")]},
    }  # fmt: skip
    pages = plan(site(tmp_path, files))
    page = context(pages, "thanh-vien.html", c.MembersContext)
    assert page.groups == (
        ("Thị xã", (Link("Bát Xát", "https://vung.example/bat-xat/"),
                    Link("Thị xã Sa Pa", "https://vung.example/sapa/"))),
        ("Phường", tuple(Link(title, f"https://vung.example/{slug}/") for slug, title in
                         [("c", "Áng"), ("d", "Du"), ("a", "Đông"), ("b", "Ý Tý")])),
    )  # fmt: skip
    assert page.head == c.Head("Cổng thành viên", "", f"{URL}thanh-vien.html")
    assert page.breadcrumbs == HOME
    assert context(pages, "index.html", c.HomeContext).groups == page.groups


def test_members_without_a_kind_are_a_group_without_a_title(tmp_path: Path) -> None:
    pages = plan(site(tmp_path, {"members/khac/site.yaml": "title: Khác\n"}))
    assert context(pages, "thanh-vien.html", c.MembersContext).groups == (
        ("Thị xã", (Link("Thị xã Sa Pa", SAPA),)),
        ("", (Link("Khác", "https://vung.example/khac/"),)),
    )


def test_an_article_page_says_whose_it_is_and_where_it_stands(tmp_path: Path) -> None:
    root = site(tmp_path, {
        "members/sapa/site.yaml": MEMBER + TOPICS,
        f"{SAPA_AT}/a.md": day("Bài A", 3, "Mở đầu. [b](b.md)", tags="[ruộng, hiếm]",
                               topics="[Lễ hội]", author="Lò A", updated="2020-01-04 09:00",
                               image="anh.png", caption="Ảnh"),
        f"{SAPA_AT}/anh.png": picture(400, 300, "PNG"),
        f"{SAPA_AT}/b.md": day("Bài B", 2, tags="[ruộng]"),
        f"{SAPA_AT}/c.md": day("Bài C", 1),
    })  # fmt: skip
    pages = plan(root, "sapa")
    page = context(pages, "tin-tuc/a.html", c.ArticleContext)
    story = page.article
    assert story.path == f"{SAPA_AT}/a.md"
    assert story.picture
    assert page.head == c.Head(
        "Bài A", story.summary, f"{SAPA}tin-tuc/a.html", "article", True, story.picture, "Lò A",
        "2020-01-03T08:00:00+07:00", "2020-01-04T09:00:00+07:00", "Tin tức", ("ruộng", "hiếm"),
    )  # fmt: skip
    assert "Mở đầu" in story.summary
    assert page.breadcrumbs == (Link("Trang chủ", "/sapa/"), Link("Tin tức", "/sapa/tin-tuc/"))
    assert page.status == ""
    assert page.tags == (Link("ruộng", "/sapa/tag/ruong.html"), Link("hiếm", ""))
    assert page.topics == (Link("Lễ hội", "/sapa/chuyen-de/le.html"),)
    assert page.links == (("portal:sapa/tin-tuc/b.md", "/sapa/tin-tuc/b.html"),)
    [block] = page.related
    assert (block.title, titles(block.cards)) == ("Cùng mục", ["Bài B", "Bài C"])
    middle = context(pages, "tin-tuc/b.html", c.ArticleContext)
    assert titles(middle.related[0].cards) == ["Bài C", "Bài A"]
    assert middle.site == page.site


def test_articles_of_other_sections_and_sites_stand_in_no_block_of_a_section(
    tmp_path: Path,
) -> None:
    pages = plan(site(tmp_path, {
        f"{AT}/a.md": day("A", 3), f"{AT}/b.md": day("B", 2), "content/y-te/y.md": day("Y", 2),
        "content/y-te/z.md": day("Z", 1), f"{SAPA_AT}/s.md": day("S", 2, syndicate="true"),
    }))  # fmt: skip
    for route, near in (("tin-tuc/a.html", ["B"]), ("tin-tuc/b.html", ["A"]),
                        ("y-te/y.html", ["Z"]), ("y-te/z.html", ["Y"])):  # fmt: skip
        [block] = context(pages, route, c.ArticleContext).related
        assert titles(block.cards) == near


def test_a_plain_page_has_neither_section_nor_related_news(tmp_path: Path) -> None:
    root = site(tmp_path, {
        "members/sapa/content/gioi-thieu.md": article("Giới thiệu", "", "Mở đầu. [b](tin-tuc/b.md)",
                                                      tags="[ruộng]"),
        f"{SAPA_AT}/b.md": day("B", 2, tags="[ruộng]"),
    })  # fmt: skip
    page = context(plan(root, "sapa"), "gioi-thieu.html", c.ArticleContext)
    assert page.head == c.Head(
        "Giới thiệu", page.article.summary, f"{SAPA}gioi-thieu.html", "website", True, None, "",
        "", "", "", ("ruộng",),
    )  # fmt: skip
    assert page.breadcrumbs == (Link("Trang chủ", "/sapa/"),)
    assert (page.status, page.tags, page.topics, page.related) == ("", (), (), ())
    assert page.links == (("portal:sapa/tin-tuc/b.md", "/sapa/tin-tuc/b.html"),)


@pytest.fixture
def short_lists(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lists have two articles on a page."""
    for module in (site_index, site_plan):
        monkeypatch.setattr(module, "PAGE_SIZE", 2)


Row = tuple[str, list[str], int, str, str, str]


def rows(pages: Mapping[str, Page], start: str) -> dict[str, Row]:
    """By route of the pages of a list: title, articles, number, newest, newer, older."""
    by_route = {}
    for route, page in pages.items():
        if route.startswith(start) and isinstance(page.context, c.ListContext):
            cards = [card for month in page.context.months for card in month.cards]
            by_route[route] = (
                page.context.head.title, titles(cards), page.context.number, page.context.newest,
                page.context.newer, page.context.older,
            )  # fmt: skip
    return by_route


@pytest.mark.usefixtures("short_lists")
@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_a_short_list_is_one_page(tmp_path: Path, count: int) -> None:
    pages = plan(site(tmp_path, numbered(count)))
    expected = ("Tin tức", [str(n + 1) for n in range(count)], 0, "", "", "")
    assert rows(pages, "tin-tuc/") == {"tin-tuc/index.html": expected}
    assert "tin-tuc/trang-1.html" not in pages


@pytest.mark.usefixtures("short_lists")
def test_a_list_is_cut_into_pages_from_the_oldest(tmp_path: Path) -> None:
    pages = plan(site(tmp_path, numbered(7, SAPA_AT)), "sapa")
    at = "/sapa/tin-tuc/"
    assert rows(pages, "tin-tuc/") == {
        "tin-tuc/index.html": ("Tin tức", ["1", "2", "3"], 0, "", "", f"{at}trang-2.html"),
        "tin-tuc/trang-2.html": ("Tin tức - Trang 2", ["4", "5"], 2, at, f"{at}trang-3.html",
                                 f"{at}trang-1.html"),
        "tin-tuc/trang-1.html": ("Tin tức - Trang 1", ["6", "7"], 1, at, f"{at}trang-2.html", ""),
    }  # fmt: skip
    onward = context(pages, "tin-tuc/trang-3.html", c.RedirectContext)
    assert onward.target == f"{SAPA}tin-tuc/"
    assert onward.head == c.Head("Tin tức", "", f"{SAPA}tin-tuc/", index=False)
    assert onward.breadcrumbs == ()
    last = context(pages, "tin-tuc/trang-2.html", c.ListContext)
    feeds = (Link("Tin tức", "/sapa/tin-tuc/rss.xml"),)
    assert last.head == c.Head("Tin tức - Trang 2", "Tin mới", f"{SAPA}tin-tuc/trang-2.html",
                               feeds=feeds)  # fmt: skip
    assert (last.title, last.description) == ("Tin tức", "Tin mới")
    assert last.breadcrumbs == (Link("Trang chủ", "/sapa/"),)
    assert "tin-tuc/trang-4.html" not in pages


@pytest.mark.usefixtures("short_lists")
def test_one_more_article_changes_no_closed_page(tmp_path: Path) -> None:
    pages = [plan(site(tmp_path / str(count), numbered(count))) for count in (4, 5)]
    before, after = ({route: page.key for route, page in each.items() if "trang-" in route}
                     for each in pages)  # fmt: skip
    assert list(before) == ["tin-tuc/trang-1.html", "tin-tuc/trang-2.html"]
    more = plan(site(tmp_path / "more", {**numbered(4), f"{AT}/moi.md": day("Mới", 1)}))
    assert {route: more[route].key for route in before} == before
    assert list(after) == list(before)


@pytest.mark.usefixtures("short_lists")
def test_tags_and_topics_have_lists_like_sections(tmp_path: Path) -> None:
    files = numbered(5, tags="[ruộng]", topics="[Mùa vụ]")
    pages = plan(site(tmp_path, {**files, "site.yaml": SETTINGS + TOPICS}))
    for route, title, about in (("tag/ruong", "ruộng", ""),
                                ("chuyen-de/mua", "Mùa vụ", "Gieo trồng")):  # fmt: skip
        at = f"/{route}"
        assert rows(pages, route) == {
            f"{route}.html": (title, ["1", "2", "3"], 0, "", "", f"{at}/trang-1.html"),
            f"{route}/trang-1.html": (f"{title} - Trang 1", ["4", "5"], 1, f"{at}.html",
                                      f"{at}/trang-2.html", ""),
        }  # fmt: skip
        page = context(pages, f"{route}.html", c.ListContext)
        assert page.head == c.Head(title, about, f"{URL}{route}.html")
        assert pages[f"{route}/trang-1.html"].template == pages[f"{route}.html"].template
        assert context(pages, f"{route}/trang-2.html", c.RedirectContext).target == (
            f"{URL}{route}.html"
        )


def test_a_list_is_grouped_by_month(tmp_path: Path) -> None:
    pages = plan(site(tmp_path, {
        f"{AT}/a.md": day("A", 3), f"{AT}/b.md": day("B", 2),
        f"{AT}/c.md": article("C", "2019-12-30 08:00"),
    }))  # fmt: skip
    months = context(pages, "tin-tuc/index.html", c.ListContext).months
    assert [(month.title, month.href, titles(month.cards)) for month in months] == [
        ("1/2020", "", ["A", "B"]), ("12/2019", "", ["C"]),
    ]  # fmt: skip


def test_the_search_page_leads_to_its_index_and_the_site_map(tmp_path: Path) -> None:
    page = context(plan(site(tmp_path, {}), "sapa"), "tim-kiem.html", c.SearchContext)
    assert (page.index, page.site_map) == ("/sapa/tim-kiem/", "/sapa/so-do-cong.html")
    assert page.breadcrumbs == (Link("Trang chủ", "/sapa/"),)
    assert page.head.title == "Tìm kiếm"
    assert page.head.description.startswith("Gõ từ cần tìm")
    assert (page.head.canonical, page.head.index) == (f"{SAPA}tim-kiem.html", True)


def test_the_site_map_lists_all_in_vietnamese_order(tmp_path: Path) -> None:
    tags = "[đèo, dốc, ánh]"
    root = site(tmp_path, {
        "members/sapa/site.yaml": MEMBER + TOPICS,
        f"{SAPA_AT}/a.md": day("A", 3, tags=tags, topics="[Ăn uống]"),
        f"{SAPA_AT}/b.md": day("B", 2, tags=tags),
        **{f"members/sapa/content/{name}.md": article(title, "")
           for name, title in (("a", "Đội ngũ"), ("b", "Giới thiệu"), ("c", "Ánh sáng"))},
    })  # fmt: skip
    page = context(plan(root, "sapa"), "so-do-cong.html", c.SiteMapContext)
    assert page.head == c.Head("Sơ đồ cổng", "", f"{SAPA}so-do-cong.html")
    assert page.breadcrumbs == (Link("Trang chủ", "/sapa/"),)
    assert page.sections == (Link("Tin tức", "/sapa/tin-tuc/"), Link("Y tế", "/sapa/y-te/"))
    assert page.pages == (Link("Ánh sáng", "/sapa/c.html"), Link("Đội ngũ", "/sapa/a.html"),
                          Link("Giới thiệu", "/sapa/b.html"))  # fmt: skip
    assert page.topics == tuple(Link(title, f"/sapa/chuyen-de/{slug}.html") for slug, title in (
        ("an-uong", "Ăn uống"), ("le", "Lễ hội"), ("mua", "Mùa vụ")))  # fmt: skip
    assert page.tags == tuple(Link(title, f"/sapa/tag/{slug}.html") for slug, title in (
        ("anh", "ánh"), ("doc", "dốc"), ("deo", "đèo")))  # fmt: skip


def test_a_page_that_is_not_there_shows_the_newest_five_to_readers_only(tmp_path: Path) -> None:
    page = context(plan(site(tmp_path, numbered(7))), "404.html", c.NotFoundContext)
    assert titles(page.latest) == ["1", "2", "3", "4", "5"]
    assert page.head == c.Head("Không tìm thấy trang", "", f"{URL}404.html", index=False)
    assert page.breadcrumbs == HOME


def test_an_old_address_leads_to_the_present_one(tmp_path: Path) -> None:
    root = site(tmp_path, {f"{SAPA_AT}/a.md": day("Bài A", 3, aliases="[/cu.html]")})
    page = context(plan(root, "sapa"), "cu.html", c.RedirectContext)
    assert page.target == f"{SAPA}tin-tuc/a.html"
    assert page.head == c.Head("Bài A", "", f"{SAPA}tin-tuc/a.html", index=False)
    assert page.breadcrumbs == ()


@pytest.mark.usefixtures("short_lists")
def test_every_page_knows_its_site(tmp_path: Path) -> None:
    more = """\
contact: {address: Phố Mới, phone: "0214", email: a@tinh.example}
responsible: Lò A
notice: Thử nghiệm
menu: [{title: Lịch, url: /lich.html}, {title: Bộ, url: "https://bo.example/"}]
links: [{title: Báo, url: "https://bao.example/"}, {title: Trong, url: /trong.html}]
services: [{title: Đơn, url: /don/}]
alert: {title: Lũ, url: /lu.html}
"""
    root = site(tmp_path, {
        "members/sapa/site.yaml": MEMBER + more, "members/sapa/content/g.md": article("G", ""),
        **numbered(5, SAPA_AT, tags="[ruộng]"),
    })  # fmt: skip
    view = context(plan(root, "sapa"), "index.html", c.HomeContext).site
    assert view == c.SiteView(
        "sapa", "Thị xã Sa Pa", "Sa Pa", "thi-xa", "Tin của Sa Pa", "vi", "/sapa/", SAPA,
        (Link("Lịch", "/sapa/lich.html"), Link("Bộ", "https://bo.example/")),
        (Link("Tin tức", "/sapa/tin-tuc/"), Link("Y tế", "/sapa/y-te/")),
        Contact("Phố Mới", "0214", "a@tinh.example"), "Lò A",
        (Link("Báo", "https://bao.example/"), Link("Trong", "/sapa/trong.html")),
        (Link("Đơn", "/sapa/don/"),), Link("Lũ", "/sapa/lu.html"), "Thử nghiệm", (),
        Link("Cổng tỉnh", URL), False,
    )  # fmt: skip
    main = context(plan(root), "index.html", c.HomeContext).site
    assert (main.slug, main.kind, main.alert, main.is_main) == ("main", "", None, True)
    assert main.main == Link("Cổng tỉnh", URL)
    for slug, expected in (("sapa", view), ("main", main)):
        contexts = [page.context for page in plan(root, slug).values() if page.template]
        assert {type(each) for each in contexts} >= {c.HomeContext, c.ListContext}
        assert all(each.site == expected for each in contexts)


def test_banners_of_the_main_portal_show_on_all_sites_and_come_first(tmp_path: Path) -> None:
    own = """\
topics:
  - {slug: chu, title: Chợ, banner: [Ba]}
  - {slug: cho-phien, title: Chợ phiên}
"""
    root = site(tmp_path, {"site.yaml": SETTINGS + TOPICS, "members/sapa/site.yaml": MEMBER + own})
    first = c.Banner(("Một", "Hai"), f"{URL}chuyen-de/mua.html")
    assert context(plan(root), "index.html", c.HomeContext).site.banners == (first,)
    banners = context(plan(root, "sapa"), "index.html", c.HomeContext).site.banners
    assert banners == (first, c.Banner(("Ba",), f"{SAPA}chuyen-de/chu.html"))


def test_a_banner_that_a_site_has_as_well_leads_to_its_own_hub(tmp_path: Path) -> None:
    root = site(tmp_path, {"site.yaml": SETTINGS + TOPICS,
                           "members/sapa/site.yaml": MEMBER + TOPICS})  # fmt: skip
    banners = context(plan(root, "sapa"), "index.html", c.HomeContext).site.banners
    assert banners == (c.Banner(("Một", "Hai"), f"{SAPA}chuyen-de/mua.html"),)


def test_a_site_has_all_pictures_and_files_that_its_pages_show(tmp_path: Path) -> None:
    files: Files = {
        "content/trang.md": article("Trang", "", "[t](tep.txt)", image="trang.png"),
        "content/tep.txt": "tệp", f"{AT}/khong.md": day("Không", 1),
        f"{AT}/a.md": day("A", 3, "Chữ\n\n![x](trong-bai.png)", image="a.png",
                          related="[portal:sapa/tin-tuc/e.md]"),
        f"{AT}/nhap.md": day("Nháp", 3, image="nhap.png", draft="true"),
        f"{SAPA_AT}/c.md": day("C", 3, "![x](trong-c.png)", image="c.png", syndicate="true"),
        f"{SAPA_AT}/d.md": day("D", 3, image="d.png"),
        f"{SAPA_AT}/e.md": day("E", 3, image="e.png"),
    }  # fmt: skip
    shades = iter(range(10, 250, 20))
    for name in ("content/trang", f"{AT}/a", f"{AT}/trong-bai", f"{AT}/nhap", f"{SAPA_AT}/c",
                 f"{SAPA_AT}/d", f"{SAPA_AT}/e", f"{SAPA_AT}/trong-c"):  # fmt: skip
        files[f"{name}.png"] = picture(40, 30, "PNG", (next(shades), 0, 0))
    root = site(tmp_path, files)
    stories = look_up(root)[0].articles

    def heads(*paths: str) -> set[str]:
        """The pictures at the head of these articles."""
        return {name for path in paths for name in pictured(stories[path]).files()}

    def pictured(story: Article) -> Picture:
        assert story.picture
        return story.picture

    def media(slug: str) -> set[str]:
        return {route.removeprefix("media/") for route in plan(root, slug) if "media/" in route}

    a, c_, d, e = f"{AT}/a.md", f"{SAPA_AT}/c.md", f"{SAPA_AT}/d.md", f"{SAPA_AT}/e.md"
    within = {path: set(stories[path].media) for path in (a, c_, "content/trang.md")}
    assert [len(names - heads(a, c_, "content/trang.md")) for names in within.values()] == [2, 2, 1]
    assert media("main") == (
        heads("content/trang.md", a, c_, e) | within[a] | within["content/trang.md"]
    )
    assert media("sapa") == heads(c_, d, e, a) | within[c_]


def planner(root: Path, slug: str, theming: Theming | None = None) -> SitePlan:
    cards, themings = look_up(root)
    return SitePlan(cards, cards.library.sites[slug], theming or themings[slug])


def test_what_a_saved_article_changes_can_be_planned_alone(tmp_path: Path) -> None:
    root = site(tmp_path, {f"{SAPA_AT}/a.md": day("A", 3), "members/sapa/content/y-te/b.md":
                           day("B", 2), "members/sapa/content/g.md": article("G", ""),
                           **numbered(50, SAPA_AT)})  # fmt: skip
    whole = planner(root, "sapa")
    pages = {page.route: page for page in whole.pages()}
    for name, routes in (
        ("tin-tuc/a.md", ["tin-tuc/a.html", "tin-tuc/index.html", "index.html"]),
        ("y-te/b.md", ["y-te/b.html", "y-te/index.html", "index.html"]), ("g.md", ["g.html"]),
    ):  # fmt: skip
        alone = planner(root, "sapa").pages_of(whole.cards.library.by_name["sapa", name])
        assert alone == [pages[route] for route in routes]


def test_an_article_that_is_not_yet_due_says_so(tmp_path: Path) -> None:
    cards, theming = look_up(site(tmp_path, {f"{AT}/a.md": day("A", 3), "content/g.md":
                                             article("G", "")}))  # fmt: skip
    cards.now = cards.articles[f"{AT}/a.md"].date - 1
    pages = SitePlan(cards, cards.library.sites["main"], theming["main"]).pages()
    status = {page.route: page.context.status for page in pages
              if isinstance(page.context, c.ArticleContext)}  # fmt: skip
    assert status == {"tin-tuc/a.html": theming["main"].strings["scheduled"], "g.html": ""}


def keys(root: Path, theming: Theming) -> dict[str, str]:
    """The keys of pages with templates, by template; redirects are left out."""
    return {page.template: page.key for page in planner(root, "main", theming).pages()
            if page.template}  # fmt: skip


def test_a_page_is_made_again_where_what_its_template_uses_changed(tmp_path: Path) -> None:
    root = site(tmp_path, {f"{AT}/a.md": day("A", 3)})
    theming = look_up(root)[1]["main"]
    used = theming.templates.used
    before = keys(root, theming)
    assert keys(root, theming) == before

    def again(changed: Theming) -> set[str]:
        """The templates whose pages are made again."""
        return {name for name, key in keys(root, changed).items() if key != before[name]}

    text = "older"
    using = {name for name in before if text in used[name][0]}
    assert 0 < len(using) < len(before)
    assert again(replace(theming, strings={**theming.strings, text: "Trước"})) == using
    [asset, *_] = sorted(set(used["search.html"][1]) - set(used["home.html"][1]))
    names = {**theming.assets.names, asset: "assets/moi.js"}
    assert again(replace(theming, assets=Assets(names, theming.assets.files))) == {
        name for name in before if asset in used[name][1]
    }
    digests = {**theming.templates.digests, "home.html": "khác"}
    templates = replace(theming.templates, digests=digests)
    assert again(replace(theming, templates=templates)) == {"home.html"}


def test_a_page_is_made_again_where_what_it_shows_changed(tmp_path: Path) -> None:
    before, after = (plan(site(tmp_path / title, {f"{AT}/a.md": day(title, 3), f"{AT}/b.md":
                                                  day("B", 2), "content/y-te/c.md": day("C", 1)}))
                     for title in ("A", "Á"))  # fmt: skip
    again = {route for route in before if before[route].key != after[route].key}
    assert again >= {"index.html", "tin-tuc/index.html", "tin-tuc/a.html", "tin-tuc/b.html"}
    assert not again & {"y-te/index.html", "y-te/c.html", "tim-kiem.html", "so-do-cong.html"}
