import json
import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portalgen.pages.formats import script_json, xml
from tests.helpers import (
    MAIN_SETTINGS,
    MEMBER_SETTINGS,
    NOW,
    article,
    network,
    page,
    problems,
    run,
    tree,
)

AT = "content/tin-tuc/"
SAPA = "https://sapa.tinh.example"
MAPS = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
NEWS = "{http://www.google.com/schemas/sitemap-news/0.9}"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}"
CREATOR = "{http://purl.org/dc/elements/1.1/}creator"
Files = dict[str, str | bytes | None]


def parsed(root: Path, name: str) -> ElementTree.Element:
    return ElementTree.fromstring((root / "public" / name).read_bytes())


def rss(root: Path, name: str = "main/rss.xml") -> list[dict[str, str]]:
    """The items of an RSS feed, by element."""
    items = parsed(root, name).iter("item")
    return [{part.tag: part.text or "" for part in item} for item in items]


def feed(root: Path, name: str = "main/feed.json") -> dict[str, Any]:
    found = json.loads(page(root, name))
    assert isinstance(found, dict)
    return found


def json_ld(html: str) -> list[dict[str, Any]]:
    """The JSON-LD of a page."""
    found = re.findall(r'<script type="application/ld\+json">(.*?)</script>', html, re.DOTALL)
    return [part for text in found for part in json.loads(text)["@graph"]]


@given(st.text(max_size=30))
def test_any_text_can_stand_in_xml_and_comes_back(text: str) -> None:
    read = ElementTree.fromstring(f"<a b='{xml(text)}'>{xml(text)}</a>".encode()).text or ""
    allowed = "".join(c for c in text if c in "\t\n\r" or (c >= " " and c not in "\ufffe\uffff"))
    assert read == allowed.replace("\r\n", "\n").replace("\r", "\n")


@given(st.recursive(st.text("</script>!-&\u2028\u2029'\"a\0", max_size=12), st.lists, max_leaves=5))
def test_any_json_can_stand_in_a_script(value: object) -> None:
    text = script_json(value)
    assert not set("<>&\u2028\u2029") & set(text)
    assert json.loads(text) == value


NASTY = "</script><!-- ]]> & \"hai\" 'một' <b>đậm</b> &amp; x\u2028x 😀 \u0301 \\ {{ x }} %}"


@pytest.fixture(scope="module")
def nasty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A network with texts that could break out of each format, in every place for text."""
    quoted = json.dumps(NASTY, ensure_ascii=False)
    main = MAIN_SETTINGS.replace("title: Cổng tỉnh", f"title: {quoted}", 1)
    text = article(
        quoted, lead=quoted, author=quoted, tags=f"[{quoted}]", source=quoted, id=quoted,
        topics=quoted, body=f"Chữ {NASTY}\n\n```\n]]></script>\n```\n\n&#1;&#x0;\ufffd",
    )  # fmt: skip
    root = network(tmp_path_factory.mktemp("nasty"), {
        "site.yaml": main + f"description: {quoted}\nfeeds: {{full_text: true}}\n"
        f"notice: {quoted}\ncontact: {{address: {quoted}}}\nresponsible: {quoted}\n",
        f"{AT}mot.md": text,
        f"{AT}hai.md": text.replace(f"id: {quoted}", "id: hai"),
        "content/trang.md": article(quoted, ""),
    })  # fmt: skip
    assert problems(run(root)) == []
    return root


def test_rss_carries_any_text_as_it_was_written(nasty: Path) -> None:
    channel = parsed(nasty, "main/rss.xml").find("channel")
    assert channel is not None
    assert channel.findtext("title") == channel.findtext("description") == NASTY
    items = rss(nasty)
    assert [item["guid"] for item in items] == ["hai", NASTY]
    for item in items:
        assert item["title"] == item["description"] == item[CREATOR] == item["category"] == NASTY
        assert "<pre><code>]]&gt;&lt;/script&gt;\n</code></pre>" in item[f"{CONTENT}encoded"]
        assert "<script" not in item[f"{CONTENT}encoded"]


def test_json_feed_carries_any_text_as_it_was_written(nasty: Path) -> None:
    made = feed(nasty)
    assert made["title"] == NASTY
    for item in made["items"]:
        assert item["title"] == item["summary"] == item["authors"][0]["name"] == NASTY
        assert item["tags"] == [NASTY]
        assert "]]&gt;&lt;/script&gt;" in item["content_html"]


def test_json_ld_carries_any_text_and_does_not_end_its_script(nasty: Path) -> None:
    html = page(nasty, "main/tin-tuc/mot.html")
    trail, story = json_ld(html)
    assert story["@type"] == "NewsArticle"
    assert story["headline"] == story["description"] == story["author"]["name"] == NASTY
    assert story["publisher"]["name"] == NASTY
    assert story["keywords"] == [NASTY]
    assert [item["position"] for item in trail["itemListElement"]] == [1, 2, 3]
    assert trail["itemListElement"][2]["name"] == NASTY


def test_no_text_becomes_markup_on_any_page(nasty: Path) -> None:
    pages = {name: data.decode() for name, data in tree(nasty / "public/main").items()
             if name.endswith(".html")}  # fmt: skip
    assert len(pages) > 8
    for name, html in pages.items():
        without = re.sub(r"<script\b[^>]*>.*?</script>", "", html, flags=re.DOTALL)
        assert "</script>" not in without, name
        assert "<b>đậm</b>" not in without.partition('<div class="body">')[0], name
        assert "{{ x }}" in html, name
    assert "<title>&lt;/script&gt;" in pages["index.html"]


def found_by_search(root: Path) -> list[list[str]]:
    """The title, href, date, member and beginning of each article in the main portal's index."""
    files = (root / "public/main/tim-kiem").glob("r-*.json")
    rows = [row for file in files for row in json.loads(file.read_text("utf-8"))]
    return [row[1:] for row in sorted(rows)]


def test_the_search_index_carries_any_text(nasty: Path) -> None:
    entries = found_by_search(nasty)
    assert [entry[:2] for entry in entries] == [
        [NASTY, "/tin-tuc/hai.html"], [NASTY, "/tin-tuc/mot.html"],
    ]  # fmt: skip
    assert all(entry[4].startswith(" ".join(NASTY.split())) for entry in entries)


def test_sitemaps_carry_any_text(nasty: Path) -> None:
    news = parsed(nasty, "main/news-sitemap.xml")
    assert {name.text for name in news.iter(f"{NEWS}name")} <= {NASTY}
    assert parsed(nasty, "main/sitemap-1.xml").tag == f"{MAPS}urlset"


def hours_ago(hours: float) -> str:
    moment = datetime.fromtimestamp(NOW - hours * 3600, UTC)
    return f"{moment:%Y-%m-%d %H:%M:%S}Z"


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A network with old and new articles, also of a member, tags, topics and aliases."""
    files: Files = {
        "site.yaml": MAIN_SETTINGS
        + "topics:\n  - {title: Đại hội Đảng, slug: dai-hoi, description: Một dòng, "
        "banner: [Chào mừng, Đại hội]}\n",
        f"{AT}vua-xong.md": article("Vừa xong", hours_ago(1), tags="[du lịch, một mình]"),
        f"{AT}hom-qua.md": article("Hôm qua", hours_ago(47.9), tags="[Du Lịch]",
                                   updated="2020-01-14 09:00"),
        f"{AT}hom-kia.md": article("Hôm kia", hours_ago(48.1), author="Lò A",
                                   topics="[đại hội đảng, Mùa xuân]"),
        f"{AT}cu.md": article("Cũ", "2019-12-01 08:00", topics="Mùa xuân",
                              aliases="[/tin/cu.html, /tin/cu/, /tin/khong-duoi]"),
        f"{AT}tranh.md": article("Tranh", "2019-11-01 08:00",
                                 aliases="[/tin/cu.html, /tin-tuc/cu.html, /index.html]"),
        "content/gioi-thieu.md": article("Giới thiệu", "", aliases="/gioi-thieu-cu.html"),
        "members/sapa/content/tin-tuc/chung.md": article(
            "Chung", hours_ago(2), syndicate="true", tags="[du lịch]", topics="Đại hội Đảng"
        ),
        "members/sapa/content/tin-tuc/rieng.md": article("Riêng", hours_ago(3)),
    }  # fmt: skip
    root = network(tmp_path_factory.mktemp("portal"), files)
    taken = "Địa chỉ cũ “{}” đã có trang khác dùng ({}). Hãy bỏ dòng này khỏi `aliases`."
    assert problems(run(root)) == [
        f"{AT}tranh.md:1: " + taken.format("/index.html", "site.yaml"),
        f"{AT}tranh.md:1: " + taken.format("/tin-tuc/cu.html", f"{AT}cu.md"),
        f"{AT}tranh.md:1: " + taken.format("/tin/cu.html", f"{AT}cu.md"),
    ]
    return root


def test_feeds_hold_the_newest_first_each_by_its_identity(portal: Path) -> None:
    expected = [
        "main/tin-tuc/vua-xong.md", "sapa/tin-tuc/chung.md", "main/tin-tuc/hom-qua.md",
        "main/tin-tuc/hom-kia.md", "main/tin-tuc/cu.md", "main/tin-tuc/tranh.md",
    ]  # fmt: skip
    assert [item["guid"] for item in rss(portal)] == expected
    assert [item["id"] for item in feed(portal)["items"]] == expected
    assert [item["guid"] for item in rss(portal, "main/tin-tuc/rss.xml")] == expected
    assert [item["guid"] for item in rss(portal, "main/y-te/rss.xml")] == []
    assert [item["guid"] for item in rss(portal, "sapa/rss.xml")] == [
        "sapa/tin-tuc/chung.md", "sapa/tin-tuc/rieng.md",
    ]  # fmt: skip
    assert len({item["guid"] for item in rss(portal)}) == len(rss(portal))


def test_moments_in_feeds_are_those_of_the_articles(portal: Path) -> None:
    dates = [parsedate_to_datetime(item["pubDate"]) for item in rss(portal)]
    assert [int(date.timestamp()) for date in dates][:2] == [NOW - 3600, NOW - 7200]
    items = {item["title"]: item for item in feed(portal)["items"]}
    assert items["Vừa xong"]["date_published"] == "2020-01-15T07:00:00+07:00"
    assert items["Hôm qua"]["date_modified"] == "2020-01-14T09:00:00+07:00"
    assert "date_modified" not in items["Vừa xong"]
    assert feed(portal)["feed_url"] == "https://tinh.example/feed.json"
    assert feed(portal)["version"] == "https://jsonfeed.org/version/1.1"
    assert feed(portal, "sapa/feed.json")["home_page_url"] == f"{SAPA}/"


def test_a_feed_holds_as_many_items_and_as_much_text_as_the_site_says(tmp_path: Path) -> None:
    root = network(tmp_path, {
        "site.yaml": MAIN_SETTINGS + "    feeds: {limit: 2, full_text: true}\n",
        **{f"members/sapa/content/tin-tuc/{n}.md": article(
            f"Bài {n}", f"2020-01-0{n + 1}", body=f"Đầu.\n\nThân {n} [lịch](/tin-tuc/) [x](0.md)")
           for n in range(4)},
        f"{AT}mot.md": article("Một", body="Đầu.\n\nThân"),
    })  # fmt: skip
    run(root)
    items = rss(root, "sapa/rss.xml")
    assert [item["title"] for item in items] == ["Bài 3", "Bài 2"]
    assert items[0][f"{CONTENT}encoded"].strip() == (
        f'<p>Thân 3 <a href="{SAPA}/tin-tuc/" rel="noopener noreferrer">lịch</a> '
        f'<a href="{SAPA}/tin-tuc/0.html" rel="noopener noreferrer">x</a></p>'
    )
    assert feed(root, "sapa/feed.json")["items"][0]["content_html"] == items[0][f"{CONTENT}encoded"]
    assert f"{CONTENT}encoded" not in rss(root)[0]
    assert feed(root)["items"][0]["content_text"] == "Đầu."


def test_a_long_first_paragraph_is_cut_wherever_others_show_it(tmp_path: Path) -> None:
    words = " ".join(f"chữ{n}" for n in range(200))
    root = network(tmp_path, {
        f"{AT}dai.md": article("Dài", body=words),
        f"{AT}sau.md": article("Sau", body="Ngắn.", summary=words),
    })  # fmt: skip
    run(root)
    cut = words[:400].rsplit(" ", 1)[0] + "…"
    for item in feed(root)["items"]:
        assert item["summary"] == cut
    assert page(root, "main/tin-tuc/index.html").count(cut) == 2
    assert words not in page(root, "main/tin-tuc/sau.html")
    assert page(root, "main/tin-tuc/dai.html").count(words) == 1


def test_what_a_members_article_names_is_on_its_own_site_in_the_main_feed_too(
    tmp_path: Path,
) -> None:
    body = "Đầu.\n\nThân [tệp](tep.txt)"
    root = network(tmp_path, {
        "site.yaml": MAIN_SETTINGS + "feeds: {full_text: true}\n",
        "members/sapa/content/tin-tuc/a.md": article("A", body=body, syndicate="true"),
        "members/sapa/content/tin-tuc/tep.txt": "tệp",
    })  # fmt: skip
    run(root)
    link = re.search('href="([^"]*tep[^"]*)"', rss(root)[0][f"{CONTENT}encoded"])
    assert link
    assert link[1].startswith(f"{SAPA}/media/")
    assert (root / "public/sapa" / link[1].removeprefix(f"{SAPA}/")).read_text("utf-8") == "tệp"


def test_a_syndicated_article_is_in_the_main_lists_and_stays_the_members(portal: Path) -> None:
    for name in ("index.html", "tin-tuc/index.html", "tag/du-lich.html", "chuyen-de/dai-hoi.html"):
        html = page(portal, f"main/{name}")
        assert f'<a href="{SAPA}/tin-tuc/chung.html">Chung</a>' in html, name
        assert '<span class="member">Sa Pa</span>' in html or "Sa Pa ·" in html, name
        assert "Riêng" not in html, name
    published = tree(portal / "public/main")
    assert "tin-tuc/chung.html" not in published
    entry = next(entry for entry in found_by_search(portal) if entry[0] == "Chung")
    assert (entry[1], entry[3]) == (f"{SAPA}/tin-tuc/chung.html", "Sa Pa")
    own = page(portal, "sapa/tin-tuc/chung.html")
    assert f'<link rel="canonical" href="{SAPA}/tin-tuc/chung.html">' in own
    assert '<span class="member">' not in page(portal, "sapa/tin-tuc/index.html")
    assert "chung" not in published["sitemap-1.xml"].decode()


def urls(root: Path, name: str) -> dict[str, str]:
    found = parsed(root, name)
    return {
        entry.findtext(f"{MAPS}loc") or "": entry.findtext(f"{MAPS}lastmod") or ""
        for entry in found
    }


def test_the_sitemap_names_every_page_that_may_be_found(portal: Path) -> None:
    base = "https://tinh.example/"
    made = urls(portal, "main/sitemap-1.xml")
    assert set(made) == {
        base + path
        for path in ("", "tin-tuc/", "y-te/", "tin-tuc/vua-xong.html", "tin-tuc/hom-qua.html",
                     "tin-tuc/hom-kia.html", "tin-tuc/cu.html", "tin-tuc/tranh.html",
                     "gioi-thieu.html", "tag/du-lich.html", "chuyen-de/dai-hoi.html",
                     "chuyen-de/mua-xuan.html", "so-do-cong.html", "thanh-vien.html",
                     "tim-kiem.html")
    }  # fmt: skip
    assert made[f"{base}tin-tuc/cu.html"] == "2019-12-01T08:00:00+07:00"
    assert made[f"{base}tin-tuc/hom-qua.html"] == "2020-01-14T09:00:00+07:00"
    assert made[f"{base}gioi-thieu.html"] == ""
    assert urls(portal, "main/sitemap.xml") == {f"{base}sitemap-1.xml": "2020-01-15T07:00:00+07:00"}
    published = set(tree(portal / "public/main"))
    for address in made:
        path = address.removeprefix(base)
        assert (path + "index.html" if path.endswith("/") or not path else path) in published


def test_the_news_sitemap_holds_the_last_48_hours_of_the_sites_own(portal: Path) -> None:
    news = {
        entry.findtext(f"{MAPS}loc"): entry.findtext(f"{NEWS}news/{NEWS}title")
        for entry in parsed(portal, "main/news-sitemap.xml")
    }
    assert news == {
        "https://tinh.example/tin-tuc/vua-xong.html": "Vừa xong",
        "https://tinh.example/tin-tuc/hom-qua.html": "Hôm qua",
    }
    own = parsed(portal, "sapa/news-sitemap.xml")
    assert [entry.findtext(f"{MAPS}loc") for entry in own] == [
        f"{SAPA}/tin-tuc/chung.html", f"{SAPA}/tin-tuc/rieng.html",
    ]  # fmt: skip
    assert {name.text for name in own.iter(f"{NEWS}name")} == {"Thị xã Sa Pa"}
    assert {name.text for name in own.iter(f"{NEWS}language")} == {"vi"}
    assert own[0].findtext(f"{NEWS}news/{NEWS}publication_date") == "2020-01-15T06:00:00+07:00"


def test_robots_are_led_to_the_sitemaps(portal: Path) -> None:
    assert page(portal, "sapa/robots.txt") == (
        "User-agent: *\nAllow: /\n\n"
        f"Sitemap: {SAPA}/sitemap.xml\nSitemap: {SAPA}/news-sitemap.xml\n"
    )


def test_search_engines_are_told_what_an_article_is(portal: Path) -> None:
    html = page(portal, "main/tin-tuc/hom-qua.html")
    trail, story = json_ld(html)
    assert [item["item"] for item in trail["itemListElement"]] == [
        "https://tinh.example/", "https://tinh.example/tin-tuc/",
        "https://tinh.example/tin-tuc/hom-qua.html",
    ]  # fmt: skip
    assert story["dateModified"] == "2020-01-14T09:00:00+07:00"
    assert story["mainEntityOfPage"] == "https://tinh.example/tin-tuc/hom-qua.html"
    assert "author" not in story
    named = json_ld(page(portal, "main/tin-tuc/hom-kia.html"))[1]
    assert named["author"] == {"@type": "Person", "name": "Lò A"}
    assert [part["@type"] for part in json_ld(page(portal, "main/gioi-thieu.html"))] == [
        "BreadcrumbList"
    ]
    assert json_ld(page(portal, "main/index.html")) == []


def test_a_tag_has_a_page_once_two_articles_carry_it_in_any_spelling(portal: Path) -> None:
    published = tree(portal / "public/main")
    assert [name for name in published if name.startswith("tag/")] == ["tag/du-lich.html"]
    html = page(portal, "main/tag/du-lich.html")
    assert "<h1>du lịch</h1>" in html
    assert re.findall(r'<h3><a href="[^"]*">([^<]*)</a>', html) == ["Vừa xong", "Chung", "Hôm qua"]
    own = page(portal, "main/tin-tuc/vua-xong.html")
    assert '<li><a href="/tag/du-lich.html">du lịch</a></li>' in own
    assert "<li><span>một mình</span></li>" in own
    assert not any(name.startswith("tag/") for name in tree(portal / "public/sapa"))


def test_topics_gather_articles_by_their_titles_and_a_new_title_makes_a_hub(portal: Path) -> None:
    known = page(portal, "main/chuyen-de/dai-hoi.html")
    assert "<h1>Đại hội Đảng</h1>" in known
    assert '<p class="lead">Một dòng</p>' in known
    assert re.findall(r'<h3><a href="[^"]*">([^<]*)</a>', known) == ["Chung", "Hôm kia"]
    new = page(portal, "main/chuyen-de/mua-xuan.html")
    assert re.findall(r'<h3><a href="[^"]*">([^<]*)</a>', new) == ["Hôm kia", "Cũ"]
    own = page(portal, "main/tin-tuc/hom-kia.html")
    assert '<li><a href="/chuyen-de/dai-hoi.html">Đại hội Đảng</a></li>' in own
    assert '<li><a href="/chuyen-de/mua-xuan.html">Mùa xuân</a></li>' in own


def test_a_topics_banner_is_on_every_page_of_every_site(portal: Path) -> None:
    for name in ("main/index.html", "main/404.html", "main/tin-tuc/cu.html", "sapa/index.html"):
        html = page(portal, name)
        assert "Chào mừng" in html and "https://tinh.example/chuyen-de/dai-hoi.html" in html, name


def test_old_addresses_lead_to_where_the_page_stands_now(portal: Path) -> None:
    for name in ("tin/cu.html", "tin/cu/index.html", "tin/khong-duoi/index.html"):
        html = page(portal, f"main/{name}")
        target = "https://tinh.example/tin-tuc/cu.html"
        assert f'<meta http-equiv="refresh" content="0; url={target}">' in html, name
        assert f'<link rel="canonical" href="{target}">' in html
        assert '<meta name="robots" content="noindex">' in html
        assert f'<a href="{target}">Cũ</a>' in html
    assert "/gioi-thieu.html" in page(portal, "main/gioi-thieu-cu.html")
    assert "<h1>Cũ</h1>" in page(portal, "main/tin-tuc/cu.html")
    assert "<h1>Tranh</h1>" in page(portal, "main/tin-tuc/tranh.html")
    assert "lead-story" in page(portal, "main/index.html")


def test_the_page_for_who_has_lost_the_way_shows_the_latest(portal: Path) -> None:
    html = page(portal, "main/404.html")
    assert '<meta name="robots" content="noindex">' in html
    assert re.findall(r'<h\d><a href="([^"]*)">', html) == [
        "/tin-tuc/vua-xong.html", f"{SAPA}/tin-tuc/chung.html", "/tin-tuc/hom-qua.html",
        "/tin-tuc/hom-kia.html", "/tin-tuc/cu.html",
    ]  # fmt: skip
    assert not re.findall(r'(?:href|src)="(?!/|https?://|#)', html), "works at any address"


def titles(html: str) -> list[int]:
    return [int(n) for n in re.findall(r'<h3><a href="[^"]*">Bài (\d+)</a>', html)]


@pytest.mark.parametrize(
    ("count", "open_page", "closed"),
    [
        (0, 0, 0), (1, 1, 0), (20, 20, 0), (39, 39, 0), (40, 20, 1), (59, 39, 1), (60, 20, 2),
    ],
)  # fmt: skip
def test_older_pages_of_a_section_are_counted_from_the_oldest(
    tmp_path: Path, count: int, open_page: int, closed: int
) -> None:
    root = network(tmp_path, {
        f"members/sapa/{AT}{n}.md": article(f"Bài {n}", f"2019-{n // 28 + 1:02}-{n % 28 + 1:02}")
        for n in range(count)
    })  # fmt: skip
    run(root, sites=("sapa",))
    newest = page(root, "sapa/tin-tuc/index.html")
    assert titles(newest) == list(range(count - 1, count - 1 - open_page, -1))
    for number in range(1, closed + 1):
        html = page(root, f"sapa/tin-tuc/trang-{number}.html")
        assert titles(html) == list(range(number * 20 - 1, number * 20 - 21, -1))
        assert '<a href="/tin-tuc/">' in html
        assert f'<a rel="prev" href="/tin-tuc/trang-{number + 1}.html">' in html
        assert (f'<a rel="next" href="/tin-tuc/trang-{number - 1}.html">' in html) is (number > 1)
    if closed:
        assert f'<a rel="next" href="/tin-tuc/trang-{closed}.html">' in newest
        beyond = page(root, f"sapa/tin-tuc/trang-{closed + 1}.html")
        assert f"0; url={SAPA}/tin-tuc/" in beyond
    else:
        assert 'rel="next"' not in newest
    pages = list((root / "public/sapa/tin-tuc").glob("trang-*.html"))
    assert len(pages) == (closed + 1 if closed else 0)


def test_the_members_stand_in_the_directory_by_kind(tmp_path: Path) -> None:
    root = network(tmp_path, {
        "site.yaml": MAIN_SETTINGS + "kinds: [{slug: xa, title: Các xã}, "
        "{slug: thi-xa, title: Thị xã}, {slug: rong, title: Rỗng}]\n",
        "members/banqua/site.yaml": "title: Xã Bản Qua\nkind: xa\n",
        "members/aly/site.yaml": "title: Xã Á Lý\nkind: xa\n",
        "members/bo/site.yaml": "title: Sở Y tế\n",
        "members/sapa/site.yaml": MEMBER_SETTINGS,
    })  # fmt: skip
    run(root, sites=("main",))
    html = page(root, "main/thanh-vien.html").partition("<main")[2].partition("</main>")[0]
    assert re.findall(r"<h2>([^<]*)</h2>|>([^<]*)</a></li>", html.partition("</nav>")[2]) == [
        ("Các xã", ""), ("", "Xã Á Lý"), ("", "Xã Bản Qua"), ("Thị xã", ""), ("", "Thị xã Sa Pa"),
        ("", ""), ("", "Sở Y tế"),
    ]  # fmt: skip
    assert not (root / "public/sapa").exists()
