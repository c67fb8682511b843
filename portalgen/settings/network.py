"""The network as the site.yaml files describe it: one main site, its members, what they inherit."""

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import yaml
from msgspec import Struct

from portalgen import sources
from portalgen.problems import PortalError, Problem, Problems, problem
from portalgen.settings import schema
from portalgen.settings.reader import Document
from portalgen.settings.schema import Field
from portalgen.settings.site import FROM_ROOT, ROOT_FIELDS, SETTINGS_FILE, SITE_FIELDS, Site

MAIN = "main"
MAX_MEMBER_NAME = 200  # of a member's folder: files are named after it while a site is made


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
