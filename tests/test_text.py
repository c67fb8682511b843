import unicodedata
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portalgen.text import (
    fold,
    format_long_date,
    format_moment,
    format_number,
    is_invisible,
    local_time,
    moment_at,
    nearest,
    nfc,
    person_sort_key,
    shortened,
    slugify,
    sort_key,
    spelling_key,
)

NOW = 1578621600
VIETNAMESE = "aáàảãạăắằẳẵặâấầẩẫậeéèẻẽẹêếềểễệiíìỉĩịoóòỏõọôốồổỗộơớờởỡợuúùủũụưứừửữựyýỳỷỹỵdđ"
ANY_TEXT = st.one_of(
    st.text(max_size=40),
    st.text(
        VIETNAMESE + VIETNAMESE.upper() + " -_./0189\u0300\u0301\u0302\u0323\u031b", max_size=40
    ),
)


def nfd(text: str) -> str:
    return unicodedata.normalize("NFD", text)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Lào Cai", "lao cai"),
        ("Đường đèo Ô Quy Hồ", "duong deo o quy ho"),
        ("ĐĐđ", "ddd"),
        ("Ậ Ễ Ỡ Ặ Ữ", "a e o a u"),
        ("Điện Biên", "dien bien"),
        ("Straße", "strasse"),
        ("ASCII only 42", "ascii only 42"),
        ("", ""),
    ],
)
def test_fold_takes_case_and_marks_away_and_nothing_else(text: str, folded: str) -> None:
    assert fold(text) == folded
    assert fold(nfd(text)) == folded


def test_every_vietnamese_letter_folds_to_one_plain_letter() -> None:
    for letter in VIETNAMESE + VIETNAMESE.upper():
        assert fold(letter) == fold(nfd(letter))
        assert fold(letter) in "aeiouyd", letter


def test_text_from_outside_is_composed_and_keeps_what_it_says() -> None:
    assert nfc(nfd("Tiếng Việt ở Đồng Đăng")) == "Tiếng Việt ở Đồng Đăng"
    assert nfc("Tiếng Việt") == "Tiếng Việt"


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("Mùa nước đổ trên ruộng bậc thang", "mua-nuoc-do-tren-ruong-bac-thang"),
        ("ĐẠI HỘI lần thứ XVI (2020–2025)", "dai-hoi-lan-thu-xvi-2020-2025"),
        (nfd("Nghị quyết số 01/NQ-CP"), "nghi-quyet-so-01-nq-cp"),
        ("  --Sa__Pa--  ", "sa-pa"),
        ("../../etc/passwd", "etc-passwd"),
        ("..\\..\\x", "x"),
        ("a\0b\nc", "a-b-c"),
        ("CON", "con"),
        ("½ giá", "gia"),
        ("", ""),
        ("...", ""),
        ("中文", ""),
        ("!?#%", ""),
    ],
)
def test_slugs_hold_letters_digits_and_single_hyphens(text: str, slug: str) -> None:
    assert slugify(text) == slug


def test_a_very_long_text_becomes_a_very_long_slug() -> None:
    assert slugify("Ậ " * 50_000) == "-".join("a" * 50_000)


@settings(max_examples=300, deadline=None)
@given(ANY_TEXT)
def test_fold_of_a_fold_is_itself_whatever_the_form_of_the_text(text: str) -> None:
    assert fold(fold(text)) == fold(text)
    assert fold(nfd(text)) == fold(nfc(text)) == fold(text)


@settings(max_examples=300, deadline=None)
@given(ANY_TEXT)
def test_a_slug_can_stand_in_an_address_and_is_its_own_slug(text: str) -> None:
    slug = slugify(text)
    assert all(part and set(part) <= set("abcdefghijklmnopqrstuvwxyz0123456789")
               for part in slug.split("-")) or slug == ""  # fmt: skip
    assert slugify(slug) == slug
    assert slugify(nfd(text)) == slug


IN_ORDER = [
    "an", "Án", "ăn", "ân", "ba", "bà", "bả", "bã", "bá", "bạ", "bạc", "bác sĩ", "cam", "da",
    "đa", "Đà", "em", "êm", "gà", "ngo", "ngô", "ngơ", "tu", "tư", "từ", "xã", "xóm", "yên",
]  # fmt: skip


def in_order(words: list[str]) -> list[str]:
    """The words sorted from reverse order."""
    backwards = list(reversed(words))
    return sorted(backwards, key=sort_key)


def test_the_order_is_that_of_a_vietnamese_dictionary() -> None:
    assert in_order(IN_ORDER) == IN_ORDER
    decomposed = [nfd(word) for word in IN_ORDER]
    assert in_order(decomposed) == decomposed


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Xã Bản Qua", "Xã Bát Xát"),
        ("Bá Anh", "Bà Triệu"),  # a later letter counts more than a tone
        ("ma", "mà"),
        ("mạ", "mă"),
        ("Xã 9", "Xã A"),
        ("Xã", "Xã A"),
        ("zalo", "öl"),
    ],
)
def test_letters_count_before_tones(first: str, second: str) -> None:
    assert sort_key(first) < sort_key(second)


def test_capitals_and_small_letters_stand_together() -> None:
    assert sorted(["sa pa", "Sa Pa", "SA PA", "sa pb"], key=sort_key)[-1] == "sa pb"


def test_people_stand_by_their_given_names() -> None:
    people = ["Trần Văn Bình", "Đỗ Thị An", "Nguyễn Văn Ân", "Lê Bình", ""]
    assert sorted(people, key=person_sort_key) == [
        "", "Đỗ Thị An", "Nguyễn Văn Ân", "Lê Bình", "Trần Văn Bình",
    ]  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(st.lists(ANY_TEXT, max_size=6))
def test_the_order_of_texts_does_not_depend_on_how_they_came(texts: list[str]) -> None:
    backwards = list(reversed(texts))
    assert sorted(texts, key=sort_key) == sorted(backwards, key=sort_key)
    assert sorted(texts, key=person_sort_key) == sorted(backwards, key=person_sort_key)


@pytest.mark.parametrize(
    ("moment", "long", "short"),
    [
        ((2020, 1, 10, 16, 46), "Thứ Sáu, ngày 10/01/2020, 16:46", "16:46, 10/01/2020"),
        ((2020, 1, 12, 0, 5), "Chủ Nhật, ngày 12/01/2020, 00:05", "00:05, 12/01/2020"),
        ((2020, 1, 13, 23, 59), "Thứ Hai, ngày 13/01/2020, 23:59", "23:59, 13/01/2020"),
        ((2020, 2, 29, 7, 0), "Thứ Bảy, ngày 29/02/2020, 07:00", "07:00, 29/02/2020"),
    ],
)
def test_moments_are_written_as_people_read_them(
    moment: tuple[int, int, int, int, int], long: str, short: str
) -> None:
    when = datetime(*moment, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
    assert format_long_date(when) == long
    assert format_moment(when) == short


@pytest.mark.parametrize(
    ("number", "written"),
    [(0, "0"), (999, "999"), (7273, "7.273"), (1234.5, "1.234,5"), (-1000000, "-1.000.000")],
)
def test_numbers_are_written_with_points_and_a_comma(number: float, written: str) -> None:
    assert format_number(number) == written


@pytest.mark.parametrize(
    ("word", "found"),
    [("titel", "title"), ("tags_", "tags"), ("tag", "tags"), ("hoàn toàn khác", ""), ("", "")],
)
def test_the_nearest_known_word_is_offered_or_none(word: str, found: str) -> None:
    assert nearest(word, ["title", "date", "tags"]) == found


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Hòa Bình", "hoà bình", True),
        ("THỦY ĐIỆN", "thuỷ  điện", True),
        (nfd("Y tế"), "y tế", True),
        ("má", "mà", False),
        ("đa", "da", False),
        ("cơ", "cô", False),
    ],
)
def test_spellings_of_the_same_words_are_told_from_other_words(
    one: str, other: str, same: bool
) -> None:
    assert (spelling_key(one) == spelling_key(other)) is same


def test_a_time_is_as_people_of_the_language_write_it() -> None:
    assert local_time(0, "vi", UTC) == "-"
    zone = ZoneInfo("Asia/Ho_Chi_Minh")
    assert local_time(NOW, "vi", zone) == "09:00, 10/01/2020"
    assert local_time(NOW, "en", zone) == "2020-01-10 09:00"
    assert local_time(NOW, "en", UTC) == "2020-01-10 02:00"


@pytest.mark.parametrize(
    "text", ["", " ", "\u200b", "\xad\u200d", "\u3164", "\u2800 \u2800", "\ufe0f", "\u202e\u2066"]
)
def test_what_shows_nothing_is_invisible(text: str) -> None:
    assert is_invisible(text)
    assert not is_invisible(f"{text}a{text}")
    assert not is_invisible(f"{text}~")


def test_moments_before_1970_have_a_date_too() -> None:
    when = datetime(1931, 2, 3, 8, 30, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
    assert moment_at(int(when.timestamp()), when.tzinfo or UTC) == when
    assert moment_at(NOW) == datetime.fromtimestamp(NOW, UTC)
    assert moment_at(-1).isoformat() == "1969-12-31T23:59:59+00:00"


def test_what_is_left_out_of_a_text_is_a_sign() -> None:
    assert shortened("Sa Pa", 5) == "Sa Pa"
    assert shortened("Sa Pa!", 5) == "Sa P…"
