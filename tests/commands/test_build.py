"""`portalgen build`: what it says, how it ends, and when it builds again."""

import os
import pty
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from portalgen.cli import main
from tests.commands.calm import NO_FRONT, stays_calm
from tests.helpers import MAIN_SETTINGS, MEMBER_SETTINGS, article, network, tree
from tests.serve.serving import until


def on_a_terminal(*words: str) -> str:
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "portalgen", *words], stdout=theirs, stderr=theirs
    )
    os.close(theirs)
    output = b""
    try:
        while part := os.read(ours, 4096):
            output += part
    except OSError:  # on Linux, the other end is closed
        pass
    assert process.wait() == 0
    os.close(ours)
    return output.decode()


def of_articles(folder: Path) -> Path:
    files = {f"content/y-te/bai-{n}.md": article(f"Trạm y tế số {n}") for n in range(40)}
    return network(folder, files)


def test_a_terminal_shows_how_far_a_build_is(tmp_path: Path) -> None:
    root = of_articles(tmp_path)
    steps = on_a_terminal("build", "--root", str(root), "--jobs", "1").split("\r\x1b[K")
    assert "Đọc bài viết 32/40" in steps
    assert "Đọc bài viết 40/40" in steps
    assert any(step.startswith("Tìm tin liên quan ") for step in steps)
    assert "Dựng các trang 4/4" in steps
    assert steps[-1].startswith("Đã dựng 2 trang")  # the line is cleared before the summary


def test_a_file_gets_the_result_alone(tmp_path: Path) -> None:
    root = of_articles(tmp_path)
    words = [sys.executable, "-m", "portalgen", "build", "--root", str(root), "--jobs", "1"]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    assert done.stdout.startswith("Đã dựng 2 trang")


def test_an_article_appears_when_it_is_due_and_not_before(tmp_path: Path) -> None:
    due = datetime.now(UTC) + timedelta(seconds=4)
    root = network(tmp_path, {
        "content/tin-tuc/a.md": article("Đã đăng"),
        "content/tin-tuc/b.md": article("Hẹn giờ", f"{due:%Y-%m-%dT%H:%M:%SZ}"),
    })  # fmt: skip
    command = [sys.executable, "-m", "portalgen", "build", "--wait", "--root", str(root)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    page = root / "public/main/tin-tuc/b.html"
    try:
        until((root / "public/main/tin-tuc/a.html").is_file)
        assert datetime.now(UTC) >= due or not page.exists()
        until(page.is_file)
        assert datetime.now(UTC) >= due.replace(microsecond=0)
    finally:
        process.kill()
        process.wait()


def test_one_cannot_wait_at_a_moment_of_the_past(tmp_path: Path) -> None:
    arguments = ["build", "--wait", "--now", "2020-01-15 08:00", "--root", str(tmp_path)]
    assert CliRunner().invoke(main, arguments).exit_code == 2


def build(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["build", "--jobs", "1", *map(str, arguments)])


def test_a_root_that_is_not_there_is_named(tmp_path: Path) -> None:
    result = build("--root", tmp_path / "nham")
    assert (result.exit_code, result.stderr.split("\n")[0]) == (
        1,
        f"Không có thư mục “{tmp_path / 'nham'}”. Hãy sửa --root, hoặc chạy lệnh trong thư mục "
        "có site.yaml.",
    )


def test_what_to_open_is_a_site_that_was_built(tmp_path: Path) -> None:
    root = network(tmp_path, {"content/tin-tuc/a.md": article("A")})
    output = tmp_path / "sapa"
    said = build("--root", root, "--site", "sapa", "--output", output).stdout
    assert f"Mở {output}/sapa/index.html" in said


AT = "content/tin-tuc/"


Files = dict[str, str | bytes | None]


NOTHING = "Chưa xuất bản gì; những gì đã xuất bản vẫn nguyên. Hãy sửa các lỗi trên rồi chạy lại."


MORE = "… và 3 lỗi khác. Xem tất cả bằng lệnh: portalgen check"


# Files, arguments of `build`, the exit code, and standard error.
NETWORKS: dict[str, tuple[Files, tuple[str, ...], int, list[str]]] = {
    "all is well": ({}, (), 0, []),
    "an article without front matter": (
        {f"{AT}b.md": "x"}, (), 3, [f"{AT}b.md:{NO_FRONT}"],
    ),
    "more problems than a screen holds": (
        {f"{AT}b{n:02}.md": "x" for n in range(23)}, (), 3,
        [*(f"{AT}b{n:02}.md:{NO_FRONT}" for n in range(20)), MORE],
    ),
    "a folder where an article should be": (
        {f"{AT}b.md/anh.txt": "x"}, (), 3,
        [f"{AT}b.md: Đây không phải tệp thường (mà là ống dẫn, thiết bị hoặc thư mục) nên "
         "không đọc. Hãy xóa đi, hoặc đặt một tệp vào chỗ đó."],
    ),
    "a folder that is no section": (
        {"content/khac/b.md": article("B")}, (), 3,
        ["content/khac: Thư mục “khac” không phải chuyên mục của trang, nên bài trong đó không "
         "được xuất bản. Hãy thêm vào `sections` trong site.yaml hoặc chuyển bài đi."],
    ),
    "a folder without index.md": (
        {f"{AT}thu/b.md": article("B")}, (), 3,
        [f"{AT}thu: Thư mục này có bài nhưng không có `index.md`, nên bài không được xuất bản. "
         "Hãy đổi tên bài thành `index.md` hoặc đưa bài ra ngoài thư mục."],
    ),
    "a name with a line end": (
        {f"{AT}b\nc.md": "x"}, (), 3, [f"{AT}b\\x0ac.md:{NO_FRONT}"],
    ),
    "a static file where an article stands": (
        {"static/tin-tuc/a.html": "x"}, (), 3,
        [f"{AT}a.md:1: Địa chỉ /tin-tuc/a.html đã có: static/tin-tuc/a.html. Hãy đặt `slug` khác."],
    ),
    "settings that are not there": (
        {"members/bacha/content/tin-tuc/b.md": article("B")}, (), 3,
        ["members/bacha/site.yaml: Không thấy tệp này. Hãy tạo tệp với ít nhất `title` và "
         "`base_url`."],
    ),
    "a site that is left out": (
        {"members/sapa/site.yaml": "titel: A\n"}, ("--site", "sapa"), 1,
        ["members/sapa/site.yaml:1:1: Thiếu “title”. Hãy thêm dòng `title: …`.",
         "members/sapa/site.yaml:1:1: Không có khóa “titel”. Có phải “title”?", NOTHING],
    ),
    "a theme that is called otherwise": (
        {"themes/portal/theme.yaml": "name: khac\n"}, (), 1,
        ["themes/portal/theme.yaml:1:1: `name` phải trùng tên thư mục “portal”.", NOTHING],
    ),
    "themes that extend each other": (
        {"themes/x/theme.yaml": "name: x\nextends: y\n",
         "themes/y/theme.yaml": "name: y\nextends: x\n",
         "members/sapa/site.yaml": MEMBER_SETTINGS + "theme: x\n"}, (), 1,
        ["themes/y/theme.yaml:1:1: Không kế thừa được giao diện “x”: không có hoặc quay vòng. "
         "Hãy sửa `extends`.", NOTHING],
    ),
    "a theme that says a string in one language": (
        {"themes/x/theme.yaml": "name: x\nextends: portal\n",
         "themes/x/strings/vi.yaml": "loi_chao: Xin chào\n",
         "members/sapa/site.yaml": MEMBER_SETTINGS + "theme: x\n"}, (), 1,
        ["themes/x/strings/en.yaml:1:1: Thiếu câu “loi_chao”. Hãy thêm vào tệp này.", NOTHING],
    ),
    "a site that does not exist": (
        {}, ("--site", "sa-pa"), 1, ["Không có trang “sa-pa”. Các trang: main, sapa", NOTHING],
    ),
    "an output that is a file": (
        {}, ("--output", "site.yaml"), 1,
        ["“site.yaml” không phải thư mục thường. Hãy chọn thư mục khác bằng --output.", NOTHING],
    ),
    "one problem, and the wish for none": (
        {f"{AT}b.md": "x"}, ("--strict",), 1, [f"{AT}b.md:{NO_FRONT}", NOTHING],
    ),
    "no problem, and the wish for none": ({}, ("--strict",), 0, []),
    "messages in English": (
        {f"{AT}b.md": "x"}, ("--lang", "en"), 3,
        [f"{AT}b.md:1:1: An article begins with a line `---`, then lines like `title: …`, then "
         "`---`."],
    ),
    "a portal in English": (
        {"site.yaml": MAIN_SETTINGS + "language: en\n", f"{AT}b.md": "x"}, ("--strict",), 1,
        [f"{AT}b.md:1:1: An article begins with a line `---`, then lines like `title: …`, then "
         "`---`.", "Nothing was published; what was published before is unchanged. Correct the "
         "above and run this again."],
    ),
    "a portal in English, messages in Vietnamese": (
        {"site.yaml": MAIN_SETTINGS + "language: en\nx: 1\n"}, ("--lang", "vi"), 1,
        ["site.yaml:14:1: Không có khóa “x”. Các khóa dùng được: title, short_title, kind, "
         "description, base_url, hosts, language, timezone, theme, tokens, sections, topics, menu, "
         "contact, responsible, related, permalink, feeds, links, services, alert, notice, "
         "kinds, syndicate_from, featured_from, front, known_hosts, targets, members", NOTHING],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", NETWORKS)
def test_what_a_build_says_and_how_it_ends(tmp_path: Path, case: str) -> None:
    files, arguments, code, said = NETWORKS[case]
    root = network(tmp_path, {f"{AT}a.md": article("A"), **files})
    result = stays_calm(root, "build", *arguments)
    assert result.stderr.splitlines() == said
    assert result.exit_code == code
    assert (root / "public").is_dir() is (code in (0, 3) or "--strict" in arguments)
    if code == 1:
        assert tree(root / "public") == {}
        assert result.stdout == ""


def test_a_build_says_what_it_did_and_what_to_do_next(tmp_path: Path) -> None:
    root = network(tmp_path, {
        f"{AT}a.md": article("A"), f"{AT}hen.md": article("Hẹn", "2020-02-01 07:00"),
    })  # fmt: skip
    done, again = (stays_calm(root, "build").stdout.splitlines() for _ in range(2))
    files = len(tree(root / "public"))
    opening = f"Đã dựng 2 trang với 1 bài, {files} tệp"
    assert done[0].startswith(f"{opening} ({files} ghi mới, 0 xóa, 0 giữ nguyên) trong ")
    assert again[0].startswith(f"{opening} (0 ghi mới, 0 xóa, {files} giữ nguyên) trong ")
    assert done[1:] == again[1:] == [
        "Cần dựng lại vào 07:00, 01/02/2020: khi đó có bài đến hẹn, hết hạn, hoặc trang chủ đổi.",
        "Mở public/main/index.html bằng một máy chủ web, hoặc chép từng thư mục trong public lên "
        "máy chủ.",
    ]  # fmt: skip


def test_drafts_and_what_is_scheduled_show_only_if_asked_for(tmp_path: Path) -> None:
    root = network(tmp_path, {
        f"{AT}nhap.md": article("Nháp", draft="true"), f"{AT}hen.md": article("Hẹn", "2020-02-01"),
        f"{AT}het.md": article("Hết", expires="2020-01-12"),
    })  # fmt: skip
    pages = [f"main/tin-tuc/{name}.html" for name in ("nhap", "hen", "het")]
    for arguments, shown in (((), []), (("--drafts",), pages[:2]), ((), [])):
        assert stays_calm(root, "build", *arguments).exit_code == 0
        assert [name for name in pages if (root / "public" / name).exists()] == shown
    stays_calm(root, "build", "--now", "2020-02-01 00:00")
    assert [name for name in pages if (root / "public" / name).exists()] == [pages[1]]


def test_links_that_lead_nowhere_are_warned_of_and_cost_nothing(tmp_path: Path) -> None:
    root = network(tmp_path, {"content/y-te/a.md": article("A", body="Xem [x](khong-co.md).")})
    for _ in range(2):  # also where nothing changed
        result = CliRunner().invoke(main, ["build", "--root", str(root), "--lang", "en"])
        assert result.exit_code == 0
        assert result.stderr == (
            "content/y-te/a.md:5:9: warning: The link “khong-co.md” is broken. "
            "Correct the path or remove the link.\n"
        )
