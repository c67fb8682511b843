from pathlib import Path
from typing import Any

import jinja2
import pytest

from portalgen.themes.parse import Parsed, new_environment, parse
from portalgen.themes.sandbox import Guard
from tests.helpers import (
    MEMBER_SETTINGS,
    article,
    network,
    page,
    run,
)


def test_a_theme_is_compiled_once_however_many_members_change_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiled = tmp_path / "compiled"  # processes have no list in common
    real = jinja2.Environment.compile

    def compile(self: jinja2.Environment, source: Any, *names: Any) -> Any:
        with compiled.open("a") as file:
            print(names[0], file=file)
        return real(self, source, *names)

    monkeypatch.setattr(jinja2.Environment, "compile", compile)
    counts = []
    for members in (1, 4):
        files = {}
        for number in range(members):
            files[f"members/xa-{number}/site.yaml"] = MEMBER_SETTINGS
            files[f"members/xa-{number}/templates/article.html"] = (
                '{% extends "portal/article.html" %}{% block after_body %}'
                f"<p>Riêng {number}</p>{{% endblock %}}"
            )
            files[f"members/xa-{number}/content/tin-tuc/a.md"] = article("Một")
        root = network(tmp_path / str(members), files)
        compiled.write_text("")
        parse.cache_clear()
        run(root)
        counts.append(len(compiled.read_text().split()))
        for number in range(members):
            assert f"<p>Riêng {number}</p>" in page(root, f"xa-{number}/tin-tuc/a.html")
    assert counts[1] - counts[0] == 3  # only their own


def parsed(text: str) -> Parsed:
    return parse(text, "a.html", True)


def test_what_a_template_refers_to_is_known_before_it_runs() -> None:
    text = (
        '{% extends "a.html" %}\n{% import "b.html" as b %}\n{% from "c.html" import d %}\n'
        '{% block x %}\n{% include "e.html" %}\n{% endblock %}'
    )
    template = parsed(text)
    assert template.extends == "a.html"
    assert sorted(template.references) == [
        ("a.html", 1), ("b.html", 2), ("c.html", 3), ("e.html", 5),
    ]  # fmt: skip
    assert template.dynamic == []
    assert parsed("no parent").extends == ""


@pytest.mark.parametrize(
    "text",
    [
        "{% extends site.kind %}", "{% include ['a.html', 'b.html'] %}", "{% include 7 %}",
        "{% import a ~ 'b.html' as c %}", "{{ t[key] }}", "{{ assets['a' ~ key] }}", "{{ t[7] }}",
        "{% set strings = t %}", "{{ assets|length }}", "{% for a in parts %}{% endfor %}",
    ],
)  # fmt: skip
def test_a_name_that_only_a_run_could_tell_is_noted_with_its_line(text: str) -> None:
    assert parsed(f"\n{text}").dynamic == [2]


def test_strings_and_assets_are_noted_however_they_are_written() -> None:
    template = parsed("{{ t.a }}\n{{ t['b'] }}{{ assets['c.css'] }}\n{{ site.t.d }}{{ parts.e }}")
    assert sorted(template.names) == [("assets", "c.css", 2), ("t", "a", 1), ("t", "b", 2)]
    assert template.dynamic == []


def test_a_macro_that_changes_what_stands_outside_is_noted() -> None:
    macro = "{{% macro m(p) %}}\n{}{{% set {}.i = 1 %}}{{% endmacro %}}"
    assert parsed(macro.format("", "n")).states == [("n", 2)]
    assert parsed(macro.format("{% set n = namespace() %}", "n")).states == []
    assert parsed(macro.format("", "p")).states == []
    assert parsed("{% set n = namespace() %}{% set n.i = 1 %}").states == []


def test_blocks_are_noted_with_those_around_them() -> None:
    text = "{% block a %}\n{% if x %}{% block b %}{% endblock %}{% endif %}{% endblock %}\n"
    text += "{% block c %}{% endblock %}"
    assert sorted(parsed(text).blocks) == [
        ("a", frozenset(), 1), ("b", frozenset("a"), 2), ("c", frozenset(), 3),
    ]  # fmt: skip


def rendered(text: str, **values: object) -> str:
    return new_environment(None, None).from_string(text).render(values)


def test_text_is_escaped_and_a_misspelt_name_is_an_error() -> None:
    assert rendered("{{ a }}", a="<b>") == "&lt;b&gt;"
    with pytest.raises(jinja2.UndefinedError, match="'a' is undefined"):
        rendered("{{ a }}")
    assert rendered("  {% if 1 %}\na\n  {% endif %}\nb\n") == "a\nb"


@pytest.mark.parametrize("name", ["random", "pprint", "urlize", "filesizeformat"])
@pytest.mark.parametrize("guard", [None, Guard()])
def test_no_template_has_filters_whose_result_may_differ(name: str, guard: Guard | None) -> None:
    with pytest.raises(jinja2.TemplateError, match=f"No filter named '{name}'"):
        new_environment(None, guard).from_string(f"{{{{ a|{name} }}}}")


@pytest.mark.parametrize("name", ["center", "format", "indent", "wordwrap", "xmlattr", "attr"])
def test_templates_of_members_cannot_pad_or_reach_further(name: str) -> None:
    new_environment(None, None).from_string(f"{{{{ a|{name} }}}}")
    with pytest.raises(jinja2.TemplateError, match=f"No filter named '{name}'"):
        new_environment(None, Guard()).from_string(f"{{{{ a|{name} }}}}")


def test_templates_have_few_globals() -> None:
    assert rendered("{{ range(2)|list }}") == "[0, 1]"
    for name in ("cycler", "joiner", "lipsum"):
        with pytest.raises(jinja2.UndefinedError):
            rendered(f"{{{{ {name}() }}}}")


@pytest.mark.parametrize("sandboxed", [True, False])
@pytest.mark.parametrize(
    ("text", "line"),
    [("{{ tick__(-9) }}", 1), ("\n{% set bounded__ = 1 %}", 2), ("{{ x.y(macros__) }}", 1),
     ("{% macro tick__() %}{% endmacro %}", 1), ("{% import 'a.html' as tick__ %}", 1),
     ("\n\n{% from 'a.html' import b as tick__ %}", 3), ("{% for tick__ in [] %}{% endfor %}", 1)],
)  # fmt: skip
def test_names_of_the_program_are_out_of_reach(text: str, line: int, sandboxed: bool) -> None:
    with pytest.raises(jinja2.TemplateSyntaxError, match="names that end in __") as caught:
        parse(text, "home.html", sandboxed)
    assert (caught.value.lineno, caught.value.name) == (line, "home.html")
