"""One bad file costs only that file: no traceback, and the network is built."""

import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from tests.helpers import (
    MAIN_SETTINGS,
    article,
    network,
    page,
    problems,
    run,
    tree,
    unlike_clean,
    write,
)

GOOD = {"content/tin-tuc/tot.md": article("Tốt")}


def test_a_key_that_is_no_text_is_refused(tmp_path: Path) -> None:
    text = "---\ntitle: Hỏng\ndate: 2020-01-10\n? [a]\n: b\n---\n"
    root = network(tmp_path, {**GOOD, "content/tin-tuc/hong.md": text})
    assert problems(run(root)) == [
        "content/tin-tuc/hong.md:4:3: Tên khóa phải là chữ. Hãy viết dạng `khóa: giá trị`."
    ]


def test_names_that_are_not_utf8_are_refused(tmp_path: Path) -> None:
    root = network(tmp_path, GOOD)
    (root / "static").mkdir()
    for folder, name in (("static", b"\xff.txt"), ("content/tin-tuc", b"\xff.md")):
        (root / folder / os.fsdecode(name)).write_bytes(b"x")
    words = "Tên tệp này không phải UTF-8 nên không xuất bản được. Hãy đổi tên tệp."
    for _ in range(2):
        assert problems(run(root)) == [
            f"content/tin-tuc/\\udcff.md: {words}", f"static/\\udcff.txt: {words}",
        ]  # fmt: skip
    assert (root / "public/main/tin-tuc/tot.html").exists()


def test_a_dangling_link_under_static_costs_itself(tmp_path: Path) -> None:
    root = network(tmp_path, {**GOOD, "static/a.txt": "a"})
    (root / "static/b.txt").symlink_to("khong-co")
    [said] = problems(run(root))
    assert said.startswith("static/b.txt: ")
    assert page(root, "main/a.txt") == "a"


def test_keys_with_nothing_behind_them_are_as_if_absent(tmp_path: Path) -> None:
    text = "---\ntitle: Bài\ndate: 2020-01-10 08:00\nlead:\ndraft:\ntags:\nupdated:\n---\nChữ.\n"
    no_date = "---\ntitle: Bài\ndate:\n---\nChữ.\n"
    root = network(tmp_path, {"content/tin-tuc/a.md": text, "content/tin-tuc/b.md": no_date})
    [said] = problems(run(root))
    assert said.startswith("content/tin-tuc/b.md:2:")
    assert (root / "public/main/tin-tuc/a.html").exists()


def test_emphasis_with_underscores_alone(tmp_path: Path) -> None:
    files = {"content/tin-tuc/a.md": article("A", body="Đầu.\n\n_nghiêng_ và __đậm__")}
    root = network(tmp_path, files)
    run(root)
    html = page(root, "main/tin-tuc/a.html")
    assert "<em>nghiêng</em> và <strong>đậm</strong>" in html


NO_FILE = (
    "Đây không phải tệp thường (mà là ống dẫn, thiết bị hoặc thư mục) nên không đọc. Hãy xóa đi, "
    "hoặc đặt một tệp vào chỗ đó."
)
LARGE = (
    "Tệp lớn hơn 200 MB. Hãy làm nhỏ lại, hoặc để trên máy chủ chứa tệp lớn rồi dẫn liên kết "
    "đến đó."
)
MEMBER = "members/sapa"
OFF = "Các trang này dùng mẫu của giao diện; mẫu riêng chưa dùng được vì: "
# By path: the messages about a pipe, and about an empty file of 3 GiB.
BAI = f"{MEMBER}/content/tin-tuc/bai.md"
NEVER_ENDING: dict[str, tuple[list[str], list[str]]] = {
    "content/tin-tuc/f.md": (
        [f"content/tin-tuc/f.md: {NO_FILE}"],
        ["content/tin-tuc/f.md: Tệp lớn hơn 4 MB. Hãy chia bài hoặc chuyển phần lớn sang tệp "
         "đính kèm."],
    ),
    f"{MEMBER}/templates/article.html": (
        [f"{MEMBER}/templates/article.html: {OFF}{NO_FILE}"],
        [f"{MEMBER}/templates/article.html: {OFF}Tệp lớn hơn 4 MB. Hãy chia bài hoặc "
         "chuyển phần lớn sang tệp đính kèm."],
    ),
    f"{MEMBER}/static/f.txt": (
        [f"{MEMBER}/static/f.txt: {NO_FILE}"], [f"{MEMBER}/static/f.txt: {LARGE}"],
    ),
    f"{MEMBER}/content/tin-tuc/f.pdf": (
        [f"{BAI}:5:5: cảnh báo: Liên kết “f.pdf” không dẫn đến đâu. Hãy sửa đường "
         "dẫn hoặc bỏ liên kết."],
        [f"{BAI}:5:5: cảnh báo: Tệp “f.pdf” lớn hơn 200 MB. Hãy làm nhỏ lại, hoặc "
         "để trên máy chủ chứa tệp lớn rồi dẫn liên kết đến đó."],
    ),
    f"{MEMBER}/content/tin-tuc/f.jpg": (
        [f"{BAI}:5:6: cảnh báo: Không thấy ảnh “f.jpg” cạnh bài viết. Hãy chép ảnh "
         "vào cùng thư mục hoặc sửa tên."],
        [f"{BAI}:5:6: cảnh báo: Tệp ảnh “f.jpg” quá lớn (trên 40 MB). Hãy thu nhỏ "
         "ảnh."],
    ),
    f"{MEMBER}/site.yaml": (
        [f"{MEMBER}/site.yaml: {NO_FILE}"],
        [f"{MEMBER}/site.yaml: Tệp lớn hơn 4 MB. Hãy chia bài hoặc chuyển phần lớn sang tệp "
         "đính kèm."],
    ),
    "site.yaml": (
        [f"site.yaml: {NO_FILE}"],
        ["site.yaml: Tệp lớn hơn 4 MB. Hãy chia bài hoặc chuyển phần lớn sang tệp đính kèm."],
    ),
    "themes/dai/assets/f.css": (
        [f"themes/dai/assets/f.css: {NO_FILE}"], [f"themes/dai/assets/f.css: {LARGE}"],
    ),
    "themes/dai/strings/vi.yaml": (
        [f"themes/dai/strings/vi.yaml: {NO_FILE}"],
        ["themes/dai/strings/vi.yaml: Tệp lớn hơn 4 MB. Hãy chia bài hoặc chuyển phần lớn sang "
         "tệp đính kèm."],
    ),
}  # fmt: skip


@pytest.mark.skipif(os.name == "nt", reason="Windows has no pipes in folders")
@pytest.mark.parametrize("kind", ["a pipe", "a device", "3 GiB of nothing"])
@pytest.mark.parametrize("name", NEVER_ENDING)
def test_a_file_that_never_ends_is_told_and_holds_nobody_up(
    tmp_path: Path, name: str, kind: str
) -> None:
    body = {"f.pdf": "[x](f.pdf)", "f.jpg": "![x](f.jpg)"}.get(name.rpartition("/")[2], "")
    root = network(tmp_path, {
        **GOOD, f"{MEMBER}/content/tin-tuc/bai.md": article("Bài", body=body),
        "themes/dai/theme.yaml": "name: dai\nextends: portal\n",
        "site.yaml": MAIN_SETTINGS + ("theme: dai\n" if name.startswith("themes") else ""),
    })  # fmt: skip
    file = root / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.unlink(missing_ok=True)
    if kind == "a pipe":
        os.mkfifo(file)
    elif kind == "a device":
        with suppress(PermissionError):  # creating devices needs privileges
            os.mknod(file, 0o20666, os.makedev(1, 5))  # /dev/zero
    else:
        file.touch()
        os.truncate(file, 3 << 30)
    if not os.path.lexists(file):
        return
    command = [sys.executable, "-m", "portalgen", "build", "--root", str(root), "--jobs", "1"]
    done = subprocess.run(
        [*command, "--now", "2020-01-15 08:00"], capture_output=True, text=True, check=False,
        timeout=60, preexec_fn=_little_memory,
    )  # fmt: skip
    said = NEVER_ENDING[name][kind == "3 GiB of nothing"]
    stops = name == "site.yaml" or (name.startswith("themes") and said)
    assert done.stderr.splitlines()[: len(said)] == said
    assert done.returncode == (1 if stops else 3 if said and "cảnh báo" not in said[0] else 0)
    assert (root / "public/main/tin-tuc/tot.html").exists() is not bool(stops)
    file.unlink()


OUTSIDE = "Liên kết tượng trưng dẫn ra ngoài thư mục của trang. Hãy chép tệp thật vào đây."


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
@pytest.mark.parametrize("name", ["static", "content", "templates"])
def test_a_members_folder_that_is_a_link_out_of_its_house_is_told(
    tmp_path: Path, name: str
) -> None:
    root = network(tmp_path, {**GOOD, f"{MEMBER}/gioi-thieu.txt": "x"})
    secret = tmp_path / "khac"
    (secret / "tin-tuc").mkdir(parents=True)
    for file in ("bi-mat.txt", "article.html", "tin-tuc/a.md"):
        (secret / file).write_text(article("Bí mật"))
    (root / MEMBER / name).symlink_to(secret)
    assert problems(run(root)) == [
        f"{MEMBER}/{name}: {OFF if name == 'templates' else ''}{OUTSIDE}"
    ]
    pages = [*(root / "public/sapa").rglob("*.html"), *(root / "public/sapa").rglob("*.txt")]
    assert not [file for file in pages if "Bí mật" in file.read_text("utf-8")]
    assert (root / "public/main/tin-tuc/tot.html").exists()


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
@pytest.mark.parametrize(
    "name",
    ["content/tin-tuc/l", "content/l", f"{MEMBER}/content", f"{MEMBER}/static", "members/l",
     f"{MEMBER}/static/l.txt", f"{MEMBER}/templates/x/l.html", f"{MEMBER}/content/tin-tuc/l.md"],
)  # fmt: skip
def test_a_link_that_leads_round_in_a_ring_holds_nobody_up(tmp_path: Path, name: str) -> None:
    root = network(tmp_path, GOOD)
    link = root / name
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(link.name)
    said = {item.path for item in run(root).refused}
    assert said <= {name}
    folders = (f"{MEMBER}/content", f"{MEMBER}/static")
    assert bool(said) is (name.endswith((".md", ".txt", ".html")) or name in folders)
    assert (root / "public/main/tin-tuc/tot.html").exists()
    link.unlink()
    assert run(root).refused == []


@pytest.mark.parametrize("name", ["templates/x/y.html", f"{MEMBER}/templates/parts/y.html"])
def test_a_template_below_a_folder_that_cannot_be_read_is_told(tmp_path: Path, name: str) -> None:
    root = network(tmp_path, {**GOOD, f"{name}/x.txt": "a folder"})
    said = [item for item in run(root).refused if item.code == "not-a-file"]
    assert [item.path for item in said] == [name]


def test_a_template_whose_name_is_not_utf8_is_told(tmp_path: Path) -> None:
    root = network(tmp_path, GOOD)
    (root / MEMBER / "templates").mkdir()
    (root / MEMBER / "templates" / os.fsdecode(b"\xf1.html")).write_text("x")
    report = run(root)
    assert [item.path for item in report.refused] == [f"{MEMBER}/templates/\\udcf1.html"]
    assert report.as_json()


def test_a_link_to_a_static_file_may_have_capitals(tmp_path: Path) -> None:
    root = network(tmp_path, {
        "content/tin-tuc/a.md": article("A", body="[x](/Tai-Lieu.PDF)"),
        "static/Tai-Lieu.PDF": b"%PDF",
    })  # fmt: skip
    assert run(root).refused == []


def _little_memory() -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))


def test_who_deletes_an_article_takes_no_other_along(tmp_path: Path) -> None:
    gone, sapa = "content/tin-tuc/mat.md", "members/sapa/content/tin-tuc/b.md"
    lead = article("Bài chính", body="Xem [bài kia](mat.md) và [nữa](/tin-tuc/mat.html).",
                   featured="true", related="[mat.md]")  # fmt: skip
    root = network(tmp_path, {
        **GOOD, gone: article("Sẽ mất"), "content/tin-tuc/a.md": lead,
        sapa: article("Sa Pa", body="Xem [bài](portal:main/tin-tuc/mat.md#x)."),
    })  # fmt: skip
    run(root)
    assert '<a href="/tin-tuc/mat.html"' in page(root, "main/tin-tuc/a.html")
    text = (root / gone).read_text("utf-8")
    (root / gone).unlink()
    report = run(root)
    assert report.refused == []
    assert [(item.code, item.path, item.line, item.site) for item in report.warnings] == [
        ("link-nowhere", "content/tin-tuc/a.md", 5, "main"),
        ("link-nowhere", "content/tin-tuc/a.md", 7, "main"),
        ("link-nowhere", "content/tin-tuc/a.md", 7, "main"),
        ("link-nowhere", sapa, 5, "sapa"),
    ]
    shown = page(root, "main/tin-tuc/a.html")
    assert "mat.html" not in shown
    assert "Xem bài kia và nữa." in shown
    assert "Bài chính" in page(root, "main/index.html")
    assert "mat.html" not in page(root, "sapa/tin-tuc/b.html")
    assert unlike_clean(root, tmp_path / "clean") == []
    write(root, {gone: text})
    assert run(root).warnings == []
    assert page(root, "main/tin-tuc/a.html").count('<a href="/tin-tuc/mat.html"') >= 2
    assert unlike_clean(root, tmp_path / "clean") == []


def test_a_link_to_a_draft_by_its_address_is_none_that_leads_nowhere(tmp_path: Path) -> None:
    root = network(tmp_path, {**GOOD, "content/tin-tuc/a.md": article(
        "A", body="Xem [nháp](/tin-tuc/nhap.html)."
    )})  # fmt: skip
    assert len(run(root).warnings) == 1
    write(root, {"content/tin-tuc/nhap.md": article("Nháp", draft="true")})
    assert run(root).warnings == []
    assert unlike_clean(root, tmp_path / "clean") == []


DOUBLED = (
    "{% extends 'portal/page.html' %}{% block content %}{% set x = 'x' * 1000 %}"
    + "{% set x %}{{ x }}{{ x }}{% endset %}" * 30
    + "{{ x }}{% endblock %}"
)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{% extends 'portal/page.html' %}{% block content %}{{ tick__(-9) }}{% endblock %}",
         "template-syntax"),
        ("{% extends 'portal/page.html' %}{% block content %}"
         "{{ ('x' * 4000000)|replace('x', 'x' * 4000000) }}{% endblock %}", "override-failed"),
        (DOUBLED, "override-failed"),
    ],
)  # fmt: skip
def test_a_template_that_asks_for_too_much_costs_its_pages_alone(
    tmp_path: Path, text: str, code: str
) -> None:
    about = {"members/sapa/content/gioi-thieu.md": article("Giới thiệu", "")}
    root = network(tmp_path / "a", {**GOOD, **about})
    run(root)
    before = tree(root / "public")
    write(root, {"members/sapa/templates/page.html": text})
    report = run(root)
    assert {(item.code, item.kept) for item in report.refused} == {(code, "override-off")}
    assert {n: d for n, d in tree(root / "public").items() if n.endswith(".html")} == {
        n: d for n, d in before.items() if n.endswith(".html")
    }
