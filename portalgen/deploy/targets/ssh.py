"""A server reached by ssh as storage: trees are made here, sent by rsync, and switched there.

What stands there is what `folder` makes, but the record of a tree is a plain list of its files. The
server needs a shell, rsync, flock, sha256sum and the usual small tools.
"""

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from shlex import quote

from msgspec.structs import replace

from portalgen.deploy.compare import ACME, Finding, find_differences
from portalgen.deploy.inventory import NAME, SIGNATURE, Item, from_bytes
from portalgen.deploy.records import Record, content_of, is_name, read_record, standing
from portalgen.deploy.release import is_id
from portalgen.deploy.shipment import Shipment
from portalgen.deploy.space import refuse_full
from portalgen.deploy.storage import RECORD, RECORD_REMOVING, RegisterStorage
from portalgen.deploy.targets.registers import ServerRegister
from portalgen.deploy.targets.scripts import (
    END,
    FUNCTIONS,
    LIST,
    compare,
    entries_of,
    state_of,
    wrong_digests,
)
from portalgen.deploy.targets.shell import Shell
from portalgen.deploy.trees import (
    MAKING,
    REMOVING,
    MadeTrees,
    clear_trees,
    make_trees,
    pick_name,
    prune_trees,
)
from portalgen.pool import Progress
from portalgen.problems import PortalError
from portalgen.settings.root import Target

_ARRIVING = f"{MAKING}trees"


@contextmanager
def opened(target: Target, trees_here: Path, look: bool) -> Iterator["Server"]:
    """The storage on a server; nobody else changes it meanwhile, unless it is only looked at."""
    with closing(Shell(target.url, look)) as shell:
        yield Server(shell, target.name, trees_here)


class Server:
    """A `Storage` whose trees are made in a folder here, which is kept for the next time."""

    def __init__(self, shell: Shell, name: str, trees_here: Path):
        self.name, self._shell, self._here = name, shell, trees_here
        self.register: RegisterStorage = ServerRegister(shell)

    def current(self) -> str:
        """Where the link `current` leads; empty if there is none, `.` if it is no link."""
        script = "if [ -L current ]; then readlink current; elif [ -e current ]; then echo .; fi"
        return self._shell.run(script).strip()

    def releases(self, record: str = RECORD) -> list[str]:
        """The names of all folders in `releases` that hold this file, and are no links."""
        return [folder for folder, name in self._entries("releases") if name == record]

    def _entries(self, folder: str) -> list[tuple[str, str]]:
        """What is in the folders of a folder, but not behind links: folder and name."""
        lines = self._shell.run(f"find {folder} -mindepth 2 -maxdepth 2 2>/dev/null; true")
        paths = [line.split("/") for line in lines.split("\n")]
        return [(path[1], path[2]) for path in paths if len(path) == 3 and path[0] == folder]

    def read(self, path: str) -> bytes:
        """A file; empty if there is none."""
        text = self._shell.run(f"[ ! -f {quote(path)} ] || cat {quote(path)}")
        return text.encode("utf-8", "surrogateescape")  # not all of it may be text

    def clear(self) -> None:
        """Remove what an interrupted deployment left half made or half removed, here and there."""
        clear_trees(self._here)
        begun = self._shell.run(
            f"rm -rf {MAKING}* releases/{MAKING}* sites/*/{MAKING}*; rm -f .current-*; "
            "mkdir -p sites releases && find sites releases -mindepth 2 -maxdepth 2 "
            f"-name '*{REMOVING}' 2>/dev/null; true"
        )
        paths = [line.split("/") for line in begun.split("\n") if line.count("/") == 2]
        trees = _recorded([(p[1], p[2]) for p in paths if p[0] == "sites"], REMOVING)
        script = "".join(
            f"remove_release {name}\n"
            for place, name, record in paths
            if place == "releases" and record == RECORD_REMOVING and is_id(name)
        )
        script += "".join(f"remove {quote(slug)} {tree}\n" for slug, tree in trees)
        if script:
            self._shell.run(f"{FUNCTIONS}{script}true")

    def open_folders(self, releases: Iterable[str]) -> None:
        """Let web servers enter what a deployment under another umask has made."""
        folders = " ".join(f"releases/{name}" for name in releases)
        self._shell.run(
            f"(chmod a+rx . sites releases {folders}; "
            "find sites -maxdepth 1 -type d ! -perm -555 -exec chmod a+rx {} +) 2>/dev/null; true"
        )

    def send_trees(
        self, shipment: Shipment, current: Mapping[str, str], whole: Collection[str], jobs: int,
        progress: Progress, by_digest: bool = False,
    ) -> MadeTrees:  # fmt: skip
        """Make the trees here that differ, and send those that do not stand there as sent."""
        trees = {
            site.slug: current[site.slug]
            for site in shipment.sites
            if site.slug in whole and content_of(current[site.slug]) == shipment.tree(site)
        }
        rest = replace(shipment, sites=tuple(s for s in shipment.sites if s.slug not in trees))
        before = {slug: path for slug, tree in current.items() if (path := self._tree(slug, tree))}
        local = make_trees(rest, self._here, before, (), jobs, progress, by_digest)
        here = {slug: self._here / slug / name for slug, name in local.trees.items()}
        records = {slug: record for slug, tree in here.items() if (record := read_record(tree))}
        script = FUNCTIONS
        for slug, tree in here.items():
            script += f"trees {quote(slug)} {content_of(tree.name)}\n"
        taken: dict[str, set[str]] = {slug: set() for slug in here}
        standing_there = []
        for line in self._shell.run(f"{script}true").splitlines():
            slug, name, state = (*line.split(), "", "", "")[:3]
            if slug in here and is_name(name.removesuffix(REMOVING)):
                taken[slug].add(name.removesuffix(REMOVING))
                if state == state_of(records[slug]):
                    standing_there.append((slug, name))
        for slug, name in standing_there:
            if slug not in trees and not (by_digest and self._look_closely(slug, name)):
                trees[slug] = name
        missing = {
            slug: pick_name(content_of(tree.name), taken[slug])
            for slug, tree in here.items()
            if slug not in trees
        }
        files = size = 0
        if missing:
            files, size = self._new_forms({slug: records[slug] for slug in missing}, current)
            self._check_space(size, files)
            self._send({slug: here[slug] for slug in missing}, missing, current.keys())
        return MadeTrees(trees | missing, files, size)

    def _tree(self, slug: str, tree: str) -> Path | None:
        """The tree here that holds what one on the server does; its name may be another."""
        names = standing(self._here / slug, content_of(tree)) if tree else []
        return self._here / slug / names[0] if names else None

    def _record(self, slug: str, tree: str) -> Record | None:
        """The record here of a tree on the server."""
        path = self._tree(slug, tree)
        return read_record(path) if path else None

    def _new_forms(
        self, records: Mapping[str, Record], current: Mapping[str, str]
    ) -> tuple[int, int]:
        """How many files of these trees are not in the current ones, and their bytes."""
        sizes = []
        for slug, record in records.items():
            old = self._record(slug, current.get(slug, ""))
            there = {(item.path, item.sha256) for item in old.items()} if old else set()
            sizes += [i.size for i in record.items() if (i.path, i.sha256) not in there]
        return len(sizes), sum(sizes)

    def _check_space(self, size: int, files: int) -> None:
        """Raise `PortalError` if the server has no space for so many bytes and files."""
        script = "df -Pk . | tail -n 1; df -Pi . 2>/dev/null | tail -n 1; true"
        rows = [line.split() for line in self._shell.run(script).splitlines()]
        free = [int(row[-3]) if len(row) > 3 and row[-3].isdigit() else 0 for row in rows]
        kilobytes, inodes = (*free, 0, 0)[:2]
        if kilobytes:
            refuse_full(self.name, size, kilobytes * 1024, files if inodes else 0, inodes)

    def _send(
        self, here: Mapping[str, Path], trees: Mapping[str, str], trusted: Collection[str]
    ) -> None:
        """Send trees, verify them, and put them in place; raises `PortalError`.

        What did not change is taken from the current release of `trusted` sites or, where that
        turns out to be damaged, sent whole.
        """
        items = {slug: record.items() for slug in trees if (record := read_record(here[slug]))}
        compared = "".join(compare(f"{_ARRIVING}/{slug}", items[slug]) for slug in items)
        verify = f"(set -e\n{compared})"
        linked = {slug: tree for slug, tree in here.items() if slug in trusted}
        whole = {slug: tree for slug, tree in here.items() if slug not in trusted}
        try:
            if linked:
                self._shell.copy(linked, _ARRIVING, f"--link-dest={self._shell.folder}/current")
            if whole:
                self._shell.copy(whole, _ARRIVING)
            self._shell.run(verify)
        except PortalError:
            if self._shell.is_lost:
                raise
            self._shell.run(f"rm -rf {_ARRIVING}")
            self._shell.copy(here, _ARRIVING)
            self._shell.run(verify)
        script = "set -e\n"
        for slug, tree in trees.items():
            place = f"sites/{quote(slug)}/{tree}"
            own = [name for name in (NAME, SIGNATURE) if (here[slug] / name).is_file()]
            listed = "\n".join([*(item.path for item in items[slug]), *own])
            script += f"mkdir -p sites/{quote(slug)}\n"
            script += f"cat > {place}{LIST} << '{END}'\n{listed}\n{END}\n"
            script += f"mv {_ARRIVING}/{quote(slug)} {place}\n"
        self._shell.run(f"({script}rmdir {_ARRIVING})")

    def digests(self, slug: str, tree: str) -> Mapping[str, str]:
        """The digest of each route of a tree as it was built; empty if that is not known here."""
        record = self._record(slug, tree)
        return record.digests() if record else {}

    def inventories(self, trees: Mapping[str, str]) -> Mapping[str, str]:
        """The SHA-256 of the inventory of each tree, by site, as it stands."""
        files = [quote(f"sites/{slug}/{tree}/{NAME}") for slug, tree in trees.items()]
        lines = self._shell.run(f"sha256sum {' '.join(files)}").splitlines() if files else []
        return {slug: line[:64] for slug, line in zip(trees, lines, strict=True)}

    def differences(
        self, release: str, trees: Mapping[str, str], by_digest: bool = False
    ) -> list[Finding]:
        """How trees differ from their records, and links of a release from what they should be.

        What differs in time only is compared by digest: it may have been sent from elsewhere.
        """
        script = FUNCTIONS
        for slug, tree in trees.items():
            link = quote(f"releases/{release}/{slug}")
            names = f"{quote(slug)} {quote(tree)}"
            script += f'echo "$(readlink {link})|$(acme {names})|$(state {names})"\n'
        findings: list[Finding] = []
        lines = self._shell.run(f"{script}true").split("\n")
        for (slug, tree), line in zip(trees.items(), lines, strict=False):
            link, acme, state = (*line.rsplit("|", 2), "", "")[:3]
            if link != f"../../sites/{slug}/{tree}":
                findings.append(Finding(slug, "", "unlinked"))
            record = self._record(slug, tree)
            if by_digest or not record or state[:64] != state_of(record):
                findings += self._look_closely(slug, tree)
            elif acme:
                findings.append(Finding(slug, f"{ACME}/", "tolerated"))
        return findings

    def _look_closely(self, slug: str, tree: str) -> list[Finding]:
        """How a tree differs from its inventory, by digest; a whole one is opened."""
        place, names = f"sites/{slug}/{tree}", f"{quote(slug)} {quote(tree)}"
        listed = self.read(f"{place}{LIST}").decode("utf-8", "surrogateescape").split("\n")
        data = self.read(f"{place}/{NAME}")
        try:
            inventory = from_bytes(data)
        except ValueError:
            return [Finding(slug, NAME, "changed" if data else "missing")]
        items = {item.path: item for item in inventory.files}
        record = self._record(slug, tree)
        if items.keys() != {*listed} - {NAME, SIGNATURE, ""} or (
            record and set(items.values()) != set(record.items())
        ):
            return [Finding(slug, NAME, "changed")]
        own = record.own() if record else []
        if not own:  # made elsewhere, or by version 0.2
            own = [_item(NAME, data)]
        if SIGNATURE in listed and len(own) == 1:
            own.append(_item(SIGNATURE, self.read(f"{place}/{SIGNATURE}")))
        wanted = [*items.values(), *own]
        expected = {item.path: (item.size, 0) for item in wanted}
        listing = self._shell.run(f"{FUNCTIONS}all {names}; true")
        wrong = set(self._shell.run(wrong_digests(place, wanted)).split("\n"))
        findings = find_differences(slug, expected, entries_of(listing), wrong)
        if not findings:
            self._shell.run(f"{FUNCTIONS}open {names}; true")
        return findings

    def link_release(
        self, release: str, trees: Mapping[str, str], files: Mapping[str, bytes]
    ) -> None:
        """Make the folder of a release with links and files, whole or not at all."""
        making = f"releases/{MAKING}{release}"
        script = f"set -e\nmkdir {making}\n"
        for slug, tree in trees.items():
            script += f"ln -s ../../sites/{quote(slug)}/{tree} {making}/{quote(slug)}\n"
        for name, data in files.items():
            script += f"cat > {making}/{name} << '{END}'\n{data.decode()}{END}\n"
        self._shell.run(f"({script}mv {making} releases/{release})")

    def switch(self, release: str) -> None:
        """Show a release: from one moment to the next, and only after all of it is on the disk."""
        link = f".current-{release}"
        self._shell.run(f"sync; ln -s releases/{release} {link} && mv -T {link} current")

    def remove(self, releases: Iterable[str], used: set[tuple[str, str]]) -> list[str]:
        """Remove releases, then all trees but those `used`, and what those here hold as well.

        Returns the paths of what is foreign in the trees on the server, and stays.
        """
        script = FUNCTIONS + "".join(f"remove_release {name}\n" for name in releases)
        entries = self._entries("sites")
        unused = {*_recorded(entries, LIST), *_recorded(entries, REMOVING)} - used
        script += "".join(f"remove {quote(slug)} {tree}\n" for slug, tree in unused)
        left = self._shell.run(f"{script}true").splitlines()
        contents = {(slug, content_of(tree)) for slug, tree in used}
        prune_trees(self._here, lambda slug, tree: (slug, content_of(tree)) in contents)
        return [path for path in left if path.startswith("sites/")]


def _item(path: str, data: bytes) -> Item:
    return Item(path, hashlib.sha256(data).hexdigest(), len(data))


def _recorded(entries: Iterable[tuple[str, str]], suffix: str) -> list[tuple[str, str]]:
    """The trees that have a record, by site and name; other names are somebody else's."""
    names = [(slug, name.removesuffix(suffix)) for slug, name in entries if name.endswith(suffix)]
    return [(slug, name) for slug, name in names if is_name(name)]
