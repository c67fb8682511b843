"""Make the files of sites: plan, compare with published files, render, and stage what differs.

Many sites are made in parallel, each by one worker; for few, workers share the pages.
"""

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from uuid import uuid4

from msgspec import Struct, field
from msgspec.structs import replace

from portalgen import modes, pool
from portalgen.changes.cache import Bodies, Cache
from portalgen.changes.manifest import Change, Manifest, Published, SiteFiles
from portalgen.digests import digest_bytes
from portalgen.pages.cards import Cards, search_record
from portalgen.pages.keys import Plan
from portalgen.pages.page import Page
from portalgen.pages.plan import plan_site
from portalgen.pages.render import Work, forget_connection, render_batch
from portalgen.problems import Problem, Problems
from portalgen.search.index import (
    IndexDamagedError,
    SearchIndex,
    State,
    changed_files,
    is_index,
    key_name,
    planned_files,
    recall_indexes,
    remember_indexes,
)
from portalgen.search.layout import Layout
from portalgen.settings.routes import SEARCH_FOLDER
from portalgen.themes.theming import Theming

_CLUSTER_FROM = 4  # tasks; fewer are faster on this machine
PARALLEL_FROM = 200  # pages; with fewer, workers do not pay off
_PAGES, _INDEX = "pages", "index"
_Task = tuple[str, str]  # what to make, and of which site


class SiteWork(Struct):
    """Inputs of all sites: published `files` of each, and planned `indexes`.

    `published_indexes` are layout and state of published indexes.
    """

    cards: Cards
    theming: dict[str, Theming]
    files: dict[str, SiteFiles]
    indexes: dict[str, SearchIndex]
    published_indexes: dict[str, tuple[Layout, State]]
    bodies: str
    output: Path
    stage: Path

    def size(self, task: _Task) -> int:
        """The approximate size of a task, in articles."""
        kind, slug = task
        if kind == _PAGES:
            return len(self.cards.library.sites[slug].own)
        return len(self.indexes[slug].articles)


class SiteResult(Struct):
    """Changes of a site's pages or index: staged files, and published ones to remove.

    `rekeyed` are files with another key but the same bytes; `failed` if the theme's own template
    could not render a page.
    """

    site: str
    changes: list[Change] = field(default_factory=list)
    removed: list[tuple[str, str]] = field(default_factory=list)
    rekeyed: list[tuple[str, str, Published]] = field(default_factory=list)
    rendered: int = 0
    problems: list[Problem] = field(default_factory=list)
    failed: bool = False


def make_sites(
    cards: Cards, theming: dict[str, Theming], plan: Plan, manifest: Manifest, cache: Cache,
    stage: Path, scheduler: str, jobs: int, progress: pool.Progress = pool.silent,
) -> list[SiteResult]:  # fmt: skip
    """Stage the files that differ, of the planned pages and search indexes.

    `scheduler`: the address of a cluster for many sites; empty: use `jobs` processes. What it does
    not do is done here, with a warning in the library.
    """
    tasks = [(_PAGES, slug) for slug in plan.pages] + [(_INDEX, slug) for slug in plan.indexes]
    if not tasks:
        return []
    forget_connection()
    cache.commit()  # workers read the bodies from it
    files = {slug: manifest.of(slug) for _, slug in tasks}
    published_indexes = recall_indexes(cache, {
        slug: manifest.site_keys.get(key_name(slug), "")
        for slug in plan.indexes
        if not any(map(is_index, files[slug].lost))
    })  # fmt: skip
    scheduler = scheduler if len(tasks) >= _CLUSTER_FROM else ""
    with _runner(scheduler, stage, cards.library.warnings) as run:
        local = run is pool.run
        bodies = cache.address(remote=not local)
        work = SiteWork(
            cards, theming, files, plan.indexes, published_indexes, bodies, manifest.output, stage
        )
        results = _make_tasks(work, tasks, jobs, run, progress)
    remember_indexes(cache, plan.indexes.values())
    cache.commit()
    return results


@contextmanager
def _runner(scheduler: str, stage: Path, warnings: list[Problem]) -> Iterator[pool.Run]:
    """Yield `run` of the cluster, or of this machine without a scheduler."""
    if not scheduler:
        yield pool.run
        return
    from portalgen.cluster import connect

    with connect(scheduler, stage, warnings.append) as run:
        yield run


def _make_tasks(
    work: SiteWork, tasks: list[_Task], jobs: int, run: pool.Run, progress: pool.Progress
) -> list[SiteResult]:
    """Run each task in a worker, or if they are few, one after the other with all workers."""
    local = run is pool.run
    if local and len(tasks) < 2 * jobs:
        return [_make(work, task, jobs) for task in tasks]
    tasks.sort(key=lambda task: -work.size(task))
    results: list[SiteResult] = []
    for batch in run(_make_batch if local else _make_apart, work, tasks, jobs=jobs, batch=1):
        results += batch
        progress(len(results), len(tasks))
    return results


def _make_batch(work: SiteWork, batch: Sequence[_Task]) -> list[SiteResult]:
    results = [_make(work, task, 1) for task in batch]
    forget_connection()
    return results


def _make_apart(work: SiteWork, batch: Sequence[_Task]) -> list[SiteResult]:
    """Like `_make_batch`, in a folder of its own: a worker that was given up may go on writing."""
    folder = uuid4().hex
    stage = work.stage / folder
    stage.mkdir()
    results = _make_batch(replace(work, stage=stage), batch)
    for result in results:
        result.changes = [
            replace(change, staged=f"{folder}/{change.staged}") for change in result.changes
        ]
    return results


def _make(work: SiteWork, task: _Task, jobs: int) -> SiteResult:
    kind, slug = task
    return _make_pages(work, slug, jobs) if kind == _PAGES else _make_index(work, slug)


def _make_pages(work: SiteWork, slug: str, jobs: int) -> SiteResult:
    problems = Problems()
    files, theming = work.files[slug], work.theming[slug]
    pages = plan_site(work.cards, work.cards.library.sites[slug], theming, problems)
    result = SiteResult(slug, problems=problems.items)
    todo = [number for number, page in enumerate(pages) if not _current(files, page)]
    digests = {
        route: old.digest for route, old in files.published.items() if route not in files.lost
    }
    shared = Work(pages, theming, work.bodies, work.stage, digests)
    parallel = jobs if len(todo) >= PARALLEL_FROM else 1
    for batch in pool.run(render_batch, shared, todo, jobs=parallel):
        for rendered in batch:
            page = pages[rendered.page]
            result.rendered += bool(page.template)
            if rendered.problem:
                result.problems.append(rendered.problem)
            key = "" if rendered.problem else page.key  # without key: made in each build
            if not rendered.digest:
                result.failed = True
            elif rendered.same:
                published = replace(files.published[page.route], key=key)
                result.rekeyed.append((slug, page.route, published))
            else:
                staged = f"{slug}-{rendered.page}"
                result.changes.append(
                    Change(staged, slug, page.route, key, rendered.digest, rendered.size)
                )
    planned = {page.route for page in pages}
    result.removed = [
        (slug, route) for route in files.published if route not in planned and not is_index(route)
    ]
    return result


def _current(files: SiteFiles, page: Page) -> bool:
    """Whether the published file of a page has its key."""
    old = files.published.get(page.route)
    return old is not None and old.key == page.key and page.route not in files.lost


def _make_index(work: SiteWork, slug: str) -> SiteResult:
    """Build or update the search index of a site."""
    index, files, site = work.indexes[slug], work.files[slug], work.cards.sites[slug]
    published = {
        route.partition("/")[2]: old for route, old in files.published.items() if is_index(route)
    }
    result = SiteResult(slug)

    def read(name: str) -> bytes:
        data = (work.output / slug / SEARCH_FOLDER / name).read_bytes()
        if name not in published or digest_bytes(data) != published[name].digest:
            raise IndexDamagedError
        return data

    with closing(Bodies(work.bodies)) as bodies:
        changed = changed_files(
            index, work.published_indexes.get(slug), read,
            lambda path: search_record(work.cards, site, path, bodies.words(path)),
        )  # fmt: skip
        for name, data in changed:
            digest = digest_bytes(data)
            old, route = published.get(name), f"{SEARCH_FOLDER}/{name}"
            if old is None or old.digest != digest or route in files.lost:
                staged = f"{slug}-{name}"
                modes.write_file(f"{work.stage}/{staged}", data)
                result.changes.append(Change(staged, slug, route, digest, digest, len(data)))
    removed = published.keys() - planned_files(index)
    result.removed = [(slug, f"{SEARCH_FOLDER}/{name}") for name in removed]
    return result
