"""Stopping before and after every request that writes to a bucket, and what comes of it."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from portalgen.deploy.release import ALL
from portalgen.deploy.releases import Releases
from portalgen.deploy.shipment import Shipment, ShippedSite, Signer
from portalgen.deploy.targets import bucket as requests
from portalgen.deploy.targets import lease, s3
from portalgen.digests import digest_bytes
from portalgen.pool import silent
from portalgen.problems import PortalError
from portalgen.settings.root import Target
from tests.real import weed
from tests.real.weed import BUCKET, SECRETS, Objects

WRITES = ("put", "copy", "remove")
Files = dict[str, bytes]


class Stopped(BaseException):
    """What stands for a kill: nothing is done any more, not even at the end."""


class Bench:
    """A bucket, the network that is deployed to it, and every content that it may show."""

    def __init__(self, address: str, folder: Path, name: str):
        self.objects = Objects(address, name)
        self.target = Target("kho", f"s3://{BUCKET}/{name}", endpoint=address)
        self.folder = folder
        self.versions: list[Files] = []

    def shipment(self, number: int) -> Shipment:
        """Sites in which files are changed, added and removed; every other one lacks a site."""
        files = {
            "main/a.txt": b"same", "main/b.html": b"b%d" % number,
            f"main/n-{number}.html": b"n%d" % number, "main/media/0123456789abcdef-x": b"x",
        }  # fmt: skip
        if number % 2:
            files |= {"sapa/index.html": b"sapa", "sapa/t.json": b"t%d" % number}
        for key, data in files.items():
            (self.folder / key).parent.mkdir(parents=True, exist_ok=True)
            (self.folder / key).write_bytes(data)
        self.versions.append(files)
        sites: dict[str, dict[str, str]] = {}
        for key, data in files.items():
            slug, _, route = key.partition("/")
            sites.setdefault(slug, {})[route] = digest_bytes(data)
        shipped = tuple(ShippedSite(slug, routes, "") for slug, routes in sites.items())
        return Shipment(self.folder, shipped, "", Signer())

    def releases(self) -> Releases:
        return Releases(s3.opened(self.target, look=False))

    def deploy(self, shipment: Shipment, **options: Any) -> Any:
        return self.releases().deploy(shipment, 1, silent, **options)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    for server in weed.running(tmp_path_factory.mktemp("weed")):
        yield server.address


@pytest.fixture
def bench(address: str, tmp_path: Path, request: pytest.FixtureRequest) -> Bench:
    return Bench(address, tmp_path / "output", f"stop/{digest_bytes(request.node.name.encode())}")


def change(bench: Bench, shipment: Shipment) -> None:
    bench.deploy(shipment, unpin=ALL)


def go_back(bench: Bench, shipment: Shipment) -> None:
    bench.releases().show(Signer())


def purge(bench: Bench, shipment: Shipment) -> None:
    bench.deploy(shipment, unpin=ALL)
    bench.objects.delete(".portalgen/lock.json")  # whose release is left out
    bench.releases().purge({"main": ["b.html"]})


def repair(bench: Bench, shipment: Shipment) -> None:
    shown = bench.objects.files()
    for key in [*bench.objects.keys(".portalgen/objects/")[::2], *list(shown)[::2]]:
        bench.objects.delete(key)
    bench.deploy(shipment, repair=True, unpin=ALL)


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize("work", [change, go_back, purge, repair])
def test_whatever_is_stopped_is_finished_by_the_next(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, work: Callable[[Bench, Shipment], None],
    late: bool,
) -> None:  # fmt: skip
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(requests, "_THREADS", 1)
    bench.deploy(bench.shipment(0))
    left, stops = -1, 0

    def counted(name: str) -> Callable[..., Any]:
        write = getattr(requests.Bucket, name)

        def call(*arguments: Any, **headers: Any) -> Any:
            nonlocal left
            left -= 1
            if left == -1 and not late:
                raise Stopped
            answer = write(*arguments, **headers)
            if left == -1:
                raise Stopped
            return answer

        return call

    for number in range(1, 200):
        shipment = bench.shipment(number)
        left = number - 1
        with monkeypatch.context() as context:
            for name in (*WRITES, "put_if"):
                context.setattr(requests.Bucket, name, counted(name))
            context.setattr(lease.Lease, "__exit__", lambda *rest: None)
            try:
                work(bench, shipment)
            except Stopped:
                stops += 1
        bench.objects.delete(".portalgen/lock.json")
        if work is not repair:
            for key, data in bench.objects.files().items():
                assert data in [version.get(key) for version in bench.versions], key
        done = bench.deploy(shipment, unpin=ALL)
        assert bench.objects.files() == bench.versions[-1], (number, done)
        again = bench.deploy(shipment)
        assert (again.same, again.findings) == (True, []), number
        if work is purge:
            with suppress(PortalError):  # that nothing more would go
                bench.releases().purge({"main": ["b.html"]})
            secret = bench.versions[-2]["main/b.html"]
            records = [bench.objects.get(key) for key in bench.objects.keys(".portalgen/trees/")]
            assert not [data for data in records if digest_bytes(secret).encode() in data]
            assert secret not in [bench.objects.get(key) for key in bench.objects.keys("")]
        if left >= 0:
            break
    assert left >= 0
    assert stops > 10
    monkeypatch.setattr(s3, "ORPHAN_AGE", -60)
    bench.deploy(bench.shipment(number + 1))
    named = [bench.objects.get(key) for key in bench.objects.keys(".portalgen/trees/")]
    for key in bench.objects.keys(".portalgen/objects/"):
        assert any(key.rpartition("/")[2].encode() in data for data in named), key
    if work is not purge:
        assert bench.releases().show(Signer()).release.of
