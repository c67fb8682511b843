"""What readers get at the addresses of a built network."""

import re
import shutil
from collections.abc import Iterable, Mapping
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from portalgen.content.redirect_rows import marker
from portalgen.register.entries import Entry, Register
from portalgen.register.store import load_register
from portalgen.report import BuildReport
from tests.helpers import run, tree

REFRESH = re.compile(r'<meta http-equiv="refresh" content="0; url=([^"]*)">')
# Written for programs, or by today's settings: nothing that was published at an address.
_OTHERS = re.compile(
    r"(\.moved|assets|media|tim-kiem)/|[^/]*(404|410)\.html$|[^/]*sitemap\.xml$|robots\.txt$"
)


def register_of(root: Path) -> Register:
    """The register beside the sources."""
    register = load_register(root / "register")
    assert register
    return register


def entry_of(root: Path, source: str, slug: str = "main") -> Entry:
    """The entry of a source in the register."""
    return register_of(root).sites[slug].by_source()[source]


def rename(root: Path, old: str, new: str) -> None:
    """Rename a source."""
    (root / new).parent.mkdir(parents=True, exist_ok=True)
    (root / old).rename(root / new)


def taken_away(root: Path, slug: str = "main") -> list[str]:
    """The routes that a site marks as gone."""
    folder = root / "public" / slug / ".moved/gone"
    return [name.removesuffix(".410") for name in tree(folder)]


def answer(root: Path, name: str) -> str:
    """What stands at a file of the output: `page`, `gone`, `none` or the address it leads to."""
    file = root / "public" / name
    if not file.is_file():
        return "none"
    return answer_of(file.read_bytes())


def answer_of(data: bytes) -> str:
    """What a page of the output is: `page`, `gone`, or the address it leads to."""
    text = data.decode(errors="replace")
    if match := REFRESH.search(text):
        return unescape(match[1])
    return "gone" if '<meta name="robots" content="noindex' in text else "page"


def file_of(url: str) -> str:
    """The file of the output at an address of the network; empty if it is elsewhere."""
    parts = urlsplit(url)
    host = parts.netloc.removesuffix("tinh.example").rstrip(".")
    path = unquote(parts.path).lstrip("/")
    if path.endswith("/") or not path:
        path += "index.html"
    return f"{host or 'main'}/{path}" if parts.netloc.endswith("tinh.example") else ""


def url_of(name: str) -> str:
    """The address of a file of the output."""
    slug, _, route = name.partition("/")
    host = "tinh.example" if slug == "main" else f"{slug}.tinh.example"
    folder, _, file = route.rpartition("/")
    if file == "index.html":
        route = f"{folder}/" if folder else ""
    return f"https://{host}/{route}"


def addresses(files: Iterable[str]) -> set[str]:
    """The files that stand for what was published: pages, feeds, static files."""
    return {name for name in files if not _OTHERS.match(name.partition("/")[2])}


def unanswered(files: Mapping[str, bytes], ever: Iterable[str]) -> list[str]:
    """The addresses that readers once had and that answer nothing, or not in one step."""
    html = {name: answer_of(data) for name, data in files.items() if name.endswith(".html")}
    standing = {url_of(name) for name in addresses(files) if html.get(name, "page") == "page"}
    folded = {name.casefold() for name in files}
    complaints = []
    for name in sorted(ever):
        if name in html:
            target = html[name]
            if target not in ("page", "gone") and target not in standing:
                complaints.append(f"{name} leads to {target}: {html.get(file_of(target))}")
        elif name.casefold() not in folded:  # another file may stand there but for case
            slug, _, route = name.partition("/")
            markers = {f"{slug}/.moved/{marker(f'/{route}', url)}" for url in ("", *standing)}
            if route.endswith(".html") or markers.isdisjoint(files):
                complaints.append(f"{name} answers nothing")
    complaints += [
        f"{slug}/{route} stands and is marked as gone"
        for slug, _, route in (name.partition("/.moved/gone/") for name in files)
        if html.get(f"{slug}/{route.removesuffix('.410')}", "none") not in ("none", "gone")
        or (route and f"{slug}/{route.removesuffix('.410')}" in files.keys() - html.keys())
    ]
    return complaints


def build_twice(root: Path, clean: Path, **options: Any) -> BuildReport:
    """Build, compare with a build from nothing that begins with the same register, build again.

    The second build writes nothing, and no file of the register.
    """
    before = clean.with_name("before")
    for folder in (before, clean):
        shutil.rmtree(folder, ignore_errors=True)
    if (root / "register").exists():
        shutil.copytree(root / "register", before)
    report = run(root, **options)
    after = tree(root / "register")
    if before.exists():
        shutil.copytree(before, clean / ".portalgen/register")
    other = run(root, clean, use_cache=False, **options)
    files, others = tree(root / "public"), tree(clean)
    assert [name for name in files.keys() | others if files.get(name) != others.get(name)] == []
    assert other.refused == report.refused
    if before.exists():
        assert tree(clean / ".portalgen/register" / ".") == after
    again = run(root, **options)
    assert (again.files_written, again.files_removed) == (0, 0)
    assert tree(root / "register") == after
    return report
