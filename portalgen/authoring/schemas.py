"""JSON Schemas for editors' tools: `site.yaml` of the root and of members, and front matter.

`python -m portalgen.authoring.schemas` writes them again after a table of fields has changed.
"""

import json
from datetime import UTC
from pathlib import Path
from typing import Any

import yaml

from portalgen.content import front_matter
from portalgen.settings.json_schema import DRAFT, of_keys
from portalgen.settings.network import ROOT_FIELDS, SITE_FIELDS

FOLDER = Path(__file__).resolve().parents[1] / "schemas"


def schemas() -> dict[str, str]:
    """The text of each schema by its file's name, described in Vietnamese."""
    text = (FOLDER / "vi.yaml").read_text("utf-8")
    words: dict[str, str] = yaml.load(text, yaml.CBaseLoader)
    site = of_keys(ROOT_FIELDS)
    site["required"] = [*site["required"], "base_url"]
    article = of_keys(front_matter.fields(UTC))
    made = {"site": site, "member": of_keys(SITE_FIELDS), "article": article}
    return {
        f"{name}.schema.json": json.dumps(
            {"$schema": DRAFT, **_translated(schema, words)}, ensure_ascii=False, indent=2
        )
        + "\n"
        for name, schema in made.items()
    }


def _translated(schema: Any, words: dict[str, str]) -> Any:
    """The same schema with its descriptions, written in English, in other words."""
    if isinstance(schema, list):
        return [_translated(item, words) for item in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: _translated(value, words) for key, value in schema.items()}
    if isinstance(schema.get("description"), str):
        made["description"] = words[schema["description"]]
    return made


if __name__ == "__main__":
    for name, text in schemas().items():
        (FOLDER / name).write_text(text, "utf-8", newline="\n")
