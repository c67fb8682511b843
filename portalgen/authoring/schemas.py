"""JSON Schemas for editors' tools: `site.yaml` of the root and of members, and front matter.

`python -m portalgen.authoring.schemas` writes them again after a table of fields has changed.
"""

import json
from datetime import UTC
from pathlib import Path

from portalgen.content import front_matter
from portalgen.settings.json_schema import DRAFT
from portalgen.settings.schema import of_keys
from portalgen.settings.site import ROOT_FIELDS, SITE_FIELDS

FOLDER = Path(__file__).resolve().parents[1] / "schemas"


def schemas() -> dict[str, str]:
    """The text of each schema by its file's name, described in Vietnamese."""
    site = of_keys(ROOT_FIELDS)
    site["required"] = [*site["required"], "base_url"]
    article = of_keys(front_matter.fields(UTC))
    made = {"site": site, "member": of_keys(SITE_FIELDS), "article": article}
    return {
        f"{name}.schema.json": json.dumps(
            {"$schema": DRAFT, **schema}, ensure_ascii=False, indent=2
        )
        + "\n"
        for name, keys in made.items()
        for schema in [{"$schema": DRAFT, **keys}]
    }


if __name__ == "__main__":
    for name, text in schemas().items():
        (FOLDER / name).write_text(text, "utf-8", newline="\n")
