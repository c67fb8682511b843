"""Asks one web server, and reads no more of an answer than belongs to a file."""

import http.client
import ssl
import time
import zlib
from collections.abc import Mapping
from hashlib import sha256
from threading import Lock, local
from urllib.parse import SplitResult, quote, urlsplit

import brotli
from msgspec import Struct

_SECONDS = 20  # for one answer
_PATIENCE = 10  # seconds that a server may ask us to wait
_TOO_MANY = 429


class Answer(Struct, frozen=True):
    """An answer: the SHA-256 of what was sent, and of what a reader gets when it is unpacked.

    `read` is empty if it cannot be unpacked; `data` is what a reader gets, if it was to be kept.
    """

    status: int
    headers: http.client.HTTPMessage
    coding: str
    sent: str
    read: str
    data: bytes = b""

    @property
    def location(self) -> str:
        """Where a redirect leads."""
        return self.headers.get("Location", "")


class Client:
    """Asks one server, over a connection for each thread; never follows a redirect or a cookie.

    `address` is the site's own address, if the server is to be asked at another one.
    """

    def __init__(self, url: str, address: str = ""):
        self.url = url.rstrip("/") + "/"
        self.address = address.rstrip("/") + "/" if address else self.url
        self._parts = urlsplit(self.url)
        self._host = urlsplit(self.address)
        secure = self._parts.scheme == "https"
        self._context = ssl.create_default_context() if secure else None
        self._local = local()
        self._lock = Lock()
        self.requests = 0

    def ask(
        self, path: str, headers: Mapping[str, str], most: int, *, query: str = "",
        keep: bool = False,
    ) -> Answer | None:  # fmt: skip
        """The answer for a path of the site, of at most `most` bytes; None if there is none."""
        if path == "index.html" or path.endswith("/index.html"):
            path = path.removesuffix("index.html")
        target = f"{self._parts.path}{quote(path)}{query}"
        answer = None
        for _ in range(2):
            try:
                answer = self._ask(target, headers, most, keep)
            except (OSError, http.client.HTTPException, ValueError):
                self._local.line = None
                continue
            if answer.status != _TOO_MANY:
                break
            wait = answer.headers.get("Retry-After", "")
            time.sleep(min(int(wait), _PATIENCE) if wait.isdecimal() else 1)
        return answer

    def _ask(self, target: str, headers: Mapping[str, str], most: int, keep: bool) -> Answer:
        line = getattr(self._local, "line", None)
        if line is None:
            line = self._local.line = _Line(self._parts, self._host.hostname or "", self._context)
        with self._lock:
            self.requests += 1
        host = self._host.netloc.rpartition("@")[2]
        line.request("GET", target, headers={"Host": host, **headers})
        response = line.getresponse()
        coding = response.headers.get("Content-Encoding", "").strip().lower()
        coding = "" if coding == "identity" else coding
        if coding:
            most += most // 10 + 1024  # packing can make a short text longer
        digest, data, size, end = sha256(), bytearray(), 0, time.monotonic() + _SECONDS
        while size <= most and (part := response.read(min(65536, most + 1 - size))):
            if time.monotonic() > end:
                raise TimeoutError
            digest.update(part)
            size += len(part)
            if keep or coding:
                data += part
        if size > most or response.will_close:  # more would come than belongs there
            line.close()
            self._local.line = None
        sent = read = digest.hexdigest()
        text = bytes(data)
        if coding:
            unpacked = _unpack(text, coding, most)
            text = unpacked or b""
            read = "" if unpacked is None else sha256(text).hexdigest()
        return Answer(response.status, response.headers, coding, sent, read, text if keep else b"")


class _Line(http.client.HTTPConnection):
    """A connection; over TLS if there is a context, to a server with the certificate of `name`."""

    def __init__(self, parts: SplitResult, name: str, context: ssl.SSLContext | None):
        port = parts.port or (443 if parts.scheme == "https" else 80)
        super().__init__(parts.hostname or "", port, timeout=_SECONDS)
        self._name, self._context = name, context

    def connect(self) -> None:
        super().connect()
        if self._context:
            self.sock = self._context.wrap_socket(self.sock, server_hostname=self._name)


def _unpack(data: bytes, coding: str, most: int) -> bytes | None:
    """Unpack at most `most` bytes and one; None if that cannot be done."""
    try:
        if coding == "br":
            unpacker = brotli.Decompressor()
            text = bytes(unpacker.process(data, output_buffer_limit=most + 1))
            return text if unpacker.is_finished() or len(text) > most else None
        bits = {"gzip": 31, "x-gzip": 31, "deflate": 15}.get(coding)
        if bits is None:
            return None
        if coding == "deflate" and data[:1] and data[0] & 15 != 8:
            bits = -15  # without the header, as some servers send it
        inflater = zlib.decompressobj(bits)
        text = inflater.decompress(data, most + 1)
        if len(text) > most:
            return text
        return text if inflater.eof and not inflater.unused_data else None
    except (zlib.error, brotli.error):
        return None
