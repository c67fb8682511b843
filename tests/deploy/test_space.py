from pathlib import Path

import pytest

from portalgen.deploy.space import check_space, refuse_full
from portalgen.problems import PortalError


def said(size: int, free: int, files: int = 0, inodes: int = 0) -> tuple[str, dict[str, str]]:
    try:
        refuse_full("dich", size, free, files, inodes)
    except PortalError as error:
        return error.problems[0].code, dict(error.problems[0].values)
    return "", {}


def test_a_tenth_more_than_needed_must_be_free() -> None:
    assert said(10_000_000, 11_000_000) == ("", {})
    assert said(10_000_001, 11_000_000) == (
        "target-full", {"name": "dich", "needed": "11", "free": "11"},
    )  # fmt: skip
    assert said(0, 0, 100, 110) == ("", {})
    assert said(0, 0, 100, 109) == (
        "target-inodes", {"name": "dich", "needed": "100", "free": "109"},
    )  # fmt: skip


def test_a_folder_that_is_not_there_yet_is_looked_at_where_it_will_be(tmp_path: Path) -> None:
    check_space("dich", tmp_path / "a/b", 1, 1)
    with pytest.raises(PortalError) as raised:
        check_space("dich", tmp_path / "a/b", 10**18, 1)
    assert raised.value.problems[0].code == "target-full"
    assert dict(raised.value.problems[0].values)["name"] == "dich"
    assert not (tmp_path / "a").exists()
