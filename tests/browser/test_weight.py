"""The size of an article's page with everything but its pictures."""

from pathlib import Path

import brotli
from playwright.sync_api import Response

from tests.browser.conftest import OpenPage
from tests.browser.kinds import articles
from tests.browser.markup import elements, first

KB = 1024


def test_an_article_is_light(open_page: OpenPage) -> None:
    answers: list[Response] = []

    def answered(answer: Response) -> None:
        answers.append(answer)

    page = open_page("article", lambda page: page.on("response", answered))
    page.wait_for_load_state("networkidle")
    weights = {"font": 0, "other": 0}
    for answer in answers:
        kind = answer.request.resource_type
        if kind == "font":
            weights["font"] += len(answer.body())
        elif kind != "image":
            weights["other"] += len(brotli.compress(answer.body()))
    assert weights["other"] > 0
    assert weights["font"] <= 60 * KB, weights
    assert sum(weights.values()) <= 90 * KB, weights


def test_the_html_of_no_article_is_heavy(sample: Path) -> None:
    files = articles(sample)
    assert files
    weights = {file.name: len(brotli.compress(file.read_bytes())) for file in files}
    assert {name: weight for name, weight in weights.items() if weight > 12 * KB} == {}


def test_no_script_keeps_a_page_waiting(sample: Path) -> None:
    found = [
        element
        for element in elements(sample)
        if element.tag == "script"
        and "src" in element.attributes
        and not {"async", "defer"} & set(element.attributes)
        and element.attributes.get("type") != "module"
    ]
    assert not found, first(found)
