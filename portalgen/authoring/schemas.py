"""JSON Schemas for editors: `site.yaml` of the root and of members, and front matter.

Run `python -m portalgen.authoring.schemas` after changing a table of fields.
"""

import json
from datetime import UTC
from pathlib import Path

from portalgen.content import front_matter
from portalgen.settings.schema import DRAFT, of_keys
from portalgen.settings.site import ROOT_FIELDS, SITE_FIELDS

FOLDER = Path(__file__).resolve().parents[1] / "schemas"


def schemas() -> dict[str, str]:
    """The text of each schema by file name, described in Vietnamese."""
    site = of_keys(ROOT_FIELDS)
    site["required"] = [*site["required"], "base_url"]
    article = of_keys(front_matter.fields(UTC))
    by_name = {"site": site, "member": of_keys(SITE_FIELDS), "article": article}
    return {
        f"{name}.schema.json": json.dumps(
            {"$schema": DRAFT, **schema}, ensure_ascii=False, indent=2
        )
        + "\n"
        for name, schema in by_name.items()
    }


if __name__ == "__main__":
    for name, text in schemas().items():
        (FOLDER / name).write_text(text, "utf-8", newline="\n")
