"""A bucket of an S3-compatible service, reached by obstore: its requests, and what goes wrong."""

import hashlib
import os
import re
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from typing import Any, NamedTuple, TypeVar

from portalgen.pool import Progress
from portalgen.problems import PortalError, Problem, problem
from portalgen.settings.root import Target
from portalgen.webserver.headers import BRIEFLY, FOREVER, is_lasting, type_of

OWN = ".portalgen/"
SECONDS = 20.0  # for one request; it is asked again until one and a half times this are over
_RETRIES = 5
_THREADS = 16
# Without one of these, obstore would ask the metadata address of a cloud who it is.
_ROLES = (
    "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
)  # fmt: skip
_ENDPOINTS = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT")
_REGIONS = ("AWS_REGION", "AWS_DEFAULT_REGION")
_CODE = re.compile(r"<Code>([^<]*)</Code>(?:\s*<Message>([^<]*)</Message>)?")
_NO_ACCESS = ("403 Forbidden", "401 Unauthorized", "PermissionDenied", "Unauthenticated")
_NO_ANSWER = ("HTTP error", "error sending request", "timed out", "error decoding response body")
T = TypeVar("T")


class Stored(NamedTuple):
    """A key as a list shows it; `tag` is the MD5 of its bytes at most services."""

    size: int
    tag: str
    time: float


class Bucket:
    """The bucket of a target; keys are relative to its prefix. All calls raise `PortalError`.

    `has_digests` if the service tells the MD5 of what it stores, `is_conditional` if it writes
    on a condition, `is_silent` once it does not answer.
    """

    def __init__(self, target: Target):
        try:
            import obstore
            from obstore.store import S3Store
        except ImportError as error:
            raise PortalError([problem("extra-missing", extra="s3")]) from error
        self._api, self.name = obstore, target.name
        self.has_digests = self.is_conditional = True
        self.is_silent = False
        self.between: Callable[[], None] = lambda: None  # is called between requests
        has_key = _environment(["AWS_ACCESS_KEY_ID"]) and _environment(["AWS_SECRET_ACCESS_KEY"])
        if not has_key and not _environment(_ROLES):
            reason = "AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY: -"
            raise PortalError([problem("target-no-access", name=self.name, reason=reason)])
        name, _, prefix = target.url.removeprefix("s3://").partition("/")
        self._prefix = f"{prefix.strip('/')}/" if prefix.strip("/") else ""
        endpoint = target.endpoint or _environment(_ENDPOINTS)
        wait = timedelta(seconds=SECONDS)
        client: Any = {"timeout": wait, "connect_timeout": wait}
        more: dict[str, Any] = {"region": target.region or _environment(_REGIONS) or "us-east-1"}
        if endpoint:
            more |= {"endpoint": endpoint, "virtual_hosted_style_request": False}
            if _environment(_ENDPOINTS[:1]):  # would win
                more["aws_endpoint_url_s3"] = endpoint
            client["allow_http"] = endpoint.startswith("http://")
        retry: Any = {"max_retries": _RETRIES, "retry_timeout": wait * 1.5}
        self._store: Any = None
        self._store = self._ask(
            lambda _: S3Store(name, client_options=client, retry_config=retry, **more)
        )

    def _ask(self, call: Callable[..., T], *arguments: Any, **options: Any) -> T:
        """What a function of obstore gives; raises `FileNotFoundError` where there is no key."""
        try:
            return call(self._store, *arguments, **options)
        except PortalError:
            raise
        except Exception as error:
            is_known = type(error).__module__.startswith("obstore")
            if not is_known and not isinstance(error, OSError | ValueError):
                raise
            if isinstance(error, FileNotFoundError) and "NoSuchBucket" not in str(error):
                raise
            raise PortalError([self._problem(error)]) from error

    def _problem(self, error: Exception) -> Problem:
        text = str(error).partition("\n\nDebug source")[0]
        code = _CODE.search(text)
        reason = ": ".join(filter(None, code.groups())) if code else text.partition("\n")[0]
        if "NoSuchBucket" in text:
            return problem("target-no-bucket", name=self.name)
        if any(sign in text or type(error).__name__.startswith(sign) for sign in _NO_ACCESS):
            return problem("target-no-access", name=self.name, reason=reason[:300])
        if any(sign in text for sign in _NO_ANSWER):
            self.is_silent = True
            return problem("target-no-answer", name=self.name)
        return problem("target-failed", reason=reason[:300])

    def listed(self, below: str) -> dict[str, Stored]:
        """All keys that begin with this, without the beginning."""
        begin = self._prefix + below
        parts = self._ask(lambda store: [*self._api.list(store, begin, chunk_size=1000)])
        return {
            item["path"].removeprefix(begin): Stored(
                item["size"], str(item["e_tag"] or "").strip('"'), item["last_modified"].timestamp()
            )
            for part in parts
            for item in part
            if item["path"].startswith(begin)
        }

    def get(self, key: str) -> tuple[bytes, str]:
        """A key's bytes and tag; empty if there is no such key."""

        def read(store: Any) -> tuple[bytes, str]:
            answer = self._api.get(store, self._prefix + key)
            return bytes(answer.bytes()), str(answer.meta["e_tag"] or "")

        with suppress(FileNotFoundError):
            return self._ask(read)
        return b"", ""

    def put(self, key: str, data: bytes, **headers: str) -> str:
        """Write a key; its new tag."""
        done = self._ask(
            self._api.put, self._prefix + key, data, attributes=headers or None,
            use_multipart=False,
        )  # fmt: skip
        return str(done["e_tag"] or "")

    def put_if(self, key: str, data: bytes, tag: str) -> str:
        """Write a key that still has this tag or, if that is empty, is not there; its new tag.

        It is empty if that is not so: then somebody else has written the key.
        """
        if not self.is_conditional:
            return self.put(key, data)
        errors: Any = self._api.exceptions
        mode: Any = {"e_tag": tag} if tag else "create"

        def write(store: Any) -> str:
            try:
                done = self._api.put(store, self._prefix + key, data, mode=mode)
            except (
                errors.AlreadyExistsError,
                errors.PreconditionError,
                FileNotFoundError,
            ) as error:
                if "NoSuchBucket" in str(error):
                    raise
                return ""
            except errors.NotSupportedError:
                self.is_conditional = False
                return ""
            return str(done["e_tag"] or "?")

        try:
            written = self._ask(write)
        except PortalError as error:
            if "NotImplemented" not in str(error.problems[0].values):
                raise
            self.is_conditional, written = False, ""
        if not self.is_conditional:
            return self.put(key, data)
        if not written:  # it may have been written, and only the answer was lost
            there, now = self.get(key)
            return now if there == data else ""
        return written

    def upload(self, key: str, data: bytes, route: str) -> Stored:
        """Write what is to be sent as the file of a route, and see that it arrived."""
        headers = {
            "Content-Type": type_of(route),
            "Cache-Control": FOREVER if is_lasting(route) else BRIEFLY,
        }
        tag = self.put(key, data, **headers).strip('"')
        if tag != md5_of(data) and self.get(key)[0] != data:
            raise PortalError([problem("target-failed", reason=f"{key}: other bytes")])
        return Stored(len(data), tag, time.time())

    def copy(self, key: str, to: str) -> None:
        """Copy what is at a key to another."""
        try:
            self._ask(self._api.copy, self._prefix + key, self._prefix + to)
        except FileNotFoundError as error:
            raise PortalError([problem("target-failed", reason=f"{key}: NoSuchKey")]) from error

    def remove(self, key: str) -> None:
        """Delete a key, if it is there."""
        with suppress(FileNotFoundError):
            self._ask(self._api.delete, self._prefix + key)

    def is_same(self, stored: Stored, size: int, md5: str) -> bool:
        """Whether a key holds what it should, as far as a list tells."""
        return stored.size == size and (stored.tag == md5 or not self.has_digests)

    def each(
        self, work: Callable[[Any], T], items: Iterable[Any], progress: Progress | None = None
    ) -> list[T]:
        """Do it for all of them, several at a time; what each gives."""
        results: list[T] = []
        waiting: Sequence[Any] = list(items)
        with ThreadPoolExecutor(_THREADS) as threads:
            for result in threads.map(work, waiting):
                results.append(result)
                self.between()
                if progress:
                    progress(len(results), len(waiting))
        return results


def md5_of(data: bytes) -> str:
    """The MD5 that a service tells of what it stores; against accidents, not for proof."""
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


def _environment(names: Iterable[str]) -> str:
    """The first of these variables that is set."""
    return next((os.environ[name] for name in names if os.environ.get(name)), "")
