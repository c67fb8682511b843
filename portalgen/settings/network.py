"""The network as the site.yaml files describe it: one main site, its members, what they inherit."""

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import yaml
from msgspec import Struct, field

from portalgen import sources
from portalgen.problems import PortalError, Problem, Problems, problem
from portalgen.settings import schema
from portalgen.settings.json_schema import accepts, whole
from portalgen.settings.reader import Document
from portalgen.settings.schema import Field

MAIN = "main"
MAX_PATTERN = 200  # characters of each part of a permalink, which becomes the name of a file
MAX_MEMBER_NAME = 200  # of a member's folder: files are named after it while a site is made
SETTINGS_FILE = "site.yaml"
_BASE_URL = re.compile(
    r"https?://(?:[a-z0-9.-]|\{slug\})+(:\d+)?(/(?:[A-Za-z0-9._~-]|\{slug\})+)*/?"
)
# A folder, relative to the root or not; or user, host, port and folder; or bucket and prefix.
_TARGET = re.compile(
    r"ssh://([\w.-]+@)?[A-Za-z0-9][\w.-]*(:\d+)?/[\w./-]+"
    r"|s3://[a-z0-9][a-z0-9.-]+(/[\w.-]+)*/?"
    r"|(?!ssh:|s3:)[^\s:'\x22\\]+",
    re.ASCII,
)
_HOST = re.compile(r"(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)+")
_PERMALINK_FIELDS = ("section", "slug", "year", "month", "day")
_PERMALINK = re.compile(
    r"(?=.*\{slug\})(?:/(?:[A-Za-z0-9_-]|\{(?:" + "|".join(_PERMALINK_FIELDS) + r")\})+)+\.html"
)
# What a site must say for itself; everything else comes from `members.defaults`, then the root.
_OWN_KEYS = frozenset(["title", "short_title", "kind", "description", "contact", "responsible"])


class Section(Struct, frozen=True):
    """A part of a site: folder name, title, one line about it."""

    slug: str
    title: str
    description: str = ""


class Topic(Struct, frozen=True):
    """A topic hub (chuyên đề); `banner` lines show on every page and lead to it."""

    title: str
    slug: str
    description: str = ""
    banner: tuple[str, ...] = ()


class Kind(Struct, frozen=True):
    """A group in the members' directory."""

    slug: str
    title: str


class Link(Struct, frozen=True, array_like=True, gc=False):
    """A titled link: `url` is absolute or starts with `/` inside the site; empty: no link."""

    title: str
    url: str = ""


class Contact(Struct, frozen=True, array_like=True, gc=False):
    """How to reach the unit behind a site."""

    address: str = ""
    phone: str = ""
    email: str = ""


class Target(Struct, frozen=True):
    """Where `deploy` brings the sites: a folder, `ssh://user@host/folder` or `s3://bucket/prefix`.

    `endpoint` and `region` are for S3-compatible services; who one is comes from the environment.
    """

    name: str
    url: str
    endpoint: str = ""
    region: str = ""


class RelatedBlock(Struct, frozen=True):
    """A block under an article: by `similarity` or `section`, over the `network` or the `site`."""

    title: str
    by: str
    scope: str = "site"
    limit: int = 6


class Feeds(Struct, frozen=True):
    """How many items a feed carries, and whether with the whole text."""

    limit: int = 20
    full_text: bool = False


class Site(Struct, frozen=True):
    """One site with everything inherited filled in; `folder` is relative to the root."""

    slug: str
    folder: str
    title: str
    base_url: str
    short_title: str = ""
    kind: str = ""
    description: str = ""
    language: str = "vi"
    timezone: str = "Asia/Ho_Chi_Minh"
    theme: str = "portal"
    tokens: Mapping[str, str] = field(default_factory=dict)
    sections: tuple[Section, ...] = ()
    topics: tuple[Topic, ...] = ()
    menu: tuple[Link, ...] = ()
    contact: Contact = field(default_factory=Contact)
    responsible: str = ""
    related: tuple[RelatedBlock, ...] = (RelatedBlock("Tin cùng chuyên mục", "section"),)
    permalink: str = "/{section}/{slug}.html"
    feeds: Feeds = field(default_factory=Feeds)
    links: tuple[Link, ...] = ()
    services: tuple[Link, ...] = ()
    alert: Link | None = None
    notice: str = ""
    kinds: tuple[Kind, ...] = ()
    known_hosts: tuple[str, ...] = ()
    targets: tuple[Target, ...] = ()
    places: Mapping[str, tuple[str, int, int]] = field(default_factory=dict)

    @property
    def root_path(self) -> str:
        """The path of the site on its host, with a slash at both ends."""
        return urlsplit(self.base_url).path

    @property
    def zone(self) -> ZoneInfo:
        """The site's time zone."""
        return ZoneInfo(self.timezone)

    def problem(self, key: str, code: str, **values: object) -> Problem:
        """A problem at the place where this site's value of `key` was written."""
        path, line, column = self.places.get(key, (self.settings_path, 0, 0))
        return problem(code, path, line, column, **values)

    @property
    def settings_path(self) -> str:
        """The site's own settings file, relative to the root."""
        return f"{self.folder}/{SETTINGS_FILE}" if self.folder else SETTINGS_FILE


class Network(Struct, frozen=True):
    """All sites, the main one first, members by slug."""

    root: Path
    sites: tuple[Site, ...]

    @property
    def main(self) -> Site:
        """The main portal."""
        return self.sites[0]

    @property
    def uses_similarity(self) -> bool:
        """Whether any site shows related news by similarity."""
        return any(block.by == "similarity" for site in self.sites for block in site.related)

    def check_slugs(self, slugs: Iterable[str]) -> None:
        """Raise `PortalError` if there is no site with one of these slugs."""
        known = [site.slug for site in self.sites]
        unknown = [slug for slug in slugs if slug not in known]
        if unknown:
            raise PortalError(
                [problem("unknown-site", site=slug, known=", ".join(known)) for slug in unknown]
            )

    def folder(self, site: Site) -> Path:
        """Where a site's sources are."""
        return self.root / site.folder


@accepts(type="string", pattern=whole(_BASE_URL))
def _base_url(node: yaml.Node, document: Document) -> str | None:
    value = schema.text(node, document)
    if value is None:
        return None
    value = value if value.endswith("/") else value + "/"
    if _BASE_URL.fullmatch(value):
        return value
    document.report(node, "wrong-base-url", value=value[:80])
    return None


@accepts(type="string")
def _timezone(node: yaml.Node, document: Document) -> str | None:
    value = schema.text(node, document)
    if value is None:
        return None
    try:
        ZoneInfo(value)
    except (OSError, ValueError, KeyError):
        document.report(node, "unknown-timezone", value=value[:80])
        return None
    return value


@accepts(type="string", pattern=whole(_TARGET))
def _target_url(node: yaml.Node, document: Document) -> str | None:
    value = schema.text(node, document)
    if value is None or _TARGET.fullmatch(value):
        return value
    document.report(node, "wrong-target", value=value[:80])
    return None


@accepts(
    type=["array", "string"],
    pattern=whole(_HOST),
    items={"type": "string", "pattern": whole(_HOST)},
)
def _hosts(node: yaml.Node, document: Document) -> tuple[str, ...] | None:
    values = schema.texts(node, document)
    for value in values or ():
        if not _HOST.fullmatch(value):
            document.report(node, "wrong-host", value=value[:80])
    return values


@accepts(type="string", pattern=whole(_PERMALINK))
def _permalink(node: yaml.Node, document: Document) -> str | None:
    value = schema.text(node, document)
    if value is None:
        return None
    if not _PERMALINK.fullmatch(value):
        document.report(node, "wrong-permalink", value=value[:80])
        return None
    longest = max(value.split("/"), key=len)
    if len(longest) > MAX_PATTERN or len(value) > 2 * MAX_PATTERN:
        values = {"value": f"{value[:40]}…", "limit": MAX_PATTERN, "whole": 2 * MAX_PATTERN}
        document.report(node, "long-permalink", **values)
        return None
    return value


SECTION_FIELDS = {
    "slug": Field(schema.slug, "folder name and part of the URL", required=True),
    "title": Field(schema.text, "name shown to readers", required=True),
    "description": Field(schema.text, "one line under the heading"),
}
TOPIC_FIELDS = {
    "title": Field(schema.text, "name; articles name it in `topics`", required=True),
    "slug": Field(schema.slug, "part of the URL", required=True),
    "description": Field(schema.text, "one line under the heading"),
    "banner": Field(schema.texts, "lines of the campaign banner on every page"),
}
LINK_FIELDS = {
    "title": Field(schema.text, "text of the link", required=True),
    "url": Field(schema.url, "`https://…`, or `/…` inside the site", required=True),
}
KIND_FIELDS = {
    "slug": Field(schema.slug, "what members write as `kind`", required=True),
    "title": Field(schema.text, "heading of the group", required=True),
}
ALERT_FIELDS = {
    "title": Field(schema.text, "what readers must know now", required=True),
    "url": Field(schema.url, "where they read more"),
}
CONTACT_FIELDS = {
    "address": Field(schema.text, "postal address"),
    "phone": Field(schema.text, "telephone"),
    "email": Field(schema.text, "e-mail"),
}
TARGET_FIELDS = {
    "name": Field(schema.slug, "what `portalgen deploy` is told", required=True),
    "url": Field(
        _target_url, "a folder, `ssh://user@host/folder` or `s3://bucket/prefix`", required=True
    ),
    "endpoint": Field(schema.url, "address of the S3-compatible service"),
    "region": Field(schema.text, "its region"),
}
RELATED_FIELDS = {
    "title": Field(schema.text, "heading of the block", required=True),
    "by": Field(schema.one_of("similarity", "section"), "how it is chosen", required=True),
    "scope": Field(schema.one_of("network", "site"), "where it looks"),
    "limit": Field(schema.integer(1, 20), "how many at most"),
}
FEED_FIELDS = {
    "limit": Field(schema.integer(1, 500), "items in a feed, 20 if not said"),
    "full_text": Field(schema.boolean, "whether items carry the whole text"),
}
SITE_FIELDS: dict[str, Field] = {
    "title": Field(schema.text, "full name of the site", required=True),
    "short_title": Field(schema.text, "short name, for lists and cards"),
    "kind": Field(schema.slug, "group in the members' directory"),
    "description": Field(schema.text, "one sentence for search engines"),
    "base_url": Field(_base_url, "address; `{slug}` stands for the member's folder name"),
    "language": Field(schema.one_of("vi", "en"), "language of the interface and the messages"),
    "timezone": Field(_timezone, "zone of dates without offset, `Asia/Ho_Chi_Minh`"),
    "theme": Field(schema.slug, "folder name of the theme"),
    "tokens": Field(schema.mapping_of(schema.text), "theme tokens this site changes"),
    "sections": Field(
        schema.list_of(schema.record(SECTION_FIELDS, Section)), "sections, in menu order"
    ),
    "topics": Field(schema.list_of(schema.record(TOPIC_FIELDS, Topic)), "topic hubs"),
    "menu": Field(schema.list_of(schema.record(LINK_FIELDS, Link)), "links beside the sections"),
    "contact": Field(schema.record(CONTACT_FIELDS, Contact), "address, phone, email"),
    "responsible": Field(schema.text, "who answers for the content"),
    "related": Field(
        schema.list_of(schema.record(RELATED_FIELDS, RelatedBlock)), "blocks under an article"
    ),
    "permalink": Field(_permalink, "article URLs, `/{section}/{slug}.html`"),
    "feeds": Field(schema.record(FEED_FIELDS, Feeds), "what feeds carry"),
    "links": Field(schema.list_of(schema.record(LINK_FIELDS, Link)), "links to other websites"),
    "services": Field(
        schema.list_of(schema.record(LINK_FIELDS, Link)), "services and documents, on the home page"
    ),
    "alert": Field(schema.record(ALERT_FIELDS, Link), "a warning at the head of every page"),
    "notice": Field(schema.text, "a line in the footer of every page"),
}
_OPTIONAL = {key: Field(item.read, item.doc) for key, item in SITE_FIELDS.items()}
MEMBERS_FIELDS = {"defaults": Field(schema.record(_OPTIONAL), "values every member starts with")}
ROOT_FIELDS = SITE_FIELDS | {
    "kinds": Field(
        schema.list_of(schema.record(KIND_FIELDS, Kind)),
        "groups of the members' directory, in order",
    ),
    "known_hosts": Field(_hosts, "hosts articles may link to; `*.gov.vn`: all below"),
    "targets": Field(
        schema.list_of(schema.record(TARGET_FIELDS, Target)),
        "what `portalgen deploy` serves",
    ),
    "members": Field(schema.record(MEMBERS_FIELDS), "`defaults` for all members"),
}

_Values = dict[str, tuple[object, tuple[str, int, int]]]


def load_network(root: Path) -> Network:
    """Read `site.yaml` and `members/*/site.yaml`; raise `PortalError` with every problem found."""
    if not root.is_dir():
        raise PortalError([problem("no-root", root=root)])
    problems = Problems()
    root_values = _read_settings(root, "", ROOT_FIELDS, problems)
    members = root_values.pop("members", ({}, ("", 0, 0)))
    assert isinstance(members[0], dict)
    defaults = members[0].get("defaults", {})
    shared = {key: value for key, value in root_values.items() if key not in _OWN_KEYS}
    for key in ("base_url", "kinds", "known_hosts", "services", "targets", "topics"):
        shared.pop(key, None)
    for key, value in defaults.items():
        place = root_values.get(f"members.defaults.{key}", members)[1]
        shared[key] = _inherit(key, shared.get(key), (value, place))
    for key, placed in root_values.items():
        if key.startswith("members.defaults.tokens."):
            shared[key.removeprefix("members.defaults.")] = placed
    sites = [_site(MAIN, "", root_values, problems)]
    for slug in _member_slugs(root, problems):
        values = dict(shared)
        for key, value in _read_settings(root, f"members/{slug}", SITE_FIELDS, problems).items():
            values[key] = _inherit(key, values.get(key), value)
        sites.append(_site(slug, f"members/{slug}", values, problems))
    problems.stop_if_any()
    network = Network(root, tuple(site for site in sites if site))
    problems.extend(_shared_addresses(network))
    problems.extend(_unknown_kinds(network))
    problems.extend(found for site in network.sites for found in _doubled_slugs(site))
    problems.stop_if_any()
    return network


def _inherit(
    key: str, above: tuple[object, object] | None, own: tuple[object, tuple[str, int, int]]
) -> tuple[object, tuple[str, int, int]]:
    """A site's own value; tokens add to what is inherited, everything else replaces it."""
    if key == "tokens" and above and isinstance(above[0], dict) and isinstance(own[0], dict):
        return {**above[0], **own[0]}, own[1]
    return own


def _read_settings(
    root: Path, folder: str, fields: Mapping[str, Field], problems: Problems
) -> _Values:
    path = f"{folder}/{SETTINGS_FILE}" if folder else SETTINGS_FILE
    if not (root / path).exists():
        problems.add(problem("no-settings", path))
        return {}
    text = sources.read(root / path, path)
    if isinstance(text, Problem):
        problems.add(text)
        return {}
    document = Document(path)
    node = document.compose(text)
    values: _Values = {}
    if node is not None:
        for key, (value, at) in schema.read_fields(node, document, fields).items():
            values[key] = (value, (path, *document.place(at)))
            if key in ("tokens", "members"):
                for name, inner in _inner_nodes(key, at):
                    values[name] = (None, (path, *document.place(inner)))
    problems.extend(document.problems)
    return values


def _inner_nodes(name: str, node: yaml.Node) -> Iterator[tuple[str, yaml.Node]]:
    """What stands below a key, by dotted name."""
    for key, value in node.value if isinstance(node, yaml.MappingNode) else ():
        yield f"{name}.{key.value}", value
        yield from _inner_nodes(f"{name}.{key.value}", value)


def _site(slug: str, folder: str, values: _Values, problems: Problems) -> Site | None:
    known = {key: value for key, (value, _) in values.items() if "." not in key}
    places = {key: place for key, (_, place) in values.items()}
    if "base_url" not in known and not problems.items:
        problems.add(problem("no-base-url", f"{folder}/{SETTINGS_FILE}".lstrip("/"), 1, 1))
    if "base_url" not in known or "title" not in known:
        return None
    known["base_url"] = str(known["base_url"]).replace("{slug}", slug)
    known.setdefault("short_title", known["title"])
    return Site(slug=slug, folder=folder, places=places, **known)  # type: ignore[arg-type]


def _member_slugs(root: Path, problems: Problems) -> list[str]:
    folder = root / "members"
    if not folder.is_dir():
        return []
    slugs = []
    for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
        if not sources.is_folder(entry) or entry.name.startswith((".", "_")):
            continue
        name = entry.name
        if sources.leaves(entry.path, str(root)):
            problems.add(problem("symlink-outside", f"members/{name}"))
        elif (
            name == MAIN
            or name in schema.RESERVED_NAMES
            or len(name) > MAX_MEMBER_NAME
            or not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name)
        ):
            problems.add(problem("wrong-member-folder", f"members/{name}"))
        else:
            slugs.append(name)
    return slugs


def _shared_addresses(network: Network) -> list[Problem]:
    found = []
    owners: dict[str, Site] = {}
    for site in network.sites:
        first = owners.setdefault(site.base_url.casefold(), site)
        if first is not site:
            found.append(
                site.problem("base_url", "same-address", url=site.base_url, other=first.slug)
            )
    return found


def _unknown_kinds(network: Network) -> list[Problem]:
    known = [kind.slug for kind in network.main.kinds]
    return [
        site.problem("kind", "unknown-kind", kind=site.kind, known=", ".join(known))
        for site in network.sites[1:]
        if known and site.kind and site.kind not in known
    ]


def _doubled_slugs(site: Site) -> list[Problem]:
    found = []
    for key, items in (("sections", site.sections), ("topics", site.topics)):
        slugs = [item.slug for item in items]
        doubled = sorted({slug for slug in slugs if slugs.count(slug) > 1})
        found += [site.problem(key, "same-slug", slug=slug) for slug in doubled]
    return found
