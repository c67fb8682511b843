"""Compares what stands in a bucket with inventories of it, and these with the release's record."""

from collections.abc import Mapping
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from msgspec.structs import replace

from portalgen.deploy import signature
from portalgen.deploy.compare import Finding
from portalgen.deploy.inventory import NAME, SIGNATURE, Item
from portalgen.deploy.release import Release, is_id, release_from
from portalgen.deploy.storage import RECORD, RECORD_SIGNATURE
from portalgen.deploy.targets.bucket import OWN, Bucket, Stored
from portalgen.deploy.targets.contents import release_of
from portalgen.deploy.verify import Trust, Verified, trusted
from portalgen.pool import Progress
from portalgen.problems import PortalError, problem
from portalgen.settings.network import load_network
from portalgen.settings.site import Target


def target_of(url: str, root: Path) -> Target:
    """The target of this URL: with endpoint and region if `site.yaml` names it, or one above it."""
    url = url.rstrip("/")
    with suppress(PortalError, OSError):
        for target in load_network(root).main.targets:
            if f"{url}/".startswith(f"{target.url.rstrip('/')}/"):
                return replace(target, url=url)
    return Target(url, url)


def verify_bucket(target: Target, trust: Trust, progress: Progress) -> Verified:
    """Verify the site at the target's URL, or each site below it; raises `PortalError`."""
    bucket = Bucket(target)
    result = Verified()
    keys = bucket.listed("")
    if NAME in keys:
        own = {route: keys[route] for route in keys if not route.startswith(OWN)}
        _verify_site(bucket, "", target.url.rpartition("/")[2], own, trust, result, progress)
    else:
        _verify_sites(bucket, keys, trust, result, progress)
    if not result.sites:
        raise PortalError([problem("no-inventory", name=target.url)])
    result.findings.sort()
    return result


def _verify_sites(
    bucket: Bucket, keys: Mapping[str, Stored], trust: Trust, result: Verified, progress: Progress
) -> None:
    sites: dict[str, dict[str, Stored]] = {}
    for key, stored in keys.items():
        slug, _, route = key.partition("/")
        if not key.startswith(OWN):
            sites.setdefault(slug, {})[route] = stored
    release = _release(bucket, trust, result)
    for slug in sorted(sites.keys() | (release.trees if release else {}).keys()):
        if NAME not in sites.get(slug, {}):
            kind = "missing" if release and slug in release.trees else "added"
            result.findings.append(Finding("", slug, kind))
            continue
        data = _verify_site(bucket, f"{slug}/", slug, sites[slug], trust, result, progress)
        if not release:
            continue
        if slug not in release.trees:
            result.findings.append(Finding("", slug, "added"))
        elif sha256(data).hexdigest() != release.inventories.get(slug):
            result.findings.append(Finding(slug, NAME, "changed"))


def _release(bucket: Bucket, trust: Trust, result: Verified) -> Release | None:
    """The release that the bucket should show, signed if there is a key to tell."""
    name = release_of(bucket.get(f"{OWN}current.json")[0])
    if not is_id(name):
        if trust.key:
            result.findings.append(Finding("", RECORD, "missing"))
        return None
    place = f"{OWN}releases/{name}/"
    data = bucket.get(place + RECORD)[0]
    if trust.key:
        try:
            signature.check(data, bucket.get(place + RECORD_SIGNATURE)[0], trust.key)
        except signature.SignatureError as error:
            if str(error) == "key":
                raise PortalError([problem("wrong-key")]) from error
            result.findings.append(Finding("", RECORD, "unsigned"))
            return None
    release = release_from(data)
    if release is None or release.id != name:
        result.findings.append(Finding("", RECORD, "unrecorded"))
        return None
    return release


def _verify_site(
    bucket: Bucket, begin: str, name: str, keys: Mapping[str, Stored], trust: Trust,
    result: Verified, progress: Progress,
) -> bytes:  # fmt: skip
    """Verify one site, whose keys have this beginning; the bytes of its inventory."""
    result.sites += 1
    data = bucket.get(begin + NAME)[0]
    inventory = trusted(name, data, bucket.get(begin + SIGNATURE)[0], trust, result)
    if inventory is None:
        return data
    wanted = {item.path: item for item in inventory.files}
    others = keys.keys() - wanted.keys() - {NAME, SIGNATURE}
    result.findings += [Finding(name, path, "added") for path in others]
    result.findings += [Finding(name, path, "missing") for path in wanted.keys() - keys.keys()]
    there = [item for path, item in wanted.items() if path in keys]

    def is_changed(item: Item) -> bool:
        if keys[item.path].size != item.size:
            return True
        return sha256(bucket.get(begin + item.path)[0]).hexdigest() != item.sha256

    changed = bucket.each(is_changed, there, progress)
    result.findings += [
        Finding(name, item.path, "changed")
        for item, differs in zip(there, changed, strict=True)
        if differs
    ]
    result.files += len(there)
    return data
