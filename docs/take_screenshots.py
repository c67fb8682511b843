"""Take the screenshots of the sample network for the documentation: `make screenshots`."""

import io
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from tests.browser.conftest import find_chromium
from tests.browser.server import serve
from tests.helpers import NOW
from tests.sample import HOST, build_sample

FOLDER = Path(__file__).parent / "screenshots"
MAIN, MEMBER = f"http://{HOST}/", f"http://sapa.{HOST}/"
ARTICLE = MAIN + "chinh-quyen-dien-tu/day-nhanh-tien-do-xay-dung-chinh-quyen-dien-tu.html"
SEARCH = MAIN + "tim-kiem.html?q=dien+tu"
DESKTOP, PHONE = (1280, 960), (390, 844)
GAP = 24
# File name: the pages side by side, the size of the window, the reader's settings.
PICTURES: dict[str, tuple[list[str], tuple[int, int], dict[str, Any]]] = {
    "home": ([MAIN], DESKTOP, {}),
    "member": ([MEMBER], DESKTOP, {}),
    "article-dark": ([ARTICLE], DESKTOP, {"color_scheme": "dark"}),
    "search": ([SEARCH], DESKTOP, {}),
    "print": ([ARTICLE], (794, 1123), {"media": "print"}),
    "phone": ([MAIN, ARTICLE, SEARCH], PHONE, {}),
}


def screenshot(
    browser: Browser, url: str, size: tuple[int, int], settings: dict[str, Any]
) -> Image.Image:
    """A screenshot of a page at the time for which the sample network is built."""
    settings = dict(settings)
    media = settings.pop("media", None)
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]}, timezone_id="Asia/Ho_Chi_Minh", **settings
    )
    page = context.new_page()
    page.clock.set_fixed_time(datetime.fromtimestamp(NOW, UTC))
    page.emulate_media(media=media)
    page.goto(url, wait_until="networkidle")
    shot = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    context.close()
    return shot


def main() -> None:
    """Build the network and save the screenshots."""
    chromium = find_chromium()
    if not chromium:
        sys.exit("no Chromium: install it, or name it in CHROME_PATH")
    FOLDER.mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        serve(build_sample(Path(folder))) as server,
        sync_playwright() as tools,
    ):
        arguments = server.browser_arguments()
        with tools.chromium.launch(executable_path=chromium, args=arguments) as browser:
            for name, (urls, size, settings) in PICTURES.items():
                shots = [screenshot(browser, url, size, settings) for url in urls]
                width = sum(shot.width for shot in shots) + GAP * (len(shots) - 1)
                picture = Image.new("RGB", (width, size[1]), "white")
                for number, shot in enumerate(shots):
                    picture.paste(shot, (number * (size[0] + GAP), 0))
                picture.save(FOLDER / f"{name}.webp", quality=82, method=6)


if __name__ == "__main__":
    main()
