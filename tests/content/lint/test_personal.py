"""Numbers of identity papers are told; numbers of documents, telephones and amounts are not."""

import pytest

from portalgen.content.lint.personal import of_identity_numbers


@pytest.mark.parametrize(
    "line",
    [
        "001090012345", "Ông A, CCCD số 012190001234, ở Sa Pa", "CMND: 063123456",
        "số chứng minh nhân dân 063 123 456", "căn cước 012 190 001 234",
        "Chứng minh nhân dân số: 063.123.456", "| An | 010301004567 |",
        "Điện thoại 0912345678, CCCD 012190001234",
    ],
)  # fmt: skip
def test_identity_numbers_are_told(line: str) -> None:
    [warning] = of_identity_numbers("a.md", f"Một.\n{line}\n")
    assert (warning.line, warning.code) == (2, "identity-number")


@pytest.mark.parametrize(
    "line",
    [
        "Điện thoại 0912345678, 02143840034", "+84912345678", "Số 123456789/QĐ-UBND",
        "tài khoản 010301004567", "010301004567 đồng", "Kinh phí 123.456.789.012 đồng",
        "https://a.vn/010301004567", "[a](010301004567.pdf)", "a010301004567", "0103010045678",
        "999999999999", "123456789012", "CCCD 012345678901", "CMND 123456789", "063123456",
        "100230009999", "012990001234", "Mã hồ sơ 010301004567", "CCCD gắn chip; TK 010301004567",
        "- 2020-01-10", "21.03.2020, 063.123.456 m2",
    ],
)  # fmt: skip
def test_other_numbers_are_left_alone(line: str) -> None:
    assert list(of_identity_numbers("a.md", line)) == []


def test_the_message_does_not_repeat_the_number() -> None:
    [warning] = of_identity_numbers("a.md", "CCCD 012190001234")
    assert warning.describe("vi") == (
        "a.md:1:6: Đây có vẻ là số căn cước hoặc chứng minh nhân dân (012…34), đăng lên thì ai "
        "cũng chép được. Hãy xóa, hoặc che bớt, như 001xxxxxx456."
    )
