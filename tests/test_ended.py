"""What has no end costs itself: texts, templates of a member, templates of a theme."""

import os
from pathlib import Path

import pytest

from portalgen.content.read import read_article
from portalgen.limits import Limits
from portalgen.problems import PortalError
from tests.helpers import MEMBER_SETTINGS, article, network, page, run, tree, write

SLOW = article("Chậm", body="**a** **b*" * 8_000)
A, B, C = "content/tin-tuc/a.md", "members/sapa/content/tin-tuc/b.md", "content/tin-tuc/c.md"
OVERRIDE = "members/sapa/templates/article.html"
ENDLESS = """{% extends "portal/article.html" %}
{% block after_body %}
{% set count = namespace(x=0) %}
{% for turn in range(90000) %}
{% set count.x = count.x + range(9000)|list|length %}
{% endfor %}
{% endblock %}
"""
FILES = {
    A: article("Lúa chín"), B: article("Sạt lở"),
    "members/bacha/site.yaml": MEMBER_SETTINGS.replace("Sa Pa", "Bắc Hà"),
    "members/bacha/content/tin-tuc/d.md": article("Chợ phiên"),
}  # fmt: skip
THEME = {
    "themes/x/theme.yaml": "name: x\nextends: portal\n",
    "themes/x/templates/article.html": """{% extends "portal/article.html" %}
{% block after_body %}
{% for a in range(100000) %}{% for b in range(100000) %}{% endfor %}{% endfor %}
{% endblock %}
""",
}
USES_X = "theme: x\n"


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """One second for each, to not wait for ten."""
    for module in ("limits", "pool", "pages.render"):
        monkeypatch.setattr(f"portalgen.{module}.LIMITS", Limits(cpu=1))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = network(tmp_path, FILES)
    run(root)
    return root


def told(root: Path, **options: object) -> list[tuple[str, int, str]]:
    """Where and why something was refused."""
    report = run(root, **options)  # type: ignore[arg-type]
    return [(item.path, item.line, item.code) for item in report.refused]


def others(root: Path, but: str) -> dict[str, bytes]:
    return {name: data for name, data in tree(root / "public").items()
            if not name.startswith(f"{but}/")}  # fmt: skip


def test_a_text_without_an_end_stays_as_published(root: Path) -> None:
    before = tree(root / "public")
    write(root, {B: SLOW})
    assert told(root) == [(B, 0, "text-ended-time")]
    assert tree(root / "public") == before


def test_a_new_one_is_left_out_and_all_else_is_built(root: Path) -> None:
    write(root, {C: SLOW, A: article("Lúa đã chín")})
    [item] = run(root).refused
    assert item.describe("en") == (
        f"{C}: Reading this text took more than 1 seconds. Look for a sign that is repeated very "
        "often, such as < or [, and delete it, or divide the text into several articles."
    )
    assert "Lúa đã chín" in page(root, "main/tin-tuc/a.html")
    assert not (root / "public/main/tin-tuc/c.html").exists()


def test_it_is_not_read_again_until_it_changes(
    root: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    reading, read = tmp_path / "read", read_article

    def noted(shared, index):  # type: ignore[no-untyped-def]
        with reading.open("a") as file:
            print(shared.sources[index].path, file=file)
        return read(shared, index)

    monkeypatch.setattr("portalgen.content.load.read_article", noted)
    write(root, {C: SLOW})
    run(root)
    reading.write_text("")
    os.utime(root / C)
    write(root, {A: article("Lúa đã chín")})
    assert told(root) == [(C, 0, "text-ended-time")]
    assert A in reading.read_text().split()
    assert C not in reading.read_text().split()
    write(root, {C: article("Nhanh", body="Ngắn.")})
    assert told(root) == []
    assert C in reading.read_text().split()


def test_a_picture_beside_it_that_changes_is_a_change_of_it(root: Path) -> None:
    write(root, {C: SLOW + "\n![Lúa](lua.png)\n", "content/tin-tuc/lua.png": "x"})
    run(root)
    record = root / ".portalgen/ended.json"
    before = record.read_text()
    write(root, {"content/tin-tuc/lua.png": "khác"})
    run(root)
    assert record.read_text() != before
    assert C in before


def test_a_slow_text_can_be_withdrawn(root: Path) -> None:
    write(root, {B: SLOW.replace("---\n", "---\ndraft: true\n", 1)})
    told(root)
    assert "Sạt lở" not in page(root, "sapa/tin-tuc/b.html")


def test_a_members_templates_without_an_end_are_off(root: Path) -> None:
    plain = tree(root / "public")
    write(root, {OVERRIDE: ENDLESS})
    [item] = run(root).refused
    assert (item.path, item.line in (4, 5), item.site) == (OVERRIDE, True, "sapa")
    assert item.describe("en") == (
        f"{OVERRIDE}:{item.line}: These pages use the theme's own template; the override is not "
        "used because: The templates took more than 1 seconds. Look for loops within loops, or a "
        "macro that calls itself."
    )
    assert tree(root / "public") == plain


@pytest.mark.parametrize("jobs", [1, 2])
def test_all_pages_of_a_site_are_of_one_kind_when_its_templates_are_off(
    jobs: int, tmp_path: Path
) -> None:
    works = '{% extends "portal/section.html" %}{% block content %}Riêng{% endblock %}'
    files = {**FILES, OVERRIDE: ENDLESS, "members/sapa/templates/section.html": works}
    root, plain = network(tmp_path / "a", files), network(tmp_path / "b", FILES)
    for each in (root, plain):
        run(each, jobs=jobs)
    assert tree(root / "public") == tree(plain / "public")
    assert run(root).files_written == 0


def test_templates_that_are_off_are_not_tried_again_until_they_change(
    root: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    write(root, {OVERRIDE: ENDLESS})
    first = told(root)
    write(root, {B: article("Sạt lở nữa")})
    tried = tmp_path / "tried"
    monkeypatch.setattr(
        "portalgen.themes.theming.load_own",
        lambda *_: tried.touch(),  # and fails
    )
    assert told(root) == first
    assert not tried.exists()
    monkeypatch.undo()
    assert "Sạt lở nữa" in page(root, "sapa/tin-tuc/b.html")
    write(root, {OVERRIDE: ENDLESS.replace("range(90000)", "range(2)")})
    assert told(root) == []
    assert page(root, "sapa/tin-tuc/b.html") != page(root, "bacha/tin-tuc/d.html")


def test_templates_that_take_too_long_together_are_off(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portalgen.pages.stage._OWN_SECONDS", 0)
    monkeypatch.setattr("portalgen.pages.stage._SECONDS_PER_PAGE", 0)
    before = tree(root / "public")
    write(root, {OVERRIDE: '{% extends "portal/article.html" %}'})
    assert [code for *_, code in told(root)] == ["template-ended-time"]
    assert tree(root / "public") == before


def test_templates_that_cannot_even_be_read_in_time_are_off(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow(*_: object) -> None:
        while True:
            pass

    monkeypatch.setattr("portalgen.themes.theming.load_own", slow)
    before = tree(root / "public")
    write(root, {OVERRIDE: '{% extends "portal/article.html" %}'})
    assert told(root) == [("members/sapa/templates", 0, "template-ended-time")]
    monkeypatch.undo()
    assert told(root) == [("members/sapa/templates", 0, "template-ended-time")]
    assert tree(root / "public") == before


def test_memory_counts_like_time(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("limits", "pool", "pages.render"):
        monkeypatch.setattr(f"portalgen.{module}.LIMITS", Limits(memory=50 << 20))
    lists = "".join(f"{{% set x{n} = range(99999)|list %}}" for n in range(200))
    write(root, {OVERRIDE: '{% extends "portal/article.html" %}{% block after_body %}'
                 + lists + "{{ x0|length }}{% endblock %}"})  # fmt: skip
    [item] = run(root).refused
    assert item.code == "template-ended-memory"
    assert "50 MB" in item.message("en")


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_theme_without_an_end_costs_the_site_that_has_it(jobs: int, tmp_path: Path) -> None:
    root = network(tmp_path, {**FILES, **THEME})
    run(root, jobs=jobs)
    before = others(root, "sapa")
    write(root, {"members/sapa/site.yaml": MEMBER_SETTINGS + USES_X})
    assert told(root, jobs=jobs) == [("themes/x/templates/article.html", 3, "template-ended-time")]
    assert others(root, "sapa") == before
    assert told(root, jobs=jobs) == [("themes/x/templates/article.html", 3, "template-ended-time")]


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_theme_without_an_end_that_many_use_stops_the_build(jobs: int, tmp_path: Path) -> None:
    members = {
        f"members/xa-{n}/{name}": text for n in range(5)
        for name, text in {
            "site.yaml": MEMBER_SETTINGS.replace("Sa Pa", f"Xã {n}"),
            "content/tin-tuc/e.md": article(f"Tin {n}"),
        }.items()
    }  # fmt: skip
    root = network(tmp_path, members)
    run(root, jobs=jobs)
    before = tree(root / "public")
    settings = (root / "site.yaml").read_text("utf-8")
    write(root, {**THEME, "site.yaml": settings + USES_X})
    for _ in range(2):
        with pytest.raises(PortalError) as error:
            run(root, jobs=jobs)
        assert {item.code for item in error.value.problems} == {"template-ended-time"}
        assert tree(root / "public") == before
