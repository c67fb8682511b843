from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from portalgen.settings.network import load_network
from tests.helpers import MAIN_SETTINGS, MEMBER_SETTINGS, article, grants, network, run
from tests.real.nginx import Answer, Client, free_port, program, release, running, switch, written

BELOW_MAIN = MAIN_SETTINGS + grants(bacha="base_url: https://tinh.example/bac-ha/")
SMALL: dict[str, str | bytes | None] = {
    "content/tin-tuc/mot.md": article(
        "Một", aliases="[/cu/mot.html, /cu-hon, /b%C3%A0i-c%C5%A9.html]"
    ),
    "static/van-ban.pdf": b"%PDF-1.4 x",
    "static/.well-known/security.txt": "Contact: mailto:a@tinh.example\n",
    "members/sapa/content/tin-tuc/hai.md": article("Hai", aliases="[/cu/hai.html]"),
    "members/sapa/static/favicon.ico": b"\0\0\1\0",
    "site.yaml": BELOW_MAIN,
    "members/bacha/site.yaml": MEMBER_SETTINGS,
    "members/bacha/static/văn bản.txt": "chữ",
    "members/bacha/content/tin-tuc/ba.md": article("Ba", aliases="[/cu/ba.html]"),
}


@dataclass
class Served:
    """A network behind nginx: `output` is built, the link `current` is served."""

    port: int
    output: Path
    current: Path
    hosts: dict[str, str]

    @property
    def acme(self) -> Path:
        """The folder of challenges."""
        return self.current.with_name("acme") / ".well-known/acme-challenge"

    @property
    def log(self) -> Path:
        """The access log."""
        return self.current.with_name("access.log")

    def ask(self, host: str, path: str, method: str = "GET", **headers: str) -> Answer:
        client = Client(self.port)
        try:
            return client.ask(host, path, method, **headers)
        finally:
            client.close()


def serve(root: Path, output: Path, folder: Path) -> Iterator[Served]:
    """Release `output`, and start nginx with the configuration of `portalgen nginx`."""
    port = free_port()
    release(output, folder / "releases/1")
    switch(folder / "current", folder / "releases/1")
    file = folder / "portal.conf"
    listen = f"127.0.0.1:{port}"
    done = written(
        root, "--document-root", str(folder / "current"), "--listen", listen, "--output", str(file),
        "--acme-root", str(folder / "acme"), "--access-log", str(folder / "access.log"),
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    hosts = {site.slug: urlsplit(site.base_url).hostname or "" for site in load_network(root).sites}
    with running(folder / "nginx", file.read_text("utf-8"), port):
        yield Served(port, output, folder / "current", hosts)


@pytest.fixture(scope="session")
def nginx() -> str:
    return program()


@pytest.fixture(scope="session")
def portals(nginx: str, sample: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The 48 sites of the repository's own network."""
    yield from serve(sample.parent / "network", sample, tmp_path_factory.mktemp("portals"))


@pytest.fixture(scope="session")
def small(nginx: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Three sites with old addresses, one of them below the main portal's host."""
    folder = tmp_path_factory.mktemp("small")
    root = network(folder, {"site.yaml": MAIN_SETTINGS, **SMALL})
    assert run(root).refused == []
    yield from serve(root, root / "public", folder)
