"""The files of sites: planned, compared with what stands, rendered and staged where they differ.

Many sites are made side by side, each by one worker; the pages of few sites are shared out.
"""

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from msgspec import Struct, field

from portalgen import modes, pool
from portalgen.changes.bodies import Bodies
from portalgen.changes.cache import Cache
from portalgen.changes.manifest import Change, Manifest, Published, SiteFiles
from portalgen.digests import digest_bytes
from portalgen.pages.cards import Cards
from portalgen.pages.compare import Plan
from portalgen.pages.plan import plan_site
from portalgen.pages.render import Work, forget_connection, render_batch
from portalgen.pages.search import search_record
from portalgen.problems import Problem, Problems
from portalgen.search.index import (
    IndexDamagedError,
    SearchIndex,
    State,
    changed_files,
    is_index,
    key_name,
    recall_indexes,
    remember_indexes,
    wanted_files,
)
from portalgen.search.layout import Layout
from portalgen.settings.routes import SEARCH_FOLDER
from portalgen.themes.theming import Theming

_MANY = 4  # pages or index of a site; fewer are made sooner here than on a cluster
PARALLEL_FROM = 200  # fewer pages than this are rendered sooner than workers start
_PAGES, _INDEX = "pages", "index"
_Task = tuple[str, str]  # what to make, and of which site


class SiteWork(Struct):
    """What sites are made with; `files` are those published of each.

    `indexes` are those to make, and `known` what was remembered of those that are published.
    """

    cards: Cards
    theming: dict[str, Theming]
    files: dict[str, SiteFiles]
    indexes: dict[str, SearchIndex]
    known: dict[str, tuple[Layout, State]]
    bodies: str
    output: Path
    stage: Path

    def size(self, task: _Task) -> int:
        """About how much there is to do."""
        kind, slug = task
        if kind == _PAGES:
            return len(self.cards.library.sites[slug].own)
        return len(self.indexes[slug].articles)


class Made(Struct):
    """What became of a site's pages or of its index: files staged, and published ones that must go.

    `kept` are files made for another key whose bytes stay; if any `failed`, `problems` tell.
    """

    site: str
    changes: list[Change] = field(default_factory=list)
    removed: list[tuple[str, str]] = field(default_factory=list)
    kept: list[tuple[str, str, Published]] = field(default_factory=list)
    rendered: int = 0
    problems: list[Problem] = field(default_factory=list)
    failed: bool = False


def make_sites(
    cards: Cards, theming: dict[str, Theming], plan: Plan, manifest: Manifest, cache: Cache,
    stage: Path, scheduler: str, jobs: int, progress: pool.Progress = pool.silent,
) -> list[Made]:  # fmt: skip
    """The pages and the search indexes planned, as far as they differ, staged in `stage`.

    `scheduler`: the address of a cluster that makes many sites; none: `jobs` processes do.
    """
    tasks = [(_PAGES, slug) for slug in plan.pages] + [(_INDEX, slug) for slug in plan.indexes]
    if not tasks:
        return []
    forget_connection()
    cache.commit()  # workers read the bodies from it
    files = {slug: manifest.of(slug) for _, slug in tasks}
    known = recall_indexes(cache, {
        slug: manifest.site_keys.get(key_name(slug), "")
        for slug in plan.indexes
        if not any(map(is_index, files[slug].lost))
    })  # fmt: skip
    with _runner(scheduler if len(tasks) >= _MANY else "", stage) as run:
        here = run is pool.run
        bodies = cache.address(elsewhere=not here)
        work = SiteWork(cards, theming, files, plan.indexes, known, bodies, manifest.output, stage)
        made = _make_tasks(work, tasks, jobs if here else 1, run, progress)
    remember_indexes(cache, plan.indexes.values())
    cache.commit()
    return made


@contextmanager
def _runner(scheduler: str, stage: Path) -> Iterator[pool.Run]:
    """Who makes the sites."""
    if not scheduler:
        yield pool.run
        return
    from portalgen.cluster import connect

    with connect(scheduler, stage) as run:
        yield run


def _make_tasks(
    work: SiteWork, tasks: list[_Task], jobs: int, run: pool.Run, progress: pool.Progress
) -> list[Made]:
    """Few sites share all workers; of many, each has one."""
    if len(tasks) < 2 * jobs:
        return [_make(work, task, jobs) for task in tasks]
    tasks.sort(key=lambda task: -work.size(task))
    made: list[Made] = []
    for part in run(_make_batch, work, tasks, jobs=jobs, batch=1):
        made += part
        progress(len(made), len(tasks))
    return made


def _make_batch(work: SiteWork, batch: Sequence[_Task]) -> list[Made]:
    made = [_make(work, task, 1) for task in batch]
    forget_connection()
    return made


def _make(work: SiteWork, task: _Task, jobs: int) -> Made:
    kind, slug = task
    return _make_pages(work, slug, jobs) if kind == _PAGES else _make_index(work, slug)


def _make_pages(work: SiteWork, slug: str, jobs: int) -> Made:
    problems = Problems()
    files, theming = work.files[slug], work.theming[slug]
    pages = plan_site(work.cards, work.cards.library.sites[slug], theming, problems)
    made = Made(slug, problems=problems.items)
    todo = [number for number, page in enumerate(pages) if not _stands(files, page.route, page.key)]
    before = {route: old.digest for route, old in files.known.items() if route not in files.lost}
    shared = Work(pages, theming, work.bodies, work.stage, before)
    parallel = jobs if len(todo) >= PARALLEL_FROM else 1
    for part in pool.run(render_batch, shared, todo, jobs=parallel):
        for item in part:
            page = pages[item.page]
            made.rendered += bool(page.template)
            if item.problem:
                made.problems.append(item.problem)
                made.failed = True
            elif item.same:
                old = files.known[page.route]
                again = Published(page.key, old.digest, old.size, old.mtime)
                made.kept.append((slug, page.route, again))
            else:
                staged = f"{slug}-{item.page}"
                made.changes.append(
                    Change(staged, slug, page.route, page.key, item.digest, item.size)
                )
    planned = {page.route for page in pages}
    made.removed = [
        (slug, route) for route in files.known if route not in planned and not is_index(route)
    ]
    return made


def _stands(files: SiteFiles, route: str, key: str) -> bool:
    """Whether a file stands there that was made of the same."""
    old = files.known.get(route)
    return old is not None and old.key == key and route not in files.lost


def _make_index(work: SiteWork, slug: str) -> Made:
    """Bring the index of a site up to date."""
    index, files, site = work.indexes[slug], work.files[slug], work.cards.sites[slug]
    published = {
        route.partition("/")[2]: old for route, old in files.known.items() if is_index(route)
    }
    made = Made(slug)

    def read(name: str) -> bytes:
        data = (work.output / slug / SEARCH_FOLDER / name).read_bytes()
        if name not in published or digest_bytes(data) != published[name].digest:
            raise IndexDamagedError
        return data

    with closing(Bodies(work.bodies)) as bodies:
        changed = changed_files(
            index, work.known.get(slug), read,
            lambda path: search_record(work.cards, site, path, bodies.words(path)),
        )  # fmt: skip
        for name, data in changed:
            digest = digest_bytes(data)
            old, route = published.get(name), f"{SEARCH_FOLDER}/{name}"
            if old is None or old.digest != digest or route in files.lost:
                staged = f"{slug}-{name}"
                modes.write_file(f"{work.stage}/{staged}", data)
                made.changes.append(Change(staged, slug, route, digest, digest, len(data)))
    gone = published.keys() - wanted_files(index)
    made.removed = [(slug, f"{SEARCH_FOLDER}/{name}") for name in gone]
    return made
