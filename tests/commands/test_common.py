import os
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from portalgen.cli import main
from tests.helpers import article, network, tree


def build(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["build", "--jobs", "1", *map(str, arguments)])


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (28, "Đĩa đã đầy. Hãy dọn bớt rồi chạy lại; những gì đã xuất bản vẫn nguyên.\n"),
        (13, "Không được phép ghi vào “journal.tmp”. Hãy kiểm tra quyền của thư mục này.\n"),
        (30, "Không được phép ghi vào “journal.tmp”. Hãy kiểm tra quyền của thư mục này.\n"),
        (5, "journal.tmp: Input/output error.\n"),
    ],
)
def test_what_the_system_refuses_is_said_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, said: str
) -> None:
    def refused(*_: object) -> None:
        raise OSError(number, os.strerror(number), "/may/journal.tmp")

    monkeypatch.setattr(os, "fsync", refused)
    result = build("--root", network(tmp_path, {"content/tin-tuc/a.md": article("A")}))
    assert result.exit_code == 1
    assert result.stderr.startswith(said)


@pytest.mark.parametrize(
    "arguments",
    [
        ("dung",), ("build", "--khong-co"), ("build", "--jobs", "0"), ("build", "--jobs", "x"),
        ("build", "--lang", "fr"), ("build", "--now", "hôm qua"), ("build", "thua"),
        ("check", "--site", "main"), ("check", "--output", "x"),
        ("build", "--json", "khong-co/x.json"), ("check", "--json", "."),
        ("build", "--now", "2020-13-01"),
    ],
)  # fmt: skip
def test_wrong_usage_is_told_from_wrong_content(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    root = network(tmp_path, {})
    before = tree(tmp_path)
    result = CliRunner().invoke(main, [*arguments])
    assert result.exit_code == 2
    assert "Error: " in result.stderr and "Traceback" not in result.output
    assert tree(tmp_path) == before
    assert not (root / ".portalgen").exists()
