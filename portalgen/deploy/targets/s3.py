"""An S3-compatible bucket as storage: each content is uploaded once, then copied to where it shows.

    <prefix>/<slug>/…                               what a web server or the service itself shows
    <prefix>/.portalgen/objects/<name>              contents, under names made of them
    <prefix>/.portalgen/trees/<slug>/<tree>.json    which content each file of a site has
    <prefix>/.portalgen/releases/<id>/release.json  which trees are shown together
    <prefix>/.portalgen/current.json                the release that is shown
    <prefix>/.portalgen/pending.json                trees that a switch began to show
    <prefix>/.portalgen/lock.json                   who is deploying
    <prefix>/.portalgen/register/                   what has been published, whatever is shown

A bucket knows no links, so files are switched one by one: each is whole at any moment, and what
pages need is there before them. What stands is never believed but listed, with size and digest, so
that whatever was interrupted, changed or deleted is seen and mended by the next deployment.
"""

import hashlib
import json
import time
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager

from portalgen.deploy.compare import ACME, Finding, damaged_sites
from portalgen.deploy.inventory import NAME, SIGNATURE, Inventory, Item, to_bytes
from portalgen.deploy.records import content_of
from portalgen.deploy.release import is_id, release_from
from portalgen.deploy.shipment import Shipment, ShippedSite
from portalgen.deploy.storage import RECORD, RECORD_SIGNATURE, RegisterStorage
from portalgen.deploy.targets.bucket import OWN, Bucket, Stored
from portalgen.deploy.targets.bucket_trees import BucketTrees, Tree
from portalgen.deploy.targets.contents import (
    Row,
    Rows,
    built,
    is_listed,
    is_object,
    release_of,
    row_of,
    trees_from,
    turns,
)
from portalgen.deploy.targets.lease import Lease
from portalgen.deploy.targets.registers import BucketRegister
from portalgen.deploy.trees import MadeTrees, pick_name
from portalgen.pool import Progress
from portalgen.problems import PortalError, problem
from portalgen.settings.root import Target

_OBJECTS, _RELEASES = f"{OWN}objects/", f"{OWN}releases/"
_CURRENT, _PENDING = f"{OWN}current.json", f"{OWN}pending.json"
ORPHAN_AGE = 3600  # seconds; an object that is younger may belong to a deployment that goes on


@contextmanager
def opened(target: Target, look: bool) -> Iterator["BucketStorage"]:
    """The storage in a bucket; nobody else changes it meanwhile, unless it is only looked at."""
    bucket = Bucket(target)
    storage = BucketStorage(bucket)  # tells at once of a bucket that is not there
    if look:
        yield storage
        return
    with Lease(bucket):
        yield BucketStorage(bucket)


class BucketStorage:
    """A `Storage` of which trees are records, and that shows copies of what they name."""

    def __init__(self, bucket: Bucket):
        self.name, self._bucket = bucket.name, bucket
        self.register: RegisterStorage = BucketRegister(bucket)
        self._releases = bucket.listed(_RELEASES)
        self._pointer, self._tag = bucket.get(_CURRENT)
        self._trees = BucketTrees(bucket)
        self._objects: dict[str, Stored] | None = None

    def current(self) -> str:
        """Where the pointer leads; empty if there is none, or it names no release that stands."""
        release = release_of(self._pointer)
        record = release_from(self.read(f"releases/{release}/{RECORD}")) if is_id(release) else None
        return f"releases/{release}" if record and record.id == release else ""

    def releases(self, record: str = RECORD) -> list[str]:
        """The names of all releases that have this file."""
        paths = [path.split("/") for path in self._releases]
        return [path[0] for path in paths if len(path) == 2 and path[1] == record]

    def read(self, path: str) -> bytes:
        """A file of a release; empty if there is none."""
        return self._bucket.get(OWN + path)[0]

    def clear(self) -> None:
        """Remove signatures of releases that were interrupted before they had a record."""
        whole = set(self.releases())
        for name in self.releases(RECORD_SIGNATURE):
            if is_id(name) and name not in whole:
                self._bucket.remove(f"{_RELEASES}{name}/{RECORD_SIGNATURE}")

    def open_folders(self, releases: Iterable[str]) -> None:
        """Nothing: a bucket has no folders."""

    def send_trees(
        self, shipment: Shipment, current: Mapping[str, str], whole: Collection[str], jobs: int,
        progress: Progress, by_digest: bool = False,
    ) -> MadeTrees:  # fmt: skip
        """Upload contents that do not stand, and record each tree that has no true record."""
        recorded: dict[str, list[str]] = {}
        for slug, tree in self._trees.recorded():
            recorded.setdefault(slug, []).append(tree)
        trees: dict[str, str] = {}
        sizes: list[int] = []
        for number, site in enumerate(shipment.sites, 1):
            present = current.get(site.slug, "")
            names = recorded.get(site.slug, [])
            content = shipment.tree(site)
            same = [name for name in names if content_of(name) == content]
            for name in sorted(same, key=lambda name: (name != present, len(name), name)):
                if self._is_whole(shipment, site, name, by_digest):
                    trees[site.slug] = name
                    break
            else:
                before = {} if by_digest else self._trees.get(site.slug, present) or {}
                rows = self._upload_site(shipment, site, before, by_digest, sizes)
                trees[site.slug] = name = pick_name(content, set(names))
                self._trees.put(site.slug, name, rows)
            progress(number, len(shipment.sites))
        return MadeTrees(trees, len(sizes), sum(sizes))

    def _is_whole(self, shipment: Shipment, site: ShippedSite, tree: str, by_digest: bool) -> bool:
        """Whether a tree is recorded as it was built, and all its contents stand."""
        rows = self._trees.get(site.slug, tree)
        if rows is None or {route: row.digest for route, row in built(rows)} != site.files:
            return False
        if self._wrong_objects(rows, by_digest) or (by_digest and not self._is_listed(rows)):
            return False

        def is_true(pair: tuple[str, Row]) -> bool:
            route, row = pair
            data = shipment.read(site, route)
            return row == row_of(route, row.digest, data)

        return not by_digest or all(self._bucket.each(is_true, built(rows)))

    def _upload_site(
        self, shipment: Shipment, site: ShippedSite, before: Rows, by_digest: bool,
        sizes: list[int],
    ) -> Rows:  # fmt: skip
        """Upload what does not stand, with a new inventory; what was uploaded joins `sizes`."""
        bad = self._wrong_objects(before, by_digest)

        def upload(route: str) -> Row:
            digest, old = site.files[route], before.get(route)
            if old and old.digest == digest and route not in bad:
                return old
            data = shipment.read(site, route)
            row = row_of(route, digest, data)
            self._upload(route, row, data, by_digest, sizes)
            return row

        routes = [*site.files]
        rows: Rows = dict(zip(routes, self._bucket.each(upload, routes), strict=True))
        items = tuple(Item(route, row.sha256, row.size) for route, row in rows.items())
        inventory = to_bytes(
            Inventory(site.slug, shipment.version, shipment.commit, site.inputs, items, site.url)
        )
        own = {NAME: inventory}
        if shipment.signer.number:
            comment = f"site:{site.slug} files:{len(items)}"
            own[SIGNATURE] = shipment.signer.sign(inventory, comment)
        for route, data in own.items():
            rows[route] = row_of(route, "", data)
            self._upload(route, rows[route], data, by_digest, sizes)
        return rows

    def _upload(self, route: str, row: Row, data: bytes, by_digest: bool, sizes: list[int]) -> None:
        stored = self._stored().get(row.object)
        if stored and self._bucket.is_same(stored, row.size, row.md5):
            if self._bucket.has_digests or not by_digest:
                return
            if self._bucket.get(_OBJECTS + row.object)[0] == data:
                return
        self._stored()[row.object] = self._bucket.upload(_OBJECTS + row.object, data, route)
        sizes.append(len(data))

    def digests(self, slug: str, tree: str) -> Mapping[str, str]:
        """The digest of each route of a tree as it was built; empty if that is not known."""
        return {route: row.digest for route, row in built(self._trees.get(slug, tree) or {})}

    def inventories(self, trees: Mapping[str, str]) -> Mapping[str, str]:
        """The SHA-256 of the inventory of each tree, by site."""
        rows = {slug: (self._trees.get(slug, tree) or {}).get(NAME) for slug, tree in trees.items()}
        return {slug: row.sha256 if row else "" for slug, row in rows.items()}

    def differences(
        self, release: str, trees: Mapping[str, str], by_digest: bool = False
    ) -> list[Finding]:
        """How the contents of trees and, of the release that is shown, all keys differ.

        They are listed; bytes are read only `by_digest`, if the service tells no digests.
        """
        self._objects = None
        self._trees.read(trees.items())
        findings: list[Finding] = []
        for slug, tree in trees.items():
            rows = self._trees.get(slug, tree)
            if rows is None:
                findings.append(Finding(slug, "", "unrecorded"))
                continue
            bad = self._wrong_objects(rows, by_digest)
            findings += [Finding(slug, route, "stored") for route in bad]
            if by_digest and not self._is_listed(rows):
                findings.append(Finding(slug, NAME, "stored"))
        if self.current() == f"releases/{release}":
            findings += self._compare_shown(trees, by_digest)
            if not damaged_sites(findings):
                self._forget()  # a switch that was interrupted has left nothing
        return sorted(set(findings))

    def _compare_shown(self, trees: Mapping[str, str], by_digest: bool) -> list[Finding]:
        """How all keys differ from the release that is shown."""
        findings: list[Finding] = []
        recorded = {slug for slug, _ in self._trees.recorded()}
        for slug, keys in self._list_sites(trees.keys() | recorded).items():
            rows = self._trees.get(slug, trees[slug]) if slug in trees else {}
            if rows is not None and (rows or keys):
                findings += self._compare_keys(slug, rows, keys, by_digest)
        if not self._bucket.is_conditional:
            findings.append(Finding("", "", "unlocked"))
        return findings

    def _compare_keys(
        self, slug: str, rows: Rows, keys: Mapping[str, Stored], by_digest: bool
    ) -> list[Finding]:
        """How what a site shows differs from its tree; what is not ours is told from what is."""
        findings = [Finding(slug, route, "missing") for route in rows.keys() - keys.keys()]
        wrong = self._wrong(f"{slug}/", rows, keys, by_digest)
        findings += [Finding(slug, route, "changed") for route in wrong if route in keys]
        others = keys.keys() - rows.keys()
        ours = self._trees.ours(slug) if others else set()
        for route in others:
            kind = "tolerated" if route.startswith(f"{ACME}/") else "foreign"
            findings.append(Finding(slug, route, "added" if route in ours else kind))
        return findings

    def link_release(
        self, release: str, trees: Mapping[str, str], files: Mapping[str, bytes]
    ) -> None:
        """Write the files of a release; its record comes last."""
        for name in sorted(files, key=lambda name: name == RECORD):
            self._bucket.put(f"{_RELEASES}{release}/{name}", files[name])
        self._releases = self._bucket.listed(_RELEASES)

    def switch(self, release: str) -> None:
        """Show a release: what pages need, then pages, then inventories, and compare it all.

        Keys that no site has any more are removed if a record names them.
        """
        record = release_from(self.read(f"releases/{release}/{RECORD}"))
        if not record:
            raise self._differs(f"{release}/{RECORD}")
        trees = record.trees
        slugs = {*trees, *(slug for slug, _ in self._trees.recorded())}
        self._trees.read(trees.items())
        for slug, tree in trees.items():
            if self._trees.get(slug, tree) is None:
                raise self._differs(slug)
        rows = {
            slug: self._trees.get(slug, trees[slug]) or {} if slug in trees else {}
            for slug in slugs
        }
        keys = self._list_sites(slugs)
        know = self._bucket.has_digests  # else a list does not tell what a key holds
        copied = {
            (slug, route)
            for slug in slugs
            for route in (self._wrong("", rows[slug], keys[slug]) if know else rows[slug])
        }
        gone = [
            (slug, route)
            for slug in slugs
            if keys[slug].keys() - rows[slug].keys()
            for route in (keys[slug].keys() - rows[slug].keys()) & self._trees.ours(slug)
        ]

        def show(pair: Tree) -> None:
            self._bucket.copy(_OBJECTS + rows[pair[0]][pair[1]].object, "/".join(pair))

        if copied or gone:  # until all is shown, it is known from this which keys are ours
            begun = json.dumps({"trees": sorted({*trees.items(), *self._pending()})})
            self._bucket.put(_PENDING, begun.encode())
        try:
            for turn in turns(copied):
                self._bucket.each(show, turn)
            self._bucket.each(lambda pair: self._bucket.remove("/".join(pair)), gone)
            changed = {slug for slug, _ in (*copied, *gone)}
            for slug, listed in self._list_sites(changed).items():
                left = {route for site, route in gone if site == slug} & listed.keys()
                for route in sorted({*self._wrong(f"{slug}/", rows[slug], listed), *left})[:1]:
                    raise self._differs(f"{slug}/{route}")
            self._point(release)
        except PortalError as error:
            if not (copied or gone):
                raise
            half = problem("target-half-switched", name=self.name)
            raise PortalError([*error.problems, half]) from error
        self._forget()

    def _differs(self, path: str) -> PortalError:
        return PortalError([problem("release-differs", path, name=self.name)])

    def _pending(self) -> set[Tree]:
        """The trees that switches began to show, none of which ended."""
        return trees_from(self._bucket.get(_PENDING)[0])

    def _forget(self) -> None:
        if self._bucket.get(_PENDING)[0]:  # deleting what is not there leaves marks in some buckets
            self._bucket.remove(_PENDING)

    def _point(self, release: str) -> None:
        """Write the pointer, unless somebody else did since it was read."""
        data = json.dumps({"release": release}).encode()
        tag = self._bucket.put_if(_CURRENT, data, self._tag)
        if not tag:
            raise PortalError([problem("target-moved", name=self.name)])
        self._pointer, self._tag = data, tag

    def remove(self, releases: Iterable[str], used: set[tuple[str, str]]) -> list[str]:
        """Remove releases, then the contents of all trees but those `used`, then their records.

        So whoever comes after a removal that stopped still knows what goes. Objects that nothing
        names go as well, once they are old enough. Nothing foreign is in a tree: it returns none.
        """
        for name in releases:
            for file in (RECORD, RECORD_SIGNATURE):
                if f"{name}/{file}" in self._releases:
                    self._bucket.remove(f"{_RELEASES}{name}/{file}")
        recorded = self._trees.recorded()
        kept = (used | self._pending()) & recorded
        self._trees.read(recorded)
        named = {tree: {row.object for row in (self._trees.get(*tree) or {}).values()}
                 for tree in recorded}  # fmt: skip
        still = {name for tree in kept for name in named[tree]}
        going = {name for tree in recorded - kept for name in named[tree]}
        self._objects, old = None, time.time() - ORPHAN_AGE
        unused = [
            _OBJECTS + name
            for name, stored in self._stored().items()
            if is_object(name) and name not in still and (name in going or stored.time < old)
        ]
        self._bucket.each(self._bucket.remove, unused)
        self._trees.remove(recorded - kept)
        self._objects = None
        self._releases = self._bucket.listed(_RELEASES)
        return []

    def _stored(self) -> dict[str, Stored]:
        """All objects, as they were listed in this run."""
        if self._objects is None:
            self._objects = self._bucket.listed(_OBJECTS)
        return self._objects

    def _list_sites(self, slugs: Iterable[str]) -> dict[str, dict[str, Stored]]:
        slugs = list(slugs)
        listed = self._bucket.each(lambda slug: self._bucket.listed(f"{slug}/"), slugs)
        return dict(zip(slugs, listed, strict=True))

    def _wrong_objects(self, rows: Rows, by_digest: bool) -> set[str]:
        """The routes whose content does not stand."""
        routes = {row.object: route for route, row in rows.items()}
        objects = {row.object: row for row in rows.values()}
        wrong = self._wrong(_OBJECTS, objects, self._stored(), by_digest)
        return {routes[name] for name in wrong}

    def _wrong(
        self, begin: str, rows: Rows, keys: Mapping[str, Stored], by_digest: bool = False
    ) -> list[str]:
        """Which of these keys do not hold what they should, as a list shows or by digest."""
        wrong: list[str] = []
        same: list[str] = []
        for key, row in rows.items():
            is_same = key in keys and self._bucket.is_same(keys[key], row.size, row.md5)
            (same if is_same else wrong).append(key)
        if not by_digest or self._bucket.has_digests:
            return wrong

        def is_other(key: str) -> bool:
            data = self._bucket.get(begin + key)[0]
            return hashlib.sha256(data).hexdigest() != rows[key].sha256

        others = self._bucket.each(is_other, same)
        return wrong + [key for key, other in zip(same, others, strict=True) if other]

    def _is_listed(self, rows: Rows) -> bool:
        """Whether the inventory of a tree lists what its record does."""
        return is_listed(rows, self._bucket.get(_OBJECTS + rows[NAME].object)[0])
