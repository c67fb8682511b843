"""What need not be planned again is not, and looks as if it were."""

from pathlib import Path

import pytest

from portalgen.content.model import Article
from portalgen.pages.page import Page
from portalgen.pages.site_plan import SitePlan
from tests.helpers import MEMBER_SETTINGS, article, network, picture, run, tree, unlike_clean, write

COUNT = 200


def name(number: int) -> str:
    return f"content/tin-tuc/bai-{number:03}.md"


def bai(number: int, title: str = "") -> str:
    date = f"2019-{number // 28 + 1:02}-{number % 28 + 1:02} 08:00"
    return article(title or f"Bài số {number}", date)


@pytest.fixture
def planned(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The articles whose pages were planned, as it goes on."""
    found: list[str] = []
    plan = SitePlan._article

    def noted(self: SitePlan, one: Article) -> Page:
        found.append(one.path)
        return plan(self, one)

    monkeypatch.setattr(SitePlan, "_article", noted)
    return found


def test_pages_far_from_an_edit_are_not_planned_again(tmp_path: Path, planned: list[str]) -> None:
    root = network(tmp_path, {name(n): bai(n) for n in range(COUNT)})
    run(root)
    assert len(planned) == COUNT
    planned.clear()
    write(root, {name(100): bai(100, "Chuyện khác hẳn")})
    run(root)
    assert name(100) in planned
    assert len(planned) <= COUNT * 2 / 3
    assert name(0) not in planned
    assert unlike_clean(root, tmp_path / "clean") == []


def test_a_new_article_lets_older_pages_be(tmp_path: Path, planned: list[str]) -> None:
    root = network(tmp_path, {name(n): bai(n) for n in range(COUNT)})
    run(root)
    planned.clear()
    write(root, {name(COUNT): bai(COUNT, "Mới tinh")})
    run(root)
    assert name(COUNT) in planned
    assert len(planned) < COUNT / 2
    assert unlike_clean(root, tmp_path / "clean") == []


def test_a_page_that_is_gone_is_planned_again(tmp_path: Path, planned: list[str]) -> None:
    root = network(tmp_path, {name(n): bai(n) for n in range(3)})
    run(root)
    before = tree(root / "public")
    planned.clear()
    (root / "public/main/tin-tuc/bai-001.html").unlink()
    run(root)
    assert planned == [name(1)]
    assert tree(root / "public") == before


def test_settings_that_a_page_shows_plan_it_again(tmp_path: Path, planned: list[str]) -> None:
    root = network(tmp_path, {name(n): bai(n) for n in range(3)})
    run(root)
    planned.clear()
    write(root, {"members/sapa/site.yaml": MEMBER_SETTINGS.replace("Sa Pa", "Sa Pả")})
    run(root)
    assert sorted(set(planned)) == [name(n) for n in range(3)]
    assert unlike_clean(root, tmp_path / "clean") == []


def test_the_pictures_of_others_stay_with_a_page_that_is_not_planned_again(
    tmp_path: Path, planned: list[str]
) -> None:
    told = "Cầu Cốc Lếu được gia cố trụ trước mùa lũ, xe tải đi vòng qua Phố Mới."
    root = network(tmp_path, {
        "content/tin-tuc/cau.md": article("Cầu Cốc Lếu được gia cố", "2020-01-09", told),
        "content/y-te/khac.md": article("Tiêm chủng ở trạm xá"),
        "members/sapa/content/tin-tuc/cau/index.md": article(
            "Cầu Cốc Lếu được gia cố trước mùa lũ", "2020-01-08",
            f"Người dân theo dõi thông báo trên cổng của xã để sắp xếp việc nhà.\n\n{told}",
            image="anh.png",
        ),
        "members/sapa/content/tin-tuc/cau/anh.png": picture(40, 30, "PNG"),
    })  # fmt: skip
    run(root)
    pictures = {file for file in tree(root / "public/main") if file.startswith("media/")}
    assert pictures
    planned.clear()
    write(root, {"content/y-te/khac.md": article("Tiêm chủng ở trạm xá", body="Thêm một câu.")})
    run(root)
    assert "content/tin-tuc/cau.md" not in planned
    assert pictures == {file for file in tree(root / "public/main") if file.startswith("media/")}
    assert unlike_clean(root, tmp_path / "clean") == []
