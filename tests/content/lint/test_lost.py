from pathlib import Path

import pytest

from tests.helpers import article, network, picture, run

AT = "content/tin-tuc/"
YOUTUBE = '<iframe src="https://www.youtube.com/embed/abc"></iframe>'
SEE = "Hãy xóa đi và viết một liên kết, như [Xem ở đây](https://www.youtube.com/watch?v=abc)"
NOT_SHOWN = f"<iframe> không hiện trên trang. {SEE}"
ON_COMPUTER = (
    "dẫn tới tệp trong máy của bạn, bạn đọc không mở được; chữ vẫn còn. Hãy chép tệp vào cạnh bài "
    "viết và dẫn theo tên tệp: [chữ](tep.pdf)."
)


def said(tmp_path: Path, body: str) -> list[str]:
    """What a build says of an article with this body, which begins in line 6."""
    files: dict[str, str | bytes | None] = {
        f"{AT}a.md": article("A", lead="L", body=body),
        f"{AT}a.jpg": picture(700, 400),
    }
    report = run(network(tmp_path, files))
    assert report.refused == []
    return [item.describe("vi").removeprefix(f"{AT}a.md:") for item in sorted(report.warnings)]


CASES = {
    "each of two equal elements": (
        f"{YOUTUBE}\n\n- a {YOUTUBE}", [f"6:1: {NOT_SHOWN}", f"8:5: {NOT_SHOWN}"],
    ),
    "not the one in code": (
        f"`{YOUTUBE}`\n\n    {YOUTUBE}\n\n```\n{YOUTUBE}\n```\n\n{YOUTUBE}", [f"14:1: {NOT_SHOWN}"],
    ),
    "a tag over lines": (
        "> Một\n>\n> <a\n>  href='C:\\a.pdf'>b</a>", [f"8:3: Liên kết “C:\\a.pdf” {ON_COMPUTER}"],
    ),
    "links of Markdown": (
        "Chữ [a](file:///C:/a.pdf) và\n[b](file:///C:/a.pdf) [c](\\\\\\may\\d.doc)",
        [f"6:9: Liên kết “file:///C:/a.pdf” {ON_COMPUTER}",
         f"7:5: Liên kết “file:///C:/a.pdf” {ON_COMPUTER}",
         f"7:27: Liên kết “\\\\may\\d.doc” {ON_COMPUTER}"],
    ),
    "looks, once": (
        "<li align=right>a</li>\n\n<font color='red'>b</font> <p style='color:#f00'>c</p>",
        ['6:1: align="right" không đổi được màu hay kiểu chữ ở đây (3 chỗ như vậy trong bài). Hãy '
         "xóa đi; muốn nhấn mạnh thì viết **đậm** hoặc *nghiêng*."],
    ),
    "an address that is none": (
        "<a href='https://www.a b.vn'>a</a>",
        ["6:1: Liên kết “https://www.a b.vn” không dẫn đến đâu. Hãy sửa đường dẫn hoặc bỏ liên "
         "kết."],
    ),
    "a scheme that is mistyped": (
        "[a](htps://x.example/)",
        ["6:5: Liên kết “htps://x.example/” thiếu phần đầu. Hãy viết https://x.example/"],
    ),
    "quotes within quotes": (
        '<img src="a.jpg" alt="Ảnh "đẹp"">\n\n`<p title="a "b"">`',
        ['6:1: Dấu ngoặc kép trong thẻ này không khớp, nên một phần bị mất. Hãy đặt một dấu " '
         'trước '
         "và một dấu \" sau mỗi giá trị; bên trong giá trị dùng “ và ”."],
    ),
    "a tag that is not closed": (
        "Một\n\n<details><summary>a</summary>\n\nb",
        ["8:1: Thẻ <details> không được đóng, nên kéo theo phần sau của bài. Hãy thêm </details> ở "
         "chỗ nó kết thúc."],
    ),
    "pictures that are nowhere": (
        '<img src="data:image/png;base64,AAAA" alt="a"> ![b](<C:\\b.jpg>) ![c](//x.example/c.jpg)',
        ["6:11: Ảnh này được dán thẳng vào bài (data:…), nên không hiện được. Hãy lưu ảnh thành "
         "tệp "
         "cạnh bài viết rồi ghi tên tệp.",
         "6:54: Ảnh “C:\\b.jpg” nằm trên máy tính, người đọc không lấy được. Hãy chép ảnh vào "
         "cạnh bài viết rồi ghi: b.jpg",
         "6:70: Ảnh “//x.example/c.jpg” nằm ở trang khác. Hãy tải ảnh về cạnh bài viết rồi ghi tên "
         "tệp."],
    ),
    "nothing": ('<figure><img src="a.jpg" alt="b"><figcaption>c</figcaption></figure>\n\n'
                "<!-- d --> <p class=e id=f>g</p> [h](zalo://i) <small>k</small>", []),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
@pytest.mark.usefixtures("quick_themes")
def test_what_is_lost_is_told_at_its_place(tmp_path: Path, case: str) -> None:
    body, expected = CASES[case]
    assert said(tmp_path, body) == expected
