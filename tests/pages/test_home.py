"""The articles of a home page: what is pinned, left out, featured and taken from members."""

from pathlib import Path

import pytest

from portalgen.content.model import Article
from portalgen.pages.home import Home, choose_home
from tests.helpers import MAIN_SETTINGS, NOW, article, network, page, run, unlike_clean, write
from tests.quick import look_up

pytestmark = pytest.mark.usefixtures("quick_themes")

DAY = 86_400
Files = dict[str, str | bytes | None]


def day(title: str, number: int, **front: str) -> str:
    return article(title, f"2020-01-{number:02} 08:00", "", **front)


FILES: Files = {
    "content/tin-tuc/a.md": day("A", 9),
    "content/tin-tuc/b.md": day("B", 8),
    "content/y-te/c.md": day("C", 7),
    "members/sapa/content/tin-tuc/s.md": day("S", 10, syndicate="true", featured="true"),
    "members/sapa/content/tin-tuc/t.md": day("T", 6, syndicate="true"),
    "members/sapa/content/tin-tuc/u.md": day("U", 5),
    "members/bacha/site.yaml": "title: Bắc Hà\n",
    "members/bacha/content/tin-tuc/v.md": day("V", 4, syndicate="true", featured="true"),
}


def home(folder: Path, settings: str, slug: str = "main", files: Files = FILES) -> Home:
    root = network(folder, {**files, "site.yaml": MAIN_SETTINGS + settings})
    cards, _ = look_up(root)
    return choose_home(cards, cards.library.sites[slug])


def titles(articles: list[Article]) -> str:
    return "".join(item.title for item in articles)


def lead(chosen: Home) -> str:
    return chosen.lead.title if chosen.lead else ""


@pytest.mark.parametrize(
    ("settings", "leader", "latest"),
    [
        ("", "S", "ABCTV"),  # it is the newest
        ("featured_from: all\n", "S", "ABCTV"),
        ("featured_from: [bacha]\n", "V", "SABCT"),
        ("featured_from: [bacha]\nsyndicate_from: [sapa]\n", "S", "ABCT"),
        ("syndicate_from: [bacha]\n", "A", "BCV"),
        ("syndicate_from: []\nfeatured_from: all\n", "A", "BC"),
    ],
)
def test_the_root_file_says_whose_articles_lead_and_come_at_all(
    tmp_path: Path, settings: str, leader: str, latest: str
) -> None:
    chosen = home(tmp_path, settings)
    assert (lead(chosen), titles(chosen.latest)) == (leader, latest)


def test_a_members_featured_article_leads_its_own_home_page_all_the_same(tmp_path: Path) -> None:
    newer: Files = FILES | {"members/sapa/content/tin-tuc/w.md": day("W", 11)}
    chosen = home(tmp_path, "syndicate_from: []\n", "sapa", newer)
    assert (lead(chosen), titles(chosen.latest), titles(chosen.others)) == ("S", "WTU", "ABC")


def test_pins_come_first_in_their_order_also_of_members_that_are_not_taken(
    tmp_path: Path,
) -> None:
    pins = "front: {pin: [y-te/c.md, 'portal:sapa/tin-tuc/u.md', tin-tuc/b.md]}\n"
    chosen = home(tmp_path, "syndicate_from: []\nfeatured_from: all\n" + pins)
    assert (lead(chosen), titles(chosen.latest)) == ("C", "UBA")
    assert {slug: titles(items) for slug, items in chosen.blocks.items()} == {
        "tin-tuc": "AB", "y-te": "C",
    }  # fmt: skip


def test_all_pins_are_shown(tmp_path: Path) -> None:
    many: Files = {f"content/tin-tuc/{n}.md": day(str(n), 1) for n in range(10, 40)}
    pins = ", ".join(f"tin-tuc/{n}.md" for n in range(10, 30))
    chosen = home(tmp_path, f"front: {{pin: [{pins}]}}\n", files=FILES | many)
    assert (lead(chosen), titles(chosen.latest)) == ("10", "".join(map(str, range(11, 30))))


def test_what_is_left_out_is_nowhere_on_the_home_page_and_everywhere_else(tmp_path: Path) -> None:
    settings = (
        "front: {pin: [tin-tuc/a.md], leave_out: [tin-tuc/a.md, 'portal:sapa/tin-tuc/s.md']}\n"
    )
    chosen = home(tmp_path, settings + "featured_from: all\n")
    assert (lead(chosen), titles(chosen.latest), titles(chosen.others)) == ("V", "BCT", "TV")
    assert titles(chosen.blocks["tin-tuc"]) == "BTV"
    root = tmp_path / "network"
    run(root)
    assert "/tin-tuc/a.html" not in page(root, "main/index.html")
    assert "/tin-tuc/a.html" in page(root, "main/tin-tuc/index.html")
    assert "/tin-tuc/a.html" in page(root, "main/rss.xml")


def test_a_block_takes_the_next_article_for_one_that_is_left_out(tmp_path: Path) -> None:
    many: Files = {f"content/y-te/{n}.md": day(str(n), n) for n in range(1, 7)}
    chosen = home(tmp_path, "front: {leave_out: [y-te/6.md]}\n", files=many)
    assert titles(chosen.blocks["y-te"]) == "54321"


def test_each_moment_changes_the_home_page_as_a_clean_build_would(tmp_path: Path) -> None:
    """`until` of the root file, then `featured_until`, with a build at the moment before, too."""
    root = network(tmp_path, {
        **FILES, "content/tin-tuc/b.md": day("B", 8, featured_until="2020-01-17 08:00"),
        "site.yaml": MAIN_SETTINGS + "front: {pin: [y-te/c.md], leave_out: [tin-tuc/a.md], "
        "until: 2020-01-16 08:00}\n",
    })  # fmt: skip

    def leader() -> str:
        return page(root, "main/index.html").partition("lead-story")[2][:400]

    report = run(root)
    assert report.next_change == NOW + DAY
    for now, address, change in (
        (NOW + DAY - 1, "/y-te/c.html", NOW + DAY),
        (NOW + DAY, "/tin-tuc/b.html", NOW + 2 * DAY),
        (NOW + 2 * DAY - 1, "/tin-tuc/b.html", NOW + 2 * DAY),
        (NOW + 2 * DAY, "/tin-tuc/s.html", 0),
    ):  # fmt: skip
        report = run(root, now=now)
        assert address in leader()
        assert ("/tin-tuc/a.html" in page(root, "main/index.html")) == (now >= NOW + DAY)
        assert report.next_change == change
        run(root, tmp_path / "clean", use_cache=False, now=now)
        assert (tmp_path / "clean/main/index.html").read_text("utf-8") == page(
            root, "main/index.html"
        )
        assert run(root, now=now).files_written == 0


EDITS: list[Files] = [
    {"site.yaml": MAIN_SETTINGS + "front: {pin: ['portal:sapa/tin-tuc/u.md']}\n"},
    {"members/sapa/content/tin-tuc/u.md": day("U mới", 5)},  # a pin whose title changes
    {"members/sapa/site.yaml": "title: Phường Sa Pa\n"},
    {"members/sapa/content/tin-tuc/u.md": None},
    {"site.yaml": MAIN_SETTINGS + "front: {leave_out: [tin-tuc/a.md]}\n"},
    {"site.yaml": MAIN_SETTINGS + "syndicate_from: [bacha]\n"},
    {"site.yaml": MAIN_SETTINGS + "featured_from: all\n"},
    {
        "members/bacha/content/tin-tuc/v.md": day(
            "V", 4, syndicate="true", featured_until="2020-01-20"
        )
    },
    {"site.yaml": MAIN_SETTINGS},
]


def test_incremental_builds_write_what_a_clean_build_writes(tmp_path: Path) -> None:
    root = network(tmp_path, FILES)
    run(root)
    for number, edit in enumerate(EDITS):
        write(root, edit)
        run(root)
        assert unlike_clean(root, tmp_path / f"clean-{number}") == [], edit


def test_who_syndicates_in_vain_is_told_when_the_article_is_read(tmp_path: Path) -> None:
    root = network(tmp_path, {**FILES, "site.yaml": MAIN_SETTINGS + "syndicate_from: [bacha]\n"})
    place = "members/sapa/content/tin-tuc"
    assert [item.place() for item in run(root).warnings] == [
        f"{place}/s.md:4:12",
        f"{place}/t.md:4:12",
    ]
    write(root, {"site.yaml": MAIN_SETTINGS})
    assert run(root).warnings == []
