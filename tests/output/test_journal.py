"""Publishing step by step: what is staged comes in, what is gone goes, a journal lasts."""

import errno
import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from portalgen.changes.manifest import Change, Changeset, Manifest, Published
from portalgen.output.publish import (
    JOURNAL,
    PublishStoppedError,
    possible,
    publish,
    recover,
    stage_folder,
)
from portalgen.problems import problem
from tests.helpers import tree

Rows = list[tuple[str, str]]
OWN = ".portalgen"


@pytest.fixture
def output(tmp_path: Path) -> Path:
    return tmp_path / "public"


@pytest.fixture
def manifest(output: Path) -> Iterator[Manifest]:
    made = Manifest(output)
    yield made
    made.close()


def stage(output: Path, files: dict[str, str]) -> list[Change]:
    """Staged files of the site `main`, by route."""
    folder = stage_folder(output)
    changes = []
    for number, (route, text) in enumerate(files.items()):
        (folder / f"main-{number}").write_text(text)
        changes.append(
            Change(f"main-{number}", "main", route, f"k{number}", f"d{number}", len(text))
        )
    return changes


def put(
    output: Path, manifest: Manifest, files: dict[str, str], removed: Rows | None = None
) -> None:
    publish(output, manifest, Changeset(stage(output, files), removed or [], [], {"main": "key"}))


def standing(output: Path) -> dict[str, str]:
    return {name: data.decode() for name, data in tree(output).items()}


def test_the_stage_is_empty_each_time(output: Path) -> None:
    folder = stage_folder(output)
    assert folder == output / OWN / "stage"
    (folder / "sub").mkdir()
    (folder / "sub/file").touch()
    assert stage_folder(output) == folder
    assert os.listdir(folder) == []


def test_what_is_staged_comes_in_and_what_is_removed_goes(output: Path, manifest: Manifest) -> None:
    put(output, manifest, {"a.html": "a", "tin/b.html": "b", "cu/c/d.html": "d", "e.html": "e"})
    kept = Published("new", "d3", 1, (output / "main/e.html").stat().st_mtime_ns)
    removed = [("main", route) for route in ("cu/c/d.html", "tin/b.html", "khong/co.html")]
    publish(output, manifest, Changeset(
        stage(output, {"a.html": "aa", "moi/f.html": "f"}), removed, [("main", "e.html", kept)],
        {"main": "other"},
    ))  # fmt: skip
    assert standing(output) == {"main/a.html": "aa", "main/moi/f.html": "f", "main/e.html": "e"}
    assert sorted(os.listdir(output / "main")) == ["a.html", "e.html", "moi"]
    assert sorted(name for name in os.listdir(output / OWN) if "sqlite" not in name) == []
    manifest.close()
    found = Manifest(output)
    time = (output / "main/a.html").stat().st_mtime_ns
    assert found.published("main") == {
        "a.html": Published("k0", "d0", 2, time), "e.html": kept,
        "moi/f.html": Published("k1", "d1", 1, (output / "main/moi/f.html").stat().st_mtime_ns),
    }  # fmt: skip
    assert found.site_keys == {"main": "other"}
    assert found.lost == {}
    found.close()


def test_the_last_file_takes_the_folder_of_its_site_with_it_and_no_more(
    output: Path, manifest: Manifest
) -> None:
    put(output, manifest, {"cu/a.html": "a"})
    put(output, manifest, {}, [("main", "cu/a.html")])
    assert not (output / "main").exists()
    assert output.exists()


def test_a_foreign_file_keeps_its_folder(output: Path, manifest: Manifest) -> None:
    put(output, manifest, {"cu/a.html": "a"})
    (output / "main/cu/la.txt").write_text("la")
    put(output, manifest, {}, [("main", "cu/a.html")])
    assert standing(output) == {"main/cu/la.txt": "la"}


def fail(
    monkeypatch: pytest.MonkeyPatch, name: str, error: int = errno.EACCES, at: str = ""
) -> list[str]:
    """Let one function of `os` fail for files whose path ends so; the paths it was asked for."""
    asked: list[str] = []
    real = getattr(os, name)

    def failing(*paths: str, **options: object) -> object:
        asked.append(str(paths[-1]))
        if str(paths[-1]).endswith(at or "\0"):
            raise OSError(error, "no", str(paths[0]), None, str(paths[-1]))
        return real(*paths, **options)

    monkeypatch.setattr(os, name, failing)
    return asked


def test_what_stops_a_publish_is_finished_by_the_next_build(
    output: Path, manifest: Manifest, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(output, manifest, {"a.html": "a", "b.html": "b", "cu.html": "c"})
    changes = stage(output, {"a.html": "aa", "b.html": "bb"})
    with monkeypatch.context() as patch:
        fail(patch, "replace", at="main/b.html")
        with pytest.raises(PublishStoppedError) as caught:
            publish(output, manifest, Changeset(
                changes, [("main", "cu.html")], [], {"main": "k"}
            ))  # fmt: skip
    assert (caught.value.errno, caught.value.strerror) == (errno.EACCES, "no")
    assert caught.value.filename == f"{output}/main/b.html"
    assert standing(output) == {"main/a.html": "aa", "main/b.html": "b", "main/cu.html": "c"}
    told = json.loads((output / OWN / JOURNAL).read_text("utf-8"))
    assert told == {
        "changes": [["main-0", "main", "a.html", "k0", "d0", 2],
                    ["main-1", "main", "b.html", "k1", "d1", 2]],
        "removed": [["main", "cu.html"]],
    }  # fmt: skip
    manifest.close()
    again = Manifest(output)
    assert recover(output, again) == "recovered"
    assert standing(output) == {"main/a.html": "aa", "main/b.html": "bb"}
    assert not (output / OWN / JOURNAL).exists()
    assert not (output / OWN / "stage").exists()
    assert recover(output, again) == ""
    again.close()
    found = Manifest(output)
    assert {route: old.digest for route, old in found.published("main").items()} == {
        "a.html": "d0", "b.html": "d1",
    }  # fmt: skip
    assert (found.site_keys, found.lost) == ({}, {})
    found.close()


def test_an_error_with_one_name_tells_it(
    output: Path, manifest: Manifest, monkeypatch: pytest.MonkeyPatch
) -> None:
    changes = stage(output, {"moi/a.html": "a"})
    monkeypatch.setattr("portalgen.modes.make_folders", lambda folder: os.mkdir("/dev/null/x"))
    with pytest.raises(PublishStoppedError) as caught:
        publish(output, manifest, Changeset(changes, [], [], {}))
    assert caught.value.filename == "/dev/null/x"


def test_the_journal_is_whole_before_the_first_file_moves(
    output: Path, manifest: Manifest, monkeypatch: pytest.MonkeyPatch
) -> None:
    changes = stage(output, {"a.html": "â"})
    steps: list[str] = []
    asked = fail(monkeypatch, "replace")
    monkeypatch.setattr(
        os, "fsync", lambda handle: steps.append(f"{os.fstat(handle).st_size} {len(asked)}")
    )
    publish(output, manifest, Changeset(changes, [], [], {}))
    assert [step.partition(" ")[2] for step in steps] == ["0"]
    assert int(steps[0].partition(" ")[0]) > 50
    assert asked == [str(output / OWN / JOURNAL), f"{output}/main/a.html"]


def test_where_nothing_changes_no_journal_is_written(
    output: Path, manifest: Manifest, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = fail(monkeypatch, "replace")
    publish(
        output, manifest, Changeset([], [], [("main", "a.html", Published("k", "d", 1, 2))], {})
    )
    assert asked == []
    assert manifest.published("main") == {"a.html": Published("k", "d", 1, 2)}


@pytest.mark.parametrize("text", ["", "{", '{"changes": [', "[]", "1"])
def test_a_journal_that_was_never_finished_is_as_if_absent(
    output: Path, manifest: Manifest, text: str
) -> None:
    (output / OWN / JOURNAL).write_text(text)
    assert recover(output, manifest) == ""
    assert recover(output, manifest) == ""


def test_a_journal_of_an_older_version_names_owners(output: Path, manifest: Manifest) -> None:
    stage(output, {"a.html": "a"})
    row = ["main-0", "main", "a.html", "k", "d", 1]
    told = {"changes": [row], "removed": [], "owners": [["main", "x", "x.md"]]}
    (output / OWN / JOURNAL).write_text(json.dumps(told))
    assert recover(output, manifest) == "recovered"
    assert standing(output) == {"main/a.html": "a"}


def test_a_file_that_cannot_be_put_in_place_after_a_stop_is_given_up(
    output: Path, manifest: Manifest
) -> None:
    put(output, manifest, {"cu/a.html": "a", "c.html": "c"})
    changes = stage(output, {"x/b.html": "b", "y" * 300: "y", "z/" + "z" * 300: "z", "d.html": "d"})
    (output / "main/x").write_text("la")
    rows = [[c.staged, c.site, c.route, c.key, c.digest, c.size] for c in changes]
    told = {"changes": rows, "removed": [["main", "cu/a.html"], ["main", "w" * 300],
                                         ["main", "c.html"]]}  # fmt: skip
    (output / OWN / JOURNAL).write_text(json.dumps(told))
    assert recover(output, manifest) == "recovered-in-part"
    assert standing(output) == {"main/x": "la", "main/d.html": "d"}
    assert sorted(os.listdir(output / "main")) == ["d.html", "x"]
    assert recover(output, manifest) == ""
    assert set(manifest.published("main")) == {"d.html"}


def test_what_no_file_system_takes_is_told_and_left_out(output: Path) -> None:
    good = Change("s1", "main", "a/b.html", "k", "d", 1)
    there = Change("s2", "main", "c.html", "k", "d", 1)
    below = Change("s3", "main", "c.html/d.html", "k", "d", 1)
    long = Change("s4", "main", "x" * 300, "k", "d", 1)
    (output / "main").mkdir(parents=True)
    (output / "main/c.html").write_text("c")
    (output / "main/ring").symlink_to("ring")
    ring = Change("s5", "main", "ring/a.html", "k", "d", 1)
    kept, said = possible(output, [good, long, there, below, ring])
    assert kept == [good, there, below]
    assert said == [
        problem("not-publishable", f"main/{'x' * 300}", reason=os.strerror(errno.ENAMETOOLONG)
                )._replace(site="main"),
        problem("not-publishable", "main/ring/a.html", reason=os.strerror(errno.ELOOP)
                )._replace(site="main"),
    ]  # fmt: skip


def test_a_disk_that_cannot_be_read_is_no_fault_of_a_name(
    output: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fail(monkeypatch, "lstat", errno.EIO, "a.html")
    with pytest.raises(OSError, match="no"):
        possible(output, [Change("s", "main", "a.html", "k", "d", 1)])


def test_a_reason_without_words_is_named_by_its_kind(
    output: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def odd(path: str) -> None:
        error = OSError()
        error.errno = errno.EINVAL
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(os, "lstat", odd)
        _, [said] = possible(output, [Change("s", "main", "a.html", "k", "d", 1)])
    assert dict(said.values) == {"reason": "OSError"}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (["tep"], ["tep/a/b.txt"]), (["tep/a/b.txt"], ["tep"]), (["a.html"], ["A.html"]),
        (["Tep/a.txt"], ["tep"]), (["tep"], ["Tep/a.txt"]),
        (["x/a.html", "y"], ["x/b.html", "Y/z"]),
    ],
)  # fmt: skip
def test_what_is_in_the_way_goes_first_and_the_rest_last(
    output: Path, manifest: Manifest, before: list[str], after: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    put(output, manifest, dict.fromkeys(before, "old"))
    changes = stage(output, dict.fromkeys(after, "new"))
    steps: list[str] = []
    unlink, replace = Path.unlink, os.replace

    def removing(file: Path, missing_ok: bool = False) -> None:
        steps.append(f"-{file.name}")
        unlink(file, missing_ok)

    def moving(file: str, target: str) -> None:
        steps.append(f"+{os.path.basename(target)}")
        replace(file, target)

    monkeypatch.setattr(Path, "unlink", removing)
    monkeypatch.setattr(os, "replace", moving)
    publish(output, manifest, Changeset(changes, [("main", route) for route in before], [], {}))
    assert standing(output) == {f"main/{route}": "new" for route in after}
    assert set(manifest.published("main")) == set(after)
    order = [step for step in steps if JOURNAL not in step]
    if before == ["x/a.html", "y"]:
        assert order == ["-y", "+b.html", "+z", "-a.html"]
    else:
        assert [step[0] for step in order] == ["-", "+"]


def test_a_folder_of_empty_folders_gives_way_to_a_file_and_any_other_stays(
    output: Path, manifest: Manifest
) -> None:
    (output / "main/a.html/x/y").mkdir(parents=True)
    put(output, manifest, {"a.html": "a"})
    assert standing(output) == {"main/a.html": "a"}
    (output / "main/b.html/x").mkdir(parents=True)
    (output / "main/b.html/x/la.txt").write_text("la")
    with pytest.raises(PublishStoppedError):
        put(output, manifest, {"b.html": "b"})
    assert standing(output)["main/b.html/x/la.txt"] == "la"


@pytest.mark.parametrize("new", [{"a.html/b.txt": "b"}, {"c.html": "c"}])
def test_a_file_that_cannot_be_removed_stops_the_publish(
    output: Path, manifest: Manifest, new: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    put(output, manifest, {"a.html": "a"})
    changeset = Changeset(stage(output, new), [("main", "a.html")], [], {})

    def locked(file: Path, missing_ok: bool = False) -> None:
        raise PermissionError(errno.EACCES, "no", str(file))

    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", locked)
        with pytest.raises(PublishStoppedError) as caught:
            publish(output, manifest, changeset)
    assert caught.value.filename == f"{output}/main/a.html"
    assert recover(output, manifest) == "recovered"
    assert standing(output) == {f"main/{route}": text for route, text in new.items()}


def test_a_file_that_somebody_made_a_folder_of_is_gone_when_it_is_removed(
    output: Path, manifest: Manifest
) -> None:
    put(output, manifest, {"a.html": "a", "b/c.html": "c"})
    (output / "main/a.html").unlink()
    (output / "main/a.html").mkdir()
    (output / "main/b/c.html").unlink()
    (output / "main/b").rmdir()
    (output / "main/b").write_text("la")
    put(output, manifest, {}, [("main", "a.html"), ("main", "b/c.html")])
    manifest.close()
    assert Manifest(output).counts == {}
    assert (output / "main/a.html").is_dir()


def test_a_file_moved_before_a_stop_is_recorded_as_it_stands(
    output: Path, manifest: Manifest
) -> None:
    changes = stage(output, {"a.html": "a", "b.html": "b"})
    (output / "main").mkdir()
    os.replace(output / OWN / "stage/main-0", output / "main/a.html")
    (output / OWN / "stage/main-1").unlink()
    publish(output, manifest, Changeset(changes, [], [], {}))
    assert set(manifest.published("main")) == {"a.html"}
