"""Which files are articles, and which of them are read again."""

import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from portalgen.changes.cache import Cache, CacheDamagedError
from portalgen.content.load import Loaded, forget_stale, load_articles, load_notes
from portalgen.problems import Problems
from portalgen.settings.network import load_network
from tests.helpers import MEMBER_SETTINGS, NOW, article, network, picture, write

AT = "content/tin-tuc/"
A, B, C = f"{AT}a.md", f"{AT}b.md", f"members/sapa/{AT}c.md"
FILES: dict[str, str | bytes | None] = {
    A: article("A"), B: article("B", image="b.png"), C: article("C"),
    f"{AT}b.png": picture(40, 30, "PNG"),
}  # fmt: skip


@pytest.fixture
def cache(tmp_path: Path) -> Iterator[Cache]:
    with closing(Cache(tmp_path / "network/.portalgen/cache.sqlite")) as opened:
        yield opened


@pytest.fixture(autouse=True)
def trust_fresh_times(monkeypatch: pytest.MonkeyPatch) -> None:
    """Trust the times of files written a moment ago."""
    monkeypatch.setattr("portalgen.changes.snapshot.RACY_NANOSECONDS", 0)


def load(root: Path, cache: Cache) -> tuple[Loaded, list[str]]:
    """The articles of a network, and what is wrong with others."""
    problems = Problems()
    loaded = load_articles(load_network(root), cache, 1, problems)
    return loaded, [f"{item.site}: {item.describe('en')}" for item in problems.items]


def test_what_did_not_change_is_recalled_as_it_was_read(tmp_path: Path, cache: Cache) -> None:
    root = network(tmp_path, FILES)
    first, again = load(root, cache)[0], load(root, cache)[0]
    assert (first.read, again.read) == (3, 0)
    assert again.articles == first.articles
    assert again.names == first.names == {"main": {"tin-tuc/a.md", "tin-tuc/b.md"},
                                          "sapa": {"tin-tuc/c.md"}}  # fmt: skip


EDITS: dict[str, tuple[dict[str, str | bytes | None], int]] = {
    "an article": ({A: article("A mới")}, 1),
    "a picture of an article": ({f"{AT}b.png": picture(50, 30, "PNG")}, 1),
    "an article that is gone": ({A: None}, 0),
    "a new article": ({f"{AT}moi.md": article("Mới")}, 1),
    "the language of a member": ({"members/sapa/site.yaml": MEMBER_SETTINGS + "language: en\n"}, 1),
    "the title of a member": ({"members/sapa/site.yaml": "title: Sa Pả\n"}, 0),
    "the time zone of a member": (
        {"members/sapa/site.yaml": MEMBER_SETTINGS + "timezone: Asia/Tokyo\n"}, 1
    ),
    "the address of a member": (
        {"members/sapa/site.yaml": MEMBER_SETTINGS + "base_url: https://sapa.example/x/\n"}, 1
    ),
}  # fmt: skip


@pytest.mark.parametrize("edit", EDITS)
def test_only_what_may_be_read_otherwise_is_read_again(
    tmp_path: Path, cache: Cache, edit: str
) -> None:
    root = network(tmp_path, FILES)
    load(root, cache)
    files, count = EDITS[edit]
    write(root, files)
    loaded = load(root, cache)[0]
    assert loaded.read == count
    with closing(Cache(tmp_path / "fresh.sqlite", fresh=True)) as fresh:
        assert load(root, fresh)[0].articles == loaded.articles
    assert load(root, cache)[0].read == 0


def test_a_picture_that_was_absent_is_looked_for_again(tmp_path: Path, cache: Cache) -> None:
    root = network(tmp_path, {B: FILES[B]})
    for _ in range(2):
        loaded, wrong = load(root, cache)
        assert (loaded.read, loaded.articles[B].picture, wrong) == (1, None, [])
        assert [item.describe("en") for item in loaded.warnings] == [
            f"{B}:4:8: There is no image “b.png” beside the article. Copy it into the same folder "
            "or correct the name."
        ]
        assert load_notes(cache, loaded)[B].warnings == [
            item._replace(site="") for item in loaded.warnings
        ]
    write(root, {f"{AT}b.png": FILES[f"{AT}b.png"]})
    loaded = load(root, cache)[0]
    assert loaded.articles[B].picture
    assert loaded.warnings == []
    assert load(root, cache)[0].read == 0


def test_times_of_files_changed_just_now_are_not_trusted(
    tmp_path: Path, cache: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = network(tmp_path, FILES)
    load(root, cache)
    monkeypatch.setattr("portalgen.changes.snapshot.RACY_NANOSECONDS", 10**18)
    assert load(root, cache)[0].read == 3


def test_an_article_that_is_gone_or_refused_leaves_nothing_in_the_cache(
    tmp_path: Path, cache: Cache
) -> None:
    root = network(tmp_path, FILES)
    load(root, cache)
    write(root, {A: None, C: "hỏng"})
    loaded, wrong = load(root, cache)
    assert list(loaded.articles) == [B]
    assert loaded.names == {"main": {"tin-tuc/b.md"}, "sapa": {"tin-tuc/c.md"}}
    assert wrong == [
        f"sapa: {C}:1:1: An article begins with a line `---`, then lines like `title: …`, then "
        "`---`."
    ]
    assert sorted(loaded.stale) == [(A,), (C,)]
    forget_stale(cache, loaded)
    for table in ("articles", "bodies", "notes"):
        assert cache.query(f"SELECT path FROM {table}") == [(B,)]
    assert load(root, cache)[1] == wrong


SUFFIX = "The name of an article's file must end in `.md`, in lower case. Rename it to a.md."


@pytest.mark.parametrize(
    ("files", "wrong"),
    [
        ({f"{AT}.a.md": "x", "content/.git/a.md": "x", f"{AT}a.jpg": b"x"}, []),
        ({"content/trong/anh.jpg": b"x", f"{AT}trong/anh.jpg": b"x"}, []),
        ({"content/khac/a/b.md": article("B")}, [
            "content/khac: The folder “khac” is not a section of the site, so the articles in it "
            "are not published. Add it to `sections` in site.yaml or move them.",
        ]),
        ({f"{AT}a/b.md": article("B")}, [
            f"{AT}a: This folder holds articles but no `index.md`, so they are not published. Name "
            "the article `index.md` or move it up one folder.",
        ]),
        ({f"{AT}a.MD": "x"}, [f"{AT}a.MD: {SUFFIX}"]),
        ({f"{AT}a.md.txt": "x"}, [f"{AT}a.md.txt: {SUFFIX}"]),
        ({"content/a.markdown": "x"}, [f"content/a.markdown: {SUFFIX}"]),
        ({f"{AT}a.txt": "x", f"{AT}md": "x"}, []),
    ],
)  # fmt: skip
def test_articles_are_files_of_sections_that_end_in_md(
    tmp_path: Path, cache: Cache, files: dict[str, str | bytes], wrong: list[str]
) -> None:
    good = {"content/trang.md": article("A", ""), f"{AT}a1/index.md": article("A")}
    loaded, messages = load(network(tmp_path, {**good, f"{AT}a1/b.txt": "b", **files}), cache)
    assert messages == [f"main: {message}" for message in wrong]
    assert loaded.names["main"] == {"trang.md", "tin-tuc/a1/index.md"}
    assert sorted(loaded.articles) == sorted(good)


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
@pytest.mark.parametrize("name", ["ngoai.md", "ngoai", "trong/index.md"])
def test_a_link_out_of_the_folder_of_a_site_is_not_followed(
    tmp_path: Path, cache: Cache, name: str
) -> None:
    root = network(tmp_path, FILES)
    outside = root / "content/y-te" if name == "ngoai" else root / A
    link = root / f"members/sapa/{AT}{name}"
    (root / "content/y-te").mkdir(parents=True)
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(outside)
    loaded, wrong = load(root, cache)
    assert wrong == [
        f"sapa: members/sapa/{AT}{name}: The symbolic link leads out of the site's folder. Copy "
        "the real file here."
    ]
    assert loaded.names["sapa"] == {"tin-tuc/c.md"}


@pytest.mark.parametrize(
    "damage",
    ["UPDATE articles SET record='[1,'", "UPDATE articles SET record='[]'"],
)
def test_rows_that_make_no_sense_damage_the_cache(
    tmp_path: Path, cache: Cache, damage: str
) -> None:
    root = network(tmp_path, FILES)
    load(root, cache)
    cache.write(damage, [()])
    with pytest.raises(CacheDamagedError):
        load(root, cache)


@pytest.mark.parametrize(
    "signature", ["", "x", "x\ny\nz", "1\n2\n3\n4", "KEY\nnever\n1", "KEY\n9\n1.1.1.1"]
)
def test_a_signature_that_makes_no_sense_is_that_of_another_file(
    tmp_path: Path, cache: Cache, signature: str
) -> None:
    root = network(tmp_path, FILES)
    load(root, cache)
    [(own,)] = cache.query(f"SELECT signature FROM articles WHERE path='{A}'")
    signature = signature.replace("KEY", own.partition("\n")[0])
    cache.write("UPDATE articles SET signature=? WHERE path=?", [(signature, A)])
    assert load(root, cache)[0].read == 1


def test_notes_are_those_of_all_that_was_read_refused_or_not(tmp_path: Path, cache: Cache) -> None:
    root = network(tmp_path, {**FILES, C: article("C" * 120, tgas="x")})
    loaded = load(root, cache)[0]
    notes = load_notes(cache, loaded)
    assert sorted(notes) == [A, B, C]
    assert [item.code for item in notes[C].warnings] == ["title-long"]
    assert load_notes(cache, load(root, cache)[0]) == notes
    cache.write("DELETE FROM notes WHERE path=?", [(A,)])
    with pytest.raises(CacheDamagedError, match="notes missing"):
        load_notes(cache, loaded)


def test_warnings_are_those_of_articles_read_this_time_that_have_not_expired(
    tmp_path: Path, cache: Cache
) -> None:
    body = "[x](//x.example) [y]()"
    root = network(tmp_path, {
        A: article("A", body=body), B: article("B", body=body, expires="2020-01-12"),
        C: article("C", body=body, tgas="x"),
    })  # fmt: skip
    loaded = load(root, cache)[0]
    assert {(item.path, item.site) for item in loaded.warnings} == {
        (A, "main"), (B, "main"), (C, "sapa"),
    }  # fmt: skip
    assert {item.path for item in loaded.current_warnings(NOW, ())} == {A, C}
    assert {item.path for item in loaded.current_warnings(NOW - 5 * 86_400, ())} == {A, B, C}
    again = load(root, cache)[0]
    assert (again.read, {item.path for item in again.warnings}) == (1, {C})
    codes = [item.code for item in load_notes(cache, again)[A].warnings]
    assert codes == ["link-without-scheme", "link-nowhere"]


def test_what_was_published_of_an_article_counts_each_time(tmp_path: Path, cache: Cache) -> None:
    root = network(tmp_path, FILES)
    whole = load(root, cache)[0].articles[B]
    write(root, {f"{AT}b.png": None})
    problems = Problems()
    for published in ({}, {B: whole.files}, {A: whole.files}):
        loaded = load_articles(load_network(root), cache, 1, problems, published=published)
        assert loaded.articles[B].picture == (whole.picture if B in published else None)
        assert (loaded.read, loaded.published) == (1, published)
    assert problems.items == []
