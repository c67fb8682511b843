from pathlib import Path

import pytest

from portalgen.pages.contexts import FileContext, RedirectContext
from portalgen.pages.plan import next_silent_change
from portalgen.problems import Problem, Problems, problem
from tests.helpers import (
    MAIN_SETTINGS,
    MEMBER_SETTINGS,
    NOW,
    article,
    network,
    page,
    problems,
    run,
)
from tests.quick import look_up, plan


@pytest.mark.parametrize("route", ["sitemap-1.xml", "assets/mark.45550562.svg", "tag/ruong.html"])
def test_what_an_article_claims_never_takes_the_place_of_a_page(tmp_path: Path, route: str) -> None:
    tagged = article("Ruộng", tags="[ruộng]")
    files: dict[str, str | bytes | None] = {
        "content/tin-tuc/a.md": tagged, "content/tin-tuc/b.md": tagged,
    }  # fmt: skip
    root = network(tmp_path, files)
    assert not run(root).refused
    published = {file.relative_to(root / "public/main").as_posix()
                 for file in (root / "public/main").rglob("*")}  # fmt: skip
    if route.startswith("assets/"):
        route = next(name for name in published if name.startswith("assets/mark."))
    before = page(root, f"main/{route}")
    claiming = article("Ruộng", tags="[ruộng]", aliases=f"[/{route}]")
    (root / "content/tin-tuc/a.md").write_text(claiming, encoding="utf-8")
    [told] = problems(run(root))
    assert f"/{route}" in told
    assert page(root, f"main/{route}") == before


def refused(
    folder: Path, files: dict[str, str | bytes | None], slug: str = "main"
) -> list[Problem]:
    """What planning a site says of these files."""
    found = Problems()
    plan(network(folder, files), slug, problems=found)
    return found.items


# A file or an old address of a site that cannot stand beside its pages, and what is said of it.
IN_THE_WAY: dict[str, tuple[str, Problem]] = {
    "a file where a page is": (
        "static/tim-kiem.html",
        problem("file-taken", "static/tim-kiem.html", url="/tim-kiem.html", other="main"),
    ),
    "a file where a page is but for case": (
        "static/RSS.xml", problem("file-taken", "static/RSS.xml", url="/RSS.xml", other="main"),
    ),
    "a file where a folder is": (
        "static/Tin-tuc", problem("file-taken", "static/Tin-tuc", url="/Tin-tuc", other="main"),
    ),
    "a file where a folder above a folder is": (
        "static/assets/fonts",
        problem("file-taken", "static/assets/fonts", url="/assets/fonts", other="main"),
    ),
    "a file below a page": (
        "static/404.html/a/b.txt",
        problem("file-taken", "static/404.html/a/b.txt", url="/404.html/a/b.txt", other="main"),
    ),
    "a file below the index of the search": (
        "static/tim-kiem/a/b.txt",
        problem("file-taken", "static/tim-kiem/a/b.txt", url="/tim-kiem/a/b.txt", other="main"),
    ),
    "a file named like a packed page": (
        "static/tin-tuc/a.html.br",
        problem("reserved-file", "static/tin-tuc/a.html.br", name="a.html.br"),
    ),
    "a file below a folder named like a packed page": (
        "static/tin-tuc/A.html.gz/x/y.txt",
        problem("reserved-file", "static/tin-tuc/A.html.gz/x/y.txt", name="A.html.gz"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", IN_THE_WAY)
def test_a_file_that_cannot_stand_beside_the_pages_is_left_out_and_told(
    tmp_path: Path, case: str
) -> None:
    name, said = IN_THE_WAY[case]
    files: dict[str, str | bytes | None] = {"content/tin-tuc/a.md": article("Bài A")}
    if name == "static/assets/fonts":
        files = {"themes/x/assets/fonts/a.css": "a{}", "site.yaml": MAIN_SETTINGS + "theme: x\n",
                 "themes/x/theme.yaml": "name: x\nextends: portal\n"}  # fmt: skip
    found = Problems()
    pages = plan(network(tmp_path, {**files, name: "tệp"}), problems=found)
    assert found.items == [said._replace(site="main")]
    left = pages.get(name.removeprefix("static/"))
    assert left is None or not isinstance(left.context, FileContext)


def test_a_file_of_a_member_is_named_with_the_members_folder(tmp_path: Path) -> None:
    name = "members/sapa/static/rss.xml"
    said = problem("file-taken", name, url="/rss.xml", other="sapa")
    assert refused(tmp_path, {name: "tệp"}, "sapa") == [said._replace(site="sapa")]


def test_an_old_address_yields_to_a_file_and_a_file_to_a_page(tmp_path: Path) -> None:
    aliases = "[/tep.html, /rss.xml/cu.html, /cu.html, /cu.html.gz]"
    root = network(tmp_path, {
        "content/tin-tuc/a.md": article("Bài A", aliases=aliases),
        "static/tep.html/x.txt": "tệp", "static/404.html": "tệp", "static/cu.html": "tệp",
    })  # fmt: skip
    found = Problems()
    pages = plan(root, problems=found)
    path = "content/tin-tuc/a.md"
    assert {item._replace(site="") for item in found.items if item.path == path} == {
        problem("alias-taken", path, 1, 0, alias="/tep.html", other="main"),
        problem("alias-taken", path, 1, 0, alias="/rss.xml/cu.html", other="main"),
        problem("alias-taken", path, 1, 0, alias="/cu.html.gz", other="portalgen deploy"),
    } | {item._replace(site="") for item in found.items if item.values[0][1] == "/cu.html"}
    assert isinstance(pages["tep.html/x.txt"].context, FileContext)
    assert isinstance(pages["cu.html"].context, FileContext)
    assert pages["404.html"].template == "404.html"
    assert not any(isinstance(p.context, RedirectContext) for p in pages.values())


def test_a_page_where_another_page_is_is_left_out_and_told_at_the_settings(tmp_path: Path) -> None:
    files: dict[str, str | bytes | None] = {
        "members/sapa/site.yaml": MEMBER_SETTINGS + "permalink: /tag/{slug}.html\n",
        "members/sapa/content/tin-tuc/ruong.md": article("Ruộng", tags="[ruộng]"),
        "members/sapa/content/y-te/b.md": article("Khác", tags="[ruộng]"),
    }
    said = problem("same-url", "members/sapa/site.yaml", url="/tag/ruong.html", other="sapa")
    assert said._replace(site="sapa") in refused(tmp_path, files, "sapa")


def test_the_next_silent_change_is_when_the_first_article_leaves_the_news_sitemap(
    tmp_path: Path,
) -> None:
    two_days = 48 * 3600
    root = network(tmp_path, {
        "content/tin-tuc/a.md": article("Bài A", "2020-01-15 08:00"),
        "members/sapa/content/tin-tuc/b.md": article("Bài B", "2020-01-15 07:00"),
        "content/y-te/cu.md": article("Cũ", "2019-01-15 07:00"),
    })  # fmt: skip

    def after(now: int) -> int:
        return next_silent_change(look_up(root, now=now)[0])

    first, last = NOW - 3600 + two_days, NOW + two_days
    assert after(NOW) == after(first) == first + 1
    assert after(first + 1) == after(last) == last + 1
    assert after(last + 1) == 0
