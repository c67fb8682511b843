"""Whose templates serve when an override is wrong, and what pages are rendered with."""

import pickle
from pathlib import Path

import pytest

from portalgen.changes.ended import EndedBefore
from portalgen.problems import PortalError, Problems
from portalgen.settings.network import load_network
from portalgen.themes.theming import Theming, load_theming
from tests.helpers import MAIN_SETTINGS, MEMBER_SETTINGS, grants, network, write

WRONG = "{% if %}"
OVERRIDE = '{% extends "portal/404.html" %}{% block content %}x{% endblock %}'
X = {"themes/x/theme.yaml": "name: x\nextends: portal\n"}


def load(root: Path) -> tuple[dict[str, Theming], list[tuple[str, str]]]:
    """The theming of each site, and the sites and places of problems."""
    problems = Problems()
    theming = load_theming(load_network(root), problems, EndedBefore(root))
    return theming, [(item.site, item.place()) for item in problems.items]


def test_a_site_with_a_wrong_template_has_those_of_the_theme(tmp_path: Path) -> None:
    own = "members/sapa/templates/404.html"
    root = network(tmp_path, {"members/bacha/site.yaml": "title: Bắc Hà\n", own: WRONG})
    theming, problems = load(root)
    assert problems == [("sapa", f"{own}:1")]
    assert theming["sapa"].templates is theming["bacha"].templates
    write(root, {own: OVERRIDE, "templates/404.html": WRONG})
    theming, problems = load(root)
    assert problems == [("main", "templates/404.html:1")]
    assert theming["main"].templates is theming["bacha"].templates
    assert theming["sapa"].templates.base is theming["bacha"].templates


def test_another_process_has_the_themes_own_templates_beside_an_override(tmp_path: Path) -> None:
    root = network(tmp_path, {"members/sapa/templates/404.html": OVERRIDE})
    theming, _ = load(root)
    restored: dict[str, Theming] = pickle.loads(pickle.dumps(theming))
    base = restored["sapa"].templates.base
    assert base is restored["main"].templates
    assert base.base is None


def test_a_template_of_the_theme_that_the_sandbox_refuses_costs_the_override(
    tmp_path: Path,
) -> None:
    root = network(tmp_path, {
        **X, "themes/x/templates/a.html": "{{ 'a' | center(9) }}",
        "site.yaml": MAIN_SETTINGS + "theme: x\n",
        "members/sapa/templates/404.html": OVERRIDE,
    })  # fmt: skip
    theming, problems = load(root)
    assert problems == [("sapa", "themes/x/templates/a.html:1")]
    assert theming["sapa"].templates is theming["main"].templates


def test_a_wrong_template_of_a_theme_stops_the_network(tmp_path: Path) -> None:
    root = network(tmp_path, {
        **X, "themes/x/templates/404.html": WRONG,
        "members/sapa/site.yaml": MEMBER_SETTINGS + "theme: x\n",
    })  # fmt: skip
    with pytest.raises(PortalError) as caught:
        load(root)
    assert [item.place() for item in caught.value.problems] == ["themes/x/templates/404.html:1"]


@pytest.mark.parametrize(
    ("files", "place"),
    [
        ({"themes/x/theme.yaml": "name: y\n"}, "themes/x/theme.yaml:1:1"),
        ({**X, "themes/x/assets/a.css": "a{b:url(c.svg)}"}, "themes/x/assets/a.css"),
    ],
)
def test_a_wrong_theme_stops_the_network(tmp_path: Path, files: dict[str, str], place: str) -> None:
    with pytest.raises(PortalError) as caught:
        load(network(tmp_path, {**files, "site.yaml": MAIN_SETTINGS + "theme: x\n"}))
    assert {item.place() for item in caught.value.problems} == {place}


def test_a_site_has_the_words_of_its_language_and_addresses_below_its_path(tmp_path: Path) -> None:
    below = MAIN_SETTINGS + grants(sapa="base_url: https://tinh.example/sapa/")
    settings = f"{MEMBER_SETTINGS}language: en\n"
    theming, _ = load(network(tmp_path, {"site.yaml": below, "members/sapa/site.yaml": settings}))
    assert (theming["main"].strings["home"], theming["sapa"].strings["home"]) == (
        "Trang chủ", "Home",
    )  # fmt: skip
    name = theming["sapa"].assets.names["main.css"]
    assert theming["sapa"].addresses("/sapa/")["main.css"] == f"/sapa/{name}"


EDITS = {
    "a string": {"themes/x/strings/vi.yaml": "home: Nhà\n"},
    "a template": {"themes/x/templates/404.html": OVERRIDE},
    "an asset": {"themes/x/assets/main.css": "a{}"},
    "a token": {"site.yaml": MAIN_SETTINGS + 'theme: x\ntokens: {brand: "#111"}\n'},
}


@pytest.mark.parametrize("edit", EDITS)
def test_the_digest_tells_of_all_that_pages_are_rendered_with(tmp_path: Path, edit: str) -> None:
    root = network(tmp_path, {**X, "site.yaml": MAIN_SETTINGS + "theme: x\n"})
    before = load(root)[0]["main"].digest
    assert load(root)[0]["main"].digest == before
    write(root, EDITS[edit])
    assert load(root)[0]["main"].digest != before
