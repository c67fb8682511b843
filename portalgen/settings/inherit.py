"""Values of `site.yaml` files, what members inherit of them, and the sites that they make."""

from collections.abc import Iterator, Mapping

import yaml

from portalgen.problems import Problems, problem
from portalgen.settings import schema
from portalgen.settings.moments import Unread, read_moment
from portalgen.settings.reader import MAX_BYTES, Document
from portalgen.settings.schema import Field
from portalgen.settings.site import FROM_ROOT, ROOT_ONLY, SETTINGS_FILE, Site

_ROOT_BYTES = 1024 * 1024  # of the root file, which speaks of every member
_WITH_PLACES = ("tokens", "members", "front", "syndicate_from", "featured_from")
Placed = tuple[object, tuple[str, int, int]]  # a value, and where it is written
Values = dict[str, Placed]


def read_values(text: str, path: str, fields: Mapping[str, Field], problems: Problems) -> Values:
    """The values in the text of a settings file, with those below some of its keys."""
    is_root = path == SETTINGS_FILE
    document = Document(path, limit=_ROOT_BYTES if is_root else MAX_BYTES)
    node = document.compose(text)
    values: Values = {}
    if node is not None:
        root_only = () if is_root else ROOT_ONLY
        read = schema.read_fields(node, document, fields, root_only)
        for key, (value, value_node) in read.items():
            values[key] = (value, (path, *document.place(value_node)))
            if key in _WITH_PLACES:
                for name, inner in _inner_nodes(key, value_node):
                    values[name] = (None, (path, *document.place(inner)))
    problems.extend(document.problems)
    return values


def _inner_nodes(name: str, node: yaml.Node) -> Iterator[tuple[str, yaml.Node]]:
    """Nodes below a key, with dotted names; items of lists by their number."""
    inner: list[tuple[object, yaml.Node]] = []
    if isinstance(node, yaml.MappingNode):
        inner = [(key.value, value) for key, value in node.value]
    elif isinstance(node, yaml.SequenceNode):
        inner = list(enumerate(node.value))
    for key, value in inner:
        yield f"{name}.{key}", value
        yield from _inner_nodes(f"{name}.{key}", value)


def take_shared(root_values: Values) -> tuple[Values, dict[str, Values]]:
    """What every member starts with, and what each is given by its slug.

    `members` is taken out of the root's values.
    """
    members = root_values.pop("members", ({}, ("", 0, 0)))
    assert isinstance(members[0], dict)
    grants: dict[str, Values] = {
        slug: {
            key: (value, root_values[f"members.grants.{slug}.{key}"][1])
            for key, value in given.items()
        }
        for slug, given in members[0].get("grants", {}).items()
    }
    shared = {
        key: value for key, value in root_values.items() if key.partition(".")[0] in FROM_ROOT
    }
    for key, value in members[0].get("defaults", {}).items():
        place = root_values.get(f"members.defaults.{key}", members)[1]
        shared[key] = _inherit(key, shared.get(key), (value, place))
    for key, placed in root_values.items():
        if key.startswith("members.defaults.tokens."):
            shared[key.removeprefix("members.defaults.")] = placed
    return shared, grants


def with_own(shared: Values, own: Values) -> Values:
    """The values of a member: its own before those that it shares."""
    return shared | {key: _inherit(key, shared.get(key), value) for key, value in own.items()}


def _inherit(key: str, inherited: Placed | None, own: Placed) -> Placed:
    """The value of a key: tokens are merged, everything else is replaced."""
    if (
        key == "tokens"
        and inherited
        and isinstance(inherited[0], dict)
        and isinstance(own[0], dict)
    ):
        return {**inherited[0], **own[0]}, own[1]
    return own


def new_site(slug: str, folder: str, values: Values, problems: Problems) -> Site | None:
    """The site that these values make; None if they have no address or title."""
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
    site = Site(slug=slug, folder=folder, places=places, **settings)  # type: ignore[arg-type]
    until = read_moment(site.front.until, site.zone, ends=True) if site.front.until else None
    if isinstance(until, Unread):  # its form is right, but the zone's clock skips it
        problems.add(site.problem("front.until", until.code, **until.values))
    return site
