"""What is wrong with a web server's answer, in its bytes and in its headers."""

import re
from collections.abc import Iterator, Mapping, Set
from email.message import Message
from typing import NamedTuple
from urllib.parse import quote, unquote, urljoin, urlsplit

from portalgen.content.redirect_rows import marker
from portalgen.deploy.http_client import Answer
from portalgen.deploy.inventory import Item
from portalgen.settings.routes import MOVED
from portalgen.webserver.headers import type_of

_SCRIPTS = frozenset(["text/javascript", "application/javascript", "application/x-javascript"])
_KINDS = {"html": frozenset(["text/html"]), "css": frozenset(["text/css"]), "js": _SCRIPTS}
# Relations by which a header replaces a page for searchers, or its look for readers. Proxies add
# others of their own, such as `preload` and `preconnect`.
_RELATIONS = frozenset(["canonical", "alternate", "amphtml", "stylesheet"])
_LINK = re.compile(r"<([^>]*)>([^<]*)")
_RELATION = re.compile(r";\s*rel\s*=\s*(?:\"([^\"]*)\"|([^\s;,]+))", re.IGNORECASE)
_HIDDEN = re.compile(r"\b(noindex|none|nofollow|nosnippet|unavailable_after)\b")
_PREVIEWS = re.compile(r"max-[a-z-]+\s*:\s*[\w-]+")  # `max-image-preview: none` hides no page


class Wrong(NamedTuple):
    """What is wrong: the kind of finding, and what was sent instead."""

    kind: str
    detail: str = ""


class Expected(NamedTuple):
    """What belongs at an address: the file, its compressed files by coding, and the status."""

    item: Item
    packed: Mapping[str, Item] = {}
    status: int = 200

    @property
    def size(self) -> int:
        """The most bytes that can come."""
        return max(self.item.size, *(item.size for item in self.packed.values()), 0)


class Place(NamedTuple):
    """Where a site stands: its addresses, and all its files."""

    addresses: tuple[str, ...]
    paths: Set[str]


def judge(
    answer: Answer | None, expected: Expected, place: Place, *, may_move: bool = False,
    query: str = "",
) -> list[Wrong]:  # fmt: skip
    """What is wrong with an answer for a file.

    A page that may move is an old address, which the server may redirect to another page itself.
    """
    item, status = expected.item, expected.status
    if answer is None:
        return [Wrong("no-answer")]
    if answer.status == 410 and _is_proved(item.path, "", place):
        return []
    if 300 <= answer.status < 400:
        if (
            _is_proved(item.path, answer.location, place)
            or (may_move and _leads_to_page(answer.location, item.path, place))
            or (query and _is_own(answer.location, item.path, place))
        ):
            return []
        return [Wrong("redirected", answer.location or str(answer.status))]
    if answer.status == 404 and status == 200:
        return [Wrong("missing")]
    # What readers get is compared, however a server on the way packed it.
    if answer.status != status or answer.read != item.sha256:
        return [Wrong("changed", "" if answer.status == status else str(answer.status))]
    return [Wrong("header", text) for text in wrong_headers(answer, item.path, place)]


def _is_proved(path: str, target: str, place: Place) -> bool:
    """Whether the inventory lists the marker of this redirect; without a target, of a page gone."""
    return f"{MOVED}/{marker(f'/{path}', target)}" in place.paths


def _leads_to_page(location: str, path: str, place: Place) -> bool:
    for address in place.addresses:
        target = urljoin(_address_of(path, address), location)
        below = unquote(target.partition("#")[0].removeprefix(address))
        page = below + "index.html" if not below or below.endswith("/") else below
        if target.startswith(address) and page in place.paths:
            return True
    return False


def _is_own(location: str, path: str, place: Place) -> bool:
    """Whether a redirect only drops a query."""
    own = {_address_of(path, address) for address in place.addresses}
    return any(urljoin(address, location) == address for address in own)


def _address_of(path: str, address: str) -> str:
    return urljoin(address, quote(path.removesuffix("index.html")))


def wrong_headers(answer: Answer, path: str, place: Place) -> Iterator[str]:
    """Headers that lead readers or searchers away.

    Cookies are none: servers on the way set them to balance load and to tell robots.
    """
    headers = answer.headers
    suffix = path.rpartition(".")[2]
    for name in ("Refresh", "Location"):
        if name in headers:
            yield f"{name}: {headers[name]}"
    kinds = _KINDS.get(suffix)
    kind = headers.get("Content-Type")
    if kinds and kind is not None:
        media, _, parameters = kind.partition(";")
        charset = _charset(parameters)
        if media.strip().lower() not in kinds or charset not in ("", "utf-8", "utf8"):
            yield f"Content-Type: {kind}"
    if suffix == "html" and not _is_inline(headers.get("Content-Disposition", "inline")):
        yield f"Content-Disposition: {headers['Content-Disposition']}"
    if answer.status == 200 and type_of(path).partition(";")[0] in ("text/html", "application/pdf"):
        for value in headers.get_all("X-Robots-Tag", ()):
            if _HIDDEN.search(_PREVIEWS.sub("", value.lower())):
                yield f"X-Robots-Tag: {value}"
    yield from _links_elsewhere(headers, path, place)


def _charset(parameters: str) -> str:
    match = re.search(r"charset\s*=\s*\"?([^\s;\"]*)", parameters, re.IGNORECASE)
    return match[1].lower() if match else ""


def _is_inline(disposition: str) -> bool:
    return disposition.partition(";")[0].strip().lower() == "inline"


def _links_elsewhere(headers: Message, path: str, place: Place) -> Iterator[str]:
    hosts = {urlsplit(address).hostname for address in place.addresses}
    own = {_address_of(path, address) for address in place.addresses}
    for value in headers.get_all("Link", ()):
        for target, parameters in _LINK.findall(value):
            match = _RELATION.search(parameters)
            relations = set((match[1] or match[2]).lower().split()) if match else set()
            if not relations & _RELATIONS:
                continue
            whole = urljoin(min(own), target)
            is_here = urlsplit(whole).hostname in hosts
            if not is_here or ("canonical" in relations and whole not in own):
                yield f"Link: <{target}>; rel={' '.join(sorted(relations))}"
