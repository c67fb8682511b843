"""One bad thing costs that thing: never a traceback, never the whole network."""

import os
from pathlib import Path

import pytest

from portalgen.problems import PortalError
from tests.helpers import (
    MAIN_SETTINGS,
    MEMBER_SETTINGS,
    article,
    network,
    page,
    picture,
    problems,
    run,
)

GOOD = {"content/tin-tuc/tot.md": article("Tốt")}


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("![a](a%00.jpg)", "5:6: “a%00.jpg” nằm ngoài thư mục content của trang này. Hãy chép tệp "
         "đến cạnh bài viết."),
        ("[a](a%00.pdf)", "5:5: “a%00.pdf” nằm ngoài thư mục content của trang này. Hãy chép tệp "
         "đến cạnh bài viết."),
        ("Chữ [a]() chữ", "5:9: Liên kết “” không dẫn đến đâu. Hãy sửa đường dẫn hoặc bỏ liên "
         "kết."),
    ],
)  # fmt: skip
def test_odd_targets_are_refused(tmp_path: Path, body: str, message: str) -> None:
    root = network(tmp_path, {**GOOD, "content/tin-tuc/hong.md": article("Hỏng", body=body)})
    assert problems(run(root)) == [f"content/tin-tuc/hong.md:{message}"]
    assert (root / "public/main/tin-tuc/tot.html").exists()


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


@pytest.mark.parametrize(
    ("files", "message"),
    [
        (
            {"themes/x/theme.yaml": "name: x\nextends: portal\n", "themes/x/assets/a.css": b"\xff"},
            "themes/x/assets/a.css:1:1: ",
        ),
        ({"themes/x/theme.yaml": "name: x\n"}, "themes/x/strings/en.yaml:1:1: "),
        ({"themes/x/theme.yaml": "name: x\n"}, "themes/x/theme.yaml:1:1: "),
    ],
)
def test_a_theme_that_cannot_serve_is_refused(
    tmp_path: Path, files: dict[str, str | bytes | None], message: str
) -> None:
    settings = {"members/sapa/site.yaml": MEMBER_SETTINGS + "theme: x\n"}
    with pytest.raises(PortalError) as caught:
        run(network(tmp_path, {**GOOD, **files, **settings}))
    assert any(p.describe("vi").startswith(message) for p in caught.value.problems)


def test_a_time_zone_that_does_not_exist_has_its_place(tmp_path: Path) -> None:
    settings = MAIN_SETTINGS.replace("sections:", "timezone: Asia/Hanoi\nsections:", 1)
    with pytest.raises(PortalError) as caught:
        run(network(tmp_path, {"site.yaml": settings}))
    assert [p.describe("vi") for p in caught.value.problems] == [
        "site.yaml:4:11: Không có múi giờ “Asia/Hanoi”. Ví dụ đúng: Asia/Ho_Chi_Minh"
    ]


def test_what_members_inherit_is_reported_where_it_was_written(tmp_path: Path) -> None:
    settings = MAIN_SETTINGS + "    tokens: {brand: do}\n"
    with pytest.raises(PortalError) as caught:
        run(network(tmp_path, {"site.yaml": settings}))
    assert [p.describe("vi") for p in caught.value.problems] == [
        "site.yaml:13:21: Giá trị “do” của token “brand” không thuộc loại color."
    ]


def test_keys_with_nothing_behind_them_are_as_if_absent(tmp_path: Path) -> None:
    text = "---\ntitle: Bài\ndate: 2020-01-10 08:00\nlead:\ndraft:\ntags:\nupdated:\n---\nChữ.\n"
    no_date = "---\ntitle: Bài\ndate:\n---\nChữ.\n"
    root = network(tmp_path, {"content/tin-tuc/a.md": text, "content/tin-tuc/b.md": no_date})
    [said] = problems(run(root))
    assert said.startswith("content/tin-tuc/b.md:2:")
    assert (root / "public/main/tin-tuc/a.html").exists()


def test_a_picture_is_found_and_described_by_what_was_typed(tmp_path: Path) -> None:
    body = 'Chữ.\n\n![a \\* b &amp; c](x\\_y.png "d \\* e")'
    files = {"content/tin-tuc/a/index.md": article("A", body=body)}
    root = network(tmp_path, {**files, "content/tin-tuc/a/x_y.png": picture(40, 30, "PNG")})
    assert problems(run(root)) == []
    html = page(root, "main/tin-tuc/a.html")
    assert 'alt="a * b &amp; c"' in html
    assert "<figcaption>d * e</figcaption>" in html


def test_emphasis_with_underscores_alone(tmp_path: Path) -> None:
    files = {"content/tin-tuc/a.md": article("A", body="Đầu.\n\n_nghiêng_ và __đậm__")}
    root = network(tmp_path, files)
    run(root)
    html = page(root, "main/tin-tuc/a.html")
    assert "<em>nghiêng</em> và <strong>đậm</strong>" in html
