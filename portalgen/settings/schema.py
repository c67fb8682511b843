"""Composable readers of YAML nodes, for settings and front matter.

A reader takes a node and its document and returns a value, or `None` after reporting a problem.
Scalars are text until a reader converts them: `16:46`, `no`, `0123` stay as typed.
"""

import re
from collections.abc import Callable, Collection, Mapping
from datetime import datetime, tzinfo
from typing import Any, TypeVar, get_type_hints

import yaml
from msgspec import NODEFAULT, Struct, structs

from portalgen.settings.moments import PATTERN, read_moment
from portalgen.settings.reader import Document, Reader
from portalgen.settings.suggestions import (
    MAX_SLUG,
    as_yaml,
    complete_address,
    meant_boolean,
    meant_key,
    meant_slug,
)
from portalgen.strays import without_strays
from portalgen.text import fold, is_invisible, shortened

Schema = dict[str, Any]
DRAFT = "http://json-schema.org/draft-07/schema#"
_R = TypeVar("_R", bound=Reader)
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_URL = re.compile(r'(https?://[^\s"<>]+|mailto:[^\s"<>]+|tel:[+\d .-]+|/(?!/)[^\s"<>\\]*)')
SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
# Reserved by Windows, with any extension: learn.microsoft.com "Naming Files".
RESERVED_NAMES = frozenset(
    ["con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(10))]
)


_SECTION_KEYS = ("section", "chuyen muc", "muc", "chuyenmuc")
_LONGEST_VALUE = 400  # characters that a message tells to write


def accepts(name: str, /, **schema: object) -> Callable[[_R], _R]:
    """Attach a name for the reference and a JSON Schema to a reader."""

    def mark(read: _R) -> _R:
        read.__dict__["json_schema"], read.__dict__["name"] = schema, name
        return read

    return mark


def schema_of(read: Reader) -> Schema:
    """The JSON Schema of a reader."""
    schema: Schema = read.__dict__["json_schema"]
    return schema


def name_of(read: Reader) -> str:
    """The type of a reader's values, as named in the reference."""
    return str(read.__dict__["name"])


def whole(pattern: re.Pattern[str]) -> str:
    """An anchored pattern, as JSON Schema searches for it in the text."""
    return f"^(?:{pattern.pattern})$"


class Field(Struct, frozen=True):
    """A key: the reader of its value, and its meaning in English (`doc`) and Vietnamese (`vi`).

    `required`: None if the default decides. `inherits`: where members get it from; empty for keys
    of the root file alone. `default`: its description in the reference.
    """

    read: Reader
    doc: str
    vi: str = ""
    required: bool | None = None
    inherits: str = "defaults, root"
    default: str = ""


Fields = Mapping[str, Field]


def fields_of(kind: type[Struct]) -> dict[str, Field]:
    """The keys that a structure declares in its annotations, completed from its defaults."""
    infos = {info.name: info for info in structs.fields(kind)}
    declared = {}
    for name, hint in get_type_hints(kind, include_extras=True).items():
        for field in getattr(hint, "__metadata__", ()):
            if isinstance(field, Field):
                declared[name] = _completed(field, infos[name])
    return declared


def _completed(field: Field, info: structs.FieldInfo) -> Field:
    required = info.required if field.required is None else field.required
    value = info.default
    default = "required" if info.required else f"`{value}`" if value else "none"
    if info.default_factory is not NODEFAULT:
        default = "none"
    return structs.replace(field, required=required, default=field.default or default)


# Numbers are accepted as text. `true` is not, or tools would propose it.
_TEXT = {"type": ["string", "number"]}


def is_absent(node: yaml.Node) -> bool:
    """Whether a key has no value."""
    return isinstance(node, yaml.ScalarNode) and node.value == "" and not node.style


def is_null(node: yaml.Node) -> bool:
    """Whether a value without quotes is what YAML calls nothing: no text that must be there."""
    return (
        isinstance(node, yaml.ScalarNode)
        and not node.style
        and node.value in ("~", "null", "Null", "NULL")
    )


@accepts("text", **_TEXT)
def text(node: yaml.Node, document: Document) -> str | None:
    """A text, trimmed and without stray characters; it may have several lines."""
    if not isinstance(node, yaml.ScalarNode):
        values = _texts_in(node)
        _wrong(node, document, "need-text", as_yaml(", ".join(values)) if values else "")
        return None
    value = without_strays(node.value).strip()
    return "" if is_invisible(value) else value


@accepts("texts", type=["array", "string", "number"], items=_TEXT)
def texts(node: yaml.Node, document: Document) -> tuple[str, ...] | None:
    """A list of distinct texts; a single text is a list of one."""
    if isinstance(node, yaml.ScalarNode):
        value = text(node, document)
        return None if value is None else (value,)
    if not isinstance(node, yaml.SequenceNode):
        wanted = ", ".join(as_yaml(value, "[]{},") for value in _texts_in(node))
        _wrong(node, document, "need-texts", wanted and f"[{wanted}]")
        return None
    values = [text(item, document) for item in node.value]
    return tuple(dict.fromkeys(value for value in values if value))


@accepts("text or texts", type=["array", "string", "number"], items=_TEXT)
def names(node: yaml.Node, document: Document) -> str | None:
    """A text; a list of texts is one with commas."""
    values = texts(node, document)
    return None if values is None else ", ".join(values)


@accepts("true/false", type="boolean")
def boolean(node: yaml.Node, document: Document) -> bool | None:
    """`true` or `false`, with capitals or not; `no` is text."""
    value = str(node.value).lower() if isinstance(node, yaml.ScalarNode) else ""
    if value in ("true", "false"):
        return value == "true"
    _wrong(node, document, "need-boolean", meant_boolean(value))
    return None


def integer(low: int, high: int) -> Reader:
    """A whole number from `low` to `high`."""

    @accepts(f"number, {low}–{high}", type="integer", minimum=low, maximum=high)
    def read(node: yaml.Node, document: Document) -> int | None:
        value = node.value if isinstance(node, yaml.ScalarNode) else ""
        if re.fullmatch(r"[0-9]{1,9}", value) and low <= int(value) <= high:
            return int(value)
        document.report(node, "wrong-number", low=low, high=high)
        return None

    return read


def one_of(*choices: str) -> Reader:
    """One of `choices`."""

    @accepts(" or ".join(f"`{choice}`" for choice in choices), enum=list(choices))
    def read(node: yaml.Node, document: Document) -> str | None:
        value = node.value if isinstance(node, yaml.ScalarNode) else ""
        if value in choices:
            return str(value)
        document.report(node, "wrong-choice", value=str(value), choices=", ".join(choices))
        return None

    return read


@accepts("slug", type=["string", "integer"], pattern=whole(SLUG), maxLength=MAX_SLUG)
def slug(node: yaml.Node, document: Document) -> str | None:
    """Lower-case letters, digits and single hyphens; no name reserved by Windows."""
    value = node.value if isinstance(node, yaml.ScalarNode) else ""
    is_slug = SLUG.fullmatch(value) and value not in RESERVED_NAMES
    if is_slug and len(value) <= MAX_SLUG:
        return str(value)
    wanted = meant_slug(value, RESERVED_NAMES)
    if is_slug:
        values = {"length": len(value), "limit": MAX_SLUG, "wanted": wanted}
        document.report(node, "slug-long", value=_start(value), **values)
    else:
        document.report(node, "wrong-slug", value=_start(value), wanted=wanted)
    return None


@accepts("link", type="string", pattern=whole(_URL))
def url(node: yaml.Node, document: Document) -> str | None:
    """`https://…`, `mailto:…`, `tel:…` or a path on the site that starts with `/`."""
    value = node.value if isinstance(node, yaml.ScalarNode) else ""
    if _URL.fullmatch(value):
        return str(value)
    wanted = complete_address(value)
    if not wanted and re.fullmatch(r"[\w./-]+(?:\.html?|/)", value, re.ASCII):
        wanted = "/" + value.lstrip("./")
    if _URL.fullmatch(wanted):
        document.report(node, "wrong-url-near", value=_start(value), wanted=wanted)
    else:
        document.report(node, "wrong-url", value=_start(value))
    return None


def moment(zone: tzinfo, *, ends: bool = False) -> Reader:
    """A moment in `zone`, or with an offset; `NEVER` is one at which something `ends`."""

    @accepts("moment", type="string", pattern=whole(PATTERN))
    def read(node: yaml.Node, document: Document) -> datetime | None:
        moment = read_moment(_written(node), zone, ends=ends)
        if isinstance(moment, datetime):
            return moment
        document.report(node, moment.code, **moment.values)
        return None

    return read


def list_of(read: Reader) -> Reader:
    """A list of items that `read` accepts; others are reported and left out."""

    @accepts("list", type="array", items=schema_of(read))
    def read_list(node: yaml.Node, document: Document) -> tuple[object, ...] | None:
        if not isinstance(node, yaml.SequenceNode):
            _wrong(node, document, "need-list")
            return None
        items = [read(item, document) for item in node.value]
        return tuple(item for item in items if item is not None)

    return read_list


def mapping_of(read: Reader) -> Reader:
    """A mapping from text to values that `read` accepts."""

    @accepts(f"name: {name_of(read)}", type="object", additionalProperties=schema_of(read))
    def read_mapping(node: yaml.Node, document: Document) -> dict[str, object] | None:
        if not isinstance(node, yaml.MappingNode):
            _wrong(node, document, "need-keys")
            return None
        pairs = ((key.value, read(value, document)) for key, value in unique_pairs(node, document))
        return {key: value for key, value in pairs if value is not None}

    return read_mapping


def of_keys(fields: Fields) -> Schema:
    """The JSON Schema of a mapping with these keys, described in Vietnamese."""
    properties = {}
    for name, field in fields.items():
        properties[name] = {"description": field.vi, **schema_of(field.read)}
        if field.required and "string" in properties[name].get("type", ()):
            properties[name]["minLength"] = 1
    required = [name for name, field in fields.items() if field.required]
    return {
        "type": "object",
        "properties": properties,
        **({"required": required} if required else {}),
        "additionalProperties": False,
    }


def record(fields: Fields, build: Callable[..., object] | None = None) -> Reader:
    """A mapping with these keys, as a dict or as the result of `build(**values)`."""

    @accepts("keys", **of_keys(fields))
    def read(node: yaml.Node, document: Document) -> object:
        if not isinstance(node, yaml.MappingNode):
            _wrong(node, document, "need-keys")
            return None
        earlier_problems = len(document.problems)
        values = {key: value for key, (value, _) in read_fields(node, document, fields).items()}
        if build is None:
            return values
        return build(**values) if len(document.problems) == earlier_problems else None

    return read


def read_fields(
    node: yaml.MappingNode, document: Document, fields: Fields, root_only: Collection[str] = ()
) -> dict[str, tuple[object, yaml.Node]]:
    """Valid keys with their value and node; problems with others are reported.

    `root_only` are keys that belong in the root file.
    """
    values: dict[str, tuple[object, yaml.Node]] = {}
    present = {
        key.value
        for key, value in node.value
        if isinstance(key, yaml.ScalarNode) and not is_absent(value)
    }
    taken = {*present}
    for key, value_node in unique_pairs(node, document):
        field = fields.get(key.value)
        if field is None and document.is_hopeless:
            continue
        if field is None and key.value in root_only:
            document.report(key, "only-in-root", key=key.value)
        elif field is None:
            near = meant_key(key.value, fields, _written(value_node))
            code = "unknown-key-near" if near else "unknown-key"
            if near and near in taken:  # to rename it would make two
                code = "unknown-key-twice"
            taken.add(near)
            if key.value == "published" and "draft" in fields:  # as Jekyll has it
                is_draft = _written(value_node).lower() == "false"
                code = "key-published-false" if is_draft else "unknown-key-twice"
            elif fold(key.value) in _SECTION_KEYS and "syndicate" in fields:
                code = "key-section"
            document.report(key, code, key=_start(key.value), near=near, known=", ".join(fields))
        elif not is_absent(value_node):
            value = field.read(value_node, document)
            if field.required and (value == "" or is_null(value_node)):
                document.report(value_node, "missing-key", key=key.value)
            elif value is not None:
                values[key.value] = (value, value_node)
    for name, field in fields.items():
        if field.required and name not in present:
            document.report(node, "missing-key", key=name)
    return values


def unique_pairs(
    node: yaml.MappingNode, document: Document
) -> list[tuple[yaml.ScalarNode, yaml.Node]]:
    """The mapping's pairs; keys that are not text, or duplicates, are reported."""
    seen: set[str] = set()
    pairs = []
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode):
            document.report(key, "key-not-text")
        elif key.value in seen:
            document.report(key, "duplicate-key", key=key.value[:80])
        else:
            seen.add(key.value)
            pairs.append((key, value))
    return pairs


def _start(value: str) -> str:
    """As written, or what it begins with."""
    return shortened(value, 80)


def _wrong(node: yaml.Node, document: Document, code: str, wanted: str = "") -> None:
    """Report a value that does not fit, with what is meant if that is clear."""
    if wanted and len(wanted) <= _LONGEST_VALUE:
        document.report(node, "wrong-value", value=_start(_written(node)), wanted=wanted)
    else:
        document.report(node, code)


def _written(node: yaml.Node) -> str:
    """A value much as it is written."""
    if isinstance(node, yaml.SequenceNode):
        return f"[{', '.join(_written(item) for item in node.value)}]"
    if isinstance(node, yaml.MappingNode):
        pairs = ((_written(key), value) for key, value in node.value)
        texts = (key if is_absent(value) else f"{key}: {_written(value)}" for key, value in pairs)
        return f"{{{', '.join(texts)}}}"
    return str(node.value)


def _texts_in(node: yaml.Node) -> list[str]:
    """The texts of a list, or of keys: their values, else the keys; empty if lists are nested."""
    nodes = node.value
    if isinstance(node, yaml.MappingNode):
        nodes = [key if is_absent(value) else value for key, value in node.value]
    if not all(isinstance(item, yaml.ScalarNode) for item in nodes):
        return []
    return [item.value.strip() for item in nodes if item.value.strip()]
