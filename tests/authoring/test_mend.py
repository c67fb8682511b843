"""Mistakes of typing are mended where what is meant is sure, and the change is shown."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from portalgen.authoring.mend import changes, mend
from portalgen.cli import main
from portalgen.content.lint.article import Text
from tests.helpers import article, network

HEAD = "---\ntitle: A\n---\n"
MENDED = {
    "Gồm:\n• Một\n• Hai": ("Gồm:\n\n- Một\n- Hai", "fixed-bullets"),
    "• Một\n\n• Hai": ("- Một\n\n- Hai", "fixed-bullets"),
    "\t• Một\n\t• Hai": ("- Một\n- Hai", "fixed-bullets"),
    "• Một\n  • Hai\n• Ba": ("- Một\n    - Hai\n- Ba", "fixed-bullets"),
    "> •\tMột": ("> - Một", "fixed-bullets"),
    "- Một\n-Hai\n-Ba": ("- Một\n- Hai\n- Ba", "fixed-bullets"),
    "1.Một\n2.Hai": ("1. Một\n2. Hai", "fixed-bullets"),
    "##Mục\n\n###Tiểu": ("## Mục\n\n### Tiểu", "fixed-headings"),
    '<a href=“/a” title=“b”>c</a>': ('<a href="/a" title="b">c</a>', "fixed-quotes"),
    "[a](a.pdf “Mẫu”)": ('[a](a.pdf "Mẫu")', "fixed-quotes"),
    "\tĐoạn này thụt vào bằng tab.": ("Đoạn này thụt vào bằng tab.", "fixed-indents"),
    "Céng hßa x· héi chñ nghÜa": ("Cộng hòa xã hội chủ nghĩa", "fixed-encoding"),
}  # fmt: skip


@pytest.mark.parametrize("body", MENDED)
def test_what_is_sure_is_mended_and_then_not_told_any_more(body: str) -> None:
    new, reasons = mend(HEAD + body, "a.md")
    assert (new.removeprefix(HEAD), *reasons) == MENDED[body]
    assert Text("a.md", new, len(HEAD)).mistakes() == []
    assert mend(new, "a.md") == (new, [])


@pytest.mark.parametrize(
    "body",
    [
        "```\n• Một\n##a\n```", "`##a`", "<!-- • a -->", "– Một câu.", "#LaoCai", "a\tb\nc\td",
        "\tCâu thơ một ở đây.\n\tCâu thơ hai ở đây.", "C?ng hòa xã h?i ch? ngh?a",
    ],
)  # fmt: skip
def test_what_is_not_sure_stays(body: str) -> None:
    assert mend(HEAD + body, "a.md") == (HEAD + body, [])


def test_curly_quotes_of_front_matter() -> None:
    front = "---\ntitle: “Đất: nước”\nauthor: “An”\ntags: [“y tế”, b]\nlead: “Lời”\n---\nA.\n"
    new, reasons = mend(front, "a.md")
    assert new == '---\ntitle: "Đất: nước"\nauthor: "An"\ntags: ["y tế", b]\nlead: “Lời”\n---\nA.\n'
    assert reasons == ["fixed-quotes"]


def test_changes_are_lines_before_and_after() -> None:
    assert list(changes("a\n• b\nc ", "a\n\n- b\nc")) == [
        ("fixed-before", 2, "• b"), ("fixed-after", 3, "- b"),
    ]  # fmt: skip


def test_the_command_shows_the_change(tmp_path: Path) -> None:
    root = network(tmp_path, {"content/tin-tuc/a.md": article("A", body="• Một \n• Hai")})
    result = CliRunner().invoke(main, ["check", "--fix", "--root", str(root)])
    assert result.output.splitlines()[:5] == [
        "Đã sửa content/tin-tuc/a.md: khoảng trắng thừa ở cuối dòng, dấu đầu dòng thành danh sách.",
        "  dòng 5, trước: • Một", "  dòng 6, trước: • Hai",
        "  dòng 5, sau: - Một", "  dòng 6, sau: - Hai",
    ]  # fmt: skip
    assert (root / "content/tin-tuc/a.md").read_text("utf-8").endswith("\n- Một\n- Hai\n")
