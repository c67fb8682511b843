"""The records of trees in a bucket: which content each file of a site has."""

import json
from collections.abc import Iterable

from portalgen.deploy.records import is_name
from portalgen.deploy.release import is_id
from portalgen.deploy.targets.bucket import OWN, Bucket
from portalgen.deploy.targets.contents import Rows, keys_of_old, rows_from

_TREES, _RELEASES = f"{OWN}trees/", f"{OWN}releases/"
Tree = tuple[str, str]  # slug and name


class BucketTrees:
    """Reads and writes records; each is read once."""

    def __init__(self, bucket: Bucket):
        self._bucket = bucket
        self._rows: dict[Tree, Rows | None] = {}

    def recorded(self) -> set[Tree]:
        """All trees that have a record; what has another name is somebody else's."""
        paths = [path.removesuffix(".json").split("/") for path in self._bucket.listed(_TREES)]
        pairs = [(path[0], path[1]) for path in paths if len(path) == 2]
        return {(slug, tree) for slug, tree in pairs if is_name(tree) and slug[0] != "."}

    def get(self, slug: str, tree: str) -> Rows | None:
        """What a tree holds, by route; None if it has no record that can be read."""
        if (slug, tree) not in self._rows:
            data = self._bucket.get(_key(slug, tree))[0] if is_name(tree) else b""
            self._rows[slug, tree] = rows_from(data)
        return self._rows[slug, tree]

    def read(self, trees: Iterable[Tree]) -> None:
        """Read several at a time."""
        self._bucket.each(lambda tree: self.get(*tree), trees)

    def put(self, slug: str, tree: str, rows: Rows) -> None:
        """Record a tree."""
        data = json.dumps(rows, ensure_ascii=False, separators=(",", ":")).encode()
        self._bucket.put(_key(slug, tree), data)
        self._rows[slug, tree] = rows

    def remove(self, trees: Iterable[Tree]) -> None:
        """Remove records, also those of version 0.2, which showed what is no longer shown."""
        self._bucket.each(self._bucket.remove, [_key(*tree) for tree in trees])
        self._bucket.each(self._bucket.remove, self._old())
        self._rows = {}

    def ours(self, slug: str) -> set[str]:
        """The routes of all trees of a site: what portalgen may have written there."""
        trees = [tree for tree in self.recorded() if tree[0] == slug]
        routes = {route for tree in trees for route in self.get(*tree) or {}}
        begin = f"{slug}/"
        for record in self._old():
            keys = keys_of_old(self._bucket.get(record)[0])
            routes |= {key.removeprefix(begin) for key in keys if key.startswith(begin)}
        return routes

    def _old(self) -> list[str]:
        """The keys of releases of version 0.2, each of which was one record."""
        paths = self._bucket.listed(_RELEASES)
        return [_RELEASES + path for path in paths if is_id(path.removesuffix(".json"))]


def _key(slug: str, tree: str) -> str:
    return f"{_TREES}{slug}/{tree}.json"
