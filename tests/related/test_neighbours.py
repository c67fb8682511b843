import random
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portalgen.changes.cache import Cache
from portalgen.content.load import load_articles
from portalgen.problems import Problems
from portalgen.related.neighbours import relate
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
    shown = related(root, "main/tin-tuc/cau-1.html")
    assert shown[:2] == ["/tin-tuc/che-1.html", "https://vi.example/bai"]
    assert "https://sapa.tinh.example/tin-tuc/cau-2.html" in shown
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
    shown = related(root, "main/tin-tuc/goc.html")
    assert shown
    assert "https://sapa.tinh.example/tin-tuc/chep.html" not in shown
    assert "/tin-tuc/goc.html" not in shown


def test_drafts_scheduled_and_expired_never_show(tmp_path: Path) -> None:
    hidden = {
        "content/tin-tuc/nhap.md": story("cau", 2).replace("date:", "draft: true\ndate:"),
        "content/tin-tuc/hen.md": story("cau", 2).replace("2020-01-02", "2021-01-02"),
        "content/tin-tuc/het.md": story("cau", 2).replace("date:", "expires: 2020-01-10\ndate:"),
    }
    root = network(tmp_path, {**stories(), **hidden})
    run(root)
    found = [f"tim-kiem/{file.name}" for file in (root / "public/main/tim-kiem").iterdir()]
    assert found
    for name in ("index.html", "tin-tuc/cau-1.html", "tin-tuc/index.html", "rss.xml", "feed.json",
                 *found, "sitemap-1.xml", "news-sitemap.xml"):  # fmt: skip
        text = page(root, f"main/{name}")
        assert all(word not in text for word in ("nhap", "hen.html", "het.html"))


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
        found = load_network(root)

        def lists(cache: Cache) -> dict[str, list[str]]:
            problems = Problems()
            articles = load_articles(found, cache, 1, problems).articles
            assert not problems.items
            neighbours = relate(articles, cache, 1)
            return {path: list(neighbours.of(path)) for path in articles}

        cache = Cache(root / "one.sqlite")
        lists(cache)
        for _ in range(3):
            some = {f"content/y-te/a{chance.randrange(64)}.md": text() for _ in range(3)}
            write(root, some)
            if chance.random() < 0.5:
                next(iter(sorted((root / "content/y-te").glob("*.md")))).unlink()
            updated = lists(cache)
            clean = Cache(root / "two.sqlite", fresh=True)
            assert updated == lists(clean)
            clean.close()
        cache.close()
