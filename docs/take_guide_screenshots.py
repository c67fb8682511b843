"""Take the screenshots of the editors' guide by following its steps: `make screenshots`."""

import io
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from tests.browser.conftest import find_chromium
from tests.serve.serving import serving, until

FOLDER = Path(__file__).parent / "screenshots"
GUIDE = Path(__file__).parent / "huong-dan-bien-tap.md"
ROOT = Path(__file__).parents[1]
ARTICLE = "members/sapa/content/du-lich/mot-buoi-sang-o-ruong-bac-thang.md"
ADDRESS = "du-lich/mot-buoi-sang-o-ruong-bac-thang.html"
BESIDE = {
    "ruong.jpg": "content/nong-nghiep-nong-thon/ruong-bac-thang-giu-nuoc/ruong-bac-thang.jpg",
    "nha.jpg": "members/sapa/content/du-lich/ngu-nha-dan/nha-ban.jpg",
}


def texts() -> Iterator[str]:
    """The articles in the guide, in its order."""
    yield from re.findall(r"```markdown\n(.*?)```", GUIDE.read_text("utf-8"), re.DOTALL)


def take(page: Page, name: str) -> None:
    """Save a screenshot of the page."""
    shot = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    shot.save(FOLDER / f"huong-dan-{name}.webp", quality=80, method=6)


def main() -> None:
    """Follow the guide in a copy of the sample network and save the screenshots."""
    chromium = find_chromium()
    if not chromium:
        sys.exit("no Chromium: install it, or name it in CHROME_PATH")
    draft, finished = texts()
    with tempfile.TemporaryDirectory() as name, sync_playwright() as tools:
        root = Path(name)
        for part in ("content", "members", "themes"):
            shutil.copytree(ROOT / part, root / part)
        shutil.copy(ROOT / "site.yaml", root)
        file = root / ARTICLE
        for picture, source in BESIDE.items():
            shutil.copy(ROOT / source, file.with_name(picture))
        file.write_text(draft, encoding="utf-8")
        with serving(root, patience=300, lang="vi") as server:
            browser = tools.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
            page = browser.new_page(viewport={"width": 1000, "height": 760})
            page.goto(f"http://sapa.localhost:{server.port}/{ADDRESS}", wait_until="networkidle")
            take(page, "ban-nhap")
            file.write_text(draft.replace("lead:", "sapo:"), encoding="utf-8")
            page.locator("#desk-problems").wait_for()
            take(page, "bao-loi")
            file.write_text(finished, encoding="utf-8")
            page.locator("#desk-problems").wait_for(state="detached")
            page.get_by_text("Người giữ nước").first.wait_for()
            until(lambda: server.builds() >= 3, server.lines)
            page.reload(wait_until="networkidle")
            take(page, "hoan-thanh")
            browser.close()


if __name__ == "__main__":
    main()
