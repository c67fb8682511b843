import pytest

from portalgen.content.html_tags import tag_at

TAGS = {
    "<p>": ("p", {}, True),
    '<IMG SRC="a.jpg" alt=\'x > "y"\'>': ("img", {"src": "a.jpg", "alt": 'x > "y"'}, True),
    "<a href=b.pdf target = _blank>": ("a", {"href": "b.pdf", "target": "_blank"}, True),
    "<img src=a.jpg/>": ("img", {"src": "a.jpg/"}, True),
    "<details open>": ("details", {"open": ""}, True),
    '<p class="a" class="b">': ("p", {"class": "a"}, True),  # the first one counts
    "<p =x>": ("p", {"=x": ""}, True),
    '<img alt="Ảnh "đẹp" đây">': ("img", {"alt": "Ảnh ", 'đẹp"': "", 'đây"': ""}, False),
    '<img src="a.jpg alt="x">': ("img", {"src": "a.jpg alt=", 'x"': ""}, False),
    '<a href="b.pdf>': ("a", {"href": "b.pdf"}, False),
    '<a href="b.pdf>\n\n"': ("a", {"href": "b.pdf"}, False),  # no value goes over paragraphs
}


@pytest.mark.parametrize("text", TAGS)
def test_a_tag_is_read_as_browsers_read_it(text: str) -> None:
    tag = tag_at(f"x{text}", 1)
    assert tag is not None
    assert (tag.name, tag.attributes, tag.is_sound) == TAGS[text]


@pytest.mark.parametrize("text", ["< p>", "<", "<3", "</ p>", "<p", "<p a<b>", '<p a="'])
def test_what_is_no_tag_is_text(text: str) -> None:
    assert tag_at(text, 0) is None


def test_ends_of_elements_and_those_that_end_at_once() -> None:
    assert [(tag.is_end, tag.is_closed) for text in ("<a>", "</a>", "<a/>", "<a b='c' / >")
            if (tag := tag_at(text, 0))] == [
        (False, False), (True, False), (False, True), (False, True),
    ]  # fmt: skip


def test_values_are_read_without_their_escapes() -> None:
    tag = tag_at('<a href=" b.pdf?x&amp;y&#10;">', 0)
    assert tag is not None
    assert tag.value("href") == "b.pdf?x&y"
    assert tag.value("title") == ""


def test_a_long_run_of_quotes_takes_no_time() -> None:
    text = "<p " + 'a="' * 20_001 + "x"
    assert tag_at(text, 0) is None
