"""A server reached by ssh as target: trees are made here, sent by rsync, and switched there.

What stands there is what `folder` makes; the server needs a shell, rsync, flock and sha256sum.
"""

import hashlib
import os
import subprocess
from collections.abc import Iterable
from contextlib import ExitStack, suppress
from pathlib import Path
from shlex import quote
from tempfile import TemporaryDirectory
from types import TracebackType
from urllib.parse import urlsplit

from portalgen.output.inventory import NAME, SIGNATURE, Item, from_bytes
from portalgen.output.release import Deployed, Difference, Release, difference, kept, new_id
from portalgen.output.shipment import Shipment
from portalgen.output.trees import (
    MAKING,
    REMOVING,
    content_of,
    make_tree,
    pick_name,
    prune_trees,
    read_record,
    standing,
)
from portalgen.pool import Progress
from portalgen.problems import PortalError, problem
from portalgen.settings.network import Target

RELEASE = "release.json"
_DONE = "portalgen-done"
# What a tree on the server is, as `_state_here` says it of one here: size, time and mode of each
# file that it was sent with; nothing if it has no list of them, or a folder that others cannot
# enter.
_STATE_THERE = """
state() (
    cd "sites/$1" && [ -z "$(find . -type d ! -perm -755)" ] || exit
    tr '\\n' '\\0' < "../${1##*/}.files" | xargs -0 stat -c '%s %Y %a %n' -- | LC_ALL=C sort |
        sha256sum
) 2> /dev/null
"""


def deploy(
    shipment: Shipment, target: Target, trees_here: Path, jobs: int, progress: Progress
) -> Deployed:
    """Make a release of the shipment on the server and switch to it; raises `PortalError`."""
    with _Server(target) as server:
        current = server.current()
        shown = dict(current.trees) if current else {}
        here: dict[str, Path] = {}
        files, size = 0, 0
        for number, site in enumerate(shipment.sites, 1):
            before = _here(trees_here / site.slug, shown.get(site.slug, ""))
            made = make_tree(shipment, site, trees_here, before, jobs)
            here[site.slug] = trees_here / site.slug / made.name
            files, size = files + made.files, size + made.bytes
            progress(number, len(shipment.sites))
        server.clear()
        trees, missing = server.find(here, shown)
        if current and shown == trees and server.has_links(current):
            return Deployed(current.id, len(trees), 0, 0, same=True)
        if missing:
            server.send(here, missing)
        release = Release(
            new_id(max(server.releases(), default="")), shipment.version, shipment.commit, trees
        )
        server.write_release(release)
        server.switch(release.id)
        used = {(slug, content_of(tree)) for slug, tree in server.prune(release.id)}
    prune_trees(trees_here, lambda slug, tree: (slug, content_of(tree)) in used)
    return Deployed(release.id, len(trees), files, size)


def differences(shipment: Shipment, target: Target, trees_here: Path) -> list[Difference]:
    """What `deploy` would change; touches nothing."""
    with _Server(target, look=True) as server:
        current = server.current()
    found = []
    for site in shipment.sites:
        tree = current.trees.get(site.slug, "") if current else ""
        here = _here(trees_here / site.slug, tree)
        record = read_record(here) if here else None
        old = record.digests() if record else {}
        if content_of(tree) == site.tree(bool(shipment.signer.key)):
            old = dict(site.files)
        found.append(difference(site.slug, site.files, old))
    return found


def _here(folder: Path, tree: str) -> Path | None:
    """The tree here that holds what one on the server does; its name may be another."""
    names = standing(folder, content_of(tree)) if tree else []
    return folder / names[0] if names else None


def roll_back(target: Target) -> str:
    """Switch to the release before the current one; its name. Raises `PortalError`."""
    with _Server(target) as server:
        current = server.current()
        before = [name for name in server.releases() if current and name < current.id]
        for name in sorted(before, reverse=True):
            release = server.read_release(name)
            if release and server.is_whole(release):
                server.switch(name)
                return name
    raise PortalError([problem("no-release-before", name=target.name)])


def _state_here(tree: Path) -> str:
    """What a tree that was sent whole is on the server: the digest that `_STATE_THERE` gives."""
    record = read_record(tree)
    paths = [item.path for item in record.items()] if record else []
    lines = []
    for path in (*paths, NAME, SIGNATURE):
        with suppress(FileNotFoundError):
            stat = os.stat(tree / path)
            lines.append(f"{stat.st_size} {stat.st_mtime_ns // 10**9} 644 {path}\n".encode())
    return hashlib.sha256(b"".join(sorted(lines))).hexdigest()


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
        make = f"umask 022; mkdir -p {place} && cd {place}"  # what is made is for everyone to read
        begin = inside if look else f"{make} && {inside}"
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
        """Remove what an interrupted deployment left half made; open folders to web servers."""
        self.run(
            f"rm -rf {MAKING}* releases/{MAKING}* sites/*/{MAKING}*; rm -f .current-*; "
            "mkdir -p sites releases; ("
            "chmod a+rx . sites releases; for record in releases/*/release.json; do "
            'chmod a+rx "${record%/*}"; done; '
            "find sites -maxdepth 1 -type d ! -perm -555 -exec chmod a+rx {} +) 2>/dev/null; true"
        )

    def find(
        self, here: dict[str, Path], shown: dict[str, str]
    ) -> tuple[dict[str, str], dict[str, str]]:
        """The name on the server of each tree, and of these those that have yet to be sent.

        A tree that stands there is taken if it is as it was sent; of several, the one `shown`.
        """
        there: dict[str, set[str]] = {}
        for line in self.run("ls -d sites/*/* 2>/dev/null", False).splitlines():
            _, slug, name = line.split("/", 2)
            there.setdefault(slug, set()).add(name.removesuffix(REMOVING))
        wanted = {slug: content_of(tree.name) for slug, tree in here.items()}
        candidates = [
            (slug, name)
            for slug, content in wanted.items()
            for name in sorted(
                there.get(slug, ()), key=lambda name: (name != shown.get(slug), name)
            )
            if content_of(name) == content and "." not in name
        ]
        script = "".join(
            f"echo {quote(slug)} {quote(name)} $(state {quote(slug)}/{quote(name)})\n"
            for slug, name in candidates
        )
        trees: dict[str, str] = {}
        states = {slug: _state_here(here[slug]) for slug, _ in candidates}
        for line in self.run(_STATE_THERE + script + "true").splitlines():
            slug, name, state = (*line.split(), "", "", "")[:3]
            if states.get(slug) == state:
                trees.setdefault(slug, name)
        missing = {
            slug: pick_name(content, there.get(slug, set()))
            for slug, content in wanted.items()
            if slug not in trees
        }
        return trees | missing, missing

    def is_whole(self, release: Release) -> bool:
        """Whether a release leads to each of its trees, and all their bytes are as sent."""
        if not self.has_links(release):
            return False
        for slug, tree in release.trees.items():
            place = f"sites/{quote(slug)}/{quote(tree)}"
            try:
                inventory = from_bytes(self.run(f"cat {place}/{NAME}").encode())
                self._compare(place, inventory.files)
            except (PortalError, ValueError):
                if self._shell.poll() is not None:
                    raise
                return False
        return True

    def has_links(self, release: Release) -> bool:
        """Whether a release leads to each of its trees."""
        script = "".join(
            f"readlink releases/{quote(release.id)}/{quote(slug)}; echo\n" for slug in release.trees
        )
        told = self.run(script + "true", False).split()
        return told == [f"../../sites/{slug}/{tree}" for slug, tree in release.trees.items()]

    def _compare(self, place: str, items: Iterable[Item]) -> None:
        """Compare files with their digests; raises `PortalError`."""
        lines = "\n".join(f"{item.sha256}  {item.path}" for item in items)
        self.run(
            f"(cd {place} && sha256sum --quiet -c) << 'portalgen-files'\n{lines}\nportalgen-files"
        )

    def send(self, here: dict[str, Path], trees: dict[str, str]) -> None:
        """Send trees, taking what did not change from the current release; verify; put in place."""
        with ExitStack() as stack:
            folder = Path(stack.enter_context(TemporaryDirectory()))
            for slug in trees:
                (folder / slug).symlink_to(here[slug].resolve())
            making = f"{self._folder}/{MAKING}trees"
            command = [
                "rsync", "-rltp", "--copy-dirlinks", "--chmod=D755,F644", "--no-human-readable",
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
            record = read_record(here[slug])
            items = record.items() if record else []
            making, place = f"{MAKING}trees/{quote(slug)}", f"sites/{quote(slug)}/{tree}"
            self._compare(making, items)
            own = [name for name in (NAME, SIGNATURE) if (here[slug] / name).is_file()]
            known = "\n".join([*(item.path for item in items), *own])
            self.run(
                f"mkdir -p sites/{quote(slug)}\n"
                f"cat > {place}.files << 'portalgen-files'\n{known}\nportalgen-files"
            )
            self.run(f"mv {making} {place}")
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
        going = "release" + REMOVING
        for name in names:
            if name not in staying:
                folder = f"releases/{quote(name)}"
                self.run(f"mv {folder}/{RELEASE} {folder}/{going}")  # before what it tells of
        for line in self.run(f"ls -d releases/*/{going} 2>/dev/null", False).splitlines():
            folder = quote(line.rpartition("/")[0])
            self.run(
                f'(cd {folder} && for link in *; do case $(readlink "$link") in ../../sites/*) '
                f'rm -f -- "$link";; esac; done; rm -f {going}); rmdir {folder} 2>/dev/null; true'
            )
        remaining = [one for name in staying if (one := self.read_release(name))]
        used = {(slug, tree) for release in remaining for slug, tree in release.trees.items()}
        for line in self.run("ls -d sites/*/*.files 2>/dev/null", False).splitlines():
            _, slug, file = line.split("/", 2)
            if (slug, file.removesuffix(".files")) not in used:
                tree = quote(line.removesuffix(".files"))
                self.run(f"mv {tree}.files {tree}{REMOVING}")
        for line in self.run(f"ls -d sites/*/*{REMOVING} 2>/dev/null", False).splitlines():
            tree, slug = line.removesuffix(REMOVING), line.split("/")[1]
            place, listed = quote(tree), quote(f"../{line.rpartition('/')[2]}")
            self.run(
                f"(cd {place} && tr '\\n' '\\0' < {listed} | xargs -0 rm -f --; "
                "find . -depth -type d -empty -delete) 2>/dev/null; "
                f"rm -f {place}{REMOVING}; rmdir {place} sites/{quote(slug)} 2>/dev/null; true"
            )
        return used


def _failed(reason: str) -> PortalError:
    return PortalError([problem("target-failed", reason=reason)])
