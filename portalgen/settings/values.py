"""Readers of the values that only `site.yaml` has: addresses, hosts, zones and patterns."""

import re
from datetime import UTC
from zoneinfo import ZoneInfo

import yaml

from portalgen.settings import schema
from portalgen.settings.moments import PATTERN
from portalgen.settings.reader import Document
from portalgen.settings.schema import accepts, whole
from portalgen.settings.suggestions import meant_host

ALL_MEMBERS = "*"  # no slug
MAX_PATTERN = 200  # characters of each part of a permalink, which names a file
_BASE_URL = re.compile(
    r"https?://(?:[a-z0-9.-]|\{slug\})+(:[0-9]{1,5})?"
    r"(/(?!\.\.?(?:/|$))(?:[A-Za-z0-9._~-]|\{slug\})+)*/?"
)
# A folder; or user, host, port and folder; or bucket and prefix.
_TARGET = re.compile(
    r"ssh://([\w.-]+@)?[A-Za-z0-9][\w.-]*(:\d+)?/[\w./-]+"
    r"|s3://[a-z0-9][a-z0-9.-]+(/[\w.-]+)*/?"
    r"|(?!ssh:|s3:)[^\s:'\x22\\]+",
    re.ASCII,
)
_EXAMPLE_HOST = "laocai.example"
_HOST = re.compile(r"(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)+")
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_OLD_HOST = re.compile(rf"(?:(?:{_LABEL}|[A-Za-z0-9-]*\{{slug\}}[A-Za-z0-9-]*)\.)+{_LABEL}")
_SUCCESSOR = re.compile(schema.SLUG.pattern + r"""|https?://[^\s"$<>\\?#]+""")
PERMALINK_FIELDS = ("section", "slug", "year", "month", "day")
_PERMALINK = re.compile(
    r"(?=.*\{slug\})(?:/(?:[A-Za-z0-9_-]|\{(?:" + "|".join(PERMALINK_FIELDS) + r")\})+)+\.html"
)


@accepts("address", type="string", pattern=whole(_BASE_URL))
def base_url(node: yaml.Node, document: Document) -> str | None:
    """The address of a site, with a slash at its end."""
    value = schema.text(node, document)
    if value is None:
        return None
    address = value if value.endswith("/") else value + "/"
    if _BASE_URL.fullmatch(address):
        return address
    start = "http" if value.lower().startswith("http:") else "https"
    wanted = f"{start}://{meant_host(value) or _EXAMPLE_HOST}/"
    document.report(node, "wrong-base-url", value=value[:80], wanted=wanted)
    return None


@accepts("zone", type="string")
def timezone(node: yaml.Node, document: Document) -> str | None:
    """The name of a time zone."""
    value = schema.text(node, document)
    if value is None:
        return None
    try:
        ZoneInfo(value)
    except (OSError, ValueError, KeyError):
        document.report(node, "unknown-timezone", value=value[:80])
        return None
    return value


@accepts("text", type="string", pattern=whole(_TARGET))
def target_url(node: yaml.Node, document: Document) -> str | None:
    """Where a target is."""
    value = schema.text(node, document)
    if value is None or _TARGET.fullmatch(value):
        return value
    document.report(node, "wrong-target", value=value[:80])
    return None


@accepts(
    "list of text",
    type=["array", "string"],
    pattern=whole(_HOST),
    items={"type": "string", "pattern": whole(_HOST)},
)
def hosts(node: yaml.Node, document: Document) -> tuple[str, ...] | None:
    """Hosts, of which `*.` stands for all below."""
    values = schema.texts(node, document)
    for value in values or ():
        if not _HOST.fullmatch(value):
            wanted = meant_host(value) or _EXAMPLE_HOST
            document.report(node, "wrong-host", value=value[:80], wanted=wanted)
    return values


@accepts(
    "list of text",
    type=["array", "string"],
    pattern=whole(_OLD_HOST),
    items={"type": "string", "pattern": whole(_OLD_HOST)},
)
def old_hosts(node: yaml.Node, document: Document) -> tuple[str, ...] | None:
    """Names of hosts, in lower case."""
    values = schema.texts(node, document)
    for value in values or ():
        if not _OLD_HOST.fullmatch(value) or len(value) > 200:
            document.report(node, "wrong-old-host", value=value[:80])
            return None
    return None if values is None else tuple(dict.fromkeys(value.lower() for value in values))


@accepts("slug or address", type="string", pattern=whole(_SUCCESSOR))
def successor(node: yaml.Node, document: Document) -> str | None:
    """The slug of a member, or an address elsewhere."""
    value = schema.text(node, document)
    if value is None or _SUCCESSOR.fullmatch(value):
        return value
    document.report(node, "wrong-successor", value=value[:80])
    return None


@accepts("pattern", type="string", pattern=whole(_PERMALINK))
def permalink(node: yaml.Node, document: Document) -> str | None:
    """The pattern of addresses of articles."""
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


@accepts(
    "list of slugs, or `all`",
    type=["array", "string"],
    pattern="^all$",
    items={"type": ["string", "integer"], "pattern": whole(schema.SLUG)},
)
def members(node: yaml.Node, document: Document) -> tuple[str, ...] | None:
    """Slugs of members; `all` is `*`."""
    if isinstance(node, yaml.ScalarNode) and node.value == "all":
        return (ALL_MEMBERS,)
    if isinstance(node, yaml.SequenceNode):
        return tuple(slug for item in node.value if (slug := schema.slug(item, document)))
    document.report(node, "wrong-members")
    return None


@accepts("moment", type="string", pattern=whole(PATTERN))
def moment_text(node: yaml.Node, document: Document) -> str | None:
    """A moment at which something ends, as written: the zone of the site is not yet read."""
    return str(node.value) if schema.moment(UTC, ends=True)(node, document) else None
