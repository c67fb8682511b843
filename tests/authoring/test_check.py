from pathlib import Path

import pytest
from msgspec.structs import replace

from portalgen.authoring.check import check
from portalgen.changes.cache import Cache
from portalgen.report import BuildReport, Options
from tests.helpers import (
    MAIN_SETTINGS,
    MEMBER_SETTINGS,
    NOW,
    article,
    network,
    problems,
    run,
    write,
)

AT = "content/tin-tuc/"
SAPA = "members/sapa/content/tin-tuc/"


def checked(root: Path, **options: object) -> BuildReport:
    base = Options(root, root / "public", NOW, jobs=1)
    return check(replace(base, **options))


def warned(root: Path, **options: object) -> list[str]:
    return [item.describe("vi") for item in checked(root, **options).warnings]


def test_a_title_used_twice_on_a_site_is_named_at_the_later_article(tmp_path: Path) -> None:
    root = network(tmp_path, {
        f"{AT}b.md": article("Lịch tiếp dân", "2020-01-08"),
        f"{AT}a.md": article("lịch  Tiếp dân", "2020-01-09"),
        f"{AT}nhap.md": article("Lịch tiếp dân", "2020-01-10", draft="true"),
        f"{AT}cu.md": article("Lịch tiếp dân", "2020-01-01", expires="2020-01-02"),
        f"{SAPA}c.md": article("Lịch tiếp dân"),
    })  # fmt: skip
    same = (
        "Trang này đã có bài cùng tiêu đề: content/tin-tuc/b.md. Hãy sửa một trong hai để người "
        "đọc phân biệt được."
    )
    assert warned(root) == [f"{AT}a.md:2:8: {same}", f"{AT}nhap.md:2:8: {same}"]


TAGS = {
    # Tags of three articles; the tag in the warning about the third, and the similar one.
    "without marks": (["giáo dục", "giáo dục", "giao duc"], ("giao duc", "giáo dục")),
    "in capitals": (["Y tế", "Y tế", "Y TẾ"], ("Y TẾ", "Y tế")),
    "a wrong mark": (["nghị quyết", "nghị quyết", "nghi quyết"], ("nghi quyết", "nghị quyết")),
    "typed once each": (["khác", "đường bộ", "duong bo"], ("duong bo", "đường bộ")),
    "other words": (["bản", "bán", "nước"], None),
    "the same": (["y tế", "y tế", "y tế"], None),
}  # fmt: skip


@pytest.mark.parametrize("case", TAGS)
def test_a_tag_that_is_another_but_for_marks_or_case(tmp_path: Path, case: str) -> None:
    tags, found = TAGS[case]
    root = network(tmp_path, {
        f"{AT}a.md": article("A", tags=f"[{tags[0]}]"),
        f"{AT}b.md": article("B", tags=f"[{tags[1]}]"),
        f"{SAPA}c.md": article("C", tags=f"[{tags[2]}]"),
    })  # fmt: skip
    place = f"{AT}{'b' if case == 'typed once each' else 'a'}.md"
    assert warned(root) == ([
        f"{SAPA}c.md:4:7: Chỉ bài này dùng thẻ “{found[0]}”. Có phải “{found[1]}” như trong "
        f"{place}?"
    ] if found else [])  # fmt: skip


def test_links_of_settings_are_looked_at_where_they_are_written(tmp_path: Path) -> None:
    root = network(tmp_path, {
        "site.yaml": MAIN_SETTINGS + (
            "    links:\n      - {title: A, url: 'https://a.example/'}\n"
            "known_hosts: [b.example]\nmenu:\n  - {title: B, url: 'https://b.example/'}\n"
            "  - title: C\n    url: https://b.example@c.example/\nalert: {title: D, url: /d}\n"
            "services: [{title: E, url: 'https://sapa.tinh.example/'}]\n"
        ),
        "members/sapa/site.yaml": MEMBER_SETTINGS + "alert: {title: F, url: 'http://F.example'}\n",
    })  # fmt: skip
    report = checked(root)
    assert [(w.site, w.place(), dict(w.values)["host"]) for w in report.warnings] == [
        ("sapa", "members/sapa/site.yaml:4:24", "f.example"),
        ("main", "site.yaml:14:25", "a.example"),
        ("main", "site.yaml:19:10", "c.example"),
    ]


def test_settings_that_are_a_link_out_of_the_house_are_not_looked_at(tmp_path: Path) -> None:
    root = network(tmp_path, {"content/tin-tuc/a.md": article("A")})
    run(root)
    outside = tmp_path / "ngoai.yaml"
    outside.write_text("title: A\nmenu: [{title: B, url: 'https://b.example/'}]\n", "utf-8")
    (root / "members/sapa/site.yaml").unlink()
    (root / "members/sapa/site.yaml").symlink_to(outside)
    report = checked(root)
    assert [item.code for item in report.refused] == ["symlink-outside"]
    assert report.warnings == []


def test_a_host_that_becomes_known_is_no_longer_warned_of(tmp_path: Path) -> None:
    root = network(tmp_path, {f"{AT}a.md": article("A", body="[b](https://b.example/)")})
    assert len(warned(root)) == 1
    write(root, {"site.yaml": MAIN_SETTINGS + "known_hosts: ['*.b.example', b.example]\n"})
    assert warned(root) == []


def test_warnings_are_the_same_from_the_cache_and_after_a_build(tmp_path: Path) -> None:
    root = network(tmp_path, {
        f"{AT}a.md": article("A" * 120, body="<p hidden>x</p>\n\n<https://b.example>"),
        f"{AT}b.md": article("B", tgas="x", body="<https://b.example>"),
    })  # fmt: skip
    first = warned(root)
    assert len(first) == 4
    run(root)
    assert warned(root) == first == warned(root, use_cache=False)
    noted = "SELECT path FROM notes"
    cache = Cache(root / ".portalgen/cache.sqlite")
    assert cache.query(noted) == [(f"{AT}a.md",)]
    cache.write("DELETE FROM notes", [()])
    cache.commit()
    cache.close()
    assert warned(root) == first
    write(root, {f"{AT}a.md": "x"})
    for _ in range(2):
        assert len(warned(root)) == 1


def test_what_readers_do_not_get_is_told_once_however_often_it_was_read(tmp_path: Path) -> None:
    body = "[b]() ![c](c.jpg)"
    root = network(tmp_path, {f"{AT}a.md": article("A", body=body)})
    wanted = [
        f"{AT}a.md:5:5: Liên kết “” không dẫn đến đâu. Hãy sửa đường dẫn hoặc bỏ liên kết.",
        f"{AT}a.md:5:12: Không thấy ảnh “c.jpg” cạnh bài viết. Hãy chép ảnh vào cùng thư mục hoặc "
        "sửa tên.",
    ]
    assert warned(root) == wanted
    run(root)
    assert warned(root) == wanted == warned(root, use_cache=False)


def test_themes_and_articles_are_looked_at_in_one_run(tmp_path: Path) -> None:
    root = network(tmp_path, {
        "members/sapa/site.yaml": MEMBER_SETTINGS + "theme: khong-co\n", f"{AT}a.md": "x",
    })  # fmt: skip
    assert [line.split(": ")[0] for line in problems(checked(root))] == [
        f"{AT}a.md:1:1", "members/sapa/site.yaml:4:8",
    ]  # fmt: skip


TOPICS = {
    # Topics of two articles; the one that is told, and as what it is meant.
    "a comma": ("Chủ động phòng chống bão", "Chủ động phòng, chống bão"),
    "marks": ("Chu dong phong chong bao", "Chủ động phòng, chống bão"),
    "case": ("CHỦ ĐỘNG PHÒNG CHỐNG BÃO", "Chủ động phòng, chống bão"),
    "other words": ("Chủ động chống bão", None),
    "the same": ("Chủ động phòng, chống bão", None),
}


@pytest.mark.parametrize("case", TOPICS)
def test_a_topic_that_is_a_declared_one_but_for_signs(tmp_path: Path, case: str) -> None:
    topic, meant = TOPICS[case]
    declared = "topics:\n  - {slug: bao, title: 'Chủ động phòng, chống bão'}\n"
    root = network(tmp_path, {
        "site.yaml": MAIN_SETTINGS + declared, f"{AT}a.md": article("A", topics=f'["{topic}"]'),
    })  # fmt: skip
    warning = (
        f"{AT}a.md:4:9: Chuyên đề “{topic}” chỉ khác “{meant}” ở dấu câu, dấu thanh hoặc chữ hoa, "
        f"nên thành một chuyên đề riêng. Hãy ghi “{meant}” nếu là một."
    )
    assert warned(root) == ([warning] if meant else [])
