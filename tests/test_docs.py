"""The documentation names all keys, options, fields and messages, and no others."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path

import click
import pytest
from msgspec import Struct

from docs import write_tables
from portalgen import cli
from portalgen.commands import common
from portalgen.content import model
from portalgen.pages import contexts
from portalgen.problems import message_codes, problem
from portalgen.report import BuildReport
from portalgen.settings import site, tokens, values

ROOT = Path(__file__).resolve().parents[1]
REFERENCE, THEMES = "docs/reference.md", "docs/themes.md"
TEMPLATES = ROOT / "themes" / "portal" / "templates"
PACKAGE = ROOT / "portalgen"
PARTS = {
    item.__name__: item
    for module in (contexts, model)
    for item in vars(module).values()
    if isinstance(item, type) and issubclass(item, Struct) and item.__struct_fields__
}


@cache
def sections(name: str) -> Mapping[str, str]:
    """The text below each heading of a document."""
    text = (ROOT / name).read_text("utf-8")
    parts = re.split(r"^#{1,6} (.+)$", text, flags=re.MULTILINE)
    headings = parts[1::2]
    assert len(headings) == len(set(headings)), "each heading once"
    return dict(zip(headings, parts[2::2]))


def rows(name: str, heading: str) -> list[list[str]]:
    """The cells of the table below a heading, without the table's own head."""
    lines = [x for x in sections(name)[heading].splitlines() if x.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def named(name: str, heading: str) -> list[str]:
    """The names in backquotes in the first column of a table."""
    return [word for row in rows(name, heading) for word in re.findall(r"`([^`]+)`", row[0])]


def same(documented: list[str], existing: Iterable[object]) -> None:
    assert sorted(documented) == sorted(str(item) for item in existing)


def field_names(kind: type[Struct]) -> list[str]:
    """The fields of a structure, without those it inherits."""
    inherited = {
        name
        for base in kind.__mro__[1:]
        if issubclass(base, Struct)
        for name in base.__struct_fields__
    }
    return [name for name in kind.__struct_fields__ if name not in inherited]


def test_settings_and_front_matter_are_documented_as_declared() -> None:
    reference = write_tables.REFERENCE.read_text("utf-8")
    assert write_tables.with_tables(reference) == reference, "run make schemas"


def test_every_declaration_has_its_table() -> None:
    declared = [value for name, value in vars(site).items() if name.endswith("_FIELDS")]
    tables = [fields for _, fields in write_tables.TABLES.values()]
    assert [fields for fields in declared if fields not in tables and isinstance(fields, dict)] == [
        site.HELD_FIELDS, site.ROOT_FIELDS,
    ]  # fmt: skip


def test_permalink_fields_are_documented() -> None:
    text = sections(REFERENCE)["Addresses"].split("A `permalink` holds", 1)[1].split(";", 1)[0]
    same(re.findall(r"`\{(\w+)\}`", text), values.PERMALINK_FIELDS)


def commands(group: click.Group, above: str = "") -> Iterator[tuple[str, click.Command]]:
    """Every command by its full name, such as `build` or `new article`."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from commands(command, f"{above}{name} ")
        else:
            yield above + name, command


COMMANDS = dict(commands(cli.main))


def test_commands_are_documented() -> None:
    headings = [title for title in sections(REFERENCE) if title.startswith("`portalgen ")]
    same([title.strip("`").removeprefix("portalgen ") for title in headings], COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_options_are_documented(name: str) -> None:
    options = [x for x in COMMANDS[name].params if isinstance(x, click.Option)]
    same(
        named(REFERENCE, f"`portalgen {name}`"),
        [max((*option.opts, *option.secondary_opts), key=len) for option in options],
    )


def test_group_options_are_documented() -> None:
    options = [name for option in cli.main.params for name in option.opts]
    text = sections(REFERENCE)["Commands"]
    assert all(f"{option}`" in text for option in [*options, "-h", "--help"])


def test_readme_names_every_command() -> None:
    same([x.removeprefix("portalgen ") for x in named("README.md", "Commands")], COMMANDS)


def test_exit_codes_are_documented() -> None:
    codes = (common.DONE, common.NOTHING, common.USAGE, common.REFUSED)
    same(named(REFERENCE, "Exit codes"), codes)


def test_the_report_is_documented() -> None:
    report = BuildReport(refused=[problem("missing-date", "a.md", 2, 1)]).as_json()
    same(named(REFERENCE, "Fields"), report)
    refused = json.loads(json.dumps(report["refused"]))
    same(named(REFERENCE, "Each of `refused` and `warnings`"), refused[0])


def test_the_phases_are_documented() -> None:
    phases = re.findall(r'phase\("(\w+)"\)', (PACKAGE / "build.py").read_text("utf-8"))
    [row] = [row for row in rows(REFERENCE, "Fields") if row[0] == "`phases`"]
    same(row[1].split(": ")[1].split(", "), phases)


def test_the_build_reads_like_the_ten_steps_of_the_readme() -> None:
    listed = re.findall(
        r"^\d+\. (.+(?:\n   .+)*)", sections("README.md")["The build in ten steps"], re.M
    )
    code = (PACKAGE / "build.py").read_text("utf-8")
    comments = re.findall(r"^        # (.+(?:\n        # .+)*)", code, re.M)
    assert [" ".join(re.sub(r"\n *# ?", " ", text).split()) for text in comments] == [
        " ".join(text.split()) for text in listed
    ]
    assert len(listed) == 10
    assert len(code.splitlines()) < 200


def test_messages_are_documented() -> None:
    problems = [
        x for kind in ("problems", "warnings") for x in named(REFERENCE, f"Places of {kind}")
    ]
    same([*problems, *named(REFERENCE, "What commands say")], message_codes("en"))


@pytest.mark.parametrize("name", PARTS)
def test_contexts_and_parts_are_documented(name: str) -> None:
    same(named(THEMES, f"`{name}`"), field_names(PARTS[name]))


def test_no_context_is_documented_that_is_not_there() -> None:
    headings = {title.strip("`") for title in sections(THEMES) if title.startswith("`")}
    assert headings - {"theme.yaml"} == set(PARTS)


def test_theme_settings_are_documented() -> None:
    same(named(THEMES, "`theme.yaml`"), tokens.THEME_FIELDS)
    same(named(THEMES, "A token"), tokens.TOKEN_FIELDS)
    same([row[0].strip("`") for row in rows(THEMES, "Types")], tokens.TOKEN_TYPES)


def test_strings_the_program_uses_are_documented() -> None:
    text = "".join(file.read_text("utf-8") for file in (PACKAGE / "pages").glob("*.py"))
    same(
        named(THEMES, "Strings the program uses"),
        set(re.findall(r"""strings\[["'](\w+)["']\]""", text)),
    )


def test_variables_of_templates_are_documented() -> None:
    text = (PACKAGE / "pages" / "render.py").read_text("utf-8")
    set_here = set(re.findall(r'values\["(\w+)"\]', text))
    same(named(THEMES, "Variables of every template"), set_here)


def test_templates_and_blocks_are_documented() -> None:
    table = rows(THEMES, "Templates and their blocks")
    same([row[0].strip("`") for row in table], [file.name for file in TEMPLATES.glob("*.html")])
    for name, context, blocks in table:
        text = (TEMPLATES / name.strip("`")).read_text("utf-8")
        found = re.findall(r"{%-? block (\w+)", text)
        same([] if "those of" in blocks else re.findall(r"`(\w+)`", blocks), found)
        assert context == "any" or context.strip("`") in PARTS


def test_parts_of_every_page_are_documented() -> None:
    files = [f"parts/{file.name}" for file in (TEMPLATES / "parts").glob("*.html")]
    same(named(THEMES, "Templates rendered once a site"), files)


def test_documented_contexts_are_those_planned() -> None:
    documented = {row[1].strip("`") for row in rows(THEMES, "Templates and their blocks")}
    assert documented - {"any"} == {kind.__name__ for kind in contexts.PAGE_CONTEXTS}


def test_the_readme_names_every_package_folder() -> None:
    folders = [
        f"portalgen/{folder.name}/"
        for folder in PACKAGE.iterdir()
        if folder.is_dir() and not folder.name.startswith(("_", "."))
    ]
    same(named("README.md", "Where things are"), folders)


def test_links_between_documents_lead_somewhere() -> None:
    for file in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))):
        outside_code = re.sub(r"`[^`\n]*`", "", _without_blocks(file))
        for target, heading in re.findall(r"\]\(([^)#:\s]*)#?([^)\s]*)\)", outside_code):
            if "//" in target + heading:
                continue
            goal = file.parent / target if target else file
            assert goal.exists(), f"{file.name}: {target}"
            assert not heading or heading in anchors(goal), f"{file.name}: {target}#{heading}"


def anchors(file: Path) -> set[str]:
    """The names by which links lead to the headings of a document."""
    headings = re.findall(r"^#{1,6} (.+)$", _without_blocks(file), re.MULTILINE)
    words = [re.sub(r"[^\w -]", "", heading.lower()) for heading in headings]
    return {heading.replace(" ", "-") for heading in words}


def _without_blocks(file: Path) -> str:
    return re.sub(r"^```.*?^```$", "", file.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)


def test_commands_that_documents_name_have_these_options() -> None:
    """Also those in the middle of a line, which nobody runs."""
    names = sorted(COMMANDS, key=len, reverse=True)
    for file in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))):
        text = file.read_text("utf-8").replace("\\\n", " ")
        for line in re.findall(r"(?:portalgen|-m portalgen|:0\.2\.0) ([a-z][^`\n|;>]*)", text):
            name = next((name for name in names if f"{line} ".startswith(f"{name} ")), None)
            if not name or file.name == "performance.md":
                continue
            context = {word for option in COMMANDS[name].params for word in option.opts}
            options = set(re.findall(r"(?<=\s)--[a-z][a-z-]*", line))
            assert options <= {*context, "--help"}, f"{file.name}: portalgen {line}"


def test_no_document_of_operation_is_a_wall() -> None:
    for name in ("operate", "targets", "runbook", "nginx", "verify", "ci"):
        assert len((ROOT / "docs" / f"{name}.md").read_text("utf-8").splitlines()) < 500, name


def test_the_readme_and_operate_name_the_documents_of_operation() -> None:
    operate = (ROOT / "docs/operate.md").read_text("utf-8")
    for name in ("operate", "targets", "runbook", "nginx", "verify", "ci"):
        assert f"(docs/{name}.md)" in sections("README.md")["Publish"]
        assert name == "operate" or f"({name}.md)" in operate.split("\n## ")[0]
