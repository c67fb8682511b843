"""Releases in a storage: how one comes after another, is taken back, and is held in place."""

import time
from collections.abc import Collection, Iterable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path

from msgspec import Struct, field
from msgspec.structs import replace

from portalgen.deploy.compare import Finding, damaged_sites
from portalgen.deploy.records import content_of
from portalgen.deploy.register_files import see_unmoved
from portalgen.deploy.release import (
    ALL,
    Pin,
    Release,
    earlier,
    new_id,
    staying,
    whoami,
)
from portalgen.deploy.shipment import Shipment, Signer
from portalgen.deploy.storage import (
    RECORD,
    RECORD_REMOVING,
    RECORD_SIGNATURE,
    Storage,
    read_release,
    read_releases,
    release_ids,
    shown_release,
)
from portalgen.pool import Progress
from portalgen.problems import PortalError, Problem, problem

_NAMED = 20  # paths of foreign files; more are counted


class Difference(Struct, frozen=True):
    """How many files of a site a deployment adds, changes and removes."""

    slug: str
    added: int
    changed: int
    removed: int


class Deployed(Struct):
    """What a deployment or a rollback did.

    `files` and `bytes` were written; `same` if nothing had to change, `pinned` if a rollback kept
    the deployment from shipping. `findings` are what was not as recorded at the target, `changes`
    by site, `held` the routes of each single site that a rollback holds. `unsigned` if the release
    before was signed and this one is not. `leftover` says why releases that are no longer kept
    could not be removed.
    """

    release: Release
    files: int = 0
    bytes: int = 0
    same: bool = False
    pinned: bool = False
    unsigned: bool = False
    leftover: str = ""
    findings: list[Finding] = field(default_factory=list)
    changes: list[Difference] = field(default_factory=list)
    held: Mapping[str, Collection[str]] = field(default_factory=dict)


class Listed(Struct, frozen=True):
    """A release as `releases` lists it."""

    release: Release
    current: bool


class Releases:
    """The releases in a storage, which is opened for one of these calls; they raise as it does."""

    def __init__(self, opened: AbstractContextManager[Storage], kept: int = 3):
        self._opened, self._kept = opened, kept

    def deploy(
        self, shipment: Shipment, jobs: int, progress: Progress, repair: bool = False,
        unpin: str = "",
    ) -> Deployed:  # fmt: skip
        """Make a release of the shipment and switch to it, unless it is shown already.

        `repair` compares all by digest and makes anew what differs. `unpin` is a site or `ALL`
        that is no longer held in place.
        """
        with self._opened as storage:
            see_unmoved(storage, shipment.register)
            current, ids = _prepare(storage)
            trees = current.trees if current else {}
            findings = storage.differences(current.id, trees, repair) if current else []
            if current and not current.format:
                findings.append(Finding("", RECORD, "unrecorded"))
            damaged = damaged_sites(findings)
            sites = {site.slug: site for site in shipment.sites}
            pins = {
                slug: pin
                for slug, pin in (current.pins if current else {}).items()
                if unpin not in (slug, ALL) and (slug == ALL or slug in sites)
            }
            if current and ALL in pins and not repair:
                return Deployed(current, same=True, pinned=True, findings=findings)
            held = trees.keys() if ALL in pins else pins.keys() & trees.keys() & sites.keys()
            mended = {
                slug
                for slug in held & damaged & sites.keys()
                if content_of(trees[slug]) == shipment.tree(sites[slug])
            }
            if held & damaged - mended:
                _refuse_damaged(storage, held & damaged - mended)
            if current and len(ids) > self._kept:  # a smaller `keep` makes space for what comes
                self._prune(storage, ids, current.id)
                ids = release_ids(storage)
            sent = storage.send_trees(
                replace(shipment, sites=tuple(s for s in shipment.sites
                                              if s.slug not in held - mended)),
                {slug: tree for slug, tree in trees.items() if not (repair and slug in damaged)},
                trees.keys() - damaged, jobs, progress, repair,
            )  # fmt: skip
            if shipment.register:  # before what it tells of is shown
                storage.register.send(shipment.register.files)
            new = {slug: trees[slug] for slug in held - mended} | dict(sent.trees)
            if current and not damaged and new == trees and pins == current.pins:
                return Deployed(current, same=True, findings=findings, held=_held(storage, current))
            changes = _changes(storage, shipment, trees, new)
            release = Release(
                id=new_id(max(ids, default="")), version=shipment.version, commit=shipment.commit,
                trees=new, pins=pins, size=sent.bytes,
                changed={c.slug: c.added + c.changed + c.removed for c in changes},
            )  # fmt: skip
            release = _show(storage, release, shipment.signer)
            return Deployed(
                release, sent.files, sent.bytes, findings=findings, changes=changes,
                held=_held(storage, release),
                unsigned=_lost_signature(storage, current, shipment.signer),
                leftover=self._prune(storage, [*ids, release.id], release.id),
            )  # fmt: skip

    def differences(self, shipment: Shipment) -> list[Difference]:
        """What `deploy` would change, without regard to pins; touches nothing."""
        with self._opened as storage:
            current = shown_release(storage)
            trees = current.trees if current else {}
            new = {
                site.slug: trees[site.slug]
                if content_of(trees.get(site.slug, "")) == shipment.tree(site)
                else ""
                for site in shipment.sites
            }
            return _changes(storage, shipment, trees, new)

    def listed(self) -> list[Listed]:
        """All releases that can be shown, the newest first."""
        with self._opened as storage:
            current = shown_release(storage)
            releases = read_releases(storage, release_ids(storage))
        return [
            Listed(release, current is not None and current.id == release.id)
            for release in reversed(releases)
        ]

    def show(self, signer: Signer, to: str = "", site: str = "") -> Deployed:
        """Show an earlier release, or one of its sites, and hold that in place.

        `to` is its name; by default, it is the last before the current one that is whole and, of a
        single site, shows something else.
        """
        with self._opened as storage:
            current, ids = _prepare(storage)
            if not current:
                raise PortalError([problem("no-release-before", name=storage.name)])
            if site and site not in current.trees:
                raise PortalError([problem("unknown-sites", slugs=site)])
            if to and to not in ids:
                names = ", ".join(ids)
                raise PortalError([problem("unknown-release", name=to, known=names)])
            release, findings = _choose(storage, current, ids, to, site)
            pin = Pin(release.id, int(time.time()), whoami())
            if site:
                new = replace(
                    current, trees={**current.trees, site: release.trees[site]}, of="",
                    pins={**current.pins, site: pin},
                )  # fmt: skip
            else:
                new = replace(release, of=release.id, pins={**release.pins, ALL: pin})
            changed = {
                slug: len(set(storage.digests(slug, tree).items())
                          ^ set(storage.digests(slug, current.trees.get(slug, "")).items()))
                for slug, tree in new.trees.items() if tree != current.trees.get(slug)
            }  # fmt: skip
            form = max(current.format, release.format)
            new = replace(new, id=new_id(max(ids)), format=form, changed=changed, size=0)
            new = _show(storage, new, signer)
            return Deployed(
                new, findings=findings, held=_held(storage, new),
                unsigned=_lost_signature(storage, current, signer),
            )  # fmt: skip

    def purge(self, paths: Mapping[str, Iterable[str]]) -> list[str]:
        """Remove all releases in which files have another content than they have now.

        `paths` are routes by site. Raises `PortalError` if no release would go and one of the
        files is shown: it was not taken away yet.
        """
        with self._opened as storage:
            current, ids = _prepare(storage)
            if not current:
                raise PortalError([problem("no-release-before", name=storage.name)])
            now = {slug: _known_digests(storage, current, slug) for slug in paths}

            def holds(release: Release | None) -> bool:
                if release is None or release.pins.keys() & paths.keys():
                    return True  # other sites name what one that is held back does not have
                for slug, routes in paths.items():
                    digests = _known_digests(storage, release, slug)
                    if digests is None and slug in release.trees:
                        return True
                    present = now[slug] or {}
                    if any(
                        route in (digests or {}) and (digests or {})[route] != present.get(route)
                        for route in routes
                    ):
                        return True
                return False

            going = [
                name for name in ids if name != current.id and holds(read_release(storage, name))
            ]
            standing = [
                f"{slug}/{route}"
                for slug, routes in paths.items()
                for route in routes
                if route in (now[slug] or {})
            ]
            rest = [name for name in ids if name not in going]
            _remove(storage, going, read_releases(storage, rest))  # also what a stopped run left
            if standing and not going:
                raise PortalError([problem("purge-standing", path) for path in standing])
        return going

    def _prune(self, storage: Storage, ids: list[str], current: str) -> str:
        """Remove releases beyond those kept, and trees that none of them names.

        The release is shown already: what goes wrong does not fail it, and is returned, as are the
        paths of what is foreign and stays.
        """
        try:
            releases = read_releases(storage, ids)
            names = staying(releases, current, self._kept)
            going = [name for name in ids if name not in names]
            rest = [release for release in releases if release.id in names]
            left = _remove(storage, going, rest)
        except PortalError as error:
            return "; ".join(dict(item.values).get("reason", item.code) for item in error.problems)
        except OSError as error:
            name = Path(str(error.filename or "")).name
            return ": ".join(filter(None, (name, error.strerror or str(error))))
        more = [f"+ {len(left) - _NAMED}"] if len(left) > _NAMED else []
        return ", ".join([*left[:_NAMED], *more])


def _prepare(storage: Storage) -> tuple[Release | None, list[str]]:
    """The release that is shown and the names of all, after an interrupted run is cleared up."""
    current, ids = shown_release(storage), release_ids(storage)
    storage.clear()
    if current and max(ids, default="") > current.id:  # made, but never shown
        never = [name for name in ids if name > current.id]
        ids = [name for name in ids if name <= current.id]
        _remove(storage, never, read_releases(storage, ids))
    storage.open_folders(ids)
    return current, ids


def _show(storage: Storage, release: Release, signer: Signer) -> Release:
    """Link, sign and compare a release, then switch to it."""
    release = replace(
        release, time=int(time.time()), by=whoami(),
        inventories=dict(storage.inventories(release.trees)),
    )  # fmt: skip
    data = release.to_bytes()
    files = {RECORD: data}
    if signer.number:
        files[RECORD_SIGNATURE] = signer.sign(data, f"release:{release.id}")
    storage.link_release(release.id, release.trees, files)
    for finding in storage.differences(release.id, release.trees):
        if finding.is_damage:
            raise PortalError([problem("release-differs", finding.place, name=storage.name)])
    storage.switch(release.id)
    return release


def _choose(
    storage: Storage, current: Release, ids: list[str], to: str, site: str
) -> tuple[Release, list[Finding]]:
    """The release to show again, and what is not as recorded in those that are passed over."""
    pin = current.pin_of(site or ALL)
    reference = pin.release if pin else current.of or current.id
    findings: list[Finding] = []
    passed_over: list[Problem] = []
    for name in [to] if to else earlier(ids, reference):
        release = read_release(storage, name)
        if not release or (release.of and not to):
            continue
        content = content_of(release.trees.get(site, ""))
        if site and content in ("", content_of(current.trees[site])):
            continue
        trees = {site: release.trees[site]} if site else release.trees
        differences = storage.differences(name, trees, by_digest=True)
        damaged = damaged_sites(differences)
        instead = _same_in_shown(storage, current, {slug: trees[slug] for slug in damaged})
        if damaged == instead.keys():
            return replace(release, trees={**release.trees, **instead}), findings
        findings += differences
        passed_over += [
            problem("release-damaged", finding.place, release=name)
            for finding in differences
            if finding.is_damage
        ]
    raise PortalError([problem("no-release-before", name=storage.name), *passed_over])


def _same_in_shown(storage: Storage, current: Release, trees: Mapping[str, str]) -> dict[str, str]:
    """The trees of the release that is shown that hold the same as these, and are whole."""
    same = {
        slug: current.trees[slug]
        for slug, tree in trees.items()
        if slug in current.trees and content_of(current.trees[slug]) == content_of(tree)
    }
    damaged = (
        damaged_sites(storage.differences(current.id, same, by_digest=True)) if same else set()
    )
    return {slug: tree for slug, tree in same.items() if slug not in damaged}


def _changes(
    storage: Storage, shipment: Shipment, old: Mapping[str, str], new: Mapping[str, str]
) -> list[Difference]:
    """How each site of the shipment differs from its tree that is shown, if that is not its own."""
    return [
        difference(site.slug, {}, {})
        if new.get(site.slug) and new[site.slug] == old.get(site.slug)
        else difference(
            site.slug, site.files,
            storage.digests(site.slug, old[site.slug]) if site.slug in old else {},
        )
        for site in shipment.sites
    ]  # fmt: skip


def _held(storage: Storage, release: Release) -> dict[str, Collection[str]]:
    """The routes of each site that is held in place alone."""
    trees = release.trees
    return {
        slug: storage.digests(slug, trees[slug]).keys() for slug in release.pins if slug in trees
    }


def _refuse_damaged(storage: Storage, slugs: Iterable[str]) -> None:
    raise PortalError(
        [problem("pinned-damaged", slug, name=storage.name) for slug in sorted(slugs)]
    )


def _lost_signature(storage: Storage, before: Release | None, signer: Signer) -> bool:
    """Whether the release before was signed, and this one could not be."""
    if signer.number or not before:
        return False
    return bool(storage.read(f"releases/{before.id}/{RECORD_SIGNATURE}"))


def _known_digests(storage: Storage, release: Release, slug: str) -> Mapping[str, str] | None:
    """What a site's tree holds, by route; None if there is no tree, or that is not known."""
    tree = release.trees.get(slug)
    return (storage.digests(slug, tree) or None) if tree else None


def _remove(storage: Storage, going: Iterable[str], rest: Iterable[Release]) -> list[str]:
    """Remove releases, and what was half removed before, with all trees the rest does not use."""
    used = {pair for release in rest for pair in release.trees.items()}
    return storage.remove([*going, *release_ids(storage, RECORD_REMOVING)], used)


def difference(slug: str, new: Mapping[str, str], old: Mapping[str, str]) -> Difference:
    """Compare the digests of a site's files by route with those that are shown."""
    return Difference(
        slug,
        len(new.keys() - old.keys()),
        sum(old[route] != digest for route, digest in new.items() if route in old),
        len(old.keys() - new.keys()),
    )
