"""Opening a network: one way for every command but `build`."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from msgspec.structs import replace

from portalgen.changes.cache import Cache, CacheDamagedError
from portalgen.library import Opened, open_library
from portalgen.output.lock import Lock
from portalgen.problems import PortalError, Problems
from portalgen.report import Options
from tests.helpers import NOW, article, network, run, write

A = "content/tin-tuc/a.md"


def options(root: Path) -> Options:
    return Options(root, root / "public", NOW, jobs=1)


def titles(opened: Opened) -> list[str]:
    return sorted(a.title for a in opened.library.by_name.values())


def cached(root: Path) -> list[str]:
    """The articles that the cache has."""
    cache = Cache(root / ".portalgen/cache.sqlite")
    try:
        return [path for (path,) in cache.query("SELECT path FROM articles")]
    finally:
        cache.close()


def test_what_is_published_is_given_and_what_was_read_is_kept(tmp_path: Path) -> None:
    root = network(tmp_path, {A: article("A"), "content/tin-tuc/b.md": "x"})
    problems = Problems()
    assert open_library(options(root), problems, titles) == ["A"]
    assert [item.path for item in problems.items] == ["content/tin-tuc/b.md"]
    assert cached(root) == [A]


def test_drafts_are_published_only_where_they_are_asked_for(tmp_path: Path) -> None:
    root = network(tmp_path, {A: article("A", draft="true")})
    assert open_library(options(root), Problems(), titles) == []
    drafts = replace(options(root), drafts=True)
    assert open_library(drafts, Problems(), titles) == ["A"]


def test_without_keep_nothing_is_kept_and_nobody_is_kept_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = network(tmp_path, {A: article("A")})
    run(root)
    write(root, {"content/tin-tuc/b.md": article("B")})
    monkeypatch.setattr("portalgen.output.lock.PATIENCE", 0.3)
    with Lock(root / ".portalgen/lock"):
        assert open_library(options(root), Problems(), titles, keep=False) == ["A", "B"]
        with pytest.raises(PortalError):
            open_library(options(root), Problems(), titles)
    assert cached(root) == [A]


def test_who_does_not_wait_has_a_copy_while_another_is_at_work(tmp_path: Path) -> None:
    root = network(tmp_path, {A: article("A")})
    run(root)
    write(root, {"content/tin-tuc/b.md": article("B")})
    cache = Cache(root / ".portalgen/cache.sqlite")
    with Lock(root / ".portalgen/lock"), closing(cache):
        cache.write("DELETE FROM notes", [()])  # a build in the middle of its work
        assert open_library(options(root), Problems(), titles, wait=False) == ["A", "B"]
        cache.commit()
    assert cached(root) == [A]
    assert open_library(options(root), Problems(), titles, wait=False) == ["A", "B"]
    assert cached(root) == [A, "content/tin-tuc/b.md"]


def test_a_damaged_cache_is_forgotten_and_the_network_opened_again(tmp_path: Path) -> None:
    root = network(tmp_path, {A: article("A"), "content/tin-tuc/b.md": "x"})
    run(root)
    with sqlite3.connect(root / ".portalgen/cache.sqlite") as database:
        database.execute("UPDATE articles SET record='['")
    database.close()
    problems = Problems()
    assert open_library(options(root), problems, titles) == ["A"]
    assert len(problems.items) == 1


def test_what_is_made_of_a_network_may_turn_out_to_be_damaged_too(tmp_path: Path) -> None:
    root = network(tmp_path, {A: article("A")})
    calls = []

    def use(opened: Opened) -> int:
        calls.append(titles(opened))
        if len(calls) == 1:
            raise CacheDamagedError
        return len(calls)

    assert open_library(options(root), Problems(), use) == 2
    assert calls == [["A"], ["A"]]

    def never(opened: Opened) -> None:
        raise CacheDamagedError

    for keep in (True, False):
        with pytest.raises(CacheDamagedError):
            open_library(options(root), Problems(), never, keep=keep)
    assert cached(root) == []


def test_wrong_settings_open_nothing(tmp_path: Path) -> None:
    root = network(tmp_path, {"site.yaml": "title: A\nbase_url: x\n"})
    with pytest.raises(PortalError) as raised:
        open_library(options(root), Problems(), titles)
    assert raised.value.problems[0].code == "wrong-base-url"
