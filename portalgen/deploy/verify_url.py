"""Compares what a web server shows with a site's inventory."""

import http.client
import ssl
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from threading import local
from urllib.parse import quote, urljoin, urlsplit

from msgspec import Struct

from portalgen.deploy.compare import Finding
from portalgen.deploy.inventory import NAME, SIGNATURE, Item
from portalgen.deploy.verify import Trust, Verified, trusted
from portalgen.pool import Progress
from portalgen.problems import PortalError, problem

CRAWLER = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
SEARCH_ENGINE = "https://www.google.com/"
_SECONDS = 20  # for one answer
_THREADS = 8
_CODINGS = {".br": "br", ".gz": "gzip"}


class _Answer(Struct, frozen=True):
    status: int
    sha256: str
    data: bytes
    location: str
    coding: str


def verify_url(url: str, trust: Trust, progress: Progress) -> Verified:
    """Verify the site that a web server shows at `url`; raises `PortalError`."""
    url = url.rstrip("/") + "/"
    result = Verified(sites=1)
    client = _Client(url)
    listed = client.ask(NAME, keep=True)
    if listed is None or listed.status != 200:
        status = listed.status if listed else 0
        raise PortalError([problem("no-inventory-there", url=f"{url}{NAME}", status=status or "-")])
    stamp = client.ask(SIGNATURE, keep=True) if trust.key else None
    name = urlsplit(url).hostname or ""
    data = stamp.data if stamp and stamp.status == 200 else b""
    inventory = trusted(name, listed.data, data, trust, result)
    if inventory is None:
        return result
    paths = {item.path for item in inventory.files}
    plain = [item for item in inventory.files if not _is_packed(item.path, paths)]
    packed = {item.path: item for item in inventory.files}
    with ThreadPoolExecutor(_THREADS) as threads:
        looks = threads.map(lambda item: list(_look(client, item, packed, paths)), plain)
        for number, site_findings in enumerate(looks, 1):
            result.findings += [Finding(name, *rest) for rest in site_findings]
            progress(number, len(plain))
    result.files = len(plain)
    result.findings.sort()
    return result


def _is_packed(path: str, paths: set[str]) -> bool:
    return path[-3:] in _CODINGS and path[:-3] in paths


def _look(
    client: "_Client", item: Item, listed: dict[str, Item], paths: set[str]
) -> Iterator[tuple[str, ...]]:
    """What is wrong with one file as the server gives it: to anyone, packed, to a crawler."""
    if item.path == "404.html":
        yield from _compare(client.ask("khong-co/trang-nay", item=item), item, paths, client, 404)
        return
    first = client.ask(item.path, item=item)
    differences = list(_compare(first, item, paths, client))
    yield from differences
    if differences or first is None or first.status != 200:
        return
    for suffix, coding in _CODINGS.items():
        packed = listed.get(item.path + suffix)
        if packed:
            answer = client.ask(item.path, item=packed, headers={"Accept-Encoding": coding})
            if answer is None or (answer.coding == coding and answer.sha256 != packed.sha256):
                yield packed.path, "changed"
    if item.path.endswith(".html"):
        for kind, headers in (
            ("crawler", {"User-Agent": CRAWLER}),
            ("referer", {"Referer": SEARCH_ENGINE}),
        ):
            answer = client.ask(item.path, item=item, headers=headers)
            if answer is None or (answer.status, answer.sha256) != (first.status, first.sha256):
                yield item.path, kind, answer.location if answer else ""


def _compare(
    answer: _Answer | None, item: Item, paths: set[str], client: "_Client", status: int = 200
) -> Iterator[tuple[str, ...]]:
    if answer is None:
        yield item.path, "no-answer"
    elif 300 <= answer.status < 400:
        target = urljoin(client.url + quote(item.path), answer.location)
        below = target.partition("#")[0].removeprefix(client.url)
        page = below + "index.html" if not below or below.endswith("/") else below
        if item.path.endswith(".html") and target.startswith(client.url) and page in paths:
            return  # an alias, which the server answers itself
        yield item.path, "redirected", answer.location
    elif answer.status == 404 and status == 200:
        yield item.path, "missing"
    elif answer.status != status or answer.sha256 != item.sha256:
        yield item.path, "changed"


class _Client:
    """Asks one server, over a connection for each thread; never follows a redirect."""

    def __init__(self, url: str):
        parts = urlsplit(url)
        self.url = url
        self._parts = parts
        self._local = local()

    def ask(
        self, path: str, item: Item | None = None, headers: dict[str, str] | None = None,
        keep: bool = False,
    ) -> _Answer | None:  # fmt: skip
        """The answer for a path below the URL, twice if need be; None if there is none."""
        if path == "index.html" or path.endswith("/index.html"):
            path = path.removesuffix("index.html")
        target = f"{self._parts.path}{quote(path)}"
        sent = {"User-Agent": "portalgen verify", "Accept-Encoding": "identity", **(headers or {})}
        most = item.size + 1 if item else 500_000_000
        for _ in range(2):
            try:
                return self._ask(target, sent, most, keep)
            except (OSError, http.client.HTTPException, ValueError):
                self._local.line = None
        return None

    def _ask(self, target: str, headers: dict[str, str], most: int, keep: bool) -> _Answer:
        line = getattr(self._local, "line", None)
        if line is None:
            line = self._local.line = self._connect()
        line.request("GET", target, headers=headers)
        answer = line.getresponse()
        digest, data, size, end = sha256(), bytearray(), 0, time.monotonic() + _SECONDS
        while size < most and (part := answer.read(min(65536, most - size))):
            if time.monotonic() > end:
                raise TimeoutError
            digest.update(part)
            size += len(part)
            if keep:
                data += part
        if size >= most or answer.will_close:  # more would come than belongs there
            line.close()
            self._local.line = None
        received = answer.headers
        return _Answer(
            answer.status, digest.hexdigest(), bytes(data), received.get("Location", ""),
            received.get("Content-Encoding", "").lower(),
        )  # fmt: skip

    def _connect(self) -> http.client.HTTPConnection:
        host, port = self._parts.hostname or "", self._parts.port
        if self._parts.scheme == "https":
            context = ssl.create_default_context()
            return http.client.HTTPSConnection(host, port, timeout=_SECONDS, context=context)
        return http.client.HTTPConnection(host, port, timeout=_SECONDS)
