"""Where the register of an output is."""

from pathlib import Path

import pytest

from portalgen.register.place import readable_folder, register_folder, state_of


def put(folder: Path, text: str = "{}") -> None:
    folder.mkdir(parents=True)
    (folder / "register.json").write_text(text)


@pytest.mark.parametrize("output", ["public", "./public", "content/../public"])
def test_that_of_public_is_beside_the_sources(tmp_path: Path, output: str) -> None:
    assert register_folder(tmp_path, tmp_path / output) == tmp_path / "register"


def test_that_of_another_output_is_in_it_and_begins_as_that_of_public(tmp_path: Path) -> None:
    other = tmp_path / "khac"
    own = other / ".portalgen/register"
    assert register_folder(tmp_path, other) == own
    assert readable_folder(tmp_path, other) == tmp_path / "register"
    put(own)
    assert readable_folder(tmp_path, other) == own
    assert readable_folder(tmp_path, tmp_path / "public") == tmp_path / "register"


def test_its_state_is_that_of_its_index(tmp_path: Path) -> None:
    assert state_of(tmp_path / "register") == ""
    put(tmp_path / "register")
    state = state_of(tmp_path / "register")
    assert state
    (tmp_path / "register/register.json").write_text("{ }")
    assert state_of(tmp_path / "register") not in ("", state)
