from typing import Any

from msgspec import Struct

from portalgen.pages.page import Page
from portalgen.pages.sample import all_pages, sample_pages, shape_of


class Inner(Struct):
    text: str = ""
    items: tuple[str, ...] = ()


class Context(Struct):
    title: str = "A"
    picture: Inner | None = None
    cards: tuple[str, ...] = ()


def page(template: str, context: Any = None) -> Page:
    return Page("main", "a.html", template, context or Context(), "key")


def test_one_page_of_each_template_and_shape_is_chosen() -> None:
    pages = [
        page("article.html"), page("article.html", Context(title="Khác")), page("section.html"),
        page("article.html", Context(picture=Inner("x"))),
        page("article.html", Context(picture=Inner("y"))),
        page("article.html", Context(picture=Inner("y", ("z",)))),
        page("article.html", Context(cards=("a",))), page("article.html", Context(cards=("b",))),
        page("article.html", Context(cards=("a", "b"))),
        page("article.html", Context(cards=("a", "b", "c"))), page("", "feed"),
    ]  # fmt: skip
    assert sample_pages(pages) == [0, 2, 3, 5, 6, 8]
    assert all_pages(pages) == list(range(10))


def test_there_are_at_most_six_of_a_template() -> None:
    contexts = [
        Context(title, picture, cards)
        for title in ("", "A") for picture in (None, Inner()) for cards in ((), ("a",))
    ]  # fmt: skip
    assert len({repr(shape_of(context)) for context in contexts}) == 8
    pages = [page("article.html", context) for context in contexts] + [page("section.html")]
    assert sample_pages(pages) == [0, 1, 2, 3, 4, 5, 8]


def test_a_shape_goes_two_levels_deep() -> None:
    class Deep(Struct):
        inner: Any

    assert shape_of(Deep(Deep(Deep("a")))) == shape_of(Deep(Deep(Deep(""))))
    assert shape_of(Deep(Deep("a"))) != shape_of(Deep(Deep("")))
