"""What a deployment ships: each site's published files, as the output's manifest lists them.

Web servers send texts also as Brotli and gzip; a deployment makes these forms once.
"""

import gzip
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from msgspec import Struct

from portalgen import __version__
from portalgen.changes.manifest import Manifest
from portalgen.digests import digest_bytes, digest_parts
from portalgen.problems import PortalError, problem
from portalgen.settings.routes import deployed_beside
from portalgen.sources import MAX_FILE_BYTES, unreadable

if TYPE_CHECKING:
    from portalgen.deploy.signature import SecretKey

_PACKING = "2"  # changes when the same file would be packed otherwise
# Pages: level 11 takes forty times as long as level 5 and saves a tenth.
_PAGES, _LASTING = 5, 11
_LONGEST_NAME = 255  # bytes


class Signer(Struct, frozen=True):
    """A secret key that was opened; an empty number signs nothing."""

    number: str = ""
    secret: "SecretKey | None" = None

    def sign(self, data: bytes, comment: str) -> bytes:
        """A signature file for `data`."""
        from portalgen.deploy.signature import sign

        assert self.secret
        return sign(data, self.secret, comment)


class ShippedSite(Struct, frozen=True):
    """A site's files, digest by route, the digest of all they were made from, and its address."""

    slug: str
    files: Mapping[str, str]
    inputs: str
    url: str = ""


class ShippedRegister(Struct, frozen=True):
    """The files of a register, its index last; `seen` is the `state` of the index that was merged.

    If the target has another one by now, somebody has deployed meanwhile.
    """

    files: Mapping[str, bytes]
    seen: str


class Shipment(Struct, frozen=True):
    """All sites in `output`, and the register; `commit` is the sources', empty without git."""

    output: Path
    sites: tuple[ShippedSite, ...]
    commit: str
    signer: Signer
    version: str = __version__
    register: ShippedRegister | None = None

    def tree(self, site: ShippedSite) -> str:
        """The name of the tree that a site's files make, signed with this key."""
        rows = [f"{route} {digest}" for route, digest in sorted(site.files.items())]
        return digest_parts([_PACKING, self.signer.number, site.url, *rows])

    def read(self, site: ShippedSite, route: str) -> bytes:
        """The bytes of a file; raises `PortalError` if it is not as it was built."""
        return read_published(self.output / site.slug, route, site.files[route])


def load_shipment(root: Path, output: Path, urls: Mapping[str, str], signer: Signer) -> Shipment:
    """What stands in `output`; `urls` are the addresses of the sites.

    Raises `PortalError` if nothing was built there.
    """
    if not (output / ".portalgen" / "manifest.sqlite").is_file():
        raise PortalError([problem("nothing-built", name=output.name)])
    manifest = Manifest(output)
    try:
        files = {
            slug: {route: published.digest for route, published in manifest.published(slug).items()}
            for slug in manifest.counts
        }
        keys = manifest.site_keys
    finally:
        manifest.close()
    sites = tuple(
        ShippedSite(slug, files[slug], _inputs(keys.get(slug, ""), files[slug]), urls.get(slug, ""))
        for slug in sorted(files)
    )
    return Shipment(output, sites, _commit(root), signer)


def read_published(folder: Path, route: str, digest: str) -> bytes:
    """The bytes of a published file; raises `PortalError` if they are not those that were built."""
    try:
        data = (folder / route).read_bytes()
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
        data = b""
    except OSError as error:
        path = f"{folder.name}/{route}"
        raise PortalError([unreadable(error, path, MAX_FILE_BYTES)]) from error
    if digest_bytes(data) != digest:
        raise PortalError([problem("published-changed", f"{folder.name}/{route}")])
    return data


def packed(route: str, data: bytes) -> list[tuple[str, bytes]]:
    """The route and bytes of each packed form that is smaller; none for what is packed already."""
    routes = deployed_beside(route)
    if not routes or len(routes[0].rpartition("/")[2].encode()) > _LONGEST_NAME:
        return []
    import brotli

    level = _LASTING if PurePosixPath(route).suffix in (".css", ".js", ".svg") else _PAGES
    forms = (brotli.compress(data, quality=level), gzip.compress(data, 9, mtime=0))
    return [(name, form) for name, form in zip(routes, forms) if len(form) < len(data)]


def _inputs(key: str, files: Mapping[str, str]) -> str:
    """The digest of a site's inputs, the same on every machine."""
    rows = [f"{route} {digest}" for route, digest in sorted(files.items())]
    return digest_parts([key.partition(".")[0], *rows])


def open_signer() -> Signer:
    """The key that the environment names, opened; raises `PortalError`."""
    name = os.environ.get("PORTALGEN_SIGNING_KEY", "")
    if not name:
        return Signer()
    from portalgen.deploy.signature import SignatureError, open_key

    try:
        text = Path(name).read_text("utf-8", errors="replace")
        secret = open_key(text, os.environ.get("PORTALGEN_SIGNING_PASSWORD", ""))
    except OSError as error:
        raise PortalError([problem("signing-failed", why=error.strerror or str(error))]) from error
    except SignatureError as error:
        raise PortalError([problem("signing-failed", why=str(error))]) from error
    except ImportError as error:
        raise PortalError([problem("extra-missing", extra="sign")]) from error
    return Signer(secret.number.hex(), secret)


def _commit(root: Path) -> str:
    """The commit of the sources, marked when they differ from it."""

    def git(*arguments: str) -> str:
        command = ["git", "-C", str(root), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        return done.stdout.strip() if done.returncode == 0 else ""

    try:
        commit = git("rev-parse", "HEAD")
        changed = commit and git(
            "status", "--porcelain", "--untracked-files=normal", ".", ":(exclude)register"
        )
    except OSError:
        return ""
    return f"{commit}-changed" if changed else commit
