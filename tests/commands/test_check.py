import json
import os
import pty
import re
import resource
import subprocess
import sys
from pathlib import Path

from click.testing import CliRunner, Result

from portalgen.cli import main
from tests.commands.calm import NO_FRONT, stays_calm
from tests.helpers import article, network, tree, write

AT = "content/tin-tuc/"
LONG = (
    f"{AT}b.md:2:8: cảnh báo: Tiêu đề dài 120 ký tự, sẽ bị cắt trong danh sách và trên máy tìm "
    "kiếm. Hãy rút còn không quá 110 ký tự."
)
WARNED = {f"{AT}b.md": article("B" * 120)}


def run(root: Path, *arguments: str) -> Result:
    asked = ["check", "--root", str(root), "--jobs", "1", "--now", "2020-01-15 08:00", *arguments]
    return CliRunner().invoke(main, asked)


def test_warnings_alone_do_not_fail_unless_asked_to(tmp_path: Path) -> None:
    root = network(tmp_path, WARNED)
    for arguments, code in (((), 0), (("--strict",), 3), (("--strict",), 3), ((), 0)):
        done = run(root, *arguments)
        assert done.exit_code == code
        assert done.stderr.splitlines() == [LONG]
        assert done.stdout == "2 trang, 1 bài: 0 lỗi, 1 cảnh báo.\n"
    good = network(tmp_path / "x", {f"{AT}a.md": article("A")})
    assert run(good, "--strict").exit_code == 0


def test_elsewhere_than_on_a_terminal_each_message_is_a_line_by_file(tmp_path: Path) -> None:
    done = run(network(tmp_path, {f"{AT}c.md": "x", **WARNED}))
    assert done.exit_code == 3
    assert done.stderr.splitlines() == [LONG, f"{AT}c.md:{NO_FRONT}"]
    assert done.stdout == "2 trang, 1 bài: 1 lỗi, 1 cảnh báo.\n"


def test_on_a_terminal_messages_stand_under_their_file(tmp_path: Path) -> None:
    files = {f"{AT}c.md": "x", f"{AT}b.md": article("B" * 120, tgas="y")}
    root = network(tmp_path, files)
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "portalgen", "check", "--root", str(root), "--lang", "en"]
    done = subprocess.run(command, check=False, stderr=theirs, stdout=subprocess.PIPE)
    os.close(theirs)
    said = os.read(ours, 10_000).decode().replace("\r\n", "\n")
    os.close(ours)
    plain = re.sub(r"\x1b\[\d*m", "", said)
    assert done.returncode == 3
    assert [line[:40] for line in plain.splitlines()] == [
        "", f"{AT}b.md", "      2:8  warning: The title has 120 ch",
        "      4:1  There is no key “tgas”. Did y",
        "", f"{AT}c.md", "      1:1  An article begins with a line", "",
    ]  # fmt: skip


def test_the_report_holds_warnings_beside_what_is_refused(tmp_path: Path) -> None:
    root = network(tmp_path, WARNED)
    run(root, "--json", str(tmp_path / "a.json"), "--lang", "en")
    made = json.loads((tmp_path / "a.json").read_text("utf-8"))
    assert made["refused"] == []
    assert made["warnings"] == [{
        "site": "main", "path": f"{AT}b.md", "line": 2, "column": 8, "code": "title-long",
        "message": "The title has 120 characters; lists and search engines truncate it. Shorten it "
        "to at most 110.",
        "kept": False,
    }]  # fmt: skip


def test_fix_names_what_it_changed_and_then_checks(tmp_path: Path) -> None:
    text = article("A\xa0B", body="chữ \n").encode().replace(b"\n", b"\r\n")
    root = network(tmp_path, {f"{AT}a.md": text, **WARNED})
    done = run(root, "--fix")
    assert done.exit_code == 0
    assert done.stdout.splitlines() == [
        f"Đã sửa {AT}a.md: dấu xuống dòng kiểu Windows, khoảng trắng không ngắt giữa các từ, "
        "khoảng trắng thừa ở cuối dòng.",
        "2 trang, 2 bài: 0 lỗi, 1 cảnh báo.",
    ]
    before = tree(root)
    again = run(root, "--fix")
    assert again.stdout == "2 trang, 2 bài: 0 lỗi, 1 cảnh báo.\n"
    assert tree(root) == before


def test_fix_that_cannot_write_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    text = b"---\r\ntitle: A\r\n---\r\n" + b"a \r\n" * 1000
    root = network(tmp_path, {f"{AT}a.md": text})
    before = tree(root)
    done = subprocess.run(
        [sys.executable, "-m", "portalgen", "check", "--fix", "--root", str(root)],
        check=False, capture_output=True, text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (999, 999)),
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "“a.md” lớn hơn mức cho phép ở đây. Hãy nâng giới hạn (ulimit -f), hoặc làm tệp nhỏ lại.\n"
    )
    assert tree(root) == before


def test_fix_without_a_network_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "content").mkdir()
    (tmp_path / "content/a.md").write_bytes(b"a \r\n")
    done = run(tmp_path, "--fix")
    assert (tmp_path / "content/a.md").read_bytes() == b"a \r\n"
    assert (done.exit_code, done.stdout) == (1, "")
    assert "site.yaml: Không thấy tệp này." in done.stderr


def test_a_check_refuses_settings_and_overrides_that_a_build_does_not_use(tmp_path: Path) -> None:
    root = network(tmp_path, {
        "members/bacha/site.yaml": "titel: A\n", "members/sapa/templates/artcle.html": "x",
    })  # fmt: skip
    file = tmp_path / "report.json"
    done = run(root, "--json", str(file))
    assert (done.exit_code, len(done.stderr.splitlines())) == (3, 3)
    refused = json.loads(file.read_text("utf-8"))["refused"]
    assert [(item["site"], item["code"], item["kept"]) for item in refused] == [
        ("bacha", "missing-key", False), ("bacha", "unknown-key-near", False),
        ("sapa", "override-nothing", True),
    ]  # fmt: skip


def test_a_check_says_everything_and_touches_nothing(tmp_path: Path) -> None:
    root = network(tmp_path, {
        **{f"{AT}b{n:02}.md": "x" for n in range(23)}, f"{AT}a.md": article("A"),
        "members/sapa/templates/artcle.html": "x",
    })  # fmt: skip
    result = stays_calm(root, "check")
    assert result.exit_code == 3
    assert result.stderr.splitlines() == [
        *(f"{AT}b{n:02}.md:{NO_FRONT}" for n in range(23)),
        "members/sapa/templates/artcle.html:1: Các trang này dùng mẫu của giao diện; mẫu riêng "
        "chưa dùng được vì: Giao diện không có mẫu “artcle.html” để thay. Hãy sửa tên tệp hoặc xóa "
        "nó.",
    ]
    assert result.stdout.endswith(": 24 lỗi, 0 cảnh báo.\n")
    assert not (root / "public").exists()
    write(root, {f"{AT}b{n:02}.md": None for n in range(23)})
    write(root, {"members/sapa/templates/artcle.html": None})
    good = stays_calm(root, "check")
    assert (good.exit_code, good.stdout) == (0, "2 trang, 1 bài: không có lỗi.\n")
