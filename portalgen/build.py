"""The build: ten steps from Markdown to published sites."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from msgspec import Struct, field
from msgspec.structs import replace

from portalgen import modes, pool, unchanged
from portalgen.changes.cache import Cache, CacheDamagedError
from portalgen.changes.manifest import Lost, Manifest, Owners, find_owners
from portalgen.changes.snapshot import Snapshot, look
from portalgen.content.classify import Library, classify
from portalgen.content.load import load_articles
from portalgen.output import publish
from portalgen.output.foreign import check_output, refuse_foreign
from portalgen.output.lock import Lock
from portalgen.pages.cards import Lookup
from portalgen.pages.keys import site_key
from portalgen.pages.make import Made, SiteWork, make_sites
from portalgen.pages.plan import next_silent_change
from portalgen.pages.render import forget_connection
from portalgen.pages.search import plan_search
from portalgen.problems import PortalError, Problems, problem
from portalgen.related.neighbours import Neighbours, relate
from portalgen.report import BuildReport, Options, Tell, peak_mb, untold
from portalgen.search.index import (
    SearchIndex,
    is_index,
    key_name,
    recall_indexes,
    remember_indexes,
)
from portalgen.settings.network import MAIN, Network, load_network
from portalgen.sources import OWN
from portalgen.themes.templates import Templates
from portalgen.themes.theming import Looks, Theming, load_all_templates, load_looks, put_together


def build(
    options: Options, sources: Snapshot | None = None, tell: Tell = untold,
    lost: Callable[[], Lost] | None = None,
) -> BuildReport:  # fmt: skip
    """Build the network; raise `PortalError` if nothing could be published.

    `sources`: what was seen of them before, if anything was. `tell` hears how far it is. `lost`:
    which published files do not stand, if somebody else finds out.
    """
    started = time.perf_counter()
    report = BuildReport()
    if options.scheduler:  # other machines know nothing of this folder
        options = replace(options, root=options.root.absolute(), output=options.output.absolute())
    sources = sources or look(options.root)
    network = load_network(options.root)
    report.language = network.main.language
    check_output(options.root, options.output)
    _check_site_names(options, network)
    looks = load_looks(network)
    modes.make_folders(options.output)
    with (
        pool.aside(partial(load_all_templates, network, looks), options.jobs) as templates,
        Lock(options.root / OWN / "lock"),
        Lock(options.output / OWN / "lock"),
    ):
        cache_file = (
            options.root / OWN / ("cache.sqlite" if options.use_cache else "no-cache.sqlite")
        )
        cache = Cache(cache_file, fresh=not options.use_cache)
        if cache.note:
            report.notes.append(cache.note)
        try:
            _build(options, network, looks, templates, cache, sources, report, tell, lost)
        except CacheDamagedError:
            report = BuildReport(notes=["cache-damaged"], language=network.main.language)
            cache.close()
            forget_connection()
            cache = Cache(cache_file, fresh=True)
            _build(options, network, looks, templates, cache, sources, report, tell, lost)
        finally:
            cache.close()
            forget_connection()
            if not options.use_cache:
                Cache.remove(cache_file)
        unchanged.remember(options, sources, report)
    report.seconds = round(time.perf_counter() - started, 3)
    report.peak_mb = peak_mb()
    return report


def _build(
    options: Options,
    network: Network,
    looks: Looks,
    templates: Callable[[], tuple[dict[str, Templates], Problems]],
    cache: Cache,
    sources: Snapshot,
    report: BuildReport,
    tell: Tell,
    lost: Callable[[], Lost] | None,
) -> None:
    jobs = options.jobs or pool.processors()
    problems = Problems()

    with _phase(report, "recover"):
        manifest = Manifest(options.output, lost, trusted=options.use_cache)
        note = publish.recover(options.output, manifest)
        if note:
            manifest.close()
            manifest = Manifest(options.output, trusted=options.use_cache)
            report.notes.append(note)
    try:
        with _phase(report, "load"):
            loaded = load_articles(network, cache, jobs, problems, sources, partial(tell, "load"))
        with _phase(report, "classify"):
            owners = manifest.owners or find_owners(options.root, options.output)
            library = classify(network, loaded, options.now, options.drafts, problems, owners)
        with _phase(report, "relate"):
            cache.commit()
            listed = {a.path: a for a in library.by_name.values() if not a.is_page}
            neighbours = (
                relate(listed, cache, jobs, partial(tell, "relate"))
                if uses_similarity(network)
                else Neighbours()
            )
            cache.commit()
        with _phase(report, "themes"):
            loaded_templates, found = templates()
            problems.extend(found.items)
            theming = put_together(network, looks, loaded_templates)
        with _phase(report, "compare"):
            lookup = Lookup(network, library, neighbours, options.now, theming)
            plan = _compare(options, lookup, theming, manifest)
            stage = publish.stage_folder(options.output)
        with _phase(report, "render"), _runner(options, plan, stage) as run:
            made = _make(
                options, lookup, theming, manifest, plan, cache, stage, jobs, run,
                partial(tell, "render"),
            )  # fmt: skip
            for one in made:
                problems.extend(one.problems, one.site)
        tell("publish", 0, 0)
        with _phase(report, "publish"):
            _publish(options, library, plan, made, manifest, report, problems)
    finally:
        manifest.close()
    report.sites = len(plan.built)
    report.articles = sum(len(library.sites[slug].own) for slug in plan.built)
    report.pages_rendered = sum(one.rendered for one in made)
    report.refused = sorted(set(problems.items))
    report.next_change = library.next_change
    report.next_silent_change = next_silent_change(lookup)


def uses_similarity(network: Network) -> bool:
    """Whether any site shows related news by similarity."""
    return any(block.by == "similarity" for site in network.sites for block in site.related)


def _check_site_names(options: Options, network: Network) -> None:
    known = [site.slug for site in network.sites]
    wrong = [slug for slug in options.sites if slug not in known]
    if wrong:
        raise PortalError(
            [problem("unknown-site", site=slug, known=", ".join(known)) for slug in wrong]
        )


class _Plan(Struct):
    """What is to be made of the sites `built`; `keys` by site tell what it is made of.

    The others of them have the same pages, or the same index, as last time.
    """

    built: list[str]
    pages: list[str] = field(default_factory=list)
    indexes: dict[str, SearchIndex] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)


def _compare(
    options: Options, lookup: Lookup, theming: dict[str, Theming], manifest: Manifest
) -> _Plan:
    indexes = lookup.library.sites
    chosen = options.sites or indexes
    plan = _Plan([slug for slug in indexes if slug in theming and slug in chosen])
    before = manifest.site_keys
    for slug in plan.built:
        lost = manifest.lost.get(slug, ())
        key = plan.keys[slug] = site_key(lookup, indexes[slug], theming[slug])
        if before.get(slug) != key or not all(map(is_index, lost)):
            plan.pages.append(slug)
        name = key_name(slug)
        if slug != MAIN and before.get(slug) == key and not lost and name in before:
            plan.keys[name] = before[name]  # it holds no more than the site's pages show
            continue
        index = plan_search(lookup, lookup.sites[slug])
        plan.keys[name] = index.key
        if before.get(name) != index.key or any(map(is_index, lost)):
            plan.indexes[slug] = index
    return plan


_MANY = 4  # parts of sites, pages or index; fewer are made sooner here than on a cluster


@contextmanager
def _runner(options: Options, plan: _Plan, stage: Path) -> Iterator[pool.Run]:
    """Who makes the sites."""
    if not options.scheduler or len(plan.pages) + len(plan.indexes) < _MANY:
        yield pool.run
        return
    from portalgen.cluster import connect

    with connect(options.scheduler, stage) as run:
        yield run


def _make(
    options: Options,
    lookup: Lookup,
    theming: dict[str, Theming],
    manifest: Manifest,
    plan: _Plan,
    cache: Cache,
    stage: Path,
    jobs: int,
    run: pool.Run,
    progress: pool.Progress,
) -> list[Made]:
    if not plan.pages and not plan.indexes:
        return []
    files = {slug: manifest.of(slug) for slug in {*plan.pages, *plan.indexes}}
    known = recall_indexes(cache, {
        slug: manifest.site_keys.get(key_name(slug), "")
        for slug in plan.indexes
        if not any(map(is_index, files[slug].lost))
    })  # fmt: skip
    bodies = cache.address(elsewhere=run is not pool.run)
    work = SiteWork(lookup, theming, files, plan.indexes, known, bodies, options.output, stage)
    jobs = jobs if run is pool.run else 1
    made = make_sites(work, plan.pages, jobs, run, progress)
    remember_indexes(cache, plan.indexes.values())
    cache.commit()
    return made


def _publish(
    options: Options,
    library: Library,
    plan: _Plan,
    made: list[Made],
    manifest: Manifest,
    report: BuildReport,
    problems: Problems,
) -> None:
    failed = {one.site for one in made if one.failed}
    skipped = library.sites.keys() - set(plan.built) | failed
    changes, removed, kept = [], [], []
    for one in made:
        if one.problems:  # it is planned, and they are said, every time
            plan.keys.pop(one.site)
        if not one.failed:
            kept += one.kept
    for each in made:
        if each.site not in failed:
            changes += each.changes
            removed += each.removed
    gone = manifest.counts.keys() - library.sites.keys()
    removed += [(slug, route) for slug in sorted(gone) for route in manifest.known(slug)]
    changes, impossible = publish.possible(options.output, changes)
    for found in impossible:  # until that is corrected, each build tries again
        problems.add(found)
        plan.keys.pop(found.site, None)
        plan.keys.pop(key_name(found.site), None)
    _stop_if_strict(options, problems)
    refuse_foreign(options.output, manifest, changes, set(removed))
    keys = {
        name: key
        for name, key in (manifest.site_keys | plan.keys).items()
        if name in plan.keys or name.partition("/")[0] in skipped
    }
    for slug in failed:
        keys.pop(slug, None)
        keys.pop(key_name(slug), None)
    before = sum(count for slug, count in manifest.counts.items() if slug not in skipped)
    replaced = sum(change.route in manifest.known(change.site) for change in changes)
    owners: Owners = {}
    shown = set(plan.built) - failed
    for slug in shown:
        owners |= library.owners(slug)
    new_owners = manifest.new_owners(shown | gone, owners)
    if options.drafts:  # what only an editor sees has no claim
        new_owners = []
    publish.publish(options.output, manifest, changes, removed, kept, keys, new_owners)
    report.files_written = len(changes)
    report.files_removed = len(removed)
    report.files_unchanged = before - len(removed) - replaced
    report.pages_planned = report.files_written + report.files_unchanged


def _stop_if_strict(options: Options, problems: Problems) -> None:
    if options.strict:
        problems.stop_if_any()


@contextmanager
def _phase(report: BuildReport, name: str) -> Iterator[None]:
    started = time.perf_counter()
    yield
    report.phases[name] = round(time.perf_counter() - started, 3)
