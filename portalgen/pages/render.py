"""Render planned pages to bytes.

A page that a site's own template cannot render has the theme's; one that the theme's cannot render
stops its site, not the build.
"""

import html
import re
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup
from msgspec import Struct
from msgspec.structs import asdict

from portalgen import modes, sources
from portalgen.changes.cache import Bodies, CacheDamagedError
from portalgen.content.markdown import map_links
from portalgen.digests import digest_bytes
from portalgen.limits import LIMITS, ExceededError, ended_problem, limited
from portalgen.pages import contexts as c
from portalgen.pages import formats
from portalgen.pages.page import Page
from portalgen.problems import Problem, problem
from portalgen.themes.templates import OFF, Templates
from portalgen.themes.theming import Theming
from portalgen.worker import Stopped, lines_of

_WITH_ADDRESS = re.compile(r"""<(?:a|img|source)(?: [a-z]+(?:="[^"]*")?)*>""")
_PATH = re.compile(r'(?:(?<= href=")|(?<= src=")|(?<= srcset="))(?=/(?!/))|(?<=w, )(?=/)')
_ABSOLUTE_PATH = re.compile(r"/\S*")


class Work(Struct):
    """Inputs for rendering a site: planned pages, theming, and the address of bodies.

    `published` are digests of published files by route; `stage` is the folder for new ones, none
    if pages are only tried out.
    """

    pages: list[Page]
    theming: Theming
    bodies: str
    stage: Path | None
    published: dict[str, str]


class Rendered(Struct):
    """The result of page number `page`: staged as `site-number`, unless `same` as published.

    With a `problem`, it was rendered with the theme's template, or not at all: then without digest.
    `seconds` of CPU.
    """

    page: int
    digest: str = ""
    size: int = 0
    same: bool = False
    problem: Problem | None = None
    stopped: Stopped | None = None
    seconds: float = 0.0


_bodies: Bodies | None = None  # one connection for each process


def render(works: Sequence[Work], item: tuple[int, int]) -> Rendered:
    """Render and stage a page: the numbers of its work, and of it.

    A page that exceeds its limits has no digest; in a process that cannot hold them, it is not
    ended.
    """
    global _bodies  # noqa: PLW0603
    work, number = works[item[0]], item[1]
    if _bodies is None or _bodies.address != work.bodies:
        _bodies = Bodies(work.bodies)
    started = time.process_time()
    try:
        with limited(LIMITS):
            rendered = _render_and_stage(work, number, _bodies)
    except ExceededError as error:
        rendered = Rendered(number, stopped=Stopped(error.reason, lines_of(error)))
    rendered.seconds = time.process_time() - started
    return rendered


def _render_and_stage(work: Work, number: int, bodies: Bodies) -> Rendered:
    page = work.pages[number]
    try:
        data, problem = render_page(page, work.theming, bodies)
    except FileNotFoundError as error:
        if isinstance(page.context, c.FileContext) and page.route.startswith("media/"):
            raise CacheDamagedError("media missing") from error
        raise
    if data is None:
        return Rendered(number, problem=problem)
    digest = digest_bytes(data)
    same = work.published.get(page.route) == digest
    if not same and work.stage:
        modes.write_file(f"{work.stage}/{page.site}-{number}", data)
    return Rendered(number, digest, len(data), same, problem)


def render_page(
    page: Page, theming: Theming, bodies: Callable[[str], str]
) -> tuple[bytes | None, Problem | None]:
    """A page, and why its template failed; `bodies` returns bodies by path.

    Where a site's own template failed, the page is rendered with the theme's, if that can do it.
    """
    templates = theming.templates
    problem = None
    while True:
        try:
            return _rendered(page, theming, templates, bodies), problem
        except (jinja2.TemplateError, RecursionError, TypeError, ValueError, KeyError,
                ArithmeticError, AttributeError, LookupError) as error:  # fmt: skip
            if not page.template:
                raise
            problem = _template_problem(page, error, templates)
        if templates.base is None:
            return None, problem
        templates = templates.base


def _rendered(
    page: Page, theming: Theming, templates: Templates, bodies: Callable[[str], str]
) -> bytes:
    context = page.context
    if isinstance(context, c.FileContext):
        return sources.read_bytes(context.source, sources.MAX_FILE_BYTES)
    if not page.template:
        return formats.render(context, lambda item: _feed_body(context, item, bodies))
    values: dict[str, Any] = asdict(context)
    values["t"] = theming.strings
    root = context.site.root
    values["assets"] = theming.addresses(root)
    shared = {key: values[key] for key in ("site", "t", "assets")}
    values["parts"] = templates.parts(page.site, shared)
    values["json_ld"] = Markup(formats.json_ld(context))
    if isinstance(context, c.ArticleContext):
        values["body"] = Markup(_resolve(bodies(context.article.path), context.links))
    return templates.render(page.template, values).encode()


def _resolve(body: str, links: tuple[tuple[str, str], ...]) -> str:
    """Replace references by addresses, and links to unpublished articles by their text."""
    if not links:
        return body
    targets = dict(links)

    def change(href: str) -> str | None:
        address, mark, fragment = html.unescape(href).partition("#")
        target = targets.get(address)
        if target is None:
            return href
        return html.escape(target + mark + fragment) if target else None

    return map_links(body, change)


def _feed_body(context: c.FeedContext, item: int, bodies: Callable[[str], str]) -> str:
    article = context.items[item]
    body = _resolve(bodies(article.path), article.links)
    host = "/".join(article.url.split("/")[:3])  # of the article's own site
    return _WITH_ADDRESS.sub(lambda tag: _PATH.sub(host, tag[0]), body)


def ended_page(page: Page, templates: Templates, stopped: Stopped) -> Problem:
    """The problem of a page that was ended, at the line where it was, if that is known."""
    environment = templates.environment
    lines = [
        (file, environment.get_template(file).get_corresponding_lineno(line))
        for file, line in stopped.lines
        if file in templates.paths
    ]  # of compiled code, which Jinja only translates for an `Exception`
    name, line = _place(page, templates, lines)
    path = templates.paths.get(name, name)
    problem = ended_problem("template", stopped.reason, path, line)
    return problem._replace(kept=OFF if templates.base else "")


def _template_problem(page: Page, error: BaseException, templates: Templates) -> Problem:
    """The problem of a template that failed, at the innermost line of a site's own, if any."""
    detail = _ABSOLUTE_PATH.sub("…", str(error).split("\n", 1)[0])[:200].rstrip(".")
    name, line = _place(page, templates, lines_of(error))
    kept = OFF if templates.base else ""
    code = "override-failed" if kept else "template-failed"
    values = {"page": page.route, "detail": f"{type(error).__name__}: {detail}"}
    return problem(code, templates.paths.get(name, name), line, 0, **values)._replace(kept=kept)


def _place(page: Page, templates: Templates, lines: Iterable[tuple[str, int]]) -> tuple[str, int]:
    """The name and line of the template to blame, of all that code went through."""
    name, line, paths = page.template, 0, templates.paths
    for file, number in lines:
        if file in paths and (not line or _is_own(paths[file]) or not _is_own(paths[name])):
            name, line = file, number
    return name, line


def _is_own(path: str) -> bool:
    """Whether this is a site's own template, not a theme's."""
    return not path.startswith("themes/")
