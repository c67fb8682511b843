"""An sshd of our own, which the `ssh` of the tests is configured for."""

import getpass
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.helpers import missing
from tests.serve.serving import free_port, until


@contextmanager
def sshd_running(folder: Path, path: str = os.defpath) -> Iterator[int]:
    """The port of an sshd that accepts us, and runs what is in `path`."""
    sshd = shutil.which("sshd") or shutil.which("sshd", path="/usr/sbin")
    if not (sshd and shutil.which("ssh") and shutil.which("rsync")):
        missing("no sshd, ssh or rsync: install openssh-server, openssh-client and rsync")
    for name in ("host", "own"):
        subprocess.run(
            ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / name], check=True
        )
    port = free_port()
    (folder / "sshd_config").write_text(
        f"ListenAddress 127.0.0.1\nPort {port}\nHostKey {folder}/host\nPidFile {folder}/pid\n"
        f"AuthorizedKeysFile {folder}/own.pub\nStrictModes no\nUsePAM no\nPermitRootLogin yes\n"
        # Quick connections: no start-up files of who runs the tests, no costly exchange of keys.
        f"SetEnv HOME={folder} PATH={path}\nKexAlgorithms curve25519-sha256\n"
        "PasswordAuthentication no\nKbdInteractiveAuthentication no\n"
    )
    (folder / "ssh_config").write_text(
        f"Host *\n IdentityFile {folder}/own\n IdentitiesOnly yes\n"
        f" UserKnownHostsFile {folder}/known\n StrictHostKeyChecking accept-new\n LogLevel ERROR\n"
    )
    bin_folder = folder / "bin"
    bin_folder.mkdir()
    (bin_folder / "ssh").write_text(
        f'#!/bin/sh\nexec {shutil.which("ssh")} -F {folder}/ssh_config "$@"\n'
    )
    (bin_folder / "ssh").chmod(0o755)
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)
    assert sshd
    # Log to a file: sshd would block on a full pipe.
    process = subprocess.Popen(
        [sshd, "-D", "-E", folder / "log", "-f", folder / "sshd_config"], umask=0o077
    )
    before = os.environ["PATH"]
    os.environ["PATH"] = f"{bin_folder}{os.pathsep}{before}"
    command = ["ssh", "-p", str(port), f"{getpass.getuser()}@127.0.0.1", "true"]
    until(lambda: subprocess.run(command, capture_output=True, check=False).returncode == 0)
    try:
        yield port
    finally:
        os.environ["PATH"] = before
        process.terminate()
        process.wait()
