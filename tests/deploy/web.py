"""A web server for one published site, honest or compromised as a test says."""

import gzip
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import NamedTuple
from urllib.parse import unquote

import brotli
from msgspec import Struct

from portalgen.deploy.inventory import Inventory, Item, digests, to_bytes, walk
from portalgen.settings.routes import PACKED_TYPES
from portalgen.webserver.headers import type_of

ALIAS = "cu/bai.html"
DEEP = [f"tin-tuc/bai-{number}.html" for number in range(1, 13)]
PAGES: dict[str, bytes] = {
    **{name: f"<!doctype html><title>{name}</title>".encode() * 20 for name in (
        "index.html", "tin-tuc/index.html", "tim-kiem.html", "gioi-thieu.html", "404.html",
        ALIAS, *DEEP
    )},
    "robots.txt": b"User-agent: *\nAllow: /\n",
    "rss.xml": b"<rss/>",
    "tin-tuc/rss.xml": b"<rss>1</rss>",
    "feed.json": b"{}",
    "assets/main.css": b"body{}" * 100,
    "assets/main.js": b"let a;" * 100,
    "media/a.jpg": b"\xff\xd8" + bytes(range(256)),
    "van-ban.pdf": b"%PDF-1.4 x",
}  # fmt: skip


class Asked(NamedTuple):
    """A request: the file, with its query, and headers by name in lower case."""

    path: str
    query: str
    headers: Mapping[str, str]

    def has(self, header: str, text: str) -> bool:
        """Whether a header holds this text."""
        return text in self.headers.get(header, "")


class Reply(NamedTuple):
    """What is sent; None instead closes the connection."""

    status: int
    body: bytes
    headers: Mapping[str, str]

    def with_headers(self, **headers: str) -> "Reply":
        """The same with more headers; `_` stands for `-`."""
        more = {name.replace("_", "-"): value for name, value in headers.items()}
        return self._replace(headers={**self.headers, **more})


class Web(Struct):
    """A running server: what it shows, how it packs, and what an attacker does to replies."""

    folder: Path
    url: str = ""
    packs: str = "files"
    attack: Callable[[Asked, Reply], Reply | None] = lambda _, reply: reply
    asked: list[Asked] = []

    def publish(
        self, pages: Mapping[str, bytes] = PAGES, slug: str = "sapa", url: str = ""
    ) -> None:
        """Publish pages with their packed files, a sitemap and an inventory."""
        url = url or self.url
        places = "".join(f"<url><loc>{url}{path}</loc></url>" for path in DEEP)
        for name, data in {**pages, "sitemap.xml": f"<urlset>{places}</urlset>".encode()}.items():
            file = self.folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data)
            if file.suffix in PACKED_TYPES:
                file.with_name(file.name + ".br").write_bytes(brotli.compress(data, quality=5))
                file.with_name(file.name + ".gz").write_bytes(gzip.compress(data, 9, mtime=0))
        paths = [path for path, _ in walk(str(self.folder)) if path != "manifest.json"]
        sums = digests([str(self.folder / path) for path in paths])
        items = tuple(
            Item(path, digest, (self.folder / path).stat().st_size)
            for path, digest in zip(paths, sums, strict=True)
        )
        inventory = to_bytes(Inventory(slug, "1", "", "x", items, url))
        (self.folder / "manifest.json").write_bytes(inventory)

    def reply(self, asked: Asked) -> Reply:
        """The honest reply to a request."""
        if asked.path == ALIAS:
            return Reply(301, b"moved", {"Location": f"/{DEEP[0]}"})
        file, status = self.folder / asked.path, 200
        if not file.is_file():
            file, status = self.folder / "404.html", 404
        headers = {"Content-Type": type_of(file.name), "Set-Cookie": "balance=1"}
        data, accepted = file.read_bytes(), asked.headers.get("accept-encoding", "")
        for coding, suffix in (("br", ".br"), ("gzip", ".gz")):
            packed = file.with_name(file.name + suffix)
            if coding not in accepted or not packed.is_file():
                continue
            if self.packs == "files":
                data = packed.read_bytes()
            elif self.packs == "itself":
                data = (
                    brotli.compress(data, quality=1) if coding == "br" else gzip.compress(data, 1)
                )
            else:
                break
            headers["Content-Encoding"] = coding
            break
        return Reply(status, data, headers)


def _handler(web: Web) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # one packet for an answer

        def do_GET(self) -> None:
            path, question, query = self.path.partition("?")
            path = unquote(path).lstrip("/")
            path += "index.html" if not path or path.endswith("/") else ""
            headers = {name.lower(): value for name, value in self.headers.items()}
            asked = Asked(path, question + query, headers)
            web.asked.append(asked)
            reply = web.attack(asked, web.reply(asked))
            if reply is None:
                self.close_connection = True
                return
            self.send_response(reply.status)
            length = str(len(reply.body))
            for name, value in {"Content-Length": length, **reply.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            try:
                self.wfile.write(reply.body)
                if reply.headers.get("Content-Length", length) != length:
                    self.close_connection = True
            except OSError:
                self.close_connection = True

        def log_message(self, format: str, *args: object) -> None:
            pass

    return Handler


@contextmanager
def serving(folder: Path) -> Iterator[Web]:
    """Run a server for a site that is published in `folder`."""
    web = Web(folder)
    with ThreadingHTTPServer(("127.0.0.1", 0), _handler(web)) as running:
        running.daemon_threads = True
        web.url = f"http://127.0.0.1:{running.server_port}/"
        web.publish()
        thread = Thread(target=running.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield web
        running.shutdown()
