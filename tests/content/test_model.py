from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from portalgen.content.model import Article, from_json, to_json
from tests.helpers import NOW, article, network, picture
from tests.quick import look_up


@pytest.fixture
def published(tmp_path: Path) -> Article:
    """An article with a picture, as it was read."""
    root = network(tmp_path, {
        "content/tin-tuc/a.md": article("A", image="a.png", tags="[x]"),
        "content/tin-tuc/a.png": picture(40, 30, "PNG"),
    })  # fmt: skip
    return look_up(root)[0].articles["content/tin-tuc/a.md"]


@pytest.mark.parametrize(
    ("values", "is_shown", "is_shown_as_draft", "next_change"),
    [
        ({"date": NOW}, True, True, 0),
        ({"date": NOW + 1}, False, True, NOW + 1),
        ({"date": NOW - 9, "expires": NOW + 5}, True, True, NOW + 5),
        ({"date": NOW - 9, "expires": NOW}, False, False, 0),
        ({"date": NOW + 3, "expires": NOW + 5}, False, True, NOW + 3),
        ({"date": NOW, "featured": True, "featured_until": NOW + 4}, True, True, NOW + 4),
        ({"date": NOW, "featured": True, "featured_until": NOW}, True, True, 0),
        ({"date": NOW, "draft": True}, False, True, 0),
        ({"date": NOW + 3, "draft": True}, False, True, 0),
    ],
)
def test_an_article_comes_and_goes_at_its_moments(
    published: Article, values: dict[str, object], is_shown: bool, is_shown_as_draft: bool,
    next_change: int,
) -> None:  # fmt: skip
    item = replace(published, **values)
    assert item.is_published(NOW) is is_shown
    assert item.is_published(NOW, drafts=True) is is_shown_as_draft
    assert item.next_change(NOW) == next_change


def test_an_article_is_featured_until_a_moment(published: Article) -> None:
    item = replace(published, featured=True, featured_until=NOW)
    assert [item.is_featured(now) for now in (NOW - 1, NOW)] == [True, False]
    assert replace(item, featured_until=0).is_featured(NOW)
    assert not replace(item, featured=False).is_featured(NOW - 1)


def test_an_article_comes_back_from_the_cache_as_it_was(published: Article) -> None:
    items = [replace(published, digest=""), replace(published, digest="", picture=None)]
    recalled = from_json([to_json(item) for item in items])
    assert [replace(item, digest="") for item in recalled] == items
    first, second = (item.digest for item in recalled)
    assert first == published.digest != second
    assert from_json([]) == []
    with pytest.raises(msgspec.DecodeError):
        from_json([b"[1,"])


def test_a_page_stands_outside_the_sections(published: Article) -> None:
    assert not published.is_page
    assert replace(published, section="").is_page
