from pathlib import Path
from unicodedata import normalize

import pytest

from portalgen.problems import Problems
from portalgen.report import Options
from portalgen.webserver.redirects import find_redirects
from tests.helpers import NOW, article, network, run, write

Files = dict[str, str | bytes | None]
NEW = "https://tinh.example/tin-tuc/mot.html"


def moved(root: Path) -> tuple[dict[tuple[str, str], str], list[str]]:
    """The redirects of a network, and the messages of refused ones."""
    problems = Problems()
    redirects = find_redirects(Options(root, root / "public", NOW), problems)[1]
    found = {key: value.partition("=")[2] for key, value in redirects.pages.items()}
    return found, [item.describe("vi") for item in problems.items]


def with_aliases(folder: Path, aliases: str, **more: str) -> Path:
    text = article("Một", aliases=f"[{aliases}]")
    return network(folder, {"content/tin-tuc/mot.md": text, **more})


def refusal(alias: str) -> str:
    return (
        f"content/tin-tuc/mot.md:1: Không ghi được địa chỉ cũ “{alias}” cho nginx: máy chủ không "
        "bao giờ nhận được địa chỉ như vậy, hoặc ở đó đã có trang khác. Hãy sửa trong `aliases`; "
        "khi chưa sửa, địa chỉ này vẫn là một trang chuyển tiếp thường."
    )


def test_old_addresses_by_site_with_their_new_one(tmp_path: Path) -> None:
    sapa = article("Hai", aliases="[/cu/mot.html]")
    files: Files = {"members/sapa/content/tin-tuc/hai.md": sapa}
    root = with_aliases(tmp_path, "/cu/mot.html, /cu-hon, /Hoa.htm, /thu-muc/")
    write(root, files)
    assert moved(root) == (
        {
            ("main", "/cu/mot.html"): NEW,
            ("main", "/cu-hon"): NEW,
            ("main", "/cu-hon/index.html"): NEW,
            ("main", "/Hoa.htm"): NEW,
            ("main", "/thu-muc"): NEW,
            ("main", "/thu-muc/index.html"): NEW,
            ("sapa", "/cu/mot.html"): "https://sapa.tinh.example/tin-tuc/hai.html",
        },
        [],
    )


def test_an_encoded_address_is_known_as_servers_see_it(tmp_path: Path) -> None:
    found, refused = moved(with_aliases(tmp_path, "/b%C3%A0i%20c%c5%a9%7B%22.html"))
    paths = ['/bài cũ{".html', normalize("NFD", '/bài cũ{".html')]
    assert (list(found), refused) == ([("main", path) for path in paths], [])


@pytest.mark.parametrize(
    "alias",
    [
        "/100%.html", "/a%zz.html", "/a%2Fb.html", "/a%5cb.html", "/a%00.html", "/a%0a.html",
        "/%2e%2e/a.html", "/.an/a.html", "/a%24b.html", "/%ff.html", "/%2e.html",
        "/tin-tuc/%6dot.html", "/tin-tuc/MO%54.html",
    ],
)  # fmt: skip
def test_what_a_server_never_sees_or_must_show_is_refused(tmp_path: Path, alias: str) -> None:
    assert moved(with_aliases(tmp_path, alias)) == ({}, [refusal(alias)])


def test_of_two_that_are_the_same_to_a_server_the_first_is_kept(tmp_path: Path) -> None:
    found, refused = moved(with_aliases(tmp_path, "/a.html, /%61.html"))
    assert (list(found), refused) == (
        [("main", "/%61.html".replace("%61", "a"))],
        [refusal("/a.html")],
    )


def test_what_the_build_refuses_leads_nowhere(tmp_path: Path) -> None:
    root = with_aliases(tmp_path, "/tin-tuc/, /tim-kiem/a.html, /cu.html")
    other = article("Hai", aliases="[/hai-cu.html]", tags="[a]", tgas="x")
    late = article("Ba", "2999-01-01", aliases="[/ba-cu.html]")
    write(root, {"content/tin-tuc/hai.md": other, "content/tin-tuc/ba.md": late})
    found, refused = moved(root)
    assert list(found) == [("main", "/cu.html")]
    assert sorted(refused) == sorted(
        item.describe("vi") for item in run(root).refused if "ba.md" not in item.path
    )


def test_a_site_whose_templates_are_wrong_keeps_its_redirects(tmp_path: Path) -> None:
    files: Files = {
        "members/sapa/content/tin-tuc/hai.md": article("Hai", aliases="[/cu.html]"),
        "members/sapa/templates/article.html": "{% if %}",
    }
    root = with_aliases(tmp_path, "/cu.html")
    write(root, files)
    found, [refused] = moved(root)
    assert found == {
        ("main", "/cu.html"): NEW,
        ("sapa", "/cu.html"): "https://sapa.tinh.example/tin-tuc/hai.html",
    }
    assert refused.startswith("members/sapa/templates/article.html:1: ")


def test_a_damaged_cache_does_not_matter(tmp_path: Path) -> None:
    root = with_aliases(tmp_path, "/cu.html")
    run(root)
    (root / ".portalgen/cache.sqlite").write_bytes(b"damaged" * 1000)
    assert list(moved(root)[0]) == [("main", "/cu.html")]
