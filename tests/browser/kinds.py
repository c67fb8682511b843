"""The kinds of pages, and where the sample network has one of each."""

import re
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

from portalgen.settings import routes
from tests.sample import REPOSITORY

Find = Callable[[Path], Path]
REFRESH = 'http-equiv="refresh"'


def at(name: str, output: Path) -> Path:
    return output / name


def largest(pattern: str, output: Path) -> Path:
    """The largest file of a kind."""
    return biggest(f for f in output.glob(pattern) if REFRESH not in f.read_text("utf-8"))


def biggest(files: Iterable[Path]) -> Path:
    return max(files, key=lambda file: (file.stat().st_size, file))


def articles(output: Path, with_picture: bool = False) -> list[Path]:
    """The pages of the main portal's articles."""
    sources = [*(REPOSITORY / "content").glob("*/*.md"), *REPOSITORY.glob("content/*/*/index.md")]
    wanted = [s for s in sources if not with_picture or "\nimage:" in s.read_text("utf-8")]
    names = [source.parent if source.name == "index.md" else source for source in wanted]
    files = [output / "main" / name.parent.name / f"{name.stem}.html" for name in names]
    return [file for file in files if file.is_file()]


def redirect(output: Path) -> Path:
    return next(f for f in output.glob("*/*/trang-*.html") if REFRESH in f.read_text("utf-8"))


PAGES: dict[str, Find] = {
    "home": partial(at, "main/index.html"),
    "home of a member": partial(at, "sapa/index.html"),
    "article": lambda output: biggest(articles(output, with_picture=True)),
    "section": partial(largest, "main/*/index.html"),
    "older page of a section": partial(largest, "*/*/trang-*.html"),
    "tag": partial(largest, "main/tag/*.html"),
    "topic": partial(largest, "main/chuyen-de/*.html"),
    "plain page": partial(at, "main/gioi-thieu.html"),
    "search": partial(at, f"main/{routes.SEARCH}"),
    "site map": partial(at, f"main/{routes.SITE_MAP}"),
    "members": partial(at, f"main/{routes.MEMBERS}"),
    "not found": partial(at, "main/khong-co-trang-nay.html"),
    "redirect": redirect,
}


def title(file: Path) -> str:
    """The heading of a page, as a search query."""
    found = re.search(r"<h1[^>]*>([^<]*)", file.read_text("utf-8"))
    assert found, file
    return found[1].strip()
