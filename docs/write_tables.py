"""Write the tables of settings and front matter in `reference.md`: `make schemas`."""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC
from pathlib import Path

from portalgen.content import front_matter
from portalgen.settings import root, site
from portalgen.settings.schema import Field, name_of

REFERENCE = Path(__file__).with_name("reference.md")
_SETTINGS = "key | type | default | meaning | members get it from"
_KEYS = "key | type | meaning"
_ROOT_ONLY = {key: item for key, item in site.ROOT_FIELDS.items() if key not in site.SITE_FIELDS}
# By heading: the columns and the declared fields.
TABLES: dict[str, tuple[str, Mapping[str, Field]]] = {
    "`site.yaml`": (_SETTINGS, site.SITE_FIELDS),
    "Only in the root file": (_KEYS, _ROOT_ONLY),
    "`sections`": (_KEYS, site.SECTION_FIELDS),
    "`topics`": (_KEYS, site.TOPIC_FIELDS),
    "`menu`, `links` and `services`": (_KEYS, site.LINK_FIELDS),
    "`alert`": (_KEYS, site.ALERT_FIELDS),
    "`kinds`": (_KEYS, root.KIND_FIELDS),
    "`targets`": (_KEYS, root.TARGET_FIELDS),
    "`contact`": (_KEYS, site.CONTACT_FIELDS),
    "`related`": (_KEYS, site.RELATED_FIELDS),
    "`feeds`": (_KEYS, site.FEED_FIELDS),
    "`front`": (_KEYS, root.FRONT_FIELDS),
    "`members`": (_KEYS, site.MEMBERS_FIELDS),
    "`members.grants`": (_KEYS, site.GRANT_FIELDS),
    "`quota`": (_KEYS, root.QUOTA_FIELDS),
    "Front matter": (_KEYS, front_matter.fields(UTC)),
}


def _rows(columns: str, fields: Mapping[str, Field]) -> Iterator[str]:
    yield f"| {columns} |"
    yield "|" + "---|" * (columns.count("|") + 1)
    for key, field in fields.items():
        kind = name_of(field.read)
        if columns == _SETTINGS:
            yield f"| `{key}` | {kind} | {field.default} | {field.doc} | {field.inherits} |"
        else:
            required = ", required" if field.required else ""
            yield f"| `{key}` | {kind}{required} | {field.doc} |"


def with_tables(reference: str) -> str:
    """The text of the reference with the table below each heading generated again."""
    for heading, (columns, fields) in TABLES.items():
        table = "".join(f"{row}\n" for row in _rows(columns, fields))
        heading_to_table = rf"(^#+ {re.escape(heading)}\n(?:(?![#|]).*\n)*)(?:\|.*\n)+"

        def replacement(match: re.Match[str], table: str = table) -> str:
            return match[1] + table

        reference, count = re.subn(heading_to_table, replacement, reference, flags=re.M)
        assert count == 1, heading
    return reference


if __name__ == "__main__":
    REFERENCE.write_text(with_tables(REFERENCE.read_text("utf-8")), "utf-8", newline="\n")
