import errno
import os
import stat
from pathlib import Path
from types import SimpleNamespace

import pytest

from portalgen import modes

modes_matter = pytest.mark.skipif(os.name == "nt", reason="Windows has no modes")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@modes_matter
def test_folders_are_made_open_and_those_that_stand_are_left(tmp_path: Path) -> None:
    (tmp_path / "co").mkdir(mode=0o700)
    before = os.umask(0o077)
    try:
        for _ in range(2):
            modes.make_folders(tmp_path / "co/a/b")
    finally:
        os.umask(before)
    assert [mode(tmp_path / name) for name in ("co", "co/a", "co/a/b")] == [0o700, 0o755, 0o755]


@modes_matter
def test_what_is_closed_is_opened_and_other_bits_stay(tmp_path: Path) -> None:
    folder, file = tmp_path / "a", tmp_path / "b"
    folder.mkdir()
    for closed, opened in ((0o700, 0o755), (0o2750, 0o2755), (0o775, 0o775), (0o1777, 0o1777)):
        folder.chmod(closed)
        modes.open_folder(folder)
        assert mode(folder) == opened
    file.touch()
    for closed in (0o600, 0o640, 0o644, 0o664):
        file.chmod(closed)
        assert modes.is_closed(file.stat().st_mode) is (closed in (0o600, 0o640))
    modes.open_file(file)
    assert mode(file) == 0o644
    modes.open_folder(tmp_path / "khong-co")
    modes.open_file(tmp_path / "khong-co")


@modes_matter
def test_folders_between_are_opened_too(tmp_path: Path) -> None:
    (tmp_path / "a/b/c").mkdir(parents=True)
    (tmp_path / "a/khac").mkdir()
    every = [tmp_path / name for name in ("", "a", "a/b", "a/b/c", "a/khac")]
    for folder in reversed(every):
        folder.chmod(0o700)
    modes.open_folders(tmp_path, ["a/b/c", "khong-co/x"])
    assert [mode(folder) for folder in every] == [0o755] * 4 + [0o700]


@modes_matter
def test_an_error_of_writing_names_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(handle: int, data: bytes) -> int:
        raise OSError(errno.EDQUOT, "Disk quota exceeded")

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(OSError, match="Disk quota exceeded") as raised:
        modes.write_file(str(tmp_path / "a.html"), b"x")
    assert raised.value.filename == str(tmp_path / "a.html")


@pytest.mark.parametrize(("system", "refusals"), [("nt", 3), ("posix", 0)])
def test_a_file_that_another_program_has_open_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, system: str, refusals: int
) -> None:
    file, target = tmp_path / "a", tmp_path / "b"
    file.write_bytes(b"new")
    pauses: list[float] = []
    monkeypatch.setattr(modes, "os", SimpleNamespace(name=system))
    monkeypatch.setattr(modes, "time", SimpleNamespace(sleep=pauses.append))

    def replace(source: Path, place: Path) -> None:
        if len(pauses) < refusals:
            raise PermissionError(errno.EACCES, "in use", str(place))
        source.rename(place)

    modes.patiently(replace, file, target)
    assert (target.read_bytes(), len(pauses)) == (b"new", refusals)


@pytest.mark.parametrize(("system", "attempts"), [("nt", 4), ("posix", 1)])
def test_a_file_that_stays_open_is_an_error(
    monkeypatch: pytest.MonkeyPatch, system: str, attempts: int
) -> None:
    monkeypatch.setattr(modes, "os", SimpleNamespace(name=system))
    monkeypatch.setattr(modes, "time", SimpleNamespace(sleep=float))
    asked: list[str] = []

    def remove(file: str) -> None:
        asked.append(file)
        raise PermissionError

    with pytest.raises(PermissionError):
        modes.patiently(remove, "a")
    assert asked == ["a"] * attempts
