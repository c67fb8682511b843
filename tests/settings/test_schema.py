from datetime import UTC, datetime
from pathlib import Path

import pytest

from portalgen.settings import schema
from portalgen.settings.reader import Document, Reader
from portalgen.settings.schema import Field, list_of, mapping_of, record
from tests.helpers import network
from tests.settings.refusing import (
    KNOWN,
    MEMBER,
    NEED_KEYS,
    NEED_LIST,
    ONLY_IN_ROOT,
    ONLY_SLUG,
    refused,
)


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ("sections: tin-tuc", f"2:11: {NEED_LIST}"),
        ("sections: {slug: a}", f"2:11: {NEED_LIST}"),
        ("tokens: [a]", f"2:9: {NEED_KEYS}"),
        ("contact: 0214", f"2:10: {NEED_KEYS}"),
        ("contact: {email: [a]}", "2:18: “[a]” không dùng được ở đây. Hãy viết: a"),
        ("contact: {adress: x}", "2:11: Không có khóa “adress”. Có phải “address”?"),
        ("notice: [a, b]", "2:9: “[a, b]” không dùng được ở đây. Hãy viết: a, b"),
        ("menu: [a]", f"2:8: {NEED_KEYS}"),
        ("menu: [{url: /a}]", "2:8: Thiếu “title”. Hãy thêm dòng `title: …`."),
        ("links: [{title: A, url: //x.example}]",
         "2:25: “//x.example” không phải liên kết. Hãy viết https://x.example"),
        ("feeds: []", f"2:8: {NEED_KEYS}"),
        ("feeds: {limit: 0}", "2:16: Cần một số nguyên từ 1 đến 500."),
        ("feeds: {limit: 1_0}", "2:16: Cần một số nguyên từ 1 đến 500."),
        ("related: [{title: A}]", "2:11: Thiếu “by”. Hãy thêm dòng `by: …`."),
        ("topics: [{title: A, slug: a, banner: {a: b}}]",
         "2:38: “{a: b}” không dùng được ở đây. Hãy viết: [b]"),
        ("kinds: []", f"2:1: Chỉ tệp site.yaml gốc được ghi `kinds`. {ONLY_IN_ROOT}"),
        ("members: {}", f"2:1: Chỉ tệp site.yaml gốc được ghi `members`. {ONLY_IN_ROOT}"),
        ("hosts: []", f"2:1: Chỉ tệp site.yaml gốc được ghi `hosts`. {ONLY_IN_ROOT}"),
        ("successor: main", f"2:1: Chỉ tệp site.yaml gốc được ghi `successor`. {ONLY_IN_ROOT}"),
        ("front: {pin: []}", f"2:1: Chỉ tệp site.yaml gốc được ghi `front`. {ONLY_IN_ROOT}"),
        ("quota: {files: 9}", f"2:1: Chỉ tệp site.yaml gốc được ghi `quota`. {ONLY_IN_ROOT}"),
        ("syndicate_from: all",
         f"2:1: Chỉ tệp site.yaml gốc được ghi `syndicate_from`. {ONLY_IN_ROOT}"),
        ("colour: x", f"2:1: Không có khóa “colour”. Các khóa dùng được: {KNOWN}"),
        ("kind: con", f"2:7: “con” không dùng làm địa chỉ được. {ONLY_SLUG} bai-con"),
        ("timezone: ../../etc/passwd",
         "2:11: Không có múi giờ “../../etc/passwd”. Ví dụ đúng: Asia/Ho_Chi_Minh"),
        ("timezone: Asia", "2:11: Không có múi giờ “Asia”. Ví dụ đúng: Asia/Ho_Chi_Minh"),
    ],
)  # fmt: skip
def test_a_value_of_a_wrong_kind_is_refused_at_its_place(
    tmp_path: Path, lines: str, message: str
) -> None:
    root = network(tmp_path, {MEMBER: f"title: Sa Pa\n{lines}\n"})
    assert refused(root) == [f"{MEMBER}:{message}"]


def read(reader: Reader, text: str) -> tuple[object, list[str]]:
    """What a reader makes of a value, and the messages about it."""
    document = Document("a.yaml")
    root = document.compose(f"key: {text}\n")
    assert root is not None
    value = reader(root.value[0][1], document)
    return value, [item.describe("en") for item in document.problems]


@pytest.mark.parametrize(
    ("reader", "text", "value"),
    [
        (schema.text, "'  a b '", "a b"),
        (schema.text, "|\n  a\n  b", "a\nb"),
        (schema.text, "no", "no"),
        (schema.texts, "a", ("a",)),
        (schema.texts, "[a, b, a, '', 1]", ("a", "b", "1")),
        (schema.texts, "[]", ()),
        (schema.boolean, "true", True),
        (schema.boolean, "false", False),
        (schema.integer(1, 20), "1", 1),
        (schema.integer(1, 20), "20", 20),
        (schema.integer(1, 20), "007", 7),
        (schema.one_of("vi", "en"), "en", "en"),
        (schema.slug, "a-1", "a-1"),
        (schema.slug, "a" * 120, "a" * 120),
        (schema.slug, "2020", "2020"),
        (schema.slug, "con-cuong", "con-cuong"),
        (schema.url, "https://a.example/?b#c", "https://a.example/?b#c"),
        (schema.url, "mailto:a@b.example", "mailto:a@b.example"),
        (schema.url, "'tel:+84 214 1'", "tel:+84 214 1"),
        (schema.url, "/", "/"),
        (schema.url, "/a/b.html#c", "/a/b.html#c"),
        (schema.moment(UTC), "2020-01-10 16:46", datetime(2020, 1, 10, 16, 46, tzinfo=UTC)),
        (list_of(schema.slug), "[a, b]", ("a", "b")),
        (list_of(schema.slug), "[]", ()),
        (mapping_of(schema.boolean), "{a: true, b: false}", {"a": True, "b": False}),
    ],
)  # fmt: skip
def test_a_value_is_taken_as_it_is_meant(reader: Reader, text: str, value: object) -> None:
    assert read(reader, text) == (value, [])


@pytest.mark.parametrize(
    ("reader", "text", "message"),
    [
        (schema.boolean, "yes", "“yes” does not fit here. Write: true"),
        (schema.boolean, "Không.", "“Không.” does not fit here. Write: false"),
        (schema.boolean, "hello", "Write true or false here."),
        (schema.texts, "{a: b}", "“{a: b}” does not fit here. Write: [b]"),
        (schema.texts, "{a b, [c]}", "A list is required here. Write it like [one, two]."),
        (schema.texts, "{a b, 'c, d'}", "“{a b, c, d}” does not fit here. Write: [a b, \"c, d\"]"),
        (schema.text, "['a: b']", "“[a: b]” does not fit here. Write: \"a: b\""),
        (schema.text, "[]", "A text is required here. Write it in one line behind the colon."),
        (schema.integer(1, 20), "0", "A whole number from 1 to 20 is required."),
        (schema.integer(1, 20), "21", "A whole number from 1 to 20 is required."),
        (schema.integer(1, 20), "1.0", "A whole number from 1 to 20 is required."),
        (schema.integer(1, 20), "\u0661", "A whole number from 1 to 20 is required."),
        (schema.one_of("vi", "en"), "fr", "“fr” is not a choice here. Choose: vi, en"),
        (schema.url, "a.html", "“a.html” is not a link. Write /a.html"),
        (schema.url, "/a<b", "“/a<b” is not a link. Write https://… or /… inside the site."),
        (schema.moment(UTC), "10-1-2020 16:46",
         "“10-1-2020 16:46” is not a date in a supported format. Write: 2020-01-10 16:46"),
        (schema.moment(UTC), "2020-02-30",
         "“2020-02-30” does not exist in the calendar. Write a real date, for example "
         "2020-02-29"),
        (schema.moment(UTC), "nay",
         "“nay” is not a date. Write year-month-day, then hours:minutes, for example "
         "2020-01-10 16:46"),
    ],
)  # fmt: skip
def test_another_value_is_refused_with_what_is_wanted(
    reader: Reader, text: str, message: str
) -> None:
    assert read(reader, text) == (None, [f"a.yaml:1:6: {message}"])


@pytest.mark.parametrize(
    ("text", "like"),
    [
        ("A", "a"), ("a_b", "a-b"), ("-a", "a"), ("a-", "a"), ("a--b", "a-b"), ("con", "bai-con"),
        ("com1", "bai-com1"), ("á", "a"), ("á" * 121, "a" * 120),
    ],
)  # fmt: skip
def test_a_slug_is_a_name_that_every_system_takes(text: str, like: str) -> None:
    value, messages = read(schema.slug, text)
    assert value is None
    assert messages == [
        f"a.yaml:1:6: “{text if len(text) < 81 else text[:79] + '…'}” cannot be part of an "
        f"address. Use unaccented lower-case letters, digits and hyphens, like {like}"
    ]


def test_what_is_wrong_in_a_list_is_left_out_and_the_rest_kept() -> None:
    value, messages = read(list_of(schema.integer(1, 9)), "[1, x, 3]")
    assert value == (1, 3)
    assert messages == ["a.yaml:1:10: A whole number from 1 to 9 is required."]
    value, messages = read(mapping_of(schema.boolean), "{a: true, b: x, a: false}")
    assert value == {"a": True}
    assert [message.partition(": ")[0] for message in messages] == ["a.yaml:1:22", "a.yaml:1:19"]


FIELDS = {
    "title": Field(schema.text, "", required=True),
    "size": Field(schema.integer(1, 9), ""),
}


@pytest.mark.parametrize(
    ("text", "value", "messages"),
    [
        ("{title: A, size: 2}", {"title": "A", "size": 2}, []),
        ("{title: A, size: }", {"title": "A"}, []),
        ("{title: A, size: x}", {"title": "A"}, ["23: A whole number from 1 to 9 is required."]),
        ("{title: ''}", {}, ["14: “title” is missing. Add a line `title: …`."]),
        ("{title: }", {}, ["6: “title” is missing. Add a line `title: …`."]),
        ("{size: 2}", {"size": 2}, ["6: “title” is missing. Add a line `title: …`."]),
        ("{title: A, titel: B}", {"title": "A"},
         ["17: There is no key “titel”, and there is “title” already. Delete this line."]),
        ("{title: A, x: B}", {"title": "A"}, ["17: There is no key “x”. Known keys: title, size"]),
        ("{title: A, title: B}", {"title": "A"},
         ["17: The key “title” appears twice. Keep one of the lines."]),
    ],
)  # fmt: skip
def test_keys_of_a_record(text: str, value: object, messages: list[str]) -> None:
    assert read(record(FIELDS), text) == (value, [f"a.yaml:1:{item}" for item in messages])


def test_nothing_is_built_of_keys_that_are_wrong() -> None:
    reader = record(FIELDS, lambda title, size=5: (title, size))
    assert read(reader, "{title: A}")[0] == ("A", 5)
    assert read(reader, "{title: A, size: x}")[0] is None


def test_the_schema_of_keys_asks_for_what_is_required() -> None:
    assert schema.of_keys(FIELDS) == {
        "type": "object",
        "properties": {
            "title": {"description": "", "type": ["string", "number"], "minLength": 1},
            "size": {"description": "", "type": "integer", "minimum": 1, "maximum": 9},
        },
        "required": ["title"],
        "additionalProperties": False,
    }
