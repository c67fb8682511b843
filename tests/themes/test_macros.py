from pathlib import Path

import jinja2
import pytest
from markupsafe import Markup

from portalgen.themes import macros
from portalgen.themes.macros import Macros
from portalgen.themes.parse import new_environment
from portalgen.themes.sandbox import Guard
from tests.helpers import (
    MAIN_SETTINGS,
    network,
    page,
    run,
    write,
)


def test_a_macro_tells_equal_arguments_of_other_kinds_apart(tmp_path: Path) -> None:
    def override(name: str, *values: str) -> str:
        calls = " ".join(f"{{{{ say({value}) }}}}" for value in values)
        return (
            f'{{% extends "portal/{name}" %}}{{% from "say.html" import say %}}'
            f"{{% block content %}}{calls}{{% endblock %}}"
        )

    root = network(tmp_path, {
        "site.yaml": MAIN_SETTINGS.replace("Cổng tỉnh", "Sở A & B") + "theme: rieng\n",
        "themes/rieng/theme.yaml": "name: rieng\nextends: portal\n",
        "themes/rieng/templates/say.html": "{% macro say(value) %}[{{ value }}]{% endmacro %}",
        "themes/rieng/templates/home.html": override("home.html", "site.title", "1", "true"),
        "themes/rieng/templates/404.html": override("404.html", "true", "1", "site.title|safe"),
    })  # fmt: skip
    run(root)
    assert "[Sở A &amp; B] [1] [True]" in page(root, "main/index.html")
    assert "[True] [1] [Sở A & B]" in page(root, "main/404.html")


def test_what_a_page_may_take_does_not_depend_on_the_pages_before(tmp_path: Path) -> None:
    def calls(name: str, block: str, times: int) -> str:
        calls_in_turn = "".join(f"{{{{ slow({n}) }}}}" for n in range(times))
        return (
            f'{{% extends "portal/{name}" %}}{{% from "components/hub.html" import slow %}}'
            f"{{% block {block} %}}{calls_in_turn}{{% endblock %}}"
        )

    root = network(tmp_path, {
        "members/sapa/templates/components/hub.html": (
            "{% macro hub(item) %}{% endmacro %}"
            "{% macro slow(n) %}{% for i in range(45000) %}{% endfor %}{{ n }}{% endmacro %}"
        ),
        "members/sapa/templates/home.html": calls("home.html", "network", 3),
    })  # fmt: skip
    assert run(root).refused == []
    # Five times is too much, also after a page that used three of them.
    section = calls("section.html", "content", 5)
    write(root, {"members/sapa/templates/section.html": section})
    (root / "public/sapa/index.html").unlink()
    [refused] = run(root).refused
    values = dict(refused.values)
    assert (refused.code, values["page"], values["pages"]) == (
        "override-failed-many", "tin-tuc/index.html", "2",
    )  # fmt: skip


def environment(text: str, guard: Guard | None = None) -> jinja2.Environment:
    """An environment whose template `a.html` has this text."""
    return new_environment(jinja2.DictLoader({"a.html": text}), guard)


def test_a_macro_runs_once_for_the_same_arguments(monkeypatch: pytest.MonkeyPatch) -> None:
    runs: list[object] = []
    surroundings = environment("{% macro say(a, b=1) %}{{ note(a, b) }}{% endmacro %}")
    surroundings.globals["note"] = lambda *values: runs.append(values) or "x"  # type: ignore[func-returns-value]
    say = Macros(surroundings, None)("a.html").say
    for _ in range(2):
        assert say(1) == "x"
        say(2)
        say(1, b=2)
        say([1])  # cannot be told from another list, so it runs each time
        say("&")
        say(Markup("&"))
    assert runs == [(1, 1), (2, 1), (1, 2), ([1], 1), ("&", 1), ("&", 1), ([1], 1)]
    monkeypatch.setattr(macros, "_MAX_RESULTS", 5)
    runs.clear()
    say(3)  # clears all others
    say(1)
    assert runs == [(3, 1), (1, 1)]


def test_what_a_macro_is_called_with_a_block_for_is_made_each_time() -> None:
    say = Macros(environment("{% macro say() %}[{{ caller() }}]{% endmacro %}"), None)("a.html").say
    assert [say(caller=lambda: "a"), say(caller=lambda: "b")] == ["[a]", "[b]"]


def test_steps_of_a_result_that_is_at_hand_count_as_when_it_was_made() -> None:
    guard = Guard()
    surroundings = environment(
        "{% macro say(a) %}{{ tick__() }}{{ tick__() }}{% endmacro %}", guard
    )
    say = Macros(surroundings, guard)("a.html").say
    counts = []
    for _ in range(3):
        before = guard.steps
        say(1)
        counts.append(guard.steps - before)
    assert counts == [2, 2, 2]


def test_a_module_gives_values_and_macros_but_no_private_ones() -> None:
    text = "{% set size = 7 %}{% set _own = 1 %}{% macro say() %}a{% endmacro %}"
    modules = Macros(environment(text), None)
    module = modules("a.html")
    assert (module.size, module.say()) == (7, "a")
    assert not hasattr(module, "_own")
    assert modules("a.html") is module
    with pytest.raises(jinja2.TemplateNotFound):
        modules("b.html")
