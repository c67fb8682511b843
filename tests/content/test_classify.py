"""Of sources that claim the same, the first has it, and the others are told."""

from pathlib import Path

import pytest

from tests.content.test_claims import TAKEN, claims
from tests.helpers import article, network, page, problems, run, unlike_clean, write

pytestmark = pytest.mark.usefixtures("quick_themes")

A, B = "content/tin-tuc/a.md", "content/tin-tuc/b.md"


def test_in_a_first_build_the_first_path_has_it(tmp_path: Path) -> None:
    root = network(tmp_path, {A: claims("A"), B: claims("B")})
    for _ in range(2):
        assert problems(run(root)) == [TAKEN.format(B, A)]


def test_an_old_address_never_takes_the_place_of_a_file(tmp_path: Path) -> None:
    root = network(tmp_path, {"static/docs": "tệp"})
    run(root)
    write(root, {A: article("A", aliases="[/docs]")})
    assert [(item.code, item.path) for item in run(root).refused] == [("alias-taken", A)]
    assert page(root, "main/docs") == "tệp"


def test_a_list_says_once_that_a_file_stands_where_it_does(tmp_path: Path) -> None:
    tagged = {f"content/tin-tuc/{n}.md": article(str(n), tags="[xx]") for n in range(2)}
    root = network(tmp_path, {**tagged, "static/tag/xx.html": "tệp"})
    assert [(item.code, item.path) for item in run(root).refused] == [
        ("file-taken", "static/tag/xx.html")
    ]


def test_what_is_refused_is_told_the_same_way_each_time(tmp_path: Path) -> None:
    root = network(tmp_path, {
        "content/a.md": article("A", "", id="k"), "static/a.html": "tệp",
        "content/tin-tuc/c.md": article("C", id="k"),
        "content/b.md": article("B", "", slug="bai", body="[x](khong-co.md)"),
        "content/d.md": article("D", "", slug="bai"), "content/e.md": article("E", "", slug="bai"),
    })  # fmt: skip
    first = run(root)
    assert first.refused
    for _ in range(2):
        again = run(root)
        assert (again.refused, again.files_written) == (first.refused, 0)


def test_pages_are_in_the_order_of_their_paths_whoever_came_first(tmp_path: Path) -> None:
    root = network(tmp_path, {"content/b.md": article("B", "")})
    run(root)
    write(root, {"content/a.md": article("A", "")})
    run(root)
    assert run(root).files_written == 0
    assert unlike_clean(root, tmp_path / "clean") == []
