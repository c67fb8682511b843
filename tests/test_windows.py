"""Commands without what Windows lacks; `windows/sitecustomize.py` takes it away.

A recipe for a real one is in `docs/windows.md`.
"""

import ast
import os
import signal
import subprocess
import sys
import zoneinfo
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from urllib.request import urlopen

import pytest

from portalgen import cli, sources
from tests.helpers import MEMBER_SETTINGS, article, network, page, picture, run, tree, write
from tests.serve.serving import free_port, until
from tests.test_imports import MODULES, PACKAGE

ROOT = Path(__file__).resolve().parents[1]
pytestmark = pytest.mark.skipif(os.name != "posix", reason="imitates Windows where it is not")
ENVIRONMENT = {
    **{key: value for key, value in os.environ.items() if key != "PYTHONIOENCODING"},
    "PYTHONPATH": os.pathsep.join([str(ROOT / "tests/windows"), str(ROOT)]),
    "PYTHONWARNDEFAULTENCODING": "1",
}


def command(root: Path, *words: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "portalgen", *words, "--root", str(root)],
        capture_output=True, env=ENVIRONMENT, start_new_session=True, check=False,
    )  # fmt: skip


def done(root: Path, *words: str, code: int = 0) -> str:
    """The output of a command that ends with this code."""
    outcome = command(root, *words)
    errors = outcome.stderr.decode()  # in UTF-8
    assert outcome.returncode == code, errors
    assert "Traceback" not in errors
    assert "EncodingWarning" not in errors
    return outcome.stdout.decode() + errors


def of_many_kinds(folder: Path) -> Path:
    files: dict[str, str | bytes | None] = {
        "members/bat-xat/site.yaml": MEMBER_SETTINGS.replace("Sa Pa", "Bát Xát"),
        "members/sapa/content/tin-tuc/anh.jpg": picture(900, 600),
        "members/sapa/content/tin-tuc/mau.pdf": b"%PDF-1.4",
        "members/sapa/content/tin-tuc/co-anh.md": article(
            "Bài có ảnh",
            body="![Ảnh](anh.jpg) và [mẫu đơn](mau.pdf)",
            image="anh.jpg",
            image_alt="Ảnh",
        ),
        "members/sapa/static/to-roi.txt": "Tờ rơi\r\n",
        "members/sapa/templates/article.html": (
            '{% extends "portal/article.html" %}{% block after_body %}<p>Của Sa Pa</p>'
            "{% endblock %}"
        ),
        "content/tin-tuc/cu.md": article("Bài rất cũ", "1931-02-03", tags="[Con, Nul]"),
    }
    for number in range(150):  # so that processes share them
        files[f"content/tin-tuc/bai-{number}.md"] = article(
            f"Bài số {number}", f"2020-01-{number % 9 + 1:02}", "Khám bệnh tại trạm y tế. " * 9,
            tags="[Con, Nul]",
        )  # fmt: skip
    return network(folder, files)


def unlike(root: Path, clean: Path) -> list[str]:
    """The files that differ from a build that lacks nothing."""
    run(root, clean, use_cache=False)
    here, there = tree(root / "public"), tree(clean)
    return sorted(name for name in here.keys() | there.keys() if here.get(name) != there.get(name))


IMITATED = """
import os
from pathlib import Path
assert not hasattr(os, "fork") and os.name == "nt"
for name in ("fcntl", "resource", "select"):
    try:
        __import__(name, globals())
    except ImportError:
        continue
    raise SystemExit(name)
Path("a").write_text("x\\n", encoding="utf-8")
assert Path("a").read_bytes() == b"x\\r\\n"
with open("a", "rb"):
    for action, *names in ((os.replace, "a", "b"), (os.unlink, "a"), (os.symlink, "a", "b")):
        try:
            action(*names)
        except OSError:
            continue
        raise SystemExit("not refused")
os.replace("a", "b")
"""


def test_the_imitation_takes_away_what_it_says(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-c", f"exec({IMITATED!r}, {{'__name__': 'portalgen.x'}})"],
        env=ENVIRONMENT, cwd=tmp_path, start_new_session=True, check=True,
    )  # fmt: skip


NOW = ("--now", "2020-01-15 08:00")


def test_a_build_has_the_same_bytes(tmp_path: Path) -> None:
    root = of_many_kinds(tmp_path)
    text = done(root, "build", "--jobs", "2", *NOW)
    assert text.startswith("Đã dựng 3 trang với 152 bài, ")
    assert unlike(root, tmp_path / "clean") == []
    assert "<p>Của Sa Pa</p>" in page(root, "sapa/tin-tuc/co-anh.html")
    write(root, {
        "content/tin-tuc/bai-7.md": article("Một bài khác"),
        "content/tin-tuc/bai-8.md": None,
        "content/tin-tuc/bai-9.md": "không phải bài",
    })  # fmt: skip
    text = done(root, "build", "--jobs", "2", "--json", str(tmp_path / "report.json"), *NOW, code=3)
    assert "content/tin-tuc/bai-9.md:1:1: " in text
    assert unlike(root, tmp_path / "clean") == []
    assert b"\r" not in (tmp_path / "report.json").read_bytes()
    assert not any(b"\r" in file.read_bytes() for file in (root / "register").rglob("*.json*"))


def test_a_build_that_was_interrupted_is_finished(tmp_path: Path) -> None:
    root = of_many_kinds(tmp_path)
    process = subprocess.Popen(
        [sys.executable, "-m", "portalgen", "build", "--jobs", "2", "--root", str(root), *NOW],
        env=ENVIRONMENT, start_new_session=True, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    until(lambda: (root / "public/.portalgen/journal.json").exists() or process.poll() is not None)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    done(root, "build", "--jobs", "2", *NOW)
    assert unlike(root, tmp_path / "clean") == []


def test_check_and_a_dry_run(tmp_path: Path) -> None:
    root = of_many_kinds(tmp_path)
    assert "không có lỗi" in done(root, "check", *NOW)
    done(root, "build", *NOW)
    write(root, {"content/tin-tuc/bai-9.md": "không phải bài\r\n"})
    assert "content/tin-tuc/bai-9.md:1:1: " in done(root, "check", *NOW, code=3)
    assert "Chưa ghi gì cả." in done(root, "build", "--dry-run", *NOW, code=3)
    write(root, {"content/tin-tuc/bai-9.md": article("Bài chín").replace("\n", "\r\n")})
    assert "content/tin-tuc/bai-9.md" in done(root, "check", "--fix", *NOW)


def test_new_makes_files_with_plain_line_ends(tmp_path: Path) -> None:
    root = tmp_path / "mang"
    outcome = subprocess.run(
        [sys.executable, "-m", "portalgen", "new", "network", str(root)],
        capture_output=True, env=ENVIRONMENT, check=False,
    )  # fmt: skip
    assert outcome.returncode == 0, outcome.stderr.decode()
    assert done(root, "new", "article", "Con").startswith("content/tin-tuc/bai-con.md")
    done(root, "new", "member", "Xã Cốc Lếu")
    done(root, "new", "page", "Giới thiệu chung")
    assert not [file for file in root.rglob("*.md") if b"\r" in file.read_bytes()]
    done(root, "build")


def test_import(tmp_path: Path) -> None:
    import docx

    root = network(tmp_path, {})
    document = docx.Document()
    document.add_heading("Kế hoạch tiêm chủng", 0)
    document.add_paragraph("Tiêm chủng mở rộng ở các xã.")
    document.save(str(tmp_path / "ke-hoach.docx"))
    text = done(root, "import", "word", str(tmp_path / "ke-hoach.docx"))
    assert text.startswith("content/tin-tuc/ke-hoach-tiem-chung")
    (made,) = (root / "content/tin-tuc").rglob("*.md")
    assert b"\r" not in made.read_bytes()


@contextmanager
def served(root: Path) -> Iterator[int]:
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-u", "-m", "portalgen", "serve", "--root", str(root), "--port",
         str(port), "--lang", "vi"],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=ENVIRONMENT, start_new_session=True,
    )  # fmt: skip
    lines: list[bytes] = []
    assert process.stdout is not None
    Thread(target=lines.extend, args=[process.stdout], daemon=True).start()
    try:
        until(lambda: any(b" trang, " in line for line in lines), lines)
        yield port
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    assert not any(b"Traceback" in line for line in lines)


def fetched(port: int, path: str) -> str:
    with urlopen(f"http://localhost:{port}{path}") as answer:
        text: str = answer.read().decode()
    return text


def test_serve_shows_what_is_saved(tmp_path: Path) -> None:
    root = of_many_kinds(tmp_path)
    with served(root) as port:
        assert "Bài số 7" in fetched(port, "/tin-tuc/bai-7.html")
        write(root, {"content/tin-tuc/bai-7.md": article("Một bài khác")})
        until(lambda: "Một bài khác" in fetched(port, "/tin-tuc/bai-7.html"))
        write(root, {"content/tin-tuc/moi.md": article("Bài mới")})
        until(lambda: "Bài mới" in fetched(port, "/"))


def test_two_builds_at_once(tmp_path: Path) -> None:
    root = of_many_kinds(tmp_path)
    done(root, "build", *NOW)
    lock = root / "public/.portalgen/lock"
    import fcntl

    with open(lock, "rb") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        write(root, {"content/tin-tuc/bai-7.md": article("Một bài khác")})
        assert "Traceback" not in done(root, "build", *NOW, code=1)


# What cannot be taken away from a process, one by one.


def test_text_is_written_with_plain_line_ends() -> None:
    """Else Windows ends each line in two characters, and bytes differ."""
    bad = []
    for name in MODULES:
        for node in ast.walk(ast.parse((PACKAGE / name).read_text("utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            called = getattr(node.func, "attr", getattr(node.func, "id", ""))
            modes = [item.value for item in node.args[1:2] if isinstance(item, ast.Constant)]
            writes = called == "write_text" or (
                called in ("open", "fdopen")
                and any(isinstance(mode, str) and {*"wax"} & {*mode} and "b" not in mode
                        for mode in modes)
            )  # fmt: skip
            if writes and "newline" not in {keyword.arg for keyword in node.keywords}:
                bad.append(f"{name}:{node.lineno}")
    assert bad == []


def test_moments_before_1970_are_not_asked_of_the_system() -> None:
    """`fromtimestamp` fails for them on Windows."""
    users = [name for name in MODULES if "fromtimestamp(" in (PACKAGE / name).read_text("utf-8")]
    assert users == []


def test_a_link_to_another_drive_leads_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def commonpath(paths: object) -> str:
        raise ValueError("Paths don't have the same drive")

    monkeypatch.setattr(os.path, "commonpath", commonpath)
    assert sources.leaves("D:\\khac", "C:\\mang")


@pytest.mark.parametrize("name", ["con", "Nul", "COM1"])
def test_a_list_has_no_name_of_a_device(tmp_path: Path, name: str) -> None:
    files: Mapping[str, str] = {
        f"content/tin-tuc/{number}.md": article(
            f"Bài {number}", tags=f"[{name}]", topics=f"[{name}]"
        )
        for number in range(3)
    }
    root = network(tmp_path, files)
    run(root)
    slug = name.lower()
    pages = [path for path in tree(root / "public") if f"/{slug}" in path]
    assert len(pages) == 2  # of the tag and the topic
    assert not any(path.endswith(f"/{slug}.html") for path in pages)


def test_a_list_that_is_published_by_the_name_of_a_device_keeps_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = network(tmp_path, {
        f"content/tin-tuc/{number}.md": article(f"Bài {number}", tags="[Con]")
        for number in range(3)
    })  # fmt: skip
    with monkeypatch.context() as patch:
        patch.setattr("portalgen.content.lists.RESERVED_NAMES", frozenset())
        run(root)
    before = tree(root / "public")
    assert "main/tag/con.html" in before
    run(root, use_cache=False)
    assert tree(root / "public") == before


def test_output_to_a_pipe_is_utf8_unless_said_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    assert cli.output_encoding("nt", terminal=False, environment={}) == "utf-8"
    assert cli.output_encoding("nt", terminal=True, environment={}) is None
    assert (
        cli.output_encoding("nt", terminal=False, environment={"PYTHONIOENCODING": "cp1258"})
        is None
    )
    assert cli.output_encoding("posix", terminal=False, environment={}) is None


def test_zones_come_from_a_package_where_the_system_has_none() -> None:
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    assert "\"tzdata; sys_platform == 'win32'\"" in text
    assert zoneinfo.ZoneInfo("Asia/Ho_Chi_Minh")
