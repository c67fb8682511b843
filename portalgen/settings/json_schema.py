"""JSON Schemas of settings and front matter, for editors' tools.

Each reader carries the schema of what it accepts as an attribute. Draft 7 is the newest that YAML
tools of editors fully support.
"""

import re
from collections.abc import Callable
from typing import Any, TypeVar

from portalgen.settings.reader import Reader

Schema = dict[str, Any]
DRAFT = "http://json-schema.org/draft-07/schema#"
_R = TypeVar("_R", bound=Reader)


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
