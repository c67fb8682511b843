"""A bucket whose service tells no MD5, or writes without looking at conditions; in memory."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from portalgen.deploy.compare import Finding
from portalgen.deploy.releases import Deployed, Releases
from portalgen.deploy.shipment import Shipment, ShippedSite, Signer
from portalgen.deploy.targets import s3
from portalgen.digests import digest_bytes
from portalgen.pool import silent
from portalgen.settings.site import Target

obstore: Any = pytest.importorskip("obstore")
TARGET = Target("kho", "s3://portals/laocai")


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """What stands in for the service: its tags are numbers."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "x")
    store = obstore.store.MemoryStore()
    monkeypatch.setattr(obstore.store, "S3Store", lambda name, **options: store)
    yield store


def deploy(folder: Path, text: str, repair: bool = False) -> Deployed:
    """Deploy a site of two files, one of which is always the same."""
    files = {"a.txt": b"same", "tin/b.html": text.encode()}
    for route, data in files.items():
        (folder / "sapa" / route).parent.mkdir(parents=True, exist_ok=True)
        (folder / "sapa" / route).write_bytes(data)
    site = ShippedSite("sapa", {route: digest_bytes(data) for route, data in files.items()}, "")
    shipment = Shipment(folder, (site,), "commit", Signer())
    return Releases(s3.opened(TARGET, look=False)).deploy(shipment, 1, silent, repair)


def get(store: Any, key: str) -> bytes:
    return bytes(obstore.get(store, f"laocai/{key}").bytes())


def test_a_service_without_digests_shows_each_release(store: Any, tmp_path: Path) -> None:
    for text in ("x", "y", "z"):
        done = deploy(tmp_path, text)
        assert (done.same, done.findings) == (False, [])
        assert get(store, "sapa/tin/b.html") == text.encode()
        again = deploy(tmp_path, text)
        assert (again.same, again.findings) == (True, [])
    with pytest.raises(FileNotFoundError):
        get(store, ".portalgen/lock.json")


@pytest.mark.parametrize("key", ["sapa/tin/b.html", "object"])
def test_there_repair_reads_every_file(store: Any, tmp_path: Path, key: str) -> None:
    deploy(tmp_path, "x")
    path = f".portalgen/objects/{digest_bytes(b'x')}b.html" if key == "object" else key
    obstore.put(store, f"laocai/{path}", b"?")
    kind = "stored" if key == "object" else "changed"
    assert deploy(tmp_path, "x", repair=True).findings == [Finding("sapa", "tin/b.html", kind)]
    assert get(store, path) == get(store, "sapa/tin/b.html") == b"x"
    assert deploy(tmp_path, "x", repair=True).same


@pytest.mark.parametrize("answer", ["written", "not supported"])
def test_a_service_without_conditions_is_told_and_deployed_to(
    store: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: str
) -> None:
    put = obstore.put

    def careless(*arguments: Any, mode: Any = None, **options: Any) -> Any:
        if mode and answer == "not supported":
            raise obstore.exceptions.NotSupportedError("conditional put")
        return put(*arguments, **options)

    monkeypatch.setattr(obstore, "put", careless)
    assert deploy(tmp_path, "x").findings == []
    done = deploy(tmp_path, "y")
    assert done.findings == [Finding("", "", "unlocked")]
    assert get(store, "sapa/tin/b.html") == b"y"
    assert deploy(tmp_path, "y").same
