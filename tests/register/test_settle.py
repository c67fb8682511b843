"""What becomes of sources that cannot be read, are missing, or come back: what readers get."""

import shutil
from itertools import pairwise
from pathlib import Path

import pytest

from tests.helpers import (
    MAIN_SETTINGS,
    MEMBER_SETTINGS,
    NOW,
    article,
    network,
    page,
    problems,
    run,
    tree,
    write,
)
from tests.register.readers import answer, build_twice, entry_of, register_of, rename, url_of

pytestmark = pytest.mark.usefixtures("quick_themes")

A, B = "content/tin-tuc/a.md", "content/tin-tuc/b.md"
A_PAGE, B_PAGE = "main/tin-tuc/a.html", "main/tin-tuc/b.html"
SAPA = "members/sapa/content/tin-tuc/a.md"
BROKEN = "---\ntitle: Hỏng\n"
TEXT = article("Lúa chín", body="Câu đầu.\n\nCâu sau.")
DAY = 86_400


def built(tmp_path: Path, files: dict[str, str | bytes | None]) -> tuple[Path, Path]:
    root, clean = network(tmp_path, files), tmp_path / "clean"
    assert problems(build_twice(root, clean)) == []
    return root, clean


def test_what_cannot_be_read_stays_everywhere_as_published(tmp_path: Path) -> None:
    front = {"tags": "[ruộng]", "topics": "[Mùa vụ]", "syndicate": "true"}
    root, clean = built(tmp_path, {
        SAPA: article("Lúa chín", body="Câu đầu.", **front), B: article("Khác", tags="[ruộng]"),
    })  # fmt: skip
    shown = ["sapa/tin-tuc/a.html", "sapa/index.html", "main/index.html", "sapa/rss.xml",
             "main/tag/ruong.html", "sapa/chuyen-de/mua-vu.html"]  # fmt: skip
    before = {name: page(root, name) for name in shown}
    write(root, {SAPA: BROKEN})
    report = build_twice(root, clean)
    assert [(item.path, item.kept) for item in report.refused] == [(SAPA, "article-kept")]
    assert {name: page(root, name) for name in shown} == before
    write(root, {SAPA: article("Ngô non", **front)})
    assert problems(build_twice(root, clean)) == []
    assert "Ngô non" in page(root, "sapa/tin-tuc/a.html")


def test_a_new_article_that_cannot_be_read_shows_nothing(tmp_path: Path) -> None:
    root, clean = built(tmp_path, {B: article("B")})
    write(root, {A: BROKEN})
    assert [(item.path, item.kept) for item in build_twice(root, clean).refused] == [(A, "")]
    assert answer(root, A_PAGE) == "none"


def test_what_stays_says_since_when(tmp_path: Path) -> None:
    root, clean = built(tmp_path, {A: TEXT})
    write(root, {A: BROKEN})
    for later in (DAY, 2 * DAY):
        [line] = problems(build_twice(root, clean, now=NOW + later))
        assert line.startswith(f"{A}:1:1: Giữ bản đã đăng lúc 08:00, 15/01/2020; bản mới chưa lên")


def test_what_is_deleted_leaves_a_page_that_says_so(tmp_path: Path) -> None:
    root, clean = built(tmp_path, {A: TEXT, B: article("B")})
    write(root, {A: None})
    report = build_twice(root, clean)
    assert [item.describe("vi") for item in report.changes] == [
        f"{A}: Đã gỡ khỏi trang: /tin-tuc/a.html"
    ]
    assert answer(root, A_PAGE) == "gone"
    assert "Lúa chín" not in page(root, A_PAGE) + page(root, "main/index.html")
    assert entry_of(root, A).good == ""


def test_what_is_restored_is_the_same_entry(tmp_path: Path) -> None:
    root, clean = built(tmp_path, {A: TEXT, B: article("B")})
    before, shown = entry_of(root, A), page(root, A_PAGE)
    write(root, {A: None})
    build_twice(root, clean, now=NOW + 60)
    write(root, {A: TEXT})
    build_twice(root, clean, now=NOW + 40 * DAY)
    after = entry_of(root, A)
    assert (after.id, after.at, after.gone) == (before.id, before.at, 0)
    assert page(root, A_PAGE) == shown


@pytest.mark.parametrize("front", [{"draft": "true"}, {"expires": "2020-01-12 08:00"}])
def test_what_is_withdrawn_is_gone_and_comes_back(tmp_path: Path, front: dict[str, str]) -> None:
    root, clean = built(tmp_path, {A: TEXT, B: article("B")})
    write(root, {A: article("Lúa chín", body="", **front)})
    report = build_twice(root, clean, now=NOW + 60)
    assert answer(root, A_PAGE) == "gone"
    assert [item.code for item in report.changes] == ["page-gone"]
    write(root, {A: BROKEN})
    build_twice(root, clean, now=NOW + 120)
    assert answer(root, A_PAGE) == "gone"
    write(root, {A: TEXT})
    build_twice(root, clean, now=NOW + 180)
    assert answer(root, A_PAGE) == "page"


def test_what_expires_by_itself_is_gone(tmp_path: Path) -> None:
    root, clean = built(tmp_path, {A: article("Lúa chín", expires="2020-01-16 08:00")})
    assert answer(root, A_PAGE) == "page"
    build_twice(root, clean, now=NOW + 2 * DAY)
    assert answer(root, A_PAGE) == "gone"


def test_a_version_that_stays_still_ends_when_it_said(tmp_path: Path) -> None:
    root, clean = built(tmp_path, {A: article("Lúa chín", expires="2020-01-16 08:00")})
    write(root, {A: BROKEN})
    build_twice(root, clean)
    assert answer(root, A_PAGE) == "page"
    build_twice(root, clean, now=NOW + 2 * DAY)
    assert answer(root, A_PAGE) == "gone"


@pytest.mark.parametrize(
    "new", [B, "content/y-te/a.md", "content/tin-tuc/a/index.md", "content/a.md"]
)
def test_a_renamed_source_leads_its_readers_on(tmp_path: Path, new: str) -> None:
    root, clean = built(tmp_path, {A: TEXT})
    entry = entry_of(root, A)
    rename(root, A, new)
    report = build_twice(root, clean, now=NOW + 60)
    after = entry_of(root, new)
    assert (after.id, after.sources) == (entry.id, (A,))
    assert answer(root, f"main/{after.at}") == "page"
    if after.at != entry.at:
        assert answer(root, A_PAGE) == url_of(f"main/{after.at}")
        assert [item.describe("vi") for item in report.changes] == [
            f"{new}: Đã chuyển từ /tin-tuc/a.html sang /{after.at}; địa chỉ cũ dẫn đến địa chỉ mới."
        ]


def test_renames_one_after_another_lead_on_in_one_step(tmp_path: Path) -> None:
    root, clean = built(tmp_path, {A: TEXT})
    names = [A, B, "content/y-te/c.md", "content/tin-tuc/d.md"]
    for number, (old, new) in enumerate(pairwise(names)):
        rename(root, old, new)
        build_twice(root, clean, now=NOW + 60 * number)
    for name in (A_PAGE, B_PAGE, "main/y-te/c.html"):
        assert answer(root, name) == "https://tinh.example/tin-tuc/d.html"
    rename(root, names[-1], A)
    build_twice(root, clean, now=NOW + DAY)
    assert answer(root, A_PAGE) == "page"
    for name in (B_PAGE, "main/y-te/c.html", "main/tin-tuc/d.html"):
        assert answer(root, name) == "https://tinh.example/tin-tuc/a.html"


def test_a_source_that_moves_to_another_site_leads_on_and_may_come_back(tmp_path: Path) -> None:
    root, clean = built(tmp_path, {A: TEXT, B: article("B")})
    rename(root, A, SAPA)
    report = build_twice(root, clean, now=NOW + 60)
    assert answer(root, A_PAGE) == "https://sapa.tinh.example/tin-tuc/a.html"
    assert [item.describe("vi") for item in report.changes] == [
        f"{SAPA}: Đã chuyển từ /tin-tuc/a.html sang sapa/tin-tuc/a.html; địa chỉ cũ dẫn đến địa "
        "chỉ mới."
    ]  # fmt: skip
    rename(root, SAPA, "content/y-te/a.md")
    build_twice(root, clean, now=NOW + 120)
    new = "https://tinh.example/y-te/a.html"
    assert (answer(root, A_PAGE), answer(root, "sapa/tin-tuc/a.html")) == (new, new)


def test_a_moved_source_that_then_goes_is_gone_at_both(tmp_path: Path) -> None:
    root, clean = built(tmp_path, {A: TEXT, B: article("B")})
    rename(root, A, SAPA)
    build_twice(root, clean, now=NOW + 60)
    write(root, {SAPA: None})
    build_twice(root, clean, now=NOW + 120)
    assert (answer(root, A_PAGE), answer(root, "sapa/tin-tuc/a.html")) == ("gone", "gone")


def test_a_missing_source_comes_back_under_another_name_within_a_month(tmp_path: Path) -> None:
    for days, expected in ((29, "https://tinh.example/tin-tuc/b.html"), (31, "gone")):
        root, clean = built(tmp_path / str(days), {A: TEXT})
        write(root, {A: None})
        build_twice(root, clean, now=NOW + 60)
        write(root, {B: TEXT})
        build_twice(root, clean, now=NOW + 60 + days * DAY)
        assert answer(root, A_PAGE) == expected


@pytest.mark.parametrize("front", [{"draft": "true"}, {"slug": "b"}])
def test_what_fitted_two_fits_none_in_the_next_build_either(
    tmp_path: Path, front: dict[str, str]
) -> None:
    root, clean = built(tmp_path, {A: TEXT})
    second = article("Lúa chín", body="Ba", **front)  # not published, so new in each build
    write(root, {A: None, B: article("Lúa chín", body="Hai"), "content/tin-tuc/c.md": second})
    build_twice(root, clean, now=NOW + 60)
    assert answer(root, A_PAGE) == "gone"


def test_two_articles_swap_addresses(tmp_path: Path) -> None:
    root, clean = built(tmp_path, {A: TEXT, B: article("Khác")})
    write(root, {A: article("Lúa chín", slug="b"), B: article("Khác", slug="a")})
    assert problems(build_twice(root, clean, now=NOW + 60)) == []
    assert ("Khác" in page(root, A_PAGE), "Lúa chín" in page(root, B_PAGE)) == (True, True)


def test_two_sources_swap_names(tmp_path: Path) -> None:
    root, clean = built(tmp_path, {A: TEXT, B: article("Khác")})
    write(root, {A: article("Khác"), B: TEXT})
    assert problems(build_twice(root, clean, now=NOW + 60)) == []
    assert ("Khác" in page(root, A_PAGE), "Lúa chín" in page(root, B_PAGE)) == (True, True)


def test_a_renamed_source_that_cannot_be_read_stays_under_its_old_name(tmp_path: Path) -> None:
    root, clean = built(tmp_path, {A: TEXT})
    write(root, {A: None, "content/y-te/a.md": BROKEN})
    assert [item.path for item in build_twice(root, clean).refused] == ["content/y-te/a.md"]
    assert "Lúa chín" in page(root, A_PAGE)
    write(root, {"content/y-te/a.md": TEXT})
    build_twice(root, clean)
    assert answer(root, A_PAGE) == "https://tinh.example/y-te/a.html"


def many(count: int) -> dict[str, str | bytes | None]:
    return {
        f"content/tin-tuc/bai-{n}.md": article(f"Bài {n}", body=f"Chữ {n}") for n in range(count)
    }


MANY = (
    "content: Mất một lúc {} trong {} bài của trang này, nên chưa bài nào bị gỡ. Nếu đúng là muốn "
    "gỡ, hãy chạy lại với --accept-removals main; nếu không, hãy khôi phục các tệp."
)


def test_much_that_is_missing_at_once_stays_until_somebody_says_so(tmp_path: Path) -> None:
    root, clean = built(tmp_path, {**many(30), SAPA: article("S")})
    before = page(root, "main/tin-tuc/bai-3.html")
    write(root, dict.fromkeys(many(21)))
    for _ in range(2):
        assert problems(build_twice(root, clean)) == [MANY.format(21, 30)]
        assert page(root, "main/tin-tuc/bai-3.html") == before
    assert problems(build_twice(root, clean, accepted=("sapa",))) == [MANY.format(21, 30)]
    report = build_twice(root, clean, accepted=("main",))
    assert (problems(report), len(report.changes)) == ([], 21)
    assert answer(root, "main/tin-tuc/bai-3.html") == "gone"
    assert problems(build_twice(root, clean)) == []


def test_some_that_are_missing_go_at_once(tmp_path: Path) -> None:
    root, clean = built(tmp_path, many(30))
    write(root, dict.fromkeys(many(20)))
    assert problems(build_twice(root, clean)) == []
    assert answer(root, "main/tin-tuc/bai-3.html") == "gone"


def test_a_folder_that_is_renamed_is_nothing_missing(tmp_path: Path) -> None:
    root, clean = built(tmp_path, many(30))
    (root / "content/tin-tuc").rename(root / "content/y-te")
    assert problems(build_twice(root, clean)) == []
    assert answer(root, "main/tin-tuc/bai-3.html") == "https://tinh.example/y-te/bai-3.html"


def test_a_section_that_leaves_the_settings_stays_with_its_folder(tmp_path: Path) -> None:
    root, clean = built(tmp_path, {A: TEXT, "content/y-te/c.md": article("C")})
    before = page(root, "main/y-te/c.html")
    write(root, {"site.yaml": MAIN_SETTINGS.replace("  - {slug: y-te, title: Y tế}\n", "")})
    assert [item.code for item in build_twice(root, clean).refused] == ["unknown-section"]
    assert ("Y tế" in page(root, "main/y-te/index.html"), "C" in before) == (True, True)
    assert answer(root, "main/y-te/c.html") == "page"
    shutil.rmtree(root / "content/y-te")
    assert problems(build_twice(root, clean)) == []
    assert answer(root, "main/y-te/c.html") == "gone"
    assert answer(root, "main/y-te/index.html") == "https://tinh.example/"


def test_what_is_much_like_a_missing_one_is_proposed(tmp_path: Path) -> None:
    words = " ".join(f"từ{n}" for n in range(60))
    root, clean = built(tmp_path, {A: article("Lúa chín", body=words)})
    write(root, {A: None, B: article("Lúa vàng", body=words + " thêm")})
    report = build_twice(root, clean)
    assert [item.describe("vi") for item in report.warnings] == [
        f"{B}:1: Bài này gần giống {A} vừa bị gỡ. Nếu đây là bài ấy, hãy thêm dòng: "
        "aliases: [/tin-tuc/a.html]"
    ]  # fmt: skip
    write(root, {B: article("Lúa vàng", body=words + " thêm", aliases="[/tin-tuc/a.html]")})
    assert build_twice(root, clean).warnings == []
    assert answer(root, A_PAGE) == "https://tinh.example/tin-tuc/b.html"


def test_a_site_that_is_no_more_is_taken_away_and_may_come_back(tmp_path: Path) -> None:
    root, clean = built(tmp_path, {SAPA: TEXT, B: article("B")})
    old = entry_of(root, SAPA, "sapa")
    (root / "members/sapa").rename(tmp_path / "sapa")
    build_twice(root, clean, now=NOW + 60)
    assert register_of(root).sites["sapa"].standing() == []
    (tmp_path / "sapa").rename(root / "members/sapa")
    build_twice(root, clean, now=NOW + 120)
    assert answer(root, "sapa/tin-tuc/a.html") == "page"
    assert entry_of(root, SAPA, "sapa").id == old.id


def test_drafts_are_shown_and_nothing_is_recorded(tmp_path: Path) -> None:
    root, _ = built(tmp_path, {A: TEXT})
    before = tree(root / "register")
    write(root, {B: article("Nháp", draft="true"), A: None})
    run(root, tmp_path / "desk", drafts=True)
    assert "Nháp" in (tmp_path / "desk" / B_PAGE).read_text("utf-8")
    assert tree(root / "register") == before
    assert not (tmp_path / "desk/.portalgen/register").exists()


def test_another_output_begins_with_the_register_and_goes_on_by_itself(tmp_path: Path) -> None:
    root, _ = built(tmp_path, {A: TEXT, B: article("B")})
    before = (root / "register/register.json").read_bytes()
    other = tmp_path / "khac"
    write(root, {A: None})
    run(root, other)
    assert (root / "register/register.json").read_bytes() == before
    assert "noindex" in (other / A_PAGE).read_text("utf-8")
    assert "Lúa chín" in page(root, A_PAGE)


def test_a_build_of_one_site_records_that_site_alone(tmp_path: Path) -> None:
    root, clean = built(tmp_path, {A: TEXT, SAPA: article("S")})
    before = register_of(root).sites
    write(root, {A: None, SAPA: None, "members/sapa/site.yaml": MEMBER_SETTINGS + "language: en\n"})
    run(root, sites=("sapa",))
    after = register_of(root).sites
    assert after["main"] == before["main"]
    assert after["sapa"] != before["sapa"]
    assert (answer(root, A_PAGE), answer(root, "sapa/tin-tuc/a.html")) == ("page", "gone")
    build_twice(root, clean)
    assert answer(root, A_PAGE) == "gone"
