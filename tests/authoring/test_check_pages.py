"""`check` says what `build` says of templates."""

from pathlib import Path

import pytest

from portalgen.output.lock import Lock
from tests.authoring.test_check import checked
from tests.helpers import (
    MAIN_SETTINGS,
    MEMBER_SETTINGS,
    article,
    network,
    picture,
    run,
    tree,
    write,
)

MEMBERS = {
    f"members/xa-{n}/{name}": text for n in range(3)
    for name, text in {
        "site.yaml": MEMBER_SETTINGS.replace("Sa Pa", f"Xã {n}"),
        "content/tin-tuc/a.md": article(f"Tin {n}"),
        "content/tin-tuc/b.md": article(f"Tin khác {n}", tags="[chợ]"),
    }.items()
}  # fmt: skip
FILES = {"content/tin-tuc/m.md": article("Tin tỉnh"), **MEMBERS}
TITEL = '{% extends "portal/article.html" %}{% block content %}{{ article.titel }}{% endblock %}'
USES_X = {
    "themes/x/theme.yaml": "name: x\nextends: portal\n", "site.yaml": MAIN_SETTINGS + "theme: x\n",
}  # fmt: skip
WITH_PICTURE = (
    '{% extends "portal/article.html" %}{% block content %}'
    "{% if article.picture %}{{ 1 // 0 }}{% endif %}{% endblock %}"
)


def of_pages(root: Path) -> list[tuple[str, int, str]]:
    """What is wrong with pages; `check` and `build` agree on it."""
    kept = sorted((item.path, item.line, item.code) for item in checked(root).refused)
    built = sorted((item.path, item.line, item.code) for item in run(root).refused)
    assert [(path, line, code.removesuffix("-many")) for path, line, code in kept] == [
        (path, line, code.removesuffix("-many")) for path, line, code in built
    ]
    return kept


def test_a_mistake_in_a_theme_is_one_problem(tmp_path: Path) -> None:
    root = network(tmp_path, {**FILES, **USES_X, "themes/x/templates/article.html": TITEL})
    assert of_pages(root) == [("themes/x/templates/article.html", 1, "template-failed-many")]
    [item] = run(root).refused
    assert "7 pages (sites: 4)" in item.message("en")
    report = checked(root)
    assert report.sites == 1  # the member without articles
    assert not (root / "public/main/index.html").exists()


@pytest.mark.parametrize("override", [TITEL, WITH_PICTURE])
def test_a_mistake_in_a_members_template_is_seen_where_it_shows(
    override: str, tmp_path: Path
) -> None:
    root = network(tmp_path, {
        **FILES, "members/xa-1/templates/article.html": override,
        **{f"members/xa-1/content/tin-tuc/{n}.md": article(f"Số {n}") for n in range(9)},
        "members/xa-1/content/tin-tuc/z.md": article("Ảnh", image="z.jpg", image_alt="Chợ"),
        "members/xa-1/content/tin-tuc/z.jpg": picture(800, 600),
    })  # fmt: skip
    [(path, line, code)] = of_pages(root)
    assert (path, line) == ("members/xa-1/templates/article.html", 1)
    assert code.startswith("override-failed")


def test_what_only_some_page_shows_is_seen_with_every_page(tmp_path: Path) -> None:
    rare = (
        '{% extends "portal/article.html" %}{% block content %}'
        '{% if article.title == "Số 7" %}{{ 1 // 0 }}{% endif %}{% endblock %}'
    )
    root = network(tmp_path, {
        "members/xa-1/templates/article.html": rare, **FILES,
        **{f"members/xa-1/content/tin-tuc/{n}.md": article(f"Số {n}") for n in range(9)},
    })  # fmt: skip
    assert checked(root).refused == []
    from portalgen.authoring.check import check
    from portalgen.report import Options
    from tests.helpers import NOW

    options = Options(root, root / "public", NOW, jobs=1)
    assert [item.code for item in check(options, every_page=True).refused] == ["override-failed"]


def test_a_check_writes_no_page(tmp_path: Path) -> None:
    root = network(tmp_path, FILES)
    checked(root)
    assert not (root / "public").exists()
    run(root)
    before = tree(root / "public")
    write(root, {"content/tin-tuc/m.md": article("Tin mới")})
    checked(root)
    assert tree(root / "public") == before


def test_a_check_beside_another_command_says_the_same(tmp_path: Path) -> None:
    root = network(tmp_path, {**FILES, **USES_X, "themes/x/templates/article.html": TITEL})
    alone = checked(root).refused
    with Lock(root / ".portalgen/lock"):
        assert checked(root).refused == alone != []
