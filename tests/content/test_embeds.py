import pytest

from portalgen.content.embeds import address_of, link_for, link_to_write
from portalgen.content.html_tags import tag_at

YOUTUBE = "https://www.youtube.com"
LINKS = {
    f"{YOUTUBE}/embed/a-b_c?start=3": f"{YOUTUBE}/watch?v=a-b_c",
    "//www.youtube-nocookie.com/embed/abc": f"{YOUTUBE}/watch?v=abc",
    f"{YOUTUBE}/embed/videoseries?list=PL1": f"{YOUTUBE}/playlist?list=PL1",
    "https://player.vimeo.com/video/12?h=1": "https://vimeo.com/12",
    "https://www.facebook.com/plugins/video.php?href=https%3A%2F%2Ffb.example%2Fv%2F1&width=5":
        "https://fb.example/v/1",
    "http://a.example/b?c=d": "http://a.example/b?c=d",
    "bieu-mau.pdf": "bieu-mau.pdf",
    "phim.mp4": "", "javascript:x": "", "file:///C:/a.pdf": "", "": "", "https://[a": "",
    "https://www.google.com/maps/embed?pb=1": "",
}  # fmt: skip


@pytest.mark.parametrize("address", LINKS)
def test_the_link_that_stands_for_what_is_embedded(address: str) -> None:
    assert link_for(address) == LINKS[address]


def test_a_link_is_written_without_signs_that_end_it() -> None:
    assert link_to_write("https://a.example/b (c).pdf?x=á") == (
        "https://a.example/b%20%28c%29.pdf?x=%C3%A1"
    )


@pytest.mark.parametrize(
    ("text", "inside", "address"),
    [
        ('<iframe src=" a ">', "", "a"), ('<object data="b">', "", "b"), ("<video>", "Chữ", ""),
        ("<video>", '<source type="x" src="c.mp4"><source src="d.webm">', "c.mp4"),
        ('<iframe data-src="e">', "", "e"),
    ],
)  # fmt: skip
def test_the_address_of_an_element(text: str, inside: str, address: str) -> None:
    tag = tag_at(text, 0)
    assert tag is not None
    assert address_of(tag, inside) == address
