"""Compares what a web server shows, to readers and searchers, with a site's inventory."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from hashlib import sha256
from urllib.parse import unquote, urlsplit
from zlib import crc32

from msgspec.structs import replace

from portalgen.deploy.answers import Expected, Place, Wrong, judge
from portalgen.deploy.compare import Finding
from portalgen.deploy.http_client import Answer, Client
from portalgen.deploy.inventory import MAX_BYTES, NAME, SIGNATURE, Inventory, Item, from_bytes
from portalgen.deploy.personas import (
    GOOGLEBOT,
    PERSONAS,
    PLAIN,
    SHARED,
    Persona,
    is_entry,
    personas_for,
)
from portalgen.deploy.verify import Trust, Verified, trusted
from portalgen.pool import Progress
from portalgen.problems import PortalError, problem
from portalgen.settings import routes

_THREADS = 8
_CODINGS = {".br": "br", ".gz": "gzip"}
_MAX_NAMES = 3  # of personas in a message
# Addresses where nothing is; spam likes names as those of the others.
_NOWHERE = ("khong-co/trang-nay", "slot-gacor.html", "nha-cai-uy-tin/")
_SPAM_QUERIES = ("?p={}", "?id={}", "?page_id={}", "?s=slot-{}", "?{}.html")
_SHARE_QUERY = "?fbclid=IwY2xjawN{}"
_SITEMAP = re.compile(r"sitemap(-\d+)?\.xml")
_PLACE_OF_PAGE = re.compile(rb"<loc>\s*([^<\s]+)\s*</loc>")
_SLUG = re.compile(r"[a-z0-9][a-z0-9_-]*")
_DEFAULT_PORTS = {"http": 80, "https": 443}


def verify_url(
    url: str, trust: Trust, progress: Progress, *, address: str = "", day: date | None = None
) -> Verified:
    """Verify the site that a web server shows at `url`; raises `PortalError`.

    `address` is the site's own address if the server is asked at another one; `day` decides who
    asks for which page.
    """
    client = Client(url, address)
    result = Verified(sites=1)
    listed = client.ask(NAME, PLAIN, MAX_BYTES, keep=True)
    if listed is None or listed.status != 200:
        status = listed.status if listed else "-"
        raise PortalError([problem("no-inventory-there", url=f"{client.url}{NAME}", status=status)])
    name = urlsplit(client.address).hostname or ""
    inventory = _inventory(client, name, listed, trust, result)
    if inventory is None:
        return result
    if inventory.url and _place_of(inventory.url) != _place_of(client.address):
        result.findings.append(Finding(name, NAME, "swapped", inventory.url))
    if trust.release:
        recorded = trust.release.inventories.get(inventory.site)
        if recorded != sha256(listed.data).hexdigest():
            result.findings.append(Finding(name, NAME, "older", trust.release.id))
    visit = _Visit(client, inventory, day or datetime.now(UTC).date())
    with ThreadPoolExecutor(_THREADS) as threads:
        looks = threads.map(lambda item: list(visit.look(item)), visit.items)
        for number, wrongs in enumerate(looks, 1):
            result.findings += [Finding(name, *rest) for rest in wrongs]
            progress(number, len(visit.items))
    result.files = len(visit.items)
    result.requests = client.requests
    result.findings.sort()
    return result


def _inventory(
    client: Client, name: str, listed: Answer, trust: Trust, result: Verified
) -> Inventory | None:
    stamp = client.ask(SIGNATURE, PLAIN, MAX_BYTES, keep=True) if trust.key else None
    data = stamp.data if stamp and stamp.status == 200 else b""
    if trust.copies:
        try:
            slug = from_bytes(listed.data).site
        except ValueError:
            slug = ""
        copy = trust.copies / slug / NAME
        if _SLUG.fullmatch(slug) and copy.is_file():
            trust = replace(trust, copies=copy)
    return trusted(name, listed.data, data, trust, result)


def _place_of(url: str) -> tuple[str, int, str]:
    """Host, port and path of a site; http or https."""
    parts = urlsplit(url)
    port = parts.port or 0
    if port == _DEFAULT_PORTS.get(parts.scheme):
        port = 0
    return (parts.hostname or "").removesuffix("."), port, unquote(parts.path).rstrip("/")


def _redirect(answer: Answer) -> tuple[int, str]:
    return answer.status, answer.location


class _Visit:
    """Asks for the files of one site on one day."""

    def __init__(self, client: Client, inventory: Inventory, day: date):
        self._client = client
        self._day = day
        self._listed = {item.path: item for item in inventory.files}
        self.items = [
            item
            for item in inventory.files
            if not self._is_packed(item.path) and not item.path.startswith(f"{routes.MOVED}/")
        ]
        addresses = {client.url, client.address, inventory.url or client.address}
        fixed = {path for path in self._listed if is_entry(path, self._listed.keys())}
        self._place = Place(tuple(sorted(addresses)), self._listed.keys())
        self._fixed = fixed.union(self._pages_in_sitemaps())  # these redirect nowhere

    def _is_packed(self, path: str) -> bool:
        return path[-3:] in _CODINGS and path[:-3] in self._listed

    def _pages_in_sitemaps(self) -> Iterator[str]:
        """Pages that are no old addresses."""
        for item in self.items:
            if not _SITEMAP.fullmatch(item.path):
                continue
            answer = self._client.ask(item.path, PLAIN, item.size, keep=True)
            if answer is None or answer.read != item.sha256:
                continue
            for url in _PLACE_OF_PAGE.findall(answer.data):
                for address in self._place.addresses:
                    path = unquote(url.decode().removeprefix(address))
                    path = f"{path}index.html" if path.endswith("/") or not path else path
                    if path in self._listed:
                        yield path

    def look(self, item: Item) -> Iterator[tuple[str, ...]]:
        """What is wrong with one file: for anyone, in disguise, packed, with a query."""
        packed = {
            coding: self._listed[item.path + suffix]
            for suffix, coding in _CODINGS.items()
            if item.path + suffix in self._listed
        }
        if item.path == routes.NOT_FOUND:
            yield from self._look_nowhere(Expected(item, packed, 404))
            return
        expected = Expected(item, packed)
        answer = self._client.ask(item.path, PLAIN, expected.size)
        may_move = item.path.endswith(".html") and item.path not in self._fixed
        wrongs = judge(answer, expected, self._place, may_move=may_move)
        yield from ((item.path, *wrong) for wrong in wrongs)
        if any(wrong.kind != "header" for wrong in wrongs) or answer is None:
            return
        moved = answer if answer.status != 200 else None
        personas = personas_for(item.path, self._listed.keys(), self._day)
        asked = [(persona, item.path) for persona in personas]
        codings: set[str] = set()
        differences = list(self._disguised(expected, asked, wrongs, codings, moved))
        yield from differences
        if differences or moved:
            return
        for coding in packed.keys() - codings:
            headers = {**PLAIN, "Accept-Encoding": coding}
            answer, others = self._ask(item.path, expected, headers)
            if set(others) - set(wrongs):
                is_packed = answer is not None and answer.coding == coding
                yield (packed[coding].path if is_packed else item.path, "changed")
        if item.path.endswith(".html") and is_entry(item.path, self._listed.keys()):
            yield from self._with_queries(expected, wrongs)

    def _ask(
        self, path: str, expected: Expected, headers: dict[str, str], query: str = ""
    ) -> tuple[Answer | None, list[Wrong]]:
        answer = self._client.ask(path, headers, expected.size, query=query)
        return answer, judge(answer, expected, self._place, query=query)

    def _look_nowhere(self, expected: Expected) -> Iterator[tuple[str, ...]]:
        """What is wrong where nothing is: with the page that says so."""
        free = [path for path in _NOWHERE if path not in self._listed] or [_NOWHERE[0]]
        wrongs = [wrong for path in free for wrong in self._ask(path, expected, PLAIN)[1]]
        yield from ((expected.item.path, *wrong) for wrong in dict.fromkeys(wrongs))
        if not wrongs:
            asked = [
                (persona, free[(number + self._day.toordinal()) % len(free)])
                for number, persona in enumerate(PERSONAS)
            ]
            yield from self._disguised(expected, asked, [], set())

    def _disguised(
        self, expected: Expected, asked: list[tuple[Persona, str]], plain: list[Wrong],
        codings: set[str], moved: Answer | None = None,
    ) -> Iterator[tuple[str, ...]]:  # fmt: skip
        """What is different for readers and searchers; `codings` gets how they were answered.

        `plain` is what is wrong for anyone, `moved` the redirect that anyone gets.
        """
        names: dict[Wrong, list[str]] = {}
        for persona, path in asked:
            headers = persona.request_headers(path, self._client.address)
            answer, wrongs = self._ask(path, expected, headers)
            if moved and answer and _redirect(answer) == _redirect(moved):
                wrongs = []
            for wrong in set(wrongs) - set(plain):
                names.setdefault(wrong, []).append(persona.name)
            if answer is None:
                break
            codings.add(answer.coding)
        for wrong, persona_names in names.items():
            text = ", ".join(persona_names[:_MAX_NAMES])
            if len(persona_names) > _MAX_NAMES:
                text += f", +{len(persona_names) - _MAX_NAMES}"
            what = {"missing": "404", "no-answer": "-"}.get(wrong.kind, wrong.detail)
            yield expected.item.path, "disguise", f"{text}: {what}" if what else text

    def _with_queries(self, expected: Expected, plain: list[Wrong]) -> Iterator[tuple[str, ...]]:
        """What is different at the same address with a query, as spam and shares have them."""
        path, day = expected.item.path, self._day.toordinal()
        number = crc32(f"{path} {day}".encode())
        spam = _SPAM_QUERIES[number % len(_SPAM_QUERIES)].format(number)
        for headers, query in (
            (PLAIN, spam),
            (GOOGLEBOT.headers, spam),
            (SHARED.headers, _SHARE_QUERY.format(number)),
        ):
            wrongs = self._ask(path, expected, dict(headers), query)[1]
            if set(wrongs) - set(plain):
                yield path, "query", query
                return
