from pathlib import Path

import pytest

from portalgen.settings.network import load_network
from portalgen.settings.reader import MAX_BYTES, MAX_DEPTH, Document
from portalgen.settings.site import Contact
from tests.helpers import MEMBER_SETTINGS, network
from tests.settings.refusing import MEMBER, refused

ANCHOR = "Không dùng ký hiệu & và * (neo, bí danh) ở đây. Hãy đặt giá trị trong dấu ngoặc kép."


TAG = "Không dùng nhãn kiểu bắt đầu bằng `!`. Hãy đặt giá trị trong dấu ngoặc kép."


COLON = "Dấu hai chấm thừa. Hãy đặt cả giá trị trong dấu ngoặc kép."


TWO = "Có hai tài liệu YAML trong một tệp. Hãy bỏ dòng `---` hoặc `...` ở giữa."


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("title: &a Cổng\nshort_title: *a\n", f"1:8: {ANCHOR}"),
        ("title: *a\n", f"1:8: {ANCHOR}"),
        ("title: A\n<<: {kind: xa}\n", "2:1: Không dùng `<<` để gộp. Hãy viết rõ từng khóa."),
        ("title: !!python/object/apply:os.system [x]\n", f"1:8: {TAG}"),
        ("title: !!str A\n", f"1:8: {TAG}"),
        ("title: !mine A\n", f"1:8: {TAG}"),
        ("title: A\u2028\u2028\u2028b: c: d\n", f"4:5: {COLON}"),
        ("title: A\ntitle: B\n", "2:1: Khóa “title” viết hai lần. Hãy giữ lại một dòng."),
        ("title: A\ncontact: {phone: 1, phone: 2}\n",
         "2:21: Khóa “phone” viết hai lần. Hãy giữ lại một dòng."),
        ("title: A\ntokens: {brand: red, brand: blue}\n",
         "2:22: Khóa “brand” viết hai lần. Hãy giữ lại một dòng."),
        ("title: A\ncontact:\n\tphone: 1\n",
         "3:1: Có ký tự Tab. Hãy thụt dòng bằng dấu cách."),
        ('title: "A\nkind: xa\n', "1:8: Dấu ngoặc kép mở mà không đóng. Hãy thêm dấu đóng."),
        ("title: A: B\n",
         "1:9: Dấu hai chấm thừa. Hãy đặt cả giá trị trong dấu ngoặc kép."),
        ("title: A\n---\ntitle: B\n", f"2:1: {TWO}"),
        ("title: A\n...\nkind: b\n", f"3:1: {TWO}"),
        ("- a\n", "1:1: Ở đây cần các dòng `khóa: giá trị`."),
        ("Sa Pa\n", "1:1: Ở đây cần các dòng `khóa: giá trị`."),
        ("", "1:1: Thiếu “title”. Hãy thêm dòng `title: …`."),
        ("title: @A\n",
         "1:8: Giá trị mở đầu bằng @ mà không đọc được. Hãy viết: title: \"@A\""),
        ("title: " + "[" * 30 + "]" * 30,
         "1:27: Danh sách lồng nhau quá sâu. Hãy viết phẳng hơn."),
        ("title: A\nnotice: " + "x" * 65_536,
         "1:1: Tệp này lớn hơn 64 KB. Hãy rút gọn; chữ dài thì đưa vào một trang trong "
         "`content/`."),
        ("title: A\0\n",
         "1:9: Tệp có byte NUL, có thể không phải văn bản. Hãy lưu lại thành văn bản UTF-8."),
        (b"title: A\nkind: \xe9\n", "2:7: Tệp không phải UTF-8. Hãy lưu lại với bảng mã UTF-8."),
        ("title: A\n<<<<<<< HEAD\nkind: a\n=======\nkind: b\n>>>>>>> b\n",
         "2:1: Còn dấu xung đột của git (<<<<<<<, =======, >>>>>>>). Hãy chọn một bản và xóa các "
         "dấu này."),
    ],
)  # fmt: skip
def test_yaml_beyond_plain_keys_and_values_is_refused(
    tmp_path: Path, text: str | bytes, message: str
) -> None:
    assert refused(network(tmp_path, {MEMBER: text})) == [f"{MEMBER}:{message}"]


def test_settings_in_another_encoding_say_how_to_save_them(tmp_path: Path) -> None:
    root = network(tmp_path, {MEMBER: MEMBER_SETTINGS.encode("utf-16")})
    assert refused(root) == [
        f"{MEMBER}: Tệp lưu bằng UTF-16. Hãy lưu lại với bảng mã UTF-8.",
    ]


def test_byte_order_mark_windows_lines_and_decomposed_text_are_accepted(tmp_path: Path) -> None:
    text = "\ufefftitle: Thị xã Sa Pa\r\nshort_title: Sa Pa\r\n".replace("ị", "i\u0323")
    site = load_network(network(tmp_path, {MEMBER: text})).sites[1]
    assert (site.title, site.short_title) == ("Thị xã Sa Pa", "Sa Pa")


def test_values_are_text_as_typed(tmp_path: Path) -> None:
    text = "title: no\nshort_title: 0123\nnotice: 1.10\ncontact: {phone: 16:46, email: ~}\n"
    site = load_network(network(tmp_path, {MEMBER: text})).sites[1]
    assert (site.title, site.short_title, site.notice) == ("no", "0123", "1.10")
    assert site.contact == Contact(phone="16:46", email="~")


def messages(text: str, first_line: int = 1) -> list[str]:
    """What is said of a YAML text in English, without the name of the file."""
    document = Document("a.yaml", first_line)
    assert (document.compose(text) is None) == bool(document.problems)
    return [item.describe("en").removeprefix("a.yaml:") for item in document.problems]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a:b\nc: d\n", "1:2: There is no space after the colon. Write `a: …`."),
        ("a: b\n  c: d\n", "2:3: This line is indented. Begin the key where the others begin."),
        ("a: b: c\n", "1:5: There is one colon too many. Put the whole value in quotes."),
        ("a: 'b\n", "1:4: A quote is opened but not closed. Close it."),
        ("a: `b\n", '1:4: This value begins with ` and cannot be read. Write: a: "`b"'),
        ("a: 'b' c\n", "1:4: This value begins with ' and cannot be read. Write: a: \"'b' c\""),
        ('- x: "b" c\n',
         "1:6: This value begins with \" and cannot be read. Write: - x: '\"b\" c'"),
        ("a: [b\nc: d\n", "1:4: This value begins with [ and cannot be read. Write: a: [b]"),
        ("a: [b,, c]\n", "1:4: This value begins with [ and cannot be read. Write: a: [b, c]"),
        ("a: [#b]\n", '1:4: This value begins with [ and cannot be read. Write: a: ["#b"]'),
        ("a: *b*\n", '1:1: This line cannot be read. Write: a: "*b*"'),
        ("a: - b - c\n", "1:1: This line cannot be read. Write: a: [b, c]"),
        ("a:\n* b\n* c\n", "2:1: This line cannot be read. Write: - b"),
        ("a: b\ntags= c\nd: e\n", "2:1: This line cannot be read. Write: tags: c"),
        ("a: b\ntitle c\n", "2:1: This line cannot be read. Write: title: c"),
        ("a: b\n- c: d\n", "2:1: This line cannot be read. Write: c: d"),
        ("a: b\nc d\ne: f\n",
         "2:1: This line has no key. If it goes on with the line above, begin it with two blanks; "
         "if it is of the text, move it below the second `---`."),
        ("a: b\n? c: d\n]\n",
         "3:1: This is not valid YAML. Check colons, indentation and brackets."),
    ],
)  # fmt: skip
def test_a_slip_is_told_by_what_would_mend_it(text: str, message: str) -> None:
    assert messages(text) == [message]


def test_places_count_from_where_the_text_begins_in_its_file() -> None:
    assert messages("a: b\n\tc: d\n", first_line=3) == ["4:1: There is a tab. Indent with spaces."]
    assert messages("x", first_line=2) == ["2:1: Lines of `key: value` are required here."]


def test_as_much_as_is_allowed_is_read_and_no_more() -> None:
    assert messages("a: " + "x" * (MAX_BYTES - 3)) == []
    assert messages("a: " + "ạ" * (MAX_BYTES // 3)) == [
        "1:1: This file is larger than 64 KB. Shorten it; long texts go into a page in `content/`."
    ]
    assert messages("a: " + "x" * MAX_BYTES, first_line=2) == [  # front matter
        "2:1: This is larger than 64 KB. Shorten it; the text goes below the second `---`."
    ]
    deep = MAX_DEPTH - 1  # the mapping itself is a level
    assert messages("a: " + "[" * deep + "]" * deep) == []
    assert messages("a: " + "[" * MAX_DEPTH + "]" * MAX_DEPTH) == [
        "1:23: Lists are nested too deeply. Write with fewer levels."
    ]
    assert messages("a:\n  " + "- " * 30 + "b") == [
        "2:41: Lists are nested too deeply. Write with fewer levels."
    ]


@pytest.mark.parametrize(
    "text", ["a: 'b & c'", "a: b & c", "a: b*", "a: '<<'", "a: wow!", "a: R&D"]
)
def test_signs_that_mean_something_elsewhere_are_text_here(text: str) -> None:
    assert messages(text) == []


def test_a_file_without_a_key_is_an_empty_mapping() -> None:
    for text in ("", "# nothing\n", "\n\n"):
        document = Document("a.yaml")
        root = document.compose(text)
        assert root is not None
        assert (root.value, document.place(root), document.problems) == ([], (1, 1), [])
