"""`portalgen addresses`, as a webmaster uses it."""

import json
from pathlib import Path

from click.testing import CliRunner, Result

from portalgen.cli import main
from tests.commands.calm import stays_calm
from tests.helpers import article, network, tree

A, B = "content/tin-tuc/a.md", "content/tin-tuc/b.md"


def addresses(root: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["addresses", "--root", str(root), *arguments])


def rooted(tmp_path: Path) -> Path:
    """A network in which an article was renamed and one taken away."""
    root = network(tmp_path, {A: article("A"), B: article("B")})
    stays_calm(root, "build")
    (root / A).rename(root / "content/tin-tuc/moi.md")
    (root / B).unlink()
    stays_calm(root, "build")
    return root


def test_the_list_says_what_each_address_answers_and_writes_nothing(tmp_path: Path) -> None:
    root = rooted(tmp_path)
    before = tree(root)
    result = addresses(root, "--site", "main", "--lang", "en")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert "main/tin-tuc/a.html: leads to https://tinh.example/tin-tuc/moi.html" in lines
    assert "main/tin-tuc/b.html: says that it is gone" in lines
    assert "main/tin-tuc/moi.html: a page" in lines
    assert not [line for line in lines if line.startswith("sapa")]
    count = len(lines) - 1
    assert lines[-1] == (
        f"{count} addresses: {count - 2} with a page, 1 that lead elsewhere, 1 that are gone."
    )
    assert tree(root) == before
    assert "sapa/tin-tuc/index.html: có trang" in addresses(root).stdout


def test_the_list_as_json(tmp_path: Path) -> None:
    root = rooted(tmp_path)
    addresses(root, "--json", str(root / "dia-chi.json"))
    rows = json.loads((root / "dia-chi.json").read_text("utf-8"))["addresses"]
    [row] = [row for row in rows if row["route"] == "tin-tuc/b.html"]
    since = row.pop("since")
    assert row == {
        "site": "main", "route": "tin-tuc/b.html", "answer": "gone", "target": "", "source": B,
    }  # fmt: skip
    assert since > 1_500_000_000


def test_an_address_that_is_erased_answers_nothing_after_the_next_build(tmp_path: Path) -> None:
    root = rooted(tmp_path)
    erased = ("main/tin-tuc/b.html", "https://tinh.example/tin-tuc/a.html")
    result = addresses(root, "--erase", erased[0], "--erase", erased[1])
    assert (result.exit_code, result.stdout.count("Đã xóa")) == (0, 2)
    stays_calm(root, "build")
    names = tree(root / "public")
    assert not {"main/tin-tuc/a.html", "main/tin-tuc/b.html"} & names.keys()
    assert [name for name in names if "/.moved/" in name] == []
    assert "tin-tuc/b.html" not in addresses(root).stdout


def test_what_cannot_be_erased_is_told_and_nothing_is(tmp_path: Path) -> None:
    root = rooted(tmp_path)
    before = tree(root / "register")
    result = addresses(
        root, "--lang", "en", "--erase", "main/tin-tuc/b.html",
        "--erase", "main/tin-tuc/moi.html", "--erase", "main/khong-co.html",
    )  # fmt: skip
    assert result.exit_code == 1
    assert result.stderr.splitlines() == [
        "The address main/khong-co.html was never published. See those that were with portalgen "
        "addresses.",
        "content/tin-tuc/moi.md: This page stands at main/tin-tuc/moi.html. Take it away first and "
        "build, then erase the address.",
    ]
    assert tree(root / "register") == before
