"""`portalgen explain`, as an editor uses it."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from portalgen.cli import main
from tests.authoring.test_explain import AT, files
from tests.helpers import network, tree


def run(root: Path, *arguments: str) -> Result:
    now = ("--now", "2020-01-15 08:00")
    return CliRunner().invoke(main, ["explain", "--root", str(root), *now, *arguments])


def test_one_pair_is_explained_with_what_an_editor_can_do(tmp_path: Path) -> None:
    root = network(tmp_path, files())
    result = run(root, f"{AT}/cau.md", f"{AT}/co-tuong.md", "--lang", "en")
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        f"Related news of {AT}/cau.md: Cầu treo Nậm Tông, tin 1",
        "A neighbour scores at least 22 in a network of this size.",
        "",
        f"{AT}/co-tuong.md: Kỳ thủ nhí",
        "   Not shown: too little in common.",
        "   Score 0; × 1.12 for how close the dates are.",
        "   They have no word in common that tells articles apart.",
        "",
        f"To show an article in any case, write at the head of {AT}/cau.md: related: [co-tuong.md]",
        "To never show it: unrelated: [co-tuong.md]",
        "To make articles more similar, write the same names of places, people and things in "
        "titles, leads and texts.",
    ]


def test_the_list_is_explained_in_vietnamese(tmp_path: Path) -> None:
    root = network(tmp_path, files())
    lines = run(root, f"{AT}/cau.md").stdout.splitlines()
    assert lines[0] == f"Tin liên quan của {AT}/cau.md: Cầu treo Nậm Tông, tin 1"
    assert lines[3].startswith("1. ")
    assert lines[4] == "   Được hiện: thuộc những bài giống nhất."
    assert lines[5].endswith("điểm; × 1,12 tùy ngày đăng gần nhau hay xa nhau.")
    assert lines[6].startswith("   Điểm chung (phần điểm; số bài có từ đó): ")
    assert "Nậm Tông (" in lines[6]
    assert lines[-2] == "Muốn không bao giờ hiện: unrelated: [bai-khac.md]"
    alone = run(root, f"{AT}/co-tuong.md").stdout.splitlines()
    assert alone[2] == "Không bài nào đủ giống bài này."


def test_json_holds_the_same(tmp_path: Path) -> None:
    root = network(tmp_path, files())
    file = tmp_path / "explained.json"
    run(root, f"{AT}/cau.md", f"{AT}/phao.md", "--json", str(file))
    report = json.loads(file.read_text("utf-8"))
    assert report["article"] == f"{AT}/cau.md"
    (pair,) = report["pairs"]
    assert (pair["path"], pair["reference"]) == (f"{AT}/phao.md", "phao.md")
    assert pair["outcome"] == "explain-shown"
    assert {"term", "score", "articles"} == set(pair["terms"][0])


@pytest.mark.parametrize(
    ("lang", "message"),
    [
        ("en", "There is no article “content/tin-tuc/cua.md”. Do you mean "
               "“content/tin-tuc/cau.md”? Give the path of its file, or its full address."),
        ("vi", "Không có bài nào là “content/tin-tuc/cua.md”. Có phải “content/tin-tuc/cau.md”? "
               "Hãy ghi đường dẫn tệp, hoặc địa chỉ đầy đủ của bài."),
    ],
)  # fmt: skip
def test_a_name_that_is_wrong_is_told(tmp_path: Path, lang: str, message: str) -> None:
    root = network(tmp_path, files())
    result = run(root, f"{AT}/cua.md", "--lang", lang)
    assert (result.exit_code, result.stderr) == (1, message + "\n")


def test_nothing_but_the_cache_is_written(tmp_path: Path) -> None:
    root = network(tmp_path, files())
    before = {name for name in tree(root) if not name.startswith(".portalgen/")}
    run(root, f"{AT}/cau.md")
    assert {name for name in tree(root) if not name.startswith(".portalgen/")} == before
