"""`verify URL` against Debian's nginx with the configuration of `portalgen nginx`, and proxies."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest

from portalgen.deploy.inventory import Inventory, Item, digests, to_bytes, walk
from portalgen.deploy.personas import PERSONAS
from portalgen.deploy.verify import Trust, Verified
from portalgen.deploy.verify_url import verify_url
from portalgen.problems import PortalError
from portalgen.settings.network import load_network
from tests.helpers import MAIN_SETTINGS, missing, network, run
from tests.real.conftest import SMALL, Served, serve
from tests.real.nginx import Client, free_port, running

DAYS = [date.fromordinal(date(2026, 11, 27).toordinal() + n) for n in range(len(PERSONAS))]
PROXY = """\
server {{
    listen 127.0.0.1:{port};
    {options}
    location / {{
        proxy_set_header Host $host;
        {asks}
        proxy_pass http://127.0.0.1:{server};
    }}
}}
"""
# A proxy that packs itself, one that unpacks all, and one that passes on what it gets.
PROXIES = {
    "packs": ("gzip_proxied any;", 'proxy_set_header Accept-Encoding "";'),
    "strips": ("gzip off;", 'proxy_set_header Accept-Encoding "";'),
    "passes": ("gzip off;", ""),
}
CODINGS = {"packs": "gzip", "strips": "", "passes": "gzip"}
SITES = ["https://tinh.example/", "https://sapa.tinh.example/", "https://tinh.example/bac-ha/"]


@pytest.fixture(scope="module")
def published(nginx: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Three sites with inventories."""
    folder = tmp_path_factory.mktemp("published")
    root = network(folder, {"site.yaml": MAIN_SETTINGS, **SMALL})
    assert run(root).refused == []
    for served in serve(root, root / "public", folder):
        for site in load_network(root).sites:
            place = served.current / site.slug
            paths = [path for path, _ in walk(str(place.resolve()))]
            sums = digests([str(place / path) for path in paths])
            items = tuple(
                Item(path, digest, (place / path).stat().st_size)
                for path, digest in zip(paths, sums, strict=True)
            )
            inventory = Inventory(site.slug, "1", "", "x", items, site.base_url)
            (place / "manifest.json").write_bytes(to_bytes(inventory))
        yield served


def verified(port: int, address: str, day: date) -> Verified:
    path = address.split("/", 3)[3]
    return verify_url(
        f"http://127.0.0.1:{port}/{path}", Trust(), lambda done, of: None, address=address, day=day
    )


@contextmanager
def behind(folder: Path, server: int, kind: str) -> Iterator[int]:
    """A proxy before the server, which answers at the port."""
    options, asks = PROXIES[kind]
    port = free_port()
    text = PROXY.format(port=port, server=server, options=options, asks=asks)
    with running(folder, text, port):
        yield port


@pytest.mark.parametrize("address", SITES)
def test_a_healthy_server_raises_no_alarm_on_any_day(published: Served, address: str) -> None:
    for day in DAYS:
        result = verified(published.port, address, day)
        assert result.findings == []
        assert result.files > 20


@pytest.mark.parametrize("kind", PROXIES)
def test_a_proxy_that_packs_or_unpacks_raises_no_alarm(
    published: Served, tmp_path: Path, kind: str
) -> None:
    with behind(tmp_path / "proxy", published.port, kind) as port:
        answer = Client(port).ask("tinh.example", "/", Accept_Encoding="gzip")
        assert answer["Content-Encoding"] == CODINGS[kind]
        own = published.ask("tinh.example", "/", Accept_Encoding="gzip")
        assert (answer.body == own.body) == (kind == "passes")
        for address in SITES:
            assert verified(port, address, DAYS[0]).findings == []


def test_a_site_at_the_address_of_another_is_found(published: Served) -> None:
    current = published.current.resolve()
    (current / "sapa").rename(current / "aside")
    (current / "main").rename(current / "sapa")
    try:
        items = verified(published.port, SITES[1], DAYS[0]).findings
    finally:
        (current / "sapa").rename(current / "main")
        (current / "aside").rename(current / "sapa")
    assert [item for item in items if item.kind == "swapped"] == items[:1]
    assert items[0].detail == SITES[0]


@pytest.mark.parametrize(
    ("test", "personas"),
    [
        ("$http_user_agent ~* mobile", 4),
        ("$http_referer ~ coccoc", 1),
        ("$http_accept_language ~ ^vi", 6),
    ],
)
def test_a_proxy_that_sends_some_elsewhere_is_found(
    published: Served, tmp_path: Path, test: str, personas: int
) -> None:
    port = free_port()
    options = f"if ({test}) {{ return 302 https://casino.example/; }}"
    text = PROXY.format(port=port, server=published.port, options=options, asks="")
    with running(tmp_path / "proxy", text, port):
        items = verified(port, SITES[1], DAYS[0]).findings
    assert {item.kind for item in items} == {"disguise"}
    home = next(item.detail for item in items if item.path == "index.html")
    assert home.endswith(": https://casino.example/")
    names, _, more = home.removesuffix(": https://casino.example/").partition(", +")
    assert len(names.split(", ")) + int(more or 0) == personas


def test_over_tls_the_certificate_is_that_of_the_site_s_own_address(
    published: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    openssl = shutil.which("openssl")
    if not openssl:
        missing("no openssl: install it")
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subprocess.run(
        [openssl or "", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
         "-nodes", "-subj", "/CN=x", "-addext", "subjectAltName=DNS:sapa.tinh.example", "-out",
         certificate, "-keyout", key],
        check=True, capture_output=True,
    )  # fmt: skip
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    port = free_port()
    options = f"ssl_certificate {certificate}; ssl_certificate_key {key};"
    text = PROXY.format(port=f"{port} ssl", server=published.port, options=options, asks="")
    with running(tmp_path / "proxy", text, port):
        url = f"https://127.0.0.1:{port}/"
        result = verify_url(url, Trust(), lambda done, of: None, address=SITES[1], day=DAYS[0])
        assert (result.findings, result.files > 20) == ([], True)
        with pytest.raises(PortalError):
            verify_url(url, Trust(), lambda done, of: None, address=SITES[0])
