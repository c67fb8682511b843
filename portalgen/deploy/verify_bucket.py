"""Compares what stands in a bucket with inventories of it, and these with the release's record."""

from collections.abc import Mapping
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from msgspec.structs import replace

from portalgen.deploy.compare import Finding
from portalgen.deploy.inventory import NAME, SIGNATURE, Item
from portalgen.deploy.release import Release, is_id
from portalgen.deploy.storage import RECORD, RECORD_SIGNATURE
from portalgen.deploy.targets.bucket import OWN, Bucket, Stored
from portalgen.deploy.targets.contents import release_of
from portalgen.deploy.targets.registers import BucketRegister
from portalgen.deploy.verify import Trust, Verified, believed_release, compare_release, trusted
from portalgen.deploy.verify_register import verify_register
from portalgen.pool import Progress
from portalgen.problems import PortalError, problem
from portalgen.settings.network import load_network
from portalgen.settings.root import Target


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
        above, _, name = target.url.rpartition("/")
        around = bucket if above == "s3:/" else Bucket(replace(target, url=above))
        release = _release(around, trust, result, expected=False)
        _verify_site(bucket, "", name, own, release, trust, result, progress)
    else:
        _verify_sites(bucket, keys, trust, result, progress)
    if not result.sites:
        raise PortalError([problem("no-inventory", name=target.url)])
    result.findings.sort()
    return result


def _verify_sites(
    bucket: Bucket, keys: Mapping[str, Stored], trust: Trust, result: Verified, progress: Progress
) -> None:
    """Verify all sites, and that they are those of the release that is shown."""
    there: dict[str, dict[str, Stored]] = {}
    for key, stored in keys.items():
        slug, _, route = key.partition("/")
        if not key.startswith(OWN):
            there.setdefault(slug, {})[route] = stored
    release = _release(bucket, trust, result, expected=True)
    result.findings += verify_register(BucketRegister(bucket), release, trust.key)
    sites = release.inventories if release else {}
    for slug in sorted(there.keys() | sites.keys()):
        if sites and slug not in sites:
            result.findings.append(Finding("", slug, "added"))
        if NAME in there.get(slug, {}):
            _verify_site(bucket, f"{slug}/", slug, there[slug], release, trust, result, progress)
        elif slug in sites:
            result.findings.append(Finding(slug, NAME if slug in there else "", "missing"))
        elif not sites:
            result.findings.append(Finding("", slug, "added"))


def _release(bucket: Bucket, trust: Trust, result: Verified, expected: bool) -> Release | None:
    """The record of the release that is shown, if it can be believed."""
    name = release_of(bucket.get(f"{OWN}current.json")[0])
    place = f"{OWN}releases/{name}/"
    data, stamp = (
        bucket.get(place + file)[0] if is_id(name) else b"" for file in (RECORD, RECORD_SIGNATURE)
    )
    return believed_release(data, stamp, trust, result, expected)


def _verify_site(
    bucket: Bucket, begin: str, name: str, keys: Mapping[str, Stored], release: Release | None,
    trust: Trust, result: Verified, progress: Progress,
) -> None:  # fmt: skip
    """Verify one site, whose keys have this beginning."""
    result.sites += 1
    data = bucket.get(begin + NAME)[0]
    inventory = trusted(name, data, bucket.get(begin + SIGNATURE)[0], trust, result)
    if inventory is None:
        return
    if release:
        compare_release(name, inventory, data, release.inventories, release.id, result)
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
