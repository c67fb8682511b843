"""The schemas match the tables, accept the settings in use, and refuse what readers refuse."""

import json
import re
from datetime import UTC
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft7Validator

from portalgen.authoring import schemas
from portalgen.content import front_matter
from portalgen.content.front_matter import ALIAS
from portalgen.settings import site
from portalgen.settings.reader import Document
from portalgen.settings.schema import Field, Fields, read_fields, schema_of
from portalgen.settings.site import ROOT_FIELDS, SITE_FIELDS

REPOSITORY = Path(__file__).resolve().parents[2]
NAMES = ["site", "member", "article"]
FIELDS: dict[str, Fields] = {
    "site": ROOT_FIELDS,
    "member": SITE_FIELDS,
    "article": front_matter.fields(UTC),
}


class Core(yaml.SafeLoader):
    """Load values as editors do: the core schema of YAML 1.2, 10.3.2."""

    yaml_implicit_resolvers = {}  # noqa: RUF012


for tag, pattern, first in (
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("int", r"[-+]?[0-9]+", list("-+0123456789")),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", list("-+.0123456789")),
):
    Core.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(f"^(?:{pattern})$"), first)
Core.add_constructor("tag:yaml.org,2002:int", lambda _, node: int(node.value))


def validator(name: str) -> Any:
    text = (schemas.FOLDER / f"{name}.schema.json").read_text("utf-8")
    return Draft7Validator(json.loads(text))


VALIDATORS = {name: validator(name) for name in NAMES}


def wrong(name: str, text: str) -> list[str]:
    """The errors that an editor reports for a YAML text."""
    return [error.message for error in VALIDATORS[name].iter_errors(yaml.load(text, Core))]


def test_the_files_are_what_the_tables_give() -> None:
    made = schemas.schemas()
    assert sorted(made) == sorted(file.name for file in schemas.FOLDER.glob("*.json"))
    for name, text in made.items():
        assert (schemas.FOLDER / name).read_text("utf-8") == text, "run make schemas"


def test_every_key_is_explained_in_both_languages() -> None:
    tables = [value for name, value in vars(site).items() if name.endswith("_FIELDS")]
    for table in (*filter(lambda table: isinstance(table, dict), tables), FIELDS["article"]):
        assert all(field.doc and field.vi for field in table.values())


@pytest.mark.parametrize("name", NAMES)
def test_the_schemas_are_schemas(name: str) -> None:
    Draft7Validator.check_schema(VALIDATORS[name].schema)


def test_the_settings_of_the_sample_are_accepted() -> None:
    assert wrong("site", (REPOSITORY / "site.yaml").read_text("utf-8")) == []
    members = sorted(REPOSITORY.glob("members/*/site.yaml"))
    assert len(members) == 47
    found = {file.parent.name: wrong("member", file.read_text("utf-8")) for file in members}
    assert not any(found.values()), found


def test_the_front_matter_of_every_sample_article_is_accepted() -> None:
    found = {}
    for file in REPOSITORY.glob("**/content/**/*.md"):
        parts = front_matter.split(file.read_text("utf-8"), "")
        assert isinstance(parts, tuple)
        found[file] = wrong("article", parts[0])
    assert len(found) > 150
    assert {file: said for file, said in found.items() if said} == {}


SITE = "title: A\nbase_url: https://a.example/\n"
BROKEN = [
    *(
        ("article", f"title: A\n{line}")
        for line in (
            "titel: B", "date: hôm qua", "date: 23-11-2026", "date: 2020", "draft: no",
            "draft: yes", "draft: 1", "slug: Tin Tức", "slug: -a", "slug: a--b",
            "tags: {a: b}", "tags: [[a]]",
            "lead: [a]", "author: {a: b}", "featured: [true]", "expires: 2020-1", "related: {a: b}",
        )
    ),
    ("article", "lead: B"), ("article", "title: ''"), ("article", "title: [A]"),
    *(
        (name, SITE + line)
        for name in ("site", "member")
        for line in (
            "titel: A", "language: fr", "theme: Đẹp", "kind: 'a b'", "permalink: /{slug}",
            "permalink: /{section}.html", "permalink: /{nam}/{slug}.html", "tokens: [a]",
            "tokens: {a: [b]}", "sections: tin-tuc", "sections: [tin-tuc]",
            "sections: [{slug: tin-tuc}]", "sections: [{slug: Tin, title: A}]",
            "sections: [{slug: a, title: A, titel: A}]", "menu: [{title: A, url: 'javascript:a'}]",
            "menu: [{title: A, url: //a.example}]", "menu: [{title: A, url: a.html}]",
            "contact: A", "contact: {fax: 1}", "related: [{title: A, by: magic}]",
            "related: [{title: A, by: section, limit: 0}]", "related: [{by: section}]",
            "feeds: {limit: 501}", "feeds: {limit: nhiều}", "feeds: {full_text: no}",
            "alert: {url: /a.html}", "timezone: [a]",
        )
    ),
    *(
        ("site", "title: A\nbase_url: " + value)
        for value in ("a.example", "ftp://a.example/", "https://a.example/?x", "'{slug}'")
    ),
    *(
        ("site", SITE + line)
        for line in (
            "kinds: [{slug: xa}]", "known_hosts: ['*']", "known_hosts: gov", "members: []",
            "members: {defaults: {titel: A}}", "members: {defaults: {language: fr}}",
            "targets: [{name: a, url: 'ssh:host'}]", "targets: [{name: a}]",
        )
    ),
    ("member", SITE + "members: {}"), ("member", "short_title: A"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "text"), BROKEN, ids=[text for _, text in BROKEN])
def test_what_readers_refuse_is_marked(name: str, text: str) -> None:
    document = Document("site.yaml")
    node = document.compose(text)
    assert node is not None
    read_fields(node, document, FIELDS[name])
    assert document.problems
    assert wrong(name, text)


TEXTS = {
    f"{name}.{key}": field
    for name, fields in FIELDS.items()
    for key, field in fields.items()
    if "string" in schema_of(field.read).get("type", ())
}
MARK = yaml.Mark("", 0, 0, 0, None, 0)
LIKELY = [
    "a", "tin-tuc", "A B", "2020-01-10", "2020-1-1 7:05:59 +07:00", "2020-01-10T16:46Z",
    "23/11/2026", "23/11/2026 9h30",
    "/tin-tuc/bai.html", "/a%20b/", "https://a.example/b?c=d#e", "mailto:a@b.example",
    "tel:+84 214-3", "https://{slug}.a.example:80/b/{slug}", "https://a.example", "baochinhphu.vn",
    "*.gov.vn", "/{section}/{year}-{month}/{slug}.html", "../public", "C-x/y", "s3://bucket/a/b/",
    "ssh://me@host:22/srv/www", "Asia/Ho_Chi_Minh", "vi",
]  # fmt: skip


@pytest.mark.parametrize("field", TEXTS.values(), ids=list(TEXTS))
@given(st.one_of(st.sampled_from(LIKELY), st.text("aZ0 -_./:{}@*~%ê", max_size=12)).map(str.strip))
def test_a_text_that_a_reader_accepts_is_not_marked(field: Field, text: str) -> None:
    document = Document("")
    node = yaml.ScalarNode("tag:yaml.org,2002:str", text, MARK, MARK, style='"')
    field.read(node, document)
    if field is FIELDS["article"]["aliases"]:  # checked when all addresses are known
        assert Draft7Validator(schema_of(field.read)).is_valid(text) == bool(ALIAS.fullmatch(text))
    elif not document.problems:
        assert Draft7Validator(schema_of(field.read)).is_valid(text)
