"""Limits for a member's own templates: how many steps, how much text, which methods."""

from typing import Any

import jinja2
import pytest
from jinja2.exceptions import SecurityError

from portalgen.themes import sandbox
from portalgen.themes.sandbox import (
    Guard,
    Sandbox,
    TemplateLimitError,
    bounded,
    guard_tree,
    limit_filters,
)


@pytest.fixture(autouse=True)
def small_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten steps and a hundred characters."""
    monkeypatch.setattr(sandbox, "MAX_STEPS", 10)
    monkeypatch.setattr(sandbox, "MAX_LENGTH", 100)


def rendered(text: str, **values: Any) -> str:
    guard = Guard()
    environment = Sandbox(autoescape=True, undefined=jinja2.StrictUndefined)
    environment.globals |= {"tick__": guard.tick, "bounded__": bounded}
    limit_filters(environment.filters)
    tree = environment.parse(text)
    guard_tree(tree, environment)
    code = environment.compile(tree, "a template")
    template = jinja2.Template.from_code(environment, code, environment.globals)
    return template.render(values)


STEPS = {
    "{% for a in items %}{{ a }}{% endfor %}": 10,
    "{% macro m() %}x{% endmacro %}{% for a in items %}{{ m() }}{% endfor %}": 5,
    "{% macro m() %}{{ caller() }}{% endmacro %}"
    "{% for a in items %}{% call m() %}x{% endcall %}{% endfor %}": 3,
    "{% for a in items %}{% for b in [1] %}x{% endfor %}{% endfor %}": 5,
    "{% macro m(n) %}{% if n %}x{{ m(n - 1) }}{% endif %}{% endmacro %}"
    "{{ m(items|length - 1) }}": 10,
}


@pytest.mark.parametrize("text", STEPS)
def test_turns_of_loops_and_calls_of_macros_are_counted(text: str) -> None:
    most = STEPS[text]
    assert rendered(text, items=list(range(most)))
    with pytest.raises(TemplateLimitError, match=r"^too many steps$"):
        rendered(text, items=list(range(most + 1)))


def test_a_guard_counts_as_many_steps_as_it_is_told() -> None:
    guard = Guard()
    assert (guard.tick(), guard.tick(9), guard.steps) == ("", "", 10)
    with pytest.raises(TemplateLimitError):
        guard.tick()
    guard = Guard()
    with pytest.raises(TemplateLimitError):
        guard.tick(11)


LONG, LONGER = "a" * 100, "a" * 101


@pytest.mark.parametrize(
    ("text", "values", "made"),
    [
        ("{{ a ~ 'b' }}", {"a": "a" * 99}, "a" * 99 + "b"),
        ("{{ a ~ '' ~ 'b' }}", {"a": "a" * 99}, "a" * 99 + "b"),
        ("{{ (a + 'b')|length }}", {"a": LONG}, "101"),
        ("{{ a * 10 }}", {"a": "a" * 10}, LONG),
        ("{{ 10 * a }}", {"a": "a" * 10}, LONG),
        ("{{ (a * 50)|length }}", {"a": [1, 2]}, "100"),
        ("{{ a * b }}", {"a": 1000, "b": 1000}, "1000000"),
        ("{{ a * b }}", {"a": 1.5, "b": 2}, "3.0"),
        ("{{ a * 0 }}", {"a": LONGER}, ""),
        ("{{ 7 % 4 }} {{ 5 + 6 }} {{ 7 - 4 }}", {}, "3 11 3"),
        ("{{ 1000 ** 2 }} {{ 2 ** 20 }} {{ (-1000) ** 2 }}", {}, "1000000 1048576 1000000"),
        ("{{ 2 ** -20 > 0 }}", {}, "True"),
        ("{{ a|upper }} {{ a.upper() }} {{ a.replace('b', 'c') }}", {"a": "b"}, "B B c"),
        ("{{ a[0] }}", {"a": "bc"}, "b"),
        ("{{ a ~ b }}", {"a": "<", "b": "&"}, "&lt;&amp;"),
        ("{{ a|join(', ') }}", {"a": ["a" * 49, "b" * 49]}, "a" * 49 + ", " + "b" * 49),
        ("{{ a|join('-', 'x') }}", {"a": [{"x": 1}, {"x": "<"}]}, "1-&lt;"),
        ("{{ a|replace('b', 'cc') }}", {"a": "b" * 33}, "c" * 66),
        ("{{ a|replace('b', 'c', 1) }}", {"a": "bb"}, "cb"),
        ("{{ a.replace('b', 'cc') }}", {"a": "b" * 33}, "c" * 66),
        ("{{ [1, 2, 3]|batch(2, 0)|list }} {{ [1, 2]|slice(2)|list }}", {},
         "[[1, 2], [3, 0]] [[1], [2]]"),
        ("{{ 1.25|round(1) }} {{ [1, 2]|sum }} {{ a|sum('x', 1.5) }}", {"a": [{"x": 2}]},
         "1.2 3 3.5"),
        ("{{ a|tojson(2)|safe }}", {"a": [1]}, "[\n  1\n]"),
        ("{% set x %}{{ a }}{% endset %}{{ x|length }}", {"a": LONG}, "100"),
    ],
)  # fmt: skip
def test_what_is_within_the_limits_is_as_in_jinja(
    text: str, values: dict[str, Any], made: str
) -> None:
    assert rendered(text, **values) == made


@pytest.mark.parametrize(
    ("text", "values", "said"),
    [
        ("{{ a ~ 'bb' }}", {"a": "a" * 99}, "text too long"),
        ("{{ (a ~ 'bb')|length }}", {"a": "a" * 99}, "text too long"),
        ("{% set x = a ~ a %}", {"a": "a" * 51}, "text too long"),
        ("{{ a + 'b' }}", {"a": LONGER}, "text too long"),
        ("{{ (a + a)|length }}", {"a": [0] * 101}, "text too long"),
        ("{{ a * 11 }}", {"a": "a" * 10}, "text too long"),
        ("{{ 11 * a }}", {"a": "a" * 10}, "text too long"),
        ("{{ (a * 51)|length }}", {"a": [1, 2]}, "text too long"),
        ("{{ 1001 ** 2 }}", {}, "number too large"),
        ("{{ (-1001) ** 2 }}", {}, "number too large"),
        ("{{ 2 ** 21 }}", {}, "number too large"),
        ("{{ 2 ** -21 }}", {}, "number too large"),
        ("{{ 2 * 10 ** 9 * 10 ** 20 * x }}", {"x": 2**9990}, "number too large"),
        ("{{ a|join(', ') }}", {"a": ["a" * 49, "b" * 50]}, "text too long"),
        ("{{ a|join('', 'x') }}", {"a": [{"x": LONG}, {"x": 1}]}, "text too long"),
        ("{{ a|replace('b', 'c' * 10) }}", {"a": "b" * 10}, "text too long"),
        ("{{ a|replace('', 'c' * 10) }}", {"a": "b" * 10}, "text too long"),
        ("{{ a.replace('b', 'c' * 10) }}", {"a": "b" * 10}, "text too long"),
        ("{{ [1]|batch(10001)|list }}", {}, "number too large"),
        ("{{ [1]|slice(10001)|list }}", {}, "number too large"),
        ("{{ 1|round(21) }}", {}, "number too large"),
        ("{{ [1]|tojson(9) }}", {}, "number too large"),
        ("{{ [[1], [2]]|sum(start=[]) }}", {}, "only numbers are summed"),
        ("{% set x %}{{ a }}{{ a }}{% endset %}", {"a": "a" * 51}, "text too long"),
        (
            "{% macro m() %}{{ a }}{{ a }}{% endmacro %}{{ m()|length }}",
            {"a": "a" * 51},
            "text too long",
        ),
        ("{{ a }}{{ a }}", {"a": "a" * 51}, "text too long"),
        ("{{ '%99d' % 1 }}", {}, "the operator % does not format text here"),
    ],
)
def test_what_makes_too_much_stops(text: str, values: dict[str, Any], said: str) -> None:
    with pytest.raises(TemplateLimitError, match=f"^{said}$"):
        rendered(text, **values)


@pytest.mark.parametrize(
    "text",
    ["{{ '{:99}'.format(1) }}", "{{ '{a:99}'.format_map({'a': 1}) }}", "{{ 'a'.center(9) }}",
     "{{ 'a'.ljust(9) }}", "{{ '\t'.expandtabs(9) }}", "{{ 'a'.join(items) }}",
     "{{ 'a'.rjust(9) }}", "{{ 'a'.zfill(9) }}",
     "{{ 'a'.__class__.__mro__ }}", "{{ items.append(1) }}", "{{ items.clear() }}"],
)  # fmt: skip
def test_methods_that_pad_format_or_change_are_out_of_reach(text: str) -> None:
    with pytest.raises(SecurityError):
        rendered(text, items=[1])


def test_only_texts_lose_these_methods() -> None:
    class Day:
        def format(self) -> str:
            return "15/01"

    assert rendered("{{ day.format() }}", day=Day()) == "15/01"


def test_a_template_of_another_kind_has_a_line_for_every_node() -> None:
    environment = Sandbox()
    tree = environment.parse("\n\n{% for a in b %}{{ a ~ a }}{% endfor %}")
    guard_tree(tree, environment)
    lines = [node.lineno for node in tree.find_all(jinja2.nodes.Node)]
    assert all(lines) and set(lines) == {1, 3}
    assert all(node.environment is environment for node in tree.find_all(jinja2.nodes.Node))
