"""What becomes of the pages of one site, and of what was ended."""

from pathlib import Path

import pytest

from portalgen.changes.ended import Ended, EndedBefore
from portalgen.changes.manifest import Published, SiteFiles
from portalgen.limits import CRASH, TIME
from portalgen.pages.render import Rendered
from portalgen.pages.stage import SitePages, SiteWork
from portalgen.problems import problem
from portalgen.worker import Stopped
from tests.helpers import article, network
from tests.quick import look_up

OVERRIDE = "members/sapa/templates/article.html"
FILES = {"members/sapa/content/tin-tuc/a.md": article("Lúa chín")}
OWN = {**FILES, OVERRIDE: '{% extends "portal/article.html" %}'}
A = "tin-tuc/a.html"


def work(root: Path, published: dict[str, Published] | None = None) -> SiteWork:
    cards, theming = look_up(root)
    files = {"sapa": SiteFiles(published or {}, set())}
    return SiteWork(cards, theming, files, {}, {}, EndedBefore(root), "", root, None)


def number_of(site: SitePages, route: str) -> int:
    return next(number for number, page in enumerate(site.pages) if page.route == route)


def test_a_page_whose_key_is_published_is_not_made(tmp_path: Path) -> None:
    root = network(tmp_path, FILES)
    site = SitePages(work(root), "sapa")
    number = number_of(site, A)
    assert number in site.todo
    published = Published(site.pages[number].key, "digest", 1, 1)
    again = SitePages(work(root, {A: published, "cu.html": published}), "sapa")
    assert number not in again.todo
    assert again.result.removed == [("sapa", "cu.html")]


def test_a_site_with_own_templates_loses_them_when_a_page_is_ended(tmp_path: Path) -> None:
    site = SitePages(work(network(tmp_path, OWN)), "sapa")
    page = site.pages[number_of(site, A)]
    site.end(page, Stopped(TIME))
    assert site.result.is_over
    assert site.result.own_ended
    assert not site.result.failed
    [ended] = site.result.ended
    assert (ended.name, ended.problem.path, ended.problem.kept) == (
        "templates sapa", OVERRIDE, "override-off",
    )  # fmt: skip
    assert ended.signature == site.theming.templates.own != ""


@pytest.mark.parametrize(("files", "route"), [(FILES, A), (OWN, "rss.xml")])
def test_a_page_that_the_theme_or_nobodys_template_makes_fails_its_site(
    files: dict[str, str], route: str, tmp_path: Path
) -> None:
    root = network(tmp_path, files)
    site = SitePages(work(root), "sapa")
    page = site.pages[number_of(site, route)]
    site.end(page, Stopped(TIME))
    assert (site.result.is_over, site.result.failed, site.result.own_ended) == (True, True, False)
    [ended] = site.result.ended
    assert ended == Ended(f"page sapa/{route}", page.key, site.result.problems[0])
    later = work(root)
    later.ended.remember([ended])
    again = SitePages(later, "sapa")
    assert again.result.is_over
    assert again.result.problems == [ended.problem]


@pytest.mark.parametrize("files", [FILES, OWN])
def test_what_ended_a_process_is_tried_again_by_the_next_build(
    files: dict[str, str], tmp_path: Path
) -> None:
    site = SitePages(work(network(tmp_path, files)), "sapa")
    site.end(site.pages[number_of(site, A)], Stopped(CRASH))
    assert (site.result.is_over, site.result.ended) == (True, [])
    [item] = site.result.problems
    assert item.code == "template-ended-crash"


def test_a_page_that_changed_since_is_tried_again(tmp_path: Path) -> None:
    later = work(network(tmp_path, FILES))
    later.ended.remember([Ended(f"page sapa/{A}", "another key", problem("template-ended-time"))])
    assert not SitePages(later, "sapa").result.is_over


def test_time_counts_together_for_own_templates_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portalgen.pages.stage._OWN_SECONDS", 5)
    for files, over in ((OWN, True), (FILES, False)):
        root = network(tmp_path / str(over), files)
        site = SitePages(work(root), "sapa")
        number = number_of(site, A)
        site.take(Rendered(number, "digest", 1, seconds=4.5))
        assert not site.result.is_over
        site.take(Rendered(number, "digest", 1, seconds=4.5))
        assert site.result.is_over is over
