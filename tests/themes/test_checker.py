"""What is wrong with templates is told before any is used."""

from pathlib import Path

import pytest

from portalgen.problems import Problems
from portalgen.themes.checker import Checker, template_files
from portalgen.themes.theme import Layer, Theme
from tests.helpers import network, problems, run, write


def theme(folder: Path, assets: dict[str, str | bytes | None]) -> Theme:
    """A theme with the string `home` and these assets."""
    write(folder, {f"assets/{name}": content for name, content in assets.items()})
    layer = Layer("portal", folder / "templates", folder / "assets", "themes/portal/templates")
    strings = {"home": "Trang chủ"}
    return Theme("portal", (layer,), {}, {"vi": strings, "en": strings})


def checker(folder: Path, texts: dict[str, str]) -> Checker:
    """Templates of a theme that has the asset `a/b.css`, each checked."""
    paths = {name: f"themes/portal/templates/{name}" for name in texts}
    checked = Checker(texts, paths, theme(folder, {"a/b.css": ""}), False, Problems())
    for name in texts:
        checked.check(name)
    return checked


def messages(checked: Checker) -> list[str]:
    """What was said, in English and without the folder of templates."""
    descriptions = [item.describe("en") for item in checked.problems.items]
    return [text.removeprefix("themes/portal/templates/") for text in descriptions]


DYNAMIC = "Names in include, extends, import, t[…] and assets[…] must be literals in quotes."


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("{{ t.home }}{{ assets['a/b.css'] }}{{ assets['tokens.css'] }}", []),
        ("\n{{ t.hom }}", [
            "x.html:2: The theme has no string “hom”. Add it to strings/vi.yaml and "
            "strings/en.yaml.",
        ]),
        ("{{ assets['b.css'] }}", ["x.html:1: The theme has no asset “b.css”. Correct the name."]),
        ("{% include 'y.html' %}", ["x.html:1: There is no template “y.html”. Correct the name."]),
        ("{% include y %}", [f"x.html:1: {DYNAMIC}"]),
        ("{{ t[y] }}{{ t[z] }}\n{{ t[y] }}", [f"x.html:1: {DYNAMIC}", f"x.html:2: {DYNAMIC}"]),
        ("\n{% if %}", ["x.html:2: The template has an error: Expected an expression, got 'end of "
                        "statement block'"]),
        ("{{ " + "(" * 3000, ["x.html:1: The template has an error: nested too deep"]),
        ("{% macro m() %}{% set n.i = 1 %}{% endmacro %}", [
            "x.html:1: A macro must not change “n”, which is set outside it: its result may depend "
            "only on its arguments. Set the namespace inside the macro.",
        ]),
    ],
)  # fmt: skip
def test_each_mistake_is_told_once_with_its_line(
    tmp_path: Path, text: str, wrong: list[str]
) -> None:
    assert messages(checker(tmp_path, {"x.html": text})) == wrong


def test_a_template_with_two_names_is_told_of_once(tmp_path: Path) -> None:
    texts = {"x.html": "{{ t.hom }}", "portal/x.html": "{{ t.hom }}"}
    paths = dict.fromkeys(texts, "themes/portal/templates/x.html")
    checked = Checker(texts, paths, theme(tmp_path, {}), False, Problems())
    for name in texts:
        checked.check(name)
    assert len(messages(checked)) == 1
    assert checked.parsed["x.html"] is checked.parsed["portal/x.html"]


CHAIN = {
    "page.html": '{% extends "base.html" %}{% block a %}{% include "card.html" %}{% endblock %}',
    "base.html": "{% block a %}{{ t.home }}{% endblock %}",
    "card.html": '{% from "date.html" import date %}{{ assets["a/b.css"] }}',
    "date.html": "{% macro date() %}{% endmacro %}",
    "parts/header.html": '{% include "logo.html" %}',
    "logo.html": "{{ t['home'] }}{{ assets['tokens.css'] }}",
    "other.html": "",
}


def test_a_page_is_made_of_all_it_refers_to_and_of_the_parts_of_every_page(tmp_path: Path) -> None:
    checked = checker(tmp_path, CHAIN)
    assert messages(checked) == []
    assert checked.closure("page.html") == [
        "base.html", "card.html", "date.html", "logo.html", "page.html", "parts/header.html",
    ]  # fmt: skip
    assert checked.closure("other.html") == ["logo.html", "other.html", "parts/header.html"]
    assert checked.used(checked.closure("page.html")) == (("home",), ("a/b.css", "tokens.css"))
    assert checked.used(["card.html"]) == ((), ("a/b.css",))


def test_templates_that_include_each_other_have_one_closure(tmp_path: Path) -> None:
    texts = {"a.html": "{% include 'b.html' %}", "b.html": "{% include 'a.html' %}"}
    checked = checker(tmp_path, texts)
    assert checked.closure("a.html") == checked.closure("b.html") == ["a.html", "b.html"]


@pytest.mark.parametrize(
    ("override", "wrong"),
    [
        ('{% extends "base.html" %}{% block a %}{% endblock %}', []),
        ('{% extends "page.html" %}{% block a %}{% block new %}{% endblock %}{% endblock %}', []),
        ("{% block anything %}{% endblock %}", []),
        ('{% extends "base.html" %}\n{% block b %}{% endblock %}', [
            "@own/page.html:2: The template that is extended has no block “b”. Correct its name.",
        ]),
    ],
)  # fmt: skip
def test_an_override_fills_blocks_that_there_are(
    tmp_path: Path, override: str, wrong: list[str]
) -> None:
    own = Layer("@own", tmp_path / "own", tmp_path / "own", "members/sapa/templates")
    write(tmp_path / "own", {"page.html": override})
    checked = checker(tmp_path / "theme", {**CHAIN, "@own/page.html": override})
    checked.check_overrides(own, set(CHAIN))
    assert messages(checked) == wrong


def test_an_override_of_nothing_is_refused(tmp_path: Path) -> None:
    root = network(tmp_path, {"members/sapa/templates/artcle.html": "x"})
    assert problems(run(root)) == [
        "members/sapa/templates/artcle.html:1: Các trang này dùng mẫu của giao diện; mẫu riêng "
        "chưa dùng được vì: Giao diện không có mẫu “artcle.html” để thay. Hãy sửa tên tệp hoặc xóa "
        "nó."
    ]


def test_templates_are_files_of_their_folder_that_end_in_html(tmp_path: Path) -> None:
    layer = Layer("x", tmp_path / "in", tmp_path, "themes/x/templates")
    write(tmp_path, {"in/b.html": "", "in/a/c.html": "", "in/d.txt": "", "out.html": ""})
    (tmp_path / "in/e.html").symlink_to(tmp_path / "out.html")
    wrong = Problems()
    assert [name for name, _ in template_files(layer, wrong)] == ["a/c.html", "b.html"]
    assert [item.describe("en") for item in wrong.items] == [
        "themes/x/templates/e.html: The symbolic link leads out of the site's folder. Copy the "
        "real file here."
    ]
    absent = Layer("x", tmp_path / "none", tmp_path, "themes/x/templates")
    assert template_files(absent, wrong) == []
