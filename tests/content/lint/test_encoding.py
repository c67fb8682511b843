"""Letters that were lost are told with what they should be; texts of other languages are not."""

import pytest

from portalgen.content.legacy_vietnamese import TCVN3, VNI
from portalgen.content.lint.encoding import mended_line, of_letters

TEXT = "Cộng hòa xã hội chủ nghĩa Việt Nam, độc lập, tự do, hạnh phúc"


def typed_in(table: dict[str, str]) -> str:
    """The text in an older encoding."""
    codes = {letter: code for code, letter in table.items()}
    return "".join(codes.get(letter, letter) for letter in TEXT)


BROKEN = {
    typed_in(TCVN3): "old-encoding", typed_in(VNI): "old-encoding",
    TEXT.encode().decode("latin-1"): "letters-misread",
    TEXT.encode().decode("cp1252", "replace").replace("\ufffd", "\x9d"): "letters-misread",
    "C?ng hòa xã h?i ch? ngh?a Vi?t Nam": "letters-lost", "C\ufffdng hòa": "letters-lost",
}  # fmt: skip


@pytest.mark.parametrize("line", BROKEN)
def test_lost_letters_are_told_once_a_file(line: str) -> None:
    warnings = list(of_letters("a.md", f"Một.\n\n{line}\n\n{line}\n"))
    assert [(item.line, item.code) for item in warnings] == [(3, BROKEN[line])]


@pytest.mark.parametrize("line", BROKEN)
def test_what_can_be_told_for_sure_is_mended(line: str) -> None:
    is_lost = BROKEN[line] == "letters-lost"
    assert mended_line(line) == (line if is_lost else TEXT)


def test_the_message_shows_the_word_as_it_should_be() -> None:
    [warning] = of_letters("a.md", typed_in(TCVN3))
    assert warning.describe("vi") == (
        "a.md:1:6: Đoạn này gõ theo bảng mã cũ TCVN3: “hßa” phải là “hòa”. Hãy đổi sang Unicode: "
        "chạy portalgen check --fix, hoặc dùng UniKey (Ctrl+Shift+F6)."
    )


@pytest.mark.parametrize(
    "line",
    [
        TEXT, TEXT.upper(), "“PHƯỜNG, XÔ “XÔ", "XÔ, “HỌ”, “BỜ”, “XÃ”", "Toán, khoá, hoà, toá, choá",
        "Où es-tu, naïve Noël ? Où, où, où, où ?", "El niño, la mañana, el año, España, señor",
        "Não há informação, ações, corações, nações", "Größe, Straße, Übung, Müßiggang, Füße, süß",
        "5 µm · 3 µg · 7 µl", "a·b·c·d", "Sao?Vì gì?Ở đâu", "https://a.vn/?a?b?c?d?e",
        "©2020 ®ABC™",
        "Ai? Gì? Đâu? Nào?", "Ðà Lạt, Đà Nẵng",
    ],
)  # fmt: skip
def test_other_texts_are_left_alone(line: str) -> None:
    assert list(of_letters("a.md", line)) == []
    assert mended_line(line) == line
