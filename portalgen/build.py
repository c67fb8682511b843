"""The build: ten steps from Markdown to published sites."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from functools import partial

from msgspec import Struct

from portalgen import modes, pool, unchanged
from portalgen.changes.cache import Cache, CacheDamagedError
from portalgen.changes.ended import EndedBefore, ended_before
from portalgen.changes.manifest import Changeset, Lost, Manifest, ManifestDamagedError
from portalgen.changes.snapshot import Snapshot, take_snapshot
from portalgen.content.classify import Library
from portalgen.library import (
    classify_published,
    load_published,
    read_network,
    read_register,
    record_published,
)
from portalgen.output import publish
from portalgen.output.adopt import record_standing, settle_unproven
from portalgen.output.changeset import gather
from portalgen.output.foreign import check_output, refuse_foreign
from portalgen.output.lock import Lock
from portalgen.pages.cards import Cards
from portalgen.pages.keys import Plan, plan_sites
from portalgen.pages.make import make_sites
from portalgen.pages.plan import next_silent_change
from portalgen.pages.stage import SiteResult
from portalgen.problems import Problems, by_cause
from portalgen.related.neighbours import relate_published
from portalgen.report import BuildReport, Options, Progress, peak_mb, silent
from portalgen.retry import opened_cache, retried
from portalgen.settings.network import Network
from portalgen.sources import OWN
from portalgen.themes.theming import (
    Theming,
    combine_theming,
    load_all_templates,
    load_theme_assets,
)


class Build(Struct):
    """What the steps of a build share."""

    options: Options
    network: Network
    cache: Cache
    manifest: Manifest
    ended: EndedBefore
    report: BuildReport
    progress: Progress
    problems: Problems
    jobs: int

    @contextmanager
    def phase(self, name: str) -> Iterator[pool.Progress]:
        """Time a phase; yields its progress callback."""
        started = time.perf_counter()
        yield partial(self.progress, name)
        self.report.phases[name] = round(time.perf_counter() - started, 3)


def build(
    options: Options, sources: Snapshot | None = None, progress: Progress = silent,
    lost: Callable[[], Lost] | None = None, notes: tuple[str, ...] = (),
) -> BuildReport:  # fmt: skip
    """Build the network; raises `PortalError` and `OSError` if nothing could be published.

    `sources`: their snapshot, `lost`: returns missing and altered files; if known already. `notes`
    say why this is another try.
    """
    if options.scheduler:  # other machines have another working directory
        options = options.with_absolute_paths()
    sources = sources or take_snapshot(options.root)
    try:
        return _build(options, sources, progress, lost, notes)
    except (CacheDamagedError, ManifestDamagedError, OSError) as error:
        options, notes = retried(error, options, notes)
    return build(options, sources, progress, None, notes)


def _build(
    options: Options, sources: Snapshot, progress: Progress, lost: Callable[[], Lost] | None,
    notes: tuple[str, ...],
) -> BuildReport:  # fmt: skip
    started = time.perf_counter()
    with ExitStack() as stack:
        # Load the settings: `site.yaml`, `members/*/site.yaml`, and the themes they name.
        network, register = read_network(options, sources)
        network.check_slugs(options.sites)
        theme_assets = load_theme_assets(network)
        # Take the lock and finish an interrupted publish.
        build = _open(stack, options, network, progress, lost, notes)
        load_templates = partial(load_all_templates, network, theme_assets, build.ended)
        templates = stack.enter_context(pool.in_background(load_templates, options.jobs))
        # Load the articles, unchanged ones from the cache.
        with build.phase("load") as loading:
            register = read_register(options, register)  # nobody else builds from here on
            loaded = load_published(
                options, network, build.cache, register, build.ended, build.problems, loading
            )
        # Classify: assign articles to sections, tags and topics; what is refused stays as it was.
        with build.phase("classify"):
            build.network, library, after = classify_published(
                options, network, loaded, build.cache, register, build.problems
            )
        # Relate: find similar articles across the network.
        with build.phase("relate") as relating:
            neighbours = relate_published(build.network, library, build.cache, build.jobs, relating)
        # Collect the templates, checked in the background.
        with build.phase("themes"):
            own = templates()
            theming = combine_theming(build.network, theme_assets, own, build.problems, build.ended)
        # Compare: select the sites that may differ from the last build.
        cards = Cards(build.network, library, neighbours, options.now, theming)
        with build.phase("compare"):
            plan = plan_sites(cards, theming, build.manifest, options.sites)
        # Make: plan these sites, render the pages that may differ, update the search indexes.
        results = _make(build, cards, theming, plan)
        # Publish: move each staged file into place.
        changeset = _publish(build, library, plan, results)
        # Record the build and what is published now, and report it.
        report = _report(build, cards, plan, results, changeset)
        report.changes = record_published(options, register, after, report.failed)
        report.peak_mb, report.seconds = peak_mb(), round(time.perf_counter() - started, 3)
        unchanged.remember(build.manifest, options, sources, report)
    return report


def _open(
    stack: ExitStack, options: Options, network: Network, progress: Progress,
    lost: Callable[[], Lost] | None, notes: tuple[str, ...],
) -> Build:  # fmt: skip
    check_output(options.root, options.output)
    modes.make_folders(options.output)
    for folder in (options.state_folder, options.output / OWN):
        stack.enter_context(Lock(folder / "lock", patient=True))
    cache = stack.enter_context(opened_cache(options, notes))
    notes = (*notes, cache.note) if cache.note else notes
    main = network.main
    report = BuildReport(language=main.language, timezone=main.timezone, notes=list(notes))
    record_standing(options.output)
    manifest = Manifest(options.output, lost, trusted=options.use_cache)
    stack.enter_context(closing(manifest))
    manifest.check_writable()
    ended = stack.enter_context(ended_before(options))
    jobs = options.jobs or pool.processors()
    build = Build(options, network, cache, manifest, ended, report, progress, Problems(), jobs)
    with build.phase("recover"):
        if note := publish.recover(options.output, manifest):
            report.notes.append(note)
    return build


def _make(build: Build, cards: Cards, theming: dict[str, Theming], plan: Plan) -> list[SiteResult]:
    stage, scheduler = publish.stage_folder(build.options.output), build.options.scheduler
    with build.phase("render") as progress:
        results = make_sites(
            cards, theming, plan, build.manifest, build.cache, build.ended, stage, scheduler,
            build.jobs, progress,
        )  # fmt: skip
    for result in results:
        build.problems.extend(result.problems, result.site)
    return results


def _publish(build: Build, library: Library, plan: Plan, results: list[SiteResult]) -> Changeset:
    options, manifest = build.options, build.manifest
    build.progress("publish", 0, 0)
    with build.phase("publish"):
        changeset = gather(manifest, library, plan, results, build.problems, build.network.left_out)
        if options.strict:
            build.problems.stop_if_any()
        build.problems.extend(settle_unproven(manifest, changeset, results))
        refuse_foreign(options.output, manifest, changeset.changes, set(changeset.removed))
        publish.publish(options.output, manifest, changeset)
    return changeset


def _report(
    build: Build, cards: Cards, plan: Plan, results: list[SiteResult], changeset: Changeset
) -> BuildReport:
    report, library = build.report, cards.library
    report.failed = sorted(result.site for result in results if result.failed)
    report.notes += library.notes(build.network)
    built = set(plan.sites).difference(report.failed)
    report.sites, report.articles = len(built), sum(len(library.sites[slug].own) for slug in built)
    report.pages_rendered = sum(result.rendered for result in results)
    report.files_written, report.files_removed = len(changeset.changes), len(changeset.removed)
    report.files_unchanged = changeset.unchanged
    report.pages_planned = len(changeset.changes) + changeset.unchanged
    report.refused, report.warnings = by_cause(build.problems.items), sorted(library.warnings)
    report.next_change, report.next_silent_change = library.next_change, next_silent_change(cards)
    return report
