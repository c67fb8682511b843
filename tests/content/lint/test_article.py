"""Warnings about the text of an article, from `check`."""

from pathlib import Path

import pytest

from portalgen.authoring.check import check
from portalgen.content.lint.article import PICTURE_WIDTH
from portalgen.report import Options
from tests.helpers import MAIN_SETTINGS, NOW, article, network, picture, write

THEME = Path(__file__).resolve().parents[3] / "themes/portal"
AT = "content/tin-tuc/bai/index.md"
KNOWN = MAIN_SETTINGS + 'known_hosts: ["*.gov.vn"]\n'


def warned(tmp_path: Path, text: str) -> list[str]:
    """The warnings about an article `text` with pictures beside it, without its path."""
    root = network(tmp_path, {
        AT: text, "site.yaml": KNOWN, "content/tin-tuc/bai/rong.jpg": picture(PICTURE_WIDTH, 9),
        "content/tin-tuc/bai/hep.jpg": picture(PICTURE_WIDTH - 1, 9),
    })  # fmt: skip
    report = check(Options(root, root / "public", NOW, jobs=1))
    assert not report.refused
    assert {item.site for item in report.warnings} <= {"main"}
    return [
        item.describe("vi").removeprefix(f"{AT}:")
        for item in report.warnings
        if item.code != "link-nowhere"
    ]


def test_the_width_is_that_of_the_theme() -> None:
    assert f'measure: {{type: length, value: "{PICTURE_WIDTH // 16}rem"}}' in (
        THEME / "theme.yaml"
    ).read_text("utf-8")
    assert f"{PICTURE_WIDTH // 16}rem" in (THEME / "templates/article.html").read_text("utf-8")


NO_ALT = (
    "Ảnh “rong.jpg” chưa có lời mô tả cho người không nhìn thấy ảnh. Hãy viết ảnh chụp gì vào giữa "
    "hai dấu ngoặc vuông: ![ảnh chụp gì](rong.jpg)"
)


@pytest.mark.parametrize("alt", ["", " ", "rong.jpg", "IMG_0412.JPG"])
def test_a_picture_in_the_text_without_a_description(tmp_path: Path, alt: str) -> None:
    body = f"Mở đầu.\n\nXem ![{alt}](rong.jpg) này.\n"
    assert warned(tmp_path, article("A", body=body)) == [f"7:{9 + len(alt)}: {NO_ALT}"]


def test_a_picture_at_the_head_without_a_description(tmp_path: Path) -> None:
    assert warned(tmp_path, article("A", image="rong.jpg")) == [
        "4:8: Ảnh “rong.jpg” chưa có lời mô tả cho người không nhìn thấy ảnh. Hãy thêm dòng "
        "`image_alt: …` nói ảnh chụp gì."
    ]
    for alt in ({"image_alt": "Núi"}, {"caption": "Núi"}):
        assert warned(tmp_path, article("A", image="rong.jpg", **alt)) == []


def test_a_picture_narrower_than_it_is_shown(tmp_path: Path) -> None:
    small = (
        "Ảnh “hep.jpg” chỉ rộng 671 điểm ảnh nhưng được hiển thị rộng 672, nên bị mờ. Hãy dùng ảnh "
        "lớn hơn."
    )
    text = article("A", image="hep.jpg", image_alt="Núi", body="Một.\n\n![Núi](hep.jpg)\n")
    assert warned(tmp_path, text) == [f"4:8: {small}", f"9:8: {small}"]
    inline = article("A", body="Một.\n\nBiển ![Núi](hep.jpg) báo và ![Núi](rong.jpg)\n")
    assert warned(tmp_path, inline) == []


def test_long_titles_and_leads(tmp_path: Path) -> None:
    just = {"lead": "b" * 400}
    assert warned(tmp_path, article("a" * 110, **just)) == []
    assert warned(tmp_path, article("a" * 111, lead="b" * 401)) == [
        "2:8: Tiêu đề dài 111 ký tự, sẽ bị cắt trong danh sách và trên máy tìm kiếm. Hãy rút còn "
        "không quá 110 ký tự.",
        "4:7: Đoạn mở đầu (`lead`; nếu không có thì là đoạn văn đầu tiên) dài 401 ký tự. Hãy viết "
        "`lead` không quá 400 ký tự.",
    ]
    [said] = warned(tmp_path, article("A", body="c" * 401 + "\n\nHai.\n"))
    assert said.startswith("5:1: Đoạn mở đầu")


def host(place: str, name: str) -> str:
    return (
        f"{place}: Liên kết này dẫn tới {name}, không có trong danh sách máy chủ đã biết. Nếu "
        "không phải bạn viết, hãy báo người quản trị và xóa đi; nếu đúng, hãy thêm máy chủ này vào "
        "`known_hosts` trong site.yaml của cổng chính."
    )


LINKS = {
    "[a](https://w88.example/x)": 5, "[a]( <https://w88.example>)": 7, "<https://w88.example>": 2,
    "[a][b]\n\n[b]: https://w88.example": (8, 6), '<a href="https://w88.example">a</a>': 10,
    "<a href=https://w88.example>a</a>": 9, '<iframe src="//w88.example"></iframe>': 14,
    "[a](https://laocai.gov.vn@w88.example/)": 5, "[a](HTTPS://W88.EXAMPLE)": 5,
    "[a](https:\\\\w88.example)": 1, '<a href="htt&#112;s://w88.example">a</a>': 10,
    '<a href="h&#116;tps://w88&#46;example">a</a>': 1, "[a](https:w88.example)": 5,
    "<!-- <a href='https://w88.example'>": 16, "Xem (https://w88.example).": 6,
}  # fmt: skip


@pytest.mark.parametrize("link", LINKS)
def test_links_to_hosts_that_are_not_known(tmp_path: Path, link: str) -> None:
    found = [
        item for item in warned(tmp_path, article("A", body=f"Một.\n\n{link}\n"))
        if "máy chủ đã biết" in item
    ]  # fmt: skip
    assert len(found) == 1
    assert "dẫn tới w88.example, không" in found[0]


def test_a_link_is_named_with_its_place_and_each_time(tmp_path: Path) -> None:
    body = "Một.\n\n[a](https://w88.example/a) b\n[a](https://w88.example/a)\n\n[c]: https://x.y\n"
    assert warned(tmp_path, article("A", related="[https://z.example/]", body=body)) == [
        host("4:11", "z.example"), host("8:5", "w88.example"), host("9:5", "w88.example"),
        host("11:6", "x.y"),
    ]  # fmt: skip


def test_hosts_that_cannot_be_found_in_the_text_are_each_named(tmp_path: Path) -> None:
    links = [f'<a href="h&#116;tps://{name}&#46;example">a</a>' for name in ("x", "y")]
    assert warned(tmp_path, article("A", body=" ".join(["Một.\n\nHai", *links]))) == [
        host("5:1", "x.example"), host("5:1", "y.example"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "[a](https://laocai.gov.vn/)", "<https://tinh.example/>", "[a](https://sapa.tinh.example)",
        "Xem `https://w88.example` hoặc w88.example.", "`<https://w88.example>`",
        "~~~\n[a](https://w88.example)\n~~~", "[a](mailto:a@w88.example)", "[a](tel:113)",
        "1 // 2 và a\\b", "[a](https://x@laocai.gov.vn:443/)",
    ],
)  # fmt: skip
def test_known_hosts_and_what_is_no_link_are_left_alone(tmp_path: Path, text: str) -> None:
    assert warned(tmp_path, article("A", body=f"Một.\n\n{text}\n")) == []


def test_hidden_text_is_named_with_its_line(tmp_path: Path) -> None:
    body = 'Một.\n\nHai.\n\n<div style="display:none">nhà cái</div>\n'
    assert warned(tmp_path, article("A", body=body)) == [
        "9:1: Đoạn này bị giấu khỏi người đọc (display:none), đúng cách kẻ xấu chèn quảng cáo. Nếu "
        "không phải bạn viết, hãy báo người quản trị; rồi xóa đoạn này, hoặc xóa phần làm ẩn nó."
    ]
    assert warned(tmp_path, article("tin\u200btức", body="Một.")) == [
        "2:11: Có ký tự vô hình (U+200B) nằm giữa các chữ cái, 1 chỗ trong bài: tìm kiếm sẽ không "
        "thấy những từ này. Hãy xóa từ đó rồi gõ lại."
    ]


def test_an_article_that_is_refused_is_warned_of_too(tmp_path: Path) -> None:
    root = network(tmp_path, {AT: article("A" * 111, tgas="x", body="<https://w88.example>\n")})
    report = check(Options(root, root / "public", NOW, jobs=1))
    assert [item.code for item in report.refused] == ["unknown-key-near"]
    assert [item.code for item in report.warnings] == ["title-long", "unknown-host"]
    write(root, {AT: article("A", body="[a](khong-co.md) <https://w88.example>\n")})
    report = check(Options(root, root / "public", NOW, jobs=1))
    assert report.refused == []
    assert [item.code for item in report.warnings] == ["link-nowhere", "unknown-host"]


CUT = "trở đi không được đọc: trong YAML, dấu # sau dấu cách mở đầu lời chú."
QUOTES = "Hãy đặt cả giá trị trong dấu ngoặc kép."


def test_a_hashtag_that_yaml_takes_for_a_comment(tmp_path: Path) -> None:
    text = article(
        "Chương trình #Tết sum vầy", lead='"Mừng #Tết"', caption="Ảnh#1 # lời chú", author="An #2"
    )
    assert warned(tmp_path, text) == [
        f"2:21: Từ #Tết {CUT} {QUOTES}",
        f"6:12: Từ #2 {CUT} {QUOTES}",
    ]


def test_lines_are_counted_as_yaml_counts_them(tmp_path: Path) -> None:
    assert warned(tmp_path, article("A", lead="một\u2028 hai\u2028 ba #bốn", author="x")) == []
