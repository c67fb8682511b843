"""A server reached by ssh as storage: trees are made here, sent by rsync, and switched there.

What stands there is what `folder` makes, but the record of a tree is a plain list of its files. The
server needs a shell, rsync, flock, sha256sum and the usual small tools.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from shlex import quote

from msgspec.structs import replace

from portalgen.deploy.inventory import NAME, SIGNATURE, from_bytes
from portalgen.deploy.shipment import Shipment
from portalgen.deploy.storage import RECORD
from portalgen.deploy.targets.scripts import END, FUNCTIONS, LIST, compare, state_here
from portalgen.deploy.targets.shell import Shell
from portalgen.deploy.trees import (
    MAKING,
    REMOVING,
    MadeTrees,
    clear_trees,
    content_of,
    is_name,
    make_trees,
    pick_name,
    prune_trees,
    read_record,
    standing,
)
from portalgen.pool import Progress
from portalgen.problems import PortalError
from portalgen.settings.site import Target

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
        """A file; empty if it cannot be read."""
        text = self._shell.run(f"cat {quote(path)} 2>/dev/null; true")
        return text.encode("utf-8", "surrogateescape")  # not all of it may be text

    def clear(self) -> None:
        """Remove what a deployment that was interrupted left half made, here and there."""
        clear_trees(self._here)
        self._shell.run(
            f"rm -rf {MAKING}* releases/{MAKING}* sites/*/{MAKING}*; rm -f .current-*; "
            "mkdir -p sites releases"
        )

    def open_folders(self, releases: Iterable[str]) -> None:
        """Let web servers enter what a deployment under another umask has made."""
        folders = " ".join(f"releases/{name}" for name in releases)
        self._shell.run(
            f"(chmod a+rx . sites releases {folders}; "
            "find sites -maxdepth 1 -type d ! -perm -555 -exec chmod a+rx {} +) 2>/dev/null; true"
        )

    def send_trees(
        self, shipment: Shipment, current: Mapping[str, str], jobs: int, progress: Progress
    ) -> MadeTrees:
        """Make all trees here, and send those that do not stand there as they were sent."""
        before = {slug: path for slug, tree in current.items() if (path := self._tree(slug, tree))}
        local = make_trees(shipment, self._here, before, jobs, progress)
        here = {slug: self._here / slug / name for slug, name in local.trees.items()}
        script, states = FUNCTIONS, {slug: state_here(tree) for slug, tree in here.items()}
        for slug, tree in here.items():
            script += f"trees {quote(slug)} {content_of(tree.name)}\n"
        trees: dict[str, str] = {}
        taken: dict[str, set[str]] = {slug: set() for slug in here}
        for line in self._shell.run(f"{script}true").splitlines():
            slug, name, state = (*line.split(), "", "", "")[:3]
            if slug in here and is_name(name.removesuffix(REMOVING)):
                taken[slug].add(name.removesuffix(REMOVING))
                if state == states[slug] and (slug not in trees or name == current.get(slug)):
                    trees[slug] = name
        missing = {
            slug: pick_name(content_of(tree.name), taken[slug])
            for slug, tree in here.items()
            if slug not in trees
        }
        if missing:
            self._send(here, missing)
        return replace(local, trees=trees | missing, new=bool(missing))

    def _tree(self, slug: str, tree: str) -> Path | None:
        """The tree here that holds what one on the server does; its name may be another."""
        names = standing(self._here / slug, content_of(tree)) if tree else []
        return self._here / slug / names[0] if names else None

    def _send(self, here: Mapping[str, Path], trees: Mapping[str, str]) -> None:
        """Send trees, verify them, and put them in place; raises `PortalError`.

        What did not change is taken from the current release or, where that turns out to be
        damaged, sent whole.
        """
        sent = {slug: here[slug] for slug in trees}
        items = {slug: record.items() for slug in trees if (record := read_record(here[slug]))}
        compared = "".join(compare(f"{_ARRIVING}/{slug}", items[slug]) for slug in items)
        verify = f"(set -e\n{compared})"
        try:
            self._shell.copy(sent, _ARRIVING, f"--link-dest={self._shell.folder}/current")
            self._shell.run(verify)
        except PortalError:
            if self._shell.is_lost:
                raise
            self._shell.run(f"rm -rf {_ARRIVING}")
            self._shell.copy(sent, _ARRIVING)
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
        path = self._tree(slug, tree)
        record = read_record(path) if path else None
        return record.digests() if record else {}

    def is_whole(self, slug: str, tree: str) -> bool:
        """Whether a tree is as it was sent, to the bytes; then it is opened to web servers."""
        place = f"sites/{slug}/{tree}"
        listed = self.read(f"{place}{LIST}").decode("utf-8", "surrogateescape").split("\n")
        try:
            items = from_bytes(self.read(f"{place}/{NAME}")).files
        except ValueError:
            return False
        if {item.path for item in items} != {*listed} - {NAME, SIGNATURE, ""}:
            return False
        names = f"{quote(slug)} {quote(tree)}"
        whole = compare(place, items, f"&& {{ open {names}; echo whole; }}; true")
        script = f"{FUNCTIONS}(enter {names}) && {whole}"
        return self._shell.run(script).split()[-1:] == ["whole"]

    def has_links(self, release: str, trees: Mapping[str, str]) -> bool:
        """Whether a release leads to each of these trees."""
        folder = f"releases/{quote(release)}"
        script = "".join(f"readlink {folder}/{quote(slug)}; echo\n" for slug in trees)
        links = self._shell.run(script + "true").split()
        return links == [f"../../sites/{slug}/{tree}" for slug, tree in trees.items()]

    def link_release(self, release: str, trees: Mapping[str, str], record: bytes) -> None:
        """Make the folder of a release, whole or not at all."""
        making = f"releases/{MAKING}{release}"
        links = "".join(
            f"ln -s ../../sites/{quote(slug)}/{tree} {making}/{quote(slug)} &&\n"
            for slug, tree in trees.items()
        )
        self._shell.run(
            f"mkdir {making} &&\n{links}cat > {making}/{RECORD} << '{END}' && "
            f"mv {making} releases/{release}\n{record.decode()}{END}"
        )

    def switch(self, release: str) -> None:
        """Show a release: from one moment to the next, and only after all of it is on the disk."""
        link = f".current-{release}"
        self._shell.run(f"sync; ln -s releases/{release} {link} && mv -T {link} current")

    def remove(self, releases: Iterable[str], used: set[tuple[str, str]]) -> None:
        """Remove releases, then all trees but those `used`, and what those here hold as well."""
        script = FUNCTIONS + "".join(f"remove_release {name}\n" for name in releases)
        entries = self._entries("sites")
        unused = {*_recorded(entries, LIST), *_recorded(entries, REMOVING)} - used
        script += "".join(f"remove {quote(slug)} {tree}\n" for slug, tree in unused)
        self._shell.run(f"{script}true")
        contents = {(slug, content_of(tree)) for slug, tree in used}
        prune_trees(self._here, lambda slug, tree: (slug, content_of(tree)) in contents)


def _recorded(entries: Iterable[tuple[str, str]], suffix: str) -> list[tuple[str, str]]:
    """The trees that have a record, by site and name; other names are somebody else's."""
    names = [(slug, name.removesuffix(suffix)) for slug, name in entries if name.endswith(suffix)]
    return [(slug, name) for slug, name in names if is_name(name)]
