"""`portalgen serve` in an editor's browser: an article is opened and saved."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Playwright

from tests.helpers import article, network, write
from tests.serve.serving import Serving, serving, until

LONG = "\n\n".join(f"Đoạn số {number} của bài viết." for number in range(200))
COLOUR = "getComputedStyle(document.querySelector('h1')).color"
FILES = {
    "content/tin-tuc/bai.md": article("Bài thứ nhất", body=LONG),
    "content/tin-tuc/nhap.md": article("Bài còn nháp", draft="true"),
    "content/tin-tuc/hen.md": article("Bài hẹn giờ", date="2099-01-01 08:00"),
    "members/sapa/content/tin-tuc/tin.md": article("Tin Sa Pa"),
}


@pytest.fixture(scope="module")
def chromium(playwright: Playwright, chromium_path: str) -> Iterator[Browser]:
    browser = playwright.chromium.launch(executable_path=chromium_path, args=["--no-sandbox"])
    yield browser
    browser.close()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return network(tmp_path, FILES)


@pytest.fixture
def server(root: Path) -> Iterator[Serving]:
    with serving(root) as running:
        yield running


@pytest.fixture
def show(chromium: Browser, server: Serving) -> Iterator[Callable[[str], Page]]:
    context = chromium.new_context(viewport={"width": 1000, "height": 700})
    context.set_default_timeout(20_000)

    def open_page(address: str) -> Page:
        page = context.new_page()
        page.goto(address.replace("PORT", str(server.port)))
        page.evaluate("window.before = true")
        return page

    yield open_page
    context.close()


def test_a_save_shows_where_one_was_reading(show: Callable[[str], Page], root: Path) -> None:
    page = show("http://localhost:PORT/tin-tuc/bai.html")
    page.evaluate("scrollTo(0, 1500)")
    write(root, {"content/tin-tuc/bai.md": article("Tựa đề mới", body=LONG + "\n\nVừa viết thêm.")})
    page.get_by_text("Vừa viết thêm.").wait_for()
    assert page.title().startswith("Tựa đề mới")
    until(lambda: page.evaluate("scrollY") == 1500)


def test_a_paragraph_comes_into_the_page_that_is_there(
    show: Callable[[str], Page], root: Path, server: Serving
) -> None:
    page = show("http://localhost:PORT/tin-tuc/bai.html")
    page.wait_for_load_state("networkidle")
    for number in (2, 3):
        text = article("Bài thứ nhất", body=f"{LONG}\n\nViết thêm lần {number}.")
        write(root, {"content/tin-tuc/bai.md": text})
        page.get_by_text(f"Viết thêm lần {number}.").wait_for()
        server.wait_for_builds(number)
    assert page.evaluate("window.before")
    fresh = show("http://localhost:PORT/tin-tuc/bai.html")
    both = [one.locator("main").inner_html() for one in (page, fresh)]
    assert both[0] == both[1]


def test_what_a_script_has_touched_is_loaded_again(show: Callable[[str], Page], root: Path) -> None:
    page = show("http://localhost:PORT/tin-tuc/bai.html")
    page.wait_for_load_state("networkidle")
    page.evaluate("document.querySelector('.body p').append(' (bởi chương trình)')")
    text = article("Bài thứ nhất", body=f"{LONG}\n\nVừa viết thêm.")
    write(root, {"content/tin-tuc/bai.md": text})
    page.get_by_text("Vừa viết thêm.").wait_for()
    assert not page.evaluate("window.before")
    assert "bởi chương trình" not in page.locator("main").inner_text()


def test_lists_follow_on_every_site(
    show: Callable[[str], Page], root: Path, server: Serving
) -> None:
    page = show("http://sapa.localhost:PORT/")
    path = show("http://127.0.0.1:PORT/~sapa/tin-tuc/")
    write(root, {"members/sapa/content/tin-tuc/tin-hai.md": article("Tin thứ hai của Sa Pa")})
    for one in (page, path):
        one.get_by_role("link", name="Tin thứ hai của Sa Pa").first.click()
        one.locator("h1", has_text="Tin thứ hai của Sa Pa").wait_for()
    assert page.url == f"http://sapa.localhost:{server.port}/tin-tuc/tin-hai.html"
    assert path.url == f"http://127.0.0.1:{server.port}/~sapa/tin-tuc/tin-hai.html"
    path.locator(".provincial a, header a").first.click()
    path.wait_for_url(f"http://127.0.0.1:{server.port}/~*/")


def test_what_is_wrong_is_told_on_the_page_until_it_is_mended(
    show: Callable[[str], Page], root: Path, server: Serving
) -> None:
    page = show("http://localhost:PORT/tin-tuc/bai.html")
    write(root, {"content/tin-tuc/bai.md": "---\ntitel: Bài thứ nhất\n---\nMới\n"})
    panel = page.locator("#desk-problems")
    panel.get_by_text("content/tin-tuc/bai.md:2:1").first.wait_for()
    assert "title" in panel.inner_text()
    assert page.evaluate("window.before")
    server.wait_for_builds(2)
    page.reload()
    panel.wait_for()
    assert page.locator("h1").inner_text() == "Bài thứ nhất"
    write(root, {"content/tin-tuc/bai.md": article("Bài thứ nhất", body="Mới")})
    page.get_by_text("Mới", exact=True).wait_for()
    panel.wait_for(state="detached")


def test_styles_change_without_loading_the_page_again(
    show: Callable[[str], Page], root: Path, server: Serving
) -> None:
    theme = root / "themes" / "rieng"
    write(theme, {"theme.yaml": "name: rieng\nextends: portal\n", "assets/extra.css": ""})
    settings = (root / "site.yaml").read_text("utf-8")
    write(root, {"site.yaml": f"{settings}theme: rieng\n"})
    server.wait_for_builds(2)
    page = show("http://localhost:PORT/tin-tuc/bai.html")
    source = Path(__file__).parents[2] / "themes/portal/assets/main.css"
    red = source.read_text("utf-8") + "h1 { color: rgb(1, 2, 3) !important; }\n"
    write(theme, {"assets/main.css": red})
    server.wait_for_builds(3)
    page = show("http://localhost:PORT/tin-tuc/bai.html")
    for number in (4, 5):
        write(theme, {"assets/main.css": red.replace("(1, 2, 3)", f"({number}, 2, 3)")})
        wanted = f"rgb({number}, 2, 3)"
        until(lambda: page.evaluate(COLOUR) == wanted)  # noqa: B023 - awaited at once
        server.wait_for_builds(number)
    assert page.evaluate("window.before")


def test_drafts_and_scheduled_articles_say_so(show: Callable[[str], Page]) -> None:
    page = show("http://localhost:PORT/tin-tuc/nhap.html")
    assert page.locator(".article .status-label").inner_text() == "Bản nháp"
    page = show("http://localhost:PORT/")
    labels = page.locator("main .card .status-label")
    assert {"Bản nháp", "Hẹn giờ đăng"} <= set(labels.all_inner_texts())


def test_fifty_files_saved_at_once_are_one_build(
    show: Callable[[str], Page], root: Path, server: Serving
) -> None:
    page = show("http://localhost:PORT/tin-tuc/")
    for number in range(50):
        write(root, {f"content/tin-tuc/so-{number}.md": article(f"Bài số {number}")})
    page.get_by_role("link", name="Bài số 0", exact=True).first.wait_for()
    assert server.builds() == 2
