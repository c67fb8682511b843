"""Run work on a Dask cluster, with the interface of `pool.run`.

Its machines share the folders of the network and its output, at the same paths.
"""

import pickle
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any
from uuid import uuid4

from portalgen import __version__
from portalgen.pool import Item, Result, Run, Work
from portalgen.problems import PortalError, problem

_TIMEOUT = 10  # seconds to connect
_VERSION = f"{__version__} (Python {sys.version_info[0]}.{sys.version_info[1]})"

_lock = Lock()  # Dask workers may have threads, but `_shared` is not thread-safe
_shared: tuple[str, Any] = ("", None)  # the file it was read from, and its content


@contextmanager
def connect(scheduler: str, folder: Path) -> Iterator[Run]:
    """Connect to a scheduler; yields its `run`, which keeps shared data in `folder` meanwhile.

    Raises `PortalError` if there is no answer, or a worker cannot take part.
    """
    try:
        from distributed import Client, KilledWorker
        from distributed.comm.core import CommClosedError
    except ImportError:
        raise PortalError([problem("extra-missing", extra="cluster")]) from None
    try:
        client = Client(scheduler, timeout=_TIMEOUT, set_as_default=False)  # type: ignore[no-untyped-call]
    except (OSError, ValueError) as error:
        reason = str(error).split("\n", 1)[0]
        raise PortalError([problem("cluster-silent", address=scheduler, reason=reason)]) from error
    with client:
        if not client.scheduler_info(n_workers=-1)["workers"]:
            raise PortalError([problem("cluster-empty", address=scheduler)])

        def run(
            work: Work[Item, Result], shared: Any, items: Sequence[Item], *, jobs: int,
            batch: int = 64,
        ) -> Iterator[Result]:  # fmt: skip
            """Like `pool.run`; a batch whose worker dies is run again by another."""
            # In a file, as every worker needs all of it, also one that joins later.
            file = folder / f"shared-{uuid4().hex}"
            file.write_bytes(pickle.dumps(shared, pickle.HIGHEST_PROTOCOL))
            batches = [items[start : start + batch] for start in range(0, len(items), batch)]
            try:
                futures = client.map(
                    _do, batches, work=work, file=str(file), version=_VERSION, pure=False
                )
                for future in futures:
                    yield future.result()
            except (CancelledError, ModuleNotFoundError, KilledWorker, CommClosedError) as error:
                reason = str(error).split("\n", 1)[0]
                raise PortalError(
                    [problem("cluster-failed", address=scheduler, reason=reason)]
                ) from error
            finally:
                file.unlink(missing_ok=True)

        yield run


def _do(batch: Sequence[Any], work: Work[Any, Any], file: str, version: str) -> Any:
    global _shared  # noqa: PLW0603 - read once for many batches
    if version != _VERSION:
        raise PortalError([problem("cluster-version", here=version, there=_VERSION)])
    with _lock:
        if _shared[0] != file:
            try:
                _shared = file, pickle.loads(Path(file).read_bytes())
            except FileNotFoundError:
                raise PortalError([problem("cluster-folder", folder=Path(file).parent)]) from None
        return work(_shared[1], batch)
