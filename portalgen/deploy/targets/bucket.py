"""A bucket of an S3-compatible service, reached by obstore."""

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import Any, TypeVar

from portalgen.pool import Progress
from portalgen.problems import PortalError, problem
from portalgen.settings.site import Target
from portalgen.webserver.headers import BRIEFLY, FOREVER, is_lasting, type_of

_THREADS = 16
OWN = ".portalgen/"
T = TypeVar("T")


@contextmanager
def opened(target: Target) -> Iterator["Bucket"]:
    """The bucket of a target; what the service answers is raised as `PortalError`."""
    try:
        yield Bucket(target)
    except PortalError:
        raise
    except Exception as error:
        if not type(error).__module__.startswith("obstore"):
            raise
        reason = str(error).split("\n", 1)[0][:300]
        raise PortalError([problem("target-failed", reason=reason)]) from error


class Bucket:
    """The bucket of a target; keys are relative to its prefix."""

    def __init__(self, target: Target):
        try:
            import obstore
            from obstore.store import S3Store
        except ImportError as error:
            raise PortalError([problem("extra-missing", extra="s3")]) from error
        self._api = obstore
        name, _, prefix = target.url.removeprefix("s3://").partition("/")
        self._prefix = f"{prefix.strip('/')}/" if prefix.strip("/") else ""
        more: dict[str, Any] = {"region": target.region or "us-east-1"}
        if target.endpoint:
            more |= {"endpoint": target.endpoint, "virtual_hosted_style_request": False}
            more["client_options"] = {"allow_http": target.endpoint.startswith("http://")}
        self._store = S3Store(name, **more)
        self._releases: list[str] | None = None

    def get(self, name: str) -> bytes:
        """A file of ours; empty if there is none."""
        try:
            return bytes(self._api.get(self._store, f"{self._prefix}{OWN}{name}.json").bytes())
        except FileNotFoundError:
            return b""

    def read(self, name: str) -> str:
        """The release that a file of ours names; empty if there is none."""
        try:
            return str(json.loads(self.get(name) or b'{"id": ""}')["id"])
        except (ValueError, KeyError, TypeError):
            return ""

    def write(self, name: str, values: object) -> None:
        """Write a file of ours."""
        data = json.dumps(values, separators=(",", ":")).encode()
        self._api.put(self._store, f"{self._prefix}{OWN}{name}.json", data)
        self._releases = None

    def releases(self) -> list[str]:
        """The names of all releases."""
        if self._releases is None:
            begin = f"{self._prefix}{OWN}releases/"
            parts = self._api.list(self._store, begin)
            paths = [item["path"] for part in parts for item in part]
            self._releases = sorted(path.rpartition("/")[2].removesuffix(".json") for path in paths)
        return self._releases

    def upload(self, name: str, data: bytes, route: str) -> None:
        """Upload a content and see that it arrived; raises `PortalError`."""
        headers = {
            "Content-Type": type_of(route),
            "Cache-Control": FOREVER if is_lasting(route) else BRIEFLY,
        }
        key = f"{self._prefix}{OWN}{name}"
        done = self._api.put(self._store, key, data, attributes=headers, use_multipart=False)
        tag = str(done["e_tag"] or "").strip('"')
        if tag != hashlib.md5(data, usedforsecurity=False).hexdigest():
            arrived = bytes(self._api.get(self._store, key).bytes())
            if arrived != data:
                raise PortalError([problem("target-failed", reason=f"{name}: other bytes")])

    def show(self, name: str, key: str) -> None:
        """Copy a content to a key."""
        self._api.copy(self._store, f"{self._prefix}{OWN}{name}", self._prefix + key)

    def remove(self, key: str) -> None:
        """Delete a key, if it is there."""
        with suppress(FileNotFoundError):
            self._api.delete(self._store, self._prefix + key)
        self._releases = None

    def each(
        self, work: Callable[[str], T], items: Sequence[str], progress: Progress | None = None
    ) -> list[T]:
        """Do it for all of them, several at a time; what each gives."""
        results = []
        with ThreadPoolExecutor(_THREADS) as threads:
            for number, result in enumerate(threads.map(work, items), 1):
                results.append(result)
                if progress:
                    progress(number, len(items))
        return results
