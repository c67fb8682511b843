"""Serves all sites of a network on this machine, as a production web server does."""

import gzip
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import unquote, urlsplit

import brotli

from portalgen.webserver.headers import POLICY
from tests.sample import HOST

TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".webmanifest": "application/manifest+json",
    ".xml": "application/xml",
    ".txt": "text/plain; charset=utf-8",
    ".svg": "image/svg+xml",
    ".jpg": "image/jpeg",
    ".png": "image/png",
    ".webp": "image/webp",
    ".avif": "image/avif",
    ".ico": "image/x-icon",
    ".woff2": "font/woff2",
}
PICTURES = (".jpg", ".png", ".webp", ".avif")
PACKED = (*PICTURES, ".ico", ".woff2")


def file_of(output: Path, url: str) -> Path | None:
    """The file at an address of the network, or None."""
    host, path = (urlsplit(url).hostname or "", unquote(urlsplit(url).path))
    file = output / (host.removesuffix(HOST).rstrip(".") or "main") / path.lstrip("/")
    if not path or path.endswith("/"):
        file /= "index.html"
    return file if file.is_file() else None


def url_of(output: Path, file: Path) -> str:
    """The address of a file of the network."""
    slug, _, path = file.relative_to(output).as_posix().partition("/")
    if path == "index.html" or path.endswith("/index.html"):
        path = path.removesuffix("index.html")
    return f"http://{HOST if slug == 'main' else f'{slug}.{HOST}'}/{path}"


@cache
def packed(file: Path, accepted: str) -> tuple[bytes, str]:
    """The bytes of a file as sent, and their content coding."""
    data = file.read_bytes()
    if file.suffix in PACKED:
        return data, ""
    if "br" in accepted:
        return brotli.compress(data), "br"
    return (gzip.compress(data), "gzip") if "gzip" in accepted else (data, "")


class Server(ThreadingHTTPServer):
    """One port for all sites; `delays`: seconds by file suffix."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, output: Path):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.output = output
        self.delays: dict[str, float] = {}

    def handle_error(self, request: object, client_address: object) -> None:
        """Ignore browsers that disconnect during a response."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]

    def browser_arguments(self) -> list[str]:
        """Arguments that make Chromium resolve the sites here and no other host."""
        here = f"127.0.0.1:{self.server_port}"
        rules = f"MAP {HOST} {here}, MAP *.{HOST} {here}, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
        return [
            f"--host-resolver-rules={rules}", "--no-sandbox", "--disable-gpu", "--disable-quic",
            "--no-first-run", "--disable-background-networking", "--disable-component-update",
            "--disable-sync",
        ]  # fmt: skip


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Server

    def do_GET(self) -> None:
        url = f"http://{self.headers['Host']}{self.path}"
        found = file_of(self.server.output, url)
        file = found or file_of(self.server.output, f"http://{self.headers['Host']}/404.html")
        if not file:
            self.send_error(404)
            return
        data, coding = packed(file, self.headers.get("Accept-Encoding", ""))
        time.sleep(self.server.delays.get(file.suffix, 0))
        forever = found and urlsplit(url).path.startswith(("/assets/", "/media/"))
        self.send_response(200 if found else 404)
        self.send_header("Content-Security-Policy", POLICY)
        self.send_header("Content-Type", TYPES[file.suffix])
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Vary", "Accept-Encoding")
        self.send_header(
            "Cache-Control", "public, max-age=31536000, immutable" if forever else "no-cache"
        )
        if coding:
            self.send_header("Content-Encoding", coding)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        pass


@contextmanager
def serve(output: Path) -> Iterator[Server]:
    """Serve the network in `output` within the context."""
    with Server(output) as server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
