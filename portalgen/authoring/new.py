"""Make articles, pages and members from archetypes: files with commented keys."""

import json
import os
import re
import shutil
from collections.abc import Mapping
from datetime import datetime
from importlib import resources
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, TypeVar
from urllib.parse import urlsplit

from portalgen import sources
from portalgen.content.front_matter import MAX_TITLE
from portalgen.problems import PortalError, Problem, problem
from portalgen.settings import routes, schema
from portalgen.settings.network import MAIN, Network
from portalgen.settings.reader import Document
from portalgen.settings.site import Section, Site
from portalgen.text import nearest, nfc, slugify

_T = TypeVar("_T")
_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_OLDER = re.compile(r"trang-\d+")
# Names whose addresses every site uses, and names that Windows reserves.
_RESERVED = schema.RESERVED_NAMES | {
    route.removesuffix(".html") for route in (*routes.FIXED, routes.MEMBERS)
}
MAX_SLUG, MAX_MEMBER = 120, 63  # a member's slug may be a part of its host: RFC 1035, 2.3.4
_MEMBER_PAGES = ("gioi-thieu.md", "lien-he.md")


def find_site(network: Network, slug: str) -> Site:
    """The site of that slug; `PortalError` names the nearest, or all, or why it is left out."""
    if slug in network.left_out:
        network.check_slugs([slug])
    return _find({site.slug: site for site in network.sites}, slug, "unknown-site", site=slug)


def find_section(site: Site, slug: str) -> Section:
    """The section of that slug; `PortalError` names the nearest, or all."""
    sections = {section.slug: section for section in site.sections}
    return _find(sections, slug, "no-section", section=slug, site=site.slug)


def _find(candidates: Mapping[str, _T], name: str, code: str, **values: Any) -> _T:
    if name in candidates:
        return candidates[name]
    near = nearest(name, tuple(candidates))
    code = f"{code}-near" if near else code
    raise PortalError([problem(code, near=near, known=", ".join(candidates), **values)])


def new_article(network: Network, site: Site, section: Section, title: str, now: datetime) -> str:
    """Make an article; return the path of its file below the root."""
    return _new_text(network, site, f"content/{section.slug}", "article.md", title, now)


def new_page(network: Network, site: Site, title: str, now: datetime) -> str:
    """Make a plain page; return the path of its file below the root."""
    return _new_text(network, site, "content", "page.md", title, now)


def new_member(network: Network, title: str, slug: str, kind: str = "") -> str:
    """Make a member's folder, completely or not at all; return its path below the root."""
    title = checked_title(title)
    path = f"members/{slug}"
    members = network.root / "members"
    if not is_member_slug(slug):
        raise PortalError([problem("wrong-member-slug", slug=(slug or title)[:80])])
    if sources.leaves(str(members), str(network.root)):
        raise PortalError([problem("symlink-outside", "members")])
    members.mkdir(exist_ok=True)
    if os.path.lexists(members / slug):
        raise PortalError([problem("already-there", path)])
    main = network.main
    parts = urlsplit(main.base_url)
    inherited = "members.defaults.base_url" in main.places
    kinds = [kind.slug for kind in main.kinds]
    values = {
        "title": yaml_text(title),
        "kinds": ", ".join(kinds) or "…",
        "kind": kind or next(iter(kinds), "so"),
        "kind_mark": "" if kind else "#",
        "base_url": f"{parts.scheme}://{slug}.{parts.netloc.removeprefix('www.')}/",
        "base_url_mark": "#" if inherited else "",
    }
    scratch = Path(mkdtemp(prefix=".", dir=members))
    try:
        (scratch / slug / "content").mkdir(parents=True)
        for name in ("site.yaml", *_MEMBER_PAGES):
            file = scratch / slug / ("content" if name in _MEMBER_PAGES else "") / name
            file.write_bytes(fill_archetype(network.root, main.language, f"member/{name}", values))
        os.rename(scratch / slug, members / slug)
    finally:
        shutil.rmtree(scratch)
    return path


def is_member_slug(slug: str) -> bool:
    """Whether a member may have this name."""
    reserved = slug == MAIN or slug in schema.RESERVED_NAMES or len(slug) > MAX_MEMBER
    return bool(schema.SLUG.fullmatch(slug)) and not reserved


def member_slug(title: str) -> str:
    """A slug for a member, made from its title."""
    return slugify(title)[:MAX_MEMBER].strip("-")


def checked_title(title: str) -> str:
    """The title on one line; raises `PortalError` if no file can hold it."""
    title = " ".join(nfc(title).split())
    match = schema.CONTROL.search(title)
    if match:
        character = f"U+{ord(match[0]):04X}"
        raise PortalError([problem("control-character", character=character)])
    if len(title) > MAX_TITLE:
        raise PortalError([problem("title-too-long", limit=MAX_TITLE)])
    return title


def yaml_text(text: str) -> str:
    """`text` as a value in YAML: bare if that reads as the same, else in double quotes."""
    document = Document("")
    node = document.compose(f"key: {text}\n")
    values = [
        None if schema.is_null(value) else schema.text(value, document)
        for _, value in (node.value if node else ())
    ]
    return text if values == [text] else json.dumps(text, ensure_ascii=False)


def article_slug(title: str) -> str:
    """A file name that makes an address of its own, whatever the title."""
    slug = slugify(title)[:MAX_SLUG].strip("-")
    if not slug or slug in _RESERVED or _OLDER.fullmatch(slug):
        slug = f"bai-{slug}".strip("-")
    return slug


def _new_text(
    network: Network, site: Site, folder: str, archetype: str, title: str, now: datetime
) -> str:
    title = checked_title(title)
    slug = article_slug(title)
    directory = network.folder(site) / folder
    path = f"{site.folder}/{folder}".lstrip("/")
    if sources.leaves(str(directory), str(network.folder(site))):
        raise PortalError([problem("symlink-outside", path)])
    values = {"title": yaml_text(title), "date": f"{now.astimezone(site.zone):%Y-%m-%d %H:%M}"}
    text = fill_archetype(network.root, site.language, archetype, values)
    directory.mkdir(parents=True, exist_ok=True)
    existing = find_same_slug(directory, slug)
    if existing:
        raise PortalError([problem("already-there", f"{path}/{existing}")])
    with open(directory / f"{slug}.md", "xb") as file:
        file.write(text)
    return f"{path}/{slug}.md"


def find_same_slug(folder: Path, slug: str) -> str:
    """The name of a source in `folder` with the same slug; empty if there is none."""
    for entry in os.scandir(folder):
        name = f"{entry.name}/index.md" if entry.is_dir() else entry.name
        stem = name.removesuffix("/index.md").removesuffix(".md")
        matches = name.endswith(".md") and slugify(stem)[:MAX_SLUG].strip("-") == slug
        if matches and os.path.isfile(folder / name):
            return name
    return ""


def fill_archetype(root: Path, language: str, name: str, values: Mapping[str, str]) -> bytes:
    """The archetype of the network, or else of the program, with its placeholders filled."""
    own = root / "archetypes" / name
    text: str | Problem
    if own.is_file():
        text = sources.read(own, f"archetypes/{name}")
        if isinstance(text, Problem):
            raise PortalError([text])
    else:
        packaged = resources.files("portalgen") / "archetypes" / language / name
        text = packaged.read_text("utf-8")
    return _PLACEHOLDER.sub(lambda match: values.get(match[1], match[0]), text).encode()
