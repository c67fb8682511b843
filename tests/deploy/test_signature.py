import shutil
import subprocess
from pathlib import Path

import pytest

from portalgen.deploy.signature import SignatureError, check, open_key, sign
from tests.helpers import missing

DATA = b"0123456789" * 1000


@pytest.fixture(scope="module")
def minisign() -> str:
    found = shutil.which("minisign")
    if not found:
        missing("no minisign: install the package of that name")
    return found or ""


def keys(minisign: str, folder: Path, password: str) -> tuple[str, str]:
    told = ["-G", "-f"] if password else ["-G", "-f", "-W"]
    subprocess.run(
        [minisign, *told, "-p", folder / "key.pub", "-s", folder / "key"],
        input=f"{password}\n{password}\n" if password else "", text=True, check=True,
        capture_output=True,
    )  # fmt: skip
    return (folder / "key.pub").read_text(), (folder / "key").read_text()


def verified(minisign: str, file: Path) -> str:
    done = subprocess.run(
        [minisign, "-V", "-m", file, "-p", file.with_name("key.pub")], capture_output=True,
        text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_minisign_and_we_read_each_other(minisign: str, tmp_path: Path) -> None:
    public, secret = keys(minisign, tmp_path, "")
    file, signed = tmp_path / "data", tmp_path / "data.minisig"
    file.write_bytes(DATA)
    signed.write_bytes(sign(DATA, open_key(secret, ""), "site:sapa  release"))
    assert "Trusted comment: site:sapa release" in verified(minisign, file)
    assert check(DATA, signed.read_bytes(), public) == "site:sapa release"
    command = [minisign, "-S", "-m", str(file), "-s", str(tmp_path / "key"), "-t", "theirs"]
    subprocess.run(command, check=True, capture_output=True)
    assert check(DATA, signed.read_bytes(), public) == "theirs"


def test_a_key_may_have_a_password(minisign: str, tmp_path: Path) -> None:
    _, secret = keys(minisign, tmp_path, "mật khẩu")
    file = tmp_path / "data"
    file.write_bytes(DATA)
    file.with_name("data.minisig").write_bytes(sign(DATA, open_key(secret, "mật khẩu"), "ours"))
    assert "Trusted comment: ours" in verified(minisign, file)
    with pytest.raises(SignatureError, match=r"^password$"):
        sign(DATA, open_key(secret, "mat khau"), "")


def test_what_is_not_signed_so_is_refused(minisign: str, tmp_path: Path) -> None:
    public, secret = keys(minisign, tmp_path, "")
    good = sign(DATA, open_key(secret, ""), "comment")
    other, _ = keys(minisign, tmp_path, "")
    lines = good.decode().splitlines(keepends=True)
    changed = lines[1][:40] + ("A" if lines[1][40] != "A" else "B") + lines[1][41:]
    cases = [
        (DATA + b"x", good, public, "signature"),
        (DATA, good.replace(b"comment: comment", b"comment: Comment"), public, "signature"),
        (DATA, "".join([lines[0], changed, *lines[2:]]).encode(), public, "signature"),
        (DATA, good, other, "other-key"),
        (DATA, good, "nothing", "key"),
        (DATA, b"", public, "signature"),
        (DATA, b"\xff\n\n\n\n", public, "signature"),
        (DATA, b"a\nb\ntrusted comment: c\nd\n", public, "signature"),
    ]
    for data, signature, key, why in cases:
        with pytest.raises(SignatureError, match=f"^{why}$"):
            check(data, signature, key)


def test_what_is_no_key_is_refused() -> None:
    with pytest.raises(SignatureError, match=r"^key$"):
        sign(DATA, open_key("RWnonsense", ""), "")
