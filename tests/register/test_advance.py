"""What a build records: a moment only where something changed, and who had which name first."""

from pathlib import Path

import pytest

from tests.helpers import MEMBER_SETTINGS, NOW, article, network, page, picture, run, tree, write
from tests.register.readers import answer, build_twice, entry_of, register_of

pytestmark = pytest.mark.usefixtures("quick_themes")

A, B = "content/tin-tuc/a.md", "content/tin-tuc/b.md"
LATER = NOW + 86_400


def test_a_first_build_records_all_that_stands(tmp_path: Path) -> None:
    root = network(tmp_path, {
        A: article("A", tags="[lua]", topics="[mua]", id="urn:1", aliases="[/cu.html]"),
        B: article("B", tags="[lua]"), "content/gioi-thieu.md": article("G", ""),
        "static/t.txt": "x", "members/sapa/content/tin-tuc/s.md": article("S"),
    })  # fmt: skip
    run(root)
    sites = register_of(root).sites
    assert {entry.source: entry.at for entry in sites["main"].entries.values()} == {
        A: "tin-tuc/a.html", B: "tin-tuc/b.html", "content/gioi-thieu.md": "gioi-thieu.html",
        "static/t.txt": "t.txt", "section:tin-tuc": "tin-tuc/index.html",
        "section:y-te": "y-te/index.html", "feed:tin-tuc": "tin-tuc/rss.xml",
        "feed:y-te": "y-te/rss.xml", "tag:lua": "tag/lua.html", "topic:mua": "chuyen-de/mua.html",
    }  # fmt: skip
    entry = entry_of(root, A)
    assert (entry.identity, entry.paths, entry.since, entry.published) == (
        "urn:1", ("cu.html",), NOW, NOW,
    )  # fmt: skip
    assert entry_of(root, B).identity == ""
    assert "members/sapa/content/tin-tuc/s.md" in sites["sapa"].by_source()
    assert sites["sapa"].record.base_url == "https://sapa.tinh.example/"


def test_drafts_and_what_is_refused_are_not_recorded(tmp_path: Path) -> None:
    root = network(tmp_path, {A: article("A", draft="true"), B: "hỏng"})
    run(root)
    assert not {A, B} & register_of(root).sites["main"].by_source().keys()


def test_later_builds_change_nothing_that_did_not_change(tmp_path: Path) -> None:
    root = network(tmp_path, {A: article("A"), B: article("B")})
    run(root)
    before, old = tree(root / "register"), entry_of(root, B)
    run(root, now=LATER)
    run(root, now=LATER, use_cache=False)
    assert tree(root / "register") == before
    write(root, {A: article("A", body="Khác")})
    build_twice(root, tmp_path / "clean", now=LATER)
    assert (entry_of(root, A).since, entry_of(root, A).published) == (NOW, LATER)
    assert entry_of(root, B) == old


def test_an_address_that_changes_is_kept_with_the_moment(tmp_path: Path) -> None:
    root = network(tmp_path, {A: article("A")})
    run(root)
    write(root, {A: article("A", slug="moi")})
    run(root, now=LATER)
    entry = entry_of(root, A)
    assert (entry.at, entry.paths, entry.since) == ("tin-tuc/moi.html", ("tin-tuc/a.html",), LATER)
    write(root, {A: article("A")})
    run(root, now=LATER)
    entry = entry_of(root, A)
    assert (entry.at, entry.paths) == ("tin-tuc/a.html", ("tin-tuc/moi.html",))


def test_former_hosts_are_kept(tmp_path: Path) -> None:
    root = network(tmp_path, {})
    run(root)
    for host in ("moi", "khac", "sapa.tinh"):
        settings = f"{MEMBER_SETTINGS}base_url: https://{host}.example/\n"
        write(root, {"members/sapa/site.yaml": settings})
        run(root, now=LATER)
    record = register_of(root).sites["sapa"].record
    assert (record.base_url, record.since) == ("https://sapa.tinh.example/", LATER)
    assert record.former == ("moi.example", "khac.example")


def test_a_site_whose_own_template_fails_is_recorded_like_others(tmp_path: Path) -> None:
    at, template = "members/sapa/content/tin-tuc/a.md", "members/sapa/templates/404.html"
    root = network(tmp_path, {at: article("A"), B: article("B")})
    run(root)
    wrong = '{% extends "portal/404.html" %}{% block content %}{{ 1 // 0 }}{% endblock %}'
    write(root, {at: None, template: wrong})
    assert [item.path for item in build_twice(root, tmp_path / "clean").refused] == [template]
    assert answer(root, "sapa/tin-tuc/a.html") == "gone"
    assert entry_of(root, at, "sapa").gone


def test_a_build_that_stops_by_strict_records_nothing(tmp_path: Path) -> None:
    from portalgen.problems import PortalError

    root = network(tmp_path, {A: article("A")})
    run(root)
    before = tree(root / "register")
    write(root, {A: "hỏng", B: article("B")})
    with pytest.raises(PortalError):
        run(root, strict=True)
    assert tree(root / "register") == before


def test_a_lost_output_is_made_again_from_the_register(tmp_path: Path) -> None:
    import shutil

    root = network(tmp_path, {A: article("A", body="![x](a.jpg)"), "content/tin-tuc/a.jpg":
                              picture(800, 600), B: article("B")})  # fmt: skip
    run(root)
    write(root, {A: "hỏng", B: None})
    run(root)
    before = tree(root / "public")
    shutil.rmtree(root / "public")
    run(root)
    assert tree(root / "public") == before


def test_of_two_new_files_that_differ_by_case_one_is_published(tmp_path: Path) -> None:
    root = network(tmp_path, {"static/T.txt": "một", "static/t.txt": "hai"})
    report = build_twice(root, tmp_path / "clean")
    assert [item.code for item in report.refused] == ["file-taken"]
    sources = register_of(root).sites["main"].by_source()
    assert {name for name in sources if name.startswith("static/")} == {"static/T.txt"}
    (root / "static/T.txt").unlink()
    assert build_twice(root, tmp_path / "clean").refused == []
    assert page(root, "main/t.txt") == "hai"


def test_an_alias_stays_with_the_article_that_names_it(tmp_path: Path) -> None:
    a, b = "content/tin-tuc/a.md", "content/tin-tuc/b.md"
    root = network(tmp_path, {a: article("A", aliases="[/cu.html]"), b: article("B")})
    run(root)
    write(root, {a: article("A"), b: article("B", aliases="[/cu.html]")})
    build_twice(root, tmp_path / "clean")
    assert answer(root, "main/cu.html") == "https://tinh.example/tin-tuc/b.html"
    write(root, {a: article("A", aliases="[/cu.html]", slug="moi")})  # its state is the newest
    for _ in range(2):
        report = build_twice(root, tmp_path / "clean")
        assert [(item.code, item.path) for item in report.refused] == [("alias-taken", a)]
        assert answer(root, "main/cu.html") == "https://tinh.example/tin-tuc/b.html"
    assert entry_of(root, b).aliases == ("cu.html",)
    write(root, {b: None})
    assert build_twice(root, tmp_path / "clean").refused == []
    assert answer(root, "main/cu.html") == "https://tinh.example/tin-tuc/moi.html"
