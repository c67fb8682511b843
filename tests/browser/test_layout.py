"""Pages have no layout shifts."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.conftest import OpenPage
from tests.browser.kinds import PAGES
from tests.browser.markup import elements, first
from tests.browser.server import PICTURES, Server

SHIFTS = """window.shifts = [];
const place = ({x, y, width, height}) => `${x},${y} ${width}x${height}`;
new PerformanceObserver(list => {
    for (const entry of list.getEntries())
        for (const {node, previousRect, currentRect} of entry.sources)
            shifts.push(`${entry.value}: ${node?.nodeName} ${node?.className ?? node?.data} from ` +
                `${place(previousRect)} to ${place(currentRect)}`);
}).observe({type: "layout-shift", buffered: true});"""
SCROLL = """async () => {
    for (let y = 0; y < document.documentElement.scrollHeight; y += 300) {
        scrollTo(0, y);
        await new Promise(done => setTimeout(done, 100));
    }
}"""
UNSEEN = """[...document.images].filter(image => !image.complete || !image.naturalWidth)
    .map(image => image.currentSrc || image.src)"""


@pytest.fixture
def slow(server: Server) -> Iterator[Server]:
    """Delay pictures, and style sheets too, so that fonts, which are fetched first, are loaded."""
    server.delays = {**dict.fromkeys(PICTURES, 0.3), ".css": 0.5}
    yield server
    server.delays = {}


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("kind", ["home", "article"])
def test_fonts_and_late_pictures_move_nothing(
    open_page: OpenPage, slow: Server, kind: str, width: int
) -> None:
    page = open_page(
        kind, lambda page: page.add_init_script(SHIFTS), viewport={"width": width, "height": 800}
    )
    page.evaluate(SCROLL)
    page.wait_for_load_state("networkidle")
    page.evaluate("document.fonts.ready.then(() => true)")
    page.wait_for_timeout(100)
    assert page.evaluate(UNSEEN) == []
    shifts = page.evaluate("shifts")
    assert not shifts, "\n".join(shifts)


def test_every_picture_says_how_large_it_is(sample: Path) -> None:
    found = [
        element
        for element in elements(sample)
        if element.tag == "img"
        and not all(element.attributes.get(name, "").isdigit() for name in ("width", "height"))
    ]
    assert not found, first(found)


@pytest.mark.parametrize("kind", PAGES)
def test_nothing_runs_by_itself(open_page: OpenPage, kind: str) -> None:
    page = open_page(kind)
    running = "document.getAnimations().map(one => one.effect.target.outerHTML.slice(0, 120))"
    assert page.evaluate(running) == []
    assert page.locator("marquee, blink, video[autoplay], audio[autoplay]").count() == 0
