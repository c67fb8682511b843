"""JSON Schema out of the tables of fields: what an editor's tools know of settings and articles.

Each reader carries the schema of what it accepts as an attribute, so that reading stays a plain
call. Draft 7, the newest that editors' YAML tools support in full.
"""

import re
from collections.abc import Callable
from typing import Any, TypeVar

from portalgen.settings.reader import Reader

Schema = dict[str, Any]
DRAFT = "http://json-schema.org/draft-07/schema#"
_R = TypeVar("_R", bound=Reader)


def accepts(name: str, /, **schema: object) -> Callable[[_R], _R]:
    """Mark a reader with its name in the reference and the JSON Schema of what it accepts."""

    def mark(read: _R) -> _R:
        read.__dict__["json_schema"], read.__dict__["name"] = schema, name
        return read

    return mark


def schema_of(read: Reader) -> Schema:
    """The JSON Schema that a reader carries."""
    schema: Schema = read.__dict__["json_schema"]
    return schema


def name_of(read: Reader) -> str:
    """What the reference calls the values that a reader accepts."""
    return str(read.__dict__["name"])


def whole(pattern: re.Pattern[str]) -> str:
    """A regular expression for the whole of a text, as JSON Schema wants it."""
    return f"^(?:{pattern.pattern})$"
