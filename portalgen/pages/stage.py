"""Stage the files of one site: its pages that differ from published ones, or its search index."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from msgspec import Struct, field
from msgspec.structs import replace

from portalgen import modes
from portalgen.changes.cache import Bodies
from portalgen.changes.ended import Ended, EndedBefore
from portalgen.changes.manifest import Change, Published, SiteFiles
from portalgen.digests import digest_bytes
from portalgen.limits import MEMORY, TIME
from portalgen.pages.cards import Cards, search_record
from portalgen.pages.page import Page
from portalgen.pages.plan import plan_site
from portalgen.pages.render import Rendered, Work, ended_page
from portalgen.problems import Problem, Problems
from portalgen.search.index import (
    IndexDamagedError,
    SearchIndex,
    State,
    changed_files,
    is_index,
    planned_files,
)
from portalgen.search.layout import Layout
from portalgen.settings.routes import SEARCH_FOLDER
from portalgen.themes.theming import Theming, ended_name
from portalgen.worker import Stopped

# CPU for the own templates of one site in a build: enough for pages that take a usual time.
_OWN_SECONDS, _SECONDS_PER_PAGE = 60, 0.02
_BY_THEME = "!"  # in the key of a page that the theme made, since the site's own template cannot


class SiteWork(Struct):
    """Inputs of all sites: published `files` of each, and planned `indexes`.

    `published_indexes` are layout and state of published indexes. What was `ended` is not tried
    again; `off` says why sites have lost their own templates, `endless` which failed by a theme's.
    Without a folder `stage` pages are only tried out: the numbers of those that `choose` returns.
    """

    cards: Cards
    theming: dict[str, Theming]
    files: dict[str, SiteFiles]
    indexes: dict[str, SearchIndex]
    published_indexes: dict[str, tuple[Layout, State]]
    ended: EndedBefore
    bodies: str
    output: Path
    stage: Path | None
    choose: Callable[[list[Page]], list[int]] | None = None
    off: dict[str, list[Problem]] = field(default_factory=dict)
    endless: dict[str, list[Problem]] = field(default_factory=dict)


class SiteResult(Struct):
    """Changes of a site's pages or index: staged files, and published ones to remove.

    `rekeyed` are files with another key but the same bytes; `failed` if the theme's own template
    could not render a page. `ended`: what is not to be tried again. There is no use in rendering
    more pages if it `is_over`; with `own_ended`, the site is to be made again without its own
    templates, which exceeded their limits.
    """

    site: str
    changes: list[Change] = field(default_factory=list)
    removed: list[tuple[str, str]] = field(default_factory=list)
    rekeyed: list[tuple[str, str, Published]] = field(default_factory=list)
    rendered: int = 0
    problems: list[Problem] = field(default_factory=list)
    failed: bool = False
    ended: list[Ended] = field(default_factory=list)
    is_over: bool = False
    own_ended: bool = False


class SitePages:
    """The planned pages of a site: which to render, and what became of them."""

    def __init__(self, work: SiteWork, slug: str):
        problems = Problems(work.off.get(slug, ()))
        self.theming, self.files = work.theming[slug], work.files[slug]
        index = work.cards.library.sites[slug]
        self.pages = plan_site(work.cards, index, self.theming, problems)
        self.result = SiteResult(slug, problems=problems.items)
        files = self.files
        digests = {
            route: old.digest for route, old in files.published.items() if route not in files.lost
        }
        self.work = Work(self.pages, self.theming, work.bodies, work.stage, digests)
        planned = {page.route for page in self.pages}
        self.result.removed = [
            (slug, route) for route in files.published
            if route not in planned and not is_index(route)
        ]  # fmt: skip
        self._seconds = 0.0
        chosen = work.choose(self.pages) if work.choose else self._changed()
        self.todo = [number for number in chosen if not self._is_settled(number, work.ended)]

    def _changed(self) -> list[int]:
        """The numbers of pages whose published file does not have their key."""
        changed = []
        for number, page in enumerate(self.pages):
            old = self.files.published.get(page.route)
            if old is None or old.key != page.key or page.route in self.files.lost:
                changed.append(number)
        return changed

    def _is_settled(self, number: int, ended: EndedBefore) -> bool:
        """Whether an earlier build says what becomes of a page; its problem is told again."""
        page = self.pages[number]
        problem = ended.recall(_name(page), page.key)
        if problem is None:
            return False
        if not problem.kept:
            self._fail(page, problem)
            return True
        old = self.files.published.get(page.route)
        stands = old is not None and old.key == page.key + _BY_THEME
        if self.work.stage and (not stands or page.route in self.files.lost):
            return False
        self.result.problems.append(problem)
        self.result.ended.append(Ended(_name(page), page.key, problem))
        return True

    def take(self, rendered: Rendered) -> None:
        """Note what became of a page."""
        result, page = self.result, self.pages[rendered.page]
        if rendered.stopped:
            self.end(page, rendered.stopped)
            return
        result.rendered += bool(page.template)
        key = page.key
        if rendered.problem:
            result.problems.append(rendered.problem)
            key += _BY_THEME
        if not rendered.digest:
            result.failed = True
        elif rendered.same:
            published = replace(self.files.published[page.route], key=key)
            result.rekeyed.append((page.site, page.route, published))
        else:
            staged = f"{page.site}-{rendered.page}"
            result.changes.append(
                Change(staged, page.site, page.route, key, rendered.digest, rendered.size)
            )
        if rendered.problem and rendered.digest:
            result.ended.append(Ended(_name(page), page.key, rendered.problem))
        self._seconds += rendered.seconds
        most = _OWN_SECONDS + _SECONDS_PER_PAGE * len(self.todo)
        if self.theming.templates.base and self._seconds > most:
            self.end(page, Stopped(TIME))

    def end(self, page: Page, stopped: Stopped) -> None:
        """Note that a page, or all of them together, exceeded the limits."""
        templates = self.theming.templates
        problem = ended_page(page, templates, stopped)
        if not templates.base or not page.template:
            self._fail(page, problem._replace(kept=""))
        else:
            self.result.is_over = self.result.own_ended = True
            self.result.problems.append(problem)
            self.result.ended = [Ended(ended_name(page.site), templates.own, problem)]
        if stopped.reason not in (TIME, MEMORY):  # perhaps not its fault: it is tried again
            self.result.ended.pop()

    def _fail(self, page: Page, problem: Problem) -> None:
        self.result.failed = self.result.is_over = True
        self.result.problems.append(problem)
        self.result.ended.append(Ended(_name(page), page.key, problem))


def _name(page: Page) -> str:
    return f"page {page.site}/{page.route}"


def stage_index(work: SiteWork, slug: str) -> SiteResult:
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
