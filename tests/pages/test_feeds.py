"""Feeds, sitemaps and copied files: what they hold, and that they conform to their formats."""

import json
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest

from portalgen.pages import contexts as c
from portalgen.pages import feeds
from tests.helpers import (
    MAIN_SETTINGS,
    NOW,
    article,
    network,
    page,
    picture,
    run,
    tree,
)
from tests.pages.published import CONTENT, MAPS, NEWS, feed, parsed, rss
from tests.quick import plan
from tests.sample import HOST

ATOM = "{http://www.w3.org/2005/Atom}"
SITES = 48


def documents(sample: Path, pattern: str) -> list[tuple[Path, ElementTree.Element]]:
    files = sorted(sample.glob(pattern))
    assert len(files) >= SITES
    return [(file, ElementTree.fromstring(file.read_bytes())) for file in files]


def absolute(url: str | None) -> bool:
    parts = urlsplit(url or "")
    return parts.scheme in ("http", "https") and bool(parts.hostname) and " " not in (url or "")


def ours(url: str | None) -> bool:
    return absolute(url) and (urlsplit(url or "").hostname or "").endswith(HOST)


def texts(element: ElementTree.Element, name: str) -> Iterator[str]:
    for part in element.iter(name):
        yield part.text or ""


def test_rss(sample: Path) -> None:
    for file, root in documents(sample, "**/rss.xml"):
        assert (root.tag, root.get("version"), len(root)) == ("rss", "2.0", 1), file
        channel = root[0]
        for name in ("title", "link", "description", "language"):
            [value] = [part.text for part in channel if part.tag == name]
            assert value and value.strip(), (file, name)
        own = channel.find(f"{ATOM}link")
        assert own is not None and ours(own.get("href")) and own.get("rel") == "self", file
        assert all(ours(link) for link in texts(channel, "link")), file
        identities = list(texts(channel, "guid"))
        assert all(identities) and len(set(identities)) == len(identities), file
        for item in channel.iter("item"):
            assert item.findtext("title") and item.findtext("link"), file
            assert len(item.findall("guid")) == len(item.findall("pubDate")) == 1, file
        for moment in [*texts(channel, "pubDate"), *texts(channel, "lastBuildDate")]:
            assert parsedate_to_datetime(moment).tzinfo, (file, moment)


def refuse(constant: str) -> None:
    pytest.fail(f"{constant} is no JSON")


def test_json_feeds(sample: Path) -> None:
    files = sorted(sample.glob("*/feed.json"))
    assert len(files) == SITES
    for file in files:
        feed: dict[str, Any] = json.loads(file.read_bytes(), parse_constant=refuse)
        assert feed["version"] == "https://jsonfeed.org/version/1.1", file
        assert isinstance(feed["title"], str) and feed["title"], file
        assert ours(feed["home_page_url"]) and ours(feed["feed_url"]), file
        items = feed["items"]
        assert isinstance(items, list), file
        assert len({item["id"] for item in items}) == len(items), file
        for item in items:
            assert isinstance(item["id"], str) and item["id"], file
            assert ours(item["url"]), file
            assert item.get("content_html") or item.get("content_text"), file
            assert not item.get("image") or ours(item["image"]), file


def test_sitemaps(sample: Path) -> None:
    for file, root in documents(sample, "*/*sitemap*.xml"):
        entry = {f"{MAPS}urlset": f"{MAPS}url", f"{MAPS}sitemapindex": f"{MAPS}sitemap"}[root.tag]
        assert {part.tag for part in root} <= {entry}, file
        assert len(root) <= 50_000 and file.stat().st_size <= 50 * 1024 * 1024, file
        host = urlsplit(next(texts(root, f"{MAPS}loc"), "")).hostname
        for part in root:
            [place] = part.findall(f"{MAPS}loc")
            assert ours(place.text) and urlsplit(place.text or "").hostname == host, file


AT = "content/tin-tuc/"


SAPA = "https://sapa.tinh.example"


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


def urls(root: Path, name: str) -> dict[str, str]:
    entries = parsed(root, name)
    return {
        entry.findtext(f"{MAPS}loc") or "": entry.findtext(f"{MAPS}lastmod") or ""
        for entry in entries
    }


def test_the_sitemap_names_every_page_that_may_be_found(portal: Path) -> None:
    base = "https://tinh.example/"
    modified = urls(portal, "main/sitemap-1.xml")
    assert set(modified) == {
        base + path
        for path in ("", "tin-tuc/", "y-te/", "tin-tuc/vua-xong.html", "tin-tuc/hom-qua.html",
                     "tin-tuc/hom-kia.html", "tin-tuc/cu.html", "tin-tuc/tranh.html",
                     "gioi-thieu.html", "tag/du-lich.html", "chuyen-de/dai-hoi.html",
                     "chuyen-de/mua-xuan.html", "so-do-cong.html", "thanh-vien.html",
                     "tim-kiem.html")
    }  # fmt: skip
    assert modified[f"{base}tin-tuc/cu.html"] == "2019-12-01T08:00:00+07:00"
    assert modified[f"{base}tin-tuc/hom-qua.html"] == "2020-01-14T09:00:00+07:00"
    assert modified[f"{base}gioi-thieu.html"] == ""
    assert urls(portal, "main/sitemap.xml") == {f"{base}sitemap-1.xml": "2020-01-15T07:00:00+07:00"}
    published = set(tree(portal / "public/main"))
    for address in modified:
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


DAILY = {f"{AT}{n}.md": article(f"Tin {n}", f"2020-01-{n:02} 08:00") for n in range(10, 15)}


def maps(root: Path) -> dict[str, list[tuple[str, str]]]:
    """The addresses and moments of each planned sitemap of the main portal."""
    pages = plan(root)
    contexts = {route: page.context for route, page in pages.items()}
    return {
        route: [(url.removeprefix("https://tinh.example/"), moment[:10])
                for url, moment in context.entries]
        for route, context in contexts.items()
        if isinstance(context, c.SitemapContext) and context.format != "news"
    }  # fmt: skip


@pytest.mark.parametrize("limit", ["SITEMAP_URLS", "SITEMAP_BYTES"])
def test_a_sitemap_comes_in_parts_no_larger_than_crawlers_take(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    root = network(tmp_path, DAILY)
    [(_, whole), _] = sorted(maps(root).items())
    assert len(whole) == 11
    monkeypatch.setattr(
        feeds, limit, 5 if limit == "SITEMAP_URLS" else 1250
    )  # bytes: of four entries
    parts = maps(root)
    index = parts.pop("sitemap.xml")
    assert [name for name, _ in index] == sorted(parts) == [
        f"sitemap-{n}.xml" for n in range(1, len(parts) + 1)
    ]  # fmt: skip
    assert [len(part) for part in parts.values()] == (
        [5, 5, 1] if limit == "SITEMAP_URLS" else [4, 4, 3]
    )
    assert [entry for name in sorted(parts) for entry in parts[name]] == whole
    assert [moment for _, moment in index] == [
        max(moment for _, moment in part) for part in parts.values()
    ]


def test_the_news_sitemap_has_an_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeds, "NEWS_LIMIT", 1)
    files = {f"{AT}{n}.md": article(f"Tin {n}", f"2020-01-14 0{n}:00") for n in range(3)}
    news = plan(network(tmp_path, files))["news-sitemap.xml"].context.news
    assert [item.title for item in news] == ["Tin 2"]


def test_a_feed_of_a_section_is_named_after_it_and_the_site(tmp_path: Path) -> None:
    pages = plan(network(tmp_path, {}))
    assert pages["rss.xml"].context.title == "Cổng tỉnh"
    assert pages["y-te/rss.xml"].context.title == "Y tế - Cổng tỉnh"


def test_what_is_copied_are_assets_static_files_and_pictures(tmp_path: Path) -> None:
    root = network(tmp_path, {
        "static/a/b.txt": "b", "members/sapa/static/c.txt": "c",
        f"{AT}tin.md": article("Tin", image="anh.png"), f"{AT}anh.png": picture(40, 30, "PNG"),
    })  # fmt: skip
    main, sapa = plan(root), plan(root, "sapa")
    assert isinstance(main["a/b.txt"].context, c.FileContext)
    assert main["a/b.txt"].context.source == str(root / "static/a/b.txt")
    assert "a/b.txt" not in sapa
    assert "c.txt" in sapa
    pictures = [route for route in main if route.startswith("media/")]
    assert len(pictures) == 2  # WebP and JPEG
    assert all((root / ".portalgen" / route).is_file() for route in pictures)
    assert [route for route in main if route.startswith("assets/main.")] != []
    named_by_content = [route for route in main if route.startswith(("assets/", "media/"))]
    assert all(main[route].key == route.removeprefix("media/") for route in named_by_content)


def test_a_file_changed_a_moment_ago_is_known_by_its_content(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "a.txt"
    file.write_text("một")
    times = file.stat().st_mtime_ns
    fresh = feeds.file_state(file)
    monkeypatch.setattr("portalgen.pages.feeds.RACY_NANOSECONDS", 0)
    old = feeds.file_state(file)
    assert fresh.startswith(old) and len(fresh) == len(old) + 32
    assert str(times) in old
    file.write_text("hai!")
    assert feeds.file_state(file) != old
