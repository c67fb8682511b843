from pathlib import Path

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
    refused = [(item.code, dict(item.values)["page"]) for item in run(root).refused]
    assert refused == [("template-failed", f"{name}/index.html") for name in ("tin-tuc", "y-te")]
