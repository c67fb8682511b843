"""Search in a browser, on a synthetic network."""

import random
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.server import Server, serve
from tests.helpers import MAIN_SETTINGS, article, network, run
from tests.sample import HOST

AT = "content/tin-tuc"
FILLER = "Ngoài ra bài còn nói nhiều chuyện khác của bản làng miền núi. " * 12


@pytest.fixture(scope="module")
def search(
    launch: Callable[[Server], Browser], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Page]:
    """The search page of a main portal with one member."""
    root = network(tmp_path_factory.mktemp("search"), {
        "site.yaml": MAIN_SETTINGS.replace("tinh.example", HOST).replace("https", "http"),
        f"{AT}/a.md": article("Chợ phiên Lào Cai", "2020-01-01"),
        f"{AT}/b.md": article("Chính quyền điện tử", "2020-01-02", "Tỉnh Lào Cai nối mạng."),
        f"{AT}/c.md": article("Diện mạo mới", "2020-01-03", "Diện tử tế hơn xưa. Người Lào đến."),
        f"{AT}/d.md": article("Bài dài", "2020-01-04", FILLER + "Ở đây có gạo séng cù. " + FILLER),
        f"{AT}/e.md": article("Điện thắp sáng, tử sĩ được nhớ", "2020-01-05"),
        "content/y-te/f.md": article("Thủy lợi và y tế", "2020-01-06", "Hòa bình."),
        "members/sapa/content/tin-tuc/g.md": article("Sa Pa đón khách", "2020-01-07", "Ở Lào Cai."),
        **{f"{AT}/n-{n}.md": article(f"Ruộng nương {n}", f"2019-01-{n + 1:02}") for n in range(14)},
    })  # fmt: skip
    assert not run(root).refused
    with serve(root / "public") as server:
        browser = launch(server)
        page = browser.new_page()
        page.set_default_timeout(10_000)
        yield page
        browser.close()


def found(page: Page, query: str, address: str = "") -> list[str]:
    """The titles of the results for a query typed into the page, in order."""
    page.goto(f"http://{HOST}/tim-kiem.html{address}")
    page.locator("#q").fill(query)
    page.keyboard.press("Enter")
    page.locator("#status:not(:empty)").wait_for()
    return page.locator("#results h2").all_inner_texts()


def test_words_typed_without_marks_find_them_with_marks(search: Page) -> None:
    assert found(search, "lao cai") == [
        "Chợ phiên Lào Cai", "Sa Pa đón khách", "Chính quyền điện tử",
    ]  # fmt: skip
    assert "Chính quyền điện tử" in found(search, "dien tu")


def test_typed_with_marks_what_is_so_written_comes_first(search: Page) -> None:
    assert found(search, "điện tử")[0] == "Chính quyền điện tử"
    assert found(search, "diện tử")[0] == "Diện mạo mới"


def test_a_phrase_in_quotes_stands_together(search: Page) -> None:
    assert found(search, '"điện tử"') == ["Chính quyền điện tử", "Diện mạo mới"]
    assert found(search, "“sáng tử sĩ”") == ["Điện thắp sáng, tử sĩ được nhớ"]


def test_a_title_comes_before_a_text_and_new_before_old(search: Page) -> None:
    assert found(search, "lào")[0] == "Chợ phiên Lào Cai"
    numbers = [int(title.split()[-1]) for title in found(search, "ruộng nương")]
    assert numbers == sorted(range(14), reverse=True)[:10]


def test_more_is_shown_when_asked_for(search: Page) -> None:
    found(search, "ruong nuong")
    assert search.locator("#status").inner_text() == "14 bài. Đang xem 1–10."
    search.locator("#more").click()
    search.locator("#results li:nth-child(14)").wait_for()
    assert search.locator("#status").inner_text() == "14 bài. Đang xem 1–14."
    assert search.evaluate("document.activeElement.textContent") == "Ruộng nương 3"
    assert search.locator("#more").is_hidden()


def test_an_excerpt_shows_the_words_marked(search: Page) -> None:
    assert found(search, "gao seng cu") == ["Bài dài"]
    assert search.locator("#results mark").all_inner_texts() == ["gạo séng cù"]
    assert "Ở đây có gạo séng cù." in search.locator("#results li").inner_text()


def test_either_place_of_a_tone_finds_the_other(search: Page) -> None:
    assert found(search, "thuỷ lợi") == found(search, "hoà bình") == ["Thủy lợi và y tế"]


def test_site_and_section_narrow_what_is_found(search: Page) -> None:
    assert found(search, "lào cai", "?site=sapa") == ["Sa Pa đón khách"]
    assert search.locator("#results a").get_attribute("href") == (
        f"http://sapa.{HOST}/tin-tuc/g.html"
    )
    assert search.locator("#results .member").inner_text() == "Sa Pa"
    assert found(search, "y tế", "?section=y-te") == ["Thủy lợi và y tế"]
    search.locator("#section").select_option("tin-tuc")
    search.locator("#results li").wait_for(state="detached")


def test_the_address_keeps_the_query(search: Page) -> None:
    found(search, "séng cù")
    search.reload()
    search.locator("#results li").wait_for()
    assert search.locator("#q").input_value() == "séng cù"


def test_it_says_so_when_nothing_or_not_everything_is_found(search: Page) -> None:
    assert found(search, "xyzzy") == []
    assert search.locator("#status").inner_text().startswith("Không tìm thấy bài nào.")
    assert found(search, "thủy xyzzy") == ["Thủy lợi và y tế"]
    assert search.locator("#status").inner_text().startswith("Không có bài nào chứa đủ các từ")


ASK = """
async ([script, folder, queries]) => {
  const { SearchIndex } = await import(script);
  const ask = async (index, query) => {
    const found = await index.find(query);
    const shown = await index.results(found.numbers, found);
    return [shown.map((one) => one.title.map(([text]) => text).join("")), JSON.stringify(shown)];
  };
  const warm = new SearchIndex(folder);
  const answers = [];
  for (const query of queries) {
    const fresh = new SearchIndex(folder);
    const asked = [];
    for (const index of [fresh, fresh, warm, warm]) asked.push(await ask(index, query));
    answers.push(asked);
  }
  return answers;
}
"""


def test_the_same_question_has_the_same_answer_and_it_is_whole(
    launch: Callable[[Server], Browser], tmp_path: Path
) -> None:
    """Whatever is cached: words side by side first, then all articles with the words."""
    chance = random.Random(1)
    words = [f"{a}{b}{c}" for a in "bcdhklmnpt" for b in "aeiouy" for c in "bcdhklmnpqrstvwxzfgj"]
    texts = {f"Tin số {n}": " ".join(chance.choices(words, k=900)) for n in range(40)}
    root = network(tmp_path, {
        "site.yaml": MAIN_SETTINGS.replace("tinh.example", HOST).replace("https", "http"),
        **{f"{AT}/{n}.md": article(title, f"2019-01-{n % 28 + 1:02}", text)
           for n, (title, text) in enumerate(texts.items())},
    })  # fmt: skip
    assert not run(root).refused
    [script] = (root / "public/main/assets").glob("search-index.*.js")
    queries = [" ".join(chance.choices(words, k=k)) for k in (1, 2, 2, 3, 4, 4)]
    queries += [" ".join(chance.choice([*texts.values()]).split()[70 : 70 + k]) for k in (3, 4, 5)]
    with serve(root / "public") as server:
        browser = launch(server)
        page = browser.new_page()
        page.goto(f"http://{HOST}/tim-kiem.html")
        at = [f"/assets/{script.name}", "/tim-kiem/", queries]
        answers = page.evaluate(ASK, at)
        browser.close()
    for query, asked in zip(queries, answers, strict=True):
        assert [one == asked[0] for one in asked] == [True] * 4, query
        titles, wanted = asked[0][0], query.split()
        with_all = {t for t, text in texts.items() if set(wanted) <= set(text.split())}
        side_by_side = {
            t for t in with_all
            if all(f" {one} {other} " in f" {texts[t]} " for one, other in pairwise(wanted))
        }  # fmt: skip
        assert set(titles) == with_all, query
        assert set(titles[: len(side_by_side)]) == side_by_side, query
    assert any(0 < len(asked[0][0]) < 10 for asked in answers)


@pytest.mark.parametrize(
    "query", ['"', "...", "<b>", "😀", "a" * 200, '"" ""', "@main", "#tin-tuc"]
)
def test_odd_queries_do_no_harm(search: Page, query: str) -> None:
    search.goto(f"http://{HOST}/tim-kiem.html")
    search.locator("#q").fill(query)
    search.keyboard.press("Enter")
    search.wait_for_timeout(150)
    assert search.locator("#status").inner_text() in ("", search.locator("form[data-index]")
                                                      .get_attribute("data-none"))  # fmt: skip


def test_a_network_that_fails_is_said_in_words(search: Page, tmp_path: Path) -> None:
    search.goto(f"http://{HOST}/tim-kiem.html")
    search.route("**/tim-kiem/*", lambda route: route.abort())
    search.locator("#q").fill("lào cai")
    search.keyboard.press("Enter")
    search.locator("#status:not(:empty)").wait_for()
    search.unroute("**/tim-kiem/*")
    assert search.locator("#status").inner_text().startswith("Chưa tải được dữ liệu")
