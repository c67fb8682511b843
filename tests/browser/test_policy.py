"""Pages obey a strict content policy, load only from their host, and work without scripts."""

from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from playwright.sync_api import Page, Response

from tests.browser.conftest import OpenPage
from tests.browser.kinds import PAGES
from tests.browser.markup import Element, elements, first
from tests.browser.server import Server, file_of, url_of
from tests.sample import HOST

REPORT = """addEventListener("securitypolicyviolation", event => console.error(
    `${event.violatedDirective}: ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`))"""
WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
NARROW = {"viewport": {"width": 320, "height": 640}}
ZOOMED = {"viewport": {"width": 640, "height": 450}, "device_scale_factor": 2}


@pytest.mark.parametrize("kind", PAGES)
def test_nothing_is_refused_or_fails_or_asks_another_host(open_page: OpenPage, kind: str) -> None:
    found: list[str] = []
    asked: list[str] = []

    def answered(answer: Response) -> None:
        if answer.status >= 400:
            found.append(f"{answer.status}: {answer.url}")

    def watch(page: Page) -> None:
        page.add_init_script(REPORT)
        page.on("console", lambda line: found.append(f"{line.type}: {line.text} {line.location}"))
        page.on("pageerror", lambda error: found.append(str(error)))
        page.on("request", lambda request: asked.append(request.url))
        page.on("requestfailed", lambda request: found.append(f"no answer: {request.url}"))
        page.on("response", answered)

    page = open_page(kind, watch)
    page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    page.wait_for_load_state("networkidle")
    if kind == "not found":  # the page itself fails to load
        found = [line for line in found if page.url not in line]
    if kind == "redirect":  # a link to another page, not opened here
        asked = [url for url in asked if not url.endswith("/")]
        found = [line for line in found if not line.startswith("no answer")]
    assert found == []
    assert {urlsplit(url).hostname for url in asked} <= {urlsplit(page.url).hostname}


def foreign_to_the_policy(element: Element) -> bool:
    tag, attributes = element.tag, element.attributes
    inline_script = (
        tag == "script"
        and "src" not in attributes
        and attributes.get("type") != "application/ld+json"
    )
    return (
        inline_script
        or tag in ("style", "base")
        or "style" in attributes
        or any(name.startswith("on") for name in attributes)
        or attributes.get("href", "").strip().lower().startswith("javascript:")
    )


def test_no_file_holds_inline_script_or_style(sample: Path) -> None:
    found = [element for element in elements(sample) if foreign_to_the_policy(element)]
    assert not found, first(found)


def test_links_within_the_network_lead_to_pages(sample: Path) -> None:
    def broken(element: Element) -> bool:
        url = urljoin(url_of(sample, element.file), element.attributes.get("href", ""))
        parts = urlsplit(url)
        ours = parts.scheme == "http" and (parts.hostname or "").endswith(HOST)
        return element.tag in ("a", "link") and ours and not file_of(sample, url)

    found = [element for element in elements(sample) if broken(element)]
    assert not found, first(found)


@pytest.mark.parametrize("kind", PAGES)
@pytest.mark.parametrize("size", [NARROW, ZOOMED], ids=["320px", "200%"])
@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_no_page_is_wider_than_the_screen(
    open_page: OpenPage, kind: str, size: dict[str, Any], script: bool
) -> None:
    page = open_page(kind, **size, java_script_enabled=script)
    assert page.evaluate(WIDER) <= 0, page.evaluate(
        """[...document.querySelectorAll("body *")]
        .filter(item => item.getBoundingClientRect().right > innerWidth)
        .map(item => item.outerHTML.slice(0, 120)).slice(0, 5)"""
    )


@pytest.mark.parametrize("kind", PAGES)
def test_every_page_works_without_script(open_page: OpenPage, server: Server, kind: str) -> None:
    page = open_page(kind, java_script_enabled=False)
    body = page.locator("body" if kind == "redirect" else "main")
    assert body.is_visible()
    assert len(body.inner_text().split()) > 4
    links = body.locator("a[href]:visible")
    assert links.count() > 0
    target = links.first.evaluate("link => link.href")
    page.unroute_all()
    links.first.click()
    page.wait_for_url(target)
    assert file_of(server.output, page.url)


def test_a_redirect_leads_on(open_page: OpenPage) -> None:
    page = open_page("redirect")
    link = page.locator("a[href]").evaluate("link => link.href")
    page.unroute_all()
    page.reload(wait_until="commit")
    page.wait_for_url(link)
    assert page.locator("main h1").is_visible()
