"""What is typed as in a word processor is told with its place, and nothing else is."""

from pathlib import Path

import pytest

from portalgen.content.lint.article import Text
from tests.helpers import article, network, run

HEAD = "---\ntitle: A\n---\n"


def told(body: str) -> list[str]:
    """Place, within the body, and code of each warning."""
    warnings = Text("a.md", f"{HEAD}{body}\n", len(HEAD)).mistakes()
    return [f"{item.line - 3}:{item.column} {item.code}" for item in warnings]


SENTENCE = "Sáng nay tỉnh họp phiên đầu năm tại trung tâm hội nghị."
PARAGRAPH = " ".join([SENTENCE] * 4)
TOLD = {
    "Gồm:\n• Một\n• Hai": ["2:1 typed-bullet"],
    "Gồm:\n\n·Một\n\n·Hai": ["3:1 typed-bullet"],
    "• Một\n\nHết.\n\n• Hai": ["1:1 typed-bullet", "5:1 typed-bullet"],
    "\t\uf0b7 Một": ["1:2 typed-bullet"],
    "> • Một": ["1:3 typed-bullet"],
    "– Một\n– Hai": ["1:1 typed-bullet"],
    "Gồm có:\n\n— Một;\n\n— Hai.": ["3:1 typed-bullet"],
    "-Một\n-Hai": ["1:1 typed-mark"],
    "*Một\n*Hai": ["1:1 typed-mark"],
    "1.Một\n2.Hai": ["1:1 typed-mark"],
    "##Mục": ["1:1 heading-no-blank"],
    "Họ tên\tChức vụ\nAn\tChủ tịch": ["1:7 typed-table"],
    f"\t{SENTENCE}": ["1:2 typed-indent"],
    f"Một.\n\n    {SENTENCE}\n\n    {SENTENCE}": ["3:5 typed-indent", "5:5 typed-indent"],
    "\n".join([SENTENCE] * 4): ["1:1 lines-joined"],
    f"Một.\n\n{PARAGRAPH}\n{PARAGRAPH}\n{PARAGRAPH}": ["3:1 lines-joined"],
    "\n".join(["Núi cao, sông sâu."] * 6): ["1:1 lines-joined"],
    "UBND phường Sa Pa\nĐịa chỉ: số 1\nĐiện thoại: 0214": ["1:1 lines-joined"],
    **{
        items: ["1:1 lines-joined"] for items in (
            "a. Một\nb. Hai", "1/ Một\n2/ Hai", "(1) Một\n(2) Hai", "I. Một\nII. Hai", "①Một\n②Hai",
            "-> Một\n-> Hai", "o Một\no Hai",
        )
    },
    "| a | b |\n| c | d |": ["1:1 table-no-line"],
    "[a] (https://a.vn) và": ["1:1 typed-link"],
    "Xem [a](https://a.vn\n\nHai.": ["1:5 typed-link"],
    "[a][https://a.vn]": ["1:1 typed-link"],
    "Một\n(a)[bang.pdf]": ["2:1 typed-link"],
    "![a] (anh.jpg)": ["1:2 typed-link"],
    "! [a](anh.jpg)": ["1:1 typed-link"],
    "<a href=“https://a.vn”>a</a>": ["1:9 curly-attribute"],
    "[a](a.pdf “Mẫu”)": ["1:11 curly-attribute"],
}  # fmt: skip


@pytest.mark.parametrize("body", TOLD)
def test_what_is_no_markdown_is_told(body: str) -> None:
    assert told(body) == TOLD[body]


@pytest.mark.parametrize(
    "body",
    [
        "- Một\n- Hai", "1. Một\n2. Hai", "*Nghiêng*\n*nghiêng*", "*Ghi chú: một dòng.",
        "– Anh đi đâu?\n\n– Tôi về.", "Ông hỏi:\n\n– Bao nhiêu?\n\n– Mười.",
        "– Một dòng mở đầu bằng gạch.", "– Một  \n– Hai", "-5 độ", "1.5 ha\n2.5 ha",
        "+84 20\n+84 21",
        "• • •", "Giá • lượng", "```\n• Một\n##a\na\tb\nc\td\n```", "`• Một`", "<!--\n• Một\n-->",
        "<pre>\n• Một\na\tb\nc\td\n</pre>", "#LaoCai #DuLich", "## Mục", "-\tMột\n-\tHai",
        "Chỉ một\tdòng", f"- Mục\n\n    {SENTENCE}", f"1. Mục\n\n    Hai\n\n    {SENTENCE}",
        f"[^1]: Chú\n\n    {SENTENCE}", "    make site\n    make test",
        "    for x in range(9): print(x)",
        f"{SENTENCE}\n{SENTENCE}", "\n\n".join([PARAGRAPH] * 4), "\n".join([f"{SENTENCE}  "] * 5),
        f"Mở đầu.\n\n{SENTENCE}\n{SENTENCE}\n{SENTENCE}\n{SENTENCE}",
        "\n".join(["Núi cao, sông sâu.\\"] * 6), "Một dòng.\nHai dòng.",
        "\n".join([f"{SENTENCE[:-1]} và {SENTENCE[0].lower()}{SENTENCE[1:-1]},"] * 4),
        "Trình tự:\n1. Nộp hồ sơ\n2. Nhận kết quả", "Gồm:\na) Đơn\nb) Bản sao\nc) Ảnh",
        "[1] (2020)", "I. Một", "a. Một\n\nb. Hai", "| a |\n|:-:|\n| c |",
        "Vui quá! [a](b.md)", "[a][b]\n\n[b]: https://a.vn", "(a)[1]", "`[a] (b.md)`",
        "“A” <b class=\"a\">“b”</b>", "[a](a.pdf) “b”", "| a | b |\n|---|---|\n| 1\t| 2 |",
    ],
)  # fmt: skip
def test_what_means_what_it_shows_is_left_alone(body: str) -> None:
    assert told(body) == []


def test_a_build_says_it_with_the_remedy(tmp_path: Path) -> None:
    root = network(tmp_path, {"content/tin-tuc/a.md": article("A", body="Gồm:\n• Một\n• Hai")})
    assert [item.describe("vi") for item in run(root).warnings] == [
        "content/tin-tuc/a.md:6:1: • ở đầu dòng không làm thành danh sách. Hãy gõ dấu - và một dấu "
        "cách thay cho •, để một dòng trống trước mục đầu; hoặc chạy: portalgen check --fix"
    ]


def test_a_file_full_of_mistakes_is_told_in_part() -> None:
    assert told("##Mục\n\n" * 30) == [f"{2 * n + 1}:1 heading-no-blank" for n in range(20)]
