"""Make the files of sites: plan, compare with published files, render, and stage what differs.

Many sites are made in parallel, each by one worker; for few, workers share the pages. A page that
exceeds its limits ends its site's own templates, or if they are the theme's, its site.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from itertools import chain
from pathlib import Path
from uuid import uuid4

from msgspec.structs import replace

from portalgen import pool
from portalgen.changes.cache import Cache
from portalgen.changes.ended import EndedBefore
from portalgen.changes.manifest import Manifest, SiteFiles
from portalgen.limits import LIMITS, Limits
from portalgen.pages.cards import Cards
from portalgen.pages.keys import Plan
from portalgen.pages.page import Page
from portalgen.pages.render import render
from portalgen.pages.stage import SitePages, SiteResult, SiteWork, stage_index
from portalgen.problems import PortalError
from portalgen.search.index import is_index, key_name, recall_indexes, remember_indexes
from portalgen.themes.theming import Theming
from portalgen.worker import Stopped

_CLUSTER_FROM = 4  # tasks; fewer are faster on this machine
PARALLEL_FROM = 200  # pages; with fewer, workers do not pay off
_MOST_ENDLESS = 2  # sites that endless templates of themes may cost before they cost the build
_PAGE_LIMITS = Limits(0, LIMITS.wall, 0)  # those of one page, but for what `render` holds itself
_SITE_SECONDS, _SECONDS_PER_ARTICLE = 120, 0.2  # after which the worker of a site must hang
_PAGES, _INDEX = "pages", "index"
_Task = tuple[str, str]  # what to make, and of which site
_Results = Iterator[SiteResult | Stopped]


def make_sites(
    cards: Cards, theming: dict[str, Theming], plan: Plan, manifest: Manifest, cache: Cache,
    ended: EndedBefore, stage: Path, scheduler: str, jobs: int,
    progress: pool.Progress = pool.silent,
) -> list[SiteResult]:  # fmt: skip
    """Stage the files that differ, of the planned pages and search indexes.

    `scheduler`: the address of a cluster for many sites; empty: use `jobs` processes. What it does
    not do is done here, with a warning in the library. Raises `PortalError` if a theme's template
    has no end.
    """
    tasks = [(_PAGES, slug) for slug in plan.pages] + [(_INDEX, slug) for slug in plan.indexes]
    if not tasks:
        return []
    cache.commit()  # workers read the bodies from it
    files = {slug: manifest.of(slug) for _, slug in tasks}
    published_indexes = recall_indexes(cache, {
        slug: manifest.site_keys.get(key_name(slug), "")
        for slug in plan.indexes
        if not any(map(is_index, files[slug].lost))
    })  # fmt: skip
    work = SiteWork(
        cards, dict(theming), files, plan.indexes, published_indexes, ended, cache.address(),
        manifest.output, stage,
    )  # fmt: skip
    results: list[SiteResult] = []
    scheduler = scheduler if len(tasks) >= _CLUSTER_FROM else ""
    many = scheduler or len(tasks) >= 2 * jobs
    for result in _many(work, tasks, jobs, scheduler, cache) if many else _few(work, tasks, jobs):
        results.append(result)
        ended.remember(result.ended)
        progress(len(results), len(tasks))
    remember_indexes(cache, plan.indexes.values())
    cache.commit()
    return results


def try_sites(
    cards: Cards, theming: dict[str, Theming], cache: Cache, ended: EndedBefore, jobs: int,
    choose: Callable[[list[Page]], list[int]],
) -> list[SiteResult]:  # fmt: skip
    """Render the chosen pages of each site, and stage nothing.

    Raises `PortalError` if a theme's template has no end.
    """
    cache.commit()
    slugs = list(cards.library.sites)
    files = {slug: SiteFiles({}, set()) for slug in slugs}
    work = SiteWork(
        cards, dict(theming), files, {}, {}, ended, cache.address(), Path(), None, choose
    )
    return list(_many(work, [(_PAGES, slug) for slug in slugs], jobs, "", cache))


def _many(
    work: SiteWork, tasks: list[_Task], jobs: int, scheduler: str, cache: Cache
) -> Iterator[SiteResult]:
    """Make each site in a worker, then those that were ended page by page."""
    again = []
    tasks.sort(key=lambda task: -_size(work, task))
    with _runner(scheduler, work, jobs, cache) as run:
        for task, result in zip(tasks, run(tasks), strict=True):
            if isinstance(result, Stopped):
                again.append(task)
                continue
            _note(work, result)
            if result.own_ended:
                again.append(task)
            else:
                yield result
    yield from _few(work, again, jobs)


def _few(work: SiteWork, tasks: list[_Task], jobs: int) -> Iterator[SiteResult]:
    """Plan sites one after the other, and render their pages in workers."""
    waiting = [slug for kind, slug in tasks if kind == _PAGES]
    while waiting:
        sites = [SitePages(work, slug) for slug in waiting]
        _render(work, sites, jobs)
        waiting = [site.result.site for site in sites if site.result.own_ended]
        yield from (site.result for site in sites if not site.result.own_ended)
    yield from (stage_index(work, slug) for kind, slug in tasks if kind == _INDEX)


def _render(work: SiteWork, sites: list[SitePages], jobs: int) -> None:
    """Render the pages of sites; once one was ended, those of the others."""
    shared = [site.work for site in sites]
    todo = [(number, page) for number, site in enumerate(sites) for page in site.todo]
    while todo := [item for item in todo if not sites[item[0]].result.is_over]:
        workers = jobs if len(todo) >= PARALLEL_FROM else 1
        results = pool.each(render, shared, todo, jobs=workers, batch=64, limits=_PAGE_LIMITS)
        with closing(results):
            for count, result in enumerate(results, 1):
                number, page = todo[count - 1]
                site = sites[number]
                if isinstance(result, Stopped):
                    site.end(site.pages[page], result)
                else:
                    site.take(result)
                if site.result.is_over:
                    _note(work, site.result)
                    break
        todo = todo[count:]


def _note(work: SiteWork, result: SiteResult) -> None:
    """Remember what was ended of a site, and what that means for all.

    Raises `PortalError` if the templates of a theme have no end.
    """
    work.ended.remember(result.ended)
    if result.own_ended:
        work.off[result.site] = result.problems[-1:]
        work.theming[result.site] = work.theming[result.site].without_own()
    elif result.is_over:
        work.endless[result.site] = result.problems
        if len(work.endless) > _MOST_ENDLESS:
            raise PortalError(chain.from_iterable(work.endless.values()))


def _size(work: SiteWork, task: _Task) -> int:
    """The approximate size of a task, in articles."""
    kind, slug = task
    own = work.cards.library.sites[slug].own if kind == _PAGES else work.indexes[slug].articles
    return len(own)


@contextmanager
def _runner(
    scheduler: str, work: SiteWork, jobs: int, cache: Cache
) -> Iterator[Callable[[list[_Task]], _Results]]:
    """Yield what makes sites on the cluster, or on this machine without a scheduler."""
    if not scheduler:
        yield lambda tasks: _make_each(work, tasks, jobs)
        return
    from portalgen.cluster import connect

    assert work.stage
    with connect(scheduler, work.stage, work.cards.library.warnings.append) as run:
        theirs = replace(work, bodies=cache.address(remote=True))
        yield lambda tasks: chain.from_iterable(run(_make_apart, theirs, tasks, jobs=jobs, batch=1))


def _make_apart(work: SiteWork, tasks: Sequence[_Task]) -> list[SiteResult | Stopped]:
    """Make sites on another machine, there, too, in a process that can be ended.

    They have a folder of their own: a worker that was given up may go on writing.
    """
    assert work.stage
    folder = uuid4().hex
    (work.stage / folder).mkdir()
    results = list(_make_each(replace(work, stage=work.stage / folder), tasks, 1))
    for result in results:
        if isinstance(result, SiteResult):
            result.changes = [
                replace(change, staged=f"{folder}/{change.staged}") for change in result.changes
            ]
    return results


def _make_each(work: SiteWork, tasks: Sequence[_Task], jobs: int) -> _Results:
    largest = max(_size(work, task) for task in tasks)
    limits = Limits(0, _SITE_SECONDS + int(_SECONDS_PER_ARTICLE * largest), 0)
    return pool.each(_make, work, tasks, jobs=jobs, batch=1, limits=limits)


def _make(work: SiteWork, task: _Task) -> SiteResult:
    kind, slug = task
    if kind == _INDEX:
        return stage_index(work, slug)
    site = SitePages(work, slug)
    for number in site.todo:
        if site.result.is_over:
            break
        site.take(render([site.work], (0, number)))
    return site.result
