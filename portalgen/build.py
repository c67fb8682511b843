"""The build: ten steps from Markdown to published sites."""

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from portalgen import pool, unchanged
from portalgen.articles.load import load_articles
from portalgen.cache import Cache, CacheDamagedError
from portalgen.output import publish, search_index
from portalgen.output.folder import OWN, Lock, Manifest, Published, check_output, stands
from portalgen.output.search_index import Made, is_index
from portalgen.pages.lookup import Lookup
from portalgen.pages.page import Page, Theming
from portalgen.pages.plan import next_silent_change, plan_site
from portalgen.pages.render import Rendered, Work, forget_connection, render_batch
from portalgen.pages.site_key import site_key
from portalgen.problems import PortalError, Problems, problem
from portalgen.relations.related import relate
from portalgen.relations.taxonomy import classify
from portalgen.report import BuildReport, Options, peak_mb
from portalgen.settings.network import Network, load_network
from portalgen.themes.assets import load_assets, with_tokens
from portalgen.themes.templates import Templates, load_templates
from portalgen.themes.theme import load_themes

PARALLEL_FROM = 200  # fewer pages than this are rendered sooner than workers start


def build(options: Options, sources: unchanged.Snapshot | None = None) -> BuildReport:
    """Build the network; raise `PortalError` if nothing could be published.

    `sources`: what was seen of them before, if anything was.
    """
    started = time.perf_counter()
    report = BuildReport()
    sources = sources or unchanged.snapshot(options.root)
    network = load_network(options.root)
    report.language = network.main.language
    check_output(options.root, options.output)
    _check_site_names(options, network)
    problems = Problems()
    with _phase(report, "themes"):
        theming = load_theming(network, problems)
    with Lock(options.root / OWN / "lock"), Lock(options.output / OWN / "lock"):
        cache_file = (
            options.root / OWN / ("cache.sqlite" if options.use_cache else "no-cache.sqlite")
        )
        cache = Cache(cache_file, fresh=not options.use_cache)
        if cache.note:
            report.notes.append(cache.note)
        try:
            _build(options, network, theming, cache, report, Problems(list(problems.items)))
        except CacheDamagedError:
            report = BuildReport(notes=["cache-damaged"], language=network.main.language)
            cache.close()
            forget_connection()
            cache = Cache(cache_file, fresh=True)
            _build(options, network, theming, cache, report, Problems(list(problems.items)))
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
    theming: dict[str, Theming],
    cache: Cache,
    report: BuildReport,
    problems: Problems,
) -> None:
    jobs = options.jobs or pool.processors()

    with _phase(report, "recover"):
        manifest = Manifest(options.output)
        if publish.recover(options.output, manifest):
            manifest.close()
            manifest = Manifest(options.output)
            report.notes.append("recovered")
    try:
        with _phase(report, "load"):
            loaded = load_articles(network, cache, jobs, problems)
        with _phase(report, "classify"):
            library = classify(network, loaded, options.now, options.drafts, problems)
        with _phase(report, "relate"):
            cache.commit()
            listed = {a.path: a for a in library.by_name.values() if not a.is_page}
            neighbours = relate(listed, cache, jobs) if uses_similarity(network) else {}
            cache.commit()
        with _phase(report, "plan"):
            standing = stands(options.output, manifest.files)
            lookup = Lookup(network, library, neighbours, options.now, theming)
            plan = _plan(options, lookup, theming, manifest, standing, problems)
            stage = publish.stage_folder(options.output)
        with _phase(report, "compare"):
            todo = _changed(plan.pages, manifest, standing)
        with _phase(report, "render"):
            rendered = _render(plan.pages, todo, theming, manifest, standing, cache, stage, jobs)
            failed = {plan.pages[item.page].site for item in rendered if item.problem}
            for item in rendered:
                if item.problem:
                    problems.add(item.problem, plan.pages[item.page].site)
        _stop_if_strict(options, problems)
        with _phase(report, "search"):
            slugs = [slug for slug in plan.built if slug not in failed]
            found = _search(options, lookup, slugs, plan, manifest, standing, cache, stage, jobs)
        with _phase(report, "publish"):
            _publish(options, network, plan, rendered, found, failed, manifest, report)
    finally:
        manifest.close()
    report.sites = len(plan.built)
    report.articles = sum(len(library.sites[slug].own) for slug in plan.built)
    report.pages_rendered = sum(1 for item in rendered if plan.pages[item.page].template)
    report.refused = sorted(set(problems.items))
    report.next_change = library.next_change
    report.next_silent_change = next_silent_change(lookup)


def load_theming(network: Network, problems: Problems) -> dict[str, Theming]:
    """Templates, assets and strings of each site; a site whose own templates are wrong has none.

    Raises `PortalError` if a theme is unknown or wrong, or a token is.
    """
    found = Problems()
    themes = load_themes(network, found)
    found.stop_if_any()
    assets = {name: load_assets(theme, found) for name, theme in themes.items()}
    shared: dict[str, Templates] = {}
    made: dict[str, Theming] = {}
    for site in network.sites:
        theme = themes[site.theme]
        own = Problems()
        templates = load_templates(network, site, theme, own, shared)
        if templates is None:
            own_folder = f"{site.folder}/templates/".lstrip("/")
            is_own = all(item.path.startswith(own_folder) for item in own.items)
            (problems if is_own else found).extend(own.items, site.slug)
            continue
        strings = dict(theme.strings[site.language])
        made[site.slug] = Theming(templates, with_tokens(assets[site.theme], site, theme), strings)
    found.stop_if_any()
    return made


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


@dataclass(slots=True)
class _Plan:
    """The pages of the sites `built`, but for those that are the `same` as last time, by key."""

    built: list[str]
    pages: list[Page] = field(default_factory=list)
    keys: dict[str, str] = field(default_factory=dict)
    same: set[str] = field(default_factory=set)


def _plan(
    options: Options,
    lookup: Lookup,
    theming: dict[str, Theming],
    manifest: Manifest,
    standing: set[tuple[str, str]],
    problems: Problems,
) -> _Plan:
    indexes = lookup.library.sites
    plan = _Plan(
        [slug for slug in indexes if slug in theming and slug in (options.sites or indexes)]
    )
    damaged = {site for site, route in manifest.files.keys() - standing if not is_index(route)}
    for slug in plan.built:
        key = site_key(lookup, indexes[slug], theming[slug])
        if manifest.site_keys.get(slug) == key and slug not in damaged:
            plan.same.add(slug)
            plan.keys[slug] = key
            continue
        found = Problems()
        plan.pages += plan_site(lookup, indexes[slug], theming[slug], found)
        problems.extend(found.items)
        if not found.items:  # else it is planned, and they are said, every time
            plan.keys[slug] = key
    return plan


def _changed(pages: list[Page], manifest: Manifest, standing: set[tuple[str, str]]) -> list[int]:
    files = manifest.files
    return [
        number
        for number, page in enumerate(pages)
        if (page.site, page.route) not in standing or files[page.site, page.route].key != page.key
    ]


def _render(
    pages: list[Page],
    todo: Sequence[int],
    theming: dict[str, Theming],
    manifest: Manifest,
    standing: set[tuple[str, str]],
    cache: Cache,
    stage: Path,
    jobs: int,
) -> list[Rendered]:
    if not todo:
        return []
    before = {at: manifest.files[at].digest for at in standing}
    work = Work(pages, theming, cache.file, stage, before)
    forget_connection()
    results = pool.run(
        render_batch, work, todo, jobs=jobs if len(todo) >= PARALLEL_FROM else 1, batch=64
    )
    return [item for part in results for item in part]


def _search(
    options: Options,
    lookup: Lookup,
    slugs: list[str],
    plan: _Plan,
    manifest: Manifest,
    standing: set[tuple[str, str]],
    cache: Cache,
    stage: Path,
    jobs: int,
) -> list[Made]:
    """Bring search up to date where it would find something else than last time."""
    names = {slug: search_index.key_name(slug) for slug in slugs}
    files: dict[str, dict[str, Published]] = {slug: {} for slug in slugs}
    damaged = set()
    for at, published in manifest.files.items():
        if is_index(at[1]) and at[0] in files:
            files[at[0]][at[1].partition("/")[2]] = published
            if at not in standing:
                damaged.add(at[0])
    indexes = []
    for slug in slugs:
        index = search_index.plan_index(lookup, lookup.sites[slug])
        plan.keys[names[slug]] = index.key
        if manifest.site_keys.get(names[slug]) != index.key or slug in damaged:
            indexes.append(index)
    if not indexes:
        return []
    keys = {i.site: manifest.site_keys.get(names[i.site], "") for i in indexes}
    known = search_index.recall(cache, {k: v for k, v in keys.items() if k not in damaged})
    work = search_index.IndexWork(lookup, indexes, known, files, cache.file, options.output, stage)
    made = search_index.make_indexes(work, jobs)
    search_index.remember(cache, indexes)
    cache.commit()
    return made


def _publish(
    options: Options,
    network: Network,
    plan: _Plan,
    rendered: list[Rendered],
    found: list[Made],
    failed: set[str],
    manifest: Manifest,
    report: BuildReport,
) -> None:
    skipped = {site.slug for site in network.sites}.difference(plan.built) | failed
    untouched = skipped | plan.same
    changes, kept = [], []
    for item in rendered:
        page = plan.pages[item.page]
        if page.site in failed:
            continue
        at = (page.site, page.route)
        if item.same:
            old = manifest.files[at]
            kept.append((*at, Published(page.key, old.digest, old.size, old.mtime)))
        else:
            changes.append(publish.Change(str(item.page), *at, page.key, item.digest, item.size))
    planned = {(page.site, page.route) for page in plan.pages}
    removed = [
        at
        for at in manifest.files
        if at not in planned
        and at[0] not in untouched
        and not (is_index(at[1]) and at[0] in plan.built)
    ]
    for one in found:
        changes += one.changes
        removed += one.removed
    _refuse_foreign(options, manifest, changes)
    before = {at for at in manifest.files if at[0] not in skipped}
    keys = {
        name: key
        for name, key in (manifest.site_keys | plan.keys).items()
        if name in plan.keys or name.partition("/")[0] in skipped
    }
    for slug in failed:
        keys.pop(slug, None)
    publish.publish(options.output, manifest, changes, removed, kept, keys)
    written = {(change.site, change.route) for change in changes}
    report.files_written = len(changes)
    report.files_removed = len(removed)
    report.files_unchanged = len(before) - len(removed) - len(before & written)
    report.pages_planned = report.files_written + report.files_unchanged


def _refuse_foreign(options: Options, manifest: Manifest, changes: list[publish.Change]) -> None:
    there: dict[str, set[str]] = {}
    foreign = []
    for change in changes:
        if (change.site, change.route) in manifest.files:
            continue
        folder, _, name = f"{change.site}/{change.route}".rpartition("/")
        if folder not in there:
            there[folder] = _files_in(options.output / folder)
        if name in there[folder]:
            foreign.append(f"{folder}/{name}")
    if foreign:
        shown = ", ".join(foreign[:3])
        raise PortalError([problem("output-foreign", name=options.output.name, files=shown)])


def _files_in(folder: Path) -> set[str]:
    try:
        return {e.name for e in os.scandir(folder) if not e.is_dir(follow_symlinks=False)}
    except (FileNotFoundError, NotADirectoryError):
        return set()


def _stop_if_strict(options: Options, problems: Problems) -> None:
    if options.strict:
        problems.stop_if_any()


@contextmanager
def _phase(report: BuildReport, name: str) -> Iterator[None]:
    started = time.perf_counter()
    yield
    report.phases[name] = round(time.perf_counter() - started, 3)
