"""A server reached by ssh as target: trees are made here, sent by rsync, and switched there.

What stands there is what `folder` makes; the server needs a shell, rsync, flock and sha256sum.
"""

import subprocess
from contextlib import ExitStack, suppress
from pathlib import Path
from shlex import quote
from tempfile import TemporaryDirectory
from types import TracebackType
from urllib.parse import urlsplit

from portalgen.output.inventory import NAME, SIGNATURE
from portalgen.output.release import Deployed, Difference, Release, difference, kept, new_id
from portalgen.output.shipment import Shipment
from portalgen.output.trees import MAKING, make_tree, read_record, remove_tree
from portalgen.pool import Progress
from portalgen.problems import PortalError, problem
from portalgen.settings.network import Target

RELEASE = "release.json"
_DONE = "portalgen-done"


def deploy(
    shipment: Shipment, target: Target, trees_here: Path, jobs: int, progress: Progress
) -> Deployed:
    """Make a release of the shipment on the server and switch to it; raises `PortalError`."""
    with _Server(target) as server:
        current = server.current()
        trees, files, size = {}, 0, 0
        for number, site in enumerate(shipment.sites, 1):
            before = trees_here / site.slug / current.trees[site.slug] if (
                current and site.slug in current.trees
            ) else None  # fmt: skip
            made = make_tree(shipment, site, trees_here, before, jobs)
            trees[site.slug] = made.name
            files, size = files + made.files, size + made.bytes
            progress(number, len(shipment.sites))
        if current and dict(current.trees) == trees:
            return Deployed(current.id, len(trees), 0, 0, same=True)
        server.clear()
        missing = server.missing(trees)
        if missing:
            server.send(trees_here, missing)
        release = Release(
            new_id(max(server.releases(), default="")), shipment.version, shipment.commit, trees
        )
        server.write_release(release)
        server.switch(release.id)
        used = server.prune(release.id)
    for record in trees_here.glob("*/*.json"):
        if (record.parent.name, record.stem) not in used:
            remove_tree(record.with_suffix(""))
    return Deployed(release.id, len(trees), files, size)


def differences(shipment: Shipment, target: Target, trees_here: Path) -> list[Difference]:
    """What `deploy` would change; touches nothing."""
    with _Server(target, look=True) as server:
        current = server.current()
    found = []
    for site in shipment.sites:
        tree = current.trees.get(site.slug) if current else None
        record = read_record(trees_here / site.slug / tree) if tree else None
        old = {route: digest for route, (digest, _) in record.routes.items()} if record else {}
        if tree == site.tree(bool(shipment.signer.key)):
            old = dict(site.files)
        found.append(difference(site.slug, site.files, old))
    return found


def roll_back(target: Target) -> str:
    """Switch to the release before the current one; its name. Raises `PortalError`."""
    with _Server(target) as server:
        current = server.current()
        before = [name for name in server.releases() if current and name < current.id]
        for name in sorted(before, reverse=True):
            release = server.read_release(name)
            if release and not server.missing(dict(release.trees)):
                server.switch(name)
                return name
    raise PortalError([problem("no-release-before", name=target.name)])


class _Server:
    """One shell on the server, which holds the lock as long as the connection lasts."""

    def __init__(self, target: Target, look: bool = False):
        parts = urlsplit(target.url)
        self._host = f"{parts.username}@{parts.hostname}" if parts.username else parts.hostname
        self._ssh = ["ssh", "-o", "BatchMode=yes"]
        if parts.port:
            self._ssh += ["-p", str(parts.port)]
        self._folder = parts.path.rstrip("/")
        place = quote(self._folder)
        inside = f"exec flock -n {place}/.lock sh" if not look else "exec sh"
        begin = f"mkdir -p {place} && cd {place} && {inside}" if not look else inside
        try:
            self._shell = subprocess.Popen(
                [*self._ssh, self._host or "", begin], stdin=subprocess.PIPE,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8",
            )  # fmt: skip
        except OSError as error:
            raise _failed("ssh: " + (error.strerror or str(error))) from error
        self._said: list[str] = []

    def __enter__(self) -> "_Server":
        if self.run(f"cd {quote(self._folder)} 2>/dev/null; echo here").strip() != "here":
            raise _failed("\n".join(self._said))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        at: TracebackType | None,
    ) -> None:  # fmt: skip
        if self._shell.stdin:
            self._shell.stdin.close()
        self._shell.wait()

    def run(self, script: str, check: bool = True) -> str:
        """What a few commands print; raises `PortalError` if the last of them fails."""
        assert self._shell.stdin and self._shell.stdout
        lines: list[str] = []
        try:
            self._shell.stdin.write(f"{script}\necho {_DONE} $?\n")
            self._shell.stdin.flush()
            for line in self._shell.stdout:
                if line.startswith(_DONE):
                    break
                lines.append(line)
            else:
                line = f"{_DONE} 255"
        except OSError:
            line = f"{_DONE} 255"
        text = "".join(lines)
        if line.split()[-1] == "255":
            with suppress(subprocess.TimeoutExpired):
                self._shell.wait(10)  # the line is cut; soon it is known why
        if check and line.split()[-1] != "0":
            if self._shell.poll() == 1 and not text.strip():  # what flock says
                raise PortalError([problem("locked", holder=self._host or "")])
            raise _failed(text.strip().rpartition("\n")[2] or "ssh")
        return text

    def current(self) -> Release | None:
        """The release that is shown; raises `PortalError` where `current` is not ours."""
        told = self.run("if [ -e current ] || [ -L current ]; then readlink current; fi", False)
        link = told.strip()
        if not link:
            if self.run("ls -d current 2>/dev/null", False).strip():
                raise PortalError([problem("target-foreign", name=self._folder)])
            return None
        release = self.read_release(link.rpartition("/")[2])
        if release is None:
            raise PortalError([problem("target-foreign", name=self._folder)])
        return release

    def releases(self) -> list[str]:
        """The names of all releases."""
        told = self.run(f"ls -d releases/*/{RELEASE} 2>/dev/null", False)
        return sorted(line.split("/")[1] for line in told.splitlines() if line.count("/") == 2)

    def read_release(self, name: str) -> Release | None:
        """A release by its name; None if there is none that can be read."""
        try:
            return Release.from_bytes(
                self.run(f"cat releases/{quote(name)}/{RELEASE} 2>/dev/null", False).encode()
            )
        except ValueError:
            return None

    def clear(self) -> None:
        """Remove what a deployment that was interrupted left half made."""
        self.run(
            f"rm -rf {MAKING}* releases/{MAKING}* sites/*/{MAKING}*; rm -f .current-*; "
            "mkdir -p sites releases"
        )

    def missing(self, trees: dict[str, str]) -> dict[str, str]:
        """Those of the trees that do not stand on the server."""
        tests = "".join(
            f"[ -d sites/{quote(slug)}/{tree} ] || echo {quote(slug)}\n"
            for slug, tree in trees.items()
        )
        told = self.run(tests + "true").split()
        return {slug: trees[slug] for slug in told}

    def send(self, here: Path, trees: dict[str, str]) -> None:
        """Send trees, taking what did not change from the current release; verify; put in place."""
        with ExitStack() as stack:
            folder = Path(stack.enter_context(TemporaryDirectory()))
            for slug, tree in trees.items():
                (folder / slug).symlink_to((here / slug / tree).resolve())
            making = f"{self._folder}/{MAKING}trees"
            command = [
                "rsync", "-rlt", "--copy-dirlinks", "--chmod=D755,F644", "--no-human-readable",
                "--modify-window=-1",  # two builds may come within one second
                f"--link-dest={self._folder}/current", "-e", " ".join(map(quote, self._ssh)),
                f"{folder}/", f"{self._host}:{making}/",
            ]  # fmt: skip
            try:
                done = subprocess.run(command, capture_output=True, text=True, check=False)
            except OSError as error:
                raise _failed("rsync: " + (error.strerror or str(error))) from error
            if done.returncode:
                raise _failed(done.stderr.strip().rpartition("\n")[2] or "rsync")
        for slug, tree in trees.items():
            record = read_record(here / slug / tree)
            items = record.items() if record else []
            lines = "\n".join(f"{item.sha256}  {item.path}" for item in items)
            place = f"{MAKING}trees/{quote(slug)}"
            self.run(
                f"(cd {place} && sha256sum --quiet -c) << 'portalgen-files'\n{lines}\n"
                "portalgen-files"
            )
            known = "\n".join([*(item.path for item in items), NAME, SIGNATURE])
            self.run(
                f"mkdir -p sites/{quote(slug)}\n"
                f"cat > sites/{quote(slug)}/{tree}.files << 'portalgen-files'\n{known}\n"
                "portalgen-files"
            )
            self.run(f"mv {place} sites/{quote(slug)}/{tree}")
        self.run(f"rmdir {MAKING}trees")

    def write_release(self, release: Release) -> None:
        """Make the folder of a release, whole or not at all."""
        making = f"releases/{MAKING}{release.id}"
        links = "".join(
            f"ln -s ../../sites/{quote(slug)}/{tree} {making}/{quote(slug)} &&\n"
            for slug, tree in release.trees.items()
        )
        self.run(
            f"mkdir {making} &&\n{links}cat > {making}/{RELEASE} << 'portalgen-release' && "
            f"mv {making} releases/{release.id}\n{release.to_bytes().decode()}portalgen-release"
        )

    def switch(self, name: str) -> None:
        """Show a release: from one moment to the next, and only after all of it is on the disk."""
        self.run(f"sync; ln -s releases/{name} .current-{name} && mv -T .current-{name} current")

    def prune(self, current: str) -> set[tuple[str, str]]:
        """Remove releases beyond those kept, and trees none of them names; the trees that stay."""
        names = self.releases()
        staying = kept(names, current)
        for name in names:
            if name not in staying:
                release = self.read_release(name)
                links = " ".join(quote(slug) for slug in (release.trees if release else ()))
                self.run(
                    f"(cd releases/{quote(name)} && rm -f {links} {RELEASE}); "
                    f"rmdir releases/{quote(name)} 2>/dev/null; true"
                )
        remaining = [one for name in staying if (one := self.read_release(name))]
        used = {(slug, tree) for release in remaining for slug, tree in release.trees.items()}
        there = self.run("ls -d sites/*/*.files 2>/dev/null", False).splitlines()
        for line in there:
            _, slug, file = line.split("/")
            tree = file.removesuffix(".files")
            if (slug, tree) not in used:
                place = f"sites/{quote(slug)}/{quote(tree)}"
                self.run(
                    f"(cd {place} && tr '\\n' '\\0' < ../{quote(file)} | xargs -0 rm -f --; "
                    "find . -depth -type d -empty -delete) 2>/dev/null; "
                    f"rm -f {place}.files; rmdir {place} sites/{quote(slug)} 2>/dev/null; true"
                )
        return used


def _failed(reason: str) -> PortalError:
    return PortalError([problem("target-failed", reason=reason)])
