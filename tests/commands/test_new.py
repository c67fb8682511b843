import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from portalgen.cli import main
from tests.helpers import MAIN_SETTINGS, network

ARTICLE_NEXT = (
    "Hãy mở tệp này để viết bài và xem thử bằng lệnh portalgen serve; viết xong thì xóa dòng "
    "`draft: true`."
)


def told(root: Path, *arguments: str) -> Result:
    """Run `portalgen new` without a terminal."""
    return CliRunner().invoke(main, ["new", *arguments, "--root", str(root)])


def test_an_article_begins_in_the_first_section_of_the_main_portal(tmp_path: Path) -> None:
    root = network(tmp_path, {})
    result = told(root, "article", "Mùa nước đổ")
    assert result.stdout == f"content/tin-tuc/mua-nuoc-do.md\n{ARTICLE_NEXT}\n"
    assert result.exit_code == 0
    again = told(root, "article", "Mùa nước đổ", "--lang", "en")
    assert again.stderr == (
        "content/tin-tuc/mua-nuoc-do.md: This already exists and is not overwritten. "
        "Open it, or choose another name.\n"
    )
    assert (again.exit_code, again.stdout) == (1, "")


def test_an_article_of_a_member(tmp_path: Path) -> None:
    result = told(network(tmp_path, {}), "article", "A", "--site", "sapa", "--section", "y-te")
    assert result.stdout.splitlines()[0] == "members/sapa/content/y-te/a.md"


def test_a_page_and_how_to_link_it(tmp_path: Path) -> None:
    root = network(tmp_path, {})
    assert told(root, "page", "Lịch tiếp dân", "--site", "sapa").stdout == (
        "members/sapa/content/lich-tiep-dan.md\n"
        "Hãy mở tệp này để viết; muốn trang có trên trình đơn thì thêm /lich-tiep-dan.html vào "
        "`menu` trong members/sapa/site.yaml.\n"
    )
    assert told(root, "page", "Tìm kiếm").stdout.startswith("content/bai-tim-kiem.md\n")


def test_a_member_is_named_by_its_title(tmp_path: Path) -> None:
    root = network(tmp_path, {})
    assert told(root, "member", "Xã Ví Dụ").stdout == (
        "members/xa-vi-du\nHãy mở members/xa-vi-du/site.yaml để điền thông tin của đơn vị, rồi "
        "viết hai trang trong members/xa-vi-du/content.\n"
    )
    assert told(root, "member", "Xã Ví Dụ", "--slug", "vd").stdout.startswith("members/vd\n")
    assert told(root, "member", "🎉").stderr.startswith("“🎉” không dùng làm tên thư mục đơn vị")


@pytest.mark.parametrize("kind", ["article", "page", "member"])
@pytest.mark.parametrize("title", [[], [""], [" "]])
def test_without_a_title_and_a_terminal_the_usage_is_wrong(
    tmp_path: Path, kind: str, title: list[str]
) -> None:
    result = told(network(tmp_path, {}), kind, *title)
    assert result.exit_code == 2
    assert result.stderr.endswith(
        "Error: Chưa có tên. Hãy ghi tên trong dấu ngoặc kép ngay sau lệnh, ví dụ portalgen new "
        'article "Mùa nước đổ"\n'
    )


def test_without_any_input_the_usage_is_wrong(tmp_path: Path) -> None:
    command = f'"{sys.executable}" -m portalgen new page --root "{network(tmp_path, {})}" <&-'
    done = subprocess.run(command, shell=True, check=False, capture_output=True, timeout=60)
    assert done.returncode == 2
    assert b"Traceback" not in done.stderr


def test_bad_input_is_told_without_a_traceback(tmp_path: Path) -> None:
    root = network(tmp_path, {})
    assert told(root, "article", "A", "--section", "y-tee").stderr == (
        "Trang “main” không có chuyên mục “y-tee”. Có phải “y-te”?\n"
    )
    assert told(root, "page", "A", "--site", "sappa").stderr == (
        "Không có trang “sappa”. Có phải “sapa”?\n"
    )
    (tmp_path / "empty").mkdir()
    assert told(tmp_path / "empty", "page", "A").stderr == (
        "site.yaml: Không thấy tệp này. Hãy tạo tệp với ít nhất `title` và `base_url`.\n"
    )
    bare = network(tmp_path / "bare", {"site.yaml": "title: A\nbase_url: https://a.example/\n"
                   "members: {defaults: {base_url: 'https://{slug}.a.example/'}}\n"})  # fmt: skip
    assert told(bare, "article", "A").stderr == (
        "site.yaml: Trang này chưa có chuyên mục nào để đặt bài. Hãy thêm `sections` vào tệp này.\n"
    )
    (bare / "content").write_text("not a folder")
    result = told(bare, "page", "A")
    assert result.exit_code == 1
    assert result.stderr.startswith("“content”: ")


def test_nothing_is_written_through_a_link_that_leads_nowhere(tmp_path: Path) -> None:
    root = network(tmp_path, {})
    (root / "content").mkdir()
    os.symlink(tmp_path / "outside.md", root / "content/a.md")
    result = told(root, "page", "A")
    assert (result.exit_code, result.stderr) == (
        1,
        "“a.md”: File exists. Hãy sửa điều này rồi chạy lại.\n",
    )
    assert not (tmp_path / "outside.md").exists()


def test_a_title_that_begins_with_a_hyphen_goes_behind_two(tmp_path: Path) -> None:
    root = network(tmp_path, {})
    arguments = ["new", "article", "--root", str(root), "--", "-5 °C"]
    result = CliRunner().invoke(main, arguments)
    assert result.stdout.startswith("content/tin-tuc/5-c.md\n")


def asked(root: Path | None, answers: str, *arguments: str) -> str:
    """The output on a terminal, with these answers to prompts."""
    import pty

    below = ["--root", str(root)] if root else []
    own, other = pty.openpty()
    os.write(own, answers.encode())
    done = subprocess.run(
        [sys.executable, "-m", "portalgen", "new", *arguments, *below],
        stdin=other, capture_output=True, encoding="utf-8", timeout=60, check=True,
    )  # fmt: skip
    os.close(own)
    os.close(other)
    return done.stdout + done.stderr


def test_what_was_not_said_is_asked(tmp_path: Path) -> None:
    root = network(tmp_path, {})
    seen = asked(root, "Chợ phiên\nsappa\nsapa\n9\n2\n", "article")
    assert "Tiêu đề: " in seen
    assert "  1  main  Cổng tỉnh\n  2  sapa  Thị xã Sa Pa\n" in seen
    assert "Không có trang “sappa”. Có phải “sapa”?" in seen
    assert "  1  tin-tuc  Tin tức\n  2  y-te  Y tế\n" in seen
    assert "Trang “sapa” không có chuyên mục “9”. Các chuyên mục: tin-tuc, y-te" in seen
    assert "members/sapa/content/y-te/cho-phien.md\n" in seen
    assert (root / "members/sapa/content/y-te/cho-phien.md").is_file()


def test_only_what_leaves_a_choice_is_asked(tmp_path: Path) -> None:
    settings = MAIN_SETTINGS.replace("  - {slug: y-te, title: Y tế}\n", "")
    root = network(tmp_path, {"site.yaml": settings})
    seen = asked(root, "A\n", "article", "--site", "sapa")
    assert "members/sapa/content/tin-tuc/a.md\n" in seen
    assert "Chuyên mục nào" not in seen


def test_a_member_s_name_is_proposed(tmp_path: Path) -> None:
    root = network(tmp_path, {})
    seen = asked(root, "Xã Ví Dụ\n\n", "member")
    assert "Tên thư mục của đơn vị [xa-vi-du]: " in seen
    assert (root / "members/xa-vi-du/site.yaml").is_file()
