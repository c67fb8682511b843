import errno
import os
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from portalgen.cli import main
from portalgen.commands.common import (
    Moment,
    exit_on_error,
    in_existing_folder,
    language_of,
    os_problem,
    print_problems,
)
from portalgen.problems import PortalError, Words, problem
from tests.helpers import NOW, article, network, tree, write


def build(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["build", "--jobs", "1", *map(str, arguments)])


@pytest.mark.parametrize(
    ("number", "message"),
    [
        (28, "Đĩa đã đầy. Hãy dọn bớt rồi chạy lại.\n"),
        (13, "Không được phép ghi vào “journal.tmp”. Hãy kiểm tra quyền của nó và của thư mục "),
        (30, "Không ghi được “journal.tmp” vì hệ thống tệp chỉ cho đọc. Hãy gắn lại để ghi được, "),
        (5, "Đĩa chứa “journal.tmp” báo lỗi (Input/output error). Hãy chạy lại; nếu vẫn báo lỗi, "),
    ],
)
def test_what_the_system_refuses_is_said_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, message: str
) -> None:
    def refused(*_: object) -> None:
        raise OSError(number, os.strerror(number), "/may/journal.tmp")

    monkeypatch.setattr(os, "fsync", refused)
    result = build("--root", network(tmp_path, {"content/tin-tuc/a.md": article("A")}))
    assert result.exit_code == 1
    assert result.stderr.startswith(message)


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


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("2020-01-15 08:00", NOW),  # in Vietnam
        ("2020-01-15T08:00+07:00", NOW),
        ("2020-01-15T01:00:00Z", NOW),
        ("2020-01-15", NOW - 8 * 3600),
    ],
)
def test_a_moment_is_one_of_vietnam_unless_it_says_otherwise(text: str, seconds: int) -> None:
    assert Moment().convert(text, None, None) == seconds


@pytest.mark.parametrize("text", ["", "nay", "15/01/2020", "2020-02-30", "1579050000"])
def test_another_moment_is_wrong_usage(text: str) -> None:
    with pytest.raises(click.BadParameter, match="expected a time such as 2020-01-15 08:00"):
        Moment().convert(text, None, None)


@pytest.mark.parametrize(
    ("settings", "language"),
    [
        ("language: en\n", "en"), ("title: A\nlanguage:  en \n  x: [\n", "en"),
        ("language: vi\n", "vi"), ("language: english\n", "vi"), ("", "vi"), (b"\xff\xfe", "vi"),
        ("# language: en\n", "vi"), (None, "vi"),
    ],
)  # fmt: skip
def test_messages_about_broken_settings_are_in_their_language(
    tmp_path: Path, settings: str | bytes | None, language: str
) -> None:
    if settings is not None:
        write(tmp_path, {"site.yaml": settings})
    assert language_of(tmp_path) == language


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (OSError(errno.ENOSPC, "full", "/home/web/a"),
         "The disk is full. Free some space and run this again."),
        (OSError(errno.EDQUOT, "quota", "/home/web/a"),
         "The disk is full. Free some space and run this again."),
        (OSError(errno.EACCES, "denied", "/home/web/a"),
         "“a” cannot be written: permission denied. Check the permissions of it and of its "
         "folder."),
        (OSError(errno.EROFS, "read-only", "/home/web/a"), "“a” cannot be written: its file system "
         "is read-only. Mount it for writing, or choose another folder with --output or --state."),
        (OSError(errno.EIO, "Input/output error", "/home/web/a"),
         "The disk of “a” reports an error (Input/output error). Run this again; if it says so "
         "again, check the disk."),
        (OSError(errno.EMFILE, "many", "/home/web/a"), "“a” cannot be opened: too many files are "
         "open. Raise the limit (ulimit -n), or use fewer processes with --jobs."),
        (OSError(errno.EBUSY, "locked", "/home/web/a"), "“a” is in use by another program. Close "
         "that program, then run this again."),
        (OSError("odd"), "“portalgen”: odd. Correct this, then run this again."),
    ],
)  # fmt: skip
def test_an_error_of_the_system_tells_no_path_of_this_machine(error: OSError, message: str) -> None:
    assert os_problem(error).describe("en") == message


def test_of_many_problems_the_rest_is_counted(capsys: pytest.CaptureFixture[str]) -> None:
    items = [problem("disk-full", f"{n}.md") for n in range(23)]
    print_problems(items[:20], Words("en"))
    assert len(capsys.readouterr().err.splitlines()) == 20
    print_problems(items, Words("en"))
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 21
    assert lines[-1] == "… and 3 more. See all with: portalgen check"
    print_problems(items, Words("en"), limit=0)
    assert len(capsys.readouterr().err.splitlines()) == 23


def test_what_stops_a_command_is_told_reported_and_ends_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "report.json"
    for error in (PortalError([problem("disk-full")]), OSError(errno.ENOSPC, "full")):
        with (
            pytest.raises(SystemExit) as ended,
            exit_on_error(Words("en"), footer="Nothing.", json_file=file),
        ):
            raise error
        assert ended.value.code == 1
        captured = capsys.readouterr()
        assert captured.out == ""
        assert captured.err.splitlines()[0].startswith("The disk is full.")
        assert captured.err.splitlines()[1:] == ["Nothing."]
        assert '"code": "disk-full"' in file.read_text("utf-8")
        file.unlink()
    with pytest.raises(ZeroDivisionError), exit_on_error(Words("en")):
        raise ZeroDivisionError


def test_a_report_goes_into_a_folder_that_exists(tmp_path: Path) -> None:
    context, parameter = click.Context(main), click.Option(["--json"])
    assert in_existing_folder(context, parameter, tmp_path / "a.json") == tmp_path / "a.json"
    assert in_existing_folder(context, parameter, None) is None
    for file in (tmp_path, tmp_path / "none/a.json"):
        with pytest.raises(click.BadParameter, match="not a file in a folder that exists"):
            in_existing_folder(context, parameter, file)
