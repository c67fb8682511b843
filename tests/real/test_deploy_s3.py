"""Deploying into a bucket of a real S3 server, and everything that can happen there."""

import hashlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from click.testing import CliRunner, Result

from portalgen.cli import main
from portalgen.deploy.targets import bucket as requests
from portalgen.deploy.targets import lease, s3
from portalgen.problems import PortalError
from portalgen.settings.network import load_network
from portalgen.settings.root import Target
from tests.deploy.test_deploy_folder import deploy, good
from tests.deploy.test_signature import keys
from tests.helpers import MAIN_SETTINGS, article, missing, network, tree, write
from tests.real import weed
from tests.real.weed import BUCKET, SECRETS, Objects, Server

BAI = "content/tin-tuc/bai.md"
PAGE = "main/tin-tuc/bai.html"
ATTENTION = 3


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """An S3 server started for these tests."""
    yield from weed.running(tmp_path_factory.mktemp("weed"))


def prefix_of(request: pytest.FixtureRequest) -> str:
    return f"vung-cao/{hashlib.md5(request.node.name.encode()).hexdigest()}"


@pytest.fixture
def bucket(server: Server, request: pytest.FixtureRequest) -> Objects:
    return Objects(server.address, prefix_of(request))


@pytest.fixture
def root(tmp_path: Path, bucket: Objects, server: Server, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    url = f"s3://{BUCKET}/{bucket.prefix}"
    target = f"{{name: may-chu, url: {url}, endpoint: {server.address}}}"
    return network(tmp_path, {
        "site.yaml": f"{MAIN_SETTINGS}targets:\n  - {target}\n",
        BAI: article("Bài thứ nhất"),
        "members/sapa/content/tin-tuc/tin.md": article("Tin Sa Pa"),
    })  # fmt: skip


def target_of(root: Path) -> Target:
    return load_network(root).main.targets[0]


def objects_named(bucket: Objects) -> set[str]:
    """The objects that the records of trees name."""
    records = [json.loads(bucket.get(key)) for key in bucket.keys(".portalgen/trees/")]
    return {f".portalgen/objects/{row[1]}" for record in records for row in record.values()}


def verify(root: Path, monkeypatch: pytest.MonkeyPatch, below: str = "") -> Result:
    monkeypatch.chdir(root)
    url = target_of(root).url + below
    return CliRunner().invoke(main, ["verify", url, "--lang", "en"])


def is_mended(root: Path, bucket: Objects) -> bool:
    """Whether the bucket shows what was built, and the next deployment has nothing to do."""
    return bucket.files() == tree(root / "public") and "is up to date" in deploy(root).stdout


def test_a_bucket_shows_what_was_built(root: Path, bucket: Objects) -> None:
    bucket.put(".well-known/cua-toi", b"mine")
    good(deploy(root))
    assert bucket.files() == {**tree(root / "public"), ".well-known/cua-toi": b"mine"}
    style = next((root / "public/main/assets").glob("main.*.css"))
    assert bucket.headers(PAGE) == {
        "Content-Type": "text/html; charset=utf-8",
        "Cache-Control": "public, max-age=60, must-revalidate",
    }
    assert bucket.headers(f"main/assets/{style.name}") == {
        "Content-Type": "text/css; charset=utf-8",
        "Cache-Control": "public, max-age=31536000, immutable",
    }
    again = deploy(root)
    assert (again.exit_code, again.stderr) == (0, "")
    assert "is up to date" in again.stdout
    assert not [key for key in bucket.keys(".portalgen") if "lock" in key or "pending" in key]


def test_a_foreign_key_stays_and_is_named(root: Path, bucket: Objects) -> None:
    good(deploy(root))
    bucket.put("main/ca-cuoc.html", b"not mine")
    for text in ("", "Bài đã sửa"):
        if text:
            write(root, {BAI: article(text)})
        done = deploy(root)
        assert done.exit_code == ATTENTION
        assert done.stderr.startswith("main/ca-cuoc.html: was not written by portalgen")
        assert ("is up to date" in done.stdout) == (not text)
        assert bucket.get("main/ca-cuoc.html") == b"not mine"
    assert len(bucket.keys(".portalgen/releases/")) == 2


def test_one_goes_back_is_held_there_and_old_contents_go(root: Path, bucket: Objects) -> None:
    states, counts = [], []
    for number in range(5):
        write(root, {BAI: article(f"Bài lần {number}")})
        if number == 3:
            write(root, {"content/tin-tuc/them.md": article("Bài thêm")})
        if number == 4:
            write(root, {"content/tin-tuc/them.md": None})
        if number:
            assert "\nmain: " in f"\n{deploy(root, '--dry-run').output}"
        good(deploy(root))
        states.append(bucket.files())
        counts.append(len(bucket.keys(".portalgen/objects/")))
        assert states[-1] == tree(root / "public")
    assert counts[4] < counts[0] * 3
    assert len(bucket.keys(".portalgen/releases/")) == 3
    good(deploy(root, "--rollback"))
    assert bucket.files() == states[3]
    good(deploy(root, "--rollback"))
    assert bucket.files() == states[2]
    assert deploy(root, "--rollback").exit_code == 1
    pinned = deploy(root)
    assert pinned.exit_code == ATTENTION
    assert "Nothing was deployed" in pinned.stdout
    assert bucket.files() == states[2]
    good(deploy(root, "--unpin"))
    assert bucket.files() == states[4]
    third = bucket.keys(".portalgen/releases/")[0].split("/")[2]
    good(deploy(root, "--to", third, "--site", "main"))
    assert "main/tin-tuc/them.html" in bucket.files()
    assert bucket.get(PAGE) == states[3][PAGE] != states[4][PAGE]
    assert deploy(root, "--unpin", "--site", "main").exit_code == 0
    assert is_mended(root, bucket)
    listed = CliRunner().invoke(main, ["releases", "may-chu", "--root", str(root), "--lang", "en"])
    assert listed.stdout.startswith("* ")


def test_a_site_that_is_gone_goes_from_the_bucket(root: Path, bucket: Objects) -> None:
    good(deploy(root))
    (root / "members/sapa/site.yaml").unlink()
    (root / "members/sapa/content/tin-tuc/tin.md").unlink()
    for folder in ("content/tin-tuc", "content", ""):
        (root / "members/sapa" / folder).rmdir()
    good(deploy(root))
    assert not [key for key in bucket.keys("") if key.startswith("sapa/")]
    assert is_mended(root, bucket)


def test_a_bucket_of_version_0_2_is_taken_over(root: Path, bucket: Objects) -> None:
    old = "20200101-000000-000000-aaaa"
    files = {"main/cu.html": ["0" * 32 + "b.html", "", 3], "../x": []}
    bucket.put(f".portalgen/releases/{old}.json", json.dumps({"files": files}).encode())
    bucket.put(".portalgen/current.json", json.dumps({"id": old}).encode())
    bucket.put("main/cu.html", b"old")
    good(deploy(root))
    assert is_mended(root, bucket)
    assert len(bucket.keys(".portalgen/releases/")) == 1


def test_what_must_go_goes_out_of_every_release(root: Path, bucket: Objects) -> None:
    write(root, {BAI: article("Bài thứ nhất", body="Tên của em Vừ")})
    good(deploy(root))
    write(root, {BAI: article("Bài thứ nhất", body="Tên đã được bỏ")})
    good(deploy(root))
    assert any(b"em V\xe1\xbb\xab" in bucket.get(key) for key in bucket.keys(".portalgen"))
    good(deploy(root, "--purge", PAGE))
    assert not any(b"em V\xe1\xbb\xab" in bucket.get(key) for key in bucket.keys(""))
    assert is_mended(root, bucket)


# Services that do not do what they should.


def test_a_service_that_refuses_is_told(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
    done = deploy(root)
    assert done.exit_code == 1
    assert done.stderr.startswith("The service does not let portalgen into the bucket")
    assert "SignatureDoesNotMatch" in done.stderr


def test_without_credentials_nobody_is_asked(
    root: Path, silent: "Silent", monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in SECRETS:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_METADATA_ENDPOINT", silent.address)
    done = deploy(root)
    assert done.exit_code == 1
    assert done.stderr.startswith("The service does not let portalgen into the bucket")
    assert silent.asked() == 0


def test_a_bucket_that_does_not_exist_is_told(root: Path) -> None:
    settings = (root / "site.yaml").read_text()
    write(root, {"site.yaml": settings.replace(f"s3://{BUCKET}/", "s3://khong-co/")})
    for options in ([], ["--dry-run"], ["--rollback"]):
        done = deploy(root, *options)
        assert done.exit_code == 1
        assert done.stderr.startswith("The bucket of the target “may-chu” does not exist.")


class Silent:
    """A server that accepts and never answers, or answers the same to everything."""

    def __init__(self, answer: bytes = b""):
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._lines: list[socket.socket] = []
        self._answer = answer
        self.address = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                line = self._socket.accept()[0]
            except OSError:
                return
            self._lines.append(line)
            if self._answer:
                try:
                    line.recv(65536)
                    line.sendall(self._answer)
                finally:
                    line.close()

    def asked(self) -> int:
        return len(self._lines)

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()


@pytest.fixture
def silent() -> Iterator[Silent]:
    silent = Silent()
    yield silent
    silent.close()


def move(root: Path, server: Server, address: str) -> None:
    """Let the target be at another address."""
    settings = (root / "site.yaml").read_text()
    write(root, {"site.yaml": settings.replace(server.address, address)})


def test_a_silent_server_is_told_within_a_minute(
    root: Path, server: Server, silent: Silent, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert requests.SECONDS == 20
    monkeypatch.setattr(requests, "SECONDS", 0.5)
    move(root, server, silent.address)
    done = deploy(root)
    assert done.exit_code == 1
    assert done.stderr.startswith("The service of the target “may-chu” does not answer.")
    assert 1 <= silent.asked() <= 60 / 20


def test_a_server_that_is_not_there_is_told(root: Path, server: Server) -> None:
    move(root, server, "http://127.0.0.1:9")
    done = deploy(root)
    assert done.exit_code == 1
    assert done.stderr.startswith("The service of the target “may-chu” does not answer.")


@pytest.mark.parametrize("body", [b"", b"<html>Welcome</html>", b"<ListBucketResult>", b"\xff\x00"])
@pytest.mark.parametrize("status", ["200 OK", "400 Bad Request", "302 Found"])
def test_odd_answers_are_told(root: Path, server: Server, status: str, body: bytes) -> None:
    length = f"Content-Length: {len(body)}\r\nConnection: close"
    odd = Silent(f"HTTP/1.1 {status}\r\n{length}\r\n\r\n".encode() + body)
    move(root, server, odd.address)
    done = deploy(root)
    odd.close()
    assert done.exit_code == 1
    assert isinstance(done.exception, SystemExit)
    assert "may-chu" in done.stderr


def test_a_server_that_stops_during_a_switch(
    root: Path, bucket: Objects, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    good(deploy(root))
    write(root, {BAI: article("Bài đã sửa")})
    monkeypatch.setattr(requests, "SECONDS", 0.5)
    copy = requests.Bucket.copy

    def stop(self: requests.Bucket, key: str, to: str) -> None:
        copy(self, key, to)
        os.kill(server.process, signal.SIGSTOP)

    with monkeypatch.context() as context:
        context.setattr(requests.Bucket, "copy", stop)
        done = deploy(root)
    os.kill(server.process, signal.SIGCONT)
    assert done.exit_code == 1
    assert "does not answer" in done.stderr
    assert "is half switched" in done.stderr
    assert "is unchanged" not in done.stderr
    monkeypatch.setattr(requests, "SECONDS", 20)
    bucket.delete(".portalgen/lock.json")  # this process goes on, and so does its lock
    assert deploy(root).exit_code == ATTENTION
    assert is_mended(root, bucket)


# Two at once.


def test_two_deployments_at_once_exclude_each_other(root: Path, bucket: Objects) -> None:
    good(deploy(root))
    write(root, {BAI: article("Bài đã sửa")})
    with s3.opened(target_of(root), look=False):
        done = deploy(root)
        assert done.exit_code == 1
        assert done.stderr.startswith("Another deployment to the target “may-chu” is running: ")
        assert "main: " in deploy(root, "--dry-run").stdout
    good(deploy(root))
    assert is_mended(root, bucket)


@pytest.mark.parametrize("case", ["old", "dead", "odd", "elsewhere"])
def test_a_lock_that_is_left_is_taken_over(root: Path, bucket: Objects, case: str) -> None:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    holder: dict[str, Any] = {
        "by": "a@b", "host": socket.gethostname(), "process": process.pid,
        "time": int(time.time()),
    }  # fmt: skip
    if case in ("old", "elsewhere"):
        holder["host"] = "khac"
    if case == "old":
        holder["time"] -= lease.AGE + 1
    text = b"{" if case == "odd" else json.dumps(holder).encode()
    bucket.put(".portalgen/lock.json", text)
    done = deploy(root)
    assert done.exit_code == (1 if case == "elsewhere" else 0), done.output
    assert (".portalgen/lock.json" in bucket.keys(".portalgen")) == (case == "elsewhere")


def test_who_has_lost_the_lock_stops_and_leaves_the_pointer(
    root: Path, bucket: Objects, monkeypatch: pytest.MonkeyPatch
) -> None:
    good(deploy(root))
    before = bucket.get(".portalgen/current.json")
    write(root, {BAI: article("Bài đã sửa")})
    monkeypatch.setattr(lease, "_RENEWED", 0)
    copy = requests.Bucket.copy

    def lose(self: requests.Bucket, key: str, to: str) -> None:
        copy(self, key, to)
        bucket.put(".portalgen/lock.json", b'{"by": "khac"}')

    with monkeypatch.context() as context:
        context.setattr(requests.Bucket, "copy", lose)
        done = deploy(root)
    assert done.exit_code == 1
    assert "Another deployment" in done.stderr
    assert "is half switched" in done.stderr
    assert bucket.get(".portalgen/current.json") == before
    assert deploy(root).exit_code == ATTENTION
    assert is_mended(root, bucket)


def test_the_pointer_is_not_written_over_that_of_another(root: Path, bucket: Objects) -> None:
    good(deploy(root))
    with s3.opened(target_of(root), look=False) as storage:
        bucket.put(".portalgen/current.json", b'{"release": "khac"}')
        release = storage.releases()[0]
        with pytest.raises(PortalError) as raised:
            storage.switch(release)
    assert [problem.code for problem in raised.value.problems] == ["target-moved"]
    good(deploy(root))  # what names no release is no pointer
    assert is_mended(root, bucket)


def test_many_at_once_leave_a_bucket_that_can_be_deployed_to(root: Path, bucket: Objects) -> None:
    good(deploy(root))
    command = [sys.executable, "-m", "portalgen", "deploy", "may-chu", "--root"]
    roots = []
    for number in range(3):
        folder = root.parent / str(number)
        subprocess.run(["cp", "-r", str(root), str(folder)], check=True)
        write(folder, {BAI: article(f"Bài của {number}")})
        good(CliRunner().invoke(main, ["build", "--root", str(folder)]))
        roots.append(folder)
    running = [
        subprocess.Popen([*command, str(folder)], stderr=subprocess.PIPE, text=True)
        for folder in roots
        for _ in range(2)
    ]
    errors = [process.communicate()[1] for process in running]
    assert not [text for text in errors if "Traceback" in text]
    assert {process.returncode for process in running} <= {0, 1}
    assert 0 in {process.returncode for process in running}
    good(deploy(root))
    assert is_mended(root, bucket)
    good(deploy(root, "--rollback"))


# What is damaged is seen, and mended.


def delete_all(bucket: Objects) -> None:
    bucket.delete(*bucket.files())


def overwrite_page(bucket: Objects) -> None:
    bucket.put(PAGE, b"?" * len(bucket.get(PAGE)))


def delete_object(bucket: Objects) -> None:
    bucket.delete(*bucket.keys(".portalgen/objects/"))


def tamper_object(bucket: Objects) -> None:
    for key in bucket.keys(".portalgen/objects/"):
        bucket.put(key, b"?" * len(bucket.get(key)))


def delete_trees(bucket: Objects) -> None:
    bucket.delete(*bucket.keys(".portalgen/trees/"))


def break_tree(bucket: Objects) -> None:
    bucket.put(bucket.keys(".portalgen/trees/main/")[-1], b'{"../x": ["", "", "", 1, ""]}')


DAMAGES = [delete_all, overwrite_page, delete_object, tamper_object, delete_trees, break_tree]


@pytest.mark.parametrize("repair", [False, True])
@pytest.mark.parametrize("damage", DAMAGES)
def test_damage_is_seen_and_mended(
    root: Path, bucket: Objects, damage: Callable[[Objects], None], repair: bool
) -> None:
    good(deploy(root))
    damage(bucket)
    done = deploy(root, *(["--repair"] if repair else []))
    assert done.exit_code == ATTENTION, done.output
    assert "may-chu was not as it was published" in done.stderr
    assert is_mended(root, bucket)
    assert not bucket.keys(".portalgen/pending.json")


def test_records_that_agree_with_wrong_contents_are_seen_by_repair(
    root: Path, bucket: Objects
) -> None:
    good(deploy(root))
    record = bucket.keys(".portalgen/trees/main/")[0]
    rows = json.loads(bucket.get(record))
    other = b"other"
    rows["tin-tuc/bai.html"][2:] = [
        hashlib.sha256(other).hexdigest(), len(other), hashlib.md5(other).hexdigest(),
    ]  # fmt: skip
    bucket.put(record, json.dumps(rows).encode())
    bucket.put(PAGE, other)
    bucket.put(f".portalgen/objects/{rows['tin-tuc/bai.html'][1]}", other)
    assert deploy(root, "--repair").exit_code == ATTENTION
    assert is_mended(root, bucket)


@pytest.mark.parametrize("key", ["current.json", "release.json"])
@pytest.mark.parametrize("text", [b"", b"{", b'{"release": "x"}'])
def test_a_pointer_that_leads_nowhere_is_made_anew(
    root: Path, bucket: Objects, key: str, text: bytes
) -> None:
    good(deploy(root))
    for path in bucket.keys(".portalgen"):
        if path.endswith(key):
            bucket.put(path, text) if text else bucket.delete(path)
    bucket.delete(PAGE)
    good(deploy(root))
    assert is_mended(root, bucket)


def test_a_rollback_passes_over_what_is_not_whole(root: Path, bucket: Objects) -> None:
    states = []
    for number in range(3):
        write(root, {BAI: article(f"Bài lần {number}")})
        good(deploy(root))
        states.append(bucket.files())
    digest = hashlib.blake2b(states[1][PAGE], digest_size=16).hexdigest()
    bucket.delete(f".portalgen/objects/{digest}b.html")
    done = deploy(root, "--rollback")
    assert done.exit_code == 0
    assert "main/tin-tuc/bai.html: its copy" in done.stderr
    assert bucket.files() == states[0]


def test_a_page_withdrawn_after_half_a_switch_does_not_stay(
    root: Path, bucket: Objects, monkeypatch: pytest.MonkeyPatch
) -> None:
    good(deploy(root))
    write(root, {"content/y-te/mat.md": article("Bài mật")})
    with monkeypatch.context() as context:
        context.setattr(s3.BucketStorage, "_point", refuse)
        done = deploy(root)
    assert "is half switched" in done.stderr
    assert "main/y-te/mat.html" in bucket.files()
    write(root, {"content/y-te/mat.md": None})
    again = deploy(root)
    assert again.exit_code == ATTENTION
    assert "main/y-te/mat.html: was added" in again.stderr
    page = bucket.files().get("main/y-te/mat.html", b"noindex")
    assert b"noindex" in page and "Bài mật".encode() not in page
    assert is_mended(root, bucket)


def test_a_site_withdrawn_after_half_a_switch_does_not_stay(
    root: Path, bucket: Objects, monkeypatch: pytest.MonkeyPatch
) -> None:
    good(deploy(root))
    write(root, {"members/moi/site.yaml": "title: Xã mới\nshort_title: Xã\nkind: xa\n"})
    with monkeypatch.context() as context:
        context.setattr(s3.BucketStorage, "_point", refuse)
        assert "is half switched" in deploy(root).stderr
    assert "moi/index.html" in bucket.files()
    (root / "members/moi/site.yaml").unlink()
    (root / "members/moi").rmdir()
    assert deploy(root).exit_code == ATTENTION
    assert is_mended(root, bucket)


def test_what_was_never_copied_is_forgotten(
    root: Path, bucket: Objects, monkeypatch: pytest.MonkeyPatch
) -> None:
    good(deploy(root))
    write(root, {BAI: article("Bài mật")})
    with monkeypatch.context() as context:
        context.setattr(requests.Bucket, "copy", refuse)
        assert deploy(root).exit_code == 1
    write(root, {BAI: article("Bài thứ nhất")})
    good(deploy(root))
    assert ".portalgen/pending.json" not in bucket.keys(".portalgen")
    monkeypatch.setattr(s3, "ORPHAN_AGE", -60)
    write(root, {BAI: article("Bài khác")})
    good(deploy(root))
    assert not any("mật" in bucket.get(key).decode(errors="replace") for key in bucket.keys(""))


def refuse(*arguments: object) -> None:
    raise PortalError([])


KILLED = """
import os, sys
from pathlib import Path
from portalgen.deploy.deploy import Deployment
from portalgen.deploy.shipment import Signer
from portalgen.deploy.targets import bucket
from portalgen.settings.network import load_network
bucket._THREADS = 1
left = int(sys.argv[2])
def counted(name):
    work = getattr(bucket.Bucket, name)
    def call(*arguments, **more):
        global left
        left -= 1
        if left < 0:
            os.kill(os.getpid(), 9)
        return work(*arguments, **more)
    setattr(bucket.Bucket, name, call)
for name in ("put", "put_if", "copy", "remove"):
    counted(name)
root = Path(sys.argv[1])
network = load_network(root)
target = Deployment(network, root / "public", network.main.targets[0], Signer())
target.deploy(1, lambda done, of: None, seen=target.take_register())
"""


def test_a_kill_at_each_step_leaves_whole_pages_and_no_orphans(
    root: Path, bucket: Objects, monkeypatch: pytest.MonkeyPatch
) -> None:
    good(deploy(root))
    versions = [bucket.files()]
    kills = 0
    for steps in (0, 1, 2, 3, 5, 8, 12, 13, 14, 15, 17, 20, 24, 28, 33, 38, 45, 60, 80):
        text = f"Bài đã sửa {steps}"
        for old in (root / "content").glob("y-te/*.md"):
            old.unlink()
        write(root, {BAI: article(text), f"content/y-te/b-{steps}.md": article(text)})
        good(CliRunner().invoke(main, ["build", "--root", str(root)]))
        versions.append(tree(root / "public"))
        command = [sys.executable, "-c", KILLED, str(root), str(steps)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode in (0, -signal.SIGKILL), done.stderr
        kills += done.returncode != 0
        now = bucket.files()
        for key, data in now.items():
            assert data in [version.get(key) for version in versions], key
        pages = {key for key in versions[-1] if key.endswith(".html")}
        if any(now.get(key) == versions[-1][key] != versions[-2].get(key) for key in pages):
            others = versions[-1].keys() - pages
            assert all(now.get(key) == versions[-1][key] for key in others)
        if steps in (14, 28, 60):
            assert deploy(root).exit_code in (0, ATTENTION)
            versions.append(tree(root / "public"))  # without pages that nobody ever had
            assert bucket.files() == versions[-1]
    assert kills > 12
    assert deploy(root).exit_code in (0, ATTENTION)
    monkeypatch.setattr(s3, "ORPHAN_AGE", -60)
    write(root, {BAI: article("Bài cuối")})
    good(deploy(root))
    assert is_mended(root, bucket)
    assert set(bucket.keys(".portalgen/objects/")) == objects_named(bucket)
    assert len(bucket.keys(".portalgen/releases/")) == 3


# What is verified.


def test_verify_names_what_differs(
    root: Path, bucket: Objects, monkeypatch: pytest.MonkeyPatch
) -> None:
    good(deploy(root))
    done = verify(root, monkeypatch)
    assert (done.exit_code, done.stderr) == (0, "")
    overwrite_page(bucket)
    bucket.put("main/la.html", b"foreign")
    bucket.put("la/la.html", b"foreign")
    bucket.delete("sapa/index.html")
    done = verify(root, monkeypatch)
    assert done.exit_code == ATTENTION
    assert done.stderr.splitlines() == [
        "la: was added",
        "main/la.html: was added",
        "main/tin-tuc/bai.html: was changed",
        "sapa/index.html: is missing",
    ]
    assert verify(root, monkeypatch, "/sapa").stderr == "sapa/index.html: is missing\n"
    bucket.delete(*[key for key in bucket.keys("") if key.startswith("sapa/")])
    assert "sapa: is missing" in verify(root, monkeypatch).stderr
    assert verify(root, monkeypatch, "/khac").exit_code == 1


def test_verify_finds_its_service_in_the_environment(
    root: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    good(deploy(root))
    url = target_of(root).url
    monkeypatch.chdir("/")
    monkeypatch.setenv("AWS_ENDPOINT_URL", server.address)
    assert CliRunner().invoke(main, ["verify", url]).exit_code == 0
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    assert CliRunner().invoke(main, ["verify", url]).exit_code == 1


def test_verify_proves_by_the_key(
    root: Path, bucket: Objects, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    minisign = shutil.which("minisign")
    if not minisign:
        missing("no minisign: install the package of that name")
    public = keys(str(minisign), tmp_path, "")[0]
    monkeypatch.setenv("PORTALGEN_SIGNING_KEY", str(tmp_path / "key"))
    good(deploy(root))
    old = {key: bucket.get(key) for key in bucket.keys("") if key.startswith("sapa/")}
    write(root, {"members/sapa/content/tin-tuc/tin.md": article("Tin Sa Pa khác")})
    good(deploy(root))
    monkeypatch.chdir(root)
    command = ["verify", target_of(root).url, "--key", public, "--lang", "en"]
    done = CliRunner().invoke(main, command)
    assert (done.exit_code, done.stderr) == (0, "")
    for key, data in old.items():
        bucket.put(key, data)  # an older site, as it was signed
    done = CliRunner().invoke(main, command)
    assert "sapa/manifest.json: is not of the release" in done.stderr
    command[1] += "/sapa"
    done = CliRunner().invoke(main, command)
    assert "sapa/manifest.json: is not of the release" in done.stderr
    assert "release.json: is too old" not in done.stderr
    assert CliRunner().invoke(main, [*command, "--max-age", "1m"]).stderr == done.stderr
    command[1] = target_of(root).url
    bucket.delete(".portalgen/current.json")
    done = CliRunner().invoke(main, command)
    assert "release.json: is missing" in done.stderr
