import pickle

import pytest

from portalgen.problems import (
    LANGUAGES,
    PortalError,
    Problem,
    Problems,
    Words,
    by_cause,
    message_codes,
    printable,
    problem,
)


@pytest.mark.parametrize(
    ("item", "place"),
    [
        (problem("disk-full"), ""),
        (problem("disk-full", "a.md"), "a.md"),
        (problem("disk-full", "a.md", 3), "a.md:3"),
        (problem("disk-full", "a.md", 3, 7), "a.md:3:7"),
    ],
)
def test_a_place_is_as_exact_as_it_is_known(item: Problem, place: str) -> None:
    assert item.place() == place
    message = "The disk is full. Free some space and run this again."
    assert item.describe("en") == (f"{place}: {message}" if place else message)


def test_what_a_file_is_called_or_holds_cannot_write_to_the_terminal() -> None:
    item = problem("image-missing", "a\x1b[2J\n.md", name="b\r\x1b[31m")
    assert item.describe("en") == (
        "a\\x1b[2J\\x0a.md: There is no image “b\\x0d\\x1b[31m” beside the article. Copy it into "
        "the same folder or correct the name."
    )
    assert printable("Ở \u202e “é” 🎉") == "Ở \\x202e “é” 🎉"


def test_braces_in_a_value_are_text() -> None:
    message = problem("image-missing", name="{name} {0}").message("en")
    assert message.startswith("There is no image “{name} {0}” beside")


def test_a_language_without_messages_gets_english() -> None:
    item = problem("disk-full")
    assert item.message("vi").startswith("Đĩa đã đầy.")
    assert item.message("fr") == item.message("en")
    assert Words("fr")("os-error", name="a", reason="b") == Words("en")(
        "os-error", name="a", reason="b"
    )


def test_every_message_is_in_every_language() -> None:
    first, *others = (message_codes(language) for language in LANGUAGES)
    assert all(codes == first for codes in others)


def test_an_error_holds_each_problem_once_in_order() -> None:
    items = [problem("b", "b"), problem("a", "b"), problem("c", "a", 2), problem("b", "b")]
    error = PortalError(items)
    assert [(item.path, item.code) for item in error.problems] == [
        ("a", "c"),
        ("b", "a"),
        ("b", "b"),
    ]
    assert str(error) == "c, a, b"
    assert pickle.loads(pickle.dumps(error)).problems == error.problems  # as workers send it


def test_a_collection_gives_problems_the_site_they_are_of() -> None:
    problems = Problems()
    problems.stop_if_any()
    problems.add(problem("a"), "sapa")
    problems.add(problem("b")._replace(site="bacha"), "sapa")
    problems.extend([problem("c"), problem("d")], "main")
    problems.add(problem("e"))
    assert [item.site for item in problems.items] == ["sapa", "bacha", "main", "main", ""]
    with pytest.raises(PortalError) as caught:
        problems.stop_if_any()
    assert sorted(item.code for item in caught.value.problems) == ["a", "b", "c", "d", "e"]


def test_a_cause_is_told_once_with_the_number_of_pages() -> None:
    def failed(page: str, site: str, detail: str = "no titel") -> Problem:
        item = problem("template-failed", "themes/x/a.html", 3, page=page, detail=detail)
        return item._replace(site=site)

    items = [failed(f"tin/{n}.html", site) for n in range(3) for site in ("main", "sapa")]
    alone = failed("index.html", "sapa", "no cards")
    [other, first] = by_cause([*items, alone, alone])
    assert first.message("en") == (
        "The template cannot render 6 pages (sites: 2), such as “tin/0.html”: no titel. What is "
        "published of these sites stays."
    )
    assert (first.place(), first.site) == ("themes/x/a.html:3", "")
    assert other == alone
    [of_one_site] = by_cause(items[::2])
    assert (of_one_site.site, "3 pages (sites: 1)" in of_one_site.message("en")) == ("main", True)


def test_what_is_told_of_several_sites_alike_is_told_once() -> None:
    item = problem("template-ended-time", "themes/x/a.html", 3, seconds=10)
    other = problem("template-ended-time", "themes/x/b.html", 3, seconds=10)
    sites = [item._replace(site=site) for site in ("main", "sapa")]
    assert by_cause([*sites, other]) == [item, other]
    assert by_cause(sites[:1]) == sites[:1]


def test_problems_at_several_places_stay_apart() -> None:
    items = [problem("a", "x", line) for line in (2, 1)]
    assert by_cause(items) == sorted(items)
