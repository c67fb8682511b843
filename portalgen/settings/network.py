"""Load the network from its `site.yaml` files; members inherit settings."""

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import yaml
from msgspec import Struct

from portalgen import sources
from portalgen.problems import PortalError, Problem, Problems, problem
from portalgen.settings import schema
from portalgen.settings.moved import Closed, settle
from portalgen.settings.reader import Document
from portalgen.settings.schema import Field
from portalgen.settings.site import FROM_ROOT, ROOT_FIELDS, SETTINGS_FILE, SITE_FIELDS, Site

MAIN = "main"
MAX_MEMBER_NAME = 200  # characters; staged files are named after the member


class Network(Struct, frozen=True):
    """All sites: the main portal first, then members by slug.

    `closed` are members with a successor, `refused` problems with settings that cost no site.
    """

    root: Path
    sites: tuple[Site, ...]
    closed: tuple[Closed, ...] = ()
    refused: tuple[Problem, ...] = ()
    own: Mapping[str, str] = {}

    @property
    def main(self) -> Site:
        """The main portal."""
        return self.sites[0]

    @property
    def slugs(self) -> list[str]:
        """The slug of each site."""
        return [site.slug for site in self.sites]

    @property
    def uses_similarity(self) -> bool:
        """Whether any site shows related news by similarity."""
        return any(block.by == "similarity" for site in self.sites for block in site.related)

    def check_slugs(self, slugs: Iterable[str]) -> None:
        """Raise `PortalError` if a slug has no site."""
        existing = [site.slug for site in self.sites]
        unknown = [slug for slug in slugs if slug not in existing]
        if unknown:
            raise PortalError(
                [problem("unknown-site", site=slug, known=", ".join(existing)) for slug in unknown]
            )

    def folder(self, site: Site) -> Path:
        """The folder of a site's sources."""
        return self.root / site.folder


_Values = dict[str, tuple[object, tuple[str, int, int]]]


def load_network(root: Path) -> Network:
    """Read `site.yaml` and `members/*/site.yaml`; raises `PortalError`."""
    if not root.is_dir():
        raise PortalError([problem("no-root", root=root)])
    problems = Problems()
    root_values = _read_settings(root, "", ROOT_FIELDS, problems)
    members = root_values.pop("members", ({}, ("", 0, 0)))
    assert isinstance(members[0], dict)
    defaults = members[0].get("defaults", {})
    shared = {
        key: value for key, value in root_values.items() if key.partition(".")[0] in FROM_ROOT
    }
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
    refused: list[Problem] = []
    built, closed = settle([site for site in sites if site], refused)
    network = Network(root, tuple(built), tuple(closed), tuple(refused))
    problems.extend(_shared_addresses(network))
    problems.extend(_unknown_kinds(network))
    for site in network.sites:
        problems.extend(_duplicate_slugs(site))
    problems.stop_if_any()
    return network


def _inherit(
    key: str, inherited: tuple[object, object] | None, own: tuple[object, tuple[str, int, int]]
) -> tuple[object, tuple[str, int, int]]:
    """The value of a key: tokens are merged, everything else is replaced."""
    if (
        key == "tokens"
        and inherited
        and isinstance(inherited[0], dict)
        and isinstance(own[0], dict)
    ):
        return {**inherited[0], **own[0]}, own[1]
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
        for key, (value, value_node) in schema.read_fields(node, document, fields).items():
            values[key] = (value, (path, *document.place(value_node)))
            if key in ("tokens", "members"):
                for name, inner in _inner_nodes(key, value_node):
                    values[name] = (None, (path, *document.place(inner)))
    problems.extend(document.problems)
    return values


def _inner_nodes(name: str, node: yaml.Node) -> Iterator[tuple[str, yaml.Node]]:
    """Nodes below a key, with dotted names."""
    for key, value in node.value if isinstance(node, yaml.MappingNode) else ():
        yield f"{name}.{key.value}", value
        yield from _inner_nodes(f"{name}.{key.value}", value)


def _site(slug: str, folder: str, values: _Values, problems: Problems) -> Site | None:
    settings = {key: value for key, (value, _) in values.items() if "." not in key}
    places = {key: place for key, (_, place) in values.items()}
    if "base_url" not in settings and not problems.items:
        problems.add(problem("no-base-url", f"{folder}/{SETTINGS_FILE}".lstrip("/"), 1, 1))
    if "base_url" not in settings or "title" not in settings:
        return None
    settings["base_url"] = str(settings["base_url"]).replace("{slug}", slug)
    hosts = settings.get("hosts", ())
    assert isinstance(hosts, tuple)
    settings["hosts"] = tuple(host.replace("{slug}", slug) for host in hosts)
    settings.setdefault("short_title", settings["title"])
    return Site(slug=slug, folder=folder, places=places, **settings)  # type: ignore[arg-type]


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
    problems = []
    owners: dict[str, Site] = {}
    for site in network.sites:
        first = owners.setdefault(site.base_url.casefold(), site)
        if first is not site:
            problems.append(
                site.problem("base_url", "same-address", url=site.base_url, other=first.slug)
            )
    return problems


def _unknown_kinds(network: Network) -> list[Problem]:
    kinds = [kind.slug for kind in network.main.kinds]
    return [
        site.problem("kind", "unknown-kind", kind=site.kind, known=", ".join(kinds))
        for site in network.sites[1:]
        if kinds and site.kind and site.kind not in kinds
    ]


def _duplicate_slugs(site: Site) -> list[Problem]:
    problems = []
    for key, items in (("sections", site.sections), ("topics", site.topics)):
        slugs = [item.slug for item in items]
        duplicates = sorted({slug for slug in slugs if slugs.count(slug) > 1})
        problems += [site.problem(key, "same-slug", slug=slug) for slug in duplicates]
    return problems
