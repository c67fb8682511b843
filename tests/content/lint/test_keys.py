"""Front matter that is read, but hardly as it was meant."""

from pathlib import Path

import pytest

from portalgen.authoring.check import check
from portalgen.report import Options
from tests.helpers import NOW, article, network, run

AT = "content/tin-tuc/a.md"
DAY = 24 * 60 * 60


def told(tmp_path: Path, text: str, now: int = NOW) -> list[str]:
    """Place and code of each warning of `check`, which are those of a first build."""
    root = network(tmp_path, {AT: text})
    report = check(Options(root, root / "public", now, jobs=1))
    codes = [f"{item.line}:{item.column} {item.code}" for item in report.warnings]
    built = run(root, now=now)
    assert [f"{item.line}:{item.column} {item.code}" for item in built.warnings] == codes
    return codes


TOLD = {
    "author: “An”": "4:9 curly-quotes",
    "tags: [“y tế”, giáo dục]": "4:8 curly-quotes",
    "tags:\n  - “y tế”": "5:5 curly-quotes",
    "tags: y tế, giáo dục; du lịch": "4:7 text-not-list",
    "tags: [y tế; giáo dục]": "4:7 text-not-list",
    "topics: bão; lũ": "4:9 text-not-list",
    "updated: 2020-01-09": "4:10 updated-early",
    "updated: 2031-01-09": "4:10 updated-ahead",
    "author: Nguyễn Văn A": "4:9 archetype-left",
    "lead: Một hai câu tóm tắt bài viết.": "4:7 archetype-left",
}  # fmt: skip


@pytest.mark.parametrize("line", TOLD)
def test_what_is_hardly_meant_is_told(tmp_path: Path, line: str) -> None:
    assert told(tmp_path, f"---\ntitle: A\ndate: 2020-01-10\n{line}\n---\nMột.\n") == [TOLD[line]]


@pytest.mark.parametrize(
    "line",
    [
        "lead: “Đất và người”", "lead: Lời của “người giữ rừng”",
        'tags: ["phòng, chống thiên tai"]',
        "tags: [y tế, giáo dục]", "tags: y tế", "topics: Chủ động phòng, chống thiên tai",
        "updated: 2020-01-10", 'author: "An"', "tags:\n  - y tế\n  - giáo dục",
    ],
)  # fmt: skip
def test_what_may_be_meant_is_left_alone(tmp_path: Path, line: str) -> None:
    assert told(tmp_path, f"---\ntitle: A\ndate: 2020-01-10\n{line}\n---\nMột.\n") == []


def test_the_remedy_for_a_text_that_is_a_list_is_accepted(tmp_path: Path) -> None:
    text = article("A", tags="y tế, giáo dục; du lịch")
    root = network(tmp_path, {AT: text})
    [warning] = run(root).warnings
    assert warning.message("vi") == (
        "“y tế, giáo dục; du lịch” là một mục duy nhất. Hãy ghi danh sách: tags: [y tế, giáo dục, "
        'du lịch]; nếu đúng là một mục, ghi: tags: ["y tế, giáo dục; du lịch"]'
    )
    assert told(tmp_path / "b", article("A", tags="[y tế, giáo dục, du lịch]")) == []


TITLES = {
    "UBND TỈNH HỌP PHIÊN ĐẦU NĂM": ["2:8 title-capitals"],
    "HĐND, UBND": [],
    "UBND tỉnh họp": [],
}


@pytest.mark.parametrize("title", TITLES)
def test_a_title_in_capitals(tmp_path: Path, title: str) -> None:
    assert told(tmp_path, article(title, body="Một.")) == TITLES[title]


def test_a_date_more_than_a_year_ahead(tmp_path: Path) -> None:
    text = article("A", "2021-01-20 08:00", "Một.")
    assert told(tmp_path / "a", text) == ["3:7 date-far"]
    assert told(tmp_path / "b", text, NOW + 30 * DAY) == []


def test_sentences_of_the_archetype(tmp_path: Path) -> None:
    body = "Một.\n\nViết nội dung bài ở đây."
    assert told(tmp_path / "a", article("A", body=body)) == ["7:1 archetype-left"]
    assert told(tmp_path / "b", article("A", body=body, draft="true")) == []


def test_a_moment_that_clocks_showed_twice_is_told_and_the_first_counts(tmp_path: Path) -> None:
    for date in ("1975-06-12 23:30", "'12/6/1975 23h30'  # cũ"):
        assert told(tmp_path, f"---\ntitle: A\ndate: {date}\n---\nMột.\n") == ["3:7 date-twice"]
    assert told(tmp_path, "---\ntitle: A\ndate: 1975-06-12 23:30 +07:00\n---\nMột.\n") == []
