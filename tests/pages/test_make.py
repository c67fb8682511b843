import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from portalgen.pages import make
from portalgen.pages.cards import Cards
from portalgen.pages.keys import Plan
from portalgen.pages.stage import SiteResult
from portalgen.search.index import is_index
from tests.helpers import (
    MEMBER_SETTINGS,
    article,
    network,
    run,
    tree,
    unlike_clean,
    write,
)


def test_one_job_and_two_write_the_same(tmp_path: Path) -> None:
    files = {f"content/tin-tuc/{n}.md": article(f"Bài {n}", "2019-11-02") for n in range(260)}
    alone, shared = network(tmp_path / "a", files), network(tmp_path / "b", files)
    run(alone, jobs=1)
    run(shared, jobs=2)
    assert tree(alone / "public") == tree(shared / "public")


@pytest.fixture
def results(monkeypatch: pytest.MonkeyPatch) -> dict[str, SiteResult]:
    """What the last build made of pages by site, and of indexes by `site/tim-kiem`."""
    latest: dict[str, SiteResult] = {}
    make_sites = make.make_sites

    def noting(cards: Cards, theming: Any, plan: Plan, *rest: Any) -> list[SiteResult]:
        site_results = make_sites(cards, theming, plan, *rest)
        latest.clear()
        for result in site_results:
            removed = [route for _, route in result.removed]
            of_index = any(map(is_index, [*routes(result), *removed]))
            latest[f"{result.site}/tim-kiem" if of_index else result.site] = result
        return site_results

    monkeypatch.setattr("portalgen.build.make_sites", noting)
    return latest


A = "content/tin-tuc/a.md"
FILES = {
    A: article("Lúa chín", body="Câu đầu.\n\nCâu sau."), "content/tin-tuc/b.md": article("Sạt lở"),
    "content/gioi-thieu.md": article("Giới thiệu", ""),
}  # fmt: skip


def routes(result: SiteResult) -> list[str]:
    return sorted(change.route for change in result.changes)


def test_only_files_that_differ_are_changes(tmp_path: Path, results: dict[str, SiteResult]) -> None:
    root = network(tmp_path, FILES)
    run(root)
    assert "robots.txt" in routes(results["main"])
    write(root, {A: article("Lúa chín", body="Câu đầu.\n\nCâu khác.")})
    run(root)
    pages = results["main"]
    assert (routes(pages), pages.rendered, pages.rekeyed, pages.removed) == (
        ["tin-tuc/a.html"], 1, [], [],
    )  # fmt: skip
    assert not pages.failed
    assert {route.partition("/")[0] for route in routes(results["main/tim-kiem"])} == {"tim-kiem"}


def test_a_page_that_came_out_the_same_has_its_new_key_recorded(
    tmp_path: Path, results: dict[str, SiteResult]
) -> None:
    root = network(tmp_path, FILES)
    run(root)
    write(root, {A: article("Lúa chín", body="Câu mới.\n\nCâu sau.")})
    run(root)
    pages = results["main"]
    same = [route for _, route, _ in pages.rekeyed]
    assert sorted(same) == ["404.html", "tin-tuc/b.html"]  # they show titles, not summaries
    changed = [route for route in routes(pages) if route.endswith(".html")]
    assert changed == ["index.html", "tin-tuc/a.html", "tin-tuc/index.html"]
    assert pages.rendered == len(same) + len(changed)
    assert run(root).pages_rendered == 0


def test_what_is_no_longer_planned_is_removed(
    tmp_path: Path, results: dict[str, SiteResult]
) -> None:
    root = network(tmp_path, {**FILES, "redirects.csv": "from,to\n/cu.html,/tin-tuc/b.html\n"})
    run(root)
    write(root, {"content/gioi-thieu.md": None, A: None, "redirects.csv": None})
    run(root)
    marker, page = sorted(results["main"].removed)
    assert marker[1].startswith(".moved/")
    assert page == ("main", "cu.html")
    assert all(route.startswith("tim-kiem/") for _, route in results["main/tim-kiem"].removed)
    for name in ("gioi-thieu.html", "tin-tuc/a.html"):  # the pages that say they are gone
        assert "noindex" in (root / "public/main" / name).read_text("utf-8")


def test_a_lost_or_altered_file_is_made_again_though_its_key_is_the_same(
    tmp_path: Path, results: dict[str, SiteResult]
) -> None:
    root = network(tmp_path, FILES)
    run(root)
    before = tree(root / "public")
    (root / "public/main/robots.txt").unlink()
    (root / "public/main/gioi-thieu.html").write_text("khác")
    run(root)
    assert routes(results["main"]) == ["gioi-thieu.html", "robots.txt"]
    assert tree(root / "public") == before


WRONG = '{% extends "portal/article.html" %}{% block content %}{{ 1 // 0 }}{% endblock %}'
OF_ARTICLES = ["gioi-thieu.html", "tin-tuc/a.html", "tin-tuc/b.html"]
SAPA = {f"members/sapa/{name}": text for name, text in FILES.items()}


def failures(result: SiteResult) -> list[str]:
    return sorted(dict(item.values)["page"] for item in result.problems)


def test_a_page_that_the_themes_own_template_cannot_render_fails_its_site(
    tmp_path: Path, results: dict[str, SiteResult]
) -> None:
    root = network(tmp_path, {
        **SAPA, "members/sapa/site.yaml": MEMBER_SETTINGS + "theme: x\n",
        "themes/x/theme.yaml": "name: x\nextends: portal\n",
        "themes/x/templates/article.html": WRONG,
    })  # fmt: skip
    run(root)
    assert results["sapa"].failed
    assert failures(results["sapa"]) == OF_ARTICLES
    assert {(item.code, item.kept) for item in results["sapa"].problems} == {
        ("template-failed", "")
    }
    assert not results["main"].failed


def test_pages_whose_override_fails_are_made_once_and_told_in_each_build(
    tmp_path: Path, results: dict[str, SiteResult]
) -> None:
    root = network(tmp_path, {**SAPA, "members/sapa/templates/article.html": WRONG})
    for first in (True, False):
        run(root)
        result = results["sapa"]
        assert not result.failed
        assert failures(result) == OF_ARTICLES
        assert ("tin-tuc/a.html" in routes(result)) is first
        assert (result.rekeyed, result.rendered > 0) == ([], first)
    (root / "public/sapa/tin-tuc/a.html").unlink()
    run(root)
    assert failures(results["sapa"]) == OF_ARTICLES
    assert (routes(results["sapa"]), results["sapa"].rendered) == (["tin-tuc/a.html"], 1)
    write(root, {"members/sapa/content/tin-tuc/a.md": article("Lúa đã chín")})
    run(root)
    assert failures(results["sapa"]) == OF_ARTICLES
    assert "tin-tuc/a.html" in routes(results["sapa"])


def test_an_override_that_fails_costs_no_other_site_nor_what_the_theme_cannot_render(
    tmp_path: Path, results: dict[str, SiteResult]
) -> None:
    root = network(tmp_path, {
        **SAPA, "members/sapa/templates/article.html": WRONG,
        "members/sapa/site.yaml": MEMBER_SETTINGS + "theme: x\n",
        "themes/x/theme.yaml": "name: x\nextends: portal\n",
        "themes/x/templates/article.html": WRONG,
    })  # fmt: skip
    run(root)
    assert results["sapa"].failed
    assert {item.path for item in results["sapa"].problems} == {"themes/x/templates/article.html"}
    assert "index.html" in routes(results["main"])


def test_a_file_of_the_index_that_somebody_altered_is_not_built_upon(
    tmp_path: Path, results: dict[str, SiteResult]
) -> None:
    root = network(tmp_path, FILES)
    run(root)
    for file in (root / "public/main/tim-kiem").glob("s-*.json"):
        stat = file.stat()
        file.write_text(file.read_text("utf-8").replace("a", "b"), "utf-8")
        os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    write(root, {A: article("Lúa chín rộ")})
    run(root)
    assert unlike_clean(root, tmp_path / "clean") == []


@pytest.mark.parametrize("jobs", [2, 40])
def test_many_sites_in_parallel_are_made_as_one_after_another(tmp_path: Path, jobs: int) -> None:
    files = {f"members/xa-{n}/site.yaml": f"title: Xã {n}\n" for n in range(4)}
    files |= {f"members/xa-{n}/content/tin-tuc/a.md": article(f"Tin {n}") for n in range(4)}
    root = network(tmp_path, files)
    run(root, jobs=jobs)
    assert unlike_clean(root, tmp_path / "clean") == []


def test_a_worker_that_was_given_up_may_go_on_writing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextmanager
    def connect(scheduler: str, folder: Path, warn: Any) -> Iterator[Any]:
        def twice(work: Any, shared: Any, items: Any, **options: Any) -> Iterator[Any]:
            for item in items:
                given_up, results = work(shared, [item]), work(shared, [item])
                for result in given_up:
                    for change in result.changes:
                        (folder / change.staged).write_bytes(b"half a page")
                yield results

        yield twice

    monkeypatch.setattr("portalgen.cluster.connect", connect)
    root = network(tmp_path, {**FILES, "members/bacha/site.yaml": MEMBER_SETTINGS})
    assert run(root, scheduler="tcp://127.0.0.1:9").refused == []
    assert unlike_clean(root, tmp_path / "clean") == []
