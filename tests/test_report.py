import json
from pathlib import Path

import pytest

from portalgen.problems import problem
from portalgen.report import BuildReport, peak_mb
from tests.commands.calm import stays_calm
from tests.helpers import NOW, article, network, tree, write

AT = "content/tin-tuc/"


FIELDS: dict[str, type | tuple[type, ...]] = {
    "sites": int, "failed": list, "articles": int, "pages_planned": int, "pages_rendered": int,
    "files_written": int, "files_removed": int, "files_unchanged": int, "refused": list,
    "warnings": list, "changes": list, "planned": dict,
    "new_program": bool,
    "next_change": (str, type(None)), "seconds": float, "phases": dict, "peak_mb": float,
}  # fmt: skip


PROBLEM = {
    "site": "sapa", "path": f"members/sapa/{AT}b.md", "line": 4, "column": 1,
    "code": "unknown-key-near", "message": "Không có khóa “tgas”. Có phải “tags”?", "kept": False,
}  # fmt: skip


def written_report(root: Path) -> dict[str, object]:
    made = json.loads((root / "bao-cao.json").read_text("utf-8"))
    assert {key: isinstance(made.get(key), kind) for key, kind in FIELDS.items()} == dict.fromkeys(
        FIELDS, True
    )
    assert set(made) == set(FIELDS)
    assert isinstance(made, dict)
    return made


def test_the_report_of_a_build(tmp_path: Path) -> None:
    root = network(tmp_path, {
        f"{AT}a.md": article("A", expires="2020-01-20 08:00"),
        f"members/sapa/{AT}b.md": article("B", tgas="[x]"),
        f"members/sapa/{AT}c.md": article("C"),
    })  # fmt: skip
    result = stays_calm(root, "build", "--json", "bao-cao.json")
    made = written_report(root)
    assert result.exit_code == 3
    assert made["refused"] == [PROBLEM]
    assert (made["sites"], made["articles"]) == (2, 2)
    assert made["next_change"] == "2020-01-20T01:00:00+00:00"
    files = len(tree(root / "public"))
    assert made["pages_planned"] == made["files_written"] == files
    assert (made["files_removed"], made["files_unchanged"]) == (0, 0)
    assert isinstance(made["phases"], dict)
    assert set(made["phases"]) == {
        "recover", "themes", "load", "classify", "relate", "compare", "render", "publish",
    }  # fmt: skip
    write(root, {f"members/sapa/{AT}c.md": None})
    stays_calm(root, "build", "--json", "bao-cao.json", "--lang", "en")
    made = written_report(root)
    assert made["files_removed"] == 3  # files of terms and texts in the indexes
    assert isinstance(made["changes"], list)
    assert [(item["code"], item["path"]) for item in made["changes"]] == [
        ("page-gone", f"members/sapa/{AT}c.md")
    ]
    assert made["refused"] == [
        {**PROBLEM, "message": "There is no key “tgas”. Did you mean “tags”?"}
    ]


def test_the_report_of_a_check(tmp_path: Path) -> None:
    root = network(tmp_path, {f"members/sapa/{AT}b.md": article("B", tgas="[x]")})
    assert stays_calm(root, "check", "--json", "bao-cao.json").exit_code == 3
    made = written_report(root)
    assert (made["sites"], made["articles"], made["refused"]) == (2, 0, [PROBLEM])
    assert (made["pages_planned"], made["files_written"], made["phases"]) == (0, 0, {})
    assert made["next_change"] is None


@pytest.mark.parametrize("command", ["build", "check"])
def test_the_report_of_a_command_that_could_publish_nothing(tmp_path: Path, command: str) -> None:
    root = network(tmp_path, {"site.yaml": "titel: A\n", f"{AT}a.md": article("A")})
    assert stays_calm(root, command, "--json", "bao-cao.json").exit_code == 1
    made = written_report(root)
    assert isinstance(made["refused"], list)
    assert [(item["path"], item["line"], item["code"]) for item in made["refused"]] == [
        ("site.yaml", 1, "missing-key"),
        ("site.yaml", 1, "unknown-key-near"),
    ]
    assert not any(made[key] for key in FIELDS if key != "refused")
    assert not (root / "public").exists()


def test_strict_reports_what_it_refused(tmp_path: Path) -> None:
    root = network(tmp_path, {f"members/sapa/{AT}b.md": article("B", tgas="[x]")})
    stays_calm(root, "build", "--strict", "--json", "bao-cao.json")
    assert written_report(root)["refused"] == [PROBLEM]


def test_no_moment_is_told_where_nothing_changes_by_itself() -> None:
    assert BuildReport().as_json()["next_change"] is None
    assert BuildReport(next_change=NOW).as_json()["next_change"] == "2020-01-15T01:00:00+00:00"


def test_messages_are_in_the_language_of_the_report() -> None:
    items = [problem("disk-full", "a.md", 1, 2)._replace(site="sapa")]
    for language, beginning in (("vi", "Đĩa"), ("en", "The disk")):
        report = BuildReport(refused=items, language=language)
        values = report.as_json()["refused"]
        assert isinstance(values, list)
        [refused] = values
        assert refused["message"].startswith(beginning)
        assert {**refused, "message": ""} == {
            "site": "sapa", "path": "a.md", "line": 1, "column": 2, "code": "disk-full",
            "message": "", "kept": False,
        }  # fmt: skip


def test_the_peak_of_memory_is_in_megabytes() -> None:
    assert 10 < peak_mb() < 100_000
