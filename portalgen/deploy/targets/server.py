"""What is done on a server reached by ssh, by one shell there and rsync."""

import hashlib
import os
import subprocess
from collections.abc import Iterable, Mapping
from contextlib import ExitStack, suppress
from pathlib import Path
from shlex import quote
from tempfile import TemporaryDirectory
from types import TracebackType
from urllib.parse import urlsplit

from portalgen.deploy.inventory import NAME, SIGNATURE, Item, from_bytes
from portalgen.deploy.release import RELEASE, Release, is_id, kept
from portalgen.deploy.trees import MAKING, REMOVING, content_of, is_name, pick_name, read_record
from portalgen.problems import PortalError, problem
from portalgen.settings.site import Target

# Words that end a list of files and an answer: no file has such a name (`routes.is_portable`).
_END, _DONE = "portalgen:end", "portalgen:done"
# What is done with a tree, `sites/$1`, of whose files `$2` is a list beside it. Where the tree, or
# a folder that it has files in, is a link, it is somebody else's and nothing is done.
# `state` says what the tree is as `_state_here` says it of one here: size, time and mode of each
# file; nothing if a folder is closed to web servers.
_FUNCTIONS = r"""
each() { tr '\n' '\000' | xargs -0 "$@"; }
folders() {
    awk -F/ '{ path = "."; print path; for (n = 1; n < NF; n++) print path = path "/" $n }' "$1" |
        LC_ALL=C sort -u
}
enter() {
    [ ! -L "sites/$1" ] && cd "sites/$1" && [ -f "$2" ] &&
        [ -z "$(folders "$2" | each sh -c 'find "$@" -prune -type l' find)" ]
}
state() (
    enter "$@" && [ -z "$(folders "$2" | each sh -c 'find "$@" -prune ! -perm -755' find)" ] &&
        each stat -c '%s %Y %a %n' -- < "$2" | LC_ALL=C sort | sha256sum
) 2> /dev/null
open() (
    enter "$@" && { each chmod a+r -- < "$2"; folders "$2" | each chmod a+rx --; }
) 2> /dev/null
remove() (
    enter "$@" && each rm -f -- < "$2" && find . -depth -type d -empty -delete
) 2> /dev/null
"""


class Server:
    """One shell on the server, which holds the lock as long as the connection lasts."""

    def __init__(self, target: Target, look: bool = False):
        parts = urlsplit(target.url)
        self._host = f"{parts.username}@{parts.hostname}" if parts.username else parts.hostname
        self._ssh = ["ssh", "-o", "BatchMode=yes"]
        if parts.port:
            self._ssh += ["-p", str(parts.port)]
        self._folder = parts.path.rstrip("/")
        place = quote(self._folder)
        # One channel for both, or what is said of an error may come behind the end of the answer.
        inside = f"exec flock -n {place}/.lock sh 2>&1" if not look else "exec sh 2>&1"
        make = f"umask 022; mkdir -p {place} && cd {place}"  # what is made is for everyone to read
        begin = inside if look else f"{make} && {inside}"
        try:
            self._shell = subprocess.Popen(
                [*self._ssh, self._host or "", begin], stdin=subprocess.PIPE,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8",
                errors="surrogateescape",
            )  # fmt: skip
        except OSError as error:
            raise _failed("ssh: " + (error.strerror or str(error))) from error
        self._said: list[str] = []

    def __enter__(self) -> "Server":
        begin = f"{_FUNCTIONS}cd {quote(self._folder)} 2>/dev/null; echo here"
        if self.run(begin).strip() != "here":
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
            self._shell.stdin.write(f"{script}\nprintf '\\n%s %s\\n' {_DONE} $?\n")
            self._shell.stdin.flush()
            for line in self._shell.stdout:
                if line.startswith(_DONE):
                    break
                lines.append(line)
            else:
                line = f"{_DONE} 255"
        except OSError:
            line = f"{_DONE} 255"
        text = "".join(lines)[:-1]  # without the line end before the last line
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
        folder, _, name = link.rpartition("/")
        release = self.read_release(name) if folder == "releases" else None
        if release is None:
            raise PortalError([problem("target-foreign", name=self._folder)])
        return release

    def releases(self, record: str = RELEASE) -> list[str]:
        """The names of all releases, or of those with another record."""
        names = [release for release, name in self._below("releases") if name == record]
        return sorted(filter(is_id, names))

    def _trees(self, suffix: str = "") -> list[tuple[str, str]]:
        """All trees, or records of trees, by site and name."""
        found = [(slug, name.removesuffix(suffix)) for slug, name in self._below("sites")
                 if name.endswith(suffix)]  # fmt: skip
        return [(slug, name) for slug, name in found if is_name(name)]

    def _below(self, folder: str) -> list[tuple[str, str]]:
        """What is in the folders of a folder, but not behind links: folder and name."""
        told = self.run(f"find {folder} -mindepth 2 -maxdepth 2 2>/dev/null", False)
        paths = [line.split("/") for line in told.split("\n")]
        return [(path[1], path[2]) for path in paths if len(path) == 3 and path[0] == folder]

    def read_release(self, name: str) -> Release | None:
        """A release by its name; None if there is none that can be read."""
        try:
            return Release.from_bytes(
                self.run(f"cat releases/{quote(name)}/{RELEASE} 2>/dev/null", False).encode()
            )
        except ValueError:  # nor can be encoded again what was never text
            return None

    def clear(self) -> None:
        """Remove what a deployment that was interrupted left half made."""
        self.run(
            f"rm -rf {MAKING}* releases/{MAKING}* sites/*/{MAKING}*; rm -f .current-*; "
            "mkdir -p sites releases"
        )
        self._open_folders()

    def _open_folders(self) -> None:
        """Let web servers enter what a deployment under another umask has made."""
        made = " ".join(f"releases/{name}" for name in self.releases())
        self.run(
            f"(chmod a+rx . sites releases {made}; "
            "find sites -maxdepth 1 -type d ! -perm -555 -exec chmod a+rx {} +) 2>/dev/null; true"
        )

    def find(
        self, here: dict[str, Path], shown: dict[str, str]
    ) -> tuple[dict[str, str], dict[str, str]]:
        """The name on the server of each tree, and of these those that have yet to be sent.

        A tree that stands there is taken if it is as it was sent; of several, the one `shown`.
        """
        there: dict[str, set[str]] = {}
        for slug, name in [*self._trees(), *self._trees(REMOVING)]:
            there.setdefault(slug, set()).add(name)
        wanted = {slug: content_of(tree.name) for slug, tree in here.items()}
        candidates = [
            (slug, name)
            for slug, content in wanted.items()
            for name in sorted(
                there.get(slug, ()), key=lambda name: (name != shown.get(slug), name)
            )
            if content_of(name) == content
        ]
        script = "".join(
            f"echo {quote(slug)} {name} $(state {quote(slug)}/{name} ../{name}.files)\n"
            for slug, name in candidates
        )
        trees: dict[str, str] = {}
        states = {slug: _state_here(here[slug]) for slug, _ in candidates}
        for line in self.run(script + "true").splitlines():
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
            place, files = f"sites/{quote(slug)}/{tree}", f"../{tree}.files"
            try:
                self.run(f"(enter {quote(slug)}/{tree} {files})")
                listed = self.run(f"cat {place}.files").split("\n")
                items = from_bytes(self.run(f"cat {place}/{NAME}").encode()).files
                if {item.path for item in items} != {*listed} - {NAME, SIGNATURE, ""}:
                    return False
                self._compare(place, items)
            except (PortalError, ValueError):
                if self._shell.poll() is not None:
                    raise
                return False
        return True

    def open(self, release: Release) -> None:
        """Let web servers read all of a release, whatever umask it was made under."""
        self._open_folders()
        for slug, tree in release.trees.items():
            self.run(f"open {quote(slug)}/{tree} ../{tree}.files; true")

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
        self.run(f"(cd {place} && sha256sum --quiet -c) << '{_END}'\n{lines}\n{_END}")

    def send(self, here: dict[str, Path], trees: dict[str, str]) -> None:
        """Send trees, verify them, and put them in place; raises `PortalError`.

        What did not change is taken from the current release or, where that turns out to be
        damaged, sent whole.
        """
        making = f"{MAKING}trees"
        items = {slug: record.items() for slug in trees if (record := read_record(here[slug]))}
        try:
            self._copy(here, trees, f"--link-dest={self._folder}/current")
            self._compare(making, _below_sites(items))
        except PortalError:
            if self._shell.poll() is not None:
                raise
            self.run(f"rm -rf {making}")
            self._copy(here, trees)
            self._compare(making, _below_sites(items))
        for slug, tree in trees.items():
            place = f"sites/{quote(slug)}/{tree}"
            own = [name for name in (NAME, SIGNATURE) if (here[slug] / name).is_file()]
            known = "\n".join([*(item.path for item in items[slug]), *own])
            self.run(
                f"mkdir -p sites/{quote(slug)}\ncat > {place}.files << '{_END}'\n{known}\n{_END}"
            )
            self.run(f"mv {making}/{quote(slug)} {place}")
        self.run(f"rmdir {making}")

    def _copy(self, here: dict[str, Path], slugs: Iterable[str], *options: str) -> None:
        """Send the trees of some sites to a folder; raises `PortalError`."""
        with ExitStack() as stack:
            folder = Path(stack.enter_context(TemporaryDirectory()))
            for slug in slugs:
                (folder / slug).symlink_to(here[slug].resolve())
            command = [
                "rsync", "-rltp", "--copy-dirlinks", "--chmod=D755,F644", "--no-human-readable",
                "--modify-window=-1",  # two builds may come within one second
                *options, "-e", " ".join(map(quote, self._ssh)),
                f"{folder}/", f"{self._host}:{self._folder}/{MAKING}trees/",
            ]  # fmt: skip
            try:
                done = subprocess.run(command, capture_output=True, text=True, check=False)
            except OSError as error:
                raise _failed("rsync: " + (error.strerror or str(error))) from error
            if done.returncode:
                raise _failed(done.stderr.strip().rpartition("\n")[2] or "rsync")

    def write_release(self, release: Release) -> None:
        """Make the folder of a release, whole or not at all."""
        making = f"releases/{MAKING}{release.id}"
        links = "".join(
            f"ln -s ../../sites/{quote(slug)}/{tree} {making}/{quote(slug)} &&\n"
            for slug, tree in release.trees.items()
        )
        self.run(
            f"mkdir {making} &&\n{links}cat > {making}/{RELEASE} << '{_END}' && "
            f"mv {making} releases/{release.id}\n{release.to_bytes().decode()}{_END}"
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
                folder = f"releases/{name}"
                self.run(f"mv {folder}/{RELEASE} {folder}/{going}")  # before what it tells of
        for name in self.releases(going):
            self.run(
                f'(cd releases/{name} && for link in *; do case $(readlink "$link") in '
                f'../../sites/*) rm -f -- "$link";; esac; done; rm -f {going}); '
                f"rmdir releases/{name} 2>/dev/null; true"
            )
        remaining = [one for name in staying if (one := self.read_release(name))]
        used = {(slug, tree) for release in remaining for slug, tree in release.trees.items()}
        for slug, tree in self._trees(".files"):
            if (slug, tree) not in used:
                place = f"sites/{quote(slug)}/{tree}"
                self.run(f"mv {place}.files {place}{REMOVING}")
        for slug, tree in self._trees(REMOVING):
            place = f"sites/{quote(slug)}/{tree}"
            self.run(
                f"remove {quote(slug)}/{tree} ../{tree}{REMOVING}; rm -f {place}{REMOVING}; "
                f"rmdir {place} sites/{quote(slug)} 2>/dev/null; true"
            )
        return used


def _state_here(tree: Path) -> str:
    """What a tree that was sent whole is on the server: the digest that `state` gives."""
    record = read_record(tree)
    paths = [item.path for item in record.items()] if record else []
    lines = []
    for path in (*paths, NAME, SIGNATURE):
        with suppress(FileNotFoundError):
            stat = os.stat(tree / path)
            lines.append(f"{stat.st_size} {stat.st_mtime_ns // 10**9} 644 {path}\n".encode())
    return hashlib.sha256(b"".join(sorted(lines))).hexdigest()


def _below_sites(items: Mapping[str, Iterable[Item]]) -> list[Item]:
    """The files of several sites, each below its slug."""
    return [
        Item(f"{slug}/{item.path}", item.sha256, item.size)
        for slug, found in items.items()
        for item in found
    ]


def _failed(reason: str) -> PortalError:
    return PortalError([problem("target-failed", reason=reason)])
