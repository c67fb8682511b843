"""Serve every site of a network on this computer, and show each save in open pages."""

import asyncio
import json
import re
import signal
import socket
from collections.abc import Callable, Collection
from contextlib import suppress
from hashlib import sha256
from html import escape
from importlib import resources
from typing import Any
from urllib.parse import unquote, urlsplit

import tornado.web
from livereload.handlers import LiveReloadHandler
from tornado.httpserver import HTTPServer

from portalgen.problems import PortalError, Words, problem
from portalgen.report import Options
from portalgen.serve.addresses import find, is_allowed, localise
from portalgen.serve.session import Session
from portalgen.serve.watch import watch
from portalgen.settings.routes import SEARCH_FOLDER
from portalgen.webserver.headers import FOREVER, POLICY, type_of

LOOPBACK = ("127.0.0.1", "::1", "localhost")
_STYLESHEET = re.compile(rb"(?<=\.)[0-9a-f]{8}(?=\.css\b)")
_PREFIX = "/~/"  # of client files; no site has an empty slug
_CLIENT_FILES = {
    name: (resources.files(package) / folder / name).read_bytes()
    for package, folder, name in (
        ("portalgen.serve", "client", "desk.js"), ("portalgen.serve", "client", "desk.css"),
        ("livereload", "vendors", "livereload.js"),
    )
}  # fmt: skip
_VERSION = sha256(b"".join(_CLIENT_FILES.values())).hexdigest()[:8]


class Site(tornado.web.RequestHandler):
    """A page or file of a site."""

    def initialize(self, session: Session, names: Collection[str], words: Words) -> None:
        """Take the values that all requests share."""
        self.session, self.names, self.words = session, names, words

    def set_default_headers(self) -> None:
        """Set the headers of every response, refusals too."""
        self.set_header("Content-Security-Policy", POLICY)
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Referrer-Policy", "no-referrer")
        self.set_header("Cross-Origin-Resource-Policy", "same-origin")
        self.set_header("Cache-Control", "no-cache")
        self.set_header("Server", "portalgen")

    def prepare(self) -> None:
        """Refuse foreign hosts, which guards against DNS rebinding."""
        slugs = [site.slug for site in self.session.sites]
        if not is_allowed(self.request.host, slugs, self.names):
            raise tornado.web.HTTPError(403)

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Send the status code only."""
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.finish(f"{status_code}\n")

    def get(self) -> None:
        """Send the page as it is now."""
        path = _clean(self.request.path)
        if path == f"{_PREFIX}problems":
            self._problems()
            return
        slugs = [site.slug for site in self.session.sites]
        match = find(self.request.host, path, slugs)
        if match is None:
            if not self.session.built:
                self._send_page("", "", 503, self._waiting())
                return
            raise tornado.web.HTTPError(404)
        place, path = match
        site = next(site for site in self.session.sites if site.slug == place.slug)
        if not path.startswith(site.root_path):
            self.redirect(f"{place.base}{site.root_path}")
            return
        route = path.removeprefix(site.root_path)
        if route and not route.endswith("/") and self.session.is_folder(site.slug, route):
            self.redirect(f"{place.base}{path}/")
            return
        if not route or route.endswith("/"):
            route += "index.html"
        status, data = self.session.content(site.slug, route)
        if status == 404 or route.endswith(".html"):
            text = localise(data.decode(), place, self.session.sites)
            self._send_page(site.slug, route, status, text)
            return
        if route.startswith(f"{SEARCH_FOLDER}/"):
            data = localise(data.decode(), place, self.session.sites, json=True).encode()
        self.set_header("Content-Type", type_of(route))
        if self.session.is_lasting(site.slug, route):
            self.set_header("Cache-Control", FOREVER)
        self.finish(data)

    head = get

    def _send_page(self, slug: str, route: str, status: int, text: str) -> None:
        digest = content_digest(self.session, slug, route)
        host = urlsplit(f"//{self.request.host}")
        port = host.port or 80
        client = (
            f'<link rel="stylesheet" href="{_PREFIX}desk.css?{_VERSION}">'
            f'<script defer src="{_PREFIX}desk.js?{_VERSION}" data-site="{slug}" '
            f'data-route="{escape(route)}" data-digest="{digest}"></script>'
            f'<script defer src="{_PREFIX}livereload.js?host={host.hostname}&amp;port={port}'
            f'&amp;{_VERSION}">'
            "</script>"
        )
        self.set_status(status)
        self.set_header("Content-Type", "text/html; charset=utf-8")
        before, head, after = text.partition("</head>")
        self.finish(f"{before}{client}{head}{after}")

    def _waiting(self) -> str:
        title = escape(self.words("serve-waiting"))
        return (
            f'<!doctype html>\n<html lang="{self.words.language}"><head><meta charset="utf-8">'
            f"<title>{title}</title></head><body><p>{title}</p></body></html>\n"
        )

    def _problems(self) -> None:
        notes = self.session.notes
        self.set_header("Content-Type", "application/json; charset=utf-8")
        report = {
            "title": self.words("serve-panel", count=len(notes)) if notes else "",
            "notes": [{"place": note.place, "message": note.message} for note in notes],
        }
        self.finish(json.dumps(report, ensure_ascii=False))


class ClientFile(Site):
    """A file of our script in the browser, or of livereload."""

    def get(self, name: str) -> None:  # type: ignore[override]
        """Send one of `_CLIENT_FILES`; its address changes with its content."""
        self.set_header("Content-Type", type_of(name))
        self.set_header("Cache-Control", FOREVER)
        self.finish(_CLIENT_FILES[name])


class Live(LiveReloadHandler):  # type: ignore[misc]
    """The connection to an open page; knows its route and the digest it shows."""

    def initialize(self, session: Session, names: Collection[str]) -> None:
        """Take the values that all requests share."""
        self.session, self.names = session, names
        self.page, self.digest = ("", ""), ""

    def check_origin(self, origin: str) -> bool:
        """Accept our own pages only."""
        slugs = [site.slug for site in self.session.sites]
        host = urlsplit(origin).netloc
        return host == self.request.host and is_allowed(host, slugs, self.names)

    def on_message(self, message: str | bytes) -> None:
        """Do livereload's handshake; then learn which page this is."""
        try:
            data = json.loads(message)
            super().on_message(message)
            if data["command"] == "info":
                page = data["plugins"]["desk"]
                self.page = (str(page["site"]), str(page["route"]))
                self.digest = str(page["digest"])
                self.refresh()
        except (ValueError, KeyError, TypeError, AttributeError):
            self.close()

    def refresh(self) -> None:
        """Reload the page if its content has changed."""
        digest = content_digest(self.session, *self.page)
        if digest != self.digest:
            self.digest = digest
            self.notify("page")

    def notify(self, path: str) -> None:
        """Send livereload's message for `path`."""
        self.send_message({"command": "reload", "path": path, "liveCSS": True})


def content_digest(session: Session, slug: str, route: str) -> str:
    """Digest of a page's status and content, without the fingerprints of style sheets."""
    status, data = session.content(slug, route) if slug else (503, b"")
    if not slug and session.built:
        status = 200
    stable = _STYLESHEET.sub(b"", data)
    return f"{status}-{sha256(stable).hexdigest()[:16]}"


def _clean(path: str) -> str:
    """The path as text; raises 404 if it could leave a folder, or is no text."""
    try:
        text = unquote(path, errors="strict")
    except UnicodeDecodeError:
        raise tornado.web.HTTPError(404) from None
    hidden = any(part.startswith(".") and part != ".well-known" for part in text.split("/"))
    if hidden or "\\" in text or ":" in text or not text.isprintable():
        raise tornado.web.HTTPError(404)
    return text


def serve(
    options: Options, host: str, port: int, words: Words,
    on_report: Callable[[dict[str, Any]], None], ready: Callable[[], None],
) -> None:  # fmt: skip
    """Serve until interrupted; raises `PortalError` if the port is taken."""
    with _listen(host, port) as listener, suppress(asyncio.CancelledError):
        asyncio.run(_serve(options, host, listener, words, on_report, ready))


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    if hasattr(socket, "SO_EXCLUSIVEADDRUSE"):  # Windows
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
    else:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.setblocking(False)
    try:
        listener.bind((host, port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        raise PortalError(
            [problem("port-taken", port=port, other=port + 1, reason=error.strerror or error)]
        ) from error
    return listener


async def _serve(
    options: Options, host: str, listener: socket.socket, words: Words,
    on_report: Callable[[dict[str, Any]], None], ready: Callable[[], None],
) -> None:  # fmt: skip
    names = () if host in LOOPBACK else (socket.gethostname().lower(), host)

    def pages() -> list[Live]:
        return list(LiveReloadHandler.waiters)

    def refresh() -> None:
        for page in pages():
            page.refresh()

    def notify(path: str) -> None:
        for page in pages():
            page.notify(path)

    session = Session(options, words.language, refresh, notify, on_report)
    shared = {"session": session, "names": names}
    application = tornado.web.Application(
        [
            ("/livereload", Live, shared),
            (
                f"{_PREFIX}({'|'.join(map(re.escape, _CLIENT_FILES))})",
                ClientFile,
                {**shared, "words": words},
            ),
            (".*", Site, {**shared, "words": words}),
        ],
        log_function=lambda handler: None,
        compress_response=False,
        websocket_ping_interval=30,
    )
    server = HTTPServer(application, max_header_size=65536, max_body_size=0)
    server.add_socket(listener)
    task = asyncio.current_task()
    assert task is not None
    with suppress(NotImplementedError):  # Windows
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    ready()
    try:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(session.work())
            tasks.create_task(watch(options.root, session.save))
    finally:
        session.stop()
        server.stop()
