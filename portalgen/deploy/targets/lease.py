"""The lock of a bucket: an object that is written only if there is none, and ends by itself."""

import json
import os
import secrets
import socket
import time
from contextlib import suppress
from types import TracebackType

from portalgen.deploy.release import whoami
from portalgen.deploy.targets.bucket import OWN, Bucket, md5_of
from portalgen.problems import PortalError, problem

KEY = f"{OWN}lock.json"
AGE = 900  # seconds; whoever holds it writes it anew long before
_RENEWED = 60


class Lease:
    """Holds a bucket for one deployment; a lock that is too old, or whose holder died, is taken."""

    def __init__(self, bucket: Bucket):
        self._bucket = bucket
        self._nonce = secrets.token_hex(8)
        self._tag, self._at = "", 0.0

    def __enter__(self) -> "Lease":
        self._write(self._look())
        self._bucket.between = self.renew
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._bucket.between = lambda: None
        if self._bucket.is_silent:  # whoever comes next sees that this process has ended
            return
        with suppress(PortalError, OSError):
            if self._nonce in self._bucket.get(KEY)[0].decode(errors="replace"):
                self._bucket.remove(KEY)

    def renew(self) -> None:
        """Write the lock anew if it is time; raises `PortalError` if somebody else has taken it."""
        if time.monotonic() - self._at >= _RENEWED:
            self._write(self._tag)

    def _look(self) -> str:
        """The tag of a lock that may be taken over, empty if there is none."""
        data, tag = self._bucket.get(KEY)
        if data and not _has_ended(data):
            raise self._locked(data)
        return tag

    def _write(self, tag: str) -> None:
        bucket = self._bucket
        now = int(time.time())
        data = json.dumps({
            "by": whoami(), "host": socket.gethostname(), "process": os.getpid(), "time": now,
            "nonce": self._nonce,
        }).encode()  # fmt: skip
        written = bucket.put_if(KEY, data, tag)
        if not written:
            raise self._locked(bucket.get(KEY)[0])
        if not self._tag and bucket.is_conditional and bucket.put_if(KEY, data + b"\n", ""):
            bucket.is_conditional = False  # this one does not look at the condition
            written = bucket.put(KEY, data)
        if not self._tag:
            bucket.has_digests = written.strip('"') == md5_of(data)
        self._tag, self._at = written, time.monotonic()

    def _locked(self, data: bytes) -> PortalError:
        holder = _read(data)
        by = f"{holder.get('by', '?')} ({holder.get('process', '?')})"
        minutes = AGE // 60
        return PortalError(
            [problem("target-locked", name=self._bucket.name, holder=by, minutes=minutes)]
        )


def _read(data: bytes) -> dict[str, object]:
    with suppress(ValueError, RecursionError):
        values = json.loads(data)
        if isinstance(values, dict):
            return values
    return {}


def _has_ended(data: bytes) -> bool:
    """Whether a lock is too old, is none, or its holder was a process of this machine that died."""
    holder = _read(data)
    written, process = holder.get("time"), holder.get("process")
    if not isinstance(written, int) or abs(time.time() - written) > AGE:
        return True
    if (
        holder.get("host") != socket.gethostname()
        or not isinstance(process, int)
        or os.name == "nt"
    ):
        return False
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return True
    except (OSError, OverflowError):
        return False
    return False
