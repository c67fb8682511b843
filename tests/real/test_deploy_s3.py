"""Deploying into a bucket of a real S3 server."""

import hashlib
import json
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from portalgen.cli import main
from tests.deploy.test_deploy_folder import deploy, good
from tests.helpers import MAIN_SETTINGS, article, missing, network, tree, write
from tests.real import weed
from tests.real.weed import SECRETS, Objects

BAI = "content/tin-tuc/bai.md"


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of an S3 server started for these tests."""
    yield from weed.running(tmp_path_factory.mktemp("weed"))


def prefix_of(request: pytest.FixtureRequest) -> str:
    return f"vung-cao/{hashlib.md5(request.node.name.encode()).hexdigest()}"


@pytest.fixture
def bucket(endpoint: str, request: pytest.FixtureRequest) -> Objects:
    return Objects(endpoint, prefix_of(request))


@pytest.fixture
def root(
    tmp_path: Path, endpoint: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Path:
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    url = f"s3://portals/{prefix_of(request)}"
    target = f"{{name: may-chu, url: {url}, endpoint: {endpoint}}}"
    return network(tmp_path, {
        "site.yaml": f"{MAIN_SETTINGS}targets:\n  - {target}\n",
        BAI: article("Bài thứ nhất"),
        "members/sapa/content/tin-tuc/tin.md": article("Tin Sa Pa"),
    })  # fmt: skip


def test_a_bucket_shows_what_was_built(root: Path, bucket: Objects) -> None:
    bucket.put("main/cua-toi.txt", b"mine")
    good(deploy(root))
    assert bucket.files() == {**tree(root / "public"), "main/cua-toi.txt": b"mine"}
    page, style = "main/tin-tuc/bai.html", next((root / "public/main/assets").glob("main.*.css"))
    assert bucket.headers(page) == {
        "Content-Type": "text/html; charset=utf-8",
        "Cache-Control": "public, max-age=60, must-revalidate",
    }
    assert bucket.headers(f"main/assets/{style.name}") == {
        "Content-Type": "text/css; charset=utf-8",
        "Cache-Control": "public, max-age=31536000, immutable",
    }
    assert "is up to date" in deploy(root).output


def test_one_goes_back_and_old_contents_go(root: Path, bucket: Objects) -> None:
    states, counts = [], []
    for number in range(5):
        write(root, {BAI: article(f"Bài lần {number}")})
        if number == 3:
            write(root, {"content/tin-tuc/them.md": article("Bài thêm")})
        if number == 4:
            write(root, {"content/tin-tuc/them.md": None})
        if number:
            assert deploy(root, "--dry-run").output.startswith("main: ")
        good(deploy(root))
        states.append(bucket.files())
        counts.append(len(bucket.objects()))
        assert states[-1] == tree(root / "public")
    assert counts[4] < counts[0] * 3
    good(deploy(root, "--rollback"))
    assert bucket.files() == states[3]
    good(deploy(root, "--rollback"))
    assert bucket.files() == states[2]
    assert deploy(root, "--rollback").exit_code == 1
    good(deploy(root))
    assert bucket.files() == states[4]


def test_a_service_that_refuses_is_told(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
    told = deploy(root)
    assert told.exit_code == 1
    assert told.stderr.startswith("The target reports: ")
    assert "Traceback" not in told.output


KILLED = """
import os, sys
from pathlib import Path
from portalgen.deploy import deploy
from portalgen.deploy.targets import bucket
from portalgen.settings.network import load_network
bucket._THREADS = 1
left = int(sys.argv[2])
def counted(name):
    work = getattr(bucket.Bucket, name)
    def call(*arguments):
        global left
        left -= 1
        if left < 0:
            os.kill(os.getpid(), 9)
        return work(*arguments)
    setattr(bucket.Bucket, name, call)
for name in ("write", "upload", "show", "remove"):
    counted(name)
root = Path(sys.argv[1])
deploy.deploy(root, root / "public", load_network(root).main.targets[0], 1, lambda done, of: None)
"""


def test_a_kill_at_each_step_leaves_whole_pages(root: Path, bucket: Objects) -> None:
    good(deploy(root))
    versions = [bucket.files()]
    for steps in (0, 1, 2, 5, 8, 12, 13, 14, 15, 17, 20, 24, 28, 33, 38, 45, 60):
        text = f"Bài đã sửa {steps}"
        for old in (root / "content").glob("y-te/*.md"):
            old.unlink()
        write(root, {BAI: article(text), f"content/y-te/b-{steps}.md": article(text)})
        good(CliRunner().invoke(main, ["build", "--root", str(root)]))
        versions.append(tree(root / "public"))
        command = [sys.executable, "-c", KILLED, str(root), str(steps)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode in (0, -signal.SIGKILL), done.stderr
        now = bucket.files()
        for key, data in now.items():
            assert data in [version.get(key) for version in versions], key
        pages = {key for key in versions[-1] if key.endswith(".html")}
        if any(now.get(key) == versions[-1][key] != versions[-2].get(key) for key in pages):
            others = versions[-1].keys() - pages
            assert all(now.get(key) == versions[-1][key] for key in others)
        if steps in (14, 28, 60):
            good(deploy(root))
            assert bucket.files() == versions[-1]
    assert now == versions[-1]
