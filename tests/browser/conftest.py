import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

import pytest
from playwright.sync_api import Browser, Page, Playwright, Route, sync_playwright

from tests.browser.kinds import PAGES, articles, biggest, title
from tests.browser.server import Server, serve, url_of
from tests.helpers import missing
from tests.sample import HOST

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
TOOLS = Path(__file__).parent / "node_modules"


class OpenPage(Protocol):
    """Open a page of a kind; `before` is called with the empty page."""

    def __call__(
        self, kind: str, before: Callable[[Page], object] = ..., **options: Any
    ) -> Page: ...


def find_chromium() -> str:
    """The path of Chromium, empty if it is not installed."""
    return os.environ.get("CHROME_PATH") or next(filter(None, map(shutil.which, NAMES)), "")


@pytest.fixture(scope="session")
def chromium_path() -> str:
    found = find_chromium()
    if not found:
        missing("no Chromium: install it, or name it in CHROME_PATH")
    return found


@pytest.fixture(scope="session")
def java() -> str:
    found = shutil.which("java")
    if not found:
        missing("no Java: install a Java runtime")
    return found or ""


def tool(name: str) -> Path:
    file = TOOLS / name
    if not file.is_file():
        missing(f"no {name.partition('/')[0]}: run `make browser-tools`, which needs npm")
    return file


@pytest.fixture(scope="session")
def axe() -> str:
    return tool("axe-core/axe.min.js").read_text("utf-8")


@pytest.fixture(scope="session")
def html_checker(java: str) -> list[str]:
    return [java, "-jar", str(tool("vnu-jar/build/dist/vnu.jar"))]


@pytest.fixture(scope="session")
def server(chromium_path: str, sample: Path) -> Iterator[Server]:
    with serve(sample) as running:
        yield running


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """Playwright, of which a process can have only one instance."""
    with sync_playwright() as tools:
        yield tools


@pytest.fixture(scope="session")
def launch(playwright: Playwright, chromium_path: str) -> Callable[[Server], Browser]:
    """Start a browser that resolves only the hosts of a server."""
    return lambda server: playwright.chromium.launch(
        executable_path=chromium_path, args=server.browser_arguments()
    )


@pytest.fixture(scope="session")
def browser(launch: Callable[[Server], Browser], server: Server) -> Browser:
    return launch(server)


@pytest.fixture
def open_page(browser: Browser, server: Server) -> Iterator[OpenPage]:
    contexts = []

    def opened(kind: str, before: Callable[[Page], object] = id, **options: Any) -> Page:
        context = browser.new_context(**options)
        contexts.append(context)
        context.set_default_timeout(10_000)
        page = context.new_page()
        url = url_of(server.output, PAGES[kind](server.output))

        def stay(route: Route) -> None:
            if route.request.is_navigation_request() and route.request.url != url:
                route.fulfill(status=204)
            else:
                route.continue_()

        if kind == "redirect":
            page.route("**", stay)
        before(page)
        page.goto(url)
        if kind == "search" and options.get("java_script_enabled", True):
            article = biggest(articles(server.output))
            page.locator("main input[type=search]").fill(title(article))
            page.keyboard.press("Enter")
            link = url_of(server.output, article).partition(HOST)[2]
            page.locator(f"main a[href$='{link}']").first.wait_for()
        return page

    yield opened
    for context in contexts:
        context.close()
