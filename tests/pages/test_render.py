import html
import re
from contextlib import closing
from pathlib import Path

import pytest

from portalgen.changes.cache import Cache, CacheDamagedError
from portalgen.digests import digest_bytes
from portalgen.pages import contexts as c
from portalgen.pages.page import Page, file_page
from portalgen.pages.plan import plan_site
from portalgen.pages.render import Work, render, render_page
from portalgen.problems import Problems
from portalgen.themes.theming import Theming
from tests.helpers import (
    MAIN_SETTINGS,
    article,
    network,
    run,
)
from tests.pages.published import CONTENT, rss
from tests.quick import look_up

AT = "content/tin-tuc/"


SAPA = "https://sapa.tinh.example"


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


def planned(root: Path) -> tuple[dict[str, Page], Theming]:
    """The pages of the main portal by route, and what they are rendered with."""
    cards, theming = look_up(root)
    pages = plan_site(cards, cards.library.sites["main"], theming["main"], Problems())
    return {page.route: page for page in pages}, theming["main"]


def rendered(root: Path, route: str, body: str) -> str:
    """A page of the main portal, each of whose articles has this body."""
    pages, theming = planned(root)
    data, problem = render_page(pages[route], theming, lambda path: body)
    assert data is not None and problem is None
    return data.decode()


TARGETS = {
    f"{AT}b.md": article("B"),
    f"{AT}c.md": article("C", draft="true"),
    "members/sapa/content/tin-tuc/e.md": article("E"),
}


def test_references_in_a_body_become_addresses_or_text_alone(tmp_path: Path) -> None:
    root = network(tmp_path, {
        **TARGETS,
        f"{AT}a.md": article(
            "A", body="Đầu.\n\n[b](b.md#x) [c](c.md) [e](portal:sapa/tin-tuc/e.md)"
        ),
    })  # fmt: skip
    body = (
        '<a href="portal:main/tin-tuc/b.md#x&amp;y">b</a> <a href="portal:main/tin-tuc/c.md">c</a> '
        '<a href="portal:sapa/tin-tuc/e.md">e</a> <a href="/other.html">f</a>'
    )
    assert (
        f'<a href="/tin-tuc/b.html#x&amp;y">b</a> c <a href="{SAPA}/tin-tuc/e.html">e</a> '
        '<a href="/other.html">f</a>'
    ) in rendered(root, "tin-tuc/a.html", body)


def test_paths_in_the_text_of_a_feed_lead_to_the_host_of_the_article(tmp_path: Path) -> None:
    root = network(tmp_path, {
        "site.yaml": MAIN_SETTINGS + "feeds: {full_text: true}\n", f"{AT}a.md": article("A"),
    })  # fmt: skip
    body = (
        '<img src="/media/a.jpg" srcset="/media/a.webp 1w, /media/b.webp 2w">'
        '<a href="//x.example/">b</a> <a href="https://y.example/">c</a> /d "/e'
        '<a href="/f" rel="x">g</a> <code>href="/h" src="/i"</code>'
    )
    feed = rendered(root, "rss.xml", body)
    host = "https://tinh.example"
    assert (
        f'<img src="{host}/media/a.jpg" srcset="{host}/media/a.webp 1w, {host}/media/b.webp 2w">'
        '<a href="//x.example/">b</a> <a href="https://y.example/">c</a> /d "/e'
        f'<a href="{host}/f" rel="x">g</a> <code>href="/h" src="/i"</code>'
    ) in html.unescape(feed)


@pytest.mark.parametrize(
    ("expression", "detail"),
    [
        ("{{ nothing }}", "UndefinedError: 'nothing' is undefined"),
        ("{{ 1 // 0 }}", "ZeroDivisionError: integer division or modulo by zero"),
        ("{{ site.title + 1 }}", 'TypeError: can only concatenate str (not "int") to str'),
        ("{{ range(1)['/home/web/a'] }}", "UndefinedError: 'range object' has no attribute '…"),
        ("{% include 'say.html' %}", "UndefinedError: 'word' is undefined"),
    ],
)
def test_a_template_that_fails_is_named_with_its_line_and_no_path_of_this_machine(
    tmp_path: Path, expression: str, detail: str
) -> None:
    root = network(tmp_path, {
        "site.yaml": MAIN_SETTINGS + "theme: x\n",
        "themes/x/theme.yaml": "name: x\nextends: portal\n",
        "themes/x/templates/404.html": (
            '{% extends "portal/404.html" %}\n{% block content %}\n'
            f"{expression}{{% endblock %}}"
        ),
        "themes/x/templates/say.html": "{{ word }}",
    })  # fmt: skip
    pages, theming = planned(root)
    data, problem = render_page(pages["404.html"], theming, lambda path: "")
    assert data is None and problem
    name, line = ("say", 1) if "include" in expression else ("404", 3)
    assert problem.describe("en") == (
        f"themes/x/templates/{name}.html:{line}: The template cannot render the page “404.html”: "
        f"{detail}. The site keeps what is published."
    )


def work(root: Path, pages: list[Page], published: dict[str, str]) -> Work:
    """The work of rendering these pages; `published`: the digests of files by route."""
    with closing(Cache(root / ".portalgen/work.sqlite", fresh=True)) as cache:
        bodies = cache.address(remote=False)
    (root / "stage").mkdir()
    return Work(pages, planned(root)[1], bodies, root / "stage", published)


def test_only_what_differs_from_what_is_published_is_staged(tmp_path: Path) -> None:
    root = network(tmp_path, {"static/a.txt": "a", "static/b.txt": "b"})
    by_route = planned(root)[0]
    pages = [by_route[route] for route in ("404.html", "a.txt", "b.txt")]
    same = {"a.txt": digest_bytes(b"a"), "b.txt": digest_bytes(b"a")}
    works = [work(root, pages, same)]
    results = [render(works, (0, number)) for number in (1, 2, 0)]
    assert [(each.page, each.same, each.size) for each in results[:2]] == [
        (1, True, 1), (2, False, 1),
    ]  # fmt: skip
    assert results[1].digest == digest_bytes(b"b")
    staged = {file.name: file.read_bytes() for file in (root / "stage").iterdir()}
    assert sorted(staged) == ["main-0", "main-2"]
    assert staged["main-2"] == b"b"
    assert digest_bytes(staged["main-0"]) == results[2].digest


@pytest.mark.parametrize("route", ["media/a.jpg", "a.txt"])
def test_a_picture_that_is_gone_damages_the_cache_and_another_file_does_not(
    tmp_path: Path, route: str
) -> None:
    root = network(tmp_path, {})
    site = look_up(root)[0].sites["main"]
    page = file_page(site, route, c.FileContext(str(root / "gone"), "state"))
    error = CacheDamagedError if route.startswith("media/") else FileNotFoundError
    with pytest.raises(error):
        render([work(root, [page], {})], (0, 0))


def test_what_fails_without_a_template_is_no_fault_of_a_theme(tmp_path: Path) -> None:
    root = network(tmp_path, {})
    page = file_page(look_up(root)[0].sites["main"], "a.xml", c.SitemapContext("odd", ((),)))  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="unpack"):
        render_page(page, planned(root)[1], lambda path: "")
