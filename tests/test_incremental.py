import random
import shutil
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.helpers import (
    MAIN_SETTINGS,
    MEMBER_SETTINGS,
    NOW,
    article,
    network,
    picture,
    run,
    tree,
    unlike_clean,
    write,
)


@pytest.fixture(autouse=True)
def trust_fresh_times(monkeypatch: pytest.MonkeyPatch) -> None:
    """Trust the times of files written a moment ago."""
    monkeypatch.setattr("portalgen.changes.snapshot.RACY_NANOSECONDS", 0)


@pytest.fixture(autouse=True)
def small_tiers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make tiers of the search index so small that articles move between them."""
    monkeypatch.setattr("portalgen.search.layout.SIZES", (6, 2, 1))


@pytest.fixture
def small_lists(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lists of a few articles have older pages."""
    for module in ("content.site_index", "pages.site_plan"):
        monkeypatch.setattr(f"portalgen.{module}.PAGE_SIZE", 3)


pytestmark = pytest.mark.usefixtures("quick_themes")

WORDS = ["lúa", "ngô", "chè", "quế", "hồ", "sơ", "văn", "bản", "du", "lịch", "làng", "sạt", "lở"]
SITES = {"main": "", "sapa": "members/sapa/", "bacha": "members/bacha/"}
SLOTS = [
    f"{folder}content/{section}/bai-{number}.md"
    for folder in SITES.values()
    for section in ("tin-tuc", "y-te")
    for number in range(10)
]


def text(seed: int) -> str:
    """An article by chance: like others, tagged, in a topic, shared, naming others, refused."""
    chance = random.Random(seed)

    def once_in(number: int) -> bool:
        return not chance.randrange(number)

    def other() -> str:
        section, number = chance.choice(["tin-tuc", "y-te"]), chance.randrange(10)
        return f"portal:{chance.choice(list(SITES))}/{section}/bai-{number}.md"

    if once_in(25):
        return "---\ntitle: Hỏng\n"
    title = " ".join(chance.choices(WORDS, k=4))
    body = "\n\n".join(" ".join(chance.choices(WORDS, k=12)) for _ in range(3))
    if once_in(4):
        body += f"\n\n[xem]({other()})"
    front: dict[str, object] = {"tags": chance.sample(WORDS[:5], 2)}
    if once_in(3):
        front["topics"] = [chance.choice(["Chuyên đề chung", "Mùa vụ"])]
    if once_in(4):
        front["syndicate"] = "true"
    if once_in(8):
        front["draft"] = "true"
    if once_in(6):
        front["related"] = [other()]
    if once_in(9):
        front["unrelated"] = [other()]
    day, hour = chance.randint(1, 20), chance.randrange(24)  # after the 15th it waits
    return article(title, f"2020-01-{day:02} {hour:02}:30", body, **front)


TOPICS = "topics: [{slug: mua-vu, title: Mùa vụ, banner: [Mùa vụ]}]\n"
seeds = st.integers(0, 9999)
edits = st.one_of(
    st.tuples(st.sampled_from(SLOTS), seeds.map(text)),
    st.tuples(st.sampled_from(SLOTS), seeds.map(text)),
    st.tuples(st.sampled_from(SLOTS), st.none()),
    st.tuples(st.just("members/sapa/site.yaml"), st.sampled_from([
        MEMBER_SETTINGS,
        MEMBER_SETTINGS + 'tokens: {brand: "#004422"}\n',
        MEMBER_SETTINGS.replace("Thị xã", "Phường"),
        MEMBER_SETTINGS.replace("short_title: Sa Pa", "short_title: Sa Pả"),
        MEMBER_SETTINGS + "permalink: /{year}/{slug}.html\n",
        MEMBER_SETTINGS + "feeds: {full_text: true}\n",
    ])),
    st.tuples(st.just("site.yaml"), st.sampled_from([MAIN_SETTINGS, MAIN_SETTINGS + TOPICS])),
    st.tuples(st.just("members/sapa/templates/article.html"), st.sampled_from([
        '{% extends "portal/article.html" %}{% block byline %}{{ article.author }}{% endblock %}',
        '{% extends "portal/article.html" %}{% block byline %}{{ 1 // (tags|length - 2) }}'
        "{% endblock %}",
        '{% extends "portal/article.html" %}{% block byline %}'
        "{{ 1 // (0 if 'a' < article.title < 'l' else 1) }}{% endblock %}",
        "{% if %}",
        None,
    ])),
    st.tuples(st.just("members/sapa/static/tep.txt"), st.sampled_from(["một", "hai", None])),
)  # fmt: skip
rounds_of_edits = st.lists(
    st.tuples(
        st.lists(edits, min_size=1, max_size=4), st.sampled_from([0, 0, 0, 3600, 2 * 86_400]),
        st.booleans(),
    ),
    min_size=1, max_size=3,
)  # fmt: skip


def apply(root: Path, edit: tuple[str, str | None]) -> None:
    name, content = edit
    if content is not None or (root / name).exists():
        write(root, {name: content})


@settings(
    max_examples=10, deadline=None, suppress_health_check=list(HealthCheck), print_blob=True
)  # fmt: skip
@given(seeds, st.sampled_from([5, 20, 40, 50]), rounds_of_edits)
def test_incremental_builds_write_what_a_clean_build_writes(
    small_lists: None, seed: int, count: int,
    rounds: list[tuple[list[tuple[str, str | None]], int, bool]],
) -> None:  # fmt: skip
    now = NOW
    with TemporaryDirectory() as folder:
        root = network(Path(folder), {"members/bacha/site.yaml": "title: Bắc Hà\n"})
        for number, name in enumerate(random.Random(seed).sample(SLOTS, count)):
            apply(root, (name, text(seed + number)))
        run(root)
        for some, later, drafts in rounds:
            now += later
            for edit in some:
                apply(root, edit)
            report = run(root, now=now, drafts=drafts)
            shutil.rmtree(Path(folder) / "clean", ignore_errors=True)
            clean = run(root, Path(folder) / "clean", now=now, drafts=drafts, use_cache=False)
            assert tree(root / "public") == tree(Path(folder) / "clean")
            assert report.refused == clean.refused
            again = run(root, now=now, drafts=drafts)
            failing = [item for item in again.refused if item.code == "override-failed"]
            assert again.refused == report.refused
            assert (again.pages_rendered, again.files_written, again.files_removed) == (
                0 if again.phases == {} else len(failing), 0, 0,
            )  # fmt: skip


def old_articles(count: int = 45) -> dict[str, str]:
    return {
        f"content/tin-tuc/cu-{n:02}.md": article(
            f"Bài cũ số {n}", f"2019-11-{n % 28 + 1:02} 0{n % 9}:00"
        )
        for n in range(count)
    }


BASE = {
    **old_articles(),
    "content/y-te/mot.md": article("Trạm y tế xã", tags="[y tế]"),
    "content/gioi-thieu.md": article("Giới thiệu", ""),
    "members/sapa/content/tin-tuc/hai.md": article("Du lịch bản", author="Ban Biên tập"),
    "members/sapa/content/tin-tuc/ba.md": article("Sương mù", "2020-01-09 10:00"),
}

# What is edited, and just the pages that then look different; or the site all of whose pages do.
EDITS: dict[str, tuple[dict[str, str | bytes | None], set[str] | str]] = {
    "nothing": ({}, set()),
    "the body of an article": (
        {"content/y-te/mot.md": article("Trạm y tế xã", body="Câu đầu.\n\nKhác.", tags="[y tế]")},
        {"main/y-te/mot.html", "main/index.html", "main/y-te/index.html"},
    ),
    "the body below the lead": (
        {"members/sapa/content/tin-tuc/hai.md": article("Du lịch bản", author="Ban Biên tập",
                                                        body="Du lịch bản\n\nThêm.")},
        {"sapa/tin-tuc/hai.html"},
    ),
    "a plain page": (
        {"content/gioi-thieu.md": article("Giới thiệu", "", body="Khác hẳn.")},
        {"main/gioi-thieu.html"},
    ),
    "a token of a member": (
        {"members/sapa/site.yaml": MEMBER_SETTINGS + 'tokens: {brand: "#004422"}\n'}, "sapa",
    ),
    "a new static file": ({"members/sapa/static/tep.txt": "một"}, set()),
    "a draft": ({"content/y-te/nhap.md": article("Nháp", draft="true")}, set()),
    "a scheduled article": ({"content/y-te/hen.md": article("Hẹn", "2021-01-01 08:00")}, set()),
    "a refused article": ({"content/y-te/hong.md": "---\ntitle: [\n---\n"}, set()),
    "a new member article, in a section with fewer than six older ones": (
        {"members/sapa/content/tin-tuc/moi.md": article("Lễ hội xuống đồng", "2020-01-14 10:00")},
        {"sapa/tin-tuc/moi.html", "sapa/index.html", "sapa/tin-tuc/index.html", "sapa/404.html",
         "sapa/tin-tuc/hai.html", "sapa/tin-tuc/ba.html"},
    ),
}  # fmt: skip


# Pages that see what changed, but do not show it: rendered again, and not written.
UNCHANGED = {"the body of an article": {"main/404.html", "sapa/index.html"}}


def rewritten(root: Path, files: Mapping[str, str | bytes | None]) -> tuple[set[str], int]:
    """The pages that a build writes after an edit, and how many it renders."""
    stamps = {file: file.stat().st_ino for file in (root / "public").rglob("*.html")}
    write(root, files)
    rendered = run(root).pages_rendered
    names = {
        file.relative_to(root / "public").as_posix()
        for file in (root / "public").rglob("*.html")
        if stamps.get(file) != file.stat().st_ino
    }
    return names, rendered


@pytest.mark.parametrize("edit", EDITS)
def test_an_edit_renders_just_the_pages_it_changes(tmp_path: Path, edit: str) -> None:
    files, expected = EDITS[edit]
    root = network(tmp_path, BASE)
    run(root)
    names, rendered = rewritten(root, files)
    if isinstance(expected, str):
        public = root / "public"
        pages = (public / expected).rglob("*.html")
        expected = {file.relative_to(public).as_posix() for file in pages}
    assert names == expected
    assert rendered == len(expected | UNCHANGED.get(edit, set()))


@pytest.mark.parametrize("section", ["tin-tuc", "y-te"])
def test_a_new_article_changes_no_page_but_its_own_and_its_lists(
    tmp_path: Path, section: str
) -> None:
    root = network(tmp_path, {
        f"content/{section}/cu-{n}.md": article(f"Bài cũ số {n}", f"2020-01-{n:02} 08:00")
        for n in range(1, 13)
    })  # fmt: skip
    run(root)
    new = {f"content/{section}/moi.md": article("Lễ hội xuống đồng", "2020-01-14 10:00")}
    names, _ = rewritten(root, new)
    assert names == {
        f"main/{section}/moi.html", f"main/{section}/index.html", "main/index.html",
        "main/404.html", "sapa/index.html",
    }  # fmt: skip
    assert "Bài cũ số 12" in (root / f"public/main/{section}/moi.html").read_text("utf-8")


def test_a_new_article_changes_no_closed_list_page(tmp_path: Path) -> None:
    root = network(tmp_path, old_articles())
    run(root)
    closed = root / "public/main/tin-tuc/trang-1.html"
    before = closed.stat().st_ino, closed.read_bytes()
    for number in range(25):
        name = f"content/tin-tuc/moi-{number}.md"
        write(root, {name: article(f"Bài mới {number}", f"2020-01-12 {number % 24:02}:00")})
        if number % 5 == 0:
            run(root)
    run(root)
    assert (root / "public/main/tin-tuc/trang-2.html").exists()
    assert (closed.stat().st_ino, closed.read_bytes()) == before


def test_a_member_shows_each_new_title_of_the_main_portals_news(tmp_path: Path) -> None:
    names = {day: f"content/tin-tuc/tin-{day}.md" for day in range(1, 10)}
    root = network(
        tmp_path, {name: article(f"Tin {d}", f"2020-01-0{d} 08:00") for d, name in names.items()}
    )
    run(root)
    for day, name in names.items():
        write(root, {name: article(f"Đổi tên {day}", f"2020-01-0{day} 08:00")})
        assert differing(root, tmp_path / f"clean-{day}") == []


def differing(root: Path, clean: Path, drafts: bool = False) -> list[str]:
    """Build again and from nothing; return the files that differ."""
    run(root, drafts=drafts)
    return unlike_clean(root, clean, drafts)


@pytest.mark.parametrize("way", [".", "./", "../network"])
def test_edits_are_seen_however_the_root_is_spelt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    there = "members/sapa/content/tin-tuc/b.md"
    root = network(tmp_path, {"content/tin-tuc/a.md": article("Bài A"), there: article("Bài B")})
    monkeypatch.chdir(root)
    root = Path(way)
    run(root)
    assert run(root).pages_rendered == 0
    write(root, {"content/tin-tuc/a.md": article("Bài khác")})
    assert differing(root, tmp_path / "clean") == []
    write(root, {there: article("Bài khác nữa"), "content/tin-tuc/a.md": None})
    assert differing(root, tmp_path / "clean") == []


@pytest.mark.parametrize("link", ["members/bacha", "members/bacha/content"])
def test_edits_behind_a_linked_folder_are_seen(tmp_path: Path, link: str) -> None:
    text = "members/bacha/content/tin-tuc/a.md"
    root = network(tmp_path, {"members/bacha/site.yaml": "title: Bắc Hà\n", text: article("Bài A")})
    there = root / link
    real = root / "that" if link == "members/bacha" else root / "members/bacha/that"
    there.rename(real)
    there.symlink_to(real)
    run(root)
    write(root, {text: article("Bài khác")})
    assert differing(root, tmp_path / "clean") == []


def test_a_picture_stays_that_a_card_shares_with_an_article_that_loses_it(tmp_path: Path) -> None:
    words = "Mùa vàng trên ruộng bậc thang Mường Hum đón khách du lịch"
    near = words + ". Một câu khác hẳn cho bài này thôi nhé."
    root = network(tmp_path, {
        "content/tin-tuc/a.md": article("Mùa vàng Mường Hum", body=words, tags="[Mường Hum]"),
        "content/y-te/c.md": article("Trạm y tế", image="c.png"),
        "content/y-te/c.png": picture(40, 30, "PNG"),
        "members/sapa/content/tin-tuc/b.md": article(
            "Lúa chín Mường Hum", image="b.png", body=near, tags="[Mường Hum]"
        ),
        "members/sapa/content/tin-tuc/b.png": picture(40, 30, "PNG"),
    })  # fmt: skip
    run(root)
    write(root, {"content/y-te/c.md": article("Trạm y tế")})
    assert differing(root, tmp_path / "clean") == []


@pytest.mark.parametrize("published_before", [False, True])
def test_the_index_of_a_site_with_a_failing_override_comes_with_its_pages(
    tmp_path: Path, published_before: bool
) -> None:
    wrong = '{% extends "portal/404.html" %}{% block content %}{{ 1 // 0 }}{% endblock %}'
    root = network(tmp_path, {"members/sapa/content/tin-tuc/a.md": article("Bài A")})
    if published_before:
        run(root)
    write(root, {
        "members/sapa/content/tin-tuc/b.md": article("Bài B"),
        "members/sapa/templates/404.html": wrong,
    })  # fmt: skip
    assert [item.code for item in run(root).refused] == ["override-failed"]
    assert differing(root, tmp_path / "off") == []
    write(root, {"members/sapa/templates/404.html": None})
    assert differing(root, tmp_path / "clean") == []


def test_a_topic_without_a_letter_has_no_hub(tmp_path: Path) -> None:
    root = network(tmp_path, {"content/tin-tuc/a.md": article("Bài A", topics='["!!!"]')})
    assert differing(root, tmp_path / "clean") == []
    assert not (root / "public/main/chuyen-de").exists()


def test_a_card_says_draft_in_the_language_of_each_site(tmp_path: Path) -> None:
    root = network(tmp_path, {
        "content/tin-tuc/a.md": article("Bài A", draft="true"),
        "members/bacha/site.yaml": "title: Bac Ha\nlanguage: en\n",
    })  # fmt: skip
    run(root, drafts=True)
    assert ">Draft<" in (root / "public/bacha/index.html").read_text("utf-8")
    assert ">Bản nháp<" in (root / "public/sapa/index.html").read_text("utf-8")
    write(root, {"members/sapa/content/tin-tuc/b.md": article("Bài B")})
    assert differing(root, tmp_path / "clean", drafts=True) == []
