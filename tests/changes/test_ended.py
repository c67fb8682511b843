from pathlib import Path

import pytest

from portalgen.changes.ended import Ended, ended_before, load_ended
from portalgen.problems import problem
from portalgen.report import Options

SLOW = problem("text-ended-time", "content/a.md", seconds=10)._replace(site="main")


def options(folder: Path, sites: tuple[str, ...] = (), use_cache: bool = True) -> Options:
    return Options(folder, folder / "public", 0, sites, use_cache=use_cache, state=folder)


def test_what_is_the_same_is_recalled_by_a_later_build(tmp_path: Path) -> None:
    with ended_before(options(tmp_path)) as first:
        assert first.recall("article a", "1") is None
        first.remember([Ended("article a", "1", SLOW)])
    second = load_ended(tmp_path)
    assert second.recall("article a", "1") == SLOW
    assert second.recall("article a", "2") is None
    assert second.recall("article b", "1") is None


def test_what_is_no_longer_there_is_forgotten(tmp_path: Path) -> None:
    with ended_before(options(tmp_path)) as first:
        first.remember([Ended(name, "1", SLOW) for name in ("a", "b")])
    with ended_before(options(tmp_path)) as second:
        second.recall("a", "1")
        second.recall("b", "changed")
    assert list(load_ended(tmp_path).items) == ["a"]


def test_a_build_of_one_site_forgets_nothing(tmp_path: Path) -> None:
    with ended_before(options(tmp_path)) as first:
        first.remember([Ended(name, "1", SLOW) for name in ("a", "b")])
    with ended_before(options(tmp_path, ("sapa",))) as second:
        second.recall("a", "1")
    with pytest.raises(KeyError), ended_before(options(tmp_path)):
        raise KeyError
    assert sorted(load_ended(tmp_path).items) == ["a", "b"]


def test_without_a_cache_all_is_tried_again(tmp_path: Path) -> None:
    with ended_before(options(tmp_path)) as first:
        first.remember([Ended("a", "1", SLOW)])
    with ended_before(options(tmp_path, use_cache=False)) as second:
        assert second.recall("a", "1") is None
    assert load_ended(tmp_path).items == {}


def test_a_build_that_stops_remembers_all_the_same(tmp_path: Path) -> None:
    with pytest.raises(KeyError), ended_before(options(tmp_path)) as before:
        before.remember([Ended("a", "1", SLOW)])
        raise KeyError
    assert load_ended(tmp_path).recall("a", "1") == SLOW


def test_another_program_tries_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with ended_before(options(tmp_path)) as before:
        before.remember([Ended("a", "1", SLOW)])
    monkeypatch.setattr("portalgen.changes.ended.program_digest", lambda: "another")
    assert load_ended(tmp_path).items == {}


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"program": 1, "items": 2}', "\0", '{"items": []}']
)
def test_a_damaged_record_is_none(text: str, tmp_path: Path) -> None:
    (tmp_path / "ended.json").write_text(text)
    assert load_ended(tmp_path).items == {}


def test_nothing_is_written_where_nothing_was_ended(tmp_path: Path) -> None:
    with ended_before(options(tmp_path)):
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    with ended_before(options(tmp_path / "none")) as before:
        before.remember([Ended("a", "1", SLOW)])
