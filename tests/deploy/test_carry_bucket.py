"""A bucket carries the register, out of the way of its sites."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.deploy.test_bucket import store  # noqa: F401 - a fixture
from tests.deploy.test_carry import FILES, A, clone, deploy, register_of
from tests.helpers import MAIN_SETTINGS, network, tree, write

obstore: Any = pytest.importorskip("obstore")
REGISTER = "laocai/.portalgen/register/"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    targets = "targets:\n  - {name: may-chu, url: 's3://portals/laocai'}\n"
    return network(tmp_path, {**FILES, "site.yaml": MAIN_SETTINGS + targets})


def keys(store: Any) -> dict[str, bytes]:  # noqa: F811
    listed = [item["path"] for part in obstore.list(store) for item in part]
    return {path: bytes(obstore.get(store, path).bytes()) for path in listed}


def carried(store: Any) -> dict[str, bytes]:  # noqa: F811
    return {
        path.removeprefix(REGISTER): data
        for path, data in keys(store).items()
        if path.startswith(REGISTER)
    }


def test_a_bucket_carries_the_register(root: Path, store: Any) -> None:  # noqa: F811
    deploy(root)
    write(root, {A: None})
    deploy(root)
    assert carried(store) == tree(root / "register")
    shown = [path for path in keys(store) if not path.startswith("laocai/.portalgen/")]
    assert {path.split("/")[1] for path in shown} == {"main", "sapa"}
    shutil.rmtree(root / "register")
    other = clone(root, "may-khac")
    deploy(other)
    deploy(root)
    assert carried(store) == tree(root / "register") == tree(other / "register")
    assert register_of(root).sites["main"].by_source()[A].gone


def test_a_bucket_without_a_register_stops_a_deployment(
    root: Path, store: Any  # noqa: F811
) -> None:  # fmt: skip
    deploy(root)
    obstore.delete(store, f"{REGISTER}register.json")
    before = keys(store)
    assert "missing or damaged there" in deploy(root, code=1).stderr
    assert keys(store) == before
    deploy(root, "--new-register")
    assert carried(store) == tree(root / "register")
