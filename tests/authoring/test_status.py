from pathlib import Path

import pytest

from portalgen.authoring import status
from portalgen.authoring.status import Status, read_status, report_page
from portalgen.problems import Words
from portalgen.report import Options
from tests.helpers import NOW, article, network, run, tree, write

AT = "content/tin-tuc/"
FILES: dict[str, str | bytes | None] = {
    f"{AT}a.md": article("A", body="[x](https://B.example:81/a) [y](http://b.example?c)"),
    f"{AT}b.md": article("B", draft="true"),
    f"{AT}c.md": article("C", "2020-02-01 08:00", draft="true"),
    f"{AT}d.md": article("D", "2020-02-01 08:00", body="[x](https://a.example/)"),
    f"{AT}e.md": "hỏng",
    "members/sapa/content/tin-tuc/f.md": article("F", expires="2020-01-20"),
}


def read(root: Path, hosts: bool = False) -> Status:
    return read_status(Options(root, root / "public", NOW, jobs=1), hosts)


def test_articles_are_counted_by_what_becomes_of_them(tmp_path: Path) -> None:
    result = read(network(tmp_path, FILES))
    assert [(site.slug, site.articles, site.drafts, site.scheduled) for site in result.sites] == [
        ("main", 1, 2, 1), ("sapa", 1, 0, 0),
    ]  # fmt: skip
    assert result.total("drafts") == 2
    assert [(item.site, item.code) for item in result.refused] == [("main", "no-front-matter")]
    assert (result.built, result.largest, result.hosts, result.deployed) == (0, [], [], {})
    assert result.next_change == 1_579_453_200  # 2020-01-20 00:00 in Vietnam


def test_files_are_those_of_the_last_build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(status, "LARGEST", 2)
    root = network(tmp_path, FILES)
    run(root, now=NOW - 60)
    write(root, {f"{AT}moi.md": article("Mới")})
    result = read(root)
    assert (result.built, result.total("articles")) == (NOW - 60, 3)
    published = tree(root / "public")
    sizes = {name: len(data) for name, data in published.items()}
    assert (result.total("files"), result.total("bytes")) == (len(sizes), sum(sizes.values()))
    assert [size for _, size in result.largest] == sorted(sizes.values())[:-3:-1]
    assert all(sizes[name] == size for name, size in result.largest)
    assert "render" in result.phases


def test_hosts_are_counted_where_they_are_asked_for(tmp_path: Path) -> None:
    assert read(network(tmp_path, FILES), hosts=True).hosts == [("b.example", 2), ("a.example", 1)]


def test_a_theme_that_is_wrong_for_a_site_is_among_the_problems(tmp_path: Path) -> None:
    root = network(tmp_path, {"members/sapa/templates/404.html": "{{ t.khac }}"})
    assert [item.code for item in read(root).refused] == ["unknown-string"]


def test_a_page_holds_no_markup_from_the_network(tmp_path: Path) -> None:
    root = network(tmp_path, {"members/sapa/site.yaml": "title: <b>Sa Pa</b>\n"})
    page = report_page(read(root), Words("en"), "now")
    assert "<td>&lt;b&gt;Sa Pa&lt;/b&gt;</td>" in page
    assert '<html lang="en">' in page
