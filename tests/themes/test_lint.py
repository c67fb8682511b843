"""`check` warns of what can hurt readers in members' templates, with line and column."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from portalgen.cli import main
from portalgen.themes.lint import find_risks
from tests.helpers import article, network, run

OWN = {"tinh.example"}
SCRIPT, FOREIGN = "template-script", "template-foreign"
UNESCAPED, UNQUOTED = "template-unescaped", "template-unquoted"


def risks(text: str) -> list[tuple[str, int, str]]:
    return [(item.code, item.at, item.what) for item in find_risks(text, OWN)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("<script>alert(1)</script>", [(SCRIPT, 0, "script")]),
        ("<SCRIPT type=module>", [(SCRIPT, 0, "script")]),
        ('<p onclick="a()">', [(SCRIPT, 3, "onclick")]),
        ("<p ONCLICK=a>", [(SCRIPT, 3, "onclick")]),
        ('<a href=" javascript:a()">', [(SCRIPT, 3, "href")]),
        ('<a href="&#106;avascript:a()">', [(SCRIPT, 3, "href")]),
        ('<iframe srcdoc="a">', [(SCRIPT, 8, "srcdoc")]),
        ('<script src="https://cdn.example/x.js">', [(FOREIGN, 8, "cdn.example")]),
        ("<script src=//cdn.example/x.js>", [(FOREIGN, 8, "cdn.example")]),
        ('<img src="HTTPS:\\\\cdn.example/x">', [(FOREIGN, 5, "cdn.example")]),
        ('<img srcset="/a.png 1x, https://cdn.example/b 2x">', [(FOREIGN, 5, "cdn.example")]),
        ('<link rel="stylesheet" href="//cdn.example/x">', [(FOREIGN, 23, "cdn.example")]),
        ("<style>a{background:url('//cdn.example/x')}</style>", [(FOREIGN, 25, "cdn.example")]),
        ('<p style="background:url(//cdn.example/x)">', [(FOREIGN, 25, "cdn.example")]),
        ("{{ a|safe }}", [(UNESCAPED, 5, "safe")]),
        ("{{ a | safe | upper }}", [(UNESCAPED, 7, "safe")]),
        ("{% set b = a|safe %}", [(UNESCAPED, 13, "safe")]),
        ("{% filter safe %}a{% endfilter %}", [(UNESCAPED, 10, "safe")]),
        ('{{ a|map("safe")|join }}', [(UNESCAPED, 5, "map('safe')")]),
        ("{{ Markup(a) }}", [(UNESCAPED, 3, "Markup")]),
        ("{% autoescape false %}{% endautoescape %}", [(UNESCAPED, 3, "autoescape")]),
        ("<img alt={{ a }}>", [(UNQUOTED, 5, "alt")]),
        ("<img alt=a{{ a }}b>", [(UNQUOTED, 5, "alt")]),
        ("{% raw %}<p onclick=a>{{ a }}{% endraw %}", [(SCRIPT, 12, "onclick")]),
        ("{{ a }}\n<b\n  onload='x'>", [(SCRIPT, 13, "onload")]),
    ],
)  # fmt: skip
def test_what_is_told(text: str, found: list[tuple[str, int, str]]) -> None:
    assert risks(text) == found


@pytest.mark.parametrize(
    "text",
    [
        '<script src="{{ assets["search.js"] }}"></script>', '<img src="/a.png" alt="{{ a }}">',
        '<script type="application/ld+json">{{ json_ld }}</script>', "{{ 'a|safe' }}",
        '<a href="https://vnexpress.net/">x</a>', '<link rel="canonical" href="https://a.example/">',
        '<img src="https://tinh.example/a.png">', '<img src="https://{{ host }}/a">',
        "{# <script>a</script> {{ a|safe }} #}", "<!-- <script>a</script> -->",
        '<p class="{% if a == "b" %}c{% endif %}" {% if d %}hidden{% endif %}>',
        "{% autoescape true %}{% endautoescape %}", "{{ a.safe }} {{ unsafe }}", "<p data-on=a>",
        '{% if a < b %}<p title="{{ c }}">{% endif %}', "{{ a", "{% raw %}", "<!-- ", "<a ",
    ],
)  # fmt: skip
def test_what_is_not(text: str) -> None:
    assert risks(text) == []


def test_check_tells_file_line_and_column_of_members_alone(tmp_path: Path) -> None:
    template = (
        '{% extends "portal/article.html" %}\n{% block after_body %}{{ x|safe }}{% endblock %}'
    )
    root = network(tmp_path, {
        "members/sapa/content/tin-tuc/a.md": article("A"),
        "members/sapa/templates/article.html": template.replace("x|safe", "head.title|safe"),
    })  # fmt: skip
    assert run(root).warnings == []
    done = CliRunner().invoke(main, ["check", "--root", str(root), "--lang", "en", "--strict"])
    assert done.exit_code == 3
    assert done.stderr == (
        "members/sapa/templates/article.html:2:37: warning: Text is not escaped here (safe), so it "
        "can become HTML that nobody wrote. Leave it out: `body`, `parts` and `json_ld` need no "
        "such filter.\n"
    )


def test_themes_as_shipped_have_none_of_it() -> None:
    themes = Path(__file__).resolve().parents[2] / "themes"
    for file in sorted(themes.rglob("*.html")):
        assert risks(file.read_text("utf-8")) == [], file.name
