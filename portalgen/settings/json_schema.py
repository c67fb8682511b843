"""JSON Schema out of the tables of fields: what an editor's tools know of settings and articles.

Each reader carries the schema of what it accepts as an attribute, so that reading stays a plain
call. Draft 7, the newest that editors' YAML tools support in full.
"""

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from portalgen.settings.reader import Reader

if TYPE_CHECKING:
    from portalgen.settings.schema import Field

Schema = dict[str, Any]
DRAFT = "http://json-schema.org/draft-07/schema#"
_R = TypeVar("_R", bound=Reader)


def accepts(**schema: object) -> Callable[[_R], _R]:
    """Mark a reader with the JSON Schema of the values it accepts."""

    def mark(read: _R) -> _R:
        read.__dict__["json_schema"] = schema
        return read

    return mark


def schema_of(read: Reader) -> Schema:
    """The JSON Schema that a reader carries."""
    schema: Schema = read.__dict__["json_schema"]
    return schema


def whole(pattern: re.Pattern[str]) -> str:
    """A regular expression for the whole of a text, as JSON Schema wants it."""
    return f"^(?:{pattern.pattern})$"


def of_keys(fields: Mapping[str, "Field"]) -> Schema:
    """A mapping with just these keys; an English `description` each."""
    properties = {}
    for name, field in fields.items():
        properties[name] = {"description": field.doc, **schema_of(field.read)}
        if field.required and "string" in properties[name].get("type", ()):
            properties[name]["minLength"] = 1
    required = [name for name, field in fields.items() if field.required]
    return {
        "type": "object",
        "properties": properties,
        **({"required": required} if required else {}),
        "additionalProperties": False,
    }
