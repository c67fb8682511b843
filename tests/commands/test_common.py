import errno
import json
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
from tests.disks import fill, hand_over, place_of_all, run_without_rights, small_disk
from tests.helpers import MAIN_SETTINGS, NOW, article, network, picture, tree, write


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
        ("15/01/2020 8h", NOW),
    ],
)
def test_a_moment_is_one_of_vietnam_unless_it_says_otherwise(text: str, seconds: int) -> None:
    assert Moment().convert(text, None, None) == seconds


@pytest.mark.parametrize("text", ["", "nay", "2020-02-30", "1579050000"])
def test_another_moment_is_wrong_usage(text: str) -> None:
    with pytest.raises(click.BadParameter, match=r"Write.* \d{4}-\d\d-\d\d"):
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


NOTHING = (
    "Nothing was published; what was published before is unchanged. Correct the above and run "
    "this again.\n"
)
AT = "2020-01-15 08:00"


@pytest.mark.parametrize(
    ("path", "mode", "said", "last"),
    [
        ("site.yaml", 0,
         "site.yaml: The file cannot be read (Permission denied). Check its permissions, and the "
         "disk.\n", NOTHING),
        ("register", 0, "“register” cannot be read: permission denied. Let the user that runs "
         "portalgen read it.\n", NOTHING),
        ("register/register.json", 0, "“register.json” cannot be read: permission denied. Let the "
         "user that runs portalgen read it.\n", NOTHING),
        ("public/.portalgen/manifest.sqlite", 0o400, "“manifest.sqlite” cannot be written: "
         "permission denied. Check the permissions of it and of its folder.\n", NOTHING),
        ("public/.portalgen/manifest.sqlite", 0, "“manifest.sqlite” cannot be read: permission "
         "denied. Let the user that runs portalgen read it.\n", NOTHING),
        ("public/.portalgen", 0, "“.portalgen” cannot be read: permission denied. Let the user "
         "that runs portalgen read it.\n", NOTHING),
        ("register/main", 0o500, "“{entries}” cannot be written: permission denied. Check the "
         "permissions of it and of its folder.\n",
         "Everything was published, but not noted in the register. Correct the above and run this "
         "again before you deploy.\n"),
    ],
)  # fmt: skip
def test_what_is_closed_to_us_is_said_as_it_is(path: str, mode: int, said: str, last: str) -> None:
    with place_of_all() as place:
        root = network(place, {"content/tin-tuc/a.md": article("A")})
        assert build("--root", root, "--now", AT).exit_code == 0
        write(root, {"content/tin-tuc/b.md": article("B")})
        before = tree(root / "public")
        hand_over(root)
        (root / path).chmod(mode)
        done = run_without_rights("build", "--root", root, "--now", AT, "--jobs", "1")
        (root / path).chmod(0o700)
        entries = done.stderr.partition("“")[2].partition("”")[0]
        assert (done.returncode, done.stderr) == (1, said.format(entries=entries) + last)
        assert (tree(root / "public") == before) == (last == NOTHING)
        mended = run_without_rights("build", "--root", root, "--now", AT, "--jobs", "1")
        assert mended.returncode == 0
        assert "main/tin-tuc/b.html" in tree(root / "public")


def test_a_member_that_is_closed_to_us_is_not_called_missing() -> None:
    with place_of_all() as place:
        root = network(place, {"content/tin-tuc/a.md": article("A")})
        hand_over(root)
        (root / "members/sapa").chmod(0)
        done = run_without_rights("check", "--root", root, "--now", AT)
        (root / "members/sapa").chmod(0o700)
        assert done.returncode == 3
        assert done.stderr == (
            "members/sapa/site.yaml: The file cannot be read (Permission denied). Check its "
            "permissions, and the disk.\n"
        )


def test_a_picture_that_cannot_be_read_is_not_called_missing() -> None:
    with place_of_all() as place:
        body = "![Núi](nui.jpg) [tệp](tep.pdf)\n"
        root = network(place, {
            "content/tin-tuc/a.md": article("A", body=body),
            "content/tin-tuc/nui.jpg": picture(700, 500), "content/tin-tuc/tep.pdf": "%PDF",
        })  # fmt: skip
        hand_over(root)
        for name in ("nui.jpg", "tep.pdf"):
            (root / "content/tin-tuc" / name).chmod(0)
        done = run_without_rights("build", "--root", root, "--now", AT)
        assert done.returncode == 0
        assert done.stderr == "".join(
            f"content/tin-tuc/a.md:5:{column}: warning: “{name}” cannot be read (Permission "
            "denied). Check its permissions, and the disk.\n"
            for column, name in ((8, "nui.jpg"), (23, "tep.pdf"))
        )


def test_a_report_that_cannot_be_written_is_all_that_failed(tmp_path: Path) -> None:
    root = network(tmp_path, {"content/tin-tuc/a.md": article("A")})
    with small_disk(tmp_path / "disk") as disk:
        fill(disk)
        done = build("--root", root, "--json", disk / "report.json", "--lang", "en")
    assert (done.exit_code, done.stderr) == (
        3,
        "The disk is full. Free some space and run this again.\n"
        "Everything else was done; only this file could not be written.\n",
    )
    assert "main/tin-tuc/a.html" in tree(root / "public")


@pytest.mark.parametrize("zone", ["Asia/Tokyo", "America/New_York"])
def test_moments_are_said_in_the_zone_of_the_main_portal(tmp_path: Path, zone: str) -> None:
    due = article("Hẹn", "2020-02-01 12:00")
    root = network(tmp_path, {
        "site.yaml": f"{MAIN_SETTINGS}timezone: {zone}\n", "content/tin-tuc/a.md": article("A"),
        "content/tin-tuc/b.md": due,
    })  # fmt: skip
    report = tmp_path / "report.json"
    done = build("--root", root, "--now", AT, "--lang", "en", "--json", report)
    assert "Build again at 2020-02-01 12:00: an article is due or expires then" in done.stdout
    moment = {"Asia/Tokyo": "2020-02-01T03:00:00", "America/New_York": "2020-02-01T17:00:00"}
    assert json.loads(report.read_text("utf-8"))["next_change"] == f"{moment[zone]}+00:00"
    status = CliRunner().invoke(main, ["status", "--root", str(root), "--lang", "en"])
    assert "Last build: " in status.stdout
    now = {"Asia/Tokyo": "2020-01-15 10:00", "America/New_York": "2020-01-14 20:00"}
    assert f"Last build: {now[zone]}\n" in status.stdout
