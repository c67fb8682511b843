"""Every address that was ever published, and what it answers; forgetting one."""

from pathlib import Path

from portalgen.library import open_library
from portalgen.problems import Problems
from portalgen.register.entries import Entry, Register, SiteEntries
from portalgen.register.listing import Address, erase, list_addresses
from portalgen.report import Options
from tests.helpers import MAIN_SETTINGS, NOW, article, network, run, write

A, B, C = (f"content/tin-tuc/{name}.md" for name in "abc")


def addresses(root: Path, slug: str = "main") -> dict[str, tuple[str, str]]:
    """What the articles' addresses of a site answer, and where they lead."""
    opened = open_library(
        Options(root, root / "public", NOW), Problems(), lambda opened: opened, keep=False
    )
    return {
        item.route: (item.answer, item.target)
        for item in list_addresses(opened.register, opened.library.sites)
        if item.site == slug and not item.source.startswith(("section:", "feed:"))
    }


def test_each_address_with_what_it_answers(tmp_path: Path) -> None:
    root = network(
        tmp_path, {A: article("A"), B: article("B"), C: article("C"), "static/t.txt": "t"}
    )
    run(root)
    (root / A).rename(root / "content/tin-tuc/moi.md")
    (root / B).unlink()
    run(root)
    assert addresses(root) == {
        "tin-tuc/a.html": ("moved", "https://tinh.example/tin-tuc/moi.html"),
        "tin-tuc/b.html": ("gone", ""), "tin-tuc/c.html": ("page", ""),
        "tin-tuc/moi.html": ("page", ""), "t.txt": ("page", ""),
    }  # fmt: skip
    write(root, {B: article("B")})
    assert addresses(root)["tin-tuc/b.html"] == ("page", "")


def test_a_page_at_an_old_address_is_what_it_answers(tmp_path: Path) -> None:
    root = network(tmp_path, {A: article("A")})
    run(root)
    write(root, {A: article("A", slug="khac")})
    run(root)
    write(root, {B: article("B", slug="a")})
    run(root)
    assert addresses(root) == {
        "tin-tuc/a.html": ("page", ""), "tin-tuc/khac.html": ("page", ""),
    }  # fmt: skip


def test_the_addresses_of_a_site_that_is_no_more_say_so() -> None:
    entry = Entry(id="a", kind="article", source="members/cu/content/a.md", at="a.html", since=3)
    register = Register("k", {"cu": SiteEntries(entries={"a": entry})})
    assert list(list_addresses(register, {})) == [
        Address("cu", "a.html", "no-site", "", "members/cu/content/a.md", 3)
    ]


def of(**values: object) -> Register:
    entry = Entry(id="a", kind="article", source=A, **values)  # type: ignore[arg-type]
    return Register("k", {"main": SiteEntries(entries={"a": entry})})


def test_an_old_address_is_forgotten_and_others_stay() -> None:
    register = of(at="c.html", paths=("a.html", "B.html"))
    assert erase(register, "main", "b.html", 9) is None
    assert register.site("main").entries["a"].paths == ("a.html",)
    assert erase(register, "main", "a.html", 9) is None
    assert register.site("main").entries["a"].paths == ()


def test_of_what_is_gone_nothing_is_left_with_its_last_address() -> None:
    register = of(at="c.html", paths=("a.html",), gone=5)
    assert erase(register, "main", "c.html", 9) is None
    entry = register.site("main").entries["a"]
    assert (entry.at, entry.paths) == ("a.html", ())
    assert erase(register, "main", "a.html", 9) is None
    assert register.site("main").entries == {}


def test_what_stands_or_never_was_is_not_forgotten() -> None:
    register = of(at="c.html")
    stands = erase(register, "main", "C.html", 9)
    assert stands and (stands.code, stands.path) == ("address-stands", A)
    for slug, route in (("main", "x.html"), ("sapa", "c.html")):
        unknown = erase(register, slug, route, 9)
        assert unknown and unknown.code == "address-unknown"
    assert register == of(at="c.html")


def test_a_permalink_gives_each_article_a_second_address(tmp_path: Path) -> None:
    root = network(tmp_path, {A: article("A")})
    run(root)
    write(root, {"site.yaml": MAIN_SETTINGS + "permalink: /{year}/{slug}.html\n"})
    run(root)
    assert addresses(root)["tin-tuc/a.html"] == ("moved", "https://tinh.example/2020/a.html")
