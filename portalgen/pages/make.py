"""The files of one site: planned, compared with what stands, rendered and staged where they differ.

Many sites are made side by side, each by one worker; the pages of few sites are shared out.
"""

from collections.abc import Collection, Iterable, Sequence
from functools import partial
from pathlib import Path

from msgspec import Struct, field

from portalgen import pool
from portalgen.changes.cache import Cache, CacheDamagedError
from portalgen.changes.manifest import Published, SiteFiles
from portalgen.output.publish import Change
from portalgen.pages.cards import Lookup
from portalgen.pages.inputs import Memory
from portalgen.pages.plan import plan_site
from portalgen.pages.render import Work, forget_connection, render_batch
from portalgen.problems import Problem, Problems
from portalgen.search.index import IndexWork, Made, is_index, make_index
from portalgen.themes.theming import Theming

PARALLEL_FROM = 200  # fewer pages than this are rendered sooner than workers start
_PAGES, _INDEX = "pages", "index"
_Task = tuple[str, str]  # what to make, and of which site


class SiteWork(Struct):
    """What sites are made with; `files` are those of each site made.

    `plans` is what was remembered of them.
    """

    lookup: Lookup
    theming: dict[str, Theming]
    files: dict[str, SiteFiles]
    plans: dict[str, bytes]
    indexes: IndexWork
    bodies: str
    stage: Path

    def size(self, task: _Task) -> int:
        """About how much there is to do."""
        kind, slug = task
        if kind == _PAGES:
            return len(self.lookup.library.sites[slug].own)
        return len(self.indexes.indexes[slug].articles)


class SiteMade(Made):
    """What became of a site's pages: if one `failed`, or was not planned, `problems` tell.

    `plan` is to be remembered.
    """

    kept: list[tuple[str, str, Published]] = field(default_factory=list)
    rendered: int = 0
    problems: list[Problem] = field(default_factory=list)
    failed: bool = False
    plan: bytes = b""


def recall_plans(cache: Cache, sites: Collection[str]) -> dict[str, bytes]:
    """What was remembered of the plans of these sites."""
    rows = cache.query("SELECT site, state FROM plans")
    return {site: state for site, state in rows if site in sites}


def remember_plans(cache: Cache, made: Iterable[SiteMade]) -> None:
    """Keep what sites were planned from, for `recall_plans`."""
    cache.write("INSERT OR REPLACE INTO plans VALUES (?, ?)", [(m.site, m.plan) for m in made])


def make_sites(
    work: SiteWork, pages: Sequence[str], indexes: Sequence[str], jobs: int,
    run: pool.Run = pool.run, progress: pool.Progress = pool.uncounted,
) -> tuple[list[SiteMade], list[Made]]:  # fmt: skip
    """The pages and the search indexes of these sites, as far as they differ.

    `run` makes many sites, `jobs` at a time where it works on this machine.
    """
    forget_connection()
    tasks = [(_PAGES, slug) for slug in pages] + [(_INDEX, slug) for slug in indexes]
    if len(tasks) >= 2 * jobs:
        tasks.sort(key=lambda task: -work.size(task))
        results = run(_make_batch, work, tasks, jobs=jobs, batch=1)
        made = []
        for part in results:
            made += part
            progress(len(made), len(tasks))
    else:
        made = [_make(work, task, jobs) for task in tasks]
    found = [one for one in made if isinstance(one, SiteMade)]
    return found, [one for one in made if not isinstance(one, SiteMade)]


def _make_batch(work: SiteWork, batch: Sequence[_Task]) -> list[Made]:
    made = [_make(work, task, 1) for task in batch]
    forget_connection()
    return made


def _make(work: SiteWork, task: _Task, jobs: int) -> Made:
    kind, slug = task
    return _make_pages(work, slug, jobs) if kind == _PAGES else make_index(work.indexes, slug)


def _make_pages(work: SiteWork, slug: str, jobs: int) -> SiteMade:
    found = Problems()
    files, theming = work.files[slug], work.theming[slug]
    lookup, index, stands = work.lookup, work.lookup.library.sites[slug], partial(_stands, files)
    try:
        memory = Memory(lookup, index, theming, work.plans.get(slug, b""), stands)
    except (ValueError, TypeError) as error:
        raise CacheDamagedError(str(error)) from error
    pages = plan_site(lookup, index, theming, found, memory)
    made = SiteMade(slug, problems=found.items, plan=memory.to_bytes())
    todo = [number for number, page in enumerate(pages) if not stands(page.route, page.key)]
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
