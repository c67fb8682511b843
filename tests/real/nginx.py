"""A real nginx on this machine, started by a test, and a client for it."""

import gzip
import os
import random
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import brotli
from click.testing import CliRunner, Result

from portalgen.cli import main
from tests.helpers import missing

TEXTS = (".html", ".css", ".js", ".json", ".xml", ".txt", ".svg", ".webmanifest")
# Settings in nginx.conf must have no effect.
CONF = """\
{user}pid {folder}/nginx.pid;
error_log {folder}/error.log warn;
worker_processes 2;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/tmp;
    proxy_temp_path {folder}/tmp;
    fastcgi_temp_path {folder}/tmp;
    uwsgi_temp_path {folder}/tmp;
    scgi_temp_path {folder}/tmp;
    gzip on;
    gzip_types *;
    gzip_min_length 1;
    charset windows-1258;
    open_file_cache max=1000;
    autoindex on;
    merge_slashes off;
    absolute_redirect on;
    etag off;
    log_not_found on;
    recursive_error_pages on;
    error_page 400 404 405 416 /other-sites.html;
    add_header X-Other-Sites 1;
    include {folder}/portal.conf;
}}
"""


@dataclass(frozen=True)
class Answer:
    """A response; `body` as sent."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def __getitem__(self, name: str) -> str:
        """The values of a header, empty if it is missing."""
        return ", ".join(value for key, value in self.headers if key.lower() == name.lower())

    def only(self, names: Sequence[str]) -> dict[str, list[str]]:
        """All values of these headers: one that is sent twice has two."""
        return {name: [v for k, v in self.headers if k.lower() == name.lower()] for name in names}

    def text(self) -> bytes:
        """The decompressed body."""
        unpack = {"br": brotli.decompress, "gzip": gzip.decompress, "": bytes}
        return bytes(unpack[self["Content-Encoding"]](self.body))


class Client:
    """A persistent connection, reopened when the server closes it."""

    def __init__(self, port: int, secure: str = ""):
        """`secure`: the host whose certificate the connection uses."""
        self.connection = HTTPConnection("127.0.0.1", port, timeout=20)
        if secure:
            context = ssl._create_unverified_context()
            self.connection.connect()
            self.connection.sock = context.wrap_socket(self.connection.sock, server_hostname=secure)

    def ask(self, host: str, path: str, method: str = "GET", **headers: str) -> Answer:
        """Request `path` unchanged and return the answer."""
        self.connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        self.connection.putheader("Host", host)
        for name, value in headers.items():
            self.connection.putheader(name.replace("_", "-"), value)
        self.connection.endheaders()
        response = self.connection.getresponse()
        return Answer(response.status, response.getheaders(), response.read())

    def close(self) -> None:
        self.connection.close()


def program() -> str:
    """The path of nginx; skip the test if it is not installed."""
    found = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if not found:
        missing("no nginx: install it")
    return found or ""


def free_port() -> int:
    """A free port outside the system's ephemeral range."""
    while True:
        port = random.randint(20_000, 30_000)
        with socket.socket() as tried:
            try:
                tried.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port


def written(root: Path, *arguments: str) -> Result:
    """The result of `portalgen nginx` in the folder of a network."""
    return CliRunner().invoke(main, ["nginx", "--root", str(root), *arguments])


def prepare(folder: Path, configuration: str) -> list[str]:
    """Write the configuration and return the command that runs nginx with it."""
    (folder / "tmp").mkdir(parents=True, exist_ok=True)
    (folder / "portal.conf").write_text(configuration, "utf-8")
    user = "user root;\n" if hasattr(os, "getuid") and os.getuid() == 0 else ""
    (folder / "nginx.conf").write_text(CONF.format(folder=folder, user=user), "utf-8")
    return [program(), "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", "stderr"]


def complaint(folder: Path, configuration: str) -> str:
    """The errors and warnings of `nginx -t`, empty if there are none."""
    command = [*prepare(folder, configuration), "-t"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    fine = done.returncode == 0 and "[warn]" not in done.stderr
    return "" if fine else done.stderr


@contextmanager
def running(folder: Path, configuration: str, port: int) -> Iterator[None]:
    """Run nginx with this configuration, listening on `port`.

    Its log may report a missing release and a link that is not followed, but no missing file and no
    internal error.
    """
    command = [*prepare(folder, configuration), "-g", "daemon off;"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            _wait(process, port)
            yield
        finally:
            process.terminate()
            process.wait(20)
    log = (folder / "error.log").read_text("utf-8").splitlines()
    expected = ("realpath() ", "symbolic links")
    assert [line for line in log if not any(words in line for words in expected)] == []


def _wait(process: "subprocess.Popen[str]", port: int) -> None:
    for _ in range(400):
        assert process.poll() is None, process.stderr and process.stderr.read()
        try:
            socket.create_connection(("127.0.0.1", port), 5).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("nginx does not listen")


def release(output: Path, folder: Path) -> Path:
    """Create a release as deploy does: the published files, with compressed texts beside them."""
    for site in sorted(output.iterdir()):
        if site.name.startswith("."):
            continue
        for file in site.rglob("*"):
            if file.is_file():
                made = folder / file.relative_to(output)
                made.parent.mkdir(parents=True, exist_ok=True)
                os.link(file, made)
                if made.suffix in TEXTS:
                    data = file.read_bytes()
                    Path(f"{made}.br").write_bytes(brotli.compress(data, quality=1))
                    Path(f"{made}.gz").write_bytes(gzip.compress(data, 1))
    return folder


def switch(current: Path, target: Path) -> None:
    """Switch the link `current` to another release atomically."""
    beside = current.with_name("next")
    beside.symlink_to(target)
    os.replace(beside, current)


def gone(client: Client, host: str, path: str) -> bool:
    """Whether the server closes the connection without an answer."""
    try:
        client.ask(host, path)
    except (HTTPException, ConnectionError):
        return True
    return False
