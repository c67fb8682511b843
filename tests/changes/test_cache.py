import sqlite3
from pathlib import Path

import pytest

from portalgen.changes import cache as module
from portalgen.changes.cache import Bodies, Cache, CacheDamagedError


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "own" / "cache.sqlite"


def put(cache: Cache, path: str, html: str) -> None:
    cache.write("INSERT OR REPLACE INTO bodies VALUES (?, ?, ?)", [(path, html, "chữ")])


def test_what_was_committed_is_there_the_next_time_and_no_more(file: Path) -> None:
    cache = Cache(file)
    put(cache, "a", "<p>A</p>")
    cache.commit()
    put(cache, "b", "<p>B</p>")
    cache.close()
    cache = Cache(file)
    assert (cache.note, cache.query("SELECT path FROM bodies")) == ("", [("a",)])
    assert cache.query("SELECT html FROM bodies WHERE path=?", ("a",)) == [("<p>A</p>",)]
    cache.close()


def test_a_text_is_remembered_by_its_key(file: Path) -> None:
    cache = Cache(file)
    assert cache.meta("x") == ""
    cache.set_meta("x", "1")
    cache.set_meta("x", "2")
    assert cache.meta("x") == "2"
    cache.close()


def test_a_fresh_cache_is_empty(file: Path) -> None:
    cache = Cache(file)
    put(cache, "a", "x")
    cache.commit()
    cache.close()
    cache = Cache(file, fresh=True)
    assert (cache.note, cache.query("SELECT * FROM bodies")) == ("", [])
    cache.close()


def test_another_programs_cache_is_as_if_absent(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Cache(file).close()
    monkeypatch.setattr(module, "program_digest", lambda: "another")
    cache = Cache(file)
    assert (cache.note, cache.query("SELECT * FROM bodies")) == ("cache-old", [])
    cache.close()
    assert Cache(file).note == ""


def test_a_foreign_database_is_as_if_absent(file: Path) -> None:
    file.parent.mkdir()
    with sqlite3.connect(file) as database:
        database.execute("CREATE TABLE meta (key, value)")
    database.close()
    cache = Cache(file)
    assert (cache.note, cache.query("SELECT * FROM articles")) == ("cache-damaged", [])
    cache.close()


def test_a_table_that_is_gone_is_damage(file: Path) -> None:
    cache = Cache(file)
    cache.write("DROP TABLE bodies", [()])
    with pytest.raises(CacheDamagedError):
        cache.query("SELECT * FROM bodies")
    with pytest.raises(CacheDamagedError):
        put(cache, "a", "x")
    cache.close()


def test_all_that_sqlite_keeps_is_removed(file: Path) -> None:
    cache = Cache(file)
    put(cache, "a", "x")
    assert len(list(file.parent.iterdir())) == 3
    cache.close()
    Cache.remove(file)
    Cache.remove(file)
    assert list(file.parent.iterdir()) == []


@pytest.mark.parametrize("elsewhere", [False, True])
def test_others_read_what_was_committed(file: Path, elsewhere: bool) -> None:
    cache = Cache(file)
    put(cache, "a", "<p>A</p>")
    cache.commit()
    bodies = Bodies(cache.address(elsewhere))
    assert (bodies("a"), bodies.words("a")) == ("<p>A</p>", "chữ")
    with pytest.raises(CacheDamagedError, match="body missing"):
        bodies("b")
    bodies.close()
    bodies.close()
    cache.close()
