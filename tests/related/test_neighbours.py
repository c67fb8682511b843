import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portalgen.changes.cache import Cache, CacheDamagedError
from portalgen.content.load import forget_stale, load_articles
from portalgen.content.model import Article
from portalgen.problems import Problems
from portalgen.related.neighbours import Neighbours, recall, relate
from portalgen.settings.network import load_network
from tests.helpers import article, network, page, run, write

STORIES = {
    "cau": "Cầu Cốc Lếu được gia cố trụ trước mùa lũ, xe tải đi vòng qua Phố Mới.",
    "tiem": "Trạm y tế Bản Qua tiêm vắc xin sởi cho trẻ, phụ huynh mang sổ tiêm chủng.",
    "che": "Hợp tác xã chè Bản Liền sấy chè shan tuyết, bao bì ghi rõ nguồn gốc hữu cơ.",
}


def story(name: str, number: int) -> str:
    extra = {
        1: "Đơn vị thi công rào chắn hai đầu và đặt biển báo từ sáng sớm.",
        2: "Người dân theo dõi thông báo trên cổng của xã để sắp xếp công việc.",
        3: "Cán bộ trực ghi lại câu hỏi thường gặp rồi trả lời chung một lần.",
    }[number]
    title = f"{STORIES[name].split(',')[0]} ({number})"
    return article(title, f"2020-01-0{number} 08:00", f"{extra}\n\n{STORIES[name]} {STORIES[name]}")


def related(root: Path, name: str, block: str = "Tin liên quan") -> list[str]:
    import re

    for part in re.split(r'<(?:aside|section) class="[^"]*\brelated"', page(root, name))[1:]:
        if f"{block}</h2>" in part or f"{block}</a></h2>" in part:
            return re.findall(r'<h3><a href="([^"]+)"', part)
    return []


def stories() -> dict[str, str]:
    return {
        f"{'members/sapa/' if number == 2 else ''}content/tin-tuc/{name}-{number}.md": story(
            name, number
        )
        for name in STORIES
        for number in (1, 2, 3)
    }


def test_the_storys_others_come_first_across_sites(tmp_path: Path) -> None:
    root = network(tmp_path, stories())
    run(root)
    for name in STORIES:
        assert set(related(root, f"main/tin-tuc/{name}-1.html")[:2]) == {
            f"https://sapa.tinh.example/tin-tuc/{name}-2.html",
            f"/tin-tuc/{name}-3.html",
        }


def test_hand_picked_lead_and_banned_stay_away(tmp_path: Path) -> None:
    picked = story("cau", 1).replace(
        "date:", "related: [che-1.md, https://vi.example/bai]\nunrelated: [cau-3.md]\ndate:"
    )
    root = network(tmp_path, {**stories(), "content/tin-tuc/cau-1.md": picked})
    run(root)
    hrefs = related(root, "main/tin-tuc/cau-1.html")
    assert hrefs[:2] == ["/tin-tuc/che-1.html", "https://vi.example/bai"]
    assert "https://sapa.tinh.example/tin-tuc/cau-2.html" in hrefs
    assert "/tin-tuc/cau-3.html" not in page(root, "main/tin-tuc/cau-1.html")


def test_near_copies_and_the_article_itself_never_show(tmp_path: Path) -> None:
    long = " ".join(STORIES.values()) + " " + story("cau", 1) + story("tiem", 2) + story("che", 3)
    body = long.replace("---", "")
    copy = body.replace("sáng sớm", "đầu giờ sáng")
    files = {
        **stories(),
        "content/tin-tuc/goc.md": article("Bản gốc dài", body=body),
        "members/sapa/content/tin-tuc/chep.md": article("Bản chép", body=copy),
    }
    root = network(tmp_path, files)
    run(root)
    hrefs = related(root, "main/tin-tuc/goc.html")
    assert hrefs
    assert "https://sapa.tinh.example/tin-tuc/chep.html" not in hrefs
    assert "/tin-tuc/goc.html" not in hrefs


def test_drafts_scheduled_and_expired_never_show(tmp_path: Path) -> None:
    hidden = {
        "content/tin-tuc/nhap.md": story("cau", 2).replace("date:", "draft: true\ndate:"),
        "content/tin-tuc/hen.md": story("cau", 2).replace("2020-01-02", "2021-01-02"),
        "content/tin-tuc/het.md": story("cau", 2).replace("date:", "expires: 2020-01-10\ndate:"),
    }
    root = network(tmp_path, {**stories(), **hidden})
    run(root)
    records = [f"tim-kiem/{file.name}" for file in (root / "public/main/tim-kiem").iterdir()]
    assert records
    for name in ("index.html", "tin-tuc/cau-1.html", "tin-tuc/index.html", "rss.xml", "feed.json",
                 *records, "sitemap-1.xml", "news-sitemap.xml"):  # fmt: skip
        text = page(root, f"main/{name}")
        assert all(word not in text for word in ("nhap", "hen.html", "het.html"))


Paths = dict[str, list[str]]
AT = "content/tin-tuc"


class Desk:
    """A network's cache; `relate` says what was worked on, as (done, total)."""

    def __init__(self, root: Path, name: str = "cache", jobs: int = 1):
        self.root = root
        self.jobs = jobs
        self.cache = Cache(root / f"{name}.sqlite")
        self.steps: list[tuple[int, int]] = []

    def load(self) -> dict[str, Article]:
        problems = Problems()
        loaded = load_articles(load_network(self.root), self.cache, 1, problems)
        assert not problems.items
        forget_stale(self.cache, loaded)
        return loaded.articles

    def relate(self, leave_out: str = "") -> Paths:
        self.steps = []
        articles = self.load()
        articles.pop(leave_out, None)
        neighbours = relate(
            articles, self.cache, self.jobs, lambda done, total: self.steps.append((done, total))
        )
        assert neighbours.path_of.keys() >= {n for ids in neighbours.ids.values() for n in ids}
        assert set(neighbours.path_of.values()) == articles.keys()
        return {path: list(neighbours.of(path)) for path in articles}

    def rows(self, table: str) -> list[str]:
        """What a table of the cache is about."""
        return [path for (path,) in self.cache.query(f"SELECT path FROM {table} ORDER BY path")]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    opened = Desk(network(tmp_path, stories()))
    yield opened
    opened.cache.close()


def clean(desk: Desk) -> Paths:
    """The neighbours computed from nothing."""
    fresh = Desk(desk.root, "clean")
    neighbours = fresh.relate()
    fresh.cache.close()
    for file in desk.root.glob("clean.sqlite*"):
        file.unlink()
    return neighbours


def path(name: str, number: int) -> str:
    return f"{'members/sapa/' if number == 2 else ''}{AT}/{name}-{number}.md"


def test_each_article_has_those_of_its_story_first(desk: Desk) -> None:
    neighbours = desk.relate()
    assert len(neighbours) == 9
    for name in STORIES:
        for number in (1, 2, 3):
            others = {path(name, other) for other in (1, 2, 3) if other != number}
            assert set(neighbours[path(name, number)][:2]) == others


def test_an_article_that_was_never_seen_has_no_neighbours() -> None:
    assert list(Neighbours().of("content/tin-tuc/a.md")) == []


def test_nothing_is_worked_on_where_nothing_changed(desk: Desk) -> None:
    before = desk.relate()
    assert desk.steps == [(9, 9), (9, 9)]
    assert desk.relate() == before
    assert desk.steps == []


def test_one_edit_costs_the_terms_of_one_article(desk: Desk) -> None:
    desk.relate()
    write(desk.root, {path("che", 1): article("Hẹp", body="Zalo covid asean.")})
    after = desk.relate()
    assert desk.steps[0] == (1, 1)
    assert after == clean(desk)
    assert after[path("che", 1)] == []
    write(desk.root, {path("che", 1): article("Hẹp", body="Zalo asean covid.")})
    assert desk.relate() == after
    assert desk.steps == [(1, 1), (1, 1)]


def test_what_is_gone_is_forgotten(desk: Desk) -> None:
    desk.relate()
    write(desk.root, {path("cau", 1): None})
    assert desk.relate() == clean(desk)
    assert path("cau", 1) not in desk.rows("terms")
    assert len(desk.cache.query("SELECT id FROM neighbours")) == 8
    desk.relate()
    assert desk.steps == []
    write(desk.root, {path("cau", 1): story("cau", 1)})
    assert desk.relate() == clean(desk)


def test_what_is_not_published_for_now_is_a_neighbour_of_nobody(desk: Desk) -> None:
    whole = desk.relate()
    without = desk.relate(leave_out=path("cau", 1))
    assert path("cau", 1) not in without
    assert all(path("cau", 1) not in others for others in without.values())
    assert desk.rows("terms") == sorted(without)
    assert desk.relate() == whole


def test_an_article_takes_its_neighbours_along_with_nothing_of_its_old_text(desk: Desk) -> None:
    desk.relate()
    write(desk.root, {path("che", 1): story("cau", 1).replace("(1)", "(4)")})
    after = desk.relate()
    assert after == clean(desk)
    assert path("che", 1) in after[path("cau", 3)][:3]
    assert path("che", 1) not in after[path("che", 3)][:1]


def test_title_lead_tags_and_text_all_relate(tmp_path: Path) -> None:
    stuff = "Trạm y tế Bản Qua"
    others = {f"{AT}/{n}.md": article(f"Khác {n}", body=f"Riêng{n}") for n in range(2)}
    for kind, text in {
        "title": article(stuff, body="Zalo"), "text": article("Zalo", body=stuff),
        "lead": article("Zalo", lead=stuff, body="Covid"),
    }.items():  # fmt: skip
        titled = article(stuff, body="Asean")
        root = network(tmp_path / kind, {**others, f"{AT}/a.md": text, f"{AT}/b.md": titled})
        opened = Desk(root)
        assert opened.relate()[f"{AT}/a.md"] == [f"{AT}/b.md"], kind
        opened.cache.close()
    tagged = {f"{AT}/{name}.md": article(name, tags="[ruộng bậc thang]", body=f"Zalo{name}")
              for name in ("a", "b")}  # fmt: skip
    opened = Desk(network(tmp_path / "tags", {**others, **tagged}))
    assert opened.relate()[f"{AT}/a.md"] == [f"{AT}/b.md"]
    opened.cache.close()


def test_the_next_program_recalls_what_was_committed(desk: Desk) -> None:
    related = desk.relate()
    desk.cache.close()
    desk.cache = Cache(desk.cache.file)
    recalled = recall(desk.cache)
    assert {name: list(recalled.of(name)) for name in related} == related
    assert recalled.ids.keys() == related.keys()
    assert list(recalled.of("content/tin-tuc/khong-co.md")) == []
    assert desk.relate() == related
    assert desk.steps == []


def test_what_is_no_longer_an_article_is_not_recalled(desk: Desk) -> None:
    related = desk.relate()
    write(desk.root, {path("cau", 1): None})
    desk.load()
    recalled = recall(desk.cache)
    related.pop(path("cau", 1))
    assert {name: list(recalled.of(name)) for name in recalled.ids} == {
        name: [other for other in others if other != path("cau", 1)]
        for name, others in related.items()
    }


def test_an_empty_cache_recalls_nothing(tmp_path: Path) -> None:
    opened = Desk(network(tmp_path, {}))
    assert recall(opened.cache) == Neighbours({}, {})
    assert opened.relate() == {}
    opened.cache.close()


DAMAGE = {
    "a list cut off": "UPDATE neighbours SET best=x'0102'",
    "a list of candidates cut off": "UPDATE neighbours SET candidates=x'0102'",
    "a number for a list": "UPDATE neighbours SET best=7.5",
    "terms cut off": "UPDATE terms SET vector=x'010203' WHERE path LIKE '%cau-1%'",
    "half a term": "UPDATE terms SET vector=substr(vector, 5) WHERE path LIKE '%cau-1%'",
    "half a candidate in a list": "UPDATE neighbours SET candidates=substr(candidates, 9)",
    "half a class": "UPDATE meta SET value=substr(value, 3) WHERE key='classes'",
    "a sketch cut off": "UPDATE terms SET sketch=x'010203' WHERE path LIKE '%cau-1%'",
    "text for terms": "UPDATE terms SET vector='abcd' WHERE path LIKE '%cau-1%'",
    "text for a sketch": "UPDATE terms SET sketch='abcd' WHERE path LIKE '%cau-1%'",
    "classes that are no numbers": "UPDATE meta SET value='xyz' WHERE key='classes'",
    "classes cut off": "UPDATE meta SET value='0102' WHERE key='classes'",
    "no table of terms": "DROP TABLE terms",
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_cache_is_told(desk: Desk, damage: str) -> None:
    desk.relate()
    desk.cache.write(DAMAGE[damage], [()])
    desk.cache.commit()
    write(desk.root, {path("che", 1): article("Hẹp")})
    with pytest.raises(CacheDamagedError, match=r"."):
        desk.relate()
    if "list" in damage:
        with pytest.raises(CacheDamagedError, match=r"."):
            recall(desk.cache)


def test_several_processes_find_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portalgen.related.neighbours._PARALLEL_FROM", 5)
    files = {f"{AT}/{n}.md": article(f"Bài {n}", body=f"Cầu Cốc Lếu số{n} trụ{n // 2}")
             for n in range(140)}  # fmt: skip
    opened = Desk(network(tmp_path, files), jobs=2)
    assert opened.relate() == clean(opened)
    assert opened.steps == [(128, 140), (140, 140), (64, 140), (128, 140), (140, 140)]
    opened.cache.close()


WORDS = [f"{a}{b}" for a in ("b", "c", "d", "l", "m", "n", "t") for b in ("an", "eo", "inh", "uoc")]


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 10_000))
def test_what_is_updated_equals_what_is_computed_from_nothing(seed: int) -> None:
    from tempfile import TemporaryDirectory

    chance = random.Random(seed)

    def text() -> str:
        title = " ".join(chance.choices(WORDS, k=3))
        body = " ".join(chance.choices(WORDS, k=60))
        return article(title, f"2019-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}", body)

    with TemporaryDirectory() as folder:
        root = network(Path(folder), {f"content/y-te/a{n}.md": text() for n in range(60)})
        desk = Desk(root)
        desk.relate()
        for _ in range(3):
            write(root, {f"content/y-te/a{chance.randrange(64)}.md": text() for _ in range(3)})
            if chance.random() < 0.5:
                next(iter(sorted((root / "content/y-te").glob("*.md")))).unlink()
            assert desk.relate() == clean(desk)
        desk.cache.close()
