"""An S3-compatible bucket as target: each content is uploaded once, then copied to where it shows.

    <prefix>/<slug>/…                      what a web server or the service itself shows
    <prefix>/.portalgen/objects/<name>     contents, under names made of them
    <prefix>/.portalgen/releases/<id>.json which content each key had
    <prefix>/.portalgen/current.json       the release that is shown, pending.json the one to come

A bucket knows no links, so pages are switched one by one: each is whole at any moment, and what
pages need is there before them. A deployment that was interrupted is finished by the next one.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath

from msgspec import Struct

from portalgen.deploy.inventory import NAME, SIGNATURE, Inventory, Item, to_bytes
from portalgen.deploy.release import earlier, new_id
from portalgen.deploy.releases import Deployed, Difference, difference
from portalgen.deploy.shipment import Shipment, ShippedSite
from portalgen.deploy.targets.bucket import OWN, Bucket, opened
from portalgen.digests import digest_bytes
from portalgen.pool import Progress
from portalgen.problems import PortalError, problem
from portalgen.settings.site import Target
from portalgen.webserver.headers import is_lasting

Row = tuple[str, str, int]  # a key's content: name of the object, SHA-256, size


class BucketReleases(Struct, frozen=True):
    """The releases in a bucket, as `Releases` are those in a storage."""

    target: Target

    def deploy(self, shipment: Shipment, jobs: int, progress: Progress) -> Deployed:
        """Make a release of the shipment and show it, unless it is shown already."""
        with opened(self.target) as bucket:
            current = bucket.read("current")
            old = _files(bucket, current)
            files: dict[str, Row] = {}
            contents: dict[str, bytes | tuple[ShippedSite, str]] = {}
            for site in shipment.sites:
                files.update(_site_files(shipment, site, old, contents))
            if current and files == old and not bucket.read("pending"):
                return Deployed(current, len(shipment.sites), 0, 0, same=True)
            uploaded = _upload(bucket, shipment, files, contents, progress)
            release = new_id(max(bucket.releases(), default=""))
            bucket.write(f"releases/{release}", {
                "id": release, "version": shipment.version, "commit": shipment.commit,
                "files": files,
            })  # fmt: skip
            _show(bucket, release, files, old)
            _prune(bucket, release)
        return Deployed(release, len(shipment.sites), len(uploaded), sum(uploaded))

    def differences(self, shipment: Shipment) -> list[Difference]:
        """What `deploy` would change; touches nothing."""
        with opened(self.target) as bucket:
            old = _files(bucket, bucket.read("current"))
        changes = []
        for site in shipment.sites:
            new = {route: _object(route, digest) for route, digest in site.files.items()}
            begin = f"{site.slug}/"
            own = (begin + NAME, begin + SIGNATURE)
            before = {
                key.removeprefix(begin): row[0]
                for key, row in old.items()
                if key.startswith(begin) and key not in own
            }
            changes.append(difference(site.slug, new, before))
        return changes

    def roll_back(self) -> str:
        """Show the release before the current one; its name."""
        with opened(self.target) as bucket:
            current = bucket.read("current")
            before = earlier(bucket.releases(), current)
            if not before:
                raise PortalError([problem("no-release-before", name=self.target.name)])
            _show(bucket, before[0], _files(bucket, before[0]), _files(bucket, current))
        return before[0]


def _site_files(
    shipment: Shipment, site: ShippedSite, old: Mapping[str, Row],
    contents: dict[str, bytes | tuple[ShippedSite, str]],
) -> dict[str, Row]:  # fmt: skip
    """The content of each key of a site; what may have to be uploaded is added to `contents`."""
    files: dict[str, Row] = {}
    begin = f"{site.slug}/"
    for route, digest in site.files.items():
        key, name = begin + route, _object(route, digest)
        if key in old and old[key][0] == name:
            files[key] = old[key]
            continue
        data = shipment.read(site, route)
        files[key] = (name, hashlib.sha256(data).hexdigest(), len(data))
        contents[name] = (site, route)
    before = {key for key in old if key.startswith(begin)} - {begin + NAME, begin + SIGNATURE}
    signed = begin + SIGNATURE in old
    if (
        all(files[key] == old.get(key) for key in files)
        and before == files.keys()
        and signed == bool(shipment.signer.key)
    ):
        kept = (key for key in (begin + NAME, begin + SIGNATURE) if key in old)
        return files | {key: old[key] for key in kept}
    items = tuple(Item(key.removeprefix(begin), row[1], row[2]) for key, row in files.items())
    inventory = to_bytes(
        Inventory(site.slug, shipment.version, shipment.commit, site.inputs, items)
    )
    own = {NAME: inventory}
    if shipment.signer.key:
        own[SIGNATURE] = shipment.signer.sign(inventory, f"site:{site.slug} files:{len(items)}")
    for path, data in own.items():
        name = _object(path, digest_bytes(data))
        files[begin + path] = (name, hashlib.sha256(data).hexdigest(), len(data))
        contents[name] = data
    return files


def _object(route: str, digest: str) -> str:
    """The name of a content: how it is to be sent is part of it, as a copy takes that along."""
    return f"{digest}{'l' if is_lasting(route) else 'b'}{PurePosixPath(route).suffix}"


def _upload(
    bucket: Bucket, shipment: Shipment, files: Mapping[str, Row],
    contents: Mapping[str, bytes | tuple[ShippedSite, str]], progress: Progress,
) -> list[int]:  # fmt: skip
    """Upload what no release has; the sizes of what was uploaded."""
    names = bucket.releases()
    oldest = min(kept(names, bucket.read("current")), default="")  # older ones may be half removed
    there = {
        row[0] for name in names if name >= oldest for row in _files(bucket, name).values()
    }  # fmt: skip
    wanted = [name for name in contents if name not in there]
    keys = {row[0]: key for key, row in files.items()}

    def upload(name: str) -> int:
        content = contents[name]
        data = content if isinstance(content, bytes) else shipment.read(*content)
        route = keys[name].partition("/")[2]
        bucket.upload(f"objects/{name}", data, route)
        return len(data)

    return bucket.each(upload, wanted, progress)


def _show(bucket: Bucket, release: str, files: Mapping[str, Row], old: Mapping[str, Row]) -> None:
    """Copy contents to their keys, pages last; remove keys that are no more."""
    begun = bucket.read("pending").split()
    bucket.write("pending", {"id": " ".join([*begun, release])})
    live = {key: row[0] for key, row in old.items()}
    for name in begun:
        for key, row in _files(bucket, name).items():
            if live.get(key) != row[0]:
                live[key] = ""  # either of both may stand there
    wanted = [key for key, row in files.items() if live.get(key) != row[0]]
    for _, part in sorted(_by_turn(wanted).items()):
        bucket.each(lambda key: bucket.show(f"objects/{files[key][0]}", key), part)
    gone = [key for key in live if key not in files]
    bucket.each(bucket.remove, gone)
    bucket.write("current", {"id": release})
    bucket.remove(f"{OWN}pending.json")


def _by_turn(keys: Iterable[str]) -> dict[int, list[str]]:
    """Keys by when they are switched: what pages need, pages, and last what tells of them."""
    turns: dict[int, list[str]] = {}
    for key in keys:
        route = key.partition("/")[2]
        last = route in (NAME, SIGNATURE)
        turn = 3 if last else 2 if route.endswith(".html") else 0 if is_lasting(route) else 1
        turns.setdefault(turn, []).append(key)
    return turns


def _prune(bucket: Bucket, current: str) -> None:
    """Remove releases beyond those kept, and contents that none of them names."""
    names = bucket.releases()
    staying = kept(names, current)
    used = {row[0] for name in staying for row in _files(bucket, name).values()}
    unused = {
        row[0] for name in names if name not in staying for row in _files(bucket, name).values()
    } - used
    bucket.each(bucket.remove, [f"{OWN}objects/{name}" for name in unused])
    bucket.each(bucket.remove, [f"{OWN}releases/{n}.json" for n in names if n not in staying])


def _files(bucket: Bucket, release: str) -> dict[str, Row]:
    if not release:
        return {}
    try:
        read = json.loads(bucket.get(f"releases/{release}") or b"{}")
        return {key: (row[0], row[1], row[2]) for key, row in read["files"].items()}
    except (ValueError, KeyError, IndexError, TypeError) as error:
        raise PortalError([problem("target-failed", reason=f"releases/{release}.json")]) from error
