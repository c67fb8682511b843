"""What `front` names: articles that the main portal's home page shows first, or leaves out."""

from pathlib import Path

import pytest

from portalgen.content.site_index import SiteIndex
from portalgen.problems import Problem
from tests.helpers import MAIN_SETTINGS, NOW, article, network
from tests.quick import look_up

SAPA = "members/sapa/content/tin-tuc/b.md"
FILES: dict[str, str | bytes | None] = {
    "content/tin-tuc/a.md": article("A"),
    "content/y-te/c/index.md": article("C"),
    "content/lien-he.md": article("Liên hệ", ""),
    SAPA: article("B"),
    "content/tin-tuc/mai.md": article("Mai", "2020-12-01"),
}


def chosen(folder: Path, front: str, now: int = NOW) -> tuple[SiteIndex, list[Problem]]:
    """The index of the main portal, and the warnings of a network with this `front`."""
    root = network(folder, FILES | {"site.yaml": f"{MAIN_SETTINGS}front: {{{front}}}\n"})
    library = look_up(root, now=now)[0].library
    return library.sites["main"], library.warnings


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("portal:sapa/tin-tuc/b.md", SAPA),
        ("portal:main/tin-tuc/a.md", "content/tin-tuc/a.md"),
        (SAPA, SAPA),
        (f"./{SAPA}", SAPA),
        ("members\\sapa\\content\\tin-tuc\\b.md", SAPA),
        ("content/y-te/c/index.md", "content/y-te/c/index.md"),
        ("tin-tuc/a.md", "content/tin-tuc/a.md"),
        ("https://sapa.tinh.example/tin-tuc/b.html", SAPA),
        ("http://SAPA.tinh.example:80/tin-tuc/b.html?x=1#y", SAPA),
        ("/tin-tuc/a.html", "content/tin-tuc/a.md"),
        ("https://tinh.example/tin-tuc/a.html", "content/tin-tuc/a.md"),
        ("/lien-he.html", "content/lien-he.md"),
    ],
)
def test_an_article_is_named_as_people_write_it(tmp_path: Path, text: str, path: str) -> None:
    index, warnings = chosen(tmp_path, f"pin: ['{text}'], leave_out: ['{text}']")
    assert (index.pinned, index.left_out, warnings) == ([path], [path], [])


def test_pins_keep_their_order_and_each_counts_once(tmp_path: Path) -> None:
    index, _ = chosen(tmp_path, f"pin: [y-te/c/index.md, {SAPA}, content/y-te/c/index.md]")
    assert index.pinned == ["content/y-te/c/index.md", SAPA]


def test_what_leads_nowhere_is_told_with_its_place_and_costs_itself(tmp_path: Path) -> None:
    index, warnings = chosen(
        tmp_path, "pin: [tin-tuc/x.md, tin-tuc/a.md, portal:khac/a.md],\n"
        "  leave_out: [https://khac.example/, /khong-co.html, members/sapa, '']",
    )  # fmt: skip
    assert (index.pinned, index.left_out) == (["content/tin-tuc/a.md"], [])
    assert [(item.place(), item.code, item.site) for item in warnings] == [
        (f"site.yaml:{place}", "front-nowhere", "main")
        for place in ("13:15", "13:43", "14:15", "14:38", "14:54", "14:68")
    ]
    assert warnings[0].message("vi") == (
        "`front` ghi “tin-tuc/x.md”, mà không có bài nào như vậy. Hãy ghi đường dẫn tệp tính từ "
        "thư mục gốc, như members/sapa/content/tin-tuc/bai.md, hoặc địa chỉ hiện nay của trang."
    )


@pytest.mark.parametrize("text", ["tin-tuc/mai.md", "/tin-tuc/mai.html"])
def test_what_is_not_published_yet_waits_without_a_word(tmp_path: Path, text: str) -> None:
    index, warnings = chosen(tmp_path, f"pin: [{text}]")
    assert (index.pinned, warnings) == ([], [])
    index, _ = chosen(tmp_path, f"pin: [{text}]", NOW + 10**9)
    assert index.pinned == ["content/tin-tuc/mai.md"]


def test_after_its_moment_nothing_of_it_counts(tmp_path: Path) -> None:
    front = "pin: [tin-tuc/a.md, x.md], leave_out: [y-te/c/index.md], until: 2020-01-15 08:00"
    index, warnings = chosen(tmp_path, front, NOW - 1)  # in the zone of the site
    assert index.pinned
    assert index.left_out
    assert warnings
    index, warnings = chosen(tmp_path, front, NOW)
    assert (index.pinned, index.left_out, warnings) == ([], [], [])
