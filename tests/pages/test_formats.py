import json
import re
from html import escape
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
    article,
    network,
    page,
    problems,
    run,
    tree,
)
from tests.pages.published import CONTENT, MAPS, NEWS, feed, parsed, rss

AT = "content/tin-tuc/"
SAPA = "https://sapa.tinh.example"
CREATOR = "{http://purl.org/dc/elements/1.1/}creator"
Files = dict[str, str | bytes | None]


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
        assert item["title"] == item[CREATOR] == item["category"] == NASTY
        assert item["description"] == escape(NASTY, quote=False)  # feed readers take it as HTML
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
